import { describe, expect, it } from "vitest";
import { readGlucoseFile, recordsOf } from "./read-file.ts";
import type { ImportOptions, ImportResult } from "./types.ts";

const HEADER =
  "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID";
const METADATA = [
  "1,,FirstName,,Nora,,,,,,,,,", "2,,LastName,,Example,,,,,,,,,", "3,,DateOfBirth,,1980-01-01,,,,,,,,,", "4,,Device,,,Dexcom G6 Mobile App,Android G6,,,,,,,",
  "5,,Alert,High,,,Android G6,200,,,,,,", "6,,Alert,Low,,,Android G6,70,,,,,,", "7,,Alert,Urgent Low,,,Android G6,55,,,00:30:00,,,",
];
const clarity = (rows: readonly string[], { header = HEADER, bom = "" } = {}): string => `${bom}${[header, ...METADATA, ...rows].join("\r\n")}\r\n`;
const read = (text: string, options: Partial<ImportOptions> = {}): ImportResult =>
  readGlucoseFile(new TextEncoder().encode(text), { zone: "Europe/Madrid", ...options });
const iso = (text: string): number => Date.parse(text);

describe("a Dexcom Clarity export", () => {
  it("reads sensor readings, finger-sticks and events, and drops who the person is", () => {
    const result = read(
      clarity([
        "8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,,4237574,8AM1EY",
        "9,2026-03-02 6:35:07,EGV,,,,Android G6,Low,,,,,4237881,8AM1EY",
        "10,2026-03-02T06:40:00,EGV,,,,Android G6,High,,,,,4238174,8AM1EY",
        "11,2026-03-02T07:00:00,Calibration,,,,Android G6,115,,,,,,",
        "12,2026-03-02T08:00:00,Carbs,,,,Android G6,,,45,,,,",
        "13,2026-03-02T08:00:00,Insulin,Fast-Acting,,,Android G6,,4.5,,,,,",
        "14,2026-03-02T22:00:00,Insulin,Long-Acting,,,Android G6,,18,,,,,",
        "15,2026-03-02T18:00:00,Exercise,Medium,,,Android G6,,,,00:45:00,,,",
        "16,2026-03-02T19:00:00,Health,Stress,,,Android G6,,,,,,,",
        "17,2026-03-02T20:00:00,Alert,Urgent Low,,,Android G6,55,,,,,,",
      ]),
    );
    expect(result).toMatchObject({ format: "clarity-csv", unit: "mg/dL", unitSource: "header", rows: 10, problems: [], subjects: [""] });
    const device = { id: "Android G6" };
    const sample = { record: "sample", metric: "glucose", offsetMinutes: 60, device };
    const treatment = { record: "treatment", vendorId: null, offsetMinutes: 60, device };
    expect(recordsOf(result)).toEqual([
      { ...sample, startMs: iso("2026-03-02T05:30:00Z"), value: 112 },
      { ...sample, startMs: iso("2026-03-02T05:35:07Z"), value: 39, flags: ["below_range"] },
      { ...sample, startMs: iso("2026-03-02T05:40:00Z"), value: 401, flags: ["above_range"] },
      { ...sample, metric: "glucose_meter", startMs: iso("2026-03-02T06:00:00Z"), value: 115, flags: ["calibration"] },
      { ...treatment, kind: "carbohydrates", atMs: iso("2026-03-02T07:00:00Z"), amount: 45 },
      { ...treatment, kind: "insulin_rapid", atMs: iso("2026-03-02T07:00:00Z"), amount: 4.5, text: "Fast-Acting" },
      { ...treatment, kind: "insulin_long", atMs: iso("2026-03-02T21:00:00Z"), amount: 18, text: "Long-Acting" },
      { ...treatment, kind: "exercise", atMs: iso("2026-03-02T17:00:00Z"), amount: 45, text: "Medium" },
      { ...treatment, kind: "health", atMs: iso("2026-03-02T18:00:00Z"), text: "Stress" },
      { ...treatment, kind: "alert", atMs: iso("2026-03-02T19:00:00Z"), text: "Urgent Low" },
    ]);
    expect(JSON.stringify([...result.recordsBySubject])).not.toMatch(/Nora|Example|1980/);
  });

  it("gives only the sensor's readings to statistics", () => {
    const result = read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,,1,8AM1EY", "9,2026-03-02T06:31:00,Calibration,,,,Android G6,300,,,,,,"]));
    expect(result.readings.map(({ values }) => [...values])).toEqual([[112]]);
  });

  it("reads the form with mmol/L", () => {
    const header = HEADER.replaceAll("mg/dL", "mmol/L");
    const result = read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,6.2,,,,,1,8AM1EY", "9,2026-03-02T06:35:00,EGV,,,,Android G6,Low,,,,,301,8AM1EY"], { header }).replace(",200,", ",11.1,"));
    expect(result.unit).toBe("mmol/L");
    expect(recordsOf(result).map((record) => (record.record === "sample" ? record.value : null))).toEqual([6.2 * 18.01559, 39]);
  });

  it("reads German with semicolons, decimal commas, Niedrig and Hoch, in Latin-1", () => {
    const text = [
      "Index;Zeitstempel (JJJJ-MM-TTThh:mm:ss);Ereignistyp;Ereignisuntertyp;Patienteninfo;Geräteinfo;Quellgeräte-ID;Glukosewert (mmol/l);Insulinwert (IE);Kohlenhydratwert (Gramm);Dauer (hh:mm:ss)",
      "1;;Vorname;;Nora;;;;;;", "2;2026-03-02T06:30:00;EGV;;;;iOS;5,8;;;", "3;2026-03-02T06:35:00;EGV;;;;iOS;Niedrig;;;", "4;2026-03-02T06:40:00;EGW;;;;iOS;Hoch;;;",
      "5;2026-03-02T07:00:00;Kohlenhydrate;;;;iOS;;;12,5;",
    ].join("\r\n");
    const result = readGlucoseFile(Uint8Array.from(text, (character) => character.charCodeAt(0)), { zone: "Europe/Berlin" });
    expect(result).toMatchObject({ format: "clarity-csv", unit: "mmol/L", delimiter: ";", encoding: "windows-1252", problems: [] });
    expect(recordsOf(result).map((record) => (record.record === "sample" ? record.value : record.record === "treatment" ? record.amount : null))).toEqual([
      5.8 * 18.01559, 39, 401, 12.5,
    ]);
  });

  it("finds columns by their place when the language is not known", () => {
    const header = "Índice,Marca temporal (AAAA-MM-DDThh:mm:ss),Tipo de evento,Subtipo,Paciente,Dispositivo,ID de origen,Nivel de glucosa (mg/dL),Insulina (u),Carbohidratos (gramos),Duración (hh:mm:ss),Tasa (mg/dL/min),Tiempo (entero largo),ID del transmisor";
    const result = read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,,4237574,8AM1EY"], { header }));
    expect(result.format).toBe("clarity-csv");
    expect(recordsOf(result)).toMatchObject([{ value: 112, device: { id: "Android G6" } }]);
  });

  it("reads an older export without transmitter columns, and a newer one with columns added", () => {
    const older = HEADER.split(",").slice(0, 12).join(",");
    expect(recordsOf(read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,"], { header: older })))).toHaveLength(1);
    const newer = HEADER.replace("Event Subtype,", "Event Subtype,Something New,");
    expect(recordsOf(read(clarity(["8,2026-03-02T06:30:00,EGV,,new,,,Android G6,112,,,,,1,8AM1EY"], { header: newer })))).toMatchObject([{ value: 112 }]);
  });

  it("reads a file with a doubly encoded byte-order mark", () => {
    const result = read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,,1,8AM1EY"], { bom: "\uFEFFï»¿" }));
    expect(result.format).toBe("clarity-csv");
  });

  it("tells the repeated hour apart by the transmitter's time, whatever the order of rows", () => {
    const start = iso("2026-10-25T00:00:00Z");
    const rows = Array.from({ length: 36 }, (_, i) => {
      const ms = start + i * 300_000;
      const wallMs = ms + (ms < iso("2026-10-25T01:00:00Z") ? 2 : 1) * 3_600_000;
      return { ms, row: `${i + 8},${new Date(wallMs).toISOString().slice(0, 19)},EGV,,,,Android G6,${100 + i},,,,,${4_000_000 + i * 300},8AM1EY` };
    });
    const shuffled = rows.toSorted((a, b) => ((a.ms / 300_000) % 7) - ((b.ms / 300_000) % 7));
    const records = recordsOf(read(clarity(shuffled.map(({ row }) => row))));
    expect(records.map((record) => (record.record === "sample" ? record.startMs : null))).toEqual(shuffled.map(({ ms }) => ms));
  });

  it("lists rows of an unknown kind and amounts that are none, by line and without what they say", () => {
    const result = read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,,1,8AM1EY", "9,2026-03-02T06:35:00,Secret,,,,,,,,,,,", "10,2026-03-02T06:40:00,Carbs,,,,,,,many,,,,"]));
    expect(result.problems).toEqual([
      { line: 10, kind: "row", reason: "the event type is not known" },
      { line: 11, kind: "row", reason: "the amount is no number" },
    ]);
  });

  it("keeps two receivers of one sensor apart", () => {
    const result = read(clarity(["8,2026-03-02T06:30:00,EGV,,,,Android G6,112,,,,,1,8AM1EY", "9,2026-03-02T06:30:00,EGV,,,,PL12,112,,,,,1,8AM1EY"]));
    expect(recordsOf(result)).toHaveLength(2);
    expect(result.duplicates).toBe(0);
  });
});
