import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nightOf, nightsOf, exerciseOf, resolveSleeps, resolveWorkouts, type Sleep, type Workout } from "./nights.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = { fromMs: 0, toMs: 24 * HOUR };
/** The evening before. */
const EVENING = -2 * HOUR;

interface Facts {
  readonly by?: string;
  readonly nap?: boolean;
  readonly stages?: readonly ("awake" | "asleep" | "light" | "deep" | "rem")[];
  readonly asleepS?: number;
  readonly device?: string;
}

let ids = 0;
function sleep(startMs: number, hours: number, { by = "garmin", nap = false, stages = [], asleepS, device }: Facts = {}): Sleep {
  ids += 1;
  const length = (hours * HOUR) / Math.max(1, stages.length);
  return {
    id: String(ids), provider: by, connectionId: by === "import" ? null : `c-${by}`, vendorKey: String(ids), startMs, endMs: startMs + hours * HOUR, offsetMinutes: 0, kind: nap ? "nap" : "sleep",
    deliveryId: "1",
    details: {
      stages: stages.map((stage, index) => ({ stage, startMs: startMs + index * length, endMs: startMs + (index + 1) * length })),
      totals: asleepS === undefined ? {} : { asleepS }, ...(device === undefined ? {} : { device: { id: device } }),
    },
  };
}
const whole = ["light", "deep", "rem"] as const;
const chosen = (sleeps: readonly Sleep[]): string[] => nightsOf(sleeps).map((night) => night.sleeps.map(({ provider }) => provider).join("+"));

describe("the device that speaks for a night", () => {
  it("is the most detailed: stages before none, finer before coarser, whoever was asleep for longer by its count [W4]", () => {
    expect(chosen([sleep(EVENING, 9, { by: "garmin" }), sleep(EVENING, 8, { by: "oura", stages: ["asleep", "awake"] })])).toEqual(["oura"]);
    expect(chosen([sleep(EVENING, 9, { by: "garmin", stages: whole }), sleep(EVENING, 9, { by: "apple-health", stages: ["asleep", "awake"] })])).toEqual(["garmin"]);
    expect(chosen([sleep(EVENING, 9, { by: "garmin", stages: ["light", "deep"] }), sleep(EVENING, 9, { by: "apple-health", stages: whole })])).toEqual(["apple-health"]);
  });

  it("is then the one that saw more of it, then the maker's own connection before a hub", () => {
    expect(chosen([sleep(EVENING, 5, { by: "garmin", stages: whole }), sleep(EVENING, 9, { by: "apple-health", stages: whole })])).toEqual(["apple-health"]);
    expect(chosen([sleep(EVENING, 8.7, { by: "oura", stages: whole }), sleep(EVENING, 9, { by: "apple-health", stages: whole })])).toEqual(["oura"]);
  });

  it("is none that saw less than half of it, however finely", () => {
    expect(chosen([sleep(EVENING, 3, { by: "oura", stages: whole }), sleep(EVENING, 8, { by: "garmin" })])).toEqual(["garmin"]);
  });

  it("is the one that the person wants, and never one left out", () => {
    const both = [sleep(EVENING, 8, { by: "garmin", stages: whole }), sleep(EVENING, 8, { by: "oura" })];
    expect(nightsOf(both, { order: [{ provider: "oura" }], exclude: [] })[0]!.sleeps[0]!.provider).toBe("oura");
    expect(nightsOf(both, { order: [], exclude: [{ provider: "garmin" }] })[0]!.sleeps[0]!.provider).toBe("oura");
  });

  it("is chosen for each night anew", () => {
    expect(chosen([
      sleep(EVENING, 8, { by: "garmin" }), sleep(EVENING, 8, { by: "oura", stages: whole }),
      sleep(EVENING + 24 * HOUR, 8, { by: "garmin", stages: whole }), sleep(EVENING + 24 * HOUR, 8, { by: "oura" }),
    ])).toEqual(["oura", "garmin"]);
  });
});

describe("a night of two sleeps", () => {
  it("of one device adds up, and belongs to the day that the second ends in", () => {
    const first = sleep(EVENING - 2 * HOUR, 3.5, { asleepS: 12_000 });
    const second = sleep(EVENING + 3 * HOUR, 4, { asleepS: 13_000 });
    expect(nightOf([second, first], DAY)).toBe(25_000);
    expect(nightOf([second, first], { fromMs: -24 * HOUR, toMs: 0 })).toBeNull();
    // Another device took it for one.
    expect(nightOf([second, first, sleep(EVENING - 2 * HOUR, 9, { by: "apple-health", asleepS: 20_000 })], DAY)).toBe(20_000);
  });

  it("counts once what one device tells twice", () => {
    expect(nightOf([sleep(EVENING, 8, { asleepS: 28_000 }), sleep(EVENING + MINUTE, 8, { asleepS: 27_000, stages: whole })], DAY)).toBe(27_000);
  });
});

