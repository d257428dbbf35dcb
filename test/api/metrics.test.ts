/** Series of metrics: columns, sources, resolutions, pages. [R4] [R7] [W4] */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MetricsReply, Source } from "../../src/api/schemas.ts";
import { buildServer } from "../../src/api/server.ts";
import type { SampleRecord, VendorRecord } from "#driver/records.ts";
import { NOTICE_HEADER } from "../../src/api/notice.ts";
import { METRIC_NAMES } from "#units/metrics.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

let test: TestApp;
let garmin: string;
let dexcom: string;

beforeAll(async () => {
  test = await startTestApp();
  garmin = await makeConnection(test, test.people.patient, "garmin");
  dexcom = await makeConnection(test, test.people.patient, "dexcom");
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, sleeps, workouts, treatments"));

const metrics = (query: string): Promise<MetricsReply> => read<MetricsReply>(test, test.people.patient, `/metrics?${query}`);
const span = (fromMs: number, toMs: number): string => `from=${iso(fromMs)}&to=${iso(toMs)}`;

function steps(count: number, startMs: number, minutes: number, more: Partial<SampleRecord> = {}): SampleRecord {
  return { record: "sample", metric: "steps", startMs, endMs: startMs + minutes * MINUTE, value: count, offsetMinutes: 120, ...more };
}
const dayTotal = (count: number, startMs: number, hours = 24): SampleRecord => steps(count, startMs, hours * 60, { flags: ["day_total"] });
/** Midnight in Madrid, which is at 22:00 UTC in summer. */
const MIDNIGHT = Date.UTC(2026, 9, 14, 22);

describe("a reply of series", () => {
  it("has columns of equal length that belong together, in order of time, with what each value needs [R4]", async () => {
    const records: VendorRecord[] = [
      ...readings([100, 110, 120], NOW_MS - 10 * MINUTE, { device: "G7" }),
      { record: "sample", metric: "glucose", startMs: NOW_MS - 5 * MINUTE, value: 39, offsetMinutes: null, device: { id: "G7" }, flags: ["below_range"] },
    ];
    await give(test, test.people.patient, { records, provider: "dexcom", connectionId: dexcom });
    await give(test, test.people.patient, { records: [steps(50, NOW_MS - HOUR, 15), steps(70, NOW_MS - 30 * MINUTE, 15)], provider: "garmin", connectionId: garmin });
    const reply = await metrics("metrics=glucose,steps,weight");
    for (const series of reply.series) {
      for (const column of [series.values, series.offsets, series.sourceIndexes, series.flags ?? series.times, series.endTimes ?? series.times]) expect(column).toHaveLength(series.times.length);
      expect(series.times).toEqual(series.times.toSorted((a, b) => a - b));
      for (const index of series.sourceIndexes) expect(reply.sources[index]).toBeDefined();
    }
    const [glucose, walked, weight] = reply.series;
    expect(glucose).toMatchObject({
      metric: "glucose", unit: "mg/dL", resolution: "raw", aggregate: "none", values: [100, 110, 120, 39], endTimes: null, offsets: [120, 120, 120, null],
      flags: [[], [], [], ["below_range"]], times: [20, 15, 10, 5].map((minutes) => NOW_MS - minutes * MINUTE),
    });
    expect(walked).toMatchObject({ unit: "{count}", values: [50, 70], flags: null, endTimes: [NOW_MS - 45 * MINUTE, NOW_MS - 15 * MINUTE] });
    expect(weight).toMatchObject({ metric: "weight", unit: "kg", times: [], values: [], flags: null });
    expect(reply.sources.map((source: Source) => [source.provider, source.device, source.connectionId])).toEqual([["dexcom", "G7", dexcom], ["garmin", null, garmin]]);
    expect(reply.sources[glucose!.sourceIndexes[0]!]?.provider).toBe("dexcom");
    expect(reply.sources[walked!.sourceIndexes[0]!]?.provider).toBe("garmin");
    expect(reply).toMatchObject({ from: iso(NOW_MS - DAY), to: iso(NOW_MS), nextFrom: null });
  });

  it("holds what begins at `from` and not what begins at `to`", async () => {
    await give(test, test.people.patient, { records: readings([1, 2, 3].map((value) => value * 100), NOW_MS) });
    const at = (index: number): number => NOW_MS - (2 - index) * 5 * MINUTE;
    expect((await metrics(`metrics=glucose&${span(at(0), at(2))}`)).series[0]?.values).toEqual([100, 200]);
    expect((await metrics(`metrics=glucose&${span(at(0) + 1, at(2) + 1)}`)).series[0]?.values).toEqual([200, 300]);
  });

  it("takes times with any offset, also where the plus came as a space", async () => {
    for (const from of ["2026-10-15T10:00:00%2B02:00", "2026-10-15T10:00:00+02:00", "2026-10-15T08:00:00Z", "2026-10-15T03:00:00-05:00"]) {
      expect((await metrics(`metrics=steps&from=${from}`)).from, from).toBe("2026-10-15T08:00:00.000Z");
    }
  });

  it("knows every metric there is by its name", async () => {
    for (let at = 0; at < METRIC_NAMES.length; at += 20) {
      const names = METRIC_NAMES.slice(at, at + 20);
      expect((await metrics(`metrics=${names.join(",")}`)).series.map(({ metric }) => metric)).toEqual(names);
    }
    expect((await metrics("metrics=steps,steps,%20weight%20,")).series.map(({ metric }) => metric)).toEqual(["steps", "weight"]);
  });

  it("carries the notice when glucose is asked for, and only then [E10]", async () => {
    for (const [names, isGlucose] of [["glucose", true], ["steps,glucose_meter", true], ["glucose_trend_rate", true], ["steps,weight", false]] as const) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/metrics?metrics=${names}` });
      expect(answer.headers[NOTICE_HEADER] !== undefined, names).toBe(isGlucose);
    }
  });

  it("refuses what cannot be meant, and says where", async () => {
    for (const [query, pointer] of [
      ["", "/querystring/metrics"], ["metrics=", "/querystring/metrics"], ["metrics=glucose,happiness", "/querystring/metrics"], ["metrics=toString", "/querystring/metrics"],
      [`metrics=${METRIC_NAMES.slice(0, 21).join(",")}`, "/querystring/metrics"], [`metrics=${"glucose,".repeat(200)}`, "/querystring/metrics"],
      ["metrics=glucose&from=yesterday", "/querystring/from"], ["metrics=glucose&from=2026-10-15T10:00:00", "/querystring/from"], ["metrics=glucose&to=2026-02-30T00:00:00Z", "/querystring/to"],
      ["metrics=glucose&from=2026-10-15T10:00:00Z&to=2026-10-15T10:00:00Z", "/querystring/from"], ["metrics=glucose&to=2026-10-15T10:00:00%2B99:99", "/querystring/to"],
      ["metrics=glucose&resolution=2h", "/querystring/resolution"], ["metrics=glucose&metrics=steps", "/querystring/metrics"],
    ] as const) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/metrics?${query}` });
      expect(answer.statusCode, query).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer, query).toBe(pointer);
    }
  });
});

