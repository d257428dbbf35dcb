/** Terra against its simulated cloud. [R1] [W1] */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { terra } from "#drivers/terra/index.ts";
import type { SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const SECRET = "contract-signing_secret-5b1e";
const NAMES = ["daily", "body", "sleep", "activity", "nutrition", "menstruation", "health_observation", "athlete"];
const fixture = (name: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`../../src/drivers/terra/fixtures/${name}.json`, import.meta.url), "utf8")) as Record<string, unknown>;
const map = (name: string, payload: unknown = fixture(name)) => terra.map(name, payload, { receivedMs: NOW_MS, zone: "Europe/Madrid" });

function sent(body: object | string, time = Math.floor(NOW_MS / 1000), header = "x-terra-signature"): WebhookRequest {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const digest = createHmac("sha256", SECRET).update(`${time}.${text}`).digest("hex");
  return { headers: { [header]: `t=${time},v1=${digest}`, "x-terra-trace-id": "trace-1" }, query: {}, body: new TextEncoder().encode(text), receivedMs: NOW_MS };
}

const user = { user_id: "u-1", provider: "GARMIN", scopes: "daily,sleep" };
const secrets: WebhookSecrets = { clientId: "dev", clientSecrets: ["key"], verifyToken: null, subscriptionId: null, settings: { signing_secret: SECRET } };

const webhook: WebhookContract = {
  secrets,
  genuine: [
    ...["daily", "body", "sleep", "activity", "nutrition", "menstruation", "health_observation"].map((name) => ({ name: `a ${name}`, request: sent(fixture(name)), kinds: ["data"] })),
    { name: "a deauthorisation [OA-22]", request: sent({ type: "deauth", status: "success", user }), kinds: ["deauthorized"] },
    { name: "access revoked at the vendor behind", request: sent({ type: "access_revoked", user }), kinds: ["deauthorized"] },
    { name: "a new id", request: sent({ type: "user_reauth", old_user: user, new_user: { ...user, user_id: "u-2" } }), kinds: ["renamed"] },
    { name: "a new id of nobody known", request: sent({ type: "user_reauth", old_user: null, new_user: user }), kinds: [] },
    { name: "changed permissions", request: sent({ type: "permission_change", user, scopes_added: "", scopes_removed: "sleep" }), kinds: ["permissions"] },
    { name: "an account that must sign in again", request: sent({ type: "connection_error", user }), kinds: ["needs_consent"] },
    ...["auth", "athlete", "auth_cancelled", "healthcheck", "large_request_processing", "large_request_sending", "rate_limit_hit"].map((type) => ({ name: `a word about ${type}`, request: sent({ type, user, expected_payloads: 3 }), kinds: [] })),
  ],
  proofHeader: "x-terra-signature",
  coversBody: true,
  toleranceSeconds: 300,
  usesClientSecrets: false,
  forged: [
    { name: "the API key for the signing secret [WH-03]", request: { ...sent({ type: "deauth", user }), headers: { "x-terra-signature": `t=1,v1=${createHmac("sha256", "key").update("1.{}").digest("hex")}` } } },
    { name: "no version of a signature", request: { ...sent({ type: "deauth", user }), headers: { "x-terra-signature": "t=1767225600" } } },
  ],
};

const contract: DriverContract = {
  driver: terra,
  startCloud: (clock) => startSimCloud("terra", "ana", clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 65 * DAY_MS, toMs: NOW_MS },
  // Days begin before the window that asks within them.
  windowSlackMs: 2 * DAY_MS,
  askedWindowMs: (url) => {
    const [from, to] = ["start_date", "end_date"].map((name) => Number(url.searchParams.get(name)));
    return from && to ? (to - from) * 1000 : null;
  },
  vendorWindowLimitMs: 31 * DAY_MS,
  payloads: NAMES.map((name) => ({ resource: name, payload: fixture(name), isSingleItem: name === "athlete" })),
  webhook,
};

testDriver(contract);

