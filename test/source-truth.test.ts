/**
 * What several sources say of one thing, from stored rows to replies. Named after failures that others are known for. [R4] [W4]
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DaySummary, GlucoseSeries, MetricsReply, Sleep, Source, SourceRules, Workout } from "../src/api/schemas.ts";
import { buildServer } from "../src/api/server.ts";
import type { SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import { foldSettled } from "#samples/store/fold.ts";
import type { MetricName } from "#units/metrics.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { seeded } from "#test/kit/random.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, read, readings } from "./api/kit.ts";

let test: TestApp;
const connections = new Map<string, string>();
beforeAll(async () => {
  test = await startTestApp();
  for (const provider of ["garmin", "apple-health", "dexcom", "nightscout", "oura", "withings"]) connections.set(provider, await makeConnection(test, test.people.patient, provider));
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, sleeps, workouts, treatments, source_rules"));

/** Midnight of 14 October in Madrid. */
const MIDNIGHT = Date.UTC(2026, 9, 13, 22);
const by = (provider: string, records: readonly VendorRecord[]): Promise<string> =>
  give(test, test.people.patient, { records, provider, connectionId: connections.get(provider) ?? null });
const me = <T>(path: string): Promise<T> => read<T>(test, test.people.patient, path);
const span = (fromMs: number, toMs: number): string => `from=${iso(fromMs)}&to=${iso(toMs)}`;
const day = async (): Promise<DaySummary> => (await me<{ data: DaySummary[] }>("/days?from=2026-10-14&to=2026-10-14")).data[0]!;
const stepsOf = ({ metrics }: DaySummary): number | undefined => metrics.find(({ metric }) => metric === "steps")?.value;

function counted(value: number, fromHour: number, minutes: number, more: Partial<SampleRecord> = {}): SampleRecord {
  const startMs = MIDNIGHT + fromHour * HOUR;
  return { record: "sample", metric: "steps", startMs, endMs: startMs + minutes * MINUTE, value, offsetMinutes: 120, ...more };
}
/** Quarters of an hour from one hour to another that add up to `total`. */
function quarters(total: number, fromHour: number, toHour: number): SampleRecord[] {
  const count = (toHour - fromHour) * 4;
  return Array.from({ length: count }, (_, index) => counted(Math.floor(total / count) + (index < total % count ? 1 : 0), fromHour + index / 4, 15));
}
const instant = (metric: MetricName, startMs: number, value: number): SampleRecord => ({ record: "sample", metric, startMs, value, offsetMinutes: 120 });

