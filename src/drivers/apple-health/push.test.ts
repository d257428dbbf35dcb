import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, TreatmentRecord, WorkoutRecord } from "#driver/records.ts";
import { InternalError, InvalidInput, ProviderContractBroken } from "#errors.ts";
import { formatInstant } from "#units/time.ts";
import { appleHealth, mapPush } from "./index.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 9);
const CONTEXT = { receivedMs: NOW_MS, zone: "Europe/Madrid" };

type Json = Record<string, unknown>;

function fixture(name: string): Json {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
}

const map = (data: Json): MapResult => mapPush({ provider: "apple", data }, CONTEXT);
const at = "2026-11-19T08:00:00Z";
const WATCH = { deviceName: "Watch", bundleIdentifier: "com.apple.health.A", productType: "Watch7,1" };
const record = (type: string, value: unknown, unit: string | null, more: Json = {}): Json =>
  ({ id: "U1", type: `HKQuantityTypeIdentifier${type}`, startDate: at, endDate: at, zoneOffset: "+01:00", source: WATCH, value, unit, ...more });
const mapRecord = (...given: Parameters<typeof record>): MapResult => map({ records: [record(...given)] });
const samples = (result: MapResult): SampleRecord[] => result.records.filter((each) => each.record === "sample");
const treatments = (result: MapResult): TreatmentRecord[] => result.records.filter((each) => each.record === "treatment");
const sleeps = (result: MapResult): SleepRecord[] => result.records.filter((each) => each.record === "sleep");
const workouts = (result: MapResult): WorkoutRecord[] => result.records.filter((each) => each.record === "workout");
const reasons = (result: MapResult): string[] => result.problems.map(({ path, reason }) => `${path}: ${reason}`);

describe("the Apple Health driver", () => {
  it("contradicts nothing, and has no cloud to ask", () => {
    expect(() => checkDriver(appleHealth)).not.toThrow();
    expect(() => appleHealth.identify({} as never, {})).toThrow(InternalError);
    expect(() => appleHealth.pull({} as never, {} as never)).toThrow(InternalError);
    expect(() => appleHealth.map("export", {}, CONTEXT)).toThrow(InvalidInput);
  });
});