describe("Terra's signature", () => {
  it("is that of the documents' construction [WH-01]", () => {
    const text = '{"type":"auth","status":"success","user":{"user_id":"u-1","provider":"GARMIN"}}';
    const request: WebhookRequest = {
      headers: { "x-terra-signature": "t=1767225600,v1=6f19181293dfcac93c904e7c69323ac58a97bd50d537dc8deb46156e09fcceb6" }, query: {}, body: new TextEncoder().encode(text), receivedMs: 1_767_225_600_000,
    };
    const given = { ...secrets, settings: { signing_secret: "terra_test_signing_secret" } };
    expect(() => terra.webhook!.verify(request, given)).not.toThrow();
    expect(() => terra.webhook!.verify(request, { ...given, settings: { signing_secret: "" } })).toThrow();
  });

  it("is as old as the operator allows, and the trace id makes a delivery one [WH-05]", () => {
    const request = sent({ type: "deauth", user }, NOW_MS / 1000 - 3_600);
    expect(() => terra.webhook!.verify(request, secrets)).toThrow();
    expect(() => terra.webhook!.verify(request, { ...secrets, settings: { ...secrets.settings, signature_tolerance_seconds: "90000" } })).not.toThrow();
    expect(terra.webhook!.dedupeKey!(request)).toBe("trace-1");
  });

  it("may stand in the header of the other name", () => {
    expect(() => terra.webhook!.verify(sent({ type: "deauth", user }, NOW_MS / 1000, "terra-signature"), secrets)).not.toThrow();
  });

  it("may be any of several, while the secret is changed", () => {
    const request = sent({ type: "deauth", user });
    const [time, right] = request.headers["x-terra-signature"]!.split(",");
    const with2 = { ...request, headers: { ...request.headers, "x-terra-signature": `${time}, v1=${"0".repeat(64)}, ${right}` } };
    expect(() => terra.webhook!.verify(with2, secrets)).not.toThrow();
    expect(() => terra.webhook!.verify(request, { ...secrets, settings: { signing_secret: `older ${SECRET}` } })).not.toThrow();
  });

  it("tells the operator of pointers to files", () => {
    expect(terra.webhook!.parse({ type: "s3_payload", url: "https://x.example" })).toMatchObject({ events: [], problems: [{ path: "/url" }] });
  });
});

describe("Terra's payloads", () => {
  it("give masses in kilograms, ketones in mmol/L, glucose once, and blood alone [W3]", () => {
    const { records, problems } = map("body");
    expect(problems).toEqual([]);
    const of = (metric: string) => records.flatMap((record) => (record.record === "sample" && record.metric === metric ? [record.value] : []));
    expect(of("muscle_mass")).toEqual([33.1]);
    expect(of("height")).toEqual([1.79]);
    expect(of("glucose")).toEqual([112, 117]);
    expect(of("ketone")[0]).toBeCloseTo(0.5, 6);
    expect(of("ketone")).toHaveLength(1);
    expect(map("daily").records.flatMap((record) => (record.record === "sample" && record.metric === "spo2" ? [record.value] : []))).toEqual([96]);
  });

  it("give a night whose stages last until the next, and an efficiency in percent [W3]", () => {
    const night = map("sleep").records.find((record): record is SleepRecord => record.record === "sleep")!;
    expect(night).toMatchObject({ vendorId: "slp-9", efficiencyPercent: 93, score: 84, offsetMinutes: 60, totals: { asleepS: 25_200, awakeS: 1_800 } });
    expect(night.stages.map(({ stage }) => stage)).toEqual(["light", "deep", "rem", "awake", "light"]);
    expect(night.stages.at(-1)?.endMs).toBe(night.endMs);
  });

  it("give a workout with pace and laps, and withdraw what was deleted [W2]", () => {
    const { records } = map("activity");
    expect(records.find((record): record is WorkoutRecord => record.record === "workout")).toMatchObject({ sport: "running", averagePaceSKm: 333, averagePowerW: 240, heartRateZonesS: [300, 2_040], laps: [{ distanceM: 1_000 }] });
    expect(records.at(-1)).toEqual({ record: "withdrawal", of: "workout", vendorId: "act-2" });
  });
});

const one = (name: string, object: object, metadata: object = {}) =>
  map(name, { data: [{ metadata: { start_time: "2026-11-19T00:00:00.000000+01:00", end_time: "2026-11-20T00:00:00.000000+01:00", timestamp_localization: 1, ...metadata }, ...object }], user: { provider: "OURA" } });
const samples = (result: ReturnType<typeof map>, metric: string) => result.records.flatMap((record) => (record.record === "sample" && record.metric === metric ? [record] : []));

