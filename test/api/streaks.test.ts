/** Streaks over HTTP: what counts, whose days they are, and that what is kept tells the same as the samples. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MeasuringStreakReply } from "../../src/api/schemas.ts";
import type { VendorRecord } from "#driver/records.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { keepAll } from "#test/kit/keep.ts";
import { seeded } from "#test/kit/random.ts";
import { DAY, give, HOUR, makeConnection, MINUTE, NOW_MS, problemOf } from "./kit.ts";

let test: TestApp;
let connections: Record<"dexcom" | "nightscout" | "strava", string>;
beforeAll(async () => {
  test = await startTestApp();
  const connect = (provider: string): Promise<string> => makeConnection(test, test.people.patient, provider);
  connections = { dexcom: await connect("dexcom"), nightscout: await connect("nightscout"), strava: await connect("strava") };
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.asOwner("truncate samples, day_blocks, series, treatments, changes, deliveries, delivery_keys, day_summaries, summary_states, summary_work, zone_entries");
  test.clock.advance(NOW_MS - test.clock.now());
});

async function streak(query = "", as: Person = test.people.patient): Promise<MeasuringStreakReply> {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId!}/measuring-streak${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<MeasuringStreakReply>();
}

const meter = (startMs: number): VendorRecord => ({ record: "sample", metric: "glucose_meter", startMs, value: 110, offsetMinutes: 120 });
const sensor = (startMs: number): VendorRecord => ({ record: "sample", metric: "glucose", startMs, value: 110, offsetMinutes: 120 });
const stick = (atMs: number): VendorRecord => ({ record: "treatment", kind: "meter_glucose", vendorId: `stick ${atMs}`, atMs, offsetMinutes: 120, amount: 110 });
const from = (provider: keyof typeof connections, records: readonly VendorRecord[]) => give(test, test.people.patient, { records, provider, connectionId: connections[provider] });
const daysAgo = (days: number, minutes = 0): number => NOW_MS - days * DAY - minutes * MINUTE;

/** Before and after the follower has come: the same. */
async function told(query = ""): Promise<MeasuringStreakReply> {
  const fresh = await streak(query);
  await keepAll(test.db);
  expect(await streak(query)).toEqual(fresh);
  return fresh;
}