describe("quantities that are pushed [R4] [W3]", () => {
  it.each<[string, unknown, string | null, number]>([
    ["HeartRate", 61, "bpm", 61], ["HeartRate", "61", "count/min", 61], ["HeartRate", 1, "count/s", 60], ["StepCount", 12, null, 12],
    ["DistanceWalkingRunning", 1, "km", 1_000], ["DistanceCycling", 1, "mi", 1_609.344], ["DistanceSwimming", 100, "yd", 91.44], ["Height", 70, "in", 1.778],
    ["Height", 5.5, "ft", 1.6764], ["Height", 172, "cm", 1.72], ["ActiveEnergyBurned", 10, "Cal", 10], ["ActiveEnergyBurned", 10_000, "cal", 10],
    ["ActiveEnergyBurned", 41.84, "kJ", 10], ["BasalEnergyBurned", 10, "kcal", 10], ["AppleExerciseTime", 2, "min", 120], ["HeartRateVariabilitySDNN", 0.044, "s", 44],
    ["OxygenSaturation", 0.96, "%", 96], ["OxygenSaturation", 96, "%", 96], ["OxygenSaturation", 1, "%", 100], ["BodyFatPercentage", 0.215, "%", 21.5],
    ["BodyMass", 11, "st", 69.853_225], ["BodyMass", 160, "lb", 72.574_779], ["BodyMass", 72_500, "g", 72.5], ["BodyTemperature", 98.6, "degF", 37],
    ["BasalBodyTemperature", 36.4, "degC", 36.4], ["BloodPressureSystolic", 16, "kPa", 120.01], ["VO2Max", 43, "mL/min·kg", 43], ["VO2Max", 43, "ml/(kg·min)", 43],
    ["RunningSpeed", 10, "mi/hr", 4.4704], ["PhysicalEffort", 3, "kcal/hr·kg", 3], ["DietaryWater", 8, "fl_oz_us", 236.588], ["DietaryWater", 0.5, "L", 500],
    ["BloodGlucose", 104, "mg/dL", 104], ["BloodGlucose", 5.5, "mmol<180.1558800000541>/L", 99.086], ["BloodGlucose", 5.5, "mmol/L", 99.086],
  ])("%s of %j %s is %d", (type, value, unit, expected) => {
    const result = mapRecord(type, value, unit);
    expect(result.problems).toEqual([]);
    expect(samples(result)).toHaveLength(1);
    expect(samples(result)[0]!.value).toBeCloseTo(expected, 2);
  });

  it.each<[string, unknown, string | null, RegExp]>([
    ["HeartRate", 61, null, /unit/], ["BodyMass", 70, "bananas", /unit/], ["BodyMass", 70, "constructor", /unit/], ["BloodGlucose", 100, null, /unit/], ["BloodGlucose", 5.5, "mg/dL", /outside/],
    ["BloodGlucose", 120, "mmol/L", /outside/], ["HeartRate", "NaN", "bpm", /no number/], ["HeartRate", null, "bpm", /no number/], ["HeartRate", 1e308, "bpm", /outside/],
    ["StepCount", -5, "count", /outside/], ["OxygenSaturation", 0, "%", /outside/], ["BodyMass", 0, "kg", /outside/], ["InsulinDelivery", 0, "IU", /dose/], ["InsulinDelivery", 5, "mL", /unit/],
    ["DietaryCarbohydrates", -1, "g", /meal/], ["InsulinDelivery", 1e6, "IU", /dose/],
  ])("%s of %j %s is a problem [VA-05] [DA-08] [DA-09]", (type, value, unit, reason) => {
    const result = mapRecord(type, value, unit);
    expect(result.records).toEqual([]);
    expect(result.problems).toHaveLength(1);
    expect(result.problems[0]!.reason).toMatch(reason);
  });

  it("stand at their start, or over their stretch, at the offset of the measurement", () => {
    const [rate] = samples(mapRecord("HeartRate", 61, "bpm", { endDate: "2026-11-19T08:00:05Z" }));
    expect(rate).toEqual({
      record: "sample", metric: "heart_rate", startMs: Date.parse(at), value: 61, offsetMinutes: 60, device: { id: "com.apple.health.A/Watch7,1", name: "Watch" },
    });
    expect(samples(mapRecord("StepCount", 9, "count", { endDate: "2026-11-19T08:10:00Z" }))[0]).toMatchObject({ startMs: Date.parse(at), endMs: Date.parse(at) + 600_000 });
    expect(samples(mapRecord("StepCount", 9, "count"))[0]).toMatchObject({ endMs: Date.parse(at) + 1_000 });
  });

  it.each<[string, Json, number | null]>([
    ["the bridge's field", {}, 60],
    ["the metadata's zone, which goes before it", { metadata: { HKTimeZone: "Asia/Kolkata" } }, 330],
    ["neither, when the zone is none", { metadata: { HKTimeZone: "Nowhere/Land" }, zoneOffset: "soon" }, null],
    ["the time itself", { zoneOffset: null, startDate: "2026-11-19T10:00:00+0200", endDate: "2026-11-19T10:00:00+0200" }, 120],
    ["nothing, for UTC is no place", { zoneOffset: null }, null],
    ["the person's zone, for a clock on the wall", { zoneOffset: null, startDate: "2026-11-19 09:00:00", endDate: null }, 60],
  ])("have the offset of %s", (_title, change, offsetMinutes) => {
    const [sample] = samples(mapRecord("HeartRate", 61, "bpm", change));
    expect(sample).toMatchObject({ startMs: Date.parse(at), offsetMinutes });
  });

  it.each([
    ["year 1", "0001-01-01T00:00:00Z"], ["year 9999", "9999-12-31T23:59:59Z"], ["the lost first hours of 1970", "1970-01-01T00:00:00Z"], ["the day after tomorrow", "2026-11-22T09:00:00Z"],
    ["30 February", "2026-02-30T09:00:00Z"], ["a word", "soon"], ["nothing", null], ["a number beyond all time", 1e300], ["a very long text", "2".repeat(1_000_000)],
  ])("are refused at %s [DA-10]", (_title, startDate) => {
    const result = mapRecord("HeartRate", 61, "bpm", { startDate, endDate: startDate });
    expect(result.records).toEqual([]);
    expect(result.problems).toHaveLength(1);
  });

  it("are refused when they end before their start or last longer than a day", () => {
    expect(reasons(mapRecord("StepCount", 9, "count", { endDate: "2026-11-19T07:59:59Z" }))).toEqual(["/data/records/0/endDate: ends before its start"]);
    expect(reasons(mapRecord("StepCount", 9, "count", { startDate: "2026-11-16T08:00:00Z", endDate: at }))).toEqual(["/data/records/0: lasts longer than a day"]);
  });

  it("take epoch seconds and milliseconds for what they are", () => {
    for (const startDate of [Date.parse(at), Date.parse(at) / 1_000]) expect(samples(mapRecord("HeartRate", 61, "bpm", { startDate, endDate: startDate }))[0]!.startMs).toBe(Date.parse(at));
  });

  it("keep phone and watch apart, a new watch from the old one, and one watch together however its name is spaced", () => {
    const idOf = (source: Json): string | undefined => samples(mapRecord("StepCount", 9, "count", { source }))[0]!.device?.id;
    expect(idOf({ deviceName: "Robin’s Apple\u00a0Watch" })).toBe(idOf({ deviceName: "Robin’s Apple Watch " }));
    expect(idOf({ ...WATCH, productType: "Watch6,2" })).not.toBe(idOf(WATCH));
    expect(idOf({ ...WATCH, operatingSystemVersion: { majorVersion: 12 } })).toBe(idOf(WATCH));
    expect(idOf({})).toBeUndefined();
    expect(idOf("junk" as unknown as Json)).toBeUndefined();
  });

  it("pass over types without a metric, without a problem", () => {
    expect(mapRecord("EnvironmentalAudioExposure", 61, "dBASPL")).toEqual({ records: [], problems: [] });
    expect(mapRecord("constructor", 61, "count")).toEqual({ records: [], problems: [] });
  });

  it("mark what a person typed", () => {
    for (const metadata of [{ HKWasUserEntered: true }, { HKWasUserEntered: 1 }, { HKWasUserEntered: "1" }]) {
      expect(samples(mapRecord("BodyMass", 70, "kg", { metadata }))[0]!.flags).toEqual(["manual"]);
    }
    expect(samples(mapRecord("BodyMass", 70, "kg", { metadata: { HKWasUserEntered: 0 } }))[0]).not.toHaveProperty("flags");
  });
});

