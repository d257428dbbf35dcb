import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MapResult, SampleRecord, SleepRecord, TreatmentRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import { createExportMapper, type ExportElement } from "./index.ts";

const CONTEXT = { receivedMs: Date.UTC(2026, 10, 20, 9), zone: "Europe/Madrid" };
const WATCH = "<<HKDevice: 0x281f00>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch7,1, software:10.1>";

type Attributes = Readonly<Record<string, string>>;

const element = (name: string, attributes: Attributes, children: readonly ExportElement[] = [], line = 7): ExportElement => ({ name, attributes, children, line });
const entry = (key: string, value: string): ExportElement => element("MetadataEntry", { key, value });
const record = (type: string, attributes: Attributes, children: readonly ExportElement[] = []): ExportElement =>
  element("Record", { type: `HKQuantityTypeIdentifier${type}`, sourceName: "Watch", startDate: "2026-11-19 08:00:00 +0100", endDate: "2026-11-19 08:00:00 +0100", ...attributes }, children);
const sleep = (stage: string, from: string, to: string, more: Attributes = {}): ExportElement =>
  element("Record", { type: "HKCategoryTypeIdentifierSleepAnalysis", sourceName: "Watch", startDate: `2026-11-${from}:00 +0100`, endDate: `2026-11-${to}:00 +0100`, value: `HKCategoryValueSleepAnalysis${stage}`, ...more });

function map(...elements: readonly ExportElement[]): MapResult {
  const mapper = createExportMapper(CONTEXT);
  for (const each of elements) mapper.element(each);
  const [first, rest] = [mapper.take(), mapper.flush()];
  return { records: [...first.records, ...rest.records], problems: [...first.problems, ...rest.problems] };
}

const samples = ({ records }: MapResult): SampleRecord[] => records.filter((each) => each.record === "sample");
const treatments = ({ records }: MapResult): TreatmentRecord[] => records.filter((each) => each.record === "treatment");
const workouts = ({ records }: MapResult): WorkoutRecord[] => records.filter((each) => each.record === "workout");
const sleeps = ({ records }: MapResult): SleepRecord[] => records.filter((each) => each.record === "sleep");