describe("Terra's odd shapes", () => {
  const stepsAt = (...steps: readonly (readonly [hour: string, count: number])[]) => ({ step_samples: steps.map(([hour, count]) => ({ timestamp: `2026-11-19T${hour}:00.000000+01:00`, steps: count, timer_duration_seconds: 60 })) });

  it("tell sums since midnight, or each stretch's own steps: a day's total shows which", () => {
    const sums = samples(one("daily", { distance_data: { steps: 900, detailed: stepsAt(["08:00", 200], ["08:15", 500], ["09:00", 900]) } }), "steps").filter(({ flags }) => !flags);
    expect(sums.map(({ value, startMs, endMs }) => [value, (endMs! - startMs) / HOUR_MS])).toEqual([[200, 8], [300, 0.25], [400, 0.75]]);
    const parts = samples(one("daily", { distance_data: { steps: 900, detailed: stepsAt(["08:00", 200], ["08:15", 300], ["09:00", 400]) } }), "steps").filter(({ flags }) => !flags);
    expect(parts.map(({ value, startMs, endMs }) => [value, (endMs! - startMs) / HOUR_MS])).toEqual([[200, 0.25], [300, 0.75], [400, 1 / 60]]);
  });

  it("tell a day's means where no samples were sent, and none where they were", () => {
    const day = one("daily", { heart_rate_data: { summary: { avg_hr_bpm: 71 } }, oxygen_data: { avg_saturation_percentage: 97, day_avg_vo2max_ml_per_min_per_kg: 41 }, stress_data: { avg_stress_level: 30, samples: [] } });
    for (const [metric, value] of [["heart_rate", 71], ["spo2", 97], ["stress", 30]] as const) expect(samples(day, metric)).toMatchObject([{ value, flags: ["day_total"] }]);
    expect(samples(day, "vo2max")).toMatchObject([{ value: 41 }]);
    const muscle = one("body", { oxygen_data: { avg_saturation_percentage: 61, saturation_samples: [{ timestamp: "2026-11-19T10:00:00+01:00", percentage: 61, type: 1 }], vo2max_ml_per_min_per_kg: 42 } });
    expect(muscle.records).toMatchObject([{ metric: "vo2max", value: 42 }]);
  });

  it("hold nothing where a vendor that knows no stages or scores sends 0 of each", () => {
    const night = one("sleep", {
      sleep_durations_data: { asleep: { duration_asleep_state_seconds: 25_000, duration_light_sleep_state_seconds: 0, duration_deep_sleep_state_seconds: 0, duration_REM_sleep_state_seconds: 0 }, awake: { duration_awake_state_seconds: 0 }, hypnogram_samples: [] },
      readiness_data: { readiness: 0, recovery_level: 0 }, scores: { sleep: 0 },
    }, { start_time: "2026-11-18T23:00:00+01:00", end_time: "2026-11-19T06:00:00+01:00" });
    expect(night.records).toEqual([expect.objectContaining({ record: "sleep", totals: { asleepS: 25_000, awakeS: 0 }, stages: [] })]);
    expect(night.records[0]).not.toHaveProperty("score");
  });

  it("are in UTC without an offset where they say so, and local otherwise", () => {
    const sample = { heart_rate_data: { detailed: { hr_samples: [{ timestamp: "2026-11-19T10:00:00.000000", bpm: 60 }] } } };
    expect(samples(one("daily", sample, { timestamp_localization: 0 }), "heart_rate")).toMatchObject([{ startMs: Date.UTC(2026, 10, 19, 10), offsetMinutes: null }]);
    expect(samples(one("daily", sample), "heart_rate")).toMatchObject([{ startMs: Date.UTC(2026, 10, 19, 9), offsetMinutes: 60 }]);
  });

  it("keep what has times of its own where the day's are missing", () => {
    const { records, problems } = one("body", { glucose_data: { blood_glucose_samples: [{ timestamp: "2026-11-19T08:00:00+01:00", blood_glucose_mg_per_dL: 104 }] } }, { start_time: null });
    expect(records).toMatchObject([{ metric: "glucose", value: 104 }]);
    expect(problems).toMatchObject([{ path: "/data/0/metadata/start_time" }]);
  });

  it("may be one object, its envelope with one, or several envelopes", () => {
    const night = (fixture("sleep")["data"] as object[])[0]!;
    const { records } = map("sleep", [night]);
    expect(records.length).toBeGreaterThan(1);
    for (const payload of [night, { data: night }, [{ type: "sleep", data: [night] }]]) expect(map("sleep", payload).records).toEqual(records);
    expect(map("sleep", [{ type: "sleep", user: null, data: [] }, { data: [{}] }]).problems).toMatchObject([{ path: "/1/data/0/metadata" }]);
  });

  it("have doses, notes, tags and drinks, and energy in kilojoules", () => {
    const of = (name: string) => map(name).records.flatMap((record) => (record.record === "treatment" ? [record] : []));
    expect(of("body").map(({ kind, amount, text }) => [kind, amount ?? text])).toEqual([["insulin_rapid", 4.5], ["note", "Before lunch"], ["insulin_long", 12]]);
    expect(of("daily").map(({ kind, text }) => [kind, text])).toEqual([["note", "late meal: Second helping"]]);
    expect(samples(map("body"), "body_water").map(({ value }) => Math.round(value))).toEqual([56, 55]);
    expect(samples(map("nutrition"), "hydration").filter(({ flags }) => !flags).map(({ value }) => Math.round(value))).toEqual([330, 473]);
    const ride = one("activity", { energy_data: { energy_kilojoules: 836.8 } }, { end_time: "2026-11-19T01:00:00+01:00", type: 1 });
    expect((ride.records[0] as WorkoutRecord).energyKcal).toBeCloseTo(200, 6);
  });

  it("have observations, of which some are absences and some mistakes", () => {
    expect(map("health_observation").records).toMatchObject([
      { kind: "health", vendorId: "obs-1", text: "headache: moderate: After the run" }, { kind: "note", vendorId: "obs-3", text: "Example tablets: 2 tablet, route oral" },
      { record: "withdrawal", of: "treatment", vendorId: "obs-4" },
    ]);
  });

  it("change no permissions where the whole is not told, and need data", () => {
    expect(terra.webhook!.parse({ type: "permission_change", user: { ...user, scopes: null }, scopes_added: "sleep", scopes_removed: "" })).toEqual({ events: [], problems: [] });
    expect(terra.webhook!.parse({ type: "daily", user, data: null })).toMatchObject({ events: [], problems: [{ path: "/data" }] });
  });
});