describe("several sources of one metric [R7] [DA-11]", () => {
  it("are shown once: the better where it has data, the next in its gaps, each value with its source", async () => {
    const minutesAgo = (...list: readonly number[]): VendorRecord[] => list.map((ago) => ({ record: "sample", metric: "glucose", startMs: NOW_MS - ago * MINUTE, value: 100 + ago, offsetMinutes: 120 }));
    await give(test, test.people.patient, { records: minutesAgo(60, 55, 10, 5), provider: "dexcom", connectionId: dexcom });
    await give(test, test.people.patient, { records: minutesAgo(58, 53, 40, 30, 8, 3).map((record) => ({ ...record, value: 200 }) as VendorRecord) });
    const { series: [glucose], sources } = await metrics("metrics=glucose");
    expect(glucose?.times.map((ms) => (NOW_MS - ms) / MINUTE)).toEqual([60, 55, 40, 30, 10, 5]);
    expect(glucose?.sourceIndexes.map((index) => sources[index]?.provider)).toEqual(["dexcom", "dexcom", "import", "import", "dexcom", "dexcom"]);

    const all = await test.db.ofSamples("select 1 from samples");
    expect(all).toHaveLength(10);
    for (const source of sources) {
      const alone = await metrics(`metrics=glucose&source=${source.id}`);
      expect(alone.sources).toEqual([source]);
      expect(alone.series[0]?.values).toHaveLength(source.provider === "dexcom" ? 4 : 6);
    }
    for (const none of ["0", "999999", "dexcom", "'--"]) expect(await metrics(`metrics=glucose&source=${encodeURIComponent(none)}`)).toMatchObject({ sources: [], series: [{ values: [] }] });
  });

  it("hide in a window what a better source began before it", async () => {
    await give(test, test.people.patient, { records: [steps(100, NOW_MS - 2 * HOUR, 90)], provider: "garmin", connectionId: garmin });
    await give(test, test.people.patient, { records: [steps(10, NOW_MS - 40 * MINUTE, 5), steps(20, NOW_MS - 20 * MINUTE, 5)] });
    expect((await metrics(`metrics=steps&${span(NOW_MS - 3 * HOUR, NOW_MS)}`)).series[0]?.values).toEqual([100, 20]);
    expect((await metrics(`metrics=steps&${span(NOW_MS - HOUR, NOW_MS)}`)).series[0]?.values).toEqual([20]);
  });
});