describe("naps", () => {
  it("naps merged into nights: neither a nap nor a doze after it makes a night longer, or is one [W4]", () => {
    const night = sleep(EVENING, 8, { asleepS: 27_000 });
    const nap = sleep(13 * HOUR, 1, { nap: true, asleepS: 90_000 });
    // The phone knows no naps: it calls the same one a sleep.
    const same = sleep(13 * HOUR + 5 * MINUTE, 1, { by: "apple-health", asleepS: 3_500 });
    const doze = sleep(8 * HOUR, 1, { by: "apple-health", asleepS: 3_600 });
    expect(nightOf([night, nap, same, doze], DAY)).toBe(27_000);
    expect(nightOf([nap, same], DAY)).toBeNull();
    expect(resolveSleeps([same, nap, doze, night]).map(({ id }) => id)).toEqual([nap.id, doze.id, night.id]);
  });

  it("do not swallow a night that begins within one", () => {
    const nap = sleep(EVENING - HOUR, 1.5, { by: "oura", nap: true });
    expect(chosen([nap, sleep(EVENING - HOUR, 9, { stages: whole })])).toEqual(["garmin"]);
  });
});

let workoutIds = 0;
function workout(startMs: number, minutes: number, by = "garmin", details: Partial<Workout["details"]> = {}): Workout {
  workoutIds += 1;
  return { id: String(workoutIds), provider: by, connectionId: `c-${by}`, vendorKey: String(workoutIds), startMs, endMs: startMs + minutes * MINUTE, offsetMinutes: 0, kind: "running", deliveryId: "1", details };
}

describe("workouts of two devices", () => {
  it("count once, shown as the most detailed told it [W4]", () => {
    const watch = workout(0, 60, "garmin", { distanceM: 10_000, averageHeartRate: 150, laps: [{ startMs: 0 }] });
    const uploaded = workout(MINUTE, 58, "strava", { distanceM: 10_010 });
    const typed = workout(0, 90, "polar", { isManual: true, distanceM: 1, energyKcal: 1, averageHeartRate: 1, steps: 1, activeS: 1, elevationGainM: 1 });
    expect(resolveWorkouts([typed, uploaded, watch])).toEqual([watch]);
    expect(resolveWorkouts([watch, uploaded], { order: [{ provider: "strava" }], exclude: [] })).toEqual([uploaded]);
    expect(exerciseOf([uploaded, watch], DAY)).toEqual({ workouts: 1, workoutS: 3_600 });
  });

  it("are two where they only touch, or overlap by an edge", () => {
    expect(exerciseOf([workout(0, 60), workout(60 * MINUTE, 30, "strava"), workout(85 * MINUTE, 30, "polar")], DAY)).toEqual({ workouts: 3, workoutS: 7_200 });
    expect(exerciseOf([], DAY)).toEqual({ workouts: 0, workoutS: null });
  });
});

describe("nights, whatever the devices say", () => {
  const one = fc.record({ hour: fc.integer({ min: -60, max: 60 }), hours: fc.integer({ min: 1, max: 10 }), by: fc.constantFrom("garmin", "oura", "apple-health", "import"), nap: fc.boolean(), fine: fc.boolean() });
  const several = fc.array(one, { minLength: 1, maxLength: 12 }).map((all) => all.map(({ hour, hours, by, nap, fine }) => sleep(hour * HOUR, hours, { by, nap, stages: fine ? whole : [] })));

  it("do not hang on the order of writing, hold no nap, one device each, and overlap nowhere", () => {
    fc.assert(fc.property(several, fc.infiniteStream(fc.nat()), (sleeps, order) => {
      const nights = nightsOf(sleeps);
      const shuffled = sleeps.map((each) => ({ each, at: order.next().value as number })).toSorted((a, b) => a.at - b.at).map(({ each }) => each);
      expect(nightsOf(shuffled)).toEqual(nights);
      for (const night of nights) {
        expect(new Set(night.sleeps.map(({ provider }) => provider)).size).toBe(1);
        expect(night.sleeps.some(({ kind }) => kind === "nap")).toBe(false);
        expect(night.asleepS * 1000).toBeLessThanOrEqual(night.endMs - night.startMs);
      }
      for (let index = 1; index < nights.length; index += 1) expect(nights[index]!.startMs).toBeGreaterThanOrEqual(nights[index - 1]!.endMs);
    }), { numRuns: 300, seed: 20_261_015 });
  });
});
