import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRateLimited, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import { parseForm } from "#driver/payload.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { AppCall, DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { createAuthorizedFetch } from "#http/authorized.ts";
import { createTestClient, replyJson, startTestServer } from "#http/test-kit.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { exchangeCode, refreshTokens, type CodeExchange, type TokenRefresh } from "#oauth/tokens.ts";
import { Secret } from "#secret.ts";
import { DAY_MS, formatInstant, MINUTE_MS } from "#units/time.ts";
import { auth, signatureOf } from "./auth.ts";
import { withings } from "./index.ts";
import { httpStatusOf, INVALID_PARAMETERS, ERRORS_OF_WITHINGS, statusOf } from "./status.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 2, 12);
const SCALE = "892359876fd8805ac45bab078c4828692f0276b1";
const WATCH = "93b1f4aa01d9c7f3a2f7a5e0d68ad0b5fb5b2f11";

type Json = Record<string, unknown>;

function fixture(name: string): Json {
  const { _source, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return body;
}

function map(resource: string, payload: unknown): MapResult {
  return withings.map(resource, payload, { receivedMs: RECEIVED_MS, zone: "Europe/Madrid" });
}

/** Samples of one metric as "start value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map((sample) => [formatInstant(sample.startMs).slice(0, 19), Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" "));
}

const sleepsOf = (result: MapResult): SleepRecord[] => result.records.filter((record) => record.record === "sleep");
const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");

const ok = (body: unknown): Json => ({ status: 0, body });
/** One group of measures with changes, as an answer. */
function groups(...changes: Json[]): Json {
  const base = { grpid: 1, attrib: 0, date: 1_772_433_000, category: 1, deviceid: SCALE, hash_deviceid: SCALE, measures: [{ value: 72_450, type: 1, unit: -3 }] };
  return ok({ timezone: "Europe/Paris", measuregrps: changes.map((change, index) => ({ ...base, grpid: index + 1, ...change })), more: 0, offset: 0 });
}

describe("the data sheet of Withings", () => {
  it("contradicts itself nowhere", () => {
    expect(() => checkDriver(withings)).not.toThrow();
  });

  it("knows the two clouds, and no third", () => {
    expect(withings.endpoints({})).toEqual({ auth: "https://account.withings.com", token: "https://wbsapi.withings.net", api: "https://wbsapi.withings.net" });
    expect(withings.endpoints({ cloud: "us_medical" }).api).toBe("https://wbsapi.us.withingsmed.net");
    expect(() => withings.endpoints({ cloud: "toString" })).toThrow(InvalidInput);
  });

  it("produces every metric and kind of record that it declares from its fixtures [W3]", () => {
    for (const { name, metrics, records } of withings.resources) {
      const result = map(name, fixture(name));
      expect(result.problems, name).toEqual([]);
      expect(new Set(result.records.flatMap((record) => (record.record === "sample" ? [record.metric] : []))), name).toEqual(new Set(metrics));
      expect(new Set<string>(result.records.map(({ record }) => record)), name).toEqual(new Set(records));
    }
  });
});

describe("mapping Withings' measures", () => {
  const result = map("getmeas", fixture("getmeas"));

  it("gives value × 10^unit without a binary tail, at the zone's offset, by the device", () => {
    expect(lines(result, "weight")).toEqual(["2026-03-02T06:30:00 72.45", "2026-02-28T10:00:00 73 manual"]);
    const weight = result.records[0] as SampleRecord;
    expect(weight).toMatchObject({ value: 72.45, offsetMinutes: 60, device: { id: SCALE, name: "Body Scan" } });
    expect(result.records.find((record) => record.record === "sample" && record.flags?.includes("manual"))).not.toHaveProperty("device");
    expect(lines(map("getmeas", groups({ measures: [{ value: 7, type: 1, unit: 1 }] })), "weight")[0]).toMatch(/ 70$/);
  });

  it("gives both halves of a blood pressure and its pulse at one instant", () => {
    expect(["blood_pressure_systolic", "blood_pressure_diastolic", "heart_rate"].map((metric) => lines(result, metric).at(-1))).toEqual([
      "2026-03-02T07:10:00 121", "2026-03-02T07:10:00 78", "2026-03-02T07:10:00 61",
    ]);
  });

  it("tells body and skin temperature from that of a room, and gives oxygen", () => {
    expect(lines(result, "body_temperature")).toEqual(["2026-03-01T20:00:00 36.72"]);
    expect(lines(result, "skin_temperature")).toEqual(["2026-03-01T20:00:00 33.4"]);
    expect(lines(result, "spo2")).toEqual(["2026-03-01T21:00:00 97"]);
  });

  it("keeps water as a share of the weight beside it, and none without a weight", () => {
    expect(lines(result, "body_water")).toEqual(["2026-03-02T06:30:00 57.005"]);
    expect(map("getmeas", groups({ measures: [{ value: 4130, type: 77, unit: -2 }] })).records).toEqual([]);
  });

  it("takes no limb for the body: what was measured at a part of it is left out, a cuff's arm is not", () => {
    expect(lines(result, "muscle_mass")).toEqual(["2026-03-02T06:30:00 56.2"]);
    expect(lines(result, "lean_mass")).toEqual(["2026-03-02T06:30:00 59.19"]);
    const cuff = [{ value: 121, type: 10, unit: 0, position: 3 }, { value: 72, type: 1, unit: 0, position: 6 }];
    expect(map("getmeas", groups({ measures: cuff })).records).toHaveLength(2);
  });

  it("leaves goals and what may be somebody else's away, marks what was typed, and reports what it does not know", () => {
    expect(map("getmeas", groups({ category: 2 }, { attrib: 1 }))).toEqual({ records: [], problems: [] });
    for (const attrib of [2, 4]) expect(lines(map("getmeas", groups({ attrib })), "weight")[0]).toMatch(/ 72.45 manual$/);
    for (const attrib of [0, 5, 7, 8, 15, 17, null]) expect(lines(map("getmeas", groups({ attrib })), "weight")[0]).toMatch(/ 72.45$/);
    expect(map("getmeas", groups({ attrib: 99 }, { category: 3 }))).toMatchObject({
      records: [], problems: [{ path: "/body/measuregrps/0/attrib" }, { path: "/body/measuregrps/1/category" }],
    });
  });

  it("counts a group that comes twice once, and of a revised one the latest; of a type that comes twice the first", () => {
    const twice = groups({ grpid: 7, modified: 10 }, { grpid: 7, attrib: 8, modified: 10 }, { grpid: 7, modified: 20, measures: [{ value: 71, type: 1, unit: 0 }] });
    expect(lines(map("getmeas", twice), "weight")).toEqual(["2026-03-02T06:30:00 71"]);
    const inside = groups({ measures: [{ value: 72, type: 1, unit: 0 }, { value: 11, type: 1, unit: 0 }] });
    expect(lines(map("getmeas", inside), "weight")).toEqual(["2026-03-02T06:30:00 72"]);
  });

  it("takes zeros and negative numbers for missing, and reports what no body can have", () => {
    const zeros = [1, 6, 11, 54].flatMap((type) => [{ value: 0, type, unit: 0 }, { value: -1, type, unit: 0 }]);
    expect(map("getmeas", groups({ measures: zeros }))).toEqual({ records: [], problems: [] });
    expect(map("getmeas", groups({ measures: [{ value: 72_450, type: 1, unit: 0 }] }))).toMatchObject({
      records: [], problems: [{ path: "/body/measuregrps/0/measures/0", reason: "outside what weight can be" }],
    });
  });

  it("keeps good groups and says where the bad ones are, without their values [VA-05]", () => {
    const bad = map("getmeas", groups({}, { date: "canary" }, { date: 9e12 }, { measures: [{ value: "canary", type: 1, unit: 0 }, { value: 1, type: 1, unit: 400 }] }, {}));
    expect(lines(bad, "weight")).toHaveLength(2);
    expect(bad.problems.map(({ path }) => path)).toEqual([
      "/body/measuregrps/1/date", "/body/measuregrps/2/date", "/body/measuregrps/3/measures/0/value", "/body/measuregrps/3/measures/1/unit",
    ]);
    expect(JSON.stringify(bad.problems)).not.toContain("canary");
  });

  it("reads a bare body like a wrapped one, and breaks where the list is missing", () => {
    expect(map("getmeas", fixture("getmeas")["body"]).records).toEqual(result.records);
    for (const broken of [ok({}), ok([]), {}, null, "canary"]) expect(() => map("getmeas", broken)).toThrow(ProviderContractBroken);
    expect(() => map("getmeas", ok({}))).toThrow(expect.objectContaining({ path: "/body/measuregrps" }) as Error);
    expect(() => map("toString", {})).toThrow(InvalidInput);
  });

  it("gives the heart rate of an ECG, and the blood pressure taken with it", () => {
    const result = map("heart_list", fixture("heart_list"));
    expect(lines(result, "heart_rate")).toEqual(["2026-03-01T09:00:00 63", "2026-03-01T10:00:00 65"]);
    expect(lines(result, "blood_pressure_systolic")).toEqual(["2026-03-01T10:00:00 124"]);
    expect(lines(result, "blood_pressure_diastolic")).toEqual(["2026-03-01T10:00:00 80"]);
  });
});

describe("mapping Withings' activity", () => {
  it("gives totals over the local day and marks them as such; a day so far has zeros, a heart none", () => {
    const result = map("getactivity", fixture("getactivity"));
    expect(lines(result, "steps")).toEqual(["2026-02-28T23:00:00 9120 day_total", "2026-03-01T23:00:00 0 day_total", "2026-02-28T23:00:00 8800 day_total"]);
    expect(lines(result, "heart_rate_max")).toEqual(["2026-02-28T23:00:00 151"]);
    expect(result.records[0]).toMatchObject({ endMs: Date.UTC(2026, 2, 1, 23), offsetMinutes: 60, device: { id: WATCH, name: "ScanWatch 2" } });
    expect(result.records.at(-1)).toMatchObject({ metric: "calories_total", device: { id: "external" } });
  });

  it("gives a day of 23 hours where clocks go forward, and the patient's zone where none is told", () => {
    const days = [{ timezone: "Europe/Paris" }, { timezone: null }, { timezone: "Nowhere/Land" }].map((zone) => ({ date: "2026-03-29", steps: 1, ...zone }));
    const { records } = withings.map("getactivity", ok({ activities: days }), { receivedMs: Date.UTC(2026, 4, 1), zone: "America/New_York" });
    const [paris, ...others] = records as SampleRecord[];
    expect(paris!.endMs! - paris!.startMs).toBe(23 * 3_600_000);
    for (const { startMs } of others) expect(formatInstant(startMs)).toBe("2026-03-29T04:00:00.000Z");
  });

  it("reports impossible dates and times", () => {
    const bad = map("getactivity", ok({ activities: [{ date: "2026-02-30", steps: 1 }, { date: "9999-12-31", steps: 1 }, { steps: 1 }] }));
    expect(bad).toMatchObject({ records: [], problems: [{ path: "/body/activities/0/date" }, { path: "/body/activities/1/date" }, { path: "/body/activities/2/date" }] });
  });

  it("places minutes by their epoch, sums over their duration", () => {
    const result = map("getintradayactivity", fixture("getintradayactivity"));
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T09:00:00 88", "2026-03-02T09:10:00 74"]);
    expect(result.records.find((record) => record.record === "sample" && record.metric === "steps")).toMatchObject({
      value: 42, startMs: Date.UTC(2026, 2, 2, 9), endMs: Date.UTC(2026, 2, 2, 9, 1),
    });
    expect(lines(result, "spo2")).toEqual(["2026-03-02T09:10:00 96.5"]);
  });

  it("takes an empty list for no entries, and reports entries that are none, once for each field", () => {
    for (const series of [[], {}]) expect(map("getintradayactivity", ok({ series }))).toEqual({ records: [], problems: [] });
    expect(() => map("getintradayactivity", ok({ series: [1] }))).toThrow(ProviderContractBroken);
    const series = { canary: {}, "1772442000": { heart_rate: "canary", steps: 3 }, "1772442060": { heart_rate: "71", steps: 3 }, "1772442120": null };
    const result = map("getintradayactivity", ok({ series }));
    expect(lines(result, "heart_rate")).toHaveLength(1);
    expect(result.problems.map(({ path }) => path).toSorted()).toEqual(["/body/series", "/body/series/*/duration", "/body/series/*/heart_rate"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("maps minutes of heart rate at 15,000 a second even on a busy machine (the bench asks for ten times that)", () => {
    const series: Json = {};
    for (let index = 0; index < 20_000; index += 1) series[String(1_772_000_000 + index * 10)] = { deviceid: WATCH, model: "ScanWatch 2", heart_rate: 60 + (index % 40) };
    const started = performance.now();
    expect(map("getintradayactivity", ok({ series })).records).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(1_333);
  });
});

describe("mapping Withings' workouts", () => {
  it("gives what was measured, pace without pauses, and what was typed where nothing was measured", () => {
    const result = map("getworkouts", fixture("getworkouts"));
    const [run, typed] = workoutsOf(result);
    expect(run).toMatchObject({
      vendorId: "900001", startMs: Date.UTC(2026, 2, 1, 7), endMs: Date.UTC(2026, 2, 1, 7, 45), offsetMinutes: 60, sport: "running", vendorSport: "run",
      activeS: 2_400, distanceM: 7_200, energyKcal: 402, averageHeartRate: 148, maxHeartRate: 171, steps: 7_050, averageSpeedMS: 3,
      heartRateZonesS: [300, 900, 1_200, 240], isManual: false, device: { id: WATCH },
    });
    expect(run?.averagePaceSKm).toBeCloseTo(333.33, 2);
    expect(typed).toMatchObject({ vendorId: "900002", sport: "other", energyKcal: 250, isManual: true });
    for (const field of ["distanceM", "averagePaceSKm", "averageHeartRate", "heartRateZonesS", "device"]) expect(typed).not.toHaveProperty(field);
    expect(workoutsOf(result), "no activity").toHaveLength(2);
  });

  it.each([[1, "walking"], [7, "swimming"], [16, "strength"], [187, "rowing"], [272, "multisport"], [308, "cycling"], [550, "hiit"], [557, "other"], [99_999, "other"]])(
    "maps category %i to %s", (category, sport) => {
      const item = { id: 1, category, startdate: 1_772_442_000, enddate: 1_772_445_600, data: [] };
      expect(workoutsOf(map("getworkouts", ok({ series: [item] })))[0]).toMatchObject({ sport });
    },
  );

  it("refuses an id that a number cannot hold, an end before its start, and what may be somebody else's", () => {
    const item = { id: 1, category: 2, startdate: 1_772_442_000, enddate: 1_772_445_600 };
    const result = map("getworkouts", ok({ series: [{ ...item, id: 2 ** 60 }, { ...item, enddate: 1_772_441_000 }, { ...item, attrib: 1 }, item] }));
    expect(workoutsOf(result)).toHaveLength(1);
    expect(result.problems.map(({ path }) => path)).toEqual(["/body/series/0/id", "/body/series/1/enddate"]);
  });
});

describe("mapping Withings' nights", () => {
  it("joins a summary and its details to one sleep with stages, and leaves out another device's", () => {
    const result = map("sleep", fixture("sleep"));
    const [night] = sleepsOf(result);
    expect(night).toMatchObject({
      vendorId: "5001", startMs: Date.UTC(2026, 2, 1, 22, 40), endMs: Date.UTC(2026, 2, 2, 6, 40), offsetMinutes: 60, isNap: false, score: 82, efficiencyPercent: 92,
      totals: { inBedS: 28_800, asleepS: 26_400, deepS: 5_400, lightS: 14_400, remS: 6_600, awakeS: 2_400 }, device: { name: "Aura Sensor V2" },
    });
    expect(night?.stages.map(({ stage, startMs, endMs }) => `${stage} ${(endMs - startMs) / 60_000}`)).toEqual([
      "awake 20", "light 130", "deep 90", "rem 110", "light 110", "awake 20",
    ]);
    expect(lines(result, "heart_rate")).toEqual(["2026-03-01T22:50:00 66", "2026-03-01T23:10:00 58"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["2026-03-01T22:40:00 38 day_total", "2026-03-02T06:40:00 51 day_total", "2026-03-01T23:10:00 42"]);
    expect(lines(result, "respiration_rate")[0]).toBe("2026-03-01T22:40:00 14 day_total");
  });

  it("knows nothing of the stages of a night whose stages are all 0, and reads an efficiency in percent", () => {
    const external = sleepsOf(map("sleep_getsummary", fixture("sleep_getsummary")))[1];
    expect(external).toMatchObject({ vendorId: "5000", efficiencyPercent: 91, stages: [] });
    expect(external?.totals).toEqual({ inBedS: 25_200, asleepS: 23_000 });
  });

  it("makes nights of details alone, parted by hours and by device", () => {
    const t = 1_772_400_000;
    const told = [[t + 3_600, 2, "a"], [t, 1, "a"], [t + 8 * 3_600, 1, "a"], [t, 3, "b"]] as const;
    const series = told.map(([startdate, state, hash_deviceid]) => ({ startdate, enddate: startdate + 3_600, state, hash_deviceid }));
    const result = map("sleep_get", ok({ model: 16, series }));
    expect(result.problems).toEqual([]);
    expect(sleepsOf(result).map(({ startMs, stages }) => [startMs / 1000 - t, stages.length])).toEqual([[0, 2], [28_800, 1], [0, 1]]);
    expect(sleepsOf(map("sleep_get", ok({ model: 16, series: { ...series[0], state: 4 } })))[0]?.stages).toMatchObject([{ stage: "asleep" }]);
  });

  it("shortens overlapping stages, reports unknown ones and impossible stretches, and keeps the rest", () => {
    const t = 1_772_400_000;
    const series = [
      { startdate: t, enddate: t + 600, state: 1 }, { startdate: t + 300, enddate: t + 900, state: 2 }, { startdate: t + 900, enddate: t + 1_200, state: 77 },
      { startdate: t + 2_000, enddate: t + 1_000, state: 1 }, { startdate: t, enddate: t + 9e6, state: 1 },
    ];
    const result = map("sleep_get", ok({ series }));
    expect(sleepsOf(result)[0]?.stages.map(({ stage, startMs, endMs }) => [stage, startMs / 1000 - t, endMs / 1000 - t])).toEqual([["light", 0, 600], ["deep", 600, 900]]);
    expect(result.problems.map(({ path }) => path).toSorted()).toEqual(["/body/series", "/body/series/2/state", "/body/series/3/enddate", "/body/series/4/enddate"]);
  });

  it("reports an impossible night, and breaks without a summary", () => {
    const summary = { id: 1, startdate: 1_772_400_000, enddate: 1_772_300_000, data: [] };
    expect(map("sleep", { summary, detail: null })).toMatchObject({ records: [], problems: [{ path: "/summary/enddate" }] });
    expect(() => map("sleep", { detail: null })).toThrow(ProviderContractBroken);
  });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("Withings' status", () => {
  it.each([
    [0, 200], [100, 401], [401, 401], [200, 401], [277, 403], [201, 400], [503, 400], [342, 400], [601, 429], [522, 503], [2556, 503], [2554, 403], [12_345, 503],
  ])("%i stands for HTTP %i", (status, http) => {
    expect(httpStatusOf(status)).toBe(http);
    expect(statusOf(bytes(JSON.stringify({ status, body: {} })))).toBe(http);
    expect(statusOf(bytes(JSON.stringify({ body: { status: 0 }, status })))).toBe(http);
  });

  it("is in one family only", () => {
    expect(INVALID_PARAMETERS.filter((status) => ERRORS_OF_WITHINGS.includes(status))).toEqual([]);
  });

  it("leaves what has none to its reader", () => {
    for (const text of ["", "null", "[]", "<html>", "{}", '{"status":"0"}', '{"status":0', '{"status":1e99}']) expect([200, 503]).toContain(statusOf(bytes(text)));
    expect(statusOf(bytes("<html>"))).toBe(200);
  });

  it("in a 200 refreshes a token once, waits for a full budget, and tells a refusal [VA-14] [E3]", async () => {
    let answers: unknown[] = [];
    const server = await startTestServer((response) => replyJson(response, 200, answers.length > 1 ? answers.shift() : answers[0]));
    try {
      const refreshed: string[] = [];
      const fetch = createAuthorizedFetch({
        http: createTestClient(), scope: { provider: "withings", connectionId: "c" }, apiBaseUrl: server.baseUrl, accessToken: () => Promise.resolve(new Secret("old")),
        refreshAfter401: (stale) => {
          refreshed.push(stale.open());
          return Promise.resolve(new Secret("new"));
        },
      });
      const call: DriverCall = { fetch, settings: {}, account: { vendorUserId: "363", grantedScopes: null }, nowMs: RECEIVED_MS, signal: new AbortController().signal };
      const ask = (): Promise<PulledPage[]> => pages(call, { resource: "getmeas", window: { fromMs: RECEIVED_MS - DAY_MS, toMs: RECEIVED_MS } });
      answers = [{ status: 401, body: {}, error: "invalid_token" }, fixture("getmeas")];
      expect(await ask()).toHaveLength(1);
      expect(refreshed).toEqual(["old"]);
      answers = [{ status: 401 }];
      await expect(ask()).rejects.toBeInstanceOf(ReauthorizationRequired);
      answers = [{ status: 601 }];
      await expect(ask()).rejects.toBeInstanceOf(ProviderRateLimited);
      answers = [{ status: 2554 }];
      await expect(ask()).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
      answers = [{ status: 0, body: {} }];
      await expect(ask()).rejects.toMatchObject({ code: "provider_contract", path: "/body/measuregrps" });
    } finally {
      await server.close();
    }
  });
});

/** What a call to a token endpoint that gives this answer ends in, and the form it was sent. */
async function at<T>(answer: unknown, use: (parts: CodeExchange & TokenRefresh) => Promise<T>): Promise<{ result: T; form: Json }> {
  const server = await startTestServer((response) => replyJson(response, 200, answer));
  try {
    const result = await use({
      http: createTestClient(), scope: { provider: "withings" }, auth, endpoints: { token: server.baseUrl }, client: { id: "id", secret: new Secret("cs") },
      nowMs: RECEIVED_MS, code: new Secret("c"), redirectUri: "https://islet.example/cb", refreshToken: new Secret("old"),
    });
    return { result, form: Object.fromEntries(new URLSearchParams(server.seen[0]?.body)) };
  } finally {
    await server.close();
  }
}

describe("Withings' tokens", () => {
  const good = ok({ userid: "363", access_token: "at", refresh_token: "rt", expires_in: 10_800, scope: "user.info,user.metrics,user.activity", csrf_token: "x", token_type: "Bearer" });

  it("come wrapped, with the person's id, for an action", async () => {
    const { result, form } = await at(good, exchangeCode);
    expect(form).toEqual({
      action: "requesttoken", grant_type: "authorization_code", code: "c", redirect_uri: "https://islet.example/cb", client_id: "id", client_secret: "cs",
    });
    expect(result.tokens).toMatchObject({ expiresAtMs: RECEIVED_MS + 10_800_000, scopes: ["user.info", "user.metrics", "user.activity"] });
    expect(result.answer).toMatchObject({ userid: "363" });
    expect(result.answer).not.toHaveProperty("csrf_token");
  });

  it.each([
    [{ status: 503, body: {}, error: "Invalid Params: invalid refresh_token" }, "reauthorization_required"],
    [{ status: 401, body: {}, error: "XRequestID: Not provided invalid_token: The refresh token is invalid" }, "reauthorization_required"],
    [{ status: 503, body: {}, error: "Invalid Params: invalid client_secret" }, "provider_misconfigured"],
    [{ status: 401, body: {}, error: "invalid_client" }, "provider_misconfigured"],
    [{ status: 601, body: {} }, "provider_rate_limited"],
    [{ status: 2556, body: {} }, "provider_unavailable"],
    [{ status: 503, body: {} }, "provider_refused"],
  ])("refused with %j ask for %s [OA-20] [OA-21]", async (answer, code) => {
    await expect(at(answer, refreshTokens)).rejects.toMatchObject({ code });
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}

/** A fetch that answers from a list (the last answer again and again), as the real one would, and remembers what was asked. */
function fetchWith(answers: readonly unknown[]): { readonly fetch: AuthorizedFetch; readonly asked: Asked[]; readonly forms: () => unknown[] } {
  const asked: Asked[] = [];
  return {
    asked,
    forms: () => asked.map(({ options }) => options.form),
    fetch: (path, options = {}) => {
      asked.push({ path, options });
      const text = JSON.stringify(answers[Math.min(asked.length, answers.length) - 1]);
      const body = new TextEncoder().encode(text);
      const status = options.statusOf?.(body) ?? 200;
      if (status === 401) return Promise.reject(new ReauthorizationRequired("withings refuses a token that was refreshed just before."));
      if (status >= 400) return Promise.reject(new ProviderRefused(`withings answered ${status}.`, status, text));
      const response: VendorResponse = { status, headers: {}, body, json: () => JSON.parse(text) as unknown };
      return Promise.resolve(response);
    },
  };
}

function callWith(answers: readonly unknown[], account: Partial<DriverCall["account"]> = {}) {
  const { fetch, asked, forms } = fetchWith(answers);
  const call: DriverCall = {
    fetch, settings: {}, account: { vendorUserId: "363", grantedScopes: null, ...account }, nowMs: RECEIVED_MS, signal: new AbortController().signal,
  };
  return { call, asked, forms };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of withings.pull(call, request)) got.push(page);
  return got;
}

const read = (page: PulledPage | undefined): unknown => JSON.parse(new TextDecoder().decode(page?.body)) as unknown;

describe("asking Withings", () => {
  const window = { fromMs: Date.UTC(2026, 1, 1), toMs: Date.UTC(2026, 1, 3, 6) };

  it("learns the person from the token answer, and the zone from the device used last", async () => {
    const { call, asked } = callWith([fixture("getdevice")], { vendorUserId: null });
    for (const userid of ["363", 363]) expect(await withings.identify(call, { userid })).toEqual({ vendorUserId: "363", grantedScopes: null, zone: "Europe/Paris" });
    expect(asked[0]).toMatchObject({ path: "/v2/user", options: { method: "POST", form: { action: "getdevice" } } });
    await expect(withings.identify(call, {})).rejects.toMatchObject({ path: "/userid" });
  });

  it("asks in any case, so that a dead authorization shows, and does without the scope for devices", async () => {
    expect(await withings.identify(callWith([{ status: 277 }]).call, {})).toEqual({ vendorUserId: "363", grantedScopes: null });
    await expect(withings.identify(callWith([{ status: 401 }]).call, {})).rejects.toBeInstanceOf(ReauthorizationRequired);
  });

  it("asks for real measures of all types by seconds, and follows offsets of both spellings", async () => {
    const { call, forms } = callWith([ok({ measuregrps: [], more: 1, offset: 40 }), ok({ measuregrps: [], more: true, offset: 80 }), ok({ measuregrps: [], more: 0, offset: 0 })]);
    expect(await pages(call, { resource: "getmeas", window })).toHaveLength(3);
    const form = { action: "getmeas", category: "1", startdate: "1769904000", enddate: "1770098400", meastypes: "1,4,5,6,9,10,11,54,71,73,76,88,91,123,155,170,77" };
    expect(forms()).toEqual([form, { ...form, offset: "40" }, { ...form, offset: "80" }]);
  });

  it.each([["getactivity", "/v2/measure", "activities"], ["getworkouts", "/v2/measure", "series"]])("asks %s by dates that hold the window in any zone", async (resource, path, list) => {
    const { call, asked } = callWith([ok({ [list]: [], more: false, offset: 0 })]);
    await pages(call, { resource, window });
    expect(asked[0]).toMatchObject({ path, options: { form: { action: resource, startdateymd: "2026-01-31", enddateymd: "2026-02-03" } } });
    expect(asked[0]?.options.form?.["data_fields"]).toContain("hr_max");
  });

  it("cuts pages that promise more for ever [VA-06]", async () => {
    for (const offset of [7, undefined]) {
      const { call, asked } = callWith([ok({ measuregrps: [], more: 1, offset })]);
      await expect(pages(call, { resource: "getmeas", window })).rejects.toBeInstanceOf(ProviderContractBroken);
      expect(asked.length).toBeLessThanOrEqual(2);
    }
  });

  it("asks for minutes day by day, because more would be cut, and keeps no empty day", async () => {
    const { call, forms } = callWith([fixture("getintradayactivity"), ok({ series: [] }), ok({ series: {} })]);
    expect(await pages(call, { resource: "getintradayactivity", window })).toHaveLength(1);
    expect(forms().map((form) => [(form as Json)["startdate"], (form as Json)["enddate"]])).toEqual([
      ["1769904000", "1769990400"], ["1769990400", "1770076800"], ["1770076800", "1770098400"],
    ]);
  });

  it("asks for the details of each night that begins in the window, and makes one page of both", async () => {
    const night = fixture("sleep") as { summary: { startdate: number }; detail: { series: unknown[] } };
    const startMs = night.summary.startdate * 1000;
    const answers = [ok({ series: [night.summary, { ...night.summary, id: 1, startdate: night.summary.startdate - 86_400, enddate: night.summary.startdate }], more: false }), ok(night.detail)];
    const { call, forms } = callWith(answers);
    const got = await pages(call, { resource: "sleep", window: { fromMs: startMs, toMs: startMs + 1 } });
    expect(got.map(read)).toEqual([fixture("sleep")]);
    expect(forms()[1]).toMatchObject({ action: "get", startdate: String(night.summary.startdate), enddate: String(night.summary.startdate + 28_800) });
    expect(await pages(callWith(answers).call, { resource: "sleep", window: { fromMs: startMs - 1, toMs: startMs } })).toEqual([]);
  });

  it("gives a night that it cannot read on to its mapping, which says what is wrong", async () => {
    const [page] = await pages(callWith([ok({ series: [{ id: 1, startdate: "canary" }], more: false })]).call, { resource: "sleep", window });
    expect(map("sleep", read(page))).toMatchObject({ records: [], problems: [{ path: "/summary/startdate" }] });
  });

  it("does not ask without the scope, nor beyond today, nor by anything but windows [OA-14]", async () => {
    const { call, asked } = callWith([ok({ measuregrps: [], more: 0 })], { grantedScopes: ["user.activity"] });
    await expect(pages(call, { resource: "getmeas", window })).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect(await pages(call, { resource: "getactivity", window: { fromMs: RECEIVED_MS + 9 * DAY_MS, toMs: RECEIVED_MS + 99 * DAY_MS } })).toEqual([]);
    await expect(pages(call, { resource: "getactivity", objectId: "1" })).rejects.toBeInstanceOf(InvalidInput);
    await expect(pages(call, { resource: "sleep_get", window })).rejects.toBeInstanceOf(InvalidInput);
    expect(asked).toEqual([]);
  });
});

describe("leaving Withings", () => {
  it("signs as the vendor's construction says", () => {
    expect(signatureOf({ timestamp: "1795071672", client_id: "test_client", action: "getnonce" }, "test_secret")).toBe(
      "9550b0569372d22dbea1247b05d40b9a7b8d50ac46458e591a9959cee811aa7b",
    );
    expect(signatureOf({ action: "revoke", client_id: "test_client", nonce: "nonce123" }, "test_secret")).toBe(
      "31838f0eb6a97753e7d6fef2392f462b8b929b747ada868ecfc2a986a22c20f7",
    );
  });

  it("is told by the app, with a nonce and a signature of its own [OA-23]", async () => {
    const { fetch, asked } = fetchWith([ok({ nonce: "nonce123" }), ok({})]);
    const app: AppCall = { fetch, clientId: "test_client", clientSecret: "test_secret", settings: {} };
    await withings.revoke?.({ ...callWith([]).call, nowMs: 1_795_071_672_900 }, app);
    expect(asked.map(({ path, options }) => [path, options.form])).toEqual([
      ["/v2/signature", { action: "getnonce", client_id: "test_client", timestamp: "1795071672", signature: "9550b0569372d22dbea1247b05d40b9a7b8d50ac46458e591a9959cee811aa7b" }],
      ["/v2/oauth2", { action: "revoke", client_id: "test_client", nonce: "nonce123", userid: "363", signature: "31838f0eb6a97753e7d6fef2392f462b8b929b747ada868ecfc2a986a22c20f7" }],
    ]);
  });

  it("ends the notifications where the app's credentials are not at hand, and takes a dead grant for done", async () => {
    const profile = { appli: 1, callbackurl: "https://islet.example/webhooks/withings?key=k" };
    const { call, forms } = callWith([ok({ profiles: [profile, "canary"] }), ok({})]);
    await withings.revoke?.(call);
    expect(forms()).toEqual([{ action: "list" }, { action: "revoke", appli: "1", callbackurl: profile.callbackurl }]);
    await withings.revoke?.(callWith([{ status: 401 }]).call);
  });
});

const secrets: WebhookSecrets = { clientId: "id", clientSecrets: ["cs"], verifyToken: "the-key", subscriptionId: null, settings: {} };
const request = (body: string, query: WebhookRequest["query"] = { key: "the-key" }): WebhookRequest => ({
  headers: { "content-type": "application/x-www-form-urlencoded" }, query, body: new TextEncoder().encode(body), receivedMs: RECEIVED_MS,
});
const verify = (given: WebhookRequest, withSecrets: WebhookSecrets): void => withings.webhook!.verify(given, withSecrets);
const parse = (form: string): WebhookParse => withings.webhook!.parse(parseForm(new TextEncoder().encode(form)));

describe("Withings' notifications", () => {
  const weighed = "userid=363&appli=1&startdate=1795075199&enddate=1795075201";

  it("enter with the key of our address, and with no other; nothing else proves them [WH-13]", () => {
    expect(withings.webhook).toMatchObject({ isSigned: false, bodyFormat: "form" });
    expect(() => verify(request(weighed), secrets)).not.toThrow();
    for (const query of [{}, { key: "" }, { key: "the-kez" }, { key: "the-key-" }]) expect(() => verify(request(weighed, query), secrets)).toThrow(WebhookRejected);
    for (const verifyToken of [null, ""]) expect(() => verify(request(weighed, { key: "" }), { ...secrets, verifyToken })).toThrow(WebhookRejected);
    for (const body of ["", "{}", "appli=1", "userid=../1&appli=1", "userid=1", `userid=${"9".repeat(30)}&appli=1`]) {
      expect(() => verify(request(body), secrets)).toThrow(expect.objectContaining({ code: "webhook_malformed" }) as Error);
    }
  });

  it("are asked for by an address that answers GET and an empty POST with nothing [WH-26]", () => {
    const door = withings.webhook!;
    expect(door.handshake!(request(""), secrets)).toEqual({ contentType: "text/plain", body: "" });
    expect(door.challenge!(request(""), secrets)).toEqual({ status: 200, contentType: "text/plain", body: "" });
    expect(door.challenge!(request(weighed), secrets)).toBeNull();
    expect(() => door.handshake!(request("", {}), secrets)).toThrow(WebhookRejected);
    expect(() => door.challenge!(request("", { key: "guess" }), secrets)).toThrow(WebhookRejected);
  });

  it.each([
    ["appli=1", ["getmeas"]], ["appli=2", ["getmeas"]], ["appli=4", ["getmeas"]], ["appli=16", ["getactivity", "getintradayactivity", "getworkouts"]],
    ["appli=44", ["sleep"]], ["appli=54", ["heart_list"]],
  ])("of %s ask for %j around the time they name", (appli, resources) => {
    const window = { fromMs: 1_795_075_199_000 - MINUTE_MS, toMs: 1_795_075_201_000 + MINUTE_MS };
    expect(parse(`userid=363&${appli}&startdate=1795075199&enddate=1795075201&deviceid=x`)).toEqual({
      events: resources.map((resource) => ({ kind: "pull", account: "363", request: { resource, window } })), problems: [],
    });
  });

  it("of a date ask for that day wherever the person is", () => {
    expect(parse("userid=363&appli=16&date=2026-03-01").events[0]).toMatchObject({ request: { window: { fromMs: Date.UTC(2026, 1, 28, 10), toMs: Date.UTC(2026, 2, 2, 14) } } });
  });

  it("cannot make us ask for a lifetime, nor for no time at all", () => {
    const [event] = parse("userid=363&appli=44&startdate=100000000&enddate=1795075201").events;
    const { window } = (event as { request: { window: { fromMs: number; toMs: number } } }).request;
    expect(window.toMs - window.fromMs).toBeLessThan(8 * DAY_MS);
    for (const time of ["", "startdate=1795075201&enddate=1795075199", "startdate=1&enddate=2", "startdate=x&enddate=y", "date=2026-02-30", "startdate=1795075201"]) {
      expect(parse(`userid=363&appli=1&${time}`)).toMatchObject({ events: [], problems: [{ path: "/startdate" }] });
    }
  });

  it("tell of the account, of what we do not use, and of what nobody knows yet", () => {
    for (const action of ["unlink", "delete"]) expect(parse(`userid=363&appli=46&action=${action}`).events).toEqual([{ kind: "deauthorized", account: "363" }]);
    expect(parse("userid=363&appli=46&action=update")).toEqual({ events: [], problems: [] });
    expect(parse("userid=363&appli=46&action=canary").problems).toMatchObject([{ path: "/action" }]);
    for (const appli of [50, 51, 52, 53, 55, 58]) expect(parse(`userid=363&appli=${appli}&startdate=1795075199&enddate=1795075201`)).toEqual({ events: [], problems: [] });
    for (const appli of ["62", "999999"]) expect(parse(`userid=363&appli=${appli}`).problems).toMatchObject([{ path: "/appli" }]);
    for (const junk of [null, "canary", 7, {}, { userid: "363" }, { userid: "363", appli: "constructor" }]) expect(() => withings.webhook!.parse(junk)).toThrow(ProviderContractBroken);
  });

  it("are a repetition only within a minute, for a day goes on in the same words [WH-09]", () => {
    const key = (receivedMs: number, body = weighed): string | null => withings.webhook!.dedupeKey!({ ...request(body), receivedMs });
    expect(key(RECEIVED_MS)).toBe(key(RECEIVED_MS + 59_000));
    expect(key(RECEIVED_MS)).not.toBe(key(RECEIVED_MS + 60_000));
    expect(key(RECEIVED_MS)).not.toBe(key(RECEIVED_MS, `${weighed}0`));
  });

  const wanted = { callbackUrl: "https://islet.example/webhooks/withings", verifyToken: "the-key" };
  const callbackurl = "https://islet.example/webhooks/withings?key=the-key";

  it("are subscribed to for each type that is missing, and ended where the key is an old one", async () => {
    const profiles = [{ appli: 1, callbackurl }, { appli: 4, callbackurl: "https://islet.example/webhooks/withings?key=old" }, { appli: 16, callbackurl: "https://other.example/" }];
    const { call, forms } = callWith([ok({ profiles }), ok({})]);
    await withings.webhook!.subscribeConnection!(call, wanted);
    expect(forms()).toEqual([
      { action: "list" }, { action: "revoke", appli: "4", callbackurl: "https://islet.example/webhooks/withings?key=old" },
      ...["2", "4", "16", "44", "46", "54"].map((appli) => ({ action: "subscribe", appli, callbackurl })),
    ]);
  });

  it("are subscribed to only with the scope; one refusal keeps no other away, but none at all is told", async () => {
    const few = callWith([ok({ profiles: [] }), { status: 277 }, ok({})], { grantedScopes: ["user.activity"] });
    await withings.webhook!.subscribeConnection!(few.call, wanted);
    expect(few.forms().slice(1)).toMatchObject([{ appli: "16" }, { appli: "44" }]);
    const unreachable = callWith([ok({ profiles: [] }), { status: 294 }]);
    await expect(withings.webhook!.subscribeConnection!(unreachable.call, wanted)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 400 });
    const long = { ...wanted, callbackUrl: `https://islet.example/${"x".repeat(250)}` };
    await expect(withings.webhook!.subscribeConnection!(few.call, long)).rejects.toBeInstanceOf(InvalidInput);
  });
});

describe("mapping what others keep of Withings' answers", () => {
  const group = { grpid: 5, attrib: 0, category: 1, date: 1_772_355_600, measures: [{ type: 1, value: 70_500, unit: -3 }] };
  const night = { id: 8, startdate: 1_772_319_600, enddate: 1_772_348_400, timezone: "Europe/Oslo", data: { deepsleepduration: 3_600, lightsleepduration: 14_400 } };

  it("takes lists and items by themselves", () => {
    expect(lines(map("getmeas", [group]), "weight")).toEqual(["2026-03-01T09:00:00 70.5"]);
    expect(map("getmeas", group).records).toEqual(map("getmeas", [group]).records);
    expect(lines(map("getactivity", [{ date: "2026-03-01", steps: 900, timezone: "Europe/Oslo" }]), "steps")).toHaveLength(1);
    expect(map("getactivity", { date: "2026-03-01", steps: 900 }).records).toHaveLength(1);
    expect(workoutsOf(map("getworkouts", { id: 3, category: 2, startdate: 1_772_319_600, enddate: 1_772_323_200 }))[0]).toMatchObject({ sport: "running" });
    expect(sleepsOf(map("sleep_getsummary", [night]))).toHaveLength(1);
    expect(lines(map("heart_list", { timestamp: 1_772_355_600, heart_rate: 63 }), "heart_rate")).toHaveLength(1);
  });

  it("takes either half of a night for one", () => {
    expect(map("sleep", ok({ series: [night] })).records).toEqual(map("sleep_getsummary", [night]).records);
    const segment = { startdate: 1_772_319_600, enddate: 1_772_323_200, state: 2 };
    for (const given of [[segment], segment, ok({ series: [segment] })]) expect(sleepsOf(map("sleep", given))[0]?.stages).toHaveLength(1);
  });

  it("reads numbers that are text", () => {
    const typed = { ...group, date: "1772355600", measures: [{ type: "1", value: "70500", unit: "-3" }] };
    expect(lines(map("getmeas", [typed]), "weight")).toEqual(["2026-03-01T09:00:00 70.5"]);
    expect(sleepsOf(map("sleep", { ...night, startdate: "1772319600" }))).toHaveLength(1);
  });

  it("keeps both weighings of one group number at different times", () => {
    expect(lines(map("getmeas", [group, { ...group, date: 1_772_359_200 }]), "weight")).toHaveLength(2);
  });

  it("reads oxygen as percent or as a share", () => {
    const values = [[97, 0], [97, -2]].map(([value, unit]) => ({ ...group, measures: [{ type: 54, value, unit }] }));
    expect(values.flatMap((each) => lines(map("getmeas", each), "spo2"))).toEqual(["2026-03-01T09:00:00 97", "2026-03-01T09:00:00 97"]);
  });

  it("adds up the stages of older nights, which have no total", () => {
    expect(sleepsOf(map("sleep_getsummary", night))[0]?.totals).toEqual({ deepS: 3_600, lightS: 14_400, asleepS: 18_000 });
    const stated = { ...night, data: { ...night.data, total_sleep_time: 17_940 } };
    expect(sleepsOf(map("sleep_getsummary", stated))[0]?.totals.asleepS).toBe(17_940);
  });

  it("reads a notification written down with numbers", () => {
    expect(withings.webhook!.parse({ userid: 363, appli: 1, startdate: 1_772_355_600, enddate: 1_772_355_601 }).events[0]).toMatchObject({ kind: "pull", account: "363" });
  });
});
