/** Ways of reading beside plain series: statistics, points, provenance, what has not changed, the present, what changed since, details of records. [R4] [R7] */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ChangeList, LatestReply, MetricsReply, SleepDetails, WorkoutDetails } from "../../src/api/schemas.ts";
import { latestReply, metricsReply, sleepDetails, workoutDetails } from "../../src/api/schemas.ts";
import type { SampleRecord, VendorRecord } from "#driver/records.ts";
import { patientState } from "#live/changes.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
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

const me = <T>(path: string): Promise<T> => read<T>(test, test.people.patient, path);
const span = (fromMs: number, toMs: number): string => `from=${iso(fromMs)}&to=${iso(toMs)}`;
const refused = async (path: string): Promise<ReturnType<typeof problemOf>> => problemOf(await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me${path}` }));
const sample = (metric: SampleRecord["metric"], startMs: number, value: number, more: Partial<SampleRecord> = {}): SampleRecord => ({ record: "sample", metric, startMs, value, offsetMinutes: 120, ...more });
const byGarmin = (records: readonly VendorRecord[]): Promise<string> => give(test, test.people.patient, { records, provider: "garmin", connectionId: garmin });
const beats = (fromMs: number, count: number, everyMs = MINUTE): SampleRecord[] => Array.from({ length: count }, (_, index) => sample("heart_rate", fromMs + index * everyMs, 60 + (index % 60)));

describe("statistics of a coarser resolution", () => {
  it("stand beside the metric's own number, as many as asked for, and only those that mean something", async () => {
    const hour = NOW_MS - 2 * HOUR;
    await byGarmin([60, 90, 75].map((value, index) => sample("heart_rate", hour + index * MINUTE, value)));
    await byGarmin([100, 50].map((value, index) => sample("steps", hour + index * 15 * MINUTE, value, { endMs: hour + (index + 1) * 15 * MINUTE })));
    const { series: [heart, steps] } = await me<MetricsReply>("/metrics?metrics=heart_rate,steps&resolution=1h&stats=mean,min,max,sum,count,last");
    expect(heart).toMatchObject({ values: [75], stats: { mean: [75], min: [60], max: [90], count: [3], last: [75] }, statsLeftOut: ["sum"] });
    expect(heart!.stats).not.toHaveProperty("sum");
    expect(steps).toMatchObject({ values: [150], stats: { sum: [150], mean: [75], min: [50], max: [100], count: [2], last: [50] }, statsLeftOut: [] });
    const [plain] = (await me<MetricsReply>("/metrics?metrics=steps&resolution=1h")).series;
    for (const name of ["stats", "statsLeftOut", "breaks", "deliveryIds"]) expect(plain).not.toHaveProperty(name);
  });

  it("are refused with a word on what to do where they mean nothing, are unknown, or belong to nothing", async () => {
    for (const [query, pointer, words] of [
      ["metrics=heart_rate&resolution=1h&stats=sum", "stats", /cannot be added up/], ["metrics=steps&resolution=1h&stats=median", "stats", /known statistics/],
      ["metrics=steps&stats=sum", "stats", /raw value/], ["metrics=steps&resolution=1h&points=100", "points", /raw series/],
      ["metrics=steps&resolution=1h&provenance=true", "provenance", /many deliveries/],
    ] as const) {
      const problem = await refused(`/metrics?${query}`);
      expect(problem, query).toMatchObject({ status: 400, detail: expect.stringMatching(words) as string, errors: [{ pointer: `/querystring/${pointer}`, detail: expect.stringMatching(/.{10}/) as string }] });
    }
    for (const query of ["points=2", "points=10001", "points=many", "provenance=yes"]) expect((await refused(`/metrics?metrics=steps&${query}`)).status, query).toBe(400);
  });
});

describe("points for a chart", () => {
  it("are samples, the ends among them, of any length of time on one page, with the gaps told", async () => {
    const [first, second] = [NOW_MS - 12 * DAY, NOW_MS - 2 * DAY];
    await byGarmin([...beats(first, 2_000), ...beats(second, 2_000)]);
    const { series: [whole] } = await me<MetricsReply>(`/metrics?metrics=heart_rate&${span(first, NOW_MS)}`);
    const { series: [few], nextFrom } = await me<MetricsReply>(`/metrics?metrics=heart_rate&points=200&${span(NOW_MS - 3_650 * DAY, NOW_MS)}`);
    expect(whole!.times).toHaveLength(4_000);
    expect(few!.times.length).toBeGreaterThan(190);
    expect(few!.times.length).toBeLessThanOrEqual(200);
    const valueAt = new Map(whole!.times.map((ms, index) => [ms, whole!.values[index]]));
    few!.times.forEach((ms, index) => expect(few!.values[index]).toBe(valueAt.get(ms)));
    expect([few!.times[0], few!.times.at(-1), nextFrom]).toEqual([first, second + 1_999 * MINUTE, null]);
    expect(few!.breaks!.map((place) => [few!.times[place - 1], few!.times[place]])).toEqual([[first + 1_999 * MINUTE, second]]);
    expect(few!.offsets).toHaveLength(few!.times.length);
  });
});

describe("a whole history", () => {
  it("of ten years is read by the day and by the hour, page by page", async () => {
    const days = Array.from({ length: 3_650 }, (_, index) => NOW_MS - (3_650 - index) * DAY);
    await byGarmin(days.flatMap((dayMs) => [0, 1, 2].map((index) => sample("heart_rate", dayMs + index * MINUTE, 60 + index))));
    const daily = await me<MetricsReply>(`/metrics?metrics=heart_rate&resolution=1d&${span(NOW_MS - 3_700 * DAY, NOW_MS)}`);
    expect(daily.nextFrom).toBeNull();
    expect(daily.series[0]!.values).toEqual(days.map(() => 61));
    const since = await me<MetricsReply>(`/metrics?metrics=heart_rate&resolution=1h&from=1970-01-01T00:00:00Z&to=${iso(NOW_MS)}&stats=count`);
    expect(since.series[0]!.stats!.count).toEqual(days.map(() => 3));
  });
});

describe("provenance of a series", () => {
  it("names each value's delivery, also where sources are merged, and only when asked for", async () => {
    const one = await give(test, test.people.patient, { records: readings([100, 110], NOW_MS - 55 * MINUTE), provider: "dexcom", connectionId: dexcom });
    const other = await give(test, test.people.patient, { records: readings([200, 210, 220, 230], NOW_MS - 50 * MINUTE, { everyMinutes: 20 }) });
    const third = await give(test, test.people.patient, { records: readings([120], NOW_MS - 5 * MINUTE), provider: "dexcom", connectionId: dexcom });
    const { series: [glucose], sources } = await me<MetricsReply>("/metrics?metrics=glucose&provenance=true");
    expect(glucose!.times.map((_, index) => [glucose!.values[index], sources[glucose!.sourceIndexes[index]!]!.provider, glucose!.deliveryIds![index]])).toEqual([
      [200, "import", other], [210, "import", other], [220, "import", other], [100, "dexcom", one], [110, "dexcom", one], [120, "dexcom", third],
    ]);
    expect((await me<MetricsReply>("/metrics?metrics=glucose")).series[0]).not.toHaveProperty("deliveryIds");
  });
});

describe("replies", () => {
  it("of columns have the shape that the document describes, nothing more and nothing less", async () => {
    await byGarmin([...beats(NOW_MS - HOUR, 30), sample("steps", NOW_MS - HOUR, 7, { endMs: NOW_MS - 30 * MINUTE, flags: ["estimated"] })]);
    for (const query of ["metrics=heart_rate,steps,weight", "metrics=heart_rate&points=10", "metrics=steps&resolution=1h&stats=sum", "metrics=steps&provenance=true"]) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/metrics?${query}` });
      expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
      const reply = answer.json<MetricsReply>();
      expect(metricsReply.parse(reply)).toEqual(reply);
      expect(JSON.stringify(reply)).toBe(answer.body);
    }
  });
});

