/** Sleeps, workouts, treatments and days. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DaySummary, Sleep, Treatment, Workout } from "../../src/api/schemas.ts";
import type { SampleRecord, SleepRecord, TreatmentRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, read } from "./kit.ts";

let test: TestApp;
let garmin: string;
let strava: string;
beforeAll(async () => {
  test = await startTestApp();
  garmin = await makeConnection(test, test.people.patient, "garmin");
  strava = await makeConnection(test, test.people.patient, "strava");
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, sleeps, workouts, treatments"));

const byGarmin = (records: readonly VendorRecord[]): Promise<string> => give(test, test.people.patient, { records, provider: "garmin", connectionId: garmin });
const byStrava = (records: readonly VendorRecord[]): Promise<string> => give(test, test.people.patient, { records, provider: "strava", connectionId: strava });
const me = <T>(path: string): Promise<T> => read<T>(test, test.people.patient, path);

const sleep = (vendorId: string, startMs: number, hours: number, more: Partial<SleepRecord> = {}): SleepRecord => ({
  record: "sleep", vendorId, startMs, endMs: startMs + hours * HOUR, offsetMinutes: 120, isNap: false, stages: [], totals: {}, ...more,
});
const workout = (vendorId: string, startMs: number, minutes: number, more: Partial<WorkoutRecord> = {}): WorkoutRecord => ({
  record: "workout", vendorId, startMs, endMs: startMs + minutes * MINUTE, offsetMinutes: 120, sport: "running", ...more,
});
const treatment = (vendorId: string, atMs: number, more: Partial<TreatmentRecord> = {}): TreatmentRecord => ({
  record: "treatment", kind: "carbohydrates", vendorId, atMs, offsetMinutes: 120, ...more,
});

describe("a sleep", () => {
  it("is told with its stages, totals, source and the delivery it came in; what was not sent is null, never 0", async () => {
    const start = NOW_MS - 12 * HOUR;
    const deliveryId = await byGarmin([
      sleep("s1", start, 8, {
        stages: [{ stage: "light", startMs: start, endMs: start + HOUR }, { stage: "deep", startMs: start + HOUR, endMs: start + 2 * HOUR }],
        totals: { asleepS: 25_000, deepS: 0 }, score: 81, device: { id: "fr965", name: "Forerunner 965" },
      }),
    ]);
    expect(await me("/sleeps")).toEqual({
      data: [{
        id: expect.stringMatching(/^\d+$/) as string, start: iso(start), end: iso(start + 8 * HOUR), offsetMinutes: 120, isNap: false, asleepS: 25_000, inBedS: null, deepS: 0,
        lightS: null, remS: null, awakeS: null, efficiencyPercent: null, score: 81,
        stages: [{ stage: "light", start: iso(start), end: iso(start + HOUR) }, { stage: "deep", start: iso(start + HOUR), end: iso(start + 2 * HOUR) }],
        source: { id: garmin, provider: "garmin", connectionId: garmin, device: "Forerunner 965", attribution: expect.anything() as string }, deliveryId,
      }],
      nextCursor: null,
    });
  });

  it("of last night is the newest that was no nap; without a night the newest nap; else none", async () => {
    expect(await me("/sleeps/latest")).toEqual({ sleep: null });
    await byGarmin([sleep("nap", NOW_MS - 2 * HOUR, 1, { isNap: true })]);
    expect((await me<{ sleep: Sleep }>("/sleeps/latest")).sleep).toMatchObject({ isNap: true });
    await byGarmin([sleep("night", NOW_MS - 12 * HOUR, 8), sleep("before", NOW_MS - 36 * HOUR, 8)]);
    expect((await me<{ sleep: Sleep }>("/sleeps/latest")).sleep).toMatchObject({ isNap: false, start: iso(NOW_MS - 12 * HOUR) });
  });
});

describe("a workout", () => {
  it("is told with the link that its vendor wants beside it", async () => {
    await byStrava([workout("9876543210", NOW_MS - HOUR, 30, { sport: "cycling", vendorSport: "Ride", title: "Lunch <b>ride</b>", distanceM: 12_345.6, averagePowerW: 180, isPowerEstimated: true })]);
    await give(test, test.people.patient, { records: [{ ...workout("", NOW_MS - 3 * HOUR, 20), vendorId: null }], provider: "strava", connectionId: strava });
    const { data: [ride, run] } = await me<{ data: Workout[] }>("/workouts");
    expect(ride).toMatchObject({
      sport: "cycling", vendorSport: "Ride", title: "Lunch <b>ride</b>", distanceM: 12_345.6, averagePowerW: 180, isPowerEstimated: true, energyKcal: null, maxHeartRate: null,
      link: { text: "View on Strava", url: "https://www.strava.com/activities/9876543210" },
    });
    expect(run?.link).toBeNull();
  });

  it("that the vendor withdrew is not shown, and comes back when it is sent again", async () => {
    await byStrava([workout("1", NOW_MS - HOUR, 30)]);
    await byStrava([{ record: "withdrawal", of: "workout", vendorId: "1" }]);
    expect(await me("/workouts")).toMatchObject({ data: [] });
    await byStrava([workout("1", NOW_MS - HOUR, 31)]);
    expect((await me<{ data: Workout[] }>("/workouts")).data).toHaveLength(1);
  });
});

describe("a treatment", () => {
  it("has the unit that belongs to its kind, and none without an amount", async () => {
    const kinds = [
      ["carbohydrates", 45, "g"], ["insulin_rapid", 4.5, "U"], ["insulin_long", 18, "U"], ["insulin_unspecified", 1, "U"], ["exercise", 45, "min"],
      ["meter_glucose", 104, "mg/dL"], ["calibration", 110, "mg/dL"], ["note", undefined, null],
    ] as const;
    await give(test, test.people.patient, { records: kinds.map(([kind, amount], index) => treatment(`t${index}`, NOW_MS - index * MINUTE, { kind, ...(amount === undefined ? { text: "felt dizzy" } : { amount }) })) });
    const { data } = await me<{ data: Treatment[] }>("/treatments");
    expect(data.map(({ kind, amount, unit }) => [kind, amount ?? undefined, unit])).toEqual(kinds.map(([kind, amount, unit]) => [kind, amount, unit]));
    expect(data.at(-1)).toMatchObject({ text: "felt dizzy", amount: null });
  });
});

describe("lists of records", () => {
  const LISTS = [["sleeps", (n: number, at: number) => sleep(`s${n}`, at, 1)], ["workouts", (n: number, at: number) => workout(`w${n}`, at, 30)], ["treatments", (n: number, at: number) => treatment(`t${n}`, at)]] as const;

  it("come newest first, page by page, each record once, also where several begin at one instant", async () => {
    for (const [list, make] of LISTS) {
      await byGarmin(Array.from({ length: 11 }, (_, index) => make(index, NOW_MS - Math.floor(index / 3) * HOUR)));
      const whole = (await me<{ data: { id: string }[] }>(`/${list}`)).data.map(({ id }) => id);
      expect(whole).toHaveLength(11);
      for (const limit of [1, 2, 3, 10, 11]) {
        const seen: string[] = [];
        let next: string | null = `/api/v1/patients/me/${list}?limit=${limit}&from=${iso(NOW_MS - DAY)}`;
        while (next !== null) {
          const answer = await test.request({ as: test.people.patient, method: "GET", url: next });
          const page = answer.json<{ data: { id: string }[]; nextCursor: string | null }>();
          seen.push(...page.data.map(({ id }) => id));
          next = /^<([^>]*)>; rel="next"$/.exec(String(answer.headers["link"] ?? ""))?.[1] ?? null;
          expect(next === null).toBe(page.nextCursor === null);
        }
        expect(seen, `${list}, pages of ${limit}`).toEqual(whole);
      }
    }
  });

  it("hold what begins at `from` and not what begins at `to`, a year back unless asked", async () => {
    await byGarmin([workout("a", NOW_MS - 2 * HOUR, 30), workout("b", NOW_MS - HOUR, 30), workout("old", NOW_MS - 370 * DAY, 30)]);
    const starts = async (query: string): Promise<string[]> => (await me<{ data: Workout[] }>(`/workouts${query}`)).data.map(({ start }) => start);
    expect(await starts(`?from=${iso(NOW_MS - 2 * HOUR)}&to=${iso(NOW_MS - HOUR)}`)).toEqual([iso(NOW_MS - 2 * HOUR)]);
    expect(await starts("")).toHaveLength(2);
    expect(await starts("?from=2000-01-01T00:00:00Z")).toHaveLength(3);
  });

  it("take no cursor of another list, patient or period, and none that is forged", async () => {
    await byGarmin([workout("a", NOW_MS - 2 * HOUR, 30), workout("b", NOW_MS - HOUR, 30), sleep("s", NOW_MS - HOUR, 1), sleep("r", NOW_MS - 2 * HOUR, 1)]);
    const { nextCursor } = await me<{ nextCursor: string }>("/workouts?limit=1");
    for (const path of [`/sleeps?cursor=${nextCursor}`, `/workouts?cursor=${nextCursor}&from=${iso(NOW_MS - DAY)}`, `/workouts?cursor=${nextCursor.slice(2)}`, "/treatments?cursor=WzEsMl0.x"]) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me${path}` });
      expect(answer.statusCode, path).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer).toBe("/querystring/cursor");
    }
    const stranger = await test.request({ as: test.people.stranger, method: "GET", url: `/api/v1/patients/me/workouts?cursor=${nextCursor}` });
    expect(stranger.statusCode).toBe(400);
  });
});

describe("days", () => {
  const days = async (query: string): Promise<DaySummary[]> => (await me<{ data: DaySummary[] }>(`/days${query}`)).data;
  const of = (day: DaySummary | undefined, metric: string) => day?.metrics.find((each) => each.metric === metric);
  const steps = (value: number, startMs: number, minutes: number, flags?: SampleRecord["flags"]): SampleRecord => ({
    record: "sample", metric: "steps", startMs, endMs: startMs + minutes * MINUTE, value, offsetMinutes: 120, ...(flags ? { flags } : {}),
  });

  it("are the patient's local days, seven unless asked, to and with the last", async () => {
    const told = await days("");
    expect(told.map(({ date }) => date)).toEqual(["2026-10-09", "2026-10-10", "2026-10-11", "2026-10-12", "2026-10-13", "2026-10-14", "2026-10-15"]);
    expect(told[0]).toMatchObject({ from: "2026-10-08T22:00:00.000Z", to: "2026-10-09T22:00:00.000Z", metrics: [], sleepS: null, workouts: 0, workoutS: null });
    expect(await days("?from=2026-10-15&to=2026-10-15")).toHaveLength(1);
    expect(await days("?to=2026-10-03")).toHaveLength(7);
  });

  it("of 23 and 25 hours count what happened in them and nothing beside [VA-10]", async () => {
    for (const [date, hours] of [["2026-03-29", 23], ["2026-10-25", 25], ["2026-10-26", 24]] as const) {
      await test.db.asOwner("truncate samples, day_blocks, series");
      const [empty] = await days(`?from=${date}&to=${date}`);
      const [fromMs, toMs] = [Date.parse(empty!.from), Date.parse(empty!.to)];
      expect((toMs - fromMs) / HOUR, date).toBe(hours);
      const hourly = Array.from({ length: hours + 2 }, (_, index) => steps(100, fromMs + (index - 1) * HOUR, 60));
      const glucose: SampleRecord[] = Array.from({ length: hours + 2 }, (_, index) => ({ record: "sample", metric: "glucose", startMs: fromMs + (index - 1) * HOUR, value: 100 + index, offsetMinutes: null }));
      await byGarmin([...hourly, ...glucose]);
      const [day] = await days(`?from=${date}&to=${date}`);
      expect(of(day, "steps"), date).toMatchObject({ value: hours * 100 });
      expect(of(day, "glucose"), date).toMatchObject({ count: hours, min: 101, max: 100 + hours });
    }
  });

  it("never add a vendor's own total to what was measured within the day, nor one device's steps to another's", async () => {
    const midnight = Date.UTC(2026, 9, 13, 22);
    await byGarmin([steps(9_000, midnight, 24 * 60, ["day_total"]), ...Array.from({ length: 20 }, (_, index) => steps(300, midnight + index * HOUR, 60))]);
    await give(test, test.people.patient, { records: Array.from({ length: 24 }, (_, index) => steps(250, midnight + index * HOUR, 60)) });
    const [day, next] = await days("?from=2026-10-14&to=2026-10-15");
    expect(of(day, "steps")).toMatchObject({ value: 9_000, source: { provider: "garmin" } });
    expect(of(next, "steps")).toBeUndefined();

    await test.db.asOwner("delete from samples where flags & 16 <> 0");
    // Twenty hours by the watch, the four it did not count by the other source.
    expect(of((await days("?from=2026-10-14&to=2026-10-14"))[0], "steps")).toMatchObject({ value: 20 * 300 + 4 * 250 });
  });

  it("count means, sums and last values as each metric means them", async () => {
    const at = Date.UTC(2026, 9, 14, 8);
    await byGarmin([
      ...[60, 70, 80].map((value, index): SampleRecord => ({ record: "sample", metric: "heart_rate", startMs: at + index * HOUR, value, offsetMinutes: 120 })),
      ...[71.4, 71.2].map((value, index): SampleRecord => ({ record: "sample", metric: "weight", startMs: at + index * HOUR, value, offsetMinutes: 120 })),
    ]);
    const [day] = await days("?from=2026-10-14&to=2026-10-14");
    expect(of(day, "heart_rate")).toMatchObject({ value: 70, count: 3, min: 60, max: 80, unit: "/min" });
    expect(of(day, "weight")).toMatchObject({ value: 71.2, count: 2 });
  });

  it("own the night that ends in them, whole, and the longest where two devices tell of it", async () => {
    const midnight = Date.UTC(2026, 9, 13, 22);
    await byGarmin([sleep("a", midnight - HOUR, 7, { totals: { asleepS: 22_000 } }), sleep("b", midnight - 26 * HOUR, 7), sleep("nap", midnight + 14 * HOUR, 1, { isNap: true, totals: { asleepS: 90_000 } })]);
    await byStrava([sleep("c", midnight, 6, { totals: { asleepS: 21_000 } })]);
    expect((await days("?from=2026-10-13&to=2026-10-15")).map(({ sleepS }) => sleepS)).toEqual([7 * 3_600, 22_000, null]);
  });

  it("count a run once that two devices recorded, and two that touch as two", async () => {
    const at = Date.UTC(2026, 9, 14, 8);
    await byGarmin([workout("a", at, 60, { activeS: 3_500 }), workout("c", at + 150 * MINUTE, 30)]);
    await byStrava([workout("f", at + 40 * MINUTE, 25), workout("d", at + 60 * MINUTE, 30), workout("e", at + 85 * MINUTE, 60), workout("g", at + 145 * MINUTE, 5)]);
    const [day] = await days("?from=2026-10-14&to=2026-10-14");
    // f is part of a, of which more was measured; d and e share five minutes of an hour, which makes them two.
    expect(day).toMatchObject({ workouts: 5, workoutS: 3_500 + (30 + 30 + 60 + 5) * 60 });
  });

  it("refuse what is no date of the calendar, a period back to front, and more than a year [AU-24]", async () => {
    for (const [query, pointer] of [
      ["?to=2026-13-45", "/querystring/to"], ["?to=2026-02-30", "/querystring/to"], ["?from=2026-02-30", "/querystring/from"], ["?from=yesterday", "/querystring/from"],
      ["?to=9999-12-31", "/querystring/to"], ["?from=0001-01-01", "/querystring/from"], ["?from=2026-10-15&to=2026-10-14", "/querystring/from"], ["?from=2025-10-14", "/querystring/from"],
      ["?from=1970-01-01&to=2199-12-31", "/querystring/from"], ["?from=2026-10-01T00:00:00Z", "/querystring/from"], ["?to=", "/querystring/to"],
    ] as const) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/days${query}` });
      expect(answer.statusCode, query).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer, query).toBe(pointer);
    }
    expect(await days("?from=2025-10-15&to=2026-10-15")).toHaveLength(366);
  });
});