describe("records of an export", () => {
  it("stand at the printed instant, but not at the printed offset, which is the phone's at the export", () => {
    const [summer, winter] = samples(map(
      record("HeartRate", { unit: "count/min", value: "61", startDate: "2026-07-01 08:00:00 +0100", endDate: "2026-07-01 08:00:00 +0100" }),
      record("HeartRate", { unit: "count/min", value: "61" }),
    ));
    expect(summer).toMatchObject({ startMs: Date.UTC(2026, 6, 1, 7), offsetMinutes: null });
    expect(winter).toMatchObject({ startMs: Date.UTC(2026, 10, 19, 7), offsetMinutes: null });
  });

  it.each([["Europe/Lisbon", 0], ["Asia/Kolkata", 330], ["asia/kolkata", 330], ["Nowhere/Land", null], ["x".repeat(10_000), null]])("have the offset of the zone in their metadata: %s", (zone, offsetMinutes) => {
    expect(samples(map(record("HeartRate", { unit: "count/min", value: "61" }, [entry("HKTimeZone", zone)])))[0]!.offsetMinutes).toBe(offsetMinutes);
  });

  it.each([
    ["0001-01-01 00:00:00 +0000"], ["9999-12-31 23:59:59 +0000"], ["2026-02-30 08:00:00 +0100"], ["2026-11-19 24:00:00 +0100"], ["2026-11-19 08:60:00 +0100"], ["2026-11-19 08:00:00 +9900"],
    ["2026-1x-19 08:00:00 +0100"], ["2027-01-01 08:00:00 +0100"], [""], ["NaN"],
  ])("are refused at %j [DA-10]", (time) => {
    expect(map(record("HeartRate", { unit: "count/min", value: "61", startDate: time, endDate: time }))).toEqual({ records: [], problems: [{ path: "line 7", reason: "no possible time of a measurement" }] });
  });

  it("read the same instant from any way it may be written", () => {
    for (const time of ["2026-11-19 08:00:00 +0100", "2026-11-19 02:00:00 -0500", "2026-11-19T07:00:00Z", "2026-11-19 07:00:00 +0000", "2026-11-19 08:00:00"]) {
      expect(samples(map(record("HeartRate", { unit: "count/min", value: "61", startDate: time, endDate: time })))[0]!.startMs).toBe(Date.UTC(2026, 10, 19, 7));
    }
  });

  it.each<[string, Attributes, RegExp]>([
    ["a value that is none", { unit: "count/min", value: "NaN" }, /no number/], ["no value", { unit: "count/min" }, /no number/], ["an infinite one", { unit: "count/min", value: "1e999" }, /no number/],
    ["no unit", { value: "61" }, /unit/], ["an impossible one", { unit: "count/min", value: "1e9" }, /outside/], ["an end before its start", { unit: "count/min", value: "61", endDate: "2026-11-19 07:59:59 +0100" }, /before/],
  ])("are refused with %s, by line and without the value [VA-05]", (_title, attributes, reason) => {
    const result = map(record("HeartRate", attributes), record("HeartRate", { unit: "count/min", value: "62" }));
    expect(samples(result).map(({ value }) => value)).toEqual([62]);
    expect(result.problems).toHaveLength(1);
    expect(result.problems[0]).toMatchObject({ path: "line 7", reason: expect.stringMatching(reason) as string });
  });

  it("name one watch alike over versions, starts and spaces, and another one differently", () => {
    const idOf = (sourceName: string, device: string): string | undefined => samples(map(record("HeartRate", { unit: "count/min", value: "61", sourceName, device })))[0]!.device?.id;
    const id = idOf("Robin’s Apple\u00a0Watch", WATCH);
    expect(id).toBe("Robin’s Apple Watch/Watch7,1");
    expect(idOf("Robin’s Apple Watch", WATCH.replace("10.1", "11.2").replace("0x281f00", "0x9"))).toBe(id);
    expect(idOf("Robin’s Apple Watch", WATCH.replace("Watch7,1", "Watch6,2"))).not.toBe(id);
    expect(idOf("", "")).toBeUndefined();
    expect(idOf(`${"long ".repeat(100_000)}name`, `<<${"x".repeat(100_000)}`)!.length).toBeLessThan(250);
  });

  it("count what has no place, without listing it as a problem", () => {
    const mapper = createExportMapper(CONTEXT);
    for (let index = 0; index < 3; index += 1) mapper.element(record("DietarySugar", { unit: "g", value: "3" }));
    mapper.element(element("ClinicalRecord", {}));
    mapper.element(element("Me", { HKCharacteristicTypeIdentifierDateOfBirth: "1980-01-01" }));
    mapper.element(element("ExportDate", { value: "2026-11-19 08:00:00 +0100" }));
    expect(mapper.flush()).toEqual({ records: [], problems: [] });
    expect([...mapper.passedOver]).toEqual([["DietarySugar", 3], ["ClinicalRecord", 1]]);
    for (let index = 0; index < 2_000; index += 1) mapper.element(element(`Unknown${index}`, {}));
    expect(mapper.passedOver.size).toBe(500);
  });

  it("list a thousand problems at most, and count all", () => {
    const mapper = createExportMapper(CONTEXT);
    let listed = 0;
    for (let index = 0; index < 3_000; index += 1) {
      mapper.element(record("HeartRate", { unit: "count/min", value: "x" }));
      if (index % 100 === 0) listed += mapper.take().problems.length;
    }
    listed += mapper.flush().problems.length;
    expect(listed).toBe(1_000);
    expect(mapper.problemCount).toBe(3_000);
  });

  it("come once, though a correlation repeats them, and also when it alone has them", () => {
    const pressure = [record("BloodPressureSystolic", { unit: "mmHg", value: "122" }), record("BloodPressureDiastolic", { unit: "mmHg", value: "78" })];
    const correlation = element("Correlation", { type: "HKCorrelationTypeIdentifierBloodPressure" }, pressure);
    for (const elements of [[...pressure, correlation], [correlation, ...pressure], [correlation]]) {
      expect(samples(map(...elements)).map(({ metric, value }) => [metric, value])).toEqual([["blood_pressure_systolic", 122], ["blood_pressure_diastolic", 78]]);
    }
    const carbohydrates = record("DietaryCarbohydrates", { unit: "g", value: "45" });
    expect(treatments(map(carbohydrates, element("Correlation", {}, [carbohydrates]), record("DietaryCarbohydrates", { unit: "g", value: "30" }))).map(({ amount }) => amount)).toEqual([45, 30]);
  });

  it("decide in order what a glucose reading of an unknown app is, without holding the file", () => {
    const mapper = createExportMapper(CONTEXT);
    const given: number[] = [];
    for (let index = 0; index < 100; index += 1) {
      const time = `2026-11-${String(10 + Math.floor(index / 24)).padStart(2, "0")} ${String(index % 24).padStart(2, "0")}:`;
      for (const minute of ["00", "15", "30", "45"]) mapper.element(record("BloodGlucose", { unit: "mg/dL", value: "104", sourceName: "New app", startDate: `${time}${minute}:00 +0100`, endDate: `${time}${minute}:00 +0100` }));
      given.push(samples(mapper.take()).filter(({ metric }) => metric === "glucose").length);
    }
    expect(given.slice(0, 7)).toEqual([0, 0, 0, 0, 0, 24, 4]);
    expect(mapper.flush().records).toEqual([]);
  });
});