describe("blood glucose that is pushed [D5]", () => {
  const metricOf = (source: Json, more: Json = {}): string | undefined => samples(mapRecord("BloodGlucose", 104, "mg/dL", { source, ...more }))[0]?.metric;

  it("is a sensor's by the name of the app or the maker, a meter's by hand, by meal, or from who knows", () => {
    expect(metricOf({ deviceName: "Dexcom G7" })).toBe("glucose");
    expect(metricOf({ bundleIdentifier: "com.abbott.libre3.us" })).toBe("glucose");
    expect(metricOf({ deviceName: "My app", deviceManufacturer: "Senseonics Eversense" })).toBe("glucose");
    expect(metricOf({ deviceName: "Contour" })).toBe("glucose_meter");
    expect(metricOf({})).toBe("glucose_meter");
    expect(metricOf({ deviceName: "Dexcom G7" }, { metadata: { HKWasUserEntered: 1 } })).toBe("glucose_meter");
    expect(metricOf({ deviceName: "Dexcom G7" }, { metadata: { HKBloodGlucoseMealTime: 2 } })).toBe("glucose_meter");
  });

  it("of an unknown app is a sensor's when it comes as densely as only sensors do, whatever the order", () => {
    const metricsOf = (count: number, minutes: number): Set<string> => {
      const records = Array.from({ length: count }, (_, index) => {
        const time = new Date(Date.parse(at) - ((index * 7) % count) * minutes * 60_000).toISOString();
        return record("BloodGlucose", 104, "mg/dL", { startDate: time, endDate: time, source: { deviceName: "New app" } });
      });
      const found = samples(map({ records }));
      expect(found).toHaveLength(count);
      return new Set(found.map(({ metric }) => metric));
    };
    expect(metricsOf(40, 5)).toEqual(new Set(["glucose"]));
    expect(metricsOf(40, 240)).toEqual(new Set(["glucose_meter"]));
    expect(metricsOf(10, 5)).toEqual(new Set(["glucose_meter"]));
  });

  it("put to a meal is in the diary, too", () => {
    const result = mapRecord("BloodGlucose", 6.4, "mmol/L", { metadata: { HKBloodGlucoseMealTime: 1 } });
    expect(treatments(result)).toMatchObject([{ kind: "meter_glucose", vendorId: "U1", mealRelation: "before", amount: 6.4 * 18.01559 }]);
  });
});

