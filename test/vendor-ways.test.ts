/** Ways that vendors differ in, told by their data sheets alone: scopes, forms, statuses, keys, subscriptions, ends. All vendors here are made up. */
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import type { MapResult } from "#driver/records.ts";
import type { Driver, DriverWebhook, WebhookSubscription } from "#driver/types.ts";
import { replyJson, startTestServer, type TestServer } from "#http/test-kit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { beginConnect, finishConnect } from "#sync/connect.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import { QUEUES } from "#sync/context.ts";
import { disconnect } from "#sync/disconnect.ts";
import { drainInbox } from "#sync/process.ts";
import { runSubscription, sweep } from "#sync/schedule.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { ProviderRateLimited, ProviderUnavailable, WebhookRejected } from "../src/errors.ts";
import { oauthOf } from "#driver/auth.ts";
import { fakeVendor, GLUCOSE, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const { signal } = new AbortController();
const plainAuth = oauthOf(fakeVendor().driver);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function groundOf(driver: Driver, options: { baseUrl?: string; settings?: Record<string, string> } = {}): Promise<Ground> {
  const ground = await layGround([driver], options);
  open.push(ground);
  return ground;
}

async function serverOf(ground: Ground): Promise<FastifyInstance> {
  const server = await ground.app.server({ isReady: () => true, simulator: null });
  open.push(server);
  return server;
}

async function vendorAt(respond: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(respond);
  open.push(server);
  return server;
}

async function actorOf(ground: Ground, name: string): Promise<{ actor: Actor; patient: { patientId: string; userId: string } }> {
  const patient = await ground.addPatient(name);
  const session = { kind: "bearer" as const, id: null, provenMs: null, scopes: null, hash: Buffer.alloc(32, name), expiresMs: 0 };
  return { patient, actor: { userId: patient.userId, organizationId: ground.organizationId, roles: ["patient"], patientId: patient.patientId, session } };
}

const setting = (name: string, values: readonly string[]) => ({ name, values, description: "Made up.", default: values[0] ?? "", chosenBy: "provider" }) as const;

/** Goes through a consent at a vendor whose token endpoint gives anything. */
async function consent(ground: Ground, name: string): Promise<{ url: URL; actor: Actor }> {
  const { actor, patient } = await actorOf(ground, name);
  const { authorizeUrl } = await beginConnect(ground.context, {
    actor, patient: { id: patient.patientId, organizationId: ground.organizationId } as Parameters<typeof beginConnect>[1]["patient"], providerId: "fake", settings: {},
    returnTo: undefined, origin: "https://islet.example",
  });
  const url = new URL(authorizeUrl);
  await finishConnect(ground.context, { providerId: "fake", actor, query: { code: "c", state: url.searchParams.get("state")! } });
  return { url, actor };
}

const jobsOf = (ground: Ground, queue: string) => ground.jobs.filter((job) => job.queue === queue).map(({ data }) => data);
const subscribeAt = async (ground: Ground, ref: ConnectionRef): Promise<number | null> =>
  (await ground.db.asOwner<{ at: Date | null }>("select subscribe_at as at from connections where id = $1", [ref.connectionId]))[0]!.at?.getTime() ?? null;

describe("scopes that the operator chooses", () => {
  const meals = { ...GLUCOSE, name: "meals", needsScope: "food" };
  const auth = { ...plainAuth, optionalScopes: [{ scope: "food", setting: "nutrition" }] };

  it("[P1] are what the consent page is asked for", async () => {
    const { driver } = fakeVendor({ change: { auth, settings: [setting("nutrition", ["off", "on"])] } });
    for (const [nutrition, scope] of [["off", "data"], ["on", "data food"]] as const) {
      const tokens = await vendorAt((response) => replyJson(response, 200, { access_token: "a", refresh_token: "r" }));
      const ground = await groundOf(driver, { baseUrl: tokens.baseUrl, settings: { nutrition } });
      expect((await consent(ground, "asks")).url.searchParams.get("scope")).toBe(scope);
    }
  });

  it("[OA-14] leave a resource out of sync, progress and the next time while its scope is not granted", async () => {
    const vendor = fakeVendor({ resources: [GLUCOSE, meals], change: { auth, settings: [setting("nutrition", ["on", "off"])] } });
    const ground = await groundOf(vendor.driver);
    const ref = await ground.link(await ground.addPatient("eats"), "eats");
    const run = async (granted: string[]) => {
      await ground.db.asOwner("update connections set granted_scopes = $2 where id = $1", [ref.connectionId, granted]);
      vendor.asked.length = 0;
      await syncConnection(ground.context, ref, { signal });
      const [row] = await ground.db.asOwner<{ status: string; backfill_progress: number; next: Date }>("select status, backfill_progress, next_sync_at as next from connections where id = $1", [ref.connectionId]);
      return { asked: new Set(vendor.asked.map(({ resource }) => resource)), ...row!, waitsMs: row!.next.getTime() - ground.clock.now() };
    };
    const without = await run(["data"]);
    expect(without).toMatchObject({ asked: new Set(["readings"]), status: "limited", backfill_progress: 1 });
    expect(without.waitsMs).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(await run(["data", "food"])).toMatchObject({ asked: new Set(["meals"]), status: "active", backfill_progress: 1 });
  });
});

describe("limits that hang on a setting", () => {
  it("count only while it has their value", async () => {
    const limit = { requests: 1, perSeconds: 86_400, scope: "app", source: "documents", when: { setting: "tier", value: "small" } } as const;
    const { driver } = fakeVendor({ change: { rateLimits: [limit], settings: [setting("tier", ["large", "small"])] } });
    const server = await vendorAt((response) => replyJson(response, 200, {}));
    const twice = async (tier: string) => {
      const { context } = await groundOf(driver, { settings: { tier } });
      const ask = () => context.http.request({ provider: "fake" }, { method: "GET", url: server.baseUrl });
      await ask();
      return ask();
    };
    await expect(twice("large")).resolves.toMatchObject({ status: 200 });
    await expect(twice("small")).rejects.toBeInstanceOf(ProviderRateLimited);
  });
});

/** Forms, a key in the address, and everything about its answers unusual. */
function formWebhook(more: Partial<DriverWebhook> = {}): DriverWebhook {
  const checkKey: DriverWebhook["verify"] = ({ query }, { verifyToken }) => {
    if (verifyToken === null || query["key"] !== verifyToken) throw new WebhookRejected("webhook_signature", "no");
  };
  return {
    maxBytes: 10_000, bodyFormat: "form", isSigned: false, acknowledgeBody: { contentType: "text/plain", body: "thanks" }, refuseWith: 404, verify: checkKey,
    handshake: (request, secrets) => {
      checkKey(request, secrets);
      return { contentType: "text/plain", body: "", status: 204 };
    },
    challenge: (request, secrets) => {
      if (request.body.length > 0) return null;
      checkKey(request, secrets);
      return { status: 200, contentType: "text/plain", body: "here" };
    },
    subscribeConnection: () => Promise.resolve(),
    parse: (body) => {
      const { user, at, value } = body as Record<string, string>;
      return { events: [{ kind: "data", account: user!, resource: "readings", payload: [reading(Number(at), Number(value))] }], problems: [] };
    },
    ...more,
  };
}

const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

describe("a webhook in a vendor's own ways", () => {
  async function door(webhook: DriverWebhook): Promise<{ ground: Ground; send: (options: InjectOptions) => Promise<{ status: number; body: string }>; key: string }> {
    const ground = await groundOf(fakeVendor({ webhook }).driver);
    await ground.app.subscriptions.ensure("https://islet.example");
    const server = await serverOf(ground);
    const send = async (options: InjectOptions) => {
      const answer = await server.inject(options);
      return { status: answer.statusCode, body: answer.body };
    };
    return { ground, send, key: (await ground.app.subscriptions.of("fake"))?.verifyToken.open() ?? "" };
  }

  it("comes as a form, is answered in its words, and its fields become records", async () => {
    const { ground, send, key } = await door(formWebhook());
    const ref = await ground.link(await ground.addPatient("fills"), "u1");
    const atMs = ground.clock.now();
    expect(key).not.toBe("");
    expect(await send({ method: "POST", url: `/webhooks/fake?key=${key}`, headers: FORM, payload: `user=u1&at=${atMs}&value=123` })).toEqual({ status: 200, body: "thanks" });
    await drainInbox(ground.context, signal);
    expect(await ground.db.ofSamples("select value from samples where patient_id = $1", [ref.patientId])).toEqual([{ value: 123 }]);
  });

  it("is stored without the app's own secret in it, and read from what is stored", async () => {
    const redact = (body: Uint8Array): Uint8Array => new TextEncoder().encode(new TextDecoder().decode(body).replace(/&word=[^&]*/, ""));
    const { ground, send, key } = await door(formWebhook({ redact }));
    const ref = await ground.link(await ground.addPatient("hides"), "u2");
    await send({ method: "POST", url: `/webhooks/fake?key=${key}`, headers: FORM, payload: `user=u2&word=canary-31&at=${ground.clock.now()}&value=124` });
    await drainInbox(ground.context, signal);
    expect(await ground.db.ofSamples("select value from samples where patient_id = $1", [ref.patientId])).toEqual([{ value: 124 }]);
    expect(await ground.db.asOwner("select convert_from(body, 'UTF8') as body from deliveries where body_encoding = 'identity'")).not.toContainEqual({ body: expect.stringContaining("canary-31") as string });
  });

  it("[WH-01] is refused with the status that the vendor wants to see, in delivery, challenge and handshake", async () => {
    const { ground, send } = await door(formWebhook());
    const url = "/webhooks/fake?key=wrong";
    for (const options of [{ method: "POST", url, headers: FORM, payload: "user=u1" }, { method: "POST", url }, { method: "GET", url }, { method: "HEAD", url }] as const) {
      expect((await send(options)).status).toBe(404);
    }
    expect(await ground.db.asOwner("select 1 from deliveries")).toEqual([]);
  });

  it("[WH-26] has its address checked with an empty POST, with GET and with HEAD", async () => {
    const { send, key } = await door(formWebhook());
    const url = `/webhooks/fake?key=${key}`;
    expect(await send({ method: "POST", url })).toEqual({ status: 200, body: "here" });
    expect(await send({ method: "POST", url, headers: FORM, payload: "" })).toEqual({ status: 200, body: "here" });
    for (const method of ["GET", "HEAD"] as const) expect(await send({ method, url })).toEqual({ status: 204, body: "" });
  });

  it("[WH-17] is a 415 when it is JSON where forms are sent, or the other way round", async () => {
    const forms = await door(formWebhook());
    expect((await forms.send({ method: "POST", url: `/webhooks/fake?key=${forms.key}`, payload: { user: "u1" } })).status).toBe(415);
    const json = await door(formWebhook({ bodyFormat: "json" }));
    expect((await json.send({ method: "POST", url: `/webhooks/fake?key=${json.key}`, headers: FORM, payload: "user=u1" })).status).toBe(415);
    expect((await json.send({ method: "POST", url: `/webhooks/fake?key=${json.key}`, payload: { user: "u1" } })).status).toBe(200);
  });
});

describe("a vendor that signs with public keys", () => {
  const keyed: DriverWebhook = {
    maxBytes: 10_000, isSigned: true, parse: () => ({ events: [], problems: [] }),
    verify: ({ headers }, { signingKeys }) => {
      if (!signingKeys?.includes(`"${headers["x-key"]}"`)) throw new WebhookRejected("webhook_signature", "no");
    },
    signingKeys: {
      url: (settings) => `${settings["base_url"]}/keys`, keepSeconds: 3_600,
      isMissingKey: ({ headers }, { signingKeys }) => headers["x-secret"] === "known" && !signingKeys?.includes(`"${headers["x-key"]}"`),
    },
  };

  it("[WH-01] has them fetched without credentials when a key is missing or they are old, at most once a minute, and never for strangers", async () => {
    let keys: string[] | null = ["k1"];
    const vendor = await vendorAt((response) => (keys ? replyJson(response, 200, { keys }) : response.writeHead(500).end()));
    const ground = await groundOf(fakeVendor({ webhook: keyed }).driver, { baseUrl: vendor.baseUrl });
    const server = await serverOf(ground);
    let number = 0;
    const push = async (key: string, secret = "known") =>
      (await server.inject({ method: "POST", url: "/webhooks/fake", headers: { "x-key": key, "x-secret": secret }, payload: { number: (number += 1) } })).statusCode;

    expect(await push("k1", "a stranger's")).toBe(401);
    expect(vendor.seen).toEqual([]);
    expect(await Promise.all([push("k1"), push("k1"), push("k1")])).toEqual([200, 200, 200]);
    expect(vendor.seen).toMatchObject([{ method: "GET", url: "/keys", body: "" }]);
    expect(vendor.seen[0]!.headers).not.toHaveProperty("authorization");

    keys = ["k1", "k2"];
    expect(await push("k2")).toBe(401);
    ground.clock.advance(MINUTE_MS);
    expect(await push("k2")).toBe(200);
    expect(await push("k3")).toBe(401);
    expect(vendor.seen).toHaveLength(2);

    keys = null;
    ground.clock.advance(HOUR_MS);
    expect(await push("k2")).toBe(200);
    expect(await push("k2")).toBe(200);
    expect(vendor.seen).toHaveLength(3);
    keys = ["k4"];
    ground.clock.advance(MINUTE_MS);
    expect(await push("k2")).toBe(401);
    expect(await push("k4")).toBe(200);
  });
});

describe("the subscription of an app", () => {
  it("[WH-28] is made anew before it lapses, or an hour after it failed, and the vendor is told whose secret we keep", async () => {
    const asked: WebhookSubscription[] = [];
    let isAway = true;
    const webhook = formWebhook({
      renewAfterDays: 30,
      subscribe: (_call, wanted) => {
        asked.push(wanted);
        return isAway ? Promise.reject(new ProviderUnavailable("The vendor is away.")) : Promise.resolve({ subscriptionId: `s${asked.length}`, secret: "its own" });
      },
    });
    const ground = await groundOf(fakeVendor({ webhook }).driver);
    const later = async (ms: number) => {
      ground.clock.advance(ms);
      ground.jobs.length = 0;
      await sweep(ground.context);
      for (const data of jobsOf(ground, QUEUES.webhookSubscription)) await runSubscription(ground.context, data, signal);
      return asked.length;
    };
    await ground.app.subscriptions.ensure("https://islet.example");
    expect(await later(HOUR_MS - 1)).toBe(1);
    isAway = false;
    expect(await later(1)).toBe(2);
    expect(await later(29 * DAY_MS)).toBe(2);
    expect(await later(DAY_MS)).toBe(3);
    expect(asked.map(({ keptSecretOf }) => keptSecretOf)).toEqual([null, null, "s2"]);
    expect(new Set(asked.map(({ callbackUrl, verifyToken }) => `${callbackUrl} ${verifyToken}`)).size).toBe(1);
    expect(asked[0]!.callbackUrl).toBe("https://islet.example/webhooks/fake");
    expect((await ground.app.subscriptions.of("fake"))?.subscriptionId).toBe("s3");
  });
});

describe("the subscription of a connection", () => {
  it("[WH-28] is asked for after a consent and again as often as it lapses; a vendor that is away is asked again after an hour", async () => {
    const asked: (WebhookSubscription & { account: string | null })[] = [];
    let isAway = false;
    const webhook = formWebhook({
      renewAfterDays: 2,
      subscribeConnection: (call, wanted) => {
        asked.push({ ...wanted, account: call.account.vendorUserId });
        return isAway ? Promise.reject(new ProviderUnavailable("The vendor is away.")) : Promise.resolve();
      },
    });
    const tokens = await vendorAt((response) => replyJson(response, 200, { access_token: "a", refresh_token: "r", expires_in: 10_000_000 }));
    const ground = await groundOf(fakeVendor({ webhook }).driver, { baseUrl: tokens.baseUrl });
    await ground.app.subscriptions.ensure("https://islet.example");
    const { actor } = await consent(ground, "listens");
    const [data] = jobsOf(ground, QUEUES.webhookSubscription);
    expect(jobsOf(ground, QUEUES.webhookSubscription)).toHaveLength(1);
    const ref = data as unknown as ConnectionRef;
    const key = (await ground.app.subscriptions.of("fake"))!.verifyToken.open();
    await runSubscription(ground.context, data!, signal);
    expect(asked).toEqual([{ account: "fake-user", callbackUrl: "https://islet.example/webhooks/fake", verifyToken: key, keptSecretOf: null }]);

    const later = async (ms: number) => {
      ground.clock.advance(ms);
      ground.jobs.length = 0;
      await sweep(ground.context);
      for (const job of jobsOf(ground, QUEUES.webhookSubscription)) await runSubscription(ground.context, job, signal);
      return asked.length;
    };
    expect(await later(2 * DAY_MS - 1)).toBe(1);
    isAway = true;
    expect(await later(1)).toBe(2);
    expect(await later(HOUR_MS - 1)).toBe(2);
    isAway = false;
    expect(await later(1)).toBe(3);
    expect(await later(DAY_MS)).toBe(3);
    await disconnect(ground.context, ref, { actor, erase: false });
    expect(await subscribeAt(ground, ref)).toBeNull();
    expect(await later(10 * DAY_MS)).toBe(3);
  });

  it("waits until the address is known, and is asked for once where it does not lapse", async () => {
    let calls = 0;
    const { renewAfterDays: _never, ...webhook } = formWebhook({ subscribeConnection: () => Promise.resolve(void (calls += 1)) });
    const ground = await groundOf(fakeVendor({ webhook }).driver);
    const ref = await ground.link(await ground.addPatient("early"), "early");
    await runSubscription(ground.context, { ...ref }, signal);
    expect([calls, await subscribeAt(ground, ref)]).toEqual([0, ground.clock.now()]);
    await ground.app.subscriptions.ensure("https://islet.example");
    await runSubscription(ground.context, { ...ref }, signal);
    expect([calls, await subscribeAt(ground, ref)]).toEqual([1, null]);
  });
});

describe("what a vendor says is left", () => {
  it("takes away what sync stored of that stretch before", async () => {
    const vendor = fakeVendor({ change: { map: (_resource, payload) => payload as MapResult } });
    const ground = await groundOf(vendor.driver);
    const ref = await ground.link(await ground.addPatient("deletes"), "deletes");
    const atMs = ground.clock.now() - HOUR_MS;
    const answers: MapResult[] = [
      { records: [reading(atMs, 101), reading(atMs + 1, 102)], problems: [] },
      { records: [reading(atMs, 101)], problems: [], replaces: { fromMs: atMs, toMs: atMs + 2, of: [], metrics: ["glucose"] } },
    ];
    for (const answer of answers) {
      vendor.answer = (resource) => [{ resource, body: new TextEncoder().encode(JSON.stringify(answer)) }];
      await syncConnection(ground.context, ref, { signal, askAll: true });
      ground.clock.advance(HOUR_MS);
    }
    expect(await ground.db.ofSamples("select value from samples where patient_id = $1", [ref.patientId])).toEqual([{ value: 101 }]);
  });
});

describe("the end of a connection", () => {
  const ended = async (change: Partial<Driver>, options: { hasExpired?: boolean } = {}) => {
    let tokenCalls = 0;
    const vendor = await vendorAt((response, { url }) => replyJson(response, 200, url === "/token" ? { access_token: `new-access-${(tokenCalls += 1)}`, refresh_token: `new-refresh-${tokenCalls}` } : {}));
    const ground = await groundOf(fakeVendor({ change }).driver, { baseUrl: vendor.baseUrl });
    const { actor, patient } = await actorOf(ground, "goes");
    const ref = await ground.link(patient, "goes");
    if (options.hasExpired) ground.clock.advance(2 * DAY_MS);
    const { toldVendor } = await disconnect(ground.context, ref, { actor, erase: false });
    return { toldVendor, calls: vendor.seen.map(({ method, url, body, headers }) => ({ method, url, body, bearer: headers["authorization"] })) };
  };

  it("[OA-23] is told at the vendor's revocation endpoint with the refresh token, which is not spent before", async () => {
    const { toldVendor, calls } = await ended({ auth: { ...plainAuth, revokePath: "/revoke" } }, { hasExpired: true });
    expect(toldVendor).toBe(true);
    expect(calls).toMatchObject([{ method: "POST", url: "/revoke" }]);
    expect(new URLSearchParams(calls[0]!.body).get("token")).toBe("refresh-of-goes");
  });

  it("[OA-23] is told with the access token where the vendor wants that one, renewed for it if need be", async () => {
    const auth = { ...plainAuth, revokePath: "/end", revokeCall: { method: "GET", tokenIn: ["bearer"], clientIdIn: "client_id" } } as const;
    expect((await ended({ auth })).calls).toMatchObject([{ method: "GET", url: "/end?client_id=client", bearer: "Bearer access-of-goes" }]);
    expect((await ended({ auth }, { hasExpired: true })).calls).toMatchObject([{ url: "/token" }, { url: "/end?client_id=client", bearer: "Bearer new-access-1" }]);
  });

  it("[OA-23] ends the subscription first, also where that fails, and then the grant with the token that lives", async () => {
    const webhook = formWebhook({
      unsubscribeConnection: async (call) => {
        await call.fetch("/subscription", { method: "DELETE" });
        throw new ProviderUnavailable("The vendor is away.");
      },
    });
    const { toldVendor, calls } = await ended({ webhook, auth: { ...plainAuth, revokePath: "/revoke" } }, { hasExpired: true });
    expect(toldVendor).toBe(true);
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual(["POST /token", "DELETE /subscription", "POST /revoke"]);
    expect(new URLSearchParams(calls[2]!.body).get("token")).toBe("new-refresh-1");
  });

  it("[OA-23] is told by the driver, with the app's own credentials at hand, where it has a way of its own", async () => {
    const told: unknown[] = [];
    const revoke: Driver["revoke"] = async (call, app) => {
      told.push([app?.clientId, app?.clientSecret]);
      await call.fetch("/as-person");
      await app!.fetch("/as-app");
    };
    const { calls } = await ended({ revoke, auth: { ...plainAuth, revokePath: "/revoke" } });
    expect(told).toEqual([["client", "client-secret"]]);
    expect(calls).toMatchObject([{ url: "/as-person", bearer: "Bearer access-of-goes" }, { url: "/as-app", bearer: undefined }]);
  });

  it("tells nobody where the vendor takes no word of it", async () => {
    expect(await ended({})).toEqual({ toldVendor: false, calls: [] });
  });
});