/** Until no transaction that runs on this server could still bring a change before those there are: only then a tag stays what it is. */
async function settled(who: Person): Promise<void> {
  for (;;) {
    const state = await test.db.database.withOrganization(test.people.organizationId, (tx) => patientState(tx, who.patientId!));
    if (state.endsWith(" ")) return;
  }
}

describe("what has not changed", () => {
  const ROUTES = [
    `/metrics?metrics=glucose&${span(NOW_MS - DAY, NOW_MS)}`, "/metrics?metrics=glucose&resolution=1d", "/glucose/series", "/glucose/latest", "/latest?metrics=glucose,weight", "/sleeps", "/sleeps/latest",
    "/workouts", "/treatments", "/days",
  ];
  const ask = (path: string, tag?: string, as = test.people.patient): ReturnType<TestApp["request"]> =>
    test.request({ as, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}${path}`, headers: tag === undefined ? {} : { "if-none-match": tag } });
  const tagsOf = async (): Promise<string[]> => Promise.all(ROUTES.map(async (path) => String((await ask(path)).headers["etag"])));

  it("is answered 304 without a body to whoever has it, and in full to whoever has something else", async () => {
    await give(test, test.people.patient, { records: readings([100], NOW_MS - MINUTE) });
    await settled(test.people.patient);
    for (const path of ROUTES) {
      const full = await ask(path);
      const tag = String(full.headers["etag"]);
      expect(tag, path).toMatch(/^W\/"[\w-]{27}"$/);
      for (const header of [tag, `"x", ${tag}`, tag.slice(2), "*"]) {
        const again = await ask(path, header);
        expect([again.statusCode, again.body, again.headers["etag"]], `${path} ${header}`).toEqual([304, "", tag]);
      }
      expect((await ask(path, "W/\"something else\"")).body, path).toBe(full.body);
    }
  });

  it("ends with data, a connection's change, another zone, and another window; not with another patient's data", async () => {
    await settled(test.people.patient);
    const first = await tagsOf();
    expect(new Set(first).size).toBe(ROUTES.length);
    await give(test, test.people.stranger, { records: readings([100], NOW_MS - MINUTE) });
    expect(await tagsOf()).toEqual(first);

    const changed = async (change: () => Promise<unknown>): Promise<void> => {
      await settled(test.people.patient);
      const before = await tagsOf();
      await change();
      (await tagsOf()).forEach((tag, index) => expect(tag, ROUTES[index]).not.toBe(before[index]));
    };
    await changed(() => give(test, test.people.patient, { records: readings([101], NOW_MS - 6 * MINUTE) }));
    await changed(() => byGarmin([{ record: "workout", vendorId: "w", sport: "yoga", startMs: NOW_MS - HOUR, endMs: NOW_MS, offsetMinutes: null }]));
    await changed(() => test.request({ as: test.people.patient, method: "DELETE", url: `/api/v1/patients/me/connections/${garmin}` }));
    const put = (path: string, payload: object): ReturnType<TestApp["request"]> => test.request({ as: test.people.patient, method: "PUT", url: `/api/v1/patients/me${path}`, payload });
    await changed(() => put("/source-rules/all", { order: [{ provider: "garmin" }] }));
    await changed(() => put("/zones", { data: [{ from: iso(NOW_MS - 20 * DAY), zone: "Asia/Tokyo" }] }));
    await changed(() => put("/zones", { data: [] }));
    await changed(() => test.db.asOwner("update patients set zone = 'America/New_York' where id = $1", [test.people.patient.patientId]));
    await test.db.asOwner("update patients set zone = 'Europe/Madrid' where id = $1", [test.people.patient.patientId]);
    await test.db.asOwner("update connections set status = 'active', disconnected_at = null where id = $1", [garmin]);
  });

  it("is told by another tag to another reader, and in the next minute where the window ends now", async () => {
    await settled(test.people.patient);
    const before = await tagsOf();
    expect((await ask(ROUTES[0]!, undefined, test.people.clinician)).headers["etag"]).not.toBe(before[0]);
    expect((await ask(ROUTES[0]!, before[0], test.people.clinician)).statusCode).toBe(200);
    test.clock.advance(61_000);
    const after = await tagsOf();
    expect(after[0]).toBe(before[0]);
    for (const index of [1, 2, 3, 4]) expect(after[index], ROUTES[index]).not.toBe(before[index]);
    test.clock.advance(-61_000);
  });
});

describe("the present", () => {
  it("is the newest value of each metric, sources resolved, with both units of glucose [W4]", async () => {
    await give(test, test.people.patient, { records: readings([100, 110], NOW_MS - 8 * MINUTE), provider: "dexcom", connectionId: dexcom });
    const nearby = readings([200], NOW_MS - 4 * MINUTE);
    await give(test, test.people.patient, { records: nearby });
    await byGarmin([sample("steps", NOW_MS - 30 * MINUTE, 500, { endMs: NOW_MS - 15 * MINUTE }), sample("weight", NOW_MS - 400 * DAY, 70.5, { flags: ["manual"], device: { id: "scale" } })]);
    const reply = await me<LatestReply>("/latest?metrics=weight,glucose,steps,spo2");
    expect(latestReply.parse(reply)).toEqual(reply);
    const [weight, glucose, steps, spo2] = reply.data;
    expect(weight).toMatchObject({
      metric: "weight", unit: "kg", sample: { at: iso(NOW_MS - 400 * DAY), end: null, value: 70.5, valueMmolL: null, ageSeconds: 400 * 86_400, isStale: null, flags: ["manual"], offsetMinutes: 120, source: { provider: "garmin", device: "scale" } },
    });
    // The import's reading lies too near to the sensor's to tell anything new.
    expect(glucose?.sample).toMatchObject({ at: iso(NOW_MS - 8 * MINUTE), value: 110, valueMmolL: 6.11, ageSeconds: 480, isStale: false, source: { provider: "dexcom" } });
    expect(steps?.sample).toMatchObject({ end: iso(NOW_MS - 15 * MINUTE), value: 500, ageSeconds: 900 });
    expect(spo2).toEqual({ metric: "spo2", unit: "%", sample: null });
  });

  it("is not hidden by a device whose clock runs ahead, in rows or in blocks [DA-10]", async () => {
    await give(test, test.people.patient, { records: readings([100], NOW_MS - MINUTE) });
    await give(test, test.people.patient, { records: readings([300], NOW_MS + 3 * HOUR) });
    expect((await me<LatestReply>("/latest?metrics=glucose")).data[0]!.sample).toMatchObject({ value: 100, at: iso(NOW_MS - MINUTE), isStale: false });
    await byGarmin([...beats(NOW_MS - 3 * DAY, 20), ...beats(NOW_MS + DAY, 20), ...beats(NOW_MS + 2 * DAY, 20)]);
    expect(await test.db.asOwner("select 1 from day_blocks")).toHaveLength(3);
    expect((await me<LatestReply>("/latest?metrics=heart_rate")).data[0]!.sample).toMatchObject({ at: iso(NOW_MS - 3 * DAY + 19 * MINUTE), value: 79 });
    // Some of a day lies ahead, some does not.
    await byGarmin(beats(NOW_MS - 10 * MINUTE, 30));
    expect((await me<LatestReply>("/latest?metrics=heart_rate")).data[0]!.sample).toMatchObject({ at: iso(NOW_MS + 4 * MINUTE), ageSeconds: 0 });
  });

  it("is refused for what is no metric", async () => {
    for (const query of ["", "?metrics=", "?metrics=happiness"]) expect((await refused(`/latest${query}`)).errors?.[0]?.pointer, query).toBe("/querystring/metrics");
  });
});

describe("changes since a cursor", () => {
  const since = (query: string, as = test.people.patient): Promise<ChangeList> => read<ChangeList>(test, as, `/changes?${query}`);

  it("come once, in order of commit, page by page, and tell what to ask for anew", async () => {
    await settled(test.people.patient);
    const { cursor, data, hasMore } = await since("after=end");
    expect([data, hasMore]).toEqual([[], false]);
    await give(test, test.people.patient, { records: readings([100, 110], NOW_MS - 10 * MINUTE) });
    await give(test, test.people.stranger, { records: readings([100], NOW_MS) });
    await byGarmin([sample("steps", NOW_MS - HOUR, 5, { endMs: NOW_MS - 45 * MINUTE }), { record: "sleep", vendorId: "s", isNap: true, stages: [], totals: {}, startMs: NOW_MS - 3 * HOUR, endMs: NOW_MS - 2 * HOUR, offsetMinutes: null }]);
    await settled(test.people.patient);
    const whole = await since(`after=${cursor}`);
    expect(whole.data[0]).toEqual({ kind: "samples", metric: "glucose", connectionId: null, from: iso(NOW_MS - 15 * MINUTE), to: iso(NOW_MS - 10 * MINUTE), count: 2 });
    expect(whole.data.map(({ kind, metric, connectionId, count }) => [kind, metric, connectionId, count])).toEqual([["samples", "glucose", null, 2], ["samples", "steps", garmin, 1], ["sleep", null, garmin, 1]]);
    expect(whole.hasMore).toBe(false);
    const paged: ChangeList["data"] = [];
    for (let at = cursor, more = true; more; ) {
      const page = await since(`after=${at}&limit=1`);
      paged.push(...page.data);
      [at, more] = [page.cursor, page.hasMore];
    }
    expect(paged).toEqual(whole.data);
    const nothing = await since(`after=${whole.cursor}`);
    expect(nothing).toEqual({ data: [], cursor: whole.cursor, hasMore: false });
    expect((await since("limit=1000")).data.slice(-3)).toEqual(whole.data);
    expect(JSON.stringify(whole)).not.toMatch(/\b110\b/);
  });

  it("are gone, by 410, for a cursor of another database, and refused for what is no cursor", async () => {
    const cursorOf = (text: string): string => Buffer.from(text).toString("base64url");
    const of = test.people.organizationId.slice(0, 8);
    for (const text of [`${of} 999999999999-1`, `${of} 1-999999`, "0badcafe 1-0", `${of} 99999999999999999999-0`]) {
      expect(await refused(`/changes?after=${cursorOf(text)}`), text).toMatchObject({ status: 410, code: "cursor_gone", detail: expect.stringContaining("after=end") as string });
    }
    for (const after of ["1-0", "x", cursorOf("1-0"), cursorOf(`${of} -1`)]) {
      expect(await refused(`/changes?after=${after}`), after).toMatchObject({ status: 400, errors: [{ pointer: "/querystring/after" }] });
    }
    for (const limit of ["0", "1001", "all"]) expect((await refused(`/changes?limit=${limit}`)).status, limit).toBe(400);
  });

  it("tell nobody but the owner of what a vendor shows to the owner alone [W7]", async () => {
    const strava = await makeConnection(test, test.people.patient, "strava");
    await settled(test.people.patient);
    const { cursor } = await since("after=end");
    await give(test, test.people.patient, { records: beats(NOW_MS - HOUR, 2), provider: "strava", connectionId: strava });
    await give(test, test.people.patient, { records: readings([100], NOW_MS) });
    await settled(test.people.patient);
    const seen = async (as: Person): Promise<(string | null)[]> =>
      (await test.request({ as, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}/changes?after=${cursor}` })).json<ChangeList>().data.map(({ metric }) => metric);
    expect(await seen(test.people.patient)).toEqual(["heart_rate", "glucose"]);
    expect(await seen(test.people.clinician)).toEqual(["glucose"]);
  });
});

