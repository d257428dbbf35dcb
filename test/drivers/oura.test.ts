import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import Fastify, { type FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { oura } from "#drivers/oura/index.ts";
import type { MapResult, SleepRecord, VendorRecord } from "#driver/records.ts";
import type { AppCall, DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { createAppFetch } from "#http/authorized.ts";
import { createHttpClient } from "#http/client.ts";
import { createRateLimiter } from "#http/rate-limiter.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 10, 20, 12);
const SECRET = "oura-secret";
const VERIFY_TOKEN = "our-verify-token";
const SERIES_LIMIT_MS = 30 * DAY_MS;

function fixture(name: string): Record<string, unknown> {
  const file = new URL(`../../src/drivers/oura/fixtures/${name}.json`, import.meta.url);
  const { _source, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return body;
}

const secrets: WebhookSecrets = { clientId: "1", clientSecrets: [SECRET], verifyToken: VERIFY_TOKEN, subscriptionId: null, settings: {} };

/** An event as Oura posts it: the time in seconds, the digest in capitals. */
function signed(body: object): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const time = String(NOW_MS / 1000);
  const digest = createHmac("sha256", SECRET).update(time).update(bytes).digest("hex").toUpperCase();
  return { headers: { "x-oura-signature": digest, "x-oura-timestamp": time }, query: {}, body: bytes, receivedMs: NOW_MS };
}

function challenge(verifyToken: string): WebhookRequest {
  return { headers: {}, query: { verification_token: verifyToken, challenge: "15f7d1a9" }, body: new Uint8Array(), receivedMs: NOW_MS };
}

const event = fixture("event-update");

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "an updated readiness", request: signed(event), kinds: ["pull"] },
    { name: "a created VO2 max", request: signed({ ...event, event_type: "create", data_type: "vo2_max" }), kinds: ["pull"] },
    { name: "a deleted sleep", request: signed({ ...event, event_type: "delete", data_type: "sleep" }), kinds: ["withdrawn"] },
    { name: "a deleted day, of which nothing can be withdrawn", request: signed({ ...event, event_type: "delete" }), kinds: [] },
  ],
  proofHeader: "x-oura-signature",
  coversBody: true,
  toleranceSeconds: 900,
  usesClientSecrets: true,
  forged: [{ name: "a time that was not signed", request: { ...signed(event), headers: { ...signed(event).headers, "x-oura-timestamp": String(NOW_MS / 1000 + 1) } } }],
  handshake: { request: challenge(VERIFY_TOKEN), answer: '{"challenge":"15f7d1a9"}', wrong: challenge("guess") },
};

const withRecords = oura.resources.filter(({ records }) => records.length > 0);
// In an answer about one person there is one item.
const payloads: ContractPayload[] = withRecords.map(({ name }) => ({ resource: name, payload: fixture(name), isSingleItem: name === "personal_info" }));

const contract: DriverContract = {
  driver: oura,
  startCloud: (clock) => startSimCloud("oura", "ana", clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 65 * DAY_MS, toMs: NOW_MS },
  // Dates are asked for with a day before and two after, and a date is a whole day somewhere on earth.
  windowSlackMs: 4 * DAY_MS,
  askedWindowMs: (url) => {
    const [from, to] = ["start_datetime", "end_datetime"].map((name) => Date.parse(url.searchParams.get(name) ?? ""));
    return from && to ? to - from : null;
  },
  vendorWindowLimitMs: SERIES_LIMIT_MS,
  payloads,
  webhook,
};

testDriver(contract);

