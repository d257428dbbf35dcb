import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, WebhookRejected } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { statusOf } from "./api.ts";
import { coros } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 6);

type Json = Record<string, unknown>;

/** A fixture as COROS would send it: without our note on its source. */
function fixture(name: string): Json {
  const { _source, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return body;
}

function map(resource: string, payload: unknown = fixture(resource), zone = "Europe/Warsaw"): MapResult {
  return coros.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

/** Samples of one metric as "start(/end) value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map((sample) => {
      const times = [sample.startMs, ...(sample.endMs === undefined ? [] : [sample.endMs])].map((ms) => formatInstant(ms).slice(5, 16)).join("/");
      return [times, Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" ");
    });
}

const workoutsOf = ({ records }: MapResult): WorkoutRecord[] => records.filter((record) => record.record === "workout");
const sleepsOf = ({ records }: MapResult): SleepRecord[] => records.filter((record) => record.record === "sleep");

const run = (changes: Json = {}): Json => ({ ...(fixture("sport")["data"] as Json[])[0], ...changes });
const mapRun = (changes: Json): MapResult => map("sport", [run(changes)]);

describe("mapping COROS's workouts", () => {
  it("gives a run: pace from what is called speed, kilocalories from small calories, the offset from quarters of an hour [W2] [W3]", () => {
    const result = map("sport");
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result)[0]).toMatchObject({
      vendorId: "418173292602490880", startMs: 1_772_470_000_000, endMs: 1_772_471_860_000, offsetMinutes: 60, sport: "running", vendorSport: "8/1",
      activeS: 1_800, distanceM: 5_000, energyKcal: 380, averagePaceSKm: 360, averageCadence: 164, steps: 4_800,
      device: { id: "COROS PACE 3", name: "COROS PACE 3" },
    });
    expect(workoutsOf(result)[0]?.averageSpeedMS).toBeCloseTo(2.778, 3);
  });

  it("gives a triathlon with its legs as laps, one after another", () => {
    const [, triathlon] = workoutsOf(map("sport"));
    expect(triathlon).toMatchObject({ sport: "multisport", distanceM: 51_500, energyKcal: 1_450 });
    const startMs = 1_772_530_000_000;
    expect(triathlon?.laps).toEqual([
      { startMs, endMs: startMs + 1_800_000, distanceM: 1_500 },
      { startMs: startMs + 1_800_000, endMs: startMs + 6_000_000, distanceM: 40_000 },
      { startMs: startMs + 6_000_000, endMs: startMs + 8_400_000, distanceM: 10_000 },
    ]);
  });

  it("reads numbers that are texts, and leaves out what was not measured", () => {
    const gym = workoutsOf(map("sport"))[2];
    expect(gym).toMatchObject({ sport: "strength", activeS: 2_700, offsetMinutes: 60, energyKcal: 240 });
    for (const field of ["distanceM", "averagePaceSKm", "averageSpeedMS", "averageCadence", "steps", "laps"]) expect(gym).not.toHaveProperty(field);
  });

  it.each([[8, 2, "running"], [9, 1, "cycling"], [13, 3, "skiing"], [24, 2, "rowing"], [34, 2, "hiit"], [18, 1, "other"], [82, 1, "other"], [8, 3, "other"]])(
    "looks up the pair %i, %i: %s", (mode, subMode, sport) => expect(workoutsOf(mapRun({ mode, subMode }))[0]?.sport).toBe(sport),
  );

  it("refuses an id that was rounded on the way, and keeps one that was not", () => {
    expect(mapRun({ labelId: 418_173_292_602_490_880 }).records).toEqual([]);
    expect(mapRun({ labelId: 418_173 }).records).toMatchObject([{ vendorId: "418173" }]);
  });

  it("keeps the good workouts and says where the bad one is, without its values [VA-05]", () => {
    const result = map("sport", [run(), run({ startTime: "canary" }), run({ endTime: 5, duration: null }), "canary", run({ calorie: -5 })]);
    expect(workoutsOf(result)).toHaveLength(2);
    expect(result.problems.map(({ path }) => path)).toEqual(["/1/startTime", "/2/endTime", "/3", "/4/calorie"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("finds the list wherever it lies, takes no data for none, and refuses what is no list", () => {
    const [first] = workoutsOf(mapRun({}));
    for (const payload of [[run()], { sportDataList: [run()] }, { result: "0000", data: [run()] }, { result: "0000", data: { sportDataList: [run()] } }, run()]) {
      expect(workoutsOf(map("sport", payload))).toEqual([first]);
    }
    expect(map("sport", { result: "0000", message: "OK", data: null })).toEqual({ records: [], problems: [] });
    expect(() => map("sport", { result: { toString: 1 }, data: null })).toThrow(ProviderContractBroken);
    for (const junk of [null, "canary", {}, { result: "5006", message: "invalid" }, { data: 5 }]) expect(() => map("sport", junk)).toThrow(ProviderContractBroken);
    expect(() => map("upload", [])).toThrow(InvalidInput);
  });
});

describe("mapping COROS's days", () => {
  it("finds days and workouts in every place where they lie", () => {
    const day = { happenDay: 20_260_302, step: 120 };
    const expected = ["03-01T23:00/03-02T23:00 120 day_total"];
    for (const payload of [[day], day, { dailyList: [day] }, { result: "0000", data: { dailyList: [day] } }, { batchDailyList: [{ openId: "a", dailyList: [day] }] }]) {
      expect(lines(map("daily", payload), "steps")).toEqual(expected);
    }
    expect(workoutsOf(map("sport", { result: "0000", data: run() }))).toEqual(workoutsOf(map("sport", [run()])));
  });

  it("gives totals of the day and means of the night", () => {
    const result = map("daily");
    expect(result.problems).toEqual([]);
    expect(lines(result, "steps")).toEqual(["03-01T23:00/03-02T23:00 8123 day_total", "03-02T23:00/03-03T23:00 6400 day_total", "03-03T23:00/03-04T23:00 120 day_total"]);
    expect(lines(result, "calories_total")).toEqual(["03-01T23:00/03-02T23:00 2210 day_total", "03-02T23:00/03-03T23:00 2105 day_total"]);
    expect(lines(result, "resting_heart_rate")).toEqual(["03-01T23:00/03-02T23:00 51"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["03-01T22:00 62 day_total", "03-01T23:00 58", "03-02T00:00 66"]);
    expect(lines(result, "heart_rate")).toEqual(["03-01T22:00 53 day_total", "03-01T23:00 52"]);
  });

  it("gives one sleep a day, without stages, also from the text of a clock", () => {
    const [first, second, ...more] = sleepsOf(map("daily"));
    expect(first).toEqual({
      record: "sleep", vendorId: "day-20260302", startMs: 1_772_402_400_000, endMs: 1_772_429_400_000, offsetMinutes: 60, isNap: false,
      stages: [{ stage: "asleep", startMs: 1_772_402_400_000, endMs: 1_772_429_400_000 }], totals: {},
    });
    expect(second).toMatchObject({ vendorId: "day-20260303", startMs: Date.UTC(2026, 2, 2, 22, 10), endMs: Date.UTC(2026, 2, 3, 5, 50) });
    expect(more).toEqual([]);
  });

  it("gives the day on which clocks change its 25 hours, and the day of a traveller where the traveller was", () => {
    const day = (changes: Json): string[] => lines(coros.map("daily", [{ happenDay: 20251026, step: 5, ...changes }], { receivedMs: RECEIVED_MS, zone: "Europe/Warsaw" }), "steps");
    expect(day({ startTimezone: 4, endTimezone: 4 })).toEqual(["10-25T22:00/10-26T23:00 5 day_total"]);
    expect(day({ startTimezone: 32, endTimezone: 32 })).toEqual(["10-25T16:00/10-26T16:00 5 day_total"]);
    expect(day({})).toEqual(["10-25T22:00/10-26T23:00 5 day_total"]);
    // The night behind this day ends after the change of clocks.
    expect(day({ happenDay: 20251025, startTimezone: 8, endTimezone: 4 })).toEqual(["10-24T22:00/10-25T22:00 5 day_total"]);
  });

  it("takes energy for small calories where nobody can have burnt so much, of a day under way by the part that is over [VA-13]", () => {
    const burnt = (calorie: number, receivedMs: number): string[] => lines(coros.map("daily", [{ happenDay: 20260302, calorie }], { receivedMs, zone: "UTC" }), "calories_total").map((line) => line.split(" ")[1]!);
    expect([burnt(2_210, RECEIVED_MS), burnt(2_210_000, RECEIVED_MS)]).toEqual([["2210"], ["2210"]]);
    const early = Date.UTC(2026, 2, 2, 0, 12);
    expect([burnt(14, early), burnt(14_000, early), burnt(900, early)]).toEqual([["14"], ["14"], ["900"]]);
    expect(burnt(14_000, RECEIVED_MS)).toEqual(["14000"]);
  });

  it("keeps the day when its sleep cannot be, and refuses days that do not exist", () => {
    const day = { happenDay: 20260302, step: 5, sleepStartTime: 1_772_429_400, sleepEndTime: 1_772_402_400 };
    const result = map("daily", [day, { ...day, happenDay: 20260230 }, { ...day, happenDay: "canary" }, { ...day, sleepStartTime: null, sleepEndTime: null, hrvList: ["canary", { timestamp: 1 }] }]);
    expect(lines(result, "steps")).toHaveLength(2);
    expect(sleepsOf(result)).toEqual([]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/0/sleepStartTime", "/1/happenDay", "/2/happenDay", "/3/hrvList"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}

/** A call whose fetch answers from a list of texts (the last again and again) and remembers what was asked. */
function callWith(answers: readonly string[]): { readonly call: DriverCall; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: AuthorizedFetch = (path, options = {}) => {
    asked.push({ path, options });
    const text = answers[Math.min(asked.length, answers.length) - 1] ?? "";
    const response: VendorResponse = { status: 200, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
    return Promise.resolve(response);
  };
  const call: DriverCall = {
    fetch, settings: {}, account: { vendorUserId: "8f2c1d", grantedScopes: null }, nowMs: RECEIVED_MS, signal: new AbortController().signal,
  };
  return { call, asked };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of coros.pull(call, request)) got.push(page);
  return got;
}

const textOf = (page: PulledPage | undefined): string => new TextDecoder().decode(page?.body);

describe("asking COROS", () => {
  it("declares nothing that contradicts itself", () => expect(() => checkDriver(coros)).not.toThrow());

  it("knows the person from the code exchange, or asks", async () => {
    const told = callWith([]);
    expect(await coros.identify(told.call, { openId: "8f2c1d" })).toEqual({ vendorUserId: "8f2c1d", grantedScopes: null });
    expect(told.asked).toEqual([]);
    const { call, asked } = callWith([JSON.stringify({ result: "0000", message: "OK", data: { openId: "8f2c1d", nick: "Syn" } })]);
    expect((await coros.identify({ ...call, account: { vendorUserId: null, grantedScopes: null } }, {})).vendorUserId).toBe("8f2c1d");
    expect(asked[0]).toMatchObject({ path: "/v2/user", options: { query: {}, tokenInQuery: "token" } });
  });

  it("asks for whole dates, at most 30 at once, none older than the vendor keeps and none beyond tomorrow", async () => {
    const { call, asked } = callWith([JSON.stringify({ result: "0000", data: [] })]);
    await pages(call, { resource: "sport", window: { fromMs: RECEIVED_MS - 200 * DAY_MS, toMs: RECEIVED_MS } });
    expect(asked).toHaveLength(4);
    for (const { path, options } of asked) {
      expect(path).toBe("/v2/coros/sport/list");
      expect(options).toMatchObject({ tokenInQuery: "token", query: { openId: "8f2c1d" } });
      const [from, to] = ["startDate", "endDate"].map((name) => Date.parse(String(options.query?.[name]).replace(/(\d{4})(\d{2})(\d{2})/, "$1-$2-$3")));
      expect((to! - from!) / DAY_MS).toBeLessThan(30);
    }
    expect(asked[0]?.options.query?.["startDate"]).toBe("20251205");
    expect(asked.at(-1)?.options.query?.["endDate"]).toBe("20260306");
    for (const hour of [11, 12, 21, 22, 23]) {
      asked.length = 0;
      const fromMs = RECEIVED_MS - 60 * DAY_MS + hour * 3_600_000 + 1;
      await pages(call, { resource: "sport", window: { fromMs, toMs: RECEIVED_MS } });
      for (const { options } of asked) {
        const [from, to] = ["startDate", "endDate"].map((name) => Date.parse(String(options.query?.[name]).replace(/(\d{4})(\d{2})(\d{2})/, "$1-$2-$3")));
        expect((to! - from!) / DAY_MS + 1, String(hour)).toBeLessThanOrEqual(30);
      }
    }
    await pages(call, { resource: "daily", window: { fromMs: RECEIVED_MS, toMs: RECEIVED_MS + 5 * DAY_MS } });
    expect(asked.at(-1)).toMatchObject({ path: "/coros/daily/query", options: { query: { startDate: "20260305", endDate: "20260307" } } });
  });

  it("keeps every digit of ids that come as bare numbers, and a page as it was otherwise", async () => {
    const bare = JSON.stringify(fixture("sport")).replace('"418173292602490880"', "418173292602490881");
    const [page] = await pages(callWith([bare]).call, { resource: "sport", window: { fromMs: RECEIVED_MS - DAY_MS, toMs: RECEIVED_MS } });
    expect(workoutsOf(map("sport", JSON.parse(textOf(page)) as unknown))[0]?.vendorId).toBe("418173292602490881");
    const plain = JSON.stringify(fixture("daily"));
    expect(textOf((await pages(callWith([plain]).call, { resource: "daily", window: { fromMs: RECEIVED_MS - DAY_MS, toMs: RECEIVED_MS } }))[0])).toBe(plain);
  });

  it("refuses another person's data [VA-15]", async () => {
    const { call } = callWith([JSON.stringify({ result: "0000", data: [run({ openId: "somebody" })] })]);
    await expect(pages(call, { resource: "sport", window: { fromMs: RECEIVED_MS - DAY_MS, toMs: RECEIVED_MS } })).rejects.toMatchObject({ path: "/data/0/openId" });
  });

  it.each([
    ['{"result":"0000","message":"OK"}', 200], ['{"result":0}', 200], ['{"result":"5006"}', 401], ['{"result":"30009"}', 403], ['{"result":"2001"}', 503],
    ['{"result":"1234"}', 400], ["<html>", 200], ['{"access_token":"x"}', 200], ["null", 200],
  ])("takes %s for %i", (body, status) => expect(statusOf(new TextEncoder().encode(body))).toBe(status));

  it("has no objects by id, nor other resources", async () => {
    await expect(pages(callWith([]).call, { resource: "sport", objectId: "1" })).rejects.toBeInstanceOf(InvalidInput);
    await expect(pages(callWith([]).call, { resource: "toString", window: { fromMs: 0, toMs: 1 } })).rejects.toBeInstanceOf(InvalidInput);
  });

  it("lives on another host for trials", () => {
    expect(coros.endpoints({ environment: "test" }).api).toBe("https://opentest.coros.com");
    expect(() => coros.endpoints({ environment: "moon" })).toThrow(InvalidInput);
  });
});

const request = (body: unknown, headers: WebhookRequest["headers"]): WebhookRequest =>
  ({ headers, query: {}, body: new TextEncoder().encode(JSON.stringify(body)), receivedMs: RECEIVED_MS });

function verify(headers: WebhookRequest["headers"], given: Partial<WebhookSecrets> = {}): () => void {
  const secrets: WebhookSecrets = { clientId: "app", clientSecrets: ["shh"], verifyToken: null, subscriptionId: null, settings: {}, ...given };
  return () => coros.webhook!.verify(request(fixture("event"), headers), secrets);
}

const parse = (body: unknown): WebhookParse => coros.webhook!.parse(body);

describe("COROS's pushes", () => {
  it("enter with our client id and secret in two headers, and not otherwise [WH-01] [WH-06]", () => {
    expect(verify({ client: "app", secret: "shh" })).not.toThrow();
    expect(verify({ client: "app", secret: "old" }, { clientSecrets: ["shh", "old"] })).not.toThrow();
    for (const headers of [{}, { client: "app" }, { secret: "shh" }, { client: "app", secret: "shhh" }, { client: "other", secret: "shh" }, { client: "", secret: "" }]) {
      expect(verify(headers)).toThrow(WebhookRejected);
    }
    expect(verify({ client: "app", secret: "" }, { clientSecrets: [""] })).toThrow(WebhookRejected);
    expect(verify({ client: "", secret: "shh" }, { clientId: "" })).toThrow(WebhookRejected);
    expect(verify({ client: "app", secret: "shh" }, { clientSecrets: [] })).toThrow(WebhookRejected);
  });

  it("hold days by person, too", () => {
    const days = [{ happenDay: 20_260_302, step: 120 }];
    expect(parse({ batchDailyList: [{ openId: "a", dailyList: days }, { openId: "b" }, { openId: 7, dailyList: [] }] })).toEqual({
      events: [
        { kind: "data", account: "a", resource: "daily", payload: days },
        { kind: "data", account: "7", resource: "daily", payload: [] },
      ],
      problems: [{ path: "/batchDailyList/1/dailyList", reason: "missing or of the wrong type" }],
    });
  });

  it("are answered in COROS's own words, and so is its look at our address", () => {
    const received = { contentType: "application/json", body: '{"message":"ok","result":"0000"}' };
    expect(coros.webhook?.acknowledgeBody).toEqual(received);
    const secrets: WebhookSecrets = { clientId: "app", clientSecrets: ["shh"], verifyToken: null, subscriptionId: null, settings: {} };
    expect(coros.webhook?.handshake?.(request(null, {}), secrets)).toEqual(received);
  });

  it("hold workouts of several persons, each of whom gets their own", () => {
    const { events, problems } = parse(fixture("event"));
    expect(problems).toEqual([]);
    expect(events.map(({ kind, account }) => [kind, account])).toEqual([["data", "8f2c1d"], ["data", "b7a9"]]);
    for (const event of events) expect(workoutsOf(map("sport", event.kind === "data" ? event.payload : null))).toHaveLength(1);
  });

  it("are kept but for what belongs to nobody, and refused when they are none", () => {
    const { events, problems } = parse({ sportDataList: [run(), { labelId: "1" }, "canary"] });
    expect(events).toHaveLength(1);
    expect(problems.map(({ path }) => path)).toEqual(["/sportDataList/1/openId", "/sportDataList/2/openId"]);
    for (const junk of [null, [], "canary", {}]) expect(() => parse(junk)).toThrow(ProviderContractBroken);
  });
});
