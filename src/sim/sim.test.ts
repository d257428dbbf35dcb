import { DAY_MS } from "#units/time.ts";
import Fastify from "fastify";
import type { LightMyRequestResponse } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { describe, expect, it } from "vitest";
import { createSim } from "./sim.ts";
import type { SimFault } from "./sim.ts";
import { CALLBACK, client, registered, START_MS, visitSim } from "./testing.ts";
import type { Visit } from "./testing.ts";

const VENDORS = ["dexcom", "garmin", "strava"] as const;
type Vendor = (typeof VENDORS)[number];
const PROBES: Record<Vendor, string> = {
  dexcom: "/dexcom/v3/users/self/dataRange", garmin: "/garmin/wellness-api/rest/user/id", strava: "/strava/api/v3/athlete",
};

async function fourDays(seed: number): Promise<string> {
  const visit = await visitSim({ seed });
  const { access_token } = await visit.connect("dexcom");
  return (await visit.get("/dexcom/v3/users/self/egvs?startDate=2026-11-01T00:00:00&endDate=2026-11-05T00:00:00", access_token)).body;
}

describe("one person", () => {
  it("has the same run at Garmin and at Strava, and the same steps, night and glucose day behind it", async () => {
    const visit = await visitSim();
    const garmin = await visit.connect("garmin");
    const strava = await visit.connect("strava");
    const from = Math.floor((START_MS - 14 * DAY_MS) / 1000);
    await visit.get(`/garmin/wellness-api/rest/backfill/activities?summaryStartTimeInSeconds=${from}&summaryEndTimeInSeconds=${Math.floor(START_MS / 1000)}`, garmin.access_token);
    visit.pass(3_000);
    await visit.sim.control.tick();
    const told = visit.sent.map((push) => JSON.parse(push.body) as Record<string, Record<string, number>[]>).flatMap((body) => body["activities"] ?? []);
    const list = (await visit.get(`/strava/api/v3/athlete/activities?after=${from}&per_page=100`, strava.access_token)).json<
      { start_date: string; elapsed_time: number; distance: number; max_heartrate: number }[]
    >();
    expect(list.length).toBeGreaterThan(2);
    expect(told.map((one) => [one["startTimeInSeconds"], one["durationInSeconds"], one["distanceInMeters"] ?? 0, one["maxHeartRateInBeatsPerMinute"]])).toEqual(
      list.map((one) => [Date.parse(one.start_date) / 1000, one.elapsed_time, one.distance, one.max_heartrate]),
    );
  });

  it("is the same in two clouds of one seed, and another in another seed", async () => {
    expect(await fourDays(3)).toBe(await fourDays(3));
    expect(await fourDays(3)).not.toBe(await fourDays(4));
  });
});

async function call(visit: Visit, vendor: Vendor, token: string): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const answer = await visit.get(PROBES[vendor], token);
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}

describe("faults", () => {
  it.each(VENDORS)("hit %s as often as asked and then no more", async (vendor) => {
    const visit = await visitSim();
    const { access_token } = await visit.connect(vendor);
    visit.sim.control.setFault(vendor, { kind: "rate_limited", retryAfterSeconds: 3, times: 2 });
    const first = await call(visit, vendor, access_token);
    expect([first.status, first.headers["retry-after"]]).toEqual([429, "3"]);
    expect((await call(visit, vendor, access_token)).status).toBe(429);
    expect((await call(visit, vendor, access_token)).status).toBe(200);
    visit.sim.control.setFault(vendor, { kind: "rate_limited", times: 1 });
    expect((await call(visit, vendor, access_token)).headers).not.toHaveProperty("retry-after");
    visit.sim.control.setFault(vendor, { kind: "server_error", status: 503 });
    for (let count = 0; count < 3; count++) expect((await call(visit, vendor, access_token)).status).toBe(503);
    visit.sim.control.setFault(vendor, null);
    expect((await call(visit, vendor, access_token)).status).toBe(200);
  });

  it.each(["malformed", "truncated"] as const)("of kind %s answer 200 with a body that is no JSON", async (kind) => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    visit.sim.control.setFault("dexcom", { kind, times: 1 });
    const answer = await call(visit, "dexcom", access_token);
    expect(answer.status).toBe(200);
    expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError);
  });

  it("of slowness answer late and right", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    visit.sim.control.setFault("garmin", { kind: "slow", ms: 60, times: 1 });
    const beganMs = performance.now();
    expect((await call(visit, "garmin", access_token)).status).toBe(200);
    expect(performance.now() - beganMs).toBeGreaterThan(50);
  });

  it.each(VENDORS)("end %s's tokens: expired ones can be refreshed, revoked ones cannot", async (vendor) => {
    const visit = await visitSim();
    const tokens = await visit.connect(vendor);
    const refresh = (): Promise<{ statusCode: number; json: () => unknown }> =>
      visit.form({ dexcom: "/dexcom/v3/oauth2/token", garmin: "/garmin/di-oauth2-service/oauth/token", strava: "/strava/oauth/token" }[vendor], {
        ...client(vendor), grant_type: "refresh_token", refresh_token: tokens.refresh_token,
      });
    visit.sim.control.setFault(vendor, { kind: "token_expired" });
    expect((await call(visit, vendor, tokens.access_token)).status).toBe(401);
    visit.sim.control.setFault(vendor, { kind: "invalid_grant", times: 1 });
    expect((await refresh()).statusCode).toBe(400);
    const renewed = await refresh();
    expect(renewed.statusCode).toBe(200);
    visit.sim.control.setFault(vendor, { kind: "token_revoked", person: "ana" });
    expect((await call(visit, vendor, (renewed.json() as { access_token: string }).access_token)).status).toBe(401);
    expect((await refresh()).statusCode).toBe(400);
  });

  it("can be aimed at the token door, and never hit the consent page", async () => {
    const visit = await visitSim();
    visit.sim.control.setFault("dexcom", { kind: "server_error", status: 500, at: "token", times: 1 });
    const code = (await visit.consent("dexcom")).searchParams.get("code") ?? "";
    const trade = (): Promise<{ statusCode: number }> =>
      visit.form("/dexcom/v3/oauth2/token", { ...client("dexcom"), grant_type: "authorization_code", code, redirect_uri: CALLBACK });
    expect((await trade()).statusCode).toBe(500);
    expect((await trade()).statusCode).toBe(200);
  });
});

