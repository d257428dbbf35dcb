import { describe, expect, it } from "vitest";
import type { VendorRecord } from "#driver/records.ts";
import { readGlucoseFile, recordsOf } from "./read-file.ts";
import type { ImportOptions, ImportResult } from "./types.ts";

const read = (text: string, options: Partial<ImportOptions> = {}): ImportResult =>
  readGlucoseFile(new TextEncoder().encode(text), { zone: "UTC", ...options });
const samples = (result: ImportResult): [string, number][] =>
  recordsOf(result).map((record: VendorRecord) => (record.record === "sample" ? [new Date(record.startMs).toISOString(), record.value] : ["", 0]));

const AT = "2026-03-02T06:30:00.000Z";

describe("a table of glucose readings", () => {
  it.each([
    ["id,time,gl", "p,2026-03-02T06:30:00,112"],
    ["time,glucose", "2026-03-02 06:30:00,112"],
    ["Timestamp;Glucose (mg/dL)", "2026-03-02 06:30;112"],
    ["date\ttime\tsgv", "2026-03-02\t06:30\t112"],
    ["dateString,sgv,direction", "2026-03-02T06:30:00.000Z,112,Flat"],
    ["date,sgv", "1772433000000,112"],
    ["Fecha;Hora;Glucosa (mg/dl)", "02/03/2026;06:30;112"],
    ["DateTime,Value,Unit", "2026-03-02T06:30:00Z,112,mg/dL"],
    ["time_utc,time_local,utc_offset_min,timezone,glucose_mg_dl,glucose_mmol_l", "2026-03-02T06:30:00Z,2026-03-02T07:30:00,60,Europe/Madrid,112,6.22"],
    ["glucose_mmol_l,time,glucose_mg_dl", "6.22,2026-03-02T06:30:00,112"],
    ["made by a program,,\nid,time,gl", "p,2026-03-02T06:30:00,112"],
    ["sep=;\nid;time;gl", "p;2026-03-02T06:30:00;112"],
  ])("reads %j", (header, row) => {
    const result = read(`${header}\n${row}\n`, { dateOrder: "dmy" });
    expect(samples(result)).toEqual([[AT, 112]]);
    expect(result).toMatchObject({ format: "glucose-csv", unit: "mg/dL", rows: 1, problems: [] });
  });

  it("multiplies mmol/L by 18.01559 and keeps the file's own numbers for statistics", () => {
    const result = read("id,time,gl_mmol\np,2026-03-02T06:30:00,10.0\n");
    expect(samples(result)).toEqual([[AT, 180.1559]]);
    expect(result).toMatchObject({ unit: "mmol/L", unitSource: "header" });
    expect([...result.readings[0]!.values]).toEqual([10]);
  });

  it("keeps mg/dL exactly as written", () => {
    expect(samples(read("time,gl\n2026-03-02T06:30:00,112.4\n"))).toEqual([[AT, 112.4]]);
  });

  it.each([
    ["semicolons", "time;gl\n2026-03-02T06:30:00;6,2\n"],
    ["quotes in a comma file", 'time,gl\n2026-03-02T06:30:00,"6,2"\n'],
    ["tabs", "time\tgl\n2026-03-02T06:30:00\t6,2\n"],
  ])("reads decimal commas between %s", (_, text) => {
    const result = read(text);
    expect(result.unit).toBe("mmol/L");
    expect([...result.readings[0]!.values]).toEqual([6.2]);
  });

  it("lists a decimal comma without quotes, which shifts the columns, by its line", () => {
    const result = read("time,gl,note\n2026-03-02T06:30:00,6.2,\n2026-03-02T06:35:00,6,3,\n2026-03-02T06:40:00,6,4,x\n");
    expect(result.problems.map(({ line }) => line)).toEqual([4]);
    const strict = read("time,gl\n2026-03-02T06:30:00,6.2\n2026-03-02T06:35:00,6,3\n");
    expect(strict.problems).toEqual([{ line: 3, kind: "row", reason: expect.stringContaining("more fields than the header") as string }]);
  });

  it("converts row by row when a unit column differs", () => {
    const result = read("time,value,unit\n2026-03-02T06:30:00,10.0,mmol/L\n2026-03-02T06:35:00,112,mg/dL\n2026-03-02T06:40:00,112,g/L\n");
    expect(samples(result).map(([, value]) => value)).toEqual([180.1559, 112]);
    expect(result).toMatchObject({ unit: "mg/dL", problems: [{ line: 4 }] });
    expect([...result.readings[0]!.values]).toEqual([180.1559, 112]);
  });

  it("clamps the words of sensors and flags them [DA-12]", () => {
    const words = ["Low", "LO", "<40", "Niedrig", "High", "HI", ">400", "Hoch"];
    const result = read(`time,gl\n2026-03-02T00:00:00,100\n${words.map((word, i) => `2026-03-02T0${i + 1}:00:00,${word}`).join("\n")}\n`);
    const flagged = recordsOf(result).slice(1).map((record) => (record.record === "sample" ? [record.value, record.flags] : []));
    expect(flagged).toEqual([
      ...[1, 2, 3, 4].map(() => [39, ["below_range"]]),
      ...[1, 2, 3, 4].map(() => [401, ["above_range"]]),
    ]);
    expect([...result.readings[0]!.outOfRange]).toEqual([0, -1, -1, -1, -1, 1, 1, 1, 1]);
  });

  it("clamps at the limit that a cell names, in its unit", () => {
    const result = read("time,gl_mmol\n2026-03-02T00:00:00,5.5\n2026-03-02T01:00:00,<2.2\n2026-03-02T02:00:00,>22.2\n2026-03-02T03:00:00,>27.8\n2026-03-02T04:00:00,<40\n");
    expect(samples(result).slice(1).map(([, value]) => value)).toEqual([39, 401, 502]);
    expect(result.problems).toEqual([{ line: 6, kind: "row", reason: "the value is outside what glucose can be in mmol/L" }]);
  });

  it("counts a repeated row once and lists a contradicting one", () => {
    const result = read("time,gl\n2026-03-02T06:30:00,112\n2026-03-02T06:30:00,112\n2026-03-02T06:30:00,115\n");
    expect(samples(result)).toEqual([[AT, 112]]);
    expect(result).toMatchObject({ duplicates: 1, conflicts: 1, problems: [{ line: 4, kind: "conflict" }] });
    expect([...result.readings[0]!.values]).toEqual([112, 112, 115]);
  });

  it("keeps unsorted rows in the order of the file", () => {
    expect(samples(read("time,gl\n2026-03-02T06:35:00,113\n2026-03-02T06:30:00,112\n")).map(([, value]) => value)).toEqual([113, 112]);
  });

  it("lists each bad row by its line, without its value, and keeps the good ones [DA-08]", () => {
    const result = read(
      ["id,time,gl", "p,2026-03-02T06:30:00,112", "p,2018-02-29T06:30:00,113", "p,2026-03-02,114", "p,2026-03-02T06:35:00,", "p,2026-03-02T06:40:00,1e309", "p,2026-03-02T06:45:00,-7",
        "p,2026-03-02T06:50:00,5000", "p", "", "p,2026-03-02T06:55:00,NaN", "p,,118"].join("\r\n"),
    );
    expect(samples(result)).toEqual([[AT, 112]]);
    expect(result.problems.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      "3 there is no such date or time",
      "4 the time has no time of day, or is no time",
      "5 the glucose value is empty",
      "6 the glucose value is no number",
      "7 the value is outside what glucose can be in mg/dL",
      "8 the value is outside what glucose can be in mg/dL",
      "9 the row ends before its glucose column",
      "11 the glucose value is empty",
      "12 the time is empty",
    ]);
    expect(result.rows).toBe(10);
  });

  it("keeps several ids apart and refuses to give them as one person", () => {
    const result = read("id,time,gl\na,2026-03-02T06:30:00,112\nb,2026-03-02T06:30:00,115\na,2026-03-02T06:35:00,113\n");
    expect(result.subjects).toEqual(["a", "b"]);
    expect(result.readings.map(({ subject, values }) => [subject, [...values]])).toEqual([["a", [112, 113]], ["b", [115]]]);
    expect(recordsOf(result, "b")).toHaveLength(1);
    expect(() => recordsOf(result)).toThrow("The file holds readings of 2 people; choose one.");
    expect(() => recordsOf(result, "c")).toThrow(/no readings of the person/);
    expect(result.duplicates).toBe(0);
  });

  it("places local times in the zone, with the offset of the season", () => {
    const result = read("time,gl\n2026-03-02T06:30:00,112\n2026-07-02T06:30:00,113\n", { zone: "Europe/Madrid" });
    expect(recordsOf(result).map((record) => (record.record === "sample" ? [new Date(record.startMs).toISOString(), record.offsetMinutes] : []))).toEqual([
      ["2026-03-02T05:30:00.000Z", 60],
      ["2026-07-02T04:30:00.000Z", 120],
    ]);
  });

  it("lists times that the clocks of the zone skip", () => {
    const result = read("time,gl\n2026-03-29T01:55:00,112\n2026-03-29T02:30:00,113\n2026-03-29T03:00:00,114\n", { zone: "Europe/Madrid" });
    expect(samples(result)).toHaveLength(2);
    expect(result.problems).toEqual([{ line: 3, kind: "row", reason: "the clocks in Europe/Madrid skip this time (they go forward); check the time zone" }]);
  });

  it("keeps all readings of a night in which the clocks go back", () => {
    const rows = Array.from({ length: 48 }, (_, i) => {
      const ms = Date.UTC(2026, 9, 25, 0) + (i - 24) * 300_000;
      const wallMs = ms + (ms < Date.UTC(2026, 9, 25, 1) ? 2 : 1) * 3_600_000;
      return `${new Date(wallMs).toISOString().slice(0, 19)},${100 + i}`;
    });
    const result = read(`time,gl\n${rows.join("\n")}\n`, { zone: "Europe/Madrid" });
    expect(samples(result).map(([at]) => Date.parse(at))).toEqual(rows.map((_, i) => Date.UTC(2026, 9, 25, 0) + (i - 24) * 300_000));
    expect(result).toMatchObject({ duplicates: 0, problems: [] });
  });
});
