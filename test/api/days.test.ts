/** Days as they are told: from what is kept and from the samples, the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DaySummary, GlucoseSummary, MetricsReply } from "../../src/api/schemas.ts";
import type { SampleRecord } from "#driver/records.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { keepAll } from "#test/kit/keep.ts";
import { seeded } from "#test/kit/random.ts";
import { give, HOUR, makeConnection, MINUTE, problemOf, read } from "./kit.ts";

let test: TestApp;
let garmin: string;
let strava: string;
beforeAll(async () => {
  test = await startTestApp();
  garmin = await makeConnection(test, test.people.patient, "garmin");
  strava = await makeConnection(test, test.people.patient, "strava");
});
afterAll(() => test.close());

interface Reply {
  readonly zone: string;
  readonly data: DaySummary[];
}
const days = async (query: string, as = test.people.patient): Promise<Reply> => {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}/days${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Reply>();
};
const hoursOf = ({ from, to }: DaySummary): number => (Date.parse(to) - Date.parse(from)) / HOUR;
const of = (reply: Reply, date: string, metric: string) => reply.data.find((day) => day.date === date)?.metrics.find((each) => each.metric === metric);
const zones = (data: object[]) => test.request({ as: test.people.patient, method: "PUT", url: "/api/v1/patients/me/zones", payload: { data } });

async function year(): Promise<void> {
  const random = seeded(11);
  const startMs = Date.UTC(2025, 9, 16);
  const records: SampleRecord[] = [];
  for (let hour = 0; hour < 364 * 24; hour += 1) {
    const at = startMs + hour * HOUR;
    records.push({ record: "sample", metric: "glucose", startMs: at + Math.floor(random() * 50) * MINUTE, value: 60 + Math.floor(random() * 200), offsetMinutes: null });
    records.push({ record: "sample", metric: "steps", startMs: at, endMs: at + HOUR, value: Math.floor(random() * 900), offsetMinutes: 60 });
  }
  await give(test, test.people.patient, { records, provider: "garmin", connectionId: garmin });
  await give(test, test.people.patient, { records: records.filter(() => random() < 0.3).map((record) => ({ ...record, startMs: record.startMs + 20 * MINUTE, ...(record.endMs === undefined ? {} : { endMs: record.endMs + 20 * MINUTE }) })) });
}

describe("daily summaries", () => {
  it("[R7] are the same from the samples and from what is kept, over a year, also when the person travelled", { timeout: 60_000 }, async () => {
    await year();
    const fromSamples = await days("?from=2025-10-15&to=2026-10-15");
    expect(fromSamples.data).toHaveLength(366);
    await keepAll(test.db);
    expect(await test.db.asOwner("select 1 from day_summaries where patient_id = $1", [test.people.patient.patientId])).not.toHaveLength(0);
    expect(await days("?from=2025-10-15&to=2026-10-15")).toEqual(fromSamples);

    await zones([{ from: "2026-05-10T12:00:00Z", zone: "America/New_York" }, { from: "2026-06-01T22:15:00Z", zone: "Europe/Madrid" }]);
    const travelled = await days("?from=2025-10-15&to=2026-10-15");
    expect(travelled).not.toEqual(fromSamples);
    await keepAll(test.db);
    expect(await days("?from=2025-10-15&to=2026-10-15")).toEqual(travelled);
    expect(travelled.data.filter((day) => hoursOf(day) !== 24).map((day) => [day.date, hoursOf(day)])).toEqual([
      ["2025-10-26", 25], ["2026-03-29", 23], ["2026-05-10", 30], ["2026-06-01", 18.25], ["2026-06-02", 23.75],
    ]);
    // Buckets of a day are the same days, with the same numbers.
    const { series } = await read<MetricsReply>(test, test.people.patient, "/metrics?metrics=glucose,steps&resolution=1d&from=2026-04-30T22:00:00Z&to=2026-06-09T22:00:00Z");
    for (const { metric, times, endTimes, values } of series) {
      const told = travelled.data.filter(({ date, metrics }) => date >= "2026-05-02" && date <= "2026-06-08" && metrics.some((each) => each.metric === metric));
      const bucket = new Map(times.map((ms, index) => [ms, [endTimes![index], values[index]]]));
      expect(told.length).toBeGreaterThan(35);
      for (const day of told) {
        const [endMs, value] = bucket.get(Date.parse(day.from)) ?? [];
        expect(endMs, `${metric} ${day.date}`).toBe(Date.parse(day.to));
        if (metric === "steps" && hoursOf(day) === 24) expect(value, day.date).toBeCloseTo(of(travelled, day.date, metric)!.value, 6);
      }
    }
    // And so does the summary of glucose, unless it is asked for another zone.
    const summarized = await read<GlucoseSummary>(test, test.people.patient, "/glucose/summary?from=2026-04-30T22:00:00Z&to=2026-06-09T22:00:00Z");
    expect(summarized.daily.filter(({ date }) => date > "2026-05-01" && date < "2026-06-09").map(({ date, readings }) => [date, readings])).toEqual(
      travelled.data.flatMap((day) => (day.date > "2026-05-01" && day.date < "2026-06-09" && of(travelled, day.date, "glucose") ? [[day.date, of(travelled, day.date, "glucose")!.count]] : [])),
    );
    expect((await read<GlucoseSummary>(test, test.people.patient, "/glucose/summary?zone=Asia/Tokyo&from=2026-05-09T15:00:00Z&to=2026-05-10T15:00:00Z")).daily.map(({ date }) => date)).toEqual(["2026-05-10"]);
    // Each reading counts on one day: what the days count is what there is.
    const counted = travelled.data.reduce((sum, day) => sum + (day.metrics.find(({ metric }) => metric === "glucose")?.count ?? 0), 0);
    expect(counted).toBe(fromSamples.data.reduce((sum, day) => sum + (day.metrics.find(({ metric }) => metric === "glucose")?.count ?? 0), 0));
  });

  it("tell at once what is new, corrected or erased, whether the follower ran or not", async () => {
    await keepAll(test.db);
    const at = Date.UTC(2026, 9, 14, 9);
    const before = of(await days("?from=2026-10-14&to=2026-10-14"), "2026-10-14", "weight");
    expect(before).toBeUndefined();
    for (const value of [70, 71]) {
      await give(test, test.people.patient, { records: [{ record: "sample", metric: "weight", startMs: at, value, offsetMinutes: 120 }] });
      expect(of(await days("?from=2026-10-14&to=2026-10-14"), "2026-10-14", "weight")).toMatchObject({ value, count: 1, mean: value, sd: null });
    }
    await keepAll(test.db);
    expect(of(await days("?from=2026-10-14&to=2026-10-14"), "2026-10-14", "weight")).toMatchObject({ value: 71 });
    const gone = await test.request({ as: test.people.patient, method: "DELETE", url: `/api/v1/patients/me/connections/${garmin}?data=erase` });
    expect(gone.statusCode, gone.body).toBeLessThan(300);
    const erased = await days("?from=2026-01-01&to=2026-10-15");
    expect(erased.data.flatMap(({ metrics }) => metrics.map(({ source }) => source.provider)).filter((provider) => provider === "garmin")).toEqual([]);
    await keepAll(test.db);
    expect(await days("?from=2026-01-01&to=2026-10-15")).toEqual(erased);
    expect(await test.db.asOwner("select 1 from day_summaries where 'garmin' = any(providers)")).toEqual([]);
  });

  it("show others nothing that was made with what is for the person alone", async () => {
    const at = Date.UTC(2026, 9, 13, 9);
    const beat = (startMs: number, value: number): SampleRecord => ({ record: "sample", metric: "heart_rate", startMs, value, offsetMinutes: 120 });
    await give(test, test.people.patient, { records: [beat(at, 150)], provider: "strava", connectionId: strava });
    await give(test, test.people.patient, { records: [beat(at + HOUR, 50)] });
    for (const _turn of ["from the samples", "kept"]) {
      expect(of(await days("?from=2026-10-13&to=2026-10-13"), "2026-10-13", "heart_rate")).toMatchObject({ value: 100, count: 2 });
      expect(of(await days("?from=2026-10-13&to=2026-10-13", test.people.clinician), "2026-10-13", "heart_rate")).toMatchObject({ value: 50, count: 1 });
      await keepAll(test.db);
    }
  });

  it("of a calendar that skipped a date leave it out", async () => {
    await zones([{ from: "2011-01-01T00:00:00Z", zone: "Pacific/Apia" }, { from: "2012-06-01T00:00:00Z", zone: "Europe/Madrid" }]);
    expect((await days("?from=2011-12-29&to=2011-12-31")).data.map(({ date }) => date)).toEqual(["2011-12-29", "2011-12-31"]);
    expect((await days("?from=2011-12-30&to=2011-12-30")).data).toEqual([]);
  });

  it("refuse more than a year at once", async () => {
    const answer = await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/days?from=2025-10-14&to=2026-10-15" });
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).errors?.[0]).toMatchObject({ pointer: "/querystring/from", detail: "ask for fewer days" });
  });
});