function post(visit: Visit, path: string, payload: unknown, headers: Record<string, string> = {}): ReturnType<Visit["get"]> {
  return visit.app.inject({ method: "POST", url: `/sim/control/${path}`, payload: payload as object, headers });
}

describe("the control over HTTP", () => {
  it("switches faults, pushes and tells what happened, as JSON", async () => {
    const visit = await visitSim();
    await visit.connect("garmin");
    const fault: SimFault = { kind: "slow", ms: 5 };
    expect((await post(visit, "fault", { vendor: "garmin", fault })).json()).toMatchObject({ garmin: fault, dexcom: null });
    const [pushed] = (await post(visit, "push", { vendor: "garmin", person: "ana", what: "userMetrics" })).json<{ status: number }[]>();
    expect(pushed).toMatchObject({ status: 200 });
    const state = (await visit.get("/control/state")).json<{ connections: { person: string; vendor: string }[]; people: { id: string }[] }>();
    expect(state.people[0]!.id).toBe("ana");
    expect(state.connections).toMatchObject([{ vendor: "garmin", person: "ana", isLive: true }]);
  });

  it("answers a form with the page again, and a wrong wish with its reason", async () => {
    const visit = await visitSim();
    const set = await visit.form("/control/fault", { vendor: "dexcom", kind: "rate_limited", times: "2", person: "ana" });
    expect(set.statusCode).toBe(303);
    expect(visit.sim.control.faults().dexcom).toEqual({ kind: "rate_limited", retryAfterSeconds: 20, times: 2 });
    const refused = await visit.form("/control/push", { vendor: "garmin", person: "ana", what: "dailies" });
    expect(decodeURIComponent(String(refused.headers.location))).toContain("has+not+connected");
    expect((await post(visit, "push", { vendor: "garmin", person: "ana", what: "dailies" })).statusCode).toBe(400);
    expect((await post(visit, "fault", { vendor: "acme", fault: null })).statusCode).toBe(400);
    expect((await post(visit, "fault", "{", { "content-type": "application/json" })).statusCode).toBe(400);
  });

  it("refuses pages of other sites", async () => {
    const visit = await visitSim();
    expect((await post(visit, "fault", { vendor: "dexcom", fault: null }, { "sec-fetch-site": "cross-site" })).statusCode).toBe(403);
  });

  it("shows what each cloud received, and no token, code or secret of it", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("strava");
    await visit.get(`/strava/api/v3/athlete/activities?page=1&access_token=${tokens.access_token}`, tokens.access_token);
    await visit.get(`/strava/api/v3/push_subscriptions?${new URLSearchParams(client("strava")).toString()}`);
    const received = visit.sim.control.received("strava");
    expect(received.map((one) => `${one.method} ${one.path} ${one.status}`)).toEqual([
      "POST /oauth/authorize 302", "POST /oauth/token 200", "GET /api/v3/athlete/activities 200", "GET /api/v3/push_subscriptions 200",
    ]);
    expect(received[2]!.query).toEqual({ page: "1" });
    const page = await visit.get("/");
    expect(page.body).toContain("/api/v3/athlete/activities");
    for (const secret of [tokens.access_token, tokens.refresh_token, "strava-secret"]) {
      expect(page.body).not.toContain(secret);
      expect(JSON.stringify(received)).not.toContain(secret);
    }
    expect(page.body).not.toContain("<script");
  });
});