describe("the oura driver and the people of the simulated cloud", () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });

  async function visit(person: string): Promise<{ world: World; cloud: SimCloud; call: DriverCall }> {
    const world = new World({ ...contract, startCloud: (clock) => startSimCloud("oura", person, clock) });
    open.push(world);
    await world.start();
    return { world, cloud: world.cloud as SimCloud, call: (await world.connect()).call };
  }

  /** Our webhook address, with nothing behind it but the driver. */
  async function listen(): Promise<string> {
    const server: FastifyInstance = Fastify();
    open.push({ stop: async () => {
      server.server.closeAllConnections();
      await server.close();
    } });
    server.get("/webhooks/oura", (request, reply) => {
      const answer = oura.webhook!.handshake!({ headers: {}, query: request.query as Record<string, string>, body: new Uint8Array(), receivedMs: NOW_MS }, secrets);
      return reply.type(answer.contentType).send(answer.body);
    });
    await server.listen({ port: 0, host: "127.0.0.1" });
    return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/webhooks/oura`;
  }

  function appCall({ clock, cloud, proxy }: World): AppCall {
    const limiter = createRateLimiter({ clock, limitsOf: () => oura.rateLimits });
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
    const http = createHttpClient({ clock, random: () => 0.5, log, limiter, userAgent: "islet-contract" });
    const fetch = createAppFetch({ http, scope: { provider: "oura" }, apiBaseUrl: proxy.baseUrl });
    return { fetch, clientId: cloud.clientId, clientSecret: cloud.clientSecret, settings: {} };
  }

  const subscribe = (world: World, callbackUrl: string): Promise<unknown> => oura.webhook!.subscribe!(appCall(world), { callbackUrl, verifyToken: VERIFY_TOKEN });

  /** What the cloud has pushed, verified and parsed as the inbox does. */
  function heard({ pushed, clientSecret }: SimCloud): WebhookEvent[] {
    return pushed.splice(0).flatMap(({ headers, body }) => {
      oura.webhook!.verify({ headers, query: {}, body, receivedMs: NOW_MS }, { ...secrets, clientSecrets: [clientSecret] });
      const { events, problems } = oura.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      return events;
    });
  }

  async function follow(world: World, call: DriverCall, told: WebhookEvent): Promise<Map<string, VendorRecord[]>> {
    if (told.kind !== "pull") throw new Error(`A ${told.kind} is nothing to follow.`);
    const found = new Map<string, VendorRecord[]>();
    for await (const page of oura.pull(call, told.request)) {
      const { records, problems }: MapResult = world.map(page.resource, parseJson(page.body));
      expect(problems).toEqual([]);
      found.set(page.resource, [...(found.get(page.resource) ?? []), ...records]);
    }
    return found;
  }

  it("reads everybody's data of every collection without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const { cloud } = await visit("ana");
    const seen = new Map<string, Set<string>>();
    for (const { id: person } of cloud.control.people()) {
      const { world, call } = await visit(person);
      for (const { name, pull } of oura.resources) {
        // Collections that sync does not ask for are mapped all the same; beats are many.
        const days = name === "interbeat_interval" ? 1 : pull ? 60 : 20;
        const { records, problems } = await world.read(call, name, { fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
        expect(problems, `${person} ${name}`).toEqual([]);
        const kinds = seen.get(name) ?? new Set();
        seen.set(name, kinds);
        for (const record of records) if (record.record !== "withdrawal") kinds.add(record.record === "sample" ? record.metric : record.record);
      }
    }
    for (const { name, metrics, records } of oura.resources) {
      expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
    }
  }, 120_000);

  it("stays in time where the clocks change: a night of spring is an hour shorter by the wall than by the clock of the world [VA-10]", async () => {
    const { world, call } = await visit("ana");
    const march = Date.UTC(2026, 2, 29);
    const { records, problems } = await world.read(call, "sleep", { fromMs: march - DAY_MS, toMs: march + DAY_MS });
    expect(problems).toEqual([]);
    const night = records.find((record): record is SleepRecord => record.record === "sleep" && record.startMs < march + HOUR_MS && record.endMs > march + HOUR_MS)!;
    expect(night.offsetMinutes).toBe(60);
    expect(night.stages.at(-1)?.endMs).toBe(night.endMs);
    expect(night.endMs - night.startMs).toBe((night.totals.inBedS ?? 0) * 1000);
  });

  it("subscribes to each type of data and event, again without harm, and leads a moved address after itself [WH-28]", async () => {
    const { world, cloud } = await visit("ana");
    const [first, moved] = [await listen(), await listen()];
    const count = await subscribe(world, first);
    expect(Number(count)).toBeGreaterThan(28);
    for (const url of [first, moved]) {
      expect(await subscribe(world, url)).toBe(count);
      await cloud.control.push("oura", "ana", "daily_sleep");
      expect(cloud.pushed.splice(0).map((push) => push.url)).toEqual([url]);
    }
  });

  it("turns an event into the records of its document, a night with its heart rate [W2]", async () => {
    const { world, cloud, call } = await visit("ana");
    await subscribe(world, await listen());
    for (const what of cloud.control.clouds().find(({ id }) => id === "oura")!.pushes.filter((one) => !one.includes("_edit") && !one.includes("_delete"))) {
      await cloud.control.push("oura", "ana", what);
      for (const told of heard(cloud)) {
        expect(told.account).toBe(call.account.vendorUserId);
        const found = await follow(world, call, told);
        expect(found.size, what).toBeGreaterThan(0);
        if (what === "sleep") expect([...found.keys()]).toEqual(["sleep", "heartrate"]);
        if (what === "workout") expect(found.get("workout")).toMatchObject([{ record: "workout", sport: "walking" }]);
      }
    }
  });

  it("gives an edited night anew and withdraws the former one, and takes a deleted workout back [VA-12]", async () => {
    const { world, cloud, call } = await visit("ana");
    await subscribe(world, await listen());
    const nights = async (): Promise<SleepRecord[]> => {
      const { records } = await world.read(call, "sleep", { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS });
      return records.filter((record): record is SleepRecord => record.record === "sleep" && !record.isNap);
    };
    const former = (await nights()).at(-1)!;
    await cloud.control.push("oura", "ana", "bedtime_edit");
    const [created, deleted] = heard(cloud) as [WebhookEvent, WebhookEvent];
    expect(deleted).toEqual({ kind: "withdrawn", account: call.account.vendorUserId, of: "sleep", vendorId: former.vendorId });
    const [edited] = (await follow(world, call, created)).get("sleep") as SleepRecord[];
    expect(edited).toMatchObject({ record: "sleep", endMs: former.endMs, startMs: former.startMs - 15 * 60_000 });
    expect((await nights()).map(({ vendorId }) => vendorId)).not.toContain(former.vendorId);

    await cloud.control.push("oura", "ana", "workout");
    const [told] = heard(cloud) as [WebhookEvent];
    await cloud.control.push("oura", "ana", "workout_delete");
    expect(heard(cloud)).toMatchObject([{ kind: "withdrawn", of: "workout" }]);
    // The announcement comes too late: the document is gone.
    expect((await follow(world, call, told)).size).toBe(0);
  });

  it.each(["403", "401"])("keeps on reading what is allowed when a collection is closed by a %s [OA-14]", async (missingScope) => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("oura", "missingScope", missingScope);
    cloud.control.turn("oura", "scopes", "fine");
    const window = { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS };
    await expect(world.pages(call, "daily_stress", window)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect((await world.read(call, "daily_sleep", window)).records.length).toBeGreaterThan(0);
  });

  it("takes in the last day whichever way the vendor reads end_date", async () => {
    const { world, cloud, call } = await visit("ana");
    const window = { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS };
    const usual = await world.read(call, "daily_readiness", window);
    for (const endDate of ["exclusive", "inclusive"]) {
      cloud.control.turn("oura", "endDate", endDate);
      expect(await world.read(call, "daily_readiness", window)).toEqual(usual);
    }
  });

  it.each(["GET", "POST"])("ends a connection where revocation is asked by %s alone [OA-23]", async (revokeBy) => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("oura", "revokeBy", revokeBy);
    await oura.revoke!(call);
    expect(cloud.control.connections().filter(({ isLive }) => isLive).length).toBeLessThan(cloud.control.connections().length);
    await expect(world.read(call, "daily_sleep", { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS })).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("hears nothing of people who have taken their consent back", async () => {
    const { world, cloud } = await visit("ana");
    await subscribe(world, await listen());
    await cloud.withdrawConsent();
    await world.clock.sleep(DAY_MS);
    await cloud.control.tick();
    expect(cloud.pushed).toEqual([]);
  });
});