describe("sleep of an export [W3]", () => {
  const night = [
    sleep("InBed", "18 22:55", "19 06:40", { sourceName: "Phone" }), sleep("AsleepCore", "18 23:10", "18 23:40"), sleep("AsleepDeep", "18 23:40", "19 00:30"), sleep("AsleepREM", "19 00:30", "19 01:10"),
    sleep("Awake", "19 01:10", "19 01:15"), sleep("AsleepCore", "19 01:15", "19 06:30"),
  ];

  it("is joined into nights wherever its samples stand in the file, and given at its end", () => {
    const expected = map(...night);
    expect(sleeps(expected)).toHaveLength(1);
    expect(sleeps(expected)[0]).toMatchObject({ startMs: Date.UTC(2026, 10, 18, 22, 10), endMs: Date.UTC(2026, 10, 19, 5, 30), device: { name: "Watch" }, totals: { asleepS: 26_100, awakeS: 300 } });
    const other = record("HeartRate", { unit: "count/min", value: "61" });
    fc.assert(fc.property(fc.shuffledSubarray(night, { minLength: night.length }), fc.array(fc.nat(11), { maxLength: 5 }), (shuffled, cuts) => {
      const mapper = createExportMapper(CONTEXT);
      const found: VendorRecord[] = [];
      for (const [index, each] of shuffled.flatMap((sample) => [sample, other]).entries()) {
        mapper.element(each);
        if (cuts.includes(index)) found.push(...mapper.take().records);
      }
      found.push(...mapper.flush().records);
      expect(found.filter((each) => each.record === "sleep")).toEqual(sleeps(expected));
    }), { numRuns: 60, seed: 3 });
  });

  it("keeps years of nights small, and a life of them within bounds", () => {
    const mapper = createExportMapper(CONTEXT);
    for (let index = 0; index < 150; index += 1) mapper.element(sleep("AsleepCore", "18 23:10", "19 05:40", { sourceName: `Source ${index}` }));
    const { records, problems } = mapper.flush();
    expect(records).toHaveLength(1);
    expect(problems).toHaveLength(50);
    expect(problems[0]!.reason).toBe("more sleep than a life has");
  });
});