describe("insulin and food that are pushed", () => {
  it.each<[string, Json, string]>([
    ["a bolus", { metadata: { HKInsulinDeliveryReason: 2 } }, "insulin_rapid"],
    ["a basal injection", { metadata: { HKInsulinDeliveryReason: "1" } }, "insulin_long"],
    ["a pump's basal", { metadata: { HKInsulinDeliveryReason: 1 }, endDate: "2026-11-19T08:30:00Z" }, "insulin_basal"],
    ["a dose without reason", {}, "insulin_unspecified"],
  ])("tell %s", (_title, change, kind) => {
    expect(treatments(mapRecord("InsulinDelivery", 4.5, "IU", change))).toMatchObject([{ kind, amount: 4.5, vendorId: "U1", atMs: Date.parse(at), offsetMinutes: 60 }]);
  });

  it("keep that a pump gave nothing", () => {
    const change = { metadata: { HKInsulinDeliveryReason: 1 }, endDate: "2026-11-19T08:30:00Z" };
    expect(treatments(mapRecord("InsulinDelivery", 0, "IU", change))).toMatchObject([{ kind: "insulin_basal", amount: 0, endMs: Date.parse("2026-11-19T08:30:00Z") }]);
  });

  it("are one by their UUID, and without one by time, source and amount [ST-01]", () => {
    const idOf = (change: Json): unknown => treatments(mapRecord("DietaryCarbohydrates", 45, "g", change))[0]?.vendorId;
    expect(idOf({})).toBe("U1");
    expect(idOf({ id: undefined })).toBe(idOf({ id: "" }));
    expect(idOf({ id: undefined })).not.toBe(idOf({ id: undefined, value: 30 }));
    expect(mapRecord("DietaryCarbohydrates", 0, "g").records).toEqual([]);
  });
});

