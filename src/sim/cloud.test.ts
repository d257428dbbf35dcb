/** What a cloud may be made of, shown by one that is no vendor's. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Cloud, CloudContext, CloudParts } from "./cloud.ts";
import { knownPerson } from "./context.ts";
import type { Answer, Call, Route } from "./exchange.ts";
import { basic, bearer, binary, empty, json, jsonFields } from "./exchange.ts";
import { oauthRoutes, tickedScopes } from "./oauth.ts";
import type { PushAnswer } from "./outbox.ts";
import { hmacOf } from "./signing.ts";
import type { ChallengeRequest, SimOptions } from "./sim.ts";
import { createSim } from "./sim.ts";
import { CALLBACK, client, START_MS, visitSim } from "./testing.ts";
import type { Visit } from "./testing.ts";

const RULES = { codeSeconds: 30, accessSeconds: 3600, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null };

/** Envelopes with a status inside, Basic at the token door, subscriptions with a secret of their own, a site with keys. */
const acme: Cloud = {
  id: "acme",
  name: "Acme",
  tokens: RULES,
  delivery: { timeoutMs: 1000, retrySeconds: [10, 20], isTaken: ({ body }) => body === "OK", isFinal: ({ status }) => status === 410 },
  shownParameters: ["action"],
  clientExtras: ["signing_secret"],
  switches: [{ name: "color", label: "Color", positions: ["red", "blue"], initial: "red" }],
  hasAccounts: true,
  refuse: (refusal) => json(200, { status: { rate_limited: 601, server_error: 500, unknown_path: 404, invalid_grant: 503 }[refusal.kind] }),
  create: createAcme,
};

function route(method: Route["method"], path: string, handle: Route["handle"]): Route {
  return { method, path, door: "data", handle };
}

function createAcme(context: CloudContext): CloudParts {
  const counts = context.keep(z.object({ calls: z.number() }), { calls: 0 });
  const visits = context.ofGrant(z.object({ visits: z.number() }), () => ({ visits: 0 }));
  const data = (call: Call): Answer => {
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return json(200, { status: 401 });
    counts.calls += 1;
    return json(200, { status: 0, body: { person: grant.personId, calls: counts.calls, visits: ++visits(grant).visits, color: context.position("color") } });
  };
  return {
    pushes: ["news"],
    facts: (person) => ({ key: context.accounts.keyOf(person) }),
    push: (person, what) => context.outbox.sendNow(context.subscriptions.to(person.who.id, what).map((subscription) => ({
      person: person.who.id, what, url: subscription.url, headers: { "x-acme": "1" }, subscriptionId: subscription.id, dueMs: context.now(),
      body: () => JSON.stringify({ who: person.who.name, at: context.now() }),
      sign: (body, { nowMs }) => ({ "x-time": String(nowMs), "x-signature": hmacOf(`${nowMs}${body}`, subscription.secret ?? "").toUpperCase() }),
    }))),
    pushed(push, { status }) {
      if (status === 410 && push.subscriptionId !== undefined) context.subscriptions.change(push.subscriptionId, { isActive: false });
    },
    routes: [
      ...oauthRoutes(context, {
        pages: ["/authorize"], tokenPaths: ["/token"], pkce: "none", clientProof: ["basic"],
        scopes: (asked) => tickedScopes({ sleep: "Sleep", heart: "Heart" }, asked, " "),
        tell: ({ tokens, person, expiresIn }) => ({ status: 0, body: { token: tokens.accessToken, lives: expiresIn, user: person.who.index } }),
        refuse: ({ error, field }) => json(200, { status: 503, error: `${error} ${field}` }),
      }),
      { method: "POST", path: "/login", door: "token", handle: (call) => signIn(context, call) },
      { method: "GET", path: "/site/:key/data", door: "data", hidesPath: true, handle: (call) => {
        const person = context.accounts.byKey(call.params["key"] ?? "");
        return person ? json(200, { person: person.who.id }) : json(200, { status: 401 });
      } },
      route("POST", "/measure", data),
      route("GET", "/file.zip", () => binary("application/zip", Uint8Array.of(80, 75, 3, 4, 255, 0, 128, 7))),
      route("POST", "/bytes", (call) => json(200, { bytes: [...call.bytes] })),
      route("PUT", "/thing", () => json(200, { method: "PUT" })),
      route("PATCH", "/thing", () => json(200, { method: "PATCH" })),
      route("HEAD", "/thing", () => empty(204)),
      route("GET", "/thing", () => json(200, { method: "GET" })),
      route("PUT", "/subscriptions/:id", (call) => subscribe(context, call)),
    ],
  };
}

