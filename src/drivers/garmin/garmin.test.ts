import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant, HOUR_MS } from "#units/time.ts";
import { garmin } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 4);
const DAY_S = 1_772_406_000; // 2026-03-02 00:00 in Madrid

type Json = Record<string, unknown>;

/** A fixture as Garmin would send it: the notification without our note on its source. */
function fixture(name: string): Json {
  const { _source, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return body;
}

/** The first summary of a fixture, with changes. */
function summary(name: string, changes: Json = {}): Json {
  return { ...(fixture(name)[name] as Json[])[0], ...changes };
}

function map(resource: string, payload: unknown, zone = "Europe/Madrid"): MapResult {
  return garmin.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

const samplesOf = (result: MapResult): SampleRecord[] => result.records.filter((record) => record.record === "sample");
const sleepsOf = (result: MapResult): SleepRecord[] => result.records.filter((record) => record.record === "sleep");
const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");

/** Samples of one metric as "start[–end] value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return samplesOf(result).filter((sample) => sample.metric === metric).map((sample) => {
    const end = sample.endMs === undefined ? [] : [`+${(sample.endMs - sample.startMs) / 1000}s`];
    return [formatInstant(sample.startMs), ...end, Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" ");
  });
}

describe("mapping Garmin's summaries", () => {
  it("produces each metric and kind of record that a summary type declares, from its fixture, without problems [W3]", () => {
    const names = readdirSync(new URL("./fixtures/", import.meta.url)).map((file) => file.replace(".json", ""));
    expect(names.toSorted()).toEqual(garmin.resources.map(({ name }) => name).toSorted());
    for (const resource of garmin.resources) {
      const { records, problems } = map(resource.name, fixture(resource.name));
      expect(problems, resource.name).toEqual([]);
      const metrics = new Set(records.filter((record) => record.record === "sample").map(({ metric }) => metric));
      expect(metrics, resource.name).toEqual(new Set(resource.metrics));
      expect(new Set(records.map(({ record }) => record)), resource.name).toEqual(new Set(resource.records));
    }
  });

  it("takes one summary, a list, and a notification in any spelling of its type", () => {
    const one = map("pulseox", summary("pulseox")).records;
    expect(one).toHaveLength(2);
    for (const payload of [[summary("pulseox")], fixture("pulseox"), { pulseOx: [summary("pulseox")] }, { PULSEOX: summary("pulseox") }]) {
      expect(map("pulseOx", payload).records).toEqual(one);
    }
    expect(map("respiration", fixture("allDayRespiration")).records).toHaveLength(2);
  });

  it("refuses an unknown type and a payload that is neither object nor list", () => {
    expect(() => map("activityFiles", [])).toThrow(InvalidInput);
    expect(() => map("dailies", "text")).toThrow(ProviderContractBroken);
  });

  it("says where a summary is without a time, and keeps its neighbours", () => {
    const { startTimeInSeconds: _, ...timeless } = summary("dailies");
    const result = map("dailies", { dailies: [timeless, summary("dailies")] });
    expect(result.problems).toEqual([{ path: "/dailies/0/startTimeInSeconds", reason: "missing or of the wrong type" }]);
    expect(result.records).toEqual(map("dailies", summary("dailies")).records);
  });

  it.each([["scrubbed", -1], ["in milliseconds", DAY_S * 1000], ["years ahead", DAY_S + 86_400 * 700]])(
    "refuses a start that is %s",
    (_, startTimeInSeconds) => {
      const result = map("dailies", summary("dailies", { startTimeInSeconds }));
      expect(result.records).toEqual([]);
      expect(result.problems).toHaveLength(1);
    },
  );

  it("reads the local offset under each of its names", () => {
    const { startTimeOffsetInSeconds: _, ...bare } = summary("allDayRespiration");
    const offsets = ["startTimeOffsetInSeconds", "offsetStartTimeInSeconds", "measurementTimeOffsetInSeconds", "offsetInSeconds"].map(
      (name) => samplesOf(map("allDayRespiration", { ...bare, [name]: -12_600 }))[0]?.offsetMinutes,
    );
    expect(offsets).toEqual([-210, -210, -210, -210]);
    expect(samplesOf(map("allDayRespiration", bare))[0]?.offsetMinutes).toBeNull();
    const [nap] = sleepsOf(map("sleeps", summary("sleeps", { naps: [{ napStartTimeInSeconds: 1_772_540_000, napDurationInSeconds: 60, napOffsetInSeconds: "-12600" }] })));
    expect(nap?.offsetMinutes).toBe(-210);
  });

  it.each([54_000, -86_400, 1e308])("takes no %d seconds for an offset", (startTimeOffsetInSeconds) => {
    const result = map("allDayRespiration", summary("allDayRespiration", { startTimeOffsetInSeconds }));
    expect(samplesOf(result)[0]?.offsetMinutes).toBeNull();
  });

  it("takes texts that are numbers for the numbers, in maps, stages, naps and samples, too", () => {
    const texts = (value: unknown): unknown => {
      if (typeof value === "number") return String(value);
      if (Array.isArray(value)) return value.map(texts);
      return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, texts(member)])) : value;
    };
    for (const { name } of garmin.resources) {
      const { records, problems } = map(name, texts(fixture(name)));
      expect(problems, name).toEqual([]);
      expect(records, name).toEqual(map(name, fixture(name)).records);
    }
  });
});

describe("Garmin's maps of values as text", () => {
  it("are read as they are printed, with the signs for no value left out", () => {
    const result = map("stressDetails", summary("stressDetails", { timeOffsetStressLevelValues: "{0: 18, 180: -1, 360: 51}", timeOffsetBodyBatteryValues: "0: 55, 180: 56, ..." }));
    expect(result.problems).toEqual([]);
    expect(samplesOf(result).map(({ metric, value }) => [metric, value])).toEqual([["stress", 18], ["stress", 51], ["body_battery", 55], ["body_battery", 56]]);
    expect(map("stressDetails", summary("stressDetails", { timeOffsetStressLevelValues: "{}", timeOffsetBodyBatteryValues: null }))).toEqual({ records: [], problems: [] });
  });

  it("cost nothing else where they cannot be read", () => {
    const result = map("sleeps", summary("sleeps", { sleepLevelsMap: "deep: [{...}]", timeOffsetSleepSpo2: "canary", timeOffsetSleepRespiration: 5 }));
    expect(sleepsOf(result).map(({ isNap }) => isNap)).toEqual([true, false]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/sleepLevelsMap", "/timeOffsetSleepSpo2", "/timeOffsetSleepRespiration"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });
});

describe("Garmin's names", () => {
  it("are known in the spellings of older notifications", () => {
    const [breath] = fixture("allDayRespiration")["allDayRespiration"] as Json[];
    expect(map("allDayRespiration", { respirations: [breath] })).toEqual(map("allDayRespiration", [breath]));
    const { averageStressLevel: _, ...day } = summary("dailies");
    expect(lines(map("dailies", { ...day, averageStresslevel: 43 }), "stress")[0]).toContain("43 day_total");
  });

  it("give the cadence of the sport where a sample has those of all", () => {
    const sample = { startTimeInSeconds: DAY_S, stepsPerMinute: 0, bikeCadenceInRPM: 85, swimCadenceInStrokesPerMinute: 0, movingDurationInSeconds: 0 };
    const detail = { activityId: 1, summary: { startTimeInSeconds: DAY_S, durationInSeconds: 600, activityType: "CYCLING" }, samples: [sample] };
    const result = map("activityDetails", detail);
    expect(lines(result, "cadence")).toEqual(["2026-03-01T23:00:00.000Z 85"]);
    // Not moved at all is not told.
    expect(workoutsOf(result)[0]).not.toHaveProperty("activeS");
  });
});

describe("Garmin dailies", () => {
  const day = map("dailies", fixture("dailies"));

  it("gives the day's totals as such, over the day so far [W2] [W3]", () => {
    expect(lines(day, "steps")).toEqual(["2026-03-01T23:00:00.000Z +86400s 8123 day_total"]);
    expect(lines(day, "distance")).toEqual(["2026-03-01T23:00:00.000Z +86400s 6100.5 day_total"]);
    expect(lines(day, "calories_active")).toEqual(["2026-03-01T23:00:00.000Z +86400s 412 day_total"]);
    expect(lines(day, "calories_basal")).toEqual(["2026-03-01T23:00:00.000Z +86400s 1710 day_total"]);
    expect(lines(day, "calories_total")).toEqual(["2026-03-01T23:00:00.000Z +86400s 2122 day_total"]);
    expect(lines(day, "resting_heart_rate")).toEqual(["2026-03-01T23:00:00.000Z +86400s 52"]);
    expect(lines(map("dailies", summary("dailies", { durationInSeconds: 30_600 })), "steps")).toEqual([
      "2026-03-01T23:00:00.000Z +30600s 8123 day_total",
    ]);
  });

  it("takes heart rate from the samples, leaves out 0, and never the seven-day average", () => {
    expect(lines(day, "heart_rate")).toEqual(["2026-03-01T23:00:15.000Z 60", "2026-03-01T23:00:30.000Z 61", "2026-03-01T23:53:00.000Z 76"]);
    expect(samplesOf(day).some(({ value }) => value === 63)).toBe(false);
  });

  it("goes by the epoch when the calendar date contradicts it", () => {
    expect(map("dailies", summary("dailies", { calendarDate: "2019-07-01" })).records).toEqual(day.records);
  });

  it("treats an absent or null value as absent, and a text that is a number as the number", () => {
    const { steps: _, ...without } = summary("dailies", { distanceInMeters: null, floorsClimbed: "7" });
    const result = map("dailies", without);
    expect(result.problems).toEqual([]);
    expect(lines(result, "steps")).toEqual([]);
    expect(lines(result, "distance")).toEqual([]);
    expect(lines(result, "floors")).toEqual(["2026-03-01T23:00:00.000Z +86400s 7 day_total"]);
  });

  it("gives the time of high stress as the day's [W3]", () => {
    expect(lines(day, "stress_high_duration")).toEqual(["2026-03-01T23:00:00.000Z +86400s 2700 day_total"]);
  });

  it("gives total calories only when both parts are known, and no average stress when there is none", () => {
    const { bmrKilocalories: _, ...withoutBasal } = summary("dailies", { averageStressLevel: -1 });
    const result = map("dailies", withoutBasal);
    expect(lines(result, "calories_total")).toEqual([]);
    expect(lines(result, "stress")).toEqual([]);
    expect(lines(day, "stress")).toEqual(["2026-03-01T23:00:00.000Z 31 day_total"]);
  });

  it("keeps the good heart rates beside bad entries, and reports the map once, without its values", () => {
    const result = map("dailies", summary("dailies", { timeOffsetHeartRateSamples: { 0: 61, 15: "x", soon: 70, 30: null, "-5": 71, 45: 62 } }));
    expect(lines(result, "heart_rate")).toEqual(["2026-03-01T23:00:00.000Z 61", "2026-03-01T23:00:45.000Z 62"]);
    expect(result.problems).toEqual([
      { path: "/timeOffsetHeartRateSamples", reason: "some entries are no numbers by seconds after the start" },
    ]);
  });
});

describe("Garmin epochs", () => {
  it("sums the kinds of activity of one quarter hour, and weighs their metabolic equivalents", () => {
    const result = map("epochs", fixture("epochs"));
    expect(lines(result, "steps")).toEqual(["2026-03-01T23:00:00.000Z +900s 425", "2026-03-01T23:15:00.000Z +540s 0"]);
    expect(lines(result, "distance")).toEqual(["2026-03-01T23:00:00.000Z +900s 315", "2026-03-01T23:15:00.000Z +540s 0"]);
    expect(lines(result, "met")).toEqual(["2026-03-01T23:00:00.000Z +900s 2", "2026-03-01T23:15:00.000Z +540s 1"]);
  });

  it("lets the longer record of the same kind replace the shorter one, in whatever order they come", () => {
    const partial = summary("epochs", { durationInSeconds: 300, steps: 100 });
    for (const payload of [[partial, summary("epochs")], [summary("epochs"), partial]]) {
      expect(lines(map("epochs", payload), "steps")).toEqual(["2026-03-01T23:00:00.000Z +900s 420"]);
    }
  });
});

describe("Garmin epochs' times", () => {
  const lasting = (activityType: string, activeTimeInSeconds: number, intensity = "ACTIVE"): Json =>
    summary("epochs", { activityType, activeTimeInSeconds, intensity });

  it("counts as active what was neither sitting nor sleeping, and sitting as sedentary [W3]", () => {
    const fromFixture = map("epochs", fixture("epochs"));
    expect(lines(fromFixture, "active_duration")).toEqual(["2026-03-01T23:00:00.000Z +900s 300"]);
    expect(lines(fromFixture, "sedentary_duration")).toEqual(["2026-03-01T23:00:00.000Z +900s 600", "2026-03-01T23:15:00.000Z +540s 540"]);
    const mixed = map("epochs", [lasting("WALKING", 260), lasting("RUNNING", 100, "HIGHLY_ACTIVE"), lasting("SEDENTARY", 400, "SEDENTARY"), lasting("GENERIC", 40, "SEDENTARY"), lasting("SLEEP", 100, "SEDENTARY")]);
    expect(lines(mixed, "active_duration")).toEqual(["2026-03-01T23:00:00.000Z +900s 360"]);
    expect(lines(mixed, "sedentary_duration")).toEqual(["2026-03-01T23:00:00.000Z +900s 440"]);
  });

  it("makes no activity of a night", () => {
    const night = map("epochs", [lasting("SLEEP", 900, "SEDENTARY")]);
    expect(samplesOf(night).some(({ metric }) => metric === "active_duration" || metric === "sedentary_duration")).toBe(false);
    expect(lines(night, "steps")).toHaveLength(1);
  });
});

describe("Garmin sleeps", () => {
  const night = sleepsOf(map("sleeps", fixture("sleeps"))).find(({ isNap }) => !isNap);

  it("gives a night with stages in order, totals and score [W2] [W3]", () => {
    expect(night).toMatchObject({
      vendorId: null, startMs: 1_772_490_000_000, offsetMinutes: 60, score: 83,
      totals: { asleepS: 25_200, deepS: 5_400, lightS: 14_400, remS: 5_400, awakeS: 600 },
    });
    expect(night?.stages.map(({ stage, startMs, endMs }) => [stage, (endMs - startMs) / 60_000])).toEqual([
      ["light", 120], ["deep", 90], ["awake", 10], ["rem", 90], ["light", 120],
    ]);
  });

  it("wakes the person at the end of the last stage", () => {
    expect(night?.endMs).toBe((1_772_490_000 + 25_800) * 1000);
  });

  it.each(["unmeasurableSleepInSeconds", "unmeasurableSleepDurationInSeconds"])(
    "without stages adds awake and %s to the duration to find the end",
    (spelling) => {
      const { unmeasurableSleepInSeconds: _, ...bare } = summary("sleeps", { sleepLevelsMap: null, naps: null });
      const [sleep] = sleepsOf(map("sleeps", { ...bare, [spelling]: 120 }));
      expect((sleep!.endMs - sleep!.startMs) / 1000).toBe(25_200 + 600 + 120);
      expect(sleep!.stages).toEqual([]);
    },
  );

  it("does not take the zeros of a night without stages for stages of no length", () => {
    const zeros = { deepSleepDurationInSeconds: 0, lightSleepDurationInSeconds: 0, remSleepInSeconds: 0, awakeDurationInSeconds: 0 };
    const [sleep] = sleepsOf(map("sleeps", summary("sleeps", { ...zeros, sleepLevelsMap: {}, naps: [] })));
    expect(sleep!.totals).toEqual({ asleepS: 25_200 });
  });

  it("gives naps as sleeps of their own, also where the day has no night", () => {
    const dayOfNaps = summary("sleeps", { durationInSeconds: 0, awakeDurationInSeconds: 0, sleepLevelsMap: null });
    for (const payload of [summary("sleeps"), dayOfNaps]) {
      const naps = sleepsOf(map("sleeps", payload)).filter(({ isNap }) => isNap);
      expect(naps).toMatchObject([{ startMs: 1_772_540_000_000, endMs: 1_772_541_800_000, offsetMinutes: 60, totals: { asleepS: 1_800 } }]);
    }
    expect(sleepsOf(map("sleeps", dayOfNaps))).toHaveLength(1);
  });

  it("keeps totals and stages as they are sent, however they contradict each other", () => {
    const odd = sleepsOf(map("sleeps", summary("sleeps", { deepSleepDurationInSeconds: 60, durationInSeconds: 40_000, naps: [] })))[0]!;
    expect(odd.totals).toMatchObject({ deepS: 60, asleepS: 40_000 });
    expect(odd.stages.filter(({ stage }) => stage === "deep").reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)).toBe(5_400_000);
    expect(odd.endMs).toBe(night!.endMs);
  });

  it("begins no stage before the night, with a report", () => {
    const start = 1_772_490_000;
    const result = map("sleeps", summary("sleeps", {
      naps: [], sleepLevelsMap: { light: [{ startTimeInSeconds: start - 600, endTimeInSeconds: start + 600 }], deep: [{ startTimeInSeconds: start - 900, endTimeInSeconds: start - 700 }] },
    }));
    expect(sleepsOf(result)[0]?.stages.map(({ stage, startMs, endMs }) => [stage, startMs / 1000 - start, endMs / 1000 - start])).toEqual([["light", 0, 600]]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/sleepLevelsMap"]);
  });

  it("leaves out the signs for no oxygen and no breathing", () => {
    const result = map("sleeps", fixture("sleeps"));
    expect(samplesOf(result).filter(({ metric }) => metric === "spo2").map(({ value }) => value)).toEqual([96, 95]);
    expect(samplesOf(result).filter(({ metric }) => metric === "respiration_rate").map(({ value }) => value)).toEqual([14.1, 13.8]);
  });

  it("repairs overlapping stages and drops impossible ones, with a report", () => {
    const start = 1_772_490_000;
    const result = map("sleeps", summary("sleeps", {
      naps: [],
      sleepLevelsMap: {
        light: [{ startTimeInSeconds: start, endTimeInSeconds: start + 1200 }],
        deep: [{ startTimeInSeconds: start + 600, endTimeInSeconds: start + 1800 }, { startTimeInSeconds: start + 60, endTimeInSeconds: start + 30 }],
        rem: [{ startTimeInSeconds: start - 86_400 * 365, endTimeInSeconds: start }],
        dreaming: [{ startTimeInSeconds: start, endTimeInSeconds: start + 60 }],
      },
    }));
    expect(sleepsOf(result)[0]?.stages.map(({ stage, startMs, endMs }) => [stage, startMs / 1000 - start, endMs / 1000 - start])).toEqual([
      ["light", 0, 1200], ["deep", 1200, 1800],
    ]);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/sleepLevelsMap/deep/1", "/sleepLevelsMap/rem/0", "/sleepLevelsMap", "/sleepLevelsMap",
    ]);
  });
});

describe("Garmin's body and vital signs", () => {
  it("stores stress from 1 to 100 only, never a sign for no value, and Body Battery beside it [W3]", () => {
    const result = map("stressDetails", fixture("stressDetails"));
    expect(lines(result, "stress")).toEqual(["2026-03-01T23:00:00.000Z 18", "2026-03-01T23:06:00.000Z 51"]);
    expect(lines(result, "body_battery")).toHaveLength(3);
    const beyond = map("stressDetails", summary("stressDetails", { timeOffsetStressLevelValues: { 0: 101 } }));
    expect(lines(beyond, "stress")).toEqual([]);
    expect(beyond.problems).toHaveLength(1);
  });

  it("weighs in kilograms at the measurement's own time, whatever start time stands beside it", () => {
    const result = map("bodyComps", fixture("bodyComps"));
    expect(lines(result, "weight")).toEqual(["2026-03-02T06:20:00.000Z 71.25"]);
    const stray = { startTimeInSeconds: DAY_S - 86_400 * 200, startTimeOffsetInSeconds: 7_200, measurementTimeOffsetInSeconds: 3_600 };
    expect(samplesOf(map("bodyComps", summary("bodyComps", stray))).map(({ startMs, offsetMinutes }) => [formatInstant(startMs), offsetMinutes])[0]).toEqual(["2026-03-02T06:20:00.000Z", 60]);
    expect(lines(result, "bone_mass")).toEqual(["2026-03-02T06:20:00.000Z 3.1"]);
    expect(lines(map("bodyComps", summary("bodyComps", { bodyFatInPercent: 0 })), "body_fat")).toEqual([]);
  });

  it("marks a blood pressure that was typed", () => {
    expect(lines(map("bloodPressures", fixture("bloodPressures")), "blood_pressure_systolic")).toEqual(["2026-03-02T06:20:00.000Z 121 manual"]);
    const device = map("bloodPressures", summary("bloodPressures", { sourceType: "DEVICE" }));
    expect(lines(device, "blood_pressure_diastolic")).toEqual(["2026-03-02T06:20:00.000Z 79"]);
  });

  it("leaves out oxygen of 0 and 101 and breathing of 0 and −1", () => {
    expect(lines(map("pulseox", fixture("pulseox")), "spo2")).toEqual(["2026-03-01T23:00:00.000Z 97", "2026-03-01T23:03:00.000Z 100"]);
    expect(lines(map("allDayRespiration", fixture("allDayRespiration")), "respiration_rate")).toHaveLength(2);
  });

  it("places VO2max and fitness age, which have no time of day, at the start of their date in the person's zone [W3]", () => {
    expect(lines(map("userMetrics", fixture("userMetrics")), "vo2max_running")).toEqual(["2026-03-01T23:00:00.000Z 47"]);
    expect(lines(map("userMetrics", fixture("userMetrics")), "vo2max_cycling")).toEqual(["2026-03-01T23:00:00.000Z 44.5"]);
    expect(lines(map("userMetrics", fixture("userMetrics"), "America/Lima"), "fitness_age")).toEqual(["2026-03-02T05:00:00.000Z 31"]);
    expect(map("userMetrics", summary("userMetrics", { calendarDate: "2026-02-30" })).problems).toMatchObject([{ path: "/calendarDate" }]);
  });

  it("keeps the night's average HRV apart from the five-minute values, as the vendor's own total", () => {
    expect(lines(map("hrv", fixture("hrv")), "hrv_rmssd")).toEqual([
      "2026-03-02T22:25:00.000Z 41", "2026-03-02T22:30:00.000Z 47", "2026-03-02T22:20:00.000Z 44 day_total",
    ]);
  });

  it("keeps the skin's deviation signed and apart from temperature, also without the night's length", () => {
    expect(lines(map("skinTemp", fixture("skinTemp")), "skin_temperature_deviation")).toEqual(["2026-03-02T22:20:00.000Z +25800s -0.4"]);
    const { durationInSeconds: _, ...bare } = summary("skinTemp");
    expect(lines(map("skinTemp", bare), "skin_temperature_deviation")).toEqual(["2026-03-02T22:20:00.000Z +60s -0.4"]);
  });

  it("takes a snapshot's values, and its average where there are none", () => {
    const result = map("healthSnapshot", fixture("healthSnapshot"));
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T08:26:40.000Z 60", "2026-03-02T08:26:45.000Z 62"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["2026-03-02T08:26:40.000Z 38"]);
    expect(lines(result, "hrv_sdnn")).toEqual(["2026-03-02T08:26:40.000Z 51"]);
    expect(lines(result, "stress")).toEqual(["2026-03-02T08:26:40.000Z 15"]);
    expect(samplesOf(result).every(({ offsetMinutes }) => offsetMinutes === 60)).toBe(true);
    const odd = summary("healthSnapshot");
    expect(map("healthSnapshot", { ...odd, summaries: [{ summaryType: "constructor", avgValue: 60, epochSummaries: { 0: 60 } }] })).toEqual({ records: [], problems: [] });
  });
});

describe("Garmin activities", () => {
  it("gives a run with pace in seconds per kilometre, steps of both feet and its device [W2]", () => {
    expect(workoutsOf(map("activities", fixture("activities")))[0]).toEqual({
      record: "workout", vendorId: "9876543210", startMs: 1_772_470_000_000, endMs: 1_772_471_800_000, offsetMinutes: 60,
      sport: "running", vendorSport: "RUNNING", title: "Evening run", distanceM: 5_000, energyKcal: 390, averageHeartRate: 148,
      maxHeartRate: 171, averageSpeedMS: 2.78, maxSpeedMS: 4.1, averagePaceSKm: 360, averageCadence: 164, elevationGainM: 35,
      steps: 4_920, isManual: false, device: { id: "Forerunner 965", name: "Forerunner 965" },
    });
  });

  it("leaves distance and energy of a multi-sport activity to its legs", () => {
    const [, whole, leg] = workoutsOf(map("activities", fixture("activities")));
    expect(whole).toMatchObject({ sport: "multisport", vendorId: "9876543300" });
    expect(whole).not.toHaveProperty("distanceM");
    expect(whole).not.toHaveProperty("energyKcal");
    expect(leg).toMatchObject({ sport: "swimming", distanceM: 1_500, energyKcal: 350, averageCadence: 28 });
  });

  it("knows a typed activity by its missing device", () => {
    const [typed] = workoutsOf(map("manuallyUpdatedActivities", fixture("manuallyUpdatedActivities")));
    expect(typed).toMatchObject({ isManual: true, sport: "racket_sport", vendorSport: "TENNIS_V2" });
    expect(typed).not.toHaveProperty("device");
  });

  it.each([
    ["TRAIL_RUNNING", "running"], ["E_BIKE_MOUNTAIN", "cycling"], ["SKATE_SKIING_WS", "skiing"], ["KAYAKING_V2", "water_sport"],
    ["bike_to_run_transition_v2", "transition"], ["MOBILITY", "other"], ["SOMETHING_NEW_V2", "other"], [null, "other"],
  ])("maps %s to %s", (activityType, sport) => {
    expect(workoutsOf(map("activities", summary("activities", { activityType })))[0]?.sport).toBe(sport);
  });

  it("gives details as samples of the activity's device, with laps and moving time on the same workout", () => {
    const result = map("activityDetails", fixture("activityDetails"));
    const [workout] = workoutsOf(result);
    expect(workout).toMatchObject({ vendorId: "9876543210", activeS: 1_742, energyKcal: 390 });
    expect(workout?.laps).toEqual([
      { startMs: 1_772_470_000_000, endMs: 1_772_470_900_000 }, { startMs: 1_772_470_900_000, endMs: 1_772_471_800_000 },
    ]);
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T16:46:40.000Z 98", "2026-03-02T16:46:41.000Z 101"]);
    expect(lines(result, "power")).toEqual(["2026-03-02T16:46:40.000Z 0", "2026-03-02T16:46:41.000Z 231"]);
    expect(samplesOf(result).every(({ device }) => device?.id === "Forerunner 965")).toBe(true);
  });

  it("knows an activity from its details alone, by the id without its ending", () => {
    const { activityId: _, ...detail } = summary("activityDetails");
    expect(workoutsOf(map("activityDetails", detail))[0]?.vendorId).toBe("9876543210");
  });

  it("keeps the good values of a moment beside a bad one, and its neighbours", () => {
    const [first, second] = summary("activityDetails")["samples"] as [Json, Json];
    const result = map("activityDetails", summary("activityDetails", { samples: [{ ...first, heartRate: "fast", powerInWatts: "190.5" }, null, { ...second, startTimeInSeconds: null }, second] }));
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T16:46:41.000Z 101"]);
    expect(lines(result, "power")).toEqual(["2026-03-02T16:46:40.000Z 190.5", "2026-03-02T16:46:41.000Z 231"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/samples/0/heartRate", "/samples/1", "/samples/2/startTimeInSeconds"]);
  });

  it("makes no workout of what the watch only guessed", () => {
    expect(map("moveIQActivities", fixture("moveIQActivities"))).toEqual({ records: [], problems: [] });
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}

/** A call whose fetch answers from a list and remembers what was asked. */
function callWith(answers: readonly { status?: number; body?: unknown }[], account: Partial<DriverCall["account"]> = {}, settings = {}) {
  const asked: Asked[] = [];
  const call: DriverCall = {
    fetch: (path, options = {}) => {
      asked.push({ path, options });
      const { status = 200, body = "" } = answers[Math.min(asked.length, answers.length) - 1] ?? {};
      const text = typeof body === "string" ? body : JSON.stringify(body);
      if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`garmin answered ${status}.`, status, text));
      const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
      return Promise.resolve(response);
    },
    settings,
    account: { vendorUserId: "u-synthetic-1", grantedScopes: null, ...account },
    nowMs: RECEIVED_MS,
    signal: new AbortController().signal,
  };
  return { call, asked };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of garmin.pull(call, request)) got.push(page);
  return got;
}