describe("sleep that is pushed [W3]", () => {
  const sleep = (stage: unknown, from: string, to: string, source: Json = WATCH): Json => ({ stage, startDate: `2026-11-${from}:00Z`, endDate: `2026-11-${to}:00Z`, zoneOffset: "+01:00", source });
  const night = [
    sleep("in_bed", "18T22:00", "19T06:00"), sleep("light", "18T22:30", "19T00:00"), sleep("deep", "19T00:00", "19T01:00"), sleep("rem", "19T01:00", "19T01:30"),
    sleep("awake", "19T01:30", "19T01:40"), sleep("light", "19T01:40", "19T05:45"),
  ];
  const brief = ({ startMs, endMs, isNap }: SleepRecord): string => `${formatInstant(startMs).slice(5, 16)} → ${formatInstant(endMs).slice(5, 16)}${isNap ? " nap" : ""}`;

  it("becomes a night of all samples without a long gap", () => {
    const [one, ...others] = sleeps(map({ sleep: night }));
    expect(others).toEqual([]);
    expect(brief(one!)).toBe("11-18T22:00 → 11-19T06:00");
    expect(one!.stages.map(({ stage }) => stage)).toEqual(["in_bed", "light", "deep", "rem", "awake", "light", "in_bed"]);
    expect(one!.totals).toEqual({ inBedS: 28_800, asleepS: 25_500, lightS: 20_100, deepS: 3_600, remS: 1_800, awakeS: 600 });
    expect(one).toMatchObject({ vendorId: null, offsetMinutes: 60, isNap: false });
  });

  it("is the same in whatever order and however often the samples come [WH-09]", () => {
    const expected = map({ sleep: night });
    fc.assert(fc.property(fc.shuffledSubarray([...night, ...night, ...night], { minLength: 18 }), (shuffled) => {
      expect(map({ sleep: shuffled })).toEqual(expected);
    }), { numRuns: 50, seed: 7 });
  });

  it("parts where nobody slept for an hour and a half, and calls what is short a nap", () => {
    const found = sleeps(map({ sleep: [...night, sleep("sleeping", "19T07:29", "19T08:00"), sleep("sleeping", "19T09:31", "19T10:10")] }));
    expect(found.map(brief)).toEqual(["11-18T22:00 → 11-19T08:00", "11-19T09:31 → 11-19T10:10 nap"]);
  });

  it("of a watch counts where a phone only saw somebody in bed; of two sources elsewhere both", () => {
    const phone = { deviceName: "Phone" };
    const found = sleeps(map({ sleep: [sleep("in_bed", "18T21:30", "19T06:30", phone), ...night, sleep("in_bed", "19T20:00", "20T04:00", phone)] }));
    expect(found.map((each) => `${brief(each)} ${each.device?.name}`)).toEqual(["11-18T22:00 → 11-19T06:00 Watch", "11-19T20:00 → 11-20T04:00 Phone"]);
    expect(found[1]!.totals).toEqual({ inBedS: 28_800 });
  });

  it("lays stages over a plain sleep, so that no minute is in two of them", () => {
    const [one] = sleeps(map({ sleep: [sleep("sleeping", "18T23:00", "19T06:00"), sleep("deep", "19T01:00", "19T02:00"), sleep("rem", "19T01:50", "19T02:30")] }));
    expect(one!.totals).toEqual({ asleepS: 25_200, deepS: 3_600, remS: 1_800 });
    for (const [index, stage] of one!.stages.entries()) if (index > 0) expect(stage.startMs).toBeGreaterThanOrEqual(one!.stages[index - 1]!.endMs);
  });

  it.each<[string, unknown, string]>([
    ["numbers", 5, "rem"], ["HealthKit's strings", "HKCategoryValueSleepAnalysisAsleepCore", "light"], ["older strings", "HKCategoryValueSleepAnalysisAsleep", "asleep"], ["words", "In Bed", "in_bed"],
  ])("understands %s, in a list of records, too", (_title, value, stage) => {
    const result = map({ records: [{ ...record("", value, null), type: "HKCategoryTypeIdentifierSleepAnalysis", endDate: "2026-11-19T09:00:00Z" }] });
    expect(sleeps(result)[0]!.stages.map((each) => each.stage)).toEqual([stage]);
  });

  it("is refused sample by sample where it cannot be", () => {
    expect(reasons(map({ sleep: [sleep("dreaming", "19T01:00", "19T02:00"), sleep("deep", "19T02:00", "19T01:00"), sleep("deep", "17T02:00", "19T01:00")] }))).toEqual([
      "/data/sleep/0: an unknown stage of sleep", "/data/sleep/1/endDate: ends before its start", "/data/sleep/2: no possible end of a sleep",
    ]);
    expect(map({ sleep: [sleep("deep", "19T01:00", "19T01:00"), sleep("awake", "19T01:00", "19T02:00")] })).toEqual({ records: [], problems: [] });
    const endless = Array.from({ length: 4 }, (_, index) => sleep("in_bed", `${16 + index}T00:00`, `${17 + index}T00:00`));
    expect(reasons(map({ sleep: endless.slice(0, 3) }))).toEqual([": samples of sleep that make a night of more than thirty hours"]);
  });
});