describe("coarser resolutions", () => {
  it("tell one number per stretch by the metric's own aggregate", async () => {
    const hour = NOW_MS - 2 * HOUR;
    const records: VendorRecord[] = [
      ...[100, 120, 80].map((value, index): VendorRecord => ({ record: "sample", metric: "glucose", startMs: hour + index * 5 * MINUTE, value, offsetMinutes: 120 })),
      steps(40, hour, 15), steps(60, hour + 30 * MINUTE, 15), steps(5, hour + HOUR, 15),
    ];
    await give(test, test.people.patient, { records });
    const { series: [glucose, walked] } = await metrics("metrics=glucose,steps&resolution=1h");
    expect(glucose).toMatchObject({ resolution: "1h", aggregate: "mean", times: [hour], endTimes: [hour + HOUR], values: [100] });
    expect(walked).toMatchObject({ aggregate: "sum", times: [hour, hour + HOUR], values: [100, 5] });
    const { series: [fine] } = await metrics("metrics=glucose&resolution=5m");
    expect(fine?.values).toEqual([100, 120, 80]);
  });

  it("never add a vendor's total of a day to what it measured within it", async () => {
    const records = [dayTotal(8_000, MIDNIGHT - 2 * DAY), dayTotal(9_000, MIDNIGHT - DAY), dayTotal(4_000, MIDNIGHT, 14), ...Array.from({ length: 30 }, (_, index) => steps(200, MIDNIGHT - DAY + index * HOUR, 15))];
    await give(test, test.people.patient, { records, provider: "garmin", connectionId: garmin });
    const wide = span(MIDNIGHT - 2 * DAY, MIDNIGHT + DAY);
    expect((await metrics(`metrics=steps&resolution=1d&${wide}`)).series[0]).toMatchObject({
      times: [MIDNIGHT - 2 * DAY, MIDNIGHT - DAY, MIDNIGHT], values: [8_000, 9_000, 4_000], flags: [["day_total"], ["day_total"], ["day_total"]],
    });
    // Not even on a day of which the vendor told nothing finer: a day is no quarter of an hour.
    expect((await metrics(`metrics=steps&${wide}`)).series[0]?.values).toEqual(Array(30).fill(200));
    expect((await metrics(`metrics=steps&resolution=1h&${wide}`)).series[0]?.values).toHaveLength(30);
  });

  it("add up what was measured where the vendor gave no total, and use totals where there is nothing finer", async () => {
    await give(test, test.people.patient, { records: [dayTotal(9_000, MIDNIGHT - DAY), steps(300, MIDNIGHT + HOUR, 15), steps(400, MIDNIGHT + 2 * HOUR, 15)], provider: "garmin", connectionId: garmin });
    await give(test, test.people.patient, { records: [{ ...dayTotal(70, MIDNIGHT - DAY), metric: "floors" }], provider: "garmin", connectionId: garmin });
    const wide = span(MIDNIGHT - DAY, MIDNIGHT + DAY);
    expect((await metrics(`metrics=steps&resolution=1d&${wide}`)).series[0]?.values).toEqual([9_000, 700]);
    expect((await metrics(`metrics=floors&${wide}`)).series[0]).toMatchObject({ values: [70], flags: [["day_total"]] });
  });

  it("add to a total that ends early what was measured after it", async () => {
    await give(test, test.people.patient, { records: [dayTotal(4_000, MIDNIGHT, 10), steps(100, MIDNIGHT + 9 * HOUR, 15), steps(250, MIDNIGHT + 11 * HOUR, 15)], provider: "garmin", connectionId: garmin });
    expect((await metrics(`metrics=steps&resolution=1d&${span(MIDNIGHT, MIDNIGHT + DAY)}`)).series[0]?.values).toEqual([4_250]);
  });
});

