import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runStats, type StatsJson, type StatsOptions } from "./stats.ts";

const fixtures = path.resolve(import.meta.dirname, "../../test/fixtures/golden");

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(options: StatsOptions, files: Readonly<Record<string, string>> = {}): Run {
  let [out, err] = ["", ""];
  const code = runStats(options, {
    readFile: (name) => (files[name] === undefined ? readFileSync(path.join(fixtures, name)) : new TextEncoder().encode(files[name])),
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  });
  return { code, out, err };
}

const json = (options: StatsOptions, files?: Readonly<Record<string, string>>): StatsJson => JSON.parse(run({ ...options, json: true }, files).out) as StatsJson;

describe("islet stats", () => {
  it("prints the numbers of the reference, unrounded, under the agreed keys", () => {
    const stats = json({ file: "syn_bounds_a.csv" });
    expect(Object.keys(stats)).toEqual([
      "id", "readings", "days", "activePercent", "mean", "sd", "cv", "median", "iqr", "mad", "min", "max", "gmi", "eA1c", "ranges", "tbr", "tar", "problems",
    ]);
    expect(Object.keys(stats.ranges!)).toEqual(["veryLow", "low", "target", "high", "veryHigh", "tight"]);
    expect(stats).toMatchObject({ id: "syn_bounds_a", readings: 620, days: 3, activePercent: 100, problems: 0 });
    expect(stats.mean).toBeCloseTo(138.17741935483872, 10);
    expect(stats.ranges!.veryLow).toBeCloseTo(9.67741935483871, 10);
    expect(stats.tar).toBeCloseTo(32.258064516129032, 10);
  });

  it("classifies a mmol/L file by mmol/L, in whichever unit it is shown", () => {
    const [mgDl, mmolL] = [json({ file: "syn_mmol_a.csv" }), json({ file: "syn_mmol_a.csv", unit: "mmol" })];
    expect(mgDl.ranges).toEqual(mmolL.ranges);
    expect(mgDl.gmi).toBe(mmolL.gmi);
    expect(mmolL.mean).toBeCloseTo(159.26651785714284 / 18, 10);
    expect(mgDl.mean).toBeCloseTo(mmolL.mean! * 18.01559, 10);
  });

  it("treats readings of one instant by the policy asked for", () => {
    expect(json({ file: "syn_dups_a.csv" }).mean).toBeCloseTo(161.43377976190476, 10);
    expect(json({ file: "syn_dups_a.csv", duplicates: "last" }).mean).toBeCloseTo(161.33531746031747, 10);
    expect(json({ file: "syn_dups_a.csv" }).problems).toBe(0);
  });

  it("takes the file's unit and date order when asked to", () => {
    const files = { "a.csv": "time,gl\n03/02/2026 06:30,30\n" };
    expect(json({ file: "a.csv", fileUnit: "mmol", dateOrder: "mdy" }, files).mean).toBeCloseTo(30 * 18.01559, 10);
  });

  it("gives an array for several ids", () => {
    const stats = JSON.parse(run({ file: "two.csv", json: true }, { "two.csv": "id,time,gl\na,2026-03-02T06:30:00,112\nb,2026-03-02T06:30:00,115\n" }).out) as StatsJson[];
    expect(stats.map(({ id, mean }) => [id, mean])).toEqual([["a", 112], ["b", 115]]);
  });

  it("says null where a number is undefined", () => {
    expect(json({ file: "syn_n1_a.csv" })).toMatchObject({ readings: 1, sd: null, cv: null, activePercent: null, mean: 136, iqr: 0 });
    expect(json({ file: "plain.csv" }, { "plain.csv": "time,gl\n2026-03-02T06:30:00,112\n" }).id).toBeNull();
  });

  it("prints a table for people: mean, SD, CV, GMI in both units and the ranges with their bounds", () => {
    const { code, out } = run({ file: "syn_15min_a.csv", tz: "Europe/Madrid" });
    expect(code).toBe(0);
    expect(out).toContain("Mean           154.3 mg/dL");
    expect(out).toContain("GMI            7.0 %  (53 mmol/mol)");
    expect(out).toMatch(/Target +70–180 +80\.5 %/);
    expect(out).toMatch(/Very low +below 54 +0\.4 %/);
    expect(out).toContain("14 days with readings");
    expect(out).toContain("For information only.");
    expect(out).not.toContain("Preliminary");
    expect(run({ file: "syn_mmol_a.csv", unit: "mmol" }).out).toMatch(/Target +3\.9–10\.0/);
  });

  it("shows at most twenty problems with their lines, and how many more there are", () => {
    const rows = Array.from({ length: 25 }, (_, i) => `2026-03-02T06:${String(i + 10)}:00,x`).join("\n");
    const { out } = run({ file: "bad.csv" }, { "bad.csv": `time,gl\n2026-03-02T06:00:00,112\n${rows}\n` });
    expect(out).toContain("25 rows could not be used:\n  line 3: the glucose value is no number");
    expect(out).toContain("  line 22: ");
    expect(out).not.toContain("  line 23: ");
    expect(out).toContain("and 5 more");
  });

  it.each([
    [{ file: "missing.csv" }, "There is no file missing.csv."],
    [{ file: "syn_n1_a.csv", unit: "grams" }, "--unit must be one of mgdl, mmol."],
    [{ file: "syn_n1_a.csv", duplicates: "toString" }, "--duplicates must be one of mean, first, last."],
    [{ file: "syn_n1_a.csv", tz: "Mars/Base" }, '"Mars/Base" is no known time zone; use an IANA name such as Europe/Madrid.'],
    [{ file: "reference.csv" }, 'The file has the columns "id", "metric", "value"; '],
    [{ file: "dates.csv" }, "The file's dates can be read with the day or the month first, and none of them settles it; say which. (--date-order dmy or mdy)"],
    [{ file: "units.csv" }, "Neither the header nor the values tell whether the file is in mg/dL or mmol/L; give its unit. (--file-unit mgdl or mmol)"],
    [{ file: "only-meter.csv" }, "The file holds no sensor readings."],
  ])("refuses %j with code 2 and one sentence", (options, sentence) => {
    const meter = "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Glucose Value (mg/dL)\n1,2026-03-02T06:30:00,Calibration,112\n";
    const { code, out, err } = run(options, {
      "only-meter.csv": meter, "dates.csv": "time,gl\n03/02/2026 06:30,112\n", "units.csv": "time,gl\n2026-03-02T06:30:00,30\n",
    });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err.startsWith(`islet stats: ${sentence}`)).toBe(true);
    expect(err.trimEnd()).not.toContain("\n");
  });
});