function signIn(context: CloudContext, call: Call): Answer {
  const fields = jsonFields(call);
  const person = context.accounts.signIn(fields?.get("name") ?? "", fields?.get("password") ?? "");
  if (!person) return json(200, { status: context.accounts.named(fields?.get("name") ?? "") ? "wrong password" : "nobody" });
  return json(200, { session: context.grants.open(person.who.id, []).tokens.accessToken });
}

/** Two calls: one with the secret has to be taken, one without has to be refused. */
async function subscribe(context: CloudContext, call: Call): Promise<Answer> {
  const login = basic(call);
  if (login?.name !== context.client.clientId || login.password !== context.client.clientSecret) return json(200, { status: 401 });
  const secret = `${context.extra("signing_secret")}!`;
  const added = context.subscriptions.add({ id: call.params["id"] ?? "", url: jsonFields(call)?.get("url") ?? "", secret, isActive: false, topic: "news" });
  const ask: ChallengeRequest = { method: "POST", headers: { authorization: secret }, body: '{"type":"verification"}' };
  const [taken, refused] = [await context.challenge(added.url, 500, ask), await context.challenge(added.url, 500, { ...ask, headers: {} })];
  if (taken?.status !== 201 || refused?.status !== 401) return json(200, { status: 293 });
  context.subscriptions.change(added.id, { isActive: true });
  return json(200, { status: 0 });
}

function visitAcme(changes: Partial<SimOptions> = {}): Promise<Visit> {
  return visitSim(changes, [acme]);
}

const basicOf = (name: string, password: string): string => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

async function connect(visit: Visit, authorization = basicOf("acme-id", "acme-secret")): Promise<{ status: number; error?: string; body?: { token: string } }> {
  const query = { client_id: "acme-id", redirect_uri: CALLBACK, response_type: "code", state: "s", scope: "sleep heart", mode: "demo" };
  const page = await visit.get(`/acme/authorize?${new URLSearchParams(query).toString()}`);
  expect(page.body).toContain('name="mode" value="demo"');
  const fields = new URLSearchParams({ ...query, person: "ana", decision: "allow" });
  fields.append("permission", "sleep");
  const back = new URL(String((await visit.form("/acme/authorize", fields)).headers.location));
  const answer = await visit.app.inject({
    method: "POST", url: "/sim/acme/token", headers: { "content-type": "application/x-www-form-urlencoded", authorization },
    payload: new URLSearchParams({ grant_type: "authorization_code", code: back.searchParams.get("code") ?? "", redirect_uri: CALLBACK }).toString(),
  });
  return answer.json();
}

async function measure(visit: Visit, token: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" };
  return (await visit.app.inject({ method: "POST", url: "/sim/acme/measure", headers, payload: "action=getmeas&secret=hush" })).json();
}