describe("a measuring streak", () => {
  it("[D2] is none before anything is measured", async () => {
    expect(await told()).toEqual({ timesMeasured: 0, currentDays: 0, longestDays: 0, longestFrom: null, longestTo: null, lastMeasuredOn: null, asOf: "2026-10-15" });
  });

  it("[D2] counts typed readings once, finger-sticks of vendors, and those of two vendors once", async () => {
    await give(test, test.people.patient, { provider: "manual", records: [1, 2, 3].flatMap((days) => [meter(daysAgo(days)), stick(daysAgo(days))]) });
    await from("dexcom", [stick(daysAgo(4)), stick(daysAgo(4, 30)), stick(daysAgo(1))]);
    await from("nightscout", [stick(daysAgo(4) + 20_000), stick(daysAgo(9)), stick(daysAgo(8))]);
    expect(await told()).toEqual({ timesMeasured: 7, currentDays: 4, longestDays: 4, longestFrom: "2026-10-11", longestTo: "2026-10-14", lastMeasuredOn: "2026-10-14", asOf: "2026-10-15" });
  });

  it("[D2] leaves a sensor's readings out, unless they are asked for", async () => {
    await from("dexcom", [...Array.from({ length: 10 }, (_, days) => sensor(daysAgo(days))), stick(daysAgo(3))]);
    expect(await told()).toMatchObject({ timesMeasured: 1, currentDays: 0, longestDays: 1, lastMeasuredOn: "2026-10-12" });
    expect(await told("?of=all")).toMatchObject({ timesMeasured: 11, currentDays: 10, longestDays: 10, lastMeasuredOn: "2026-10-15" });
  });

  it("[D2] goes on through today until today is over", async () => {
    await give(test, test.people.patient, { records: [meter(daysAgo(1)), meter(daysAgo(2))] });
    await keepAll(test.db);
    expect((await streak()).currentDays).toBe(2);
    test.clock.advance(10.5 * HOUR);
    expect(await streak()).toMatchObject({ currentDays: 0, longestDays: 2, asOf: "2026-10-16" });
  });

  it("[D2] leaves out what is dated after today, and what the vendor withdrew", async () => {
    await from("dexcom", [stick(daysAgo(1)), stick(daysAgo(0)), stick(NOW_MS + 3 * DAY)]);
    await from("nightscout", [meter(NOW_MS + 5 * DAY)]);
    await test.db.asOwner("update treatments set withdrawn_at = now() where start_at = to_timestamp($1::float8 / 1000)", [daysAgo(0)]);
    expect(await streak()).toMatchObject({ timesMeasured: 1, currentDays: 1, lastMeasuredOn: "2026-10-14" });
  });

  it("[D2] is that of the days the person lived, wherever they travelled", async () => {
    // At 23:30 in Madrid: 17:30 in New York, and the next day in Tokyo.
    await give(test, test.people.patient, { records: [10, 9, 8, 7, 6].map((days) => meter(Date.UTC(2026, 9, 15 - days, 21, 30))) });
    expect(await told()).toMatchObject({ longestDays: 5, longestFrom: "2026-10-05", longestTo: "2026-10-09" });
    const zones = await test.request({ as: test.people.patient, method: "PUT", url: "/api/v1/patients/me/zones", payload: { data: [{ from: "2026-10-07T12:00:00Z", zone: "Asia/Tokyo" }] } });
    expect(zones.statusCode).toBe(200);
    // 5 and 6 October in Madrid; then 8, 9 and 10 in Tokyo: there was no measurement on the 7th.
    expect(await told()).toMatchObject({ timesMeasured: 5, longestDays: 3, longestFrom: "2026-10-08", longestTo: "2026-10-10" });
  });

  it("[D2] is the same by what is kept and by the samples, over a year of all sorts", { timeout: 60_000 }, async () => {
    const random = seeded(5);
    const days = Array.from({ length: 365 }, (_, index) => index);
    const some = (share: number, make: (ms: number) => VendorRecord): VendorRecord[] => days.filter(() => random() < share).map((day) => make(daysAgo(day, Math.floor(random() * 600))));
    await give(test, test.people.patient, { provider: "manual", records: some(0.6, meter).flatMap((record) => (record.record === "sample" ? [record, stick(record.startMs)] : [])) });
    await from("dexcom", [...some(0.5, stick), ...some(0.7, sensor)]);
    const [measured, all] = [await streak(), await streak("?of=all")];
    await keepAll(test.db);
    expect([await streak(), await streak("?of=all")]).toEqual([measured, all]);
    const dates = await test.db.asOwner<{ n: number }>(
      "select count(distinct (start_at at time zone 'Europe/Madrid')::date)::int as n from (select start_at from treatments union all select start_at from samples) t",
    );
    expect(measured.longestDays).toBeGreaterThan(5);
    expect(all.timesMeasured).toBeGreaterThan(measured.timesMeasured);
    expect(all.timesMeasured).toBeGreaterThanOrEqual(dates[0]!.n);
  });

  it("is not told to others with what a vendor lets be shown to the person alone [W7]", async () => {
    await from("strava", [meter(daysAgo(1)), stick(daysAgo(2)), sensor(daysAgo(3))]);
    await from("nightscout", [stick(daysAgo(1, 90))]);
    for (const keep of [false, true]) {
      if (keep) await keepAll(test.db);
      expect(await streak("?of=all")).toMatchObject({ timesMeasured: 4, currentDays: 3 });
      expect(await streak("?of=all", test.people.clinician)).toMatchObject({ timesMeasured: 1, currentDays: 1, longestDays: 1 });
    }
  });

  it("is told once with the same ETag, and anew on another day", async () => {
    await from("nightscout", [stick(daysAgo(1))]);
    const url = "/api/v1/patients/me/measuring-streak";
    const { headers } = await test.request({ as: test.people.patient, method: "GET", url });
    const again = (): Promise<number> => test.request({ as: test.people.patient, method: "GET", url, headers: { "if-none-match": String(headers["etag"]) } }).then(({ statusCode }) => statusCode);
    expect(await again()).toBe(304);
    test.clock.advance(10.5 * HOUR);
    expect(await again()).toBe(200);
    test.clock.advance(-10.5 * HOUR);
    await from("nightscout", [stick(daysAgo(2))]);
    expect(await again()).toBe(200);
  });

  it("refuses to count what it does not know", async () => {
    const answer = await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/measuring-streak?of=steps" });
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).code).toBe("invalid_input");
  });

  it("[D2] is told at once after ten years", { timeout: 120_000 }, async () => {
    const random = seeded(9);
    const records = Array.from({ length: 3_650 }, (_, days) => Array.from({ length: 3 }, () => daysAgo(days, Math.floor(random() * 500)))).flat();
    await give(test, test.people.patient, { provider: "manual", records: records.flatMap((ms) => [meter(ms), stick(ms)]) });
    await from("nightscout", records.filter((_, index) => index % 30 === 0).map((ms) => stick(ms + HOUR)));
    await from("dexcom", Array.from({ length: 3_650 }, (_, days) => sensor(daysAgo(days))));
    await keepAll(test.db);
    await streak();
    for (const query of ["", "?of=all"]) {
      const begunMs = performance.now();
      const reply = await streak(query);
      const tookMs = performance.now() - begunMs;
      expect(reply.longestDays).toBeGreaterThanOrEqual(3_650);
      expect(tookMs).toBeLessThan(2_000);
    }
  });
});
