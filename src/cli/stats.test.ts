import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runStats, type StatsJson, type StatsOptions } from "./stats.ts";

const fixtures = path.resolve(import.meta.dirname, "../../test/fixtures/golden/series");

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(options: StatsOptions, files: Readonly<Record<string, string>> = {}): Promise<Run> {
  let [out, err] = ["", ""];
  const readFile = (name: string): Uint8Array => (files[name] === undefined ? readFileSync(path.join(fixtures, name)) : new TextEncoder().encode(files[name]));
  const code = await runStats(options, {
    readFile,
    readStream: async function* (name) { yield readFile(name); },
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  });
  return { code, out, err };
}

const json = async (options: StatsOptions, files?: Readonly<Record<string, string>>): Promise<StatsJson> => JSON.parse((await run({ ...options, json: true }, files)).out) as StatsJson;

describe("islet stats", () => {
  it("prints the numbers of the reference, unrounded, under the agreed keys", async () => {
    const stats = await json({ file: "syn_bounds_a.csv" });
    expect(Object.keys(stats)).toEqual([
      "id", "readings", "days", "activePercent", "mean", "sd", "cv", "median", "iqr", "mad", "min", "max", "gmi", "gmiMmolMol", "eA1c", "ranges", "tbr", "tar",
      "lbgi", "hbgi", "bgri", "adrr", "gri", "griHypo", "griHyper", "griZone", "grade", "gradeHypo", "gradeEuglycemia", "gradeHyper", "jIndex", "mValue", "igc", "hypoIndex",
      "hyperIndex", "cogi", "pgs", "modd", "conga24", "mag", "mag60", "gvp", "sdRoc", "sdW", "sdHhMm", "sdWsh", "sdDm", "sdB", "sdBDm", "cvMean", "cvSd", "auc", "mage",
      "mageNaive", "episodes", "reasons", "cadenceMinutes", "grid", "gridStepMinutes", "problems",
    ]);
    expect(Object.keys(stats.mage)).toEqual(["average", "service", "max", "plus", "minus"]);
    expect(Object.keys(stats.episodes!)).toEqual([
      "hypoLevel1", "hypoLevel2", "hypoExtended", "hypoLevel1Exclusive", "hyperLevel1", "hyperLevel2", "hyperExtended", "hyperLevel1Exclusive",
    ]);
    for (const kind of Object.values(stats.episodes!)) expect(Object.keys(kind)).toEqual(["count", "perDay", "meanDurationMinutes", "meanGlucose"]);
    expect(Object.keys(stats.ranges!)).toEqual(["veryLow", "low", "target", "high", "veryHigh", "tight"]);
    expect(stats).toMatchObject({ id: "syn_bounds_a", readings: 620, days: 3, activePercent: 100, problems: 0 });
    expect(stats.mean).toBeCloseTo(138.17741935483872, 10);
    expect(stats.ranges!.veryLow).toBeCloseTo(9.67741935483871, 10);
    expect(stats.tar).toBeCloseTo(32.258064516129032, 10);
  });

  it("classifies a mmol/L file by mmol/L, in whichever unit it is shown", async () => {
    const [mgDl, mmolL] = [await json({ file: "syn_mmol_a.csv" }), await json({ file: "syn_mmol_a.csv", unit: "mmol" })];
    expect(mgDl.ranges).toEqual(mmolL.ranges);
    expect(mgDl.gmi).toBe(mmolL.gmi);
    expect(mmolL.mean).toBeCloseTo(159.26651785714284 / 18, 10);
    expect(mgDl.mean).toBeCloseTo(mmolL.mean! * 18.01559, 10);
  });

  it("treats readings of one instant by the policy asked for", async () => {
    expect((await json({ file: "syn_dups_a.csv" })).mean).toBeCloseTo(161.43377976190476, 10);
    expect((await json({ file: "syn_dups_a.csv", duplicates: "last" })).mean).toBeCloseTo(161.33531746031747, 10);
    expect((await json({ file: "syn_dups_a.csv" })).problems).toBe(0);
  });

  it("takes the file's unit and date order when asked to", async () => {
    const files = { "a.csv": "time,gl\n03/02/2026 06:30,30\n" };
    expect((await json({ file: "a.csv", fileUnit: "mmol", dateOrder: "mdy" }, files)).mean).toBeCloseTo(30 * 18.01559, 10);
  });

  it("gives an array for several ids", async () => {
    const stats = JSON.parse((await run({ file: "two.csv", json: true }, { "two.csv": "id,time,gl\na,2026-03-02T06:30:00,112\nb,2026-03-02T06:30:00,115\n" })).out) as StatsJson[];
    expect(stats.map(({ id, mean }) => [id, mean])).toEqual([["a", 112], ["b", 115]]);
  });

  it("says null where a number is undefined", async () => {
    expect(await json({ file: "syn_n1_a.csv" })).toMatchObject({ readings: 1, sd: null, cv: null, activePercent: null, mean: 136, iqr: 0 });
    expect((await json({ file: "plain.csv" }, { "plain.csv": "time,gl\n2026-03-02T06:30:00,112\n" })).id).toBeNull();
  });

  it("gives each number that is null a reason", async () => {
    const single = await json({ file: "syn_n1_a.csv" });
    expect(single.reasons).toMatchObject({ sd: "single_reading", modd: "single_reading", "mage.average": "single_reading" });
    expect((await json({ file: "syn_n7_a.csv" })).reasons).toMatchObject({ modd: "one_day", sdDm: "one_day", conga24: "too_short", "mage.plus": "too_short" });
    expect((await json({ file: "syn_const_a.csv" })).reasons).toMatchObject({ "mage.average": "no_excursions", mageNaive: "none_to_compare" });
    expect((await json({ file: "hourly.csv" }, { "hourly.csv": "time,gl\n2026-03-02T06:30:00,112\n2026-03-02T07:30:00,115\n" })).reasons).toMatchObject({ gvp: "too_sparse", episodes: "too_sparse" });
  });

  it("tells glucose in mmol/L when asked to, and what is no glucose as it is", async () => {
    const [mgDl, mmolL] = [await json({ file: "syn_15min_a.csv" }), await json({ file: "syn_15min_a.csv", unit: "mmol" })];
    for (const name of ["mean", "sd", "mad", "modd", "conga24", "mag", "sdRoc", "sdW", "auc", "mageNaive"] as const) expect(mmolL[name], name).toBeCloseTo(mgDl[name]! / 18.01559, 9);
    for (const name of ["cv", "gmi", "gri", "lbgi", "grade", "pgs", "gvp", "jIndex"] as const) expect(mmolL[name], name).toBeCloseTo(mgDl[name]!, 9);
    expect(mmolL.mage.average).toBeCloseTo(mgDl.mage.average! / 18.01559, 9);
    expect(mmolL.episodes!.hyperLevel1).toMatchObject({ count: mgDl.episodes!.hyperLevel1.count, meanDurationMinutes: mgDl.episodes!.hyperLevel1.meanDurationMinutes });
    expect(mmolL.episodes!.hyperLevel1.meanGlucose).toBeCloseTo(mgDl.episodes!.hyperLevel1.meanGlucose! / 18.01559, 9);
  });

  it("measures variability on slots from 00:00 on when asked to", async () => {
    const [iglu, islet] = [await json({ file: "syn_gaps_a.csv" }), await json({ file: "syn_gaps_a.csv", grid: "islet" })];
    expect(islet.mean).toBe(iglu.mean);
    expect(islet.sdW).not.toBe(iglu.sdW);
    expect(islet.sdW).toBeCloseTo(iglu.sdW!, 0);
    // GRADE's parts make 100 % by the published bounds.
    expect(islet.gradeHypo! + islet.gradeEuglycemia! + islet.gradeHyper!).toBeCloseTo(100, 9);
  });

  it("reads the sensor's readings of an export of Apple Health", async () => {
    const at = (minute: number): string => `2026-03-02 06:${String(minute).padStart(2, "0")}:00 +0000`;
    const rows = [112, 115, 118, 121].map((value, index) => `<Record type="HKQuantityTypeIdentifierBloodGlucose" sourceName="Dexcom G7" unit="mg/dL" startDate="${at(index * 5)}" endDate="${at(index * 5)}" value="${value}"/>`);
    const steps = `<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Watch" unit="count" startDate="${at(0)}" endDate="${at(5)}" value="40"/>`;
    const files = { "export.xml": `<?xml version="1.0"?>\n<HealthData locale="en_US">${rows.join("\n")}${steps}</HealthData>` };
    expect(await json({ file: "export.xml" }, files)).toMatchObject({ readings: 4, mean: 116.5, activePercent: 100, problems: 0 });
    expect((await run({ file: "export.xml" }, files)).out).toContain("Apple Health export");
    expect(await run({ file: "steps.xml" }, { "steps.xml": `<?xml version="1.0"?>\n<HealthData locale="en_US">${steps}</HealthData>` })).toMatchObject({ code: 2, err: "islet stats: The file holds no sensor readings.\n" });
  });

  it("prints a table for people: mean, SD, CV, GMI in both units and the ranges with their bounds", async () => {
    const { code, out } = await run({ file: "syn_15min_a.csv", tz: "Europe/Madrid" });
    expect(code).toBe(0);
    expect(out).toContain("Mean           154.3 mg/dL");
    expect(out).toContain("GMI            7.0 %  (53 mmol/mol)");
    expect(out).toMatch(/Target +70–180 +80\.5 %/);
    expect(out).toMatch(/Very low +below 54 +0\.4 %/);
    expect(out).toContain("14 days with readings");
    expect(out).toContain("For information only.");
    expect(out).not.toContain("Preliminary");
    expect((await run({ file: "syn_mmol_a.csv", unit: "mmol" })).out).toMatch(/Target +3\.9–10\.0/);
  });

  it("shows at most twenty problems with their lines, and how many more there are", async () => {
    const rows = Array.from({ length: 25 }, (_, i) => `2026-03-02T06:${String(i + 10)}:00,x`).join("\n");
    const { out } = await run({ file: "bad.csv" }, { "bad.csv": `time,gl\n2026-03-02T06:00:00,112\n${rows}\n` });
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
    [{ file: "syn_n1_a.csv", grid: "hourly" }, "--grid must be one of iglu, islet."],
    [{ file: "metrics.csv" }, 'The file has the columns "id", "metric", "value"; '],
    [{ file: "dates.csv" }, "The file's dates can be read with the day or the month first, and none of them settles it; say which. (--date-order dmy or mdy)"],
    [{ file: "units.csv" }, "Neither the header nor the values tell whether the file is in mg/dL or mmol/L; give its unit. (--file-unit mgdl or mmol)"],
    [{ file: "only-meter.csv" }, "The file holds no sensor readings."],
  ])("refuses %j with code 2 and one sentence", async (options, sentence) => {
    const meter = "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Glucose Value (mg/dL)\n1,2026-03-02T06:30:00,Calibration,112\n";
    const { code, out, err } = await run(options, {
      "only-meter.csv": meter, "dates.csv": "time,gl\n03/02/2026 06:30,112\n", "units.csv": "time,gl\n2026-03-02T06:30:00,30\n", "metrics.csv": "id,metric,value\na,mean,112\n",
    });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err.startsWith(`islet stats: ${sentence}`)).toBe(true);
    expect(err.trimEnd()).not.toContain("\n");
  });
});