describe("a cloud of another shape", () => {
  it("answers its token door in its own envelope, to an application that proves itself by Basic", async () => {
    const visit = await visitAcme();
    const { status, body } = await connect(visit);
    expect(status).toBe(0);
    expect(await measure(visit, body!.token)).toMatchObject({ status: 0, body: { person: "ana" } });
    expect(await connect(visit, basicOf("acme-id", "wrong"))).toEqual({ status: 503, error: "invalid_client client_secret" });
    expect(await connect(visit, "")).toEqual({ status: 503, error: "invalid_client client_id" });
  });

  it("meets faults in its own envelope", async () => {
    const visit = await visitAcme();
    const { body } = await connect(visit);
    visit.sim.control.setFault("acme", { kind: "rate_limited", times: 1 });
    expect(await measure(visit, body!.token)).toEqual({ status: 601 });
    visit.sim.control.setFault("acme", { kind: "invalid_grant", times: 1 });
    expect(await connect(visit)).toEqual({ status: 503 });
  });

  it("lets people in by name and password, and by key, without showing the key in the journal", async () => {
    const visit = await visitAcme();
    const { userName, password, facts } = visit.sim.control.people()[1]!;
    const login = async (fields: object): Promise<Record<string, string>> =>
      (await visit.app.inject({ method: "POST", url: "/sim/acme/login", payload: fields })).json();
    expect(await login({ name: userName, password: "wrong" })).toEqual({ status: "wrong password" });
    expect(await login({ name: "nobody", password })).toEqual({ status: "nobody" });
    const { session } = await login({ name: userName.toUpperCase(), password });
    expect(await measure(visit, session!)).toMatchObject({ body: { person: "liam" } });
    const key = String(facts["acme"]!["key"]);
    expect((await visit.get(`/acme/site/${key}/data`)).json()).toEqual({ person: "liam" });
    expect((await visit.get("/acme/site/guess/data")).json()).toEqual({ status: 401 });
    const page = (await visit.get("/")).body;
    expect(page).toContain(userName);
    expect(page).toContain(password);
    const received = visit.sim.control.received("acme");
    expect(received.find(({ path }) => path === "/site/:key/data")).toBeDefined();
    expect(JSON.stringify(received)).not.toContain(key);
    expect(received.find(({ path }) => path === "/measure")!.query).toEqual({ action: "getmeas" });
  });

  it("reads and answers raw bytes, whole or spoilt", async () => {
    const visit = await visitAcme();
    const sent = Buffer.from([0, 255, 128, 10, 13, 195, 40]);
    const headers = { "content-type": "application/octet-stream" };
    expect((await visit.app.inject({ method: "POST", url: "/sim/acme/bytes", headers, payload: sent })).json()).toEqual({ bytes: [...sent] });
    const whole = await visit.get("/acme/file.zip");
    expect(whole.headers["content-type"]).toBe("application/zip");
    expect([...whole.rawPayload]).toEqual([80, 75, 3, 4, 255, 0, 128, 7]);
    visit.sim.control.setFault("acme", { kind: "truncated", times: 1 });
    expect([...(await visit.get("/acme/file.zip")).rawPayload]).toEqual([80, 75, 3, 4]);
    visit.sim.control.setFault("acme", { kind: "malformed", times: 1 });
    const spoilt = (await visit.get("/acme/file.zip")).rawPayload;
    expect(spoilt.length).toBe(8);
    expect(spoilt[0]).not.toBe(80);
  });

  it("has doors for PUT, PATCH and HEAD, and HEAD for every GET", async () => {
    const visit = await visitAcme();
    for (const method of ["GET", "PUT", "PATCH"] as const) {
      expect((await visit.app.inject({ method, url: "/sim/acme/thing" })).json()).toEqual({ method });
    }
    expect((await visit.app.inject({ method: "HEAD", url: "/sim/acme/thing" })).statusCode).toBe(204);
    const head = await visit.app.inject({ method: "HEAD", url: "/sim/acme/file.zip" });
    expect([head.statusCode, head.headers["content-length"], head.body]).toEqual([200, "8", ""]);
    expect((await visit.app.inject({ method: "PUT", url: "/sim/acme/nothing" })).json()).toEqual({ status: 404 });
  });

  it("keeps its own state and that of each grant over a restart", async () => {
    let kept: string | null = null;
    const store = { read: () => Promise.resolve(kept), write: (text: string) => Promise.resolve(void (kept = text)) };
    const before = await visitAcme({ store });
    const { body } = await connect(before);
    await measure(before, body!.token);
    before.sim.control.configure({ color: "blue" });
    await before.sim.stop();
    const after = await visitAcme({ store });
    expect(await measure(after, body!.token)).toEqual({ status: 0, body: { person: "ana", calls: 2, visits: 2, color: "blue" } });
  });

  it("knows no application it was given none of", async () => {
    const visit = await visitAcme({ clients: {} });
    for (const id of ["", "acme-id", "undefined"]) {
      const query = new URLSearchParams({ client_id: id, redirect_uri: CALLBACK, response_type: "code", scope: "sleep" });
      expect((await visit.get(`/acme/authorize?${query.toString()}`)).statusCode).toBe(400);
    }
  });

  it("out of order holds up no other, and is seen", async () => {
    let ticks = 0;
    const parts: CloudParts = { routes: [] };
    const broken: Cloud = { ...acme, id: "broken", create: () => ({ ...parts, tick: () => { throw new RangeError("out of order"); } }) };
    const good: Cloud = { ...acme, id: "good", create: () => ({ ...parts, tick: () => { ticks += 1; } }) };
    const visit = await visitSim({}, [broken, good]);
    await expect(visit.sim.control.tick()).rejects.toThrow(AggregateError);
    expect(ticks).toBe(1);
  });

  it("cannot be there twice", () => {
    const options: SimOptions = { baseUrl: "http://127.0.0.1/sim", now: () => START_MS, seed: 1, clients: {}, webhookUrls: {} };
    expect(() => createSim(options, [acme, acme])).toThrow(RangeError);
  });
});