describe("a workout by its id", () => {
  const start = NOW_MS - 2 * HOUR;
  it("has its laps, zones and what its own connection measured in it, pace from speed [R4]", async () => {
    const ride: VendorRecord = {
      record: "workout", vendorId: "w1", sport: "running", startMs: start, endMs: start + HOUR, offsetMinutes: 120, laps: [{ startMs: start, endMs: start + 30 * MINUTE, distanceM: 5_000 }, { startMs: start + 30 * MINUTE, averageHeartRate: 150 }],
      heartRateZonesS: [60, 120, 300],
    };
    await byGarmin([
      ride, ...beats(start - 30 * MINUTE, 120), ...Array.from({ length: 61 }, (_, index) => sample("speed", start + index * MINUTE, index === 3 ? 0 : 2.5)), sample("altitude", start + MINUTE, 650),
    ]);
    await give(test, test.people.patient, { records: [sample("power", start + MINUTE, 250)] });
    const { data: [listed] } = await me<{ data: { id: string }[] }>("/workouts");
    const found = await me<WorkoutDetails>(`/workouts/${listed!.id}`);
    expect(workoutDetails.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      ...listed, heartRateZonesS: [60, 120, 300],
      laps: [{ start: iso(start), end: iso(start + 30 * MINUTE), distanceM: 5_000, averageHeartRate: null }, { start: iso(start + 30 * MINUTE), end: null, distanceM: null, averageHeartRate: 150 }],
    });
    expect(found.streams.map(({ name, unit }) => [name, unit])).toEqual([["heart_rate", "/min"], ["speed", "m/s"], ["pace", "s/km"], ["altitude", "m"]]);
    const [heart, speed, pace] = found.streams;
    expect([heart!.times[0], heart!.times.at(-1), heart!.times.length]).toEqual([start, start + 59 * MINUTE, 60]);
    expect(speed!.values).toHaveLength(60);
    expect(pace!.times).toEqual(speed!.times.filter((ms) => ms !== start + 3 * MINUTE));
    expect(new Set(pace!.values)).toEqual(new Set([400]));
    expect((await me<WorkoutDetails>(`/workouts/${listed!.id}?points=10`)).streams[0]!.values).toHaveLength(10);
    expect(heart!.sources).toEqual([expect.objectContaining({ provider: "garmin", connectionId: garmin })]);
  });

  it("is not found where it is another's, withdrawn, or none", async () => {
    await byGarmin([{ record: "workout", vendorId: "w1", sport: "yoga", startMs: start, endMs: start + HOUR, offsetMinutes: null }]);
    const { data: [mine] } = await me<{ data: { id: string }[] }>("/workouts");
    const ask = async (as: Person, id: string): Promise<number> => (await test.request({ as, method: "GET", url: `/api/v1/patients/me/workouts/${id}` })).statusCode;
    expect(await ask(test.people.patient, mine!.id)).toBe(200);
    expect(await ask(test.people.stranger, mine!.id)).toBe(404);
    expect(await ask(test.people.patient, "999999")).toBe(404);
    expect(await ask(test.people.patient, "latest")).toBe(400);
    await byGarmin([{ record: "withdrawal", of: "workout", vendorId: "w1" }]);
    expect(await ask(test.people.patient, mine!.id)).toBe(404);
  });
});