describe("sums over a day", () => {
  it("14,079 real steps shown as 4,157: the phone counted in some hours, the watch in the others, and both count", async () => {
    await by("apple-health", quarters(4_157, 7, 11));
    await by("garmin", quarters(9_922, 11, 22));
    expect(stepsOf(await day())).toBe(14_079);
    const { series: [perDay] } = await me<MetricsReply>(`/metrics?metrics=steps&resolution=1d&${span(MIDNIGHT, MIDNIGHT + DAY)}`);
    expect(perDay?.values).toEqual([14_079]);
  });

  it("a day's winner hiding another's afternoon: each quarter of an hour is told by the best that counted in it", async () => {
    await by("garmin", quarters(8_000, 6, 14));
    await by("apple-health", [...quarters(6_000, 6, 14), ...quarters(3_000, 14, 20)]);
    const { series: [raw], sources } = await me<MetricsReply>(`/metrics?metrics=steps&${span(MIDNIGHT, MIDNIGHT + DAY)}`);
    const providers = raw!.sourceIndexes.map((index) => sources[index]!.provider);
    expect(raw!.times.map((ms, index) => [ms < MIDNIGHT + 14 * HOUR, providers[index]] as const).every(([isMorning, provider]) => provider === (isMorning ? "garmin" : "apple-health"))).toBe(true);
    expect(stepsOf(await day())).toBe(11_000);
  });

  it("day totals added to intraday samples: never, but what several counted together outweighs one's total", async () => {
    await by("garmin", [...quarters(6_000, 6, 14), counted(6_500, 0, 24 * 60, { flags: ["day_total"] })]);
    expect(stepsOf(await day())).toBe(6_500);
    await by("apple-health", quarters(2_000, 14, 20));
    expect(stepsOf(await day())).toBe(8_000);
  });

  it("zeros of a watch on the table hide the phone's steps: they do not, in samples and in totals", async () => {
    await by("garmin", [...Array.from({ length: 96 }, (_, index) => counted(index < 20 ? 0 : index < 40 ? 100 : 0, index / 4, 15)), counted(2_000, 0, 24 * 60, { flags: ["day_total"] })]);
    await by("apple-health", quarters(5_000, 12, 20));
    expect(stepsOf(await day())).toBe(7_000);
  });

  it("a gap of the first source left empty: a worse source's hour counts with the part that the better one left", async () => {
    await by("garmin", [counted(300, 10, 15), counted(100, 10.25, 15)]);
    await by("apple-health", [counted(1_000, 10, 60)]);
    const { series: [raw] } = await me<MetricsReply>(`/metrics?metrics=steps&${span(MIDNIGHT, MIDNIGHT + DAY)}`);
    expect(raw).toMatchObject({ values: [300, 100, 500], flags: [[], [], ["estimated"]] });
    expect(raw!.times[2]).toBe(MIDNIGHT + 10.5 * HOUR);
    expect(stepsOf(await day())).toBe(900);
  });

  it("is the same in any window that holds it: what reaches into one is cut as in the whole", async () => {
    await by("garmin", [counted(300, 10, 15), counted(100, 10.25, 15), counted(50, 11, 15)]);
    await by("apple-health", [counted(1_000, 10, 60), counted(80, 10.75, 30)]);
    const read_ = async (fromMs: number, toMs: number) => {
      const { series: [raw], sources } = await me<MetricsReply>(`/metrics?metrics=steps&${span(fromMs, toMs)}`);
      return raw!.times.map((ms, index) => `${(ms - MIDNIGHT) / MINUTE} ${raw!.values[index]} ${sources[raw!.sourceIndexes[index]!]!.provider}`);
    };
    const whole = await read_(MIDNIGHT, MIDNIGHT + DAY);
    for (const cutMs of [10.1, 10.25, 10.3, 10.5, 10.6, 11.01].map((hour) => MIDNIGHT + hour * HOUR)) {
      expect([...(await read_(MIDNIGHT, cutMs)), ...(await read_(cutMs, MIDNIGHT + DAY))], String(cutMs)).toEqual(whole);
    }
  });

  it("is the same page by page, however small the pages are", async () => {
    await by("garmin", [...quarters(3_000, 6, 9), ...quarters(400, 10, 11).slice(1), ...quarters(900, 13, 15)].map((each, index) => (index % 5 === 0 ? { ...each, value: 0 } : each)));
    await by("apple-health", Array.from({ length: 9 }, (_, index) => counted(700 + index, 6.4 + index, 60)));
    await by("import", Array.from({ length: 40 }, (_, index) => counted(90, 6.1 + index / 4, 12)));
    await by("garmin", Array.from({ length: 300 }, (_, index) => instant("heart_rate", MIDNIGHT + 6 * HOUR + index * MINUTE, 60)).filter((_, index) => index % 50 < 40));
    await by("apple-health", Array.from({ length: 60 }, (_, index) => instant("heart_rate", MIDNIGHT + 6 * HOUR + index * 7 * MINUTE, 70)));
    const server = async (samplesAPage: number) => buildServer({ context: { ...test.app.api, limits: { samplesAPage } }, isReady: () => true, simulator: null });
    for (const metric of ["steps", "heart_rate"]) {
      const whole = (await me<MetricsReply>(`/metrics?metrics=${metric}&${span(MIDNIGHT, MIDNIGHT + DAY)}`)).series[0]!;
      for (const size of [3, 10, 17, 40]) {
        const small = await server(size);
        const [times, values]: [number[], number[]] = [[], []];
        for (let from: string | null = iso(MIDNIGHT); from !== null; ) {
          const reply: MetricsReply = (await small.inject({ method: "GET", url: `/api/v1/patients/me/metrics?metrics=${metric}&from=${from}&to=${iso(MIDNIGHT + DAY)}`, headers: { authorization: `Bearer ${test.people.patient.token}` } })).json<MetricsReply>();
          times.push(...reply.series[0]!.times);
          values.push(...reply.series[0]!.values);
          from = reply.nextFrom;
        }
        await small.close();
        expect(times, `${metric}, pages of ${size}`).toEqual(whole.times);
        expect(values, `${metric}, pages of ${size}`).toEqual(whole.values);
      }
    }
  });

  it("is the same in whichever order, and however often, the sources were written", async () => {
    const watch = [...quarters(3_000, 6, 9), counted(3_300, 0, 24 * 60, { flags: ["day_total"] })];
    const phone = quarters(2_400, 8, 12);
    const file = quarters(720, 11, 14);
    const writes = { garmin: watch, "apple-health": phone, import: file };
    const orders = [["garmin", "apple-health", "import"], ["import", "garmin", "apple-health"], ["apple-health", "import", "garmin", "import", "garmin"]] as const;
    const told: MetricsReply["series"][] = [];
    for (const order of orders) {
      await test.db.asOwner("truncate samples, day_blocks, series");
      for (const provider of order) await by(provider, writes[provider]);
      told.push([...(await me<MetricsReply>(`/metrics?metrics=steps&${span(MIDNIGHT, MIDNIGHT + DAY)}`)).series, ...(await me<MetricsReply>(`/metrics?metrics=steps&resolution=1d&${span(MIDNIGHT, MIDNIGHT + DAY)}`)).series]);
    }
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
    expect(told[0]!.map(({ values }) => values.reduce((sum, value) => sum + value, 0))).toEqual([3_000 + 1_800 + 480, 3_000 + 1_800 + 480]);
  });
});