describe("the terra driver and its cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  it("believes and reads what the cloud pushes, for any kind of event", async () => {
    let cloud: SimCloud | undefined;
    const world = new World({ ...contract, startCloud: async (clock) => (cloud = await startSimCloud("terra", "ana", clock)) });
    open.push(world);
    await world.start();
    const { call } = await world.connect();
    const kinds: string[] = [];
    const silent = ["auth", "auth_error", "auth_cancelled", "processing", "rate_limit_hit", "large_request_processing", "large_request_sending", "google_no_datasource", "athlete", "hormone", "planned_workout", "healthcheck", "lab_report.completed"];
    for (const what of ["daily", "sleep", "body", "health_observation", ...silent, "permission_change", "connection_error", "user_reauth"]) {
      const before = cloud!.pushed.length;
      await cloud!.control.push("terra", "ana", what);
      if (cloud!.pushed.length === before) continue;
      const { headers, body } = cloud!.pushed.at(-1)!;
      terra.webhook!.verify({ headers, query: {}, body, receivedMs: world.clock.now() }, { ...secrets, settings: cloud!.extras });
      const { events, problems } = terra.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      kinds.push(...events.map(({ kind }) => kind));
      for (const event of events) {
        expect(event.account).toBe(call.account.vendorUserId);
        if (event.kind === "data") expect(map(event.resource, event.payload).problems, what).toEqual([]);
      }
    }
    expect(kinds).toEqual(["data", "data", "data", "data", "permissions", "needs_consent", "renamed"]);
  });

  it("sees the night that the other clouds see", async () => {
    const cloud = await startSimCloud("terra", "ana", { now: () => NOW_MS, sleep: () => Promise.resolve() });
    const world = new World({ ...contract, startCloud: () => Promise.resolve(cloud) });
    open.push(world);
    await world.start();
    const { call } = await world.connect();
    const { records } = await world.read(call, "sleep", { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS });
    const nights = records.filter((record): record is SleepRecord => record.record === "sleep");
    expect(nights.length).toBeGreaterThanOrEqual(2);
    for (const night of nights) {
      expect(night.endMs - night.startMs).toBeGreaterThan(3 * HOUR_MS);
      expect(night.stages.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)).toBe(night.endMs - night.startMs);
    }
  });

  it("acknowledges what it will push, parts what is large, and counts the days asked for", async () => {
    const cloud = await startSimCloud("terra", "ana", { now: () => NOW_MS, sleep: () => Promise.resolve() });
    const world = new World({ ...contract, startCloud: () => Promise.resolve(cloud) });
    open.push(world);
    await world.start();
    const { call } = await world.connect();
    const ask = async (days: number, more: object) =>
      call.fetch("/daily", { query: { user_id: call.account.vendorUserId ?? "", start_date: NOW_MS / 1000 - days * 86_400, end_date: NOW_MS / 1000, ...more } });
    const told = (await ask(3, {})).json() as Record<string, unknown>;
    expect(told).toMatchObject({ status: "success", type: "daily" });
    expect(told).not.toHaveProperty("data");
    const large = await ask(60, { to_webhook: "false" });
    expect(large.json()).toMatchObject({ status: "processing", type: "daily" });
    expect(large.headers["x-terra-ratelimit-remaining"]).toBe(String(6_000 - 63));
    expect(((await ask(3, { to_webhook: "false" })).json() as { data: unknown[] }).data.length).toBeGreaterThan(2);
  });
});
