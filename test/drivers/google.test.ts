import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import Fastify, { type FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { request as send } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { oauthOf } from "#driver/auth.ts";
import { google } from "#drivers/google/index.ts";
import type { MapResult, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { createTestClient } from "#http/test-kit.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { Secret } from "#secret.ts";
import { DAY_MS } from "#units/time.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type Connection, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const SECRET = "webhook-secret-5f0c";
const SETTINGS = { nutrition: "on", ecg: "on", irn: "on", project: "verified" };

function fixture(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../src/drivers/google/fixtures/${file}`, import.meta.url), "utf8")) as Record<string, unknown>;
}

/** Google's answers by resource. */
const answers = Object.assign({}, ...readdirSync(new URL("../../src/drivers/google/fixtures/", import.meta.url)).map((file) => fixture(file)["answers"] ?? {})) as Record<string, unknown>;
const withRecords = google.resources.filter(({ records }) => records.length > 0);

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY_ID = 305_419_896;

/** The key set as Tink writes it: protobuf in JSON. */
function keySet(): string {
  const { x = "", y = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const coordinate = (tag: number, text: string): Buffer => Buffer.concat([Buffer.from([tag, 33, 0]), Buffer.from(text, "base64url")]);
  const value = Buffer.concat([Buffer.from([0x12, 6, 8, 3, 16, 2, 24, 2]), coordinate(0x1a, x), coordinate(0x22, y)]).toString("base64");
  const keyData = { typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", value, keyMaterialType: "ASYMMETRIC_PUBLIC" };
  return JSON.stringify({ primaryKeyId: KEY_ID, key: [{ keyData, status: "ENABLED", keyId: KEY_ID, outputPrefixType: "TINK" }] });
}

const secrets: WebhookSecrets = {
  clientId: "1", clientSecrets: [], verifyToken: null, subscriptionId: null, signingKeys: keySet(), settings: { webhook_secret: SECRET, signature: "required" },
};

function signed(body: unknown, authorization = `Bearer ${SECRET}`): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(KEY_ID, 1);
  const signature = Buffer.concat([prefix, sign("sha256", bytes, { key: privateKey, dsaEncoding: "der" })]).toString("base64");
  return { headers: { authorization, "google-health-api-signature": signature }, query: {}, body: bytes, receivedMs: NOW_MS };
}

const notices = fixture("notification.json")["payload"] as readonly [object, ...object[]];

const webhook: WebhookContract = {
  secrets,
  genuine: [
    // Steps are read point by point and as totals of days.
    { name: "a list with new steps", request: signed([notices[0]]), kinds: ["pull", "pull"] },
    { name: "a notice alone", request: signed(notices[0]), kinds: ["pull", "pull"] },
    { name: "a notice under the former header", request: renamed(signed(notices[0])), kinds: ["pull", "pull"] },
  ],
  proofHeader: "authorization",
  coversBody: true,
  toleranceSeconds: null,
  usesClientSecrets: false,
  forged: [
    { name: "a signed notice with another secret", request: signed(notices[0], "Bearer other") },
    { name: "a notice with the secret and no signature", request: { ...signed(notices[0]), headers: { authorization: `Bearer ${SECRET}` } } },
    { name: "the signature of another body", request: { ...signed(notices[0]), headers: signed([]).headers } },
  ],
};

function renamed({ headers, ...rest }: WebhookRequest): WebhookRequest {
  const { "google-health-api-signature": signature, ...others } = headers;
  return { ...rest, headers: { ...others, "x-healthapi-signature": signature } };
}

const contract: DriverContract = {
  driver: google,
  startCloud: (clock) => startSimCloud("google", "liam", clock),
  nowMs: NOW_MS,
  settings: SETTINGS,
  // The day under way grows from call to call.
  window: { fromMs: NOW_MS - 65 * DAY_MS, toMs: NOW_MS - 2 * DAY_MS },
  // Google is asked by dates of every zone and by the ends of sleeps.
  windowSlackMs: 3 * DAY_MS,
  payloads: withRecords.map(({ name }) => ({ resource: name, payload: answers[name] })),
  webhook,
};

testDriver(contract);

describe("the google driver and the people of the simulated cloud", () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });

  async function visit(person: string): Promise<{ world: World; cloud: SimCloud; call: DriverCall; connection: Connection }> {
    const world = new World({ ...contract, startCloud: (clock) => startSimCloud("google", person, clock) });
    open.push(world);
    await world.start();
    const connection = await world.connect();
    return { world, cloud: world.cloud as SimCloud, call: connection.call, connection };
  }

  /** Our webhook address, with nothing behind it but the driver's handshake. */
  async function listen(given: WebhookSecrets): Promise<string> {
    const server: FastifyInstance = Fastify();
    open.push({ stop: async () => {
      server.server.closeAllConnections();
      await server.close();
    } });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    server.post("/webhooks/google", (request, reply) => {
      const { authorization } = request.headers;
      const answer = google.webhook!.challenge!({ headers: { authorization }, query: {}, body: request.body as Buffer, receivedMs: NOW_MS }, given);
      return answer ? reply.code(answer.status).type(answer.contentType).send(answer.body) : reply.code(404).send("");
    });
    await server.listen({ port: 0, host: "127.0.0.1" });
    return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/webhooks/google`;
  }

  /** As the operator registers the address: once, with the token of a service account. The status. */
  async function subscribe(cloud: SimCloud, endpointUri: string): Promise<number> {
    const project = cloud.control.people()[0]!.facts["google"]!["projectNumber"];
    const dataTypes = ["steps", "sleep", "exercise", "heart-rate", "daily-resting-heart-rate", "total-calories", "activity-level"];
    const answer = await send(`${cloud.baseUrl}/v4/projects/${project}/subscribers?subscriberId=islet-contract`, {
      method: "POST", headers: { authorization: `Bearer ${cloud.clientSecret}`, "content-type": "application/json" },
      body: JSON.stringify({ endpointUri, subscriberConfigs: [{ dataTypes, subscriptionCreatePolicy: "AUTOMATIC" }], endpointAuthorization: { secret: `Bearer ${SECRET}` } }),
    });
    await answer.body.dump();
    return answer.statusCode;
  }

  /** What the cloud has pushed, verified by the keys that it publishes and parsed as the inbox does. */
  async function heard(cloud: SimCloud): Promise<WebhookEvent[]> {
    const keys = await send(google.webhook!.signingKeys!.url({ base_url: cloud.baseUrl }));
    const given = { ...secrets, signingKeys: await keys.body.text() };
    return cloud.pushed.splice(0).flatMap(({ headers, body }) => {
      google.webhook!.verify({ headers, query: {}, body, receivedMs: NOW_MS }, given);
      const { events, problems } = google.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      return events;
    });
  }

  async function follow(world: World, call: DriverCall, event: WebhookEvent): Promise<MapResult[]> {
    if (event.kind !== "pull") throw new Error(`A ${event.kind} is nothing to follow.`);
    expect(event.account).toBe(call.account.vendorUserId);
    const results: MapResult[] = [];
    for await (const page of google.pull(call, event.request)) results.push(world.map(page.resource, parseJson(page.body)));
    for (const { problems } of results) expect(problems).toEqual([]);
    return results;
  }

  it("reads everybody's data of every type without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const { cloud } = await visit("ana");
    const seen = new Map<string, Set<string>>();
    for (const { id: person } of cloud.control.people()) {
      const { world, call } = await visit(person);
      for (const { name } of withRecords) {
        const days = name.startsWith("height") || name.startsWith("irregular") ? 200 : name === "heart-rate" ? 2 : 40;
        const { records, problems } = await world.read(call, name, { fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
        expect(problems, `${person} ${name}`).toEqual([]);
        const kinds = seen.get(name) ?? new Set();
        seen.set(name, kinds);
        for (const record of records) kinds.add(kindOf(record));
      }
    }
    for (const { name, metrics, records } of withRecords) {
      expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
    }
  }, 60_000);

  it("tells one story: the total of a day is the sum of its minutes, the phone's own count left out", async () => {
    const { world, call } = await visit("ana");
    const window = { fromMs: Date.UTC(2026, 10, 17, 23), toMs: Date.UTC(2026, 10, 18, 23) };
    const sum = ({ records }: MapResult): number => records.reduce((total, record) => total + (record.record === "sample" && inside(record.startMs) ? record.value : 0), 0);
    const inside = (ms: number): boolean => ms >= window.fromMs && ms < window.toMs;
    for (const name of ["steps", "distance", "floors"]) {
      const [minutes, days] = [await world.read(call, name, window), await world.read(call, `${name}:dailyRollUp`, window)];
      expect(minutes.records.length, name).toBeGreaterThan(3);
      expect(sum(days), name).toBeCloseTo(sum(minutes), 6);
    }
  });

  it("knows the account's zone and its old Fitbit id", async () => {
    const { world, cloud, connection } = await visit("aroha");
    const facts = cloud.control.people().find(({ id }) => id === "aroha")!.facts["google"]!;
    expect(await google.identify(connection.call, connection.answer)).toMatchObject({
      vendorUserId: facts["userId"], zone: "Pacific/Auckland", formerly: { provider: "fitbit", vendorUserId: facts["legacyUserId"] },
    });
    cloud.control.turn("google", "account", "not linked");
    await expect(google.identify(connection.call, connection.answer)).rejects.toThrow("has no Google Health profile");
    cloud.control.turn("google", "account", "half migrated");
    await expect(world.read(connection.call, "steps", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("passes Google's two-step verification, and not with a wrong secret [WH-26]", async () => {
    const { cloud } = await visit("ana");
    expect(await subscribe(cloud, await listen({ ...secrets, settings: { webhook_secret: "other" } }))).toBe(400);
    expect(await subscribe(cloud, await listen(secrets))).toBe(200);
  });

  it("follows a ping to the new workout, and a deletion to what is left [W2] [VA-12]", async () => {
    const { world, cloud, call } = await visit("ana");
    await subscribe(cloud, await listen(secrets));
    await cloud.control.push("google", "ana", "exercise");
    const [created] = await heard(cloud);
    const workouts = (await follow(world, call, created!)).flatMap(({ records }) => records) as WorkoutRecord[];
    const walk = workouts.toSorted((one, other) => other.startMs - one.startMs)[0]!;
    expect(walk).toMatchObject({ record: "workout", sport: "walking" });
    expect(NOW_MS - walk.endMs).toBeLessThan(60_000);

    const nights = (await world.read(call, "sleep", { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS })).records as SleepRecord[];
    await cloud.control.push("google", "ana", "sleep.delete");
    const [deleted] = await heard(cloud);
    const [left] = await follow(world, call, deleted!);
    const newest = nights.toSorted((one, other) => other.startMs - one.startMs)[0]!;
    expect(left?.replaces).toBeDefined();
    expect(left!.replaces!.fromMs).toBeLessThanOrEqual(newest.startMs);
    expect(left!.replaces!.toMs).toBeGreaterThan(newest.startMs);
    expect(left?.records.map((record) => ("vendorId" in record ? record.vendorId : null))).not.toContain(newest.vendorId);
  });

  it("follows all that a sync brings, and knows types that give no records", async () => {
    const { world, cloud, call } = await visit("liam");
    await subscribe(cloud, await listen(secrets));
    await world.clock.sleep(DAY_MS);
    const { call: fresh } = await world.connect();
    await cloud.control.tick();
    const events = await heard(cloud);
    const resources = events.map((event) => (event.kind === "pull" ? event.request.resource : event.kind));
    expect(resources).toEqual(expect.arrayContaining(["steps", "steps:dailyRollUp", "sleep", "heart-rate", "daily-resting-heart-rate", "total-calories:dailyRollUp"]));
    expect(call.account.vendorUserId).toBe(fresh.account.vendorUserId);
    for (const event of events) {
      const records = (await follow(world, fresh, event)).flatMap((result) => result.records);
      expect(records.length, event.kind === "pull" ? event.request.resource : "").toBeGreaterThan(0);
    }
  });

  it("reads what was ticked and reports what was not [OA-14]", async () => {
    const { world, call } = await visit("ana");
    const narrow: DriverCall = { ...call, account: { ...call.account, grantedScopes: (call.account.grantedScopes ?? []).filter((scope) => !scope.includes("sleep")) } };
    await expect(world.read(narrow, "sleep", contract.window)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect((await world.read(narrow, "weight", contract.window)).problems).toEqual([]);
  });

  it("is deaf and blind after the grant was revoked from our side [OA-23]", async () => {
    const { world, cloud, call, connection } = await visit("ana");
    await subscribe(cloud, await listen(secrets));
    await revokeGrant({
      http: createTestClient(), scope: { provider: "google" }, auth: oauthOf(google), endpoints: google.endpoints({ base_url: cloud.baseUrl }),
      client: { id: cloud.clientId, secret: new Secret(cloud.clientSecret) }, token: connection.tokens.refreshToken!,
    });
    await expect(world.read(call, "steps", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
    await world.clock.sleep(DAY_MS);
    await cloud.control.tick();
    expect(cloud.pushed).toEqual([]);
  });
});

const kindOf = (record: VendorRecord): string => (record.record === "sample" ? record.metric : record.record);