describe("workouts of an export [W3]", () => {
  const workout = (attributes: Attributes, children: readonly ExportElement[] = []): WorkoutRecord | undefined =>
    workouts(map(element("Workout", { workoutActivityType: "HKWorkoutActivityTypeRunning", sourceName: "Watch", startDate: "2026-11-19 18:00:00 +0100", endDate: "2026-11-19 18:40:00 +0100", ...attributes }, children)))[0];
  const event = (type: string, time: string, more: Attributes = {}): ExportElement => element("WorkoutEvent", { type: `HKWorkoutEventType${type}`, date: `2026-11-19 ${time}:00 +0100`, ...more });
  const statistics = (type: string, attributes: Attributes): ExportElement => element("WorkoutStatistics", { type: `HKQuantityTypeIdentifier${type}`, ...attributes });

  it("last as long as they say, not from start to end", () => {
    expect(workout({ duration: "30.0", durationUnit: "min" })).toMatchObject({ activeS: 1_800, startMs: Date.UTC(2026, 10, 19, 17), endMs: Date.UTC(2026, 10, 19, 17, 40), offsetMinutes: null });
    expect(workout({ duration: "900", durationUnit: "min" })).not.toHaveProperty("activeS");
  });

  it.each<[string, ExportElement[], number | undefined]>([
    ["one pause", [event("Pause", "18:10"), event("Resume", "18:20")], 1_800],
    ["two, out of order", [event("Resume", "18:35"), event("Pause", "18:10"), event("Resume", "18:20"), event("Pause", "18:30")], 1_500],
    ["a pause to the end", [event("Pause", "18:10")], 600],
    ["one that began before and one paused twice", [event("Resume", "17:50"), event("Pause", "18:10"), event("Pause", "18:15"), event("Resume", "18:20")], 1_800],
    ["motion", [event("MotionPaused", "18:10"), event("MotionResumed", "18:20")], 1_800],
    ["no pause", [event("Lap", "18:10")], undefined],
  ])("are told without pauses where they do not say it: %s", (_title, events, activeS) => {
    expect(workout({}, events)?.activeS).toBe(activeS);
  });

  it("take their numbers from statistics, from metadata and, of old, from themselves", () => {
    expect(workout({}, [
      statistics("DistanceWalkingRunning", { sum: "5.01", unit: "km" }), statistics("DistanceCycling", { sum: "1", unit: "mi" }), statistics("ActiveEnergyBurned", { sum: "1589.92", unit: "kJ" }),
      statistics("HeartRate", { average: "149", minimum: "98", maximum: "171", unit: "count/min" }), statistics("CyclingPower", { average: "180", maximum: "400", unit: "W" }),
      statistics("StepCount", { sum: "5300", unit: "count" }), statistics("RunningSpeed", { average: "9", maximum: "18", unit: "km/hr" }), statistics("Unheard", { sum: "1", unit: "x" }),
      entry("HKElevationAscended", "4200 cm"), entry("HKTimeZone", "Europe/Madrid"), entry("HKWasUserEntered", "1"), event("Lap", "18:00", { duration: "5.5", durationUnit: "min" }),
    ])).toMatchObject({
      distanceM: 6_619.344, energyKcal: 380, averageHeartRate: 149, maxHeartRate: 171, averagePowerW: 180, maxPowerW: 400, steps: 5_300, averageSpeedMS: 2.5, maxSpeedMS: 5, elevationGainM: 42,
      offsetMinutes: 60, isManual: true, laps: [{ startMs: Date.UTC(2026, 10, 19, 17), endMs: Date.UTC(2026, 10, 19, 17, 5, 30) }],
    });
    const old = workout({ totalDistance: "12.4", totalDistanceUnit: "km", totalEnergyBurned: "0", totalEnergyBurnedUnit: "Cal" });
    expect(old).toMatchObject({ distanceM: 12_400 });
    expect(old).not.toHaveProperty("energyKcal");
  });

  it("are told apart by kind, time and source, for they have no UUID [ST-01]", () => {
    expect(workout({})?.vendorId).toBe(workout({ duration: "30", durationUnit: "min" })?.vendorId);
    expect(workout({})?.vendorId).not.toBe(workout({ sourceName: "Other" })?.vendorId);
  });
});

describe("the rings of an export", () => {
  const rings = (attributes: Attributes): MapResult => map(element("ActivitySummary", { dateComponents: "2026-11-19", activeEnergyBurnedUnit: "Cal", ...attributes }));

  it("are totals of the person's local day", () => {
    expect(samples(rings({ activeEnergyBurned: "512", appleExerciseTime: "41" }))).toEqual([
      { record: "sample", metric: "calories_active", startMs: Date.UTC(2026, 10, 18, 23), endMs: Date.UTC(2026, 10, 19, 23), value: 512, offsetMinutes: 60, flags: ["day_total"] },
      { record: "sample", metric: "active_duration", startMs: Date.UTC(2026, 10, 18, 23), endMs: Date.UTC(2026, 10, 19, 23), value: 2_460, offsetMinutes: 60, flags: ["day_total"] },
    ]);
  });

  it("are not zero when nothing was worn, and no day when there is none", () => {
    expect(rings({ activeEnergyBurned: "0", appleExerciseTime: "0" })).toEqual({ records: [], problems: [] });
    expect(rings({ dateComponents: "1969-12-30", activeEnergyBurned: "1" }).problems).toEqual([{ path: "line 7", reason: "no possible day" }]);
  });
});