describe("workouts that are pushed [W3]", () => {
  const workout = (more: Json = {}): Json => ({ id: "W1", type: "HKWorkoutActivityTypeRunning", startDate: "2026-11-19T18:00:00Z", endDate: "2026-11-19T18:40:00Z", zoneOffset: "+01:00", source: WATCH, ...more });

  it("tell the time without pauses, and their numbers in our units", () => {
    const [one] = workouts(mapPush(fixture("push"), CONTEXT)).filter(({ sport }) => sport === "running");
    expect(one).toMatchObject({
      activeS: 1_890, distanceM: 5_010, energyKcal: 380, averageHeartRate: 149, maxHeartRate: 171, averagePowerW: 265, elevationGainM: 42, steps: 5_300, vendorSport: "Running", offsetMinutes: 0,
      laps: [{ startMs: Date.UTC(2026, 10, 19, 18), endMs: Date.UTC(2026, 10, 19, 18, 20) }],
    });
  });

  it.each<[unknown, string]>([
    ["HKWorkoutActivityTypeTraditionalStrengthTraining", "strength"], ["running", "running"], [37, "running"], ["3000", "other"], ["HKWorkoutActivityTypeUnheardOf", "other"], [null, "other"],
    ["Outdoor Run", "running"], ["Indoor Cycle", "cycling"], ["Pool Swim", "swimming"], ["Functional Strength Training", "strength"], ["High Intensity Interval Training", "hiit"],
    ["Correr", "other"], ["constructor", "other"], ["HKWorkoutActivityTypeSwimBikeRun", "multisport"],
  ])("of type %j are %s", (type, sport) => {
    expect(workouts(map({ workouts: [workout({ type })] }))[0]!.sport).toBe(sport);
  });

  it("lose a number that cannot be, and keep the rest", () => {
    const values = [
      { type: "duration", value: 9_000, unit: "s" }, { type: "distance", value: 5, unit: "parsec" }, { type: "averageHeartRate", value: 0, unit: "bpm" }, { type: "stepCount", value: "12" }, "junk",
      { type: "maxHeartRate", value: null },
    ];
    const result = map({ workouts: [workout({ values })] });
    expect(workouts(result)[0]).toMatchObject({ steps: 12 });
    for (const name of ["activeS", "distanceM", "averageHeartRate", "maxHeartRate"]) expect(workouts(result)[0]).not.toHaveProperty(name);
    expect(result.problems).toHaveLength(4);
  });

  it("are refused when they end before their start or last for weeks", () => {
    expect(map({ workouts: [workout({ endDate: "2026-11-19T17:00:00Z" }), workout({ startDate: "2026-10-01T17:00:00Z" })] })).toMatchObject({ records: [], problems: [{}, {}] });
  });
});