describe("asking Garmin", () => {
  const window = { fromMs: RECEIVED_MS - 70 * DAY_MS, toMs: RECEIVED_MS };

  it("learns who it is, and the permissions in either of their shapes", async () => {
    for (const body of [["HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"], { permissions: ["HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"] }]) {
      const { call } = callWith([{ body: { userId: "abc" } }, { body }]);
      expect(await garmin.identify(call, {})).toEqual({ vendorUserId: "abc", grantedScopes: ["HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"] });
    }
  });

  it.each([{ status: 404 }, { body: { other: true } }, { body: [] }, { body: { permissions: [] } }])("leaves the permissions open when Garmin does not tell them", async (answer) => {
    const { call } = callWith([{ body: { userId: "abc" } }, answer]);
    expect((await garmin.identify(call, {})).grantedScopes).toBeNull();
  });

  it("asks for a back-fill in stretches of 30 days, newest first, and yields nothing [W2]", async () => {
    const { call, asked } = callWith([{ status: 202 }]);
    expect(await pages(call, { resource: "sleeps", window })).toEqual([]);
    expect(asked.map(({ path }) => path)).toEqual(Array(3).fill("/wellness-api/rest/backfill/sleeps"));
    const spans = asked.map(({ options: { query } }) => [Number(query!["summaryStartTimeInSeconds"]), Number(query!["summaryEndTimeInSeconds"])]);
    expect(spans.map(([from, to]) => (to! - from!) / 86_400)).toEqual([30, 30, 10]);
    expect(spans[0]![1]).toBe(window.toMs / 1000);
    expect(spans[2]![0]).toBe(window.fromMs / 1000);
  });

  it("takes a 409 for done and a 400 for the end of what the vendor has", async () => {
    const repeated = callWith([{ status: 409 }]);
    await pages(repeated.call, { resource: "dailies", window });
    expect(repeated.asked).toHaveLength(3);
    const short = callWith([{ status: 202 }, { status: 400, body: { errorMessage: "start time before the minimum" } }]);
    await pages(short.call, { resource: "dailies", window });
    expect(short.asked).toHaveLength(2);
  });

  it.each([
    ["epoch seconds", String(RECEIVED_MS / 1000 - 86_400 * 20)],
    ["an ISO time", formatInstant(RECEIVED_MS - 20 * DAY_MS)],
  ])("asks again from the earliest start that a refusal names in %s", async (_, earliest) => {
    const { call, asked } = callWith([{ status: 400, body: { errorMessage: `Start must not be before ${earliest}.` } }, { status: 202 }]);
    await pages(call, { resource: "dailies", window });
    expect(asked.map(({ options: { query } }) => (window.toMs / 1000 - Number(query!["summaryStartTimeInSeconds"])) / 86_400)).toEqual([30, 20]);
  });

  it.each([403, 412])("gives a %d back as a missing permission", async (status) => {
    await expect(pages(callWith([{ status }]).call, { resource: "dailies", window })).rejects.toMatchObject({ vendorStatus: status });
  });

  it("back-fills only what can be, and nothing by id", async () => {
    await expect(pages(callWith([]).call, { resource: "moveIQActivities", window })).rejects.toBeInstanceOf(InvalidInput);
    await expect(pages(callWith([]).call, { resource: "sleeps", objectId: "1" })).rejects.toBeInstanceOf(InvalidInput);
    await expect(pages(callWith([]).call, { resource: "heartbeats", window })).rejects.toBeInstanceOf(InvalidInput);
  });

  const callback = "https://apis.garmin.com/wellness-api/rest/epochs?uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=2&token=XPT";

  it("fetches the callback of a ping, with its own parameters", async () => {
    const { call, asked } = callWith([{ body: [{ userId: "u-synthetic-1" }] }]);
    const [page] = await pages(call, { resource: "epochs", url: callback });
    expect(asked[0]?.path).toBe("/wellness-api/rest/epochs?uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=2&token=XPT");
    expect(page?.resource).toBe("epochs");
    expect(new TextDecoder().decode(page?.body)).toBe('[{"userId":"u-synthetic-1"}]');
  });

  it("takes callbacks of the host that stands for Garmin, too", async () => {
    const { call, asked } = callWith([{ body: [] }], {}, { base_url: "http://127.0.0.1:4000/clouds/garmin/" });
    await pages(call, { resource: "epochs", url: "http://127.0.0.1:4000/clouds/garmin/wellness-api/rest/epochs?token=1" });
    expect(asked[0]?.path).toBe("/wellness-api/rest/epochs?token=1");
  });

  it.each([
    "https://evil.example/wellness-api/rest/epochs", "http://apis.garmin.com/wellness-api/rest/epochs",
    "https://apis.garmin.com:444/wellness-api/rest/epochs", "https://apis.garmin.com@evil.example/wellness-api/rest/epochs",
    "https://user:pass@apis.garmin.com/wellness-api/rest/epochs", "https://apis.garmin.com/wellness-api/rest/../../partner/x",
    "https://apis.garmin.com/wellness-api/rest/%2e%2e/x", "https://apis.garmin.com/wellness-api/rest/..%2fx", "https://apis.garmin.com/other/epochs",
    "//evil.example/wellness-api/rest/epochs", "/wellness-api/rest/epochs", "http://169.254.169.254/wellness-api/rest/epochs", "",
  ])("does not follow the callback %s [OA-26]", async (url) => {
    const { call, asked } = callWith([{ body: [] }]);
    await expect(pages(call, { resource: "epochs", url })).rejects.toBeInstanceOf(InvalidInput);
    expect(asked).toEqual([]);
  });

  it("refuses another person's data in the answer to a callback [VA-15]", async () => {
    const { call } = callWith([{ body: [{ userId: "u-synthetic-1" }, { userId: "u-other" }] }]);
    await expect(pages(call, { resource: "epochs", url: callback })).rejects.toMatchObject({ code: "provider_contract", path: "/1/userId" });
  });

  it.each([204, 401, 403, 404])("takes a registration that answers %d for ended [OA-23]", async (status) => {
    const { call, asked } = callWith([{ status }]);
    await garmin.revoke?.(call);
    expect(asked).toMatchObject([{ path: "/wellness-api/rest/user/registration", options: { method: "DELETE" } }]);
  });

  it("takes dead tokens for an ended registration, and not an outage", async () => {
    const { call } = callWith([]);
    await garmin.revoke?.({ ...call, fetch: () => Promise.reject(new ReauthorizationRequired("dead")) });
    await expect(garmin.revoke?.({ ...call, fetch: () => Promise.reject(new Error("away")) })).rejects.toThrow("away");
  });
});

