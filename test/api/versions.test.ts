/** What a vendor said before it revised a night, a workout or a score. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, read } from "./kit.ts";

let test: TestApp;
let garmin: string;
let strava: string;
beforeAll(async () => {
  test = await startTestApp();
  garmin = await makeConnection(test, test.people.patient, "garmin");
  strava = await makeConnection(test, test.people.patient, "strava");
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, sleeps, workouts, treatments, record_versions, sample_versions"));

const byGarmin = (...records: readonly VendorRecord[]): Promise<string> => give(test, test.people.patient, { records, provider: "garmin", connectionId: garmin });
const me = <T>(path: string): Promise<T> => read<T>(test, test.people.patient, path);

const NIGHT = NOW_MS - 12 * HOUR;
const sleep = (hours: number, more: Partial<SleepRecord> = {}): SleepRecord => ({
  record: "sleep", vendorId: "n1", startMs: NIGHT, endMs: NIGHT + hours * HOUR, offsetMinutes: 120, isNap: false, stages: [], totals: {}, ...more,
});
const workout = (more: Partial<WorkoutRecord> = {}): WorkoutRecord => ({
  record: "workout", vendorId: "w1", startMs: NIGHT, endMs: NIGHT + 40 * MINUTE, offsetMinutes: 120, sport: "running", ...more,
});
const score = (metric: SampleRecord["metric"], value: number): SampleRecord => ({ record: "sample", metric, startMs: NIGHT, endMs: NIGHT + 24 * HOUR, value, offsetMinutes: 120 });

interface Versions {
  readonly data: { start: string; end: string; kind: string; details: Record<string, unknown>; deliveryId: string; replacedBy: string }[];
}
const idOf = async (table: "sleeps" | "workouts"): Promise<string> => (await me<{ data: { id: string }[] }>(`/${table}`)).data[0]!.id;

describe("earlier versions", () => {
  it("[R4] of a night are kept when the vendor revises it, the newest first; the latest counts", async () => {
    const first = await byGarmin(sleep(7, { score: 70, totals: { asleepS: 24_000 } }));
    const second = await byGarmin(sleep(8, { score: 75, totals: { asleepS: 26_000 } }));
    const third = await byGarmin(sleep(8, { score: 81, totals: { asleepS: 26_000 } }));
    const id = await idOf("sleeps");
    const { data } = await me<Versions>(`/sleeps/${id}/versions`);
    expect(data.map(({ end, kind, details, deliveryId, replacedBy }) => [end, kind, details["score"], deliveryId, replacedBy])).toEqual([
      [iso(NIGHT + 8 * HOUR), "sleep", 75, second, third], [iso(NIGHT + 7 * HOUR), "sleep", 70, first, second],
    ]);
    expect((await me<{ data: { score: number }[] }>("/sleeps")).data.map((night) => night.score)).toEqual([81]);
  });

  it("[R4] of a workout are kept; more detail, the same once more and a withdrawal are no revision", async () => {
    const first = await byGarmin(workout({ distanceM: 8_000 }));
    await byGarmin(workout({ distanceM: 8_000 }));
    await byGarmin(workout({ distanceM: 8_000, energyKcal: 500 }));
    const id = await idOf("workouts");
    expect((await me<Versions>(`/workouts/${id}/versions`)).data).toEqual([]);
    await byGarmin(workout({ distanceM: 8_100, energyKcal: 500, sport: "hiking" }));
    const { data } = await me<Versions>(`/workouts/${id}/versions`);
    expect(data.map(({ kind, details, deliveryId }) => [kind, details["distanceM"], Number(deliveryId) >= Number(first)])).toEqual([["running", 8_000, true]]);
    await byGarmin({ record: "withdrawal", of: "workout", vendorId: "w1" });
    expect(problemOf(await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/workouts/${id}/versions` })).status).toBe(404);
    expect(await test.db.asOwner("select 1 from record_versions")).toHaveLength(1);
  });

  it("[R4] of a score are kept, and of nothing that changes all day", async () => {
    const first = await byGarmin(score("readiness", 60), score("steps", 1_000));
    const second = await byGarmin(score("readiness", 64), score("steps", 2_000));
    await byGarmin(score("readiness", 64), score("steps", 3_000));
    const { data, unit } = await me<{ unit: string; data: { value: number; start: string; deliveryId: string; replacedBy: string; source: { provider: string } }[] }>("/score-versions?metric=readiness");
    expect(unit).toBe("{score}");
    expect(data.map(({ value, start, deliveryId, replacedBy, source }) => [value, start, deliveryId, replacedBy, source.provider])).toEqual([[60, iso(NIGHT), first, second, "garmin"]]);
    expect(await test.db.asOwner("select value from sample_versions")).toEqual([{ value: 60 }]);
  });

  it("say what may be asked for", async () => {
    const answer = await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/score-versions?metric=steps" });
    expect(problemOf(answer)).toMatchObject({ status: 400, errors: [expect.objectContaining({ pointer: "/querystring/metric" })] });
    expect(JSON.stringify(problemOf(answer))).toContain("readiness");
  });

  it("go with what is erased", async () => {
    await byGarmin(sleep(7, { score: 70 }), workout({ distanceM: 1 }), score("recovery", 50));
    await byGarmin(sleep(7, { score: 71 }), workout({ distanceM: 2 }), score("recovery", 51));
    expect([(await test.db.asOwner("select 1 from record_versions")).length, (await test.db.asOwner("select 1 from sample_versions")).length]).toEqual([2, 1]);
    await test.db.asOwner("delete from sleeps");
    await test.db.asOwner("delete from workouts");
    await test.db.asOwner("delete from series");
    expect([(await test.db.asOwner("select 1 from record_versions")).length, (await test.db.asOwner("select 1 from sample_versions")).length]).toEqual([0, 0]);
  });

  it("of what a vendor lets the person alone see are shown to nobody else", async () => {
    await give(test, test.people.patient, { records: [workout({ distanceM: 1 })], provider: "strava", connectionId: strava });
    await give(test, test.people.patient, { records: [workout({ distanceM: 2 })], provider: "strava", connectionId: strava });
    const id = await idOf("workouts");
    expect((await me<Versions>(`/workouts/${id}/versions`)).data).toHaveLength(1);
    const byClinician = await test.request({ as: test.people.clinician, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}/workouts/${id}/versions` });
    expect(byClinician.statusCode).toBe(404);
  });
});