describe("deletions that are pushed [WH-09]", () => {
  const deleted = (type: string): MapResult => map({ deleted: [{ id: "U9", type }] });

  it("withdraw a workout or a treatment by its UUID", () => {
    expect(deleted("HKWorkoutTypeIdentifier").records).toEqual([{ record: "withdrawal", of: "workout", vendorId: "U9" }]);
    expect(deleted("HKCategoryTypeIdentifierMindfulSession").records).toEqual([{ record: "withdrawal", of: "workout", vendorId: "U9" }]);
    expect(deleted("HKQuantityTypeIdentifierInsulinDelivery").records).toEqual([{ record: "withdrawal", of: "treatment", vendorId: "U9" }]);
    expect(deleted("HKQuantityTypeIdentifierDietaryFiber")).toEqual({ records: [], problems: [] });
  });

  it("of a sample need its stretch again as complete", () => {
    expect(reasons(deleted("HKQuantityTypeIdentifierStepCount"))).toEqual(["/data/deleted/0: a deleted sample is found by its time: send its stretch again as complete"]);
    const complete = { from: "2026-11-19T00:00:00+01:00", to: "2026-11-20T00:00:00+01:00", types: ["HKQuantityTypeIdentifierStepCount", "HKCategoryTypeIdentifierSleepAnalysis", "HKQuantityTypeIdentifierDistanceCycling"] };
    const result = map({ records: [record("StepCount", 9, "count")], deleted: [{ id: "U9", type: "HKQuantityTypeIdentifierStepCount" }], complete });
    expect(result.problems).toEqual([]);
    // Not distance: walking feeds it as well, and is not said to be complete.
    expect(result.replaces).toEqual({ fromMs: Date.UTC(2026, 10, 18, 23), toMs: Date.UTC(2026, 10, 19, 23), of: ["sleep"], metrics: ["steps"], dayTotals: "never" });
  });

  it("replace everything where no types are named", () => {
    const { replaces } = map({ records: [], complete: { from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z" } });
    expect(replaces?.of).toEqual(["sleep", "workout", "treatment"]);
    expect(replaces?.metrics).toContain("distance");
    expect(replaces?.metrics).toContain("glucose");
  });

  it.each<[string, Json]>([
    ["when something in the body was refused", { records: [record("HeartRate", 0, "bpm")], complete: { from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z" } }],
    ["for a stretch that is none", { records: [], complete: { from: "2026-11-20T00:00:00Z", to: "2026-11-19T00:00:00Z" } }],
    ["for years at once", { records: [], complete: { from: "2020-11-20T00:00:00Z", to: "2026-11-19T00:00:00Z" } }],
    ["for words", { records: [], complete: "all" }],
  ])("replace nothing %s", (_title, body) => {
    const result = map(body);
    expect(result).not.toHaveProperty("replaces");
    expect(result.problems.at(-1)?.path).toMatch(/^\/data\/complete/);
  });
});

describe("bodies", () => {
  it.each<[string, unknown]>([
    ["null", null], ["a list", [1]], ["nothing known", { data: { hello: 1 } }], ["an empty object", {}], ["another vendor's", { provider: "samsung", data: { records: [] } }], ["data that is none", { data: "x" }],
  ])("of %s are refused as a whole", (_title, body) => {
    expect(() => mapPush(body, CONTEXT)).toThrow(ProviderContractBroken);
  });

  it("may come with or without an envelope, and one bad list does not cost the others", () => {
    const records = [record("HeartRate", 61, "bpm")];
    expect(mapPush({ records }, CONTEXT).records).toEqual(map({ records }).records);
    expect(mapPush({ data: { records, sleep: "x" } }, CONTEXT)).toMatchObject({ records: [{ metric: "heart_rate" }], problems: [{ path: "/data/sleep" }] });
  });

  it("neither fill memory with zones nor take one for another", () => {
    const records = Array.from({ length: 2_000 }, (_, index) => record("HeartRate", 61, "bpm", { metadata: { HKTimeZone: `Zone/${index}` } }));
    const result = map({ records: [...records, record("HeartRate", 61, "bpm", { metadata: { HKTimeZone: "Asia/Kolkata" } })] });
    expect(result.problems).toEqual([]);
    expect(samples(mapRecord("HeartRate", 61, "bpm", { metadata: { HKTimeZone: "Asia/Kolkata" } }))[0]!.offsetMinutes).toBe(330);
  });

  it("never throw anything but a refusal, whatever they hold", () => {
    const seed = fixture("push");
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom("records", "sleep", "workouts", "deleted", "metrics", "complete"), (value, name) => {
      try {
        const { problems } = mapPush({ data: { ...(seed["data"] as Json), [name]: [value, { value, unit: value, endDate: value, source: value, stage: value, startDate: at, type: "HKQuantityTypeIdentifierHeartRate" }] } }, CONTEXT);
        expect(problems.length).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof ProviderContractBroken)) throw error;
      }
    }), { numRuns: 150, seed: 11 });
  });
});