describe("glucose", () => {
  const curve = Array.from({ length: 72 }, (_, index) => Math.round(140 + 50 * Math.sin(index / 8)));

  it("the same sensor twice makes a zig-zag: two paths of it are one line, and the reply says that they are linked", async () => {
    await by("dexcom", readings(curve, NOW_MS - 5 * MINUTE, { device: "G7" }).filter((_, index) => index < 20 || index > 26));
    // Nightscout's uploader rounds to mmol/L, is two minutes late, and has what Dexcom's cloud lost.
    const late = readings(curve.map((value) => Math.round((value / 18.0156) * 10) / 10 * 18.0156), NOW_MS - 3 * MINUTE);
    await by("nightscout", late);
    const { times, values, sourceIndexes, sources } = await me<GlucoseSeries>("/glucose/series");
    const dexcom = sources.find(({ provider }) => provider === "dexcom")!;
    const nightscout = sources.find(({ provider }) => provider === "nightscout")!;
    expect(nightscout.linkedTo).toBe(dexcom.id);
    expect(dexcom.linkedTo).toBeUndefined();
    expect(times).toHaveLength(72);
    expect(sourceIndexes.filter((index) => sources[index] === nightscout)).toHaveLength(7);
    for (const [index, value] of values.entries()) expect(Math.abs(value - curve[index]!)).toBeLessThan(1);
    expect((await me<MetricsReply>(`/metrics?metrics=glucose&source=${nightscout.id}`)).series[0]?.values).toHaveLength(72);
    expect((await me<{ reading: { source: Source } }>("/glucose/latest")).reading.source.provider).toBe("dexcom");
  });

  it("of two sensors that a person really wears keeps both, unlinked, and shows the better one's line", async () => {
    const chance = seeded(3);
    await by("dexcom", readings(curve, NOW_MS - 5 * MINUTE, { device: "G7" }));
    await by("nightscout", readings(curve.map((value) => Math.round(value * 1.06 + (chance() - 0.5) * 12)), NOW_MS - 4 * MINUTE, { device: "Libre 3" }));
    const { values, sources } = await me<GlucoseSeries>("/glucose/series");
    expect(sources.map(({ linkedTo }) => linkedTo)).toEqual([undefined, undefined]);
    expect(values).toEqual(curve);
    expect(await test.db.ofSamples("select 1 from samples")).toHaveLength(144);
  });

  it("two sensors taking turns in being the current one: the better one is, until it has been silent for longer than its own rhythm", async () => {
    const other = curve.map((value) => value + 40);
    await by("dexcom", readings(curve, NOW_MS - 4 * MINUTE, { device: "G7" }));
    await by("nightscout", readings(other, NOW_MS, { device: "Libre 3" }));
    const current = async () => (await me<{ reading: { source: Source } }>("/glucose/latest")).reading.source.provider;
    expect(await current()).toBe("dexcom");
    await by("nightscout", readings(other.slice(-1), NOW_MS + 4 * MINUTE, { device: "Libre 3" }));
    expect(await current()).toBe("nightscout");
  });

  it("a gap of the first source left empty: the second fills it, by the first one's own rhythm", async () => {
    await by("garmin", Array.from({ length: 60 }, (_, index) => instant("heart_rate", NOW_MS - 2 * HOUR + index * MINUTE, 60)).filter((_, index) => index < 20 || index >= 50));
    await by("apple-health", Array.from({ length: 8 }, (_, index) => instant("heart_rate", NOW_MS - 2 * HOUR + index * 15 * MINUTE, 70)));
    const { series: [heart] } = await me<MetricsReply>("/metrics?metrics=heart_rate");
    expect(heart!.times.filter((_, index) => heart!.values[index] === 70).map((ms) => (ms - NOW_MS + 2 * HOUR) / MINUTE)).toEqual([30, 45, 75, 90, 105]);
  });
});