interface Receiver {
  readonly asked: ChallengeRequest[];
  readonly sent: { headers: Record<string, string>; body: string }[];
  readonly options: Partial<SimOptions>;
  answer: PushAnswer;
}

function receiver(): Receiver {
  const made: Receiver = {
    asked: [], sent: [], answer: { status: 200, body: "OK" },
    options: {
      clients: { acme: { clientId: "acme-id", clientSecret: "acme-secret", redirectUris: [CALLBACK], extras: { signing_secret: "given" } } },
      challenge: (_url, _timeoutMs, request) => {
        made.asked.push(request);
        return Promise.resolve({ status: request.headers["authorization"] === "given!" ? 201 : 401, contentType: "", body: "" });
      },
      send: (_url, headers, body) => {
        made.sent.push({ headers, body });
        return Promise.resolve(made.answer);
      },
    },
  };
  return made;
}

async function subscribed(visit: Visit): Promise<{ status: number }> {
  const { client_id, client_secret } = client("acme");
  return (await visit.app.inject({
    method: "PUT", url: "/sim/acme/subscriptions/s1", payload: { url: "https://islet.example/hook" }, headers: { authorization: basicOf(client_id, client_secret) },
  })).json();
}

describe("a subscription of a cloud", () => {
  it("becomes active when the address answers the handshake, here two POSTs", async () => {
    const at = receiver();
    const visit = await visitAcme(at.options);
    await connect(visit);
    expect(await subscribed(visit)).toEqual({ status: 0 });
    expect(at.asked.map(({ method, headers, body }) => [method, headers["authorization"], body])).toEqual([
      ["POST", "given!", '{"type":"verification"}'], ["POST", undefined, '{"type":"verification"}'],
    ]);
    expect(await visit.sim.control.push("acme", "ana", "news")).toMatchObject([{ status: 200, attempt: 1, retryMs: null }]);
  });

  it("is told nothing before, and nothing when nobody answers", async () => {
    const at = receiver();
    const visit = await visitAcme({ ...at.options, challenge: () => Promise.reject(new Error("timeout")) });
    await connect(visit);
    expect(await subscribed(visit)).toEqual({ status: 293 });
    expect(await visit.sim.control.push("acme", "ana", "news")).toEqual([]);
  });

  it("gets bytes signed as they are sent, the same at a retry with a signature of its own time", async () => {
    const at = receiver();
    const visit = await visitAcme(at.options);
    await connect(visit);
    await subscribed(visit);
    at.answer = { status: 200, body: "busy" };
    expect(await visit.sim.control.push("acme", "ana", "news")).toMatchObject([{ status: 200, retryMs: visit.now() + 10_000 }]);
    at.answer = { status: 200, body: "OK" };
    visit.pass(10_000);
    expect(await visit.sim.control.tick()).toMatchObject([{ attempt: 2, retryMs: null }]);
    expect(at.sent[1]!.body).toBe(at.sent[0]!.body);
    for (const { headers, body } of at.sent) {
      expect(headers["x-signature"]).toBe(createHmac("sha256", "given!").update(`${headers["x-time"]}${body}`).digest("hex").toUpperCase());
    }
    expect(Number(at.sent[1]!.headers["x-time"]) - Number(at.sent[0]!.headers["x-time"])).toBe(10_000);
  });

  it("ends when its receiver says that it has gone", async () => {
    const at = receiver();
    const visit = await visitAcme(at.options);
    await connect(visit);
    await subscribed(visit);
    at.answer = { status: 410, body: "" };
    expect(await visit.sim.control.push("acme", "ana", "news")).toMatchObject([{ status: 410, retryMs: null }]);
    expect(await visit.sim.control.push("acme", "ana", "news")).toEqual([]);
  });
});