const secrets: WebhookSecrets = { clientId: "our-client", clientSecrets: ["s"], verifyToken: null, subscriptionId: null, settings: {} };

function request(body: unknown, headers: WebhookRequest["headers"] = { "garmin-client-id": "our-client" }, receivedMs = RECEIVED_MS): WebhookRequest {
  return { headers, query: {}, body: new TextEncoder().encode(JSON.stringify(body)), receivedMs };
}

const parse = (body: unknown): WebhookParse => garmin.webhook!.parse(body);
const dedupeKey = (body: unknown, receivedMs: number): string | null => garmin.webhook!.dedupeKey!(request(body, {}, receivedMs));

describe("Garmin's notifications", () => {
  it("enters with our client id only", () => {
    expect(() => garmin.webhook!.verify(request({}), secrets)).not.toThrow();
    for (const headers of [{}, { "garmin-client-id": "" }, { "garmin-client-id": "our-clien" }, { "garmin-client-id": "other" }]) {
      expect(() => garmin.webhook!.verify(request({}, headers), secrets)).toThrow(WebhookRejected);
    }
    expect(() => garmin.webhook!.verify(request({}, { "garmin-client-id": "" }), { ...secrets, clientId: "" })).toThrow(WebhookRejected);
  });

  it("keeps several persons and types of one body apart, and summaries of one person together [W2]", () => {
    const { events, problems } = parse({
      epochs: [{ userId: "a", steps: 1 }, { userId: "b", steps: 2 }, { userId: "a", steps: 3 }],
      sleeps: [{ userId: "b" }],
    });
    expect(problems).toEqual([]);
    expect(events).toEqual([
      { kind: "data", account: "a", resource: "epochs", payload: [{ userId: "a", steps: 1 }, { userId: "a", steps: 3 }] },
      { kind: "data", account: "b", resource: "epochs", payload: [{ userId: "b", steps: 2 }] },
      { kind: "data", account: "b", resource: "sleeps", payload: [{ userId: "b" }] },
    ]);
  });

  it("lets two persons of one body share an activity's id", () => {
    const { events } = parse({ activities: [summary("activities", { userId: "a" }), summary("activities", { userId: "b" })] });
    expect(events.map(({ account }) => account)).toEqual(["a", "b"]);
  });

  it.each([["pulseOx", "pulseox"], ["PULSEOX", "pulseox"], ["respiration", "allDayRespiration"], ["moveiq", "moveIQActivities"]])(
    "knows %s as %s",
    (key, resource) => {
      expect(parse({ [key]: [{ userId: "a" }] }).events).toMatchObject([{ resource }]);
    },
  );

  it("turns a ping into an address to fetch", () => {
    const url = "https://apis.garmin.com/wellness-api/rest/epochs?token=1";
    expect(parse({ epochs: [{ userId: "a", callbackURL: url }] }).events).toEqual([
      { kind: "pull", account: "a", request: { resource: "epochs", url } },
    ]);
  });

  it("reads deregistrations and changes of permission, in both their spellings [W2]", () => {
    expect(parse({ deregistrations: [{ userId: "a" }, { userId: "b" }] }).events).toEqual([
      { kind: "deauthorized", account: "a" }, { kind: "deauthorized", account: "b" },
    ]);
    for (const key of ["userPermissionsChange", "userPermissions"]) {
      expect(parse({ [key]: [{ userId: "a", permissions: ["ACTIVITY_EXPORT"] }, { userId: "b", permissions: [] }] }).events).toEqual([
        { kind: "permissions", account: "a", scopes: ["ACTIVITY_EXPORT"] }, { kind: "permissions", account: "b", scopes: [] },
      ]);
    }
  });

  it("reports what has no owner, no known type or no list, and keeps the rest [WH-25]", () => {
    const { events, problems } = parse({
      dailies: [{ steps: 1 }, { userId: "a" }, null], moods: [{ userId: "a" }], activityFiles: [{ userId: "a" }], sleeps: {},
      userPermissionsChange: [{ userId: "a" }], deregistrations: [{}],
    });
    expect(events).toMatchObject([{ kind: "data", account: "a", resource: "dailies" }]);
    expect(problems.map(({ path }) => path)).toEqual([
      "/dailies/0/userId", "/dailies/2", "/moods", "/activityFiles", "/sleeps", "/userPermissionsChange/0/permissions", "/deregistrations/0/userId",
    ]);
  });

  it("tells a second deregistration of the same person from a repeated notice, and other bodies by their bytes alone", () => {
    const notice = { deregistrations: [{ userId: "a" }] };
    expect(dedupeKey(notice, RECEIVED_MS)).toBe(dedupeKey(notice, RECEIVED_MS + 60_000));
    expect(dedupeKey(notice, RECEIVED_MS)).not.toBe(dedupeKey(notice, RECEIVED_MS + 2 * HOUR_MS));
    expect(dedupeKey(notice, RECEIVED_MS)).not.toBe(dedupeKey({ deregistrations: [{ userId: "b" }] }, RECEIVED_MS));
    expect(dedupeKey(fixture("dailies"), RECEIVED_MS)).toBeNull();
  });
});