describe("weight", () => {
  it("keeps every weighing, and one that came by two paths once", async () => {
    await by("withings", [instant("weight", NOW_MS - 5 * HOUR, 71.43), instant("weight", NOW_MS - 4 * HOUR, 71.2)]);
    await by("apple-health", [instant("weight", NOW_MS - 5 * HOUR - 40_000, 71.4), instant("weight", NOW_MS - 3 * HOUR, 73)]);
    expect((await me<MetricsReply>("/metrics?metrics=weight")).series[0]?.values).toEqual([71.43, 71.2, 73]);
  });
});

describe("nights and workouts", () => {
  const sleep = (vendorId: string, fromHour: number, hours: number, more: Partial<SleepRecord> = {}): SleepRecord => ({
    record: "sleep", vendorId, startMs: MIDNIGHT + fromHour * HOUR, endMs: MIDNIGHT + (fromHour + hours) * HOUR, offsetMinutes: 120, isNap: false, stages: [], totals: {}, ...more,
  });
  const stages = (fromHour: number): SleepRecord["stages"] => (["light", "deep", "rem"] as const).map((stage, index) => ({ stage, startMs: MIDNIGHT + (fromHour + index) * HOUR, endMs: MIDNIGHT + (fromHour + index + 1) * HOUR }));

  it("naps merged into nights: the night is what it was, both devices' reports are kept, and the finer one is shown", async () => {
    await by("apple-health", [sleep("p1", -1.5, 8.5, { totals: { asleepS: 30_000 } }), sleep("p2", 14, 1, { totals: { asleepS: 3_600 } })]);
    await by("oura", [sleep("o1", -1, 8, { stages: stages(-1), totals: { asleepS: 27_000 } }), sleep("o2", 14, 1, { isNap: true, totals: { asleepS: 3_400 } })]);
    expect((await day()).sleepS).toBe(27_000);
    expect((await me<{ data: Sleep[] }>("/sleeps")).data).toHaveLength(4);
    const { data } = await me<{ data: Sleep[] }>("/sleeps?resolved=true");
    expect(data.map(({ source, isNap, asleepS }) => [source.provider, isNap, asleepS])).toEqual([["oura", true, 3_400], ["oura", false, 27_000]]);
    expect((await me<{ sleep: Sleep }>("/sleeps/latest")).sleep.source.provider).toBe("oura");
  });

  it("adds up two sleeps of one night, and shows a run of two devices once", async () => {
    await by("garmin", [sleep("g1", -3, 3.5, { totals: { asleepS: 12_000 } }), sleep("g2", 2, 4, { totals: { asleepS: 13_000 } })]);
    expect((await day()).sleepS).toBe(25_000);
    const run = (vendorId: string, fromHour: number, more: Partial<WorkoutRecord>): WorkoutRecord => ({
      record: "workout", vendorId, startMs: MIDNIGHT + fromHour * HOUR, endMs: MIDNIGHT + (fromHour + 1) * HOUR, offsetMinutes: 120, sport: "running", ...more,
    });
    await by("garmin", [run("w1", 8, { distanceM: 10_000, averageHeartRate: 150 })]);
    await by("apple-health", [run("w2", 8.02, { distanceM: 9_900 }), run("w3", 18, {})]);
    expect(await day()).toMatchObject({ workouts: 2 });
    expect((await me<{ data: Workout[] }>("/workouts")).data).toHaveLength(3);
    expect((await me<{ data: Workout[] }>("/workouts?resolved=true")).data.map(({ source }) => source.provider)).toEqual(["apple-health", "garmin"]);
  });

  it("come page by page as in the whole, each night decided once", async () => {
    const nights = Array.from({ length: 30 }, (_, index) => index);
    await by("garmin", nights.map((night) => sleep(`g${night}`, -1 - 24 * night, 8, { stages: night % 3 === 0 ? stages(-1 - 24 * night) : [] })));
    await by("oura", nights.map((night) => sleep(`o${night}`, -1.2 - 24 * night, 8, { stages: night % 3 === 0 ? [] : stages(-1.2 - 24 * night) })));
    const whole = (await me<{ data: Sleep[] }>("/sleeps?resolved=true&limit=500")).data.map(({ id }) => id);
    expect(whole).toHaveLength(30);
    for (const limit of [1, 4, 29]) {
      const seen: string[] = [];
      let next: string | null = `/api/v1/patients/me/sleeps?resolved=true&limit=${limit}`;
      while (next !== null) {
        const answer = await test.request({ as: test.people.patient, method: "GET", url: next });
        seen.push(...answer.json<{ data: { id: string }[] }>().data.map(({ id }) => id));
        next = /^<([^>]*)>; rel="next"$/.exec(String(answer.headers["link"] ?? ""))?.[1] ?? null;
      }
      expect(seen, `pages of ${limit}`).toEqual(whole);
    }
  });
});

describe("the order of sources", () => {
  it("does not hang on the form that samples rest in", async () => {
    // A few at a time stay rows until their day is folded.
    for (let first = 0; first < 42; first += 7) {
      const minutes = Array.from({ length: 7 }, (_, index) => first + index);
      await by("garmin", minutes.map((minute) => instant("heart_rate", MIDNIGHT + 5 * minute * MINUTE, 60)));
      await by("oura", minutes.map((minute) => instant("heart_rate", MIDNIGHT + minute * MINUTE, 70)));
    }
    const places = async () => (await me<SourceRules>("/source-rules")).metrics;
    const before = await places();
    expect(before[0]?.sources.map(({ source, spacingS, reason }) => [source.provider, spacingS, reason])).toEqual([["oura", 60, "more_detailed"], ["garmin", 300, "more_detailed"]]);
    expect(await foldSettled(test.db.database, { nowMs: NOW_MS + 10 * DAY })).toBe(3);
    expect(await places()).toEqual(before);
  });
});