describe("a sleep by its id", () => {
  it("has its stages as columns without holes, and what was measured in that night [R4]", async () => {
    const start = NOW_MS - 10 * HOUR;
    const at = (hours: number): number => start + hours * HOUR;
    await byGarmin([
      { record: "sleep", vendorId: "s1", startMs: start, endMs: at(8), offsetMinutes: 120, isNap: false, totals: { asleepS: 20_000 }, stages: [
        { stage: "light", startMs: start, endMs: at(2) }, { stage: "deep", startMs: at(2), endMs: at(3) }, { stage: "rem", startMs: at(4), endMs: at(8) },
      ] },
      ...beats(start - HOUR, 24, 30 * MINUTE), sample("hrv_rmssd", at(1), 55), sample("steps", at(1), 3, { endMs: at(2) }),
    ]);
    const { data: [listed] } = await me<{ data: { id: string }[] }>("/sleeps");
    const found = await me<SleepDetails>(`/sleeps/${listed!.id}`);
    expect(sleepDetails.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      ...listed, offsetMinutes: 120, hypnogram: { from: [start, at(2), at(3), at(4)], to: [at(2), at(3), at(4), at(8)], stage: ["light", "deep", "unmeasurable", "rem"] },
    });
    expect(found.streams.map(({ name, values }) => [name, values.length])).toEqual([["heart_rate", 16], ["hrv_rmssd", 1]]);
  });
});