describe("a reply that is cut", () => {
  /** The pages of a query, on a server of this Islet with small pages. */
  async function pages(query: string, samplesAPage: number): Promise<MetricsReply[]> {
    const server = await buildServer({ context: { ...test.app.api, limits: { samplesAPage } }, isReady: () => true, simulator: null });
    const replies: MetricsReply[] = [];
    let next = "";
    do {
      const answer = await server.inject({ method: "GET", url: `/api/v1/patients/me/metrics?${query}${next}`, headers: { authorization: `Bearer ${test.people.patient.token}` } });
      replies.push(answer.json<MetricsReply>());
      next = replies.at(-1)!.nextFrom === null ? "" : `&from=${replies.at(-1)!.nextFrom}`;
    } while (next !== "" && replies.length < 200);
    await server.close();
    return replies;
  }
  const first = NOW_MS - 5 * HOUR;
  const query = `metrics=glucose,steps&to=${iso(NOW_MS)}`;

  it("goes on at nextFrom until every value of every metric and source was told once, in order", async () => {
    await give(test, test.people.patient, { records: readings(Array.from({ length: 60 }, (_, index) => 100 + index), NOW_MS - MINUTE), provider: "dexcom", connectionId: dexcom });
    await give(test, test.people.patient, { records: readings(Array.from({ length: 20 }, (_, index) => 300 + index), first - HOUR) });
    await give(test, test.people.patient, { records: Array.from({ length: 300 }, (_, index) => steps(index, first + index * MINUTE, 1)), provider: "garmin", connectionId: garmin });
    const whole = await metrics(query);
    expect(whole.nextFrom).toBeNull();
    for (const size of [7, 50, 60, 299, 300]) {
      const cut = await pages(query, size);
      expect(cut.length, `pages of ${size}`).toBeGreaterThan(1);
      for (const index of [0, 1]) {
        expect(cut.flatMap((page) => page.series[index]!.times), `pages of ${size}`).toEqual(whole.series[index]!.times);
        expect(cut.flatMap((page) => page.series[index]!.values)).toEqual(whole.series[index]!.values);
        const providers = (reply: MetricsReply): (string | null)[] => reply.series[index]!.sourceIndexes.map((at) => reply.sources[at]!.provider);
        expect(cut.flatMap(providers)).toEqual(providers(whole));
      }
      for (const page of cut) for (const series of page.series) expect(series.values.length).toBeLessThanOrEqual(2 * size);
    }
    expect(await pages(query, 301)).toHaveLength(1);
  });

  it("hides also on the next page what a better source began on this one", async () => {
    await give(test, test.people.patient, { records: [steps(10, first, 10), steps(100, first + HOUR, 120), steps(20, first + 4 * HOUR, 10)], provider: "garmin", connectionId: garmin });
    await give(test, test.people.patient, { records: Array.from({ length: 20 }, (_, index) => steps(1, first + index * 15 * MINUTE, 10)) });
    const whole = (await metrics(query)).series[1]!.values;
    expect(whole).toEqual([10, 1, 1, 1, 100, 1, 1, 1, 1, 20, 1, 1, 1]);
    for (const size of [1, 2, 3, 5]) expect((await pages(query, size)).flatMap((page) => page.series[1]!.values), `pages of ${size}`).toEqual(whole);
  });

  it("never tells a stretch of a coarser resolution in two halves", async () => {
    await give(test, test.people.patient, { records: Array.from({ length: 300 }, (_, index) => steps(1, first + index * MINUTE, 1)), provider: "garmin", connectionId: garmin });
    for (const resolution of ["5m", "15m", "1h", "1d"]) {
      const whole = (await metrics(`${query}&resolution=${resolution}`)).series[1]!;
      for (const size of [3, 7, 50, 100]) {
        const cut = (await pages(`${query}&resolution=${resolution}`, size)).map((page) => page.series[1]!);
        expect(cut.flatMap(({ times }) => times), `${resolution}, pages of ${size}`).toEqual(whole.times);
        expect(cut.flatMap(({ values }) => values), `${resolution}, pages of ${size}`).toEqual(whole.values);
      }
    }
  });
});