describe("the front page", () => {
  it("has one line for each of twenty clouds, folded, without script, and unfolds the one that was touched", async () => {
    const many = Array.from({ length: 20 }, (_, index): Cloud => ({ ...acme, id: `cloud-${index}`, name: `Cloud ${index}` }));
    const visit = await visitSim({}, many);
    const { body, headers } = await visit.get("/");
    expect(body.match(/<tr class="line">/g)?.length).toBe(20);
    expect(body.match(/<details id="cloud-cloud-\d+">/g)?.length).toBe(20);
    expect(body).not.toMatch(/<script|\son[a-z]+=|style="/);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    const ids = [...body.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const set = await visit.form("/control/fault", { vendor: "cloud-7", kind: "server_error", at: "token", times: "2" });
    expect(set.headers.location).toMatch(/^\/sim\/\?message=.*&cloud=cloud-7#cloud-cloud-7$/);
    expect(visit.sim.control.faults()["cloud-7"]).toEqual({ kind: "server_error", status: 503, at: "token", times: 2 });
    const again = (await visit.get(String(set.headers.location).slice("/sim".length).split("#")[0]!)).body;
    expect(again.match(/<details id="[^"]+" open>/g)).toEqual(['<details id="cloud-cloud-7" open>']);
    expect(again).toContain("<strong>503, service unavailable</strong>");
  });

  it("turns switches, and says what is wrong with a wish", async () => {
    const visit = await visitAcme();
    await visit.form("/control/switches", { vendor: "acme", "switch.color": "blue" });
    expect(visit.sim.control.clouds()[0]!.switches).toMatchObject([{ name: "color", position: "blue" }]);
    const wrong = await visit.form("/control/switches", { vendor: "acme", "switch.color": "green" });
    expect(decodeURIComponent(String(wrong.headers.location))).toContain("no+position");
    for (const path of ["fault", "push", "switches"]) {
      const nobody = await visit.app.inject({
        method: "POST", url: `/sim/control/${path}`, payload: { vendor: "nobody", fault: null, person: "ana", what: "x", switches: { color: "red" } },
      });
      expect(nobody.statusCode, path).toBe(400);
    }
    expect((await visit.get("/control/received?vendor=nobody")).statusCode).toBe(400);
  });
});

function glucose(id: string): Cloud {
  return {
    ...acme, id, servesGlucose: true,
    create: (context) => ({ routes: [route("GET", "/readings/:person", ({ params }) =>
      json(200, context.sensed(knownPerson(context, params["person"] ?? ""), START_MS - 600_000, START_MS).map(({ mgDl }) => mgDl)))] }),
  };
}

describe("glucose given by hand", () => {
  it("is one body's: every cloud that serves glucose serves it, no other takes it", async () => {
    const visit = await visitSim({}, [glucose("one"), glucose("two"), acme]);
    visit.sim.control.serveSeries("one", "ana", [{ atMs: START_MS - 300_000, mgDl: 111 }, { atMs: START_MS, mgDl: 222 }]);
    for (const id of ["one", "two"]) expect((await visit.get(`/${id}/readings/ana`)).json()).toEqual([111, 222]);
    expect(() => visit.sim.control.serveSeries("acme", "ana", [])).toThrow(RangeError);
    visit.sim.control.serveSeries("two", "ana", null);
    expect((await visit.get("/one/readings/ana")).json()).not.toEqual([111, 222]);
  });
});