describe("a restarted house", () => {
  it("finds its connections, subscription and extra workouts in the store", async () => {
    let kept: string | null = null;
    const store = { read: () => Promise.resolve(kept), write: (text: string) => Promise.resolve(void (kept = text)) };
    const before = await visitSim({ store });
    await before.form("/strava/api/v3/push_subscriptions", { ...client("strava"), callback_url: "http://127.0.0.1:3000/webhooks/strava", verify_token: "v" });
    const tokens = await before.connect("strava");
    before.pass(21_000);
    await before.sim.control.tick();
    const walk = (JSON.parse(before.sent[0]!.body) as { object_id: number }).object_id;
    await before.sim.stop();
    expect(kept).not.toContain(tokens.access_token);
    const after = await visitSim({ store });
    after.pass(60_000);
    expect((await after.get(`/strava/api/v3/activities/${walk}`, tokens.access_token)).statusCode).toBe(200);
    await after.sim.control.push("strava", "ana", "activity_create");
    expect(after.sent.length).toBe(1);
  });

  it("starts afresh from a store it cannot read", async () => {
    const visit = await visitSim({ store: { read: () => Promise.resolve('{"version":9}'), write: () => Promise.resolve() } });
    expect(visit.sim.control.connections()).toEqual([]);
  });
});

describe("the plugin", () => {
  it("lives beside routes with zod schemas and leaves their parsers alone", async () => {
    const visit = await visitSim();
    const app = Fastify();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    app.post("/echo", (request) => request.body);
    const { plugin } = createSim({
      baseUrl: "http://127.0.0.1/sim", now: () => visit.now(), seed: 1, webhookUrls: { garmin: null },
      clients: { dexcom: { clientId: "d", clientSecret: "s", redirectUris: [CALLBACK] }, garmin: { clientId: "g", clientSecret: "s", redirectUris: [] }, strava: { clientId: "1", clientSecret: "s", redirectUris: [] } },
    });
    await app.register(plugin, { prefix: "/elsewhere/sim" });
    expect((await app.inject({ method: "POST", url: "/echo", payload: { a: 1 } })).json()).toEqual({ a: 1 });
    expect((await app.inject({ method: "POST", url: "/echo", headers: { "content-type": "text/csv" }, payload: "a" })).statusCode).toBe(415);
    const refused = await app.inject({ method: "POST", url: "/elsewhere/sim/dexcom/v3/oauth2/token", headers: { "content-type": "application/x-www-form-urlencoded" }, payload: "grant_type=x" });
    expect(refused.json()).toMatchObject({ error: "invalid_client" });
    const board = await app.inject("/elsewhere/sim");
    expect(board.body).toContain('action="/elsewhere/sim/control/fault"');
    expect((await app.inject("/elsewhere/sim/dexcom/v9/nothing")).statusCode).toBe(404);
  });

  it("challenges and pushes over real HTTP unless told otherwise", async () => {
    const got: { headers: Record<string, unknown>; body: unknown }[] = [];
    const receiver = Fastify();
    receiver.get<{ Querystring: Record<string, string> }>("/webhooks/strava", (request) => ({ "hub.challenge": request.query["hub.challenge"] }));
    receiver.post("/webhooks/:vendor", (request, reply) => {
      got.push({ headers: request.headers, body: request.body });
      return reply.code(got.length === 1 ? 500 : 200).send({});
    });
    const address = await receiver.listen({ port: 0, host: "127.0.0.1" });
    let nowMs = START_MS;
    const sim = createSim({
      baseUrl: `${address}/sim`, now: () => nowMs, seed: 7, webhookUrls: { garmin: `${address}/webhooks/garmin` },
      clients: { dexcom: registered("dexcom"), garmin: registered("garmin"), strava: registered("strava") },
    });
    const app = Fastify();
    await app.register(sim.plugin, { prefix: "/sim" });
    const form = (url: string, fields: Record<string, string>): Promise<LightMyRequestResponse> =>
      app.inject({ method: "POST", url, headers: { "content-type": "application/x-www-form-urlencoded" }, payload: new URLSearchParams(fields).toString() });
    const subscribed = await form("/sim/strava/api/v3/push_subscriptions", { ...client("strava"), callback_url: `${address}/webhooks/strava`, verify_token: "v" });
    expect(subscribed.statusCode).toBe(201);
    const back = await form("/sim/strava/oauth/authorize", { ...client("strava"), redirect_uri: CALLBACK, response_type: "code", scope: "activity:read", permission: "activity:read", person: "ana", decision: "allow" });
    const code = new URL(String(back.headers.location)).searchParams.get("code") ?? "";
    await form("/sim/strava/oauth/token", { ...client("strava"), grant_type: "authorization_code", code });
    expect(await sim.control.push("strava", "ana", "activity_create")).toMatchObject([{ status: 500, attempt: 1 }]);
    nowMs += 6_000;
    expect(await sim.control.tick()).toMatchObject([{ status: 200, attempt: 2, retryMs: null }]);
    expect(got[1]!.body).toEqual(got[0]!.body);
    await receiver.close();
    expect(await sim.control.push("strava", "ana", "activity_create")).toMatchObject([{ status: 0 }]);
  });

  it("ticks by itself between start and stop", async () => {
    const visit = await visitSim();
    await visit.connect("garmin");
    visit.pass(10_000);
    visit.sim.start();
    await expect.poll(() => visit.sent.length, { timeout: 5_000 }).toBeGreaterThan(5);
    await visit.sim.stop();
    const count = visit.sent.length;
    visit.pass(DAY_MS);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(visit.sent.length).toBe(count);
  });
});
