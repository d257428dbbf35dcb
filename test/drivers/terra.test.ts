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
const NAMES = ["daily", "body", "sleep", "activity", "nutrition", "menstruation", "athlete"];
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
    ...["daily", "body", "sleep", "activity", "nutrition", "menstruation"].map((name) => ({ name: `a ${name}`, request: sent(fixture(name)), kinds: ["data"] })),
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
    for (const what of ["daily", "sleep", "body", "healthcheck", "connection_error", "user_reauth"]) {
      await cloud!.control.push("terra", "ana", what);
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
    expect(kinds).toEqual(["data", "data", "data", "needs_consent", "renamed"]);
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
});
