/** What the organization's own systems are told: signed, durable, ever later, never to the operator's network, never of who does not share. Fault DA-17. */
import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Agent } from "undici";
import { announce } from "#ingest/changes.ts";
import { publicLookup } from "#http/public-address.ts";
import { deliverTo, AT_ONCE } from "#live/webhooks-out/deliver.ts";
import { lookAfterWebhooks } from "#live/webhooks-out/jobs.ts";
import type { WebhooksOutContext } from "#live/webhooks-out/context.ts";
import { MOST_ATTEMPTS } from "#live/webhooks-out/verdict.ts";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestServer, type SeenRequest, type TestServer } from "../src/http/test-kit.ts";
import { takeMails } from "./kit/accounts.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "./kit/app.ts";
import { DAY, HOUR, makeConnection, NOW_MS, problemOf } from "./api/kit.ts";

interface Endpoint { readonly id: string; readonly url: string; readonly secret: string; readonly state: string; readonly disabledReason: string | null; readonly failures: number }
interface Delivery { readonly id: string; readonly eventId: string; readonly type: string; readonly state: string; readonly attempts: number; readonly lastStatus: number | null; readonly lastError: string | null; readonly nextAttemptAt: string | null }

let test: TestApp;
let admin: Person;
let context: WebhooksOutContext;
/** What the receiver answers; a test sets it. */
let respond: (response: ServerResponse, request: SeenRequest, number: number) => void;
let receiver: TestServer;
const signal = AbortSignal.timeout(300_000);
const ok = (response: ServerResponse): void => void response.writeHead(204).end();

beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_PRIVATE_ADDRESSES: "on" } });
  const email = "admin@example.org";
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "admin", roles: ["admin"], zone: "UTC" });
  await test.db.asOwner("update users set email_verified_at = now() where id = $1", [userId]);
  admin = { email, userId, patientId: null, token: await test.signIn(email) };
  context = { ...test.app.webhooksOut, timeoutMs: 5_000 };
});
afterAll(() => test.close());
beforeEach(async () => {
  respond = ok;
  receiver = await startTestServer((...each) => respond(...each));
  const { token } = await test.app.api.sessions.open({ userId: admin.userId, organizationId: test.people.organizationId }, "bearer");
  admin = { ...admin, token };
});
afterEach(async () => {
  await receiver.close();
  for (const table of ["webhook_endpoints", "webhook_events", "mails"]) await test.db.asOwner(`delete from ${table}`);
});

const call = async <T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, payload?: object, status = 200): Promise<T> => {
  const answer = await test.request({ as: admin, method, url: `/api/v1/webhook-endpoints${path}`, ...(payload ? { payload } : {}) });
  expect(answer.statusCode, answer.body).toBe(status);
  return answer.body === "" ? (undefined as T) : answer.json<T>();
};
const add = (kinds: readonly string[] = ["samples"], url = `${receiver.baseUrl}/hook`): Promise<Endpoint> => call<Endpoint>("POST", "", { url, kinds }, 201);
const change = (who: Person = test.people.patient, more: { kind?: "samples" | "sleep"; connectionId?: string | null; fromMs?: number } = {}): Promise<void> =>
  test.db.database.withOrganization(test.people.organizationId, (tx) => announce(
    tx, { organizationId: test.people.organizationId, patientId: who.patientId!, connectionId: more.connectionId ?? null, deliveryId: null },
    [{ kind: more.kind ?? "samples", metric: more.kind === "sleep" ? null : 1, count: 3, fromMs: more.fromMs ?? NOW_MS, toMs: (more.fromMs ?? NOW_MS) + 1 }],
  ));
/** Follows to the end of the feed: a transaction of a neighbouring database, too, holds back what is newer than itself. */
async function follow(): Promise<void> {
  for (;;) {
    await lookAfterWebhooks(context);
    const [left] = await test.db.asOwner<{ n: number }>("select count(*)::int as n from changes c, webhook_follower f where (c.transaction_id, c.id) > (f.transaction_id, f.id)");
    if (left!.n === 0) return;
    await pause(10);
  }
}
/** Follows, and works until nothing is due any more at this instant. */
async function work(): Promise<void> {
  await follow();
  for (let job = test.jobs.shift(); job; job = test.jobs.shift()) if (job.queue === "webhook-out") await deliverTo(context, { organizationId: job.data["organizationId"]!, endpointId: job.data["endpointId"]! }, signal);
}
const deliveriesOf = async (id: string, query = ""): Promise<Delivery[]> => (await call<{ data: Delivery[] }>("GET", `/${id}/deliveries${query}`)).data;
const isSignedBy = ({ headers, body }: SeenRequest, secret: string): boolean => {
  const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`${headers["webhook-id"] as string}.${headers["webhook-timestamp"] as string}.${body}`).digest("base64");
  return (headers["webhook-signature"] as string).split(" ").includes(`v1,${mac}`);
};

describe("a change", () => {
  it("is told to who asked for its kind, signed, once, with ids and times and no value", async () => {
    const endpoint = await add(["samples", "connection"]);
    await change();
    await change(test.people.patient, { kind: "sleep" });
    await work();
    await work();
    expect(receiver.seen).toHaveLength(1);
    const [message] = receiver.seen;
    expect(message).toMatchObject({ method: "POST", url: "/hook", headers: { "content-type": "application/json", "user-agent": expect.stringContaining("Islet") as string } });
    expect(isSignedBy(message!, endpoint.secret)).toBe(true);
    expect(Number(message!.headers["webhook-timestamp"])).toBe(Math.floor(test.clock.now() / 1000));
    const [delivery] = await deliveriesOf(endpoint.id);
    expect(delivery).toMatchObject({ state: "delivered", attempts: 1, lastStatus: 204, lastError: null, type: "samples.changed", nextAttemptAt: null });
    expect(JSON.parse(message!.body)).toEqual({
      id: delivery!.eventId, type: "samples.changed", timestamp: new Date(test.clock.now()).toISOString(),
      data: { organizationId: test.people.organizationId, patientId: test.people.patient.patientId, metric: "glucose", connectionId: null, from: new Date(NOW_MS).toISOString(), to: new Date(NOW_MS + 1).toISOString(), count: 3 },
    });
    expect(message!.headers["webhook-id"]).toBe(delivery!.eventId);
  });

  it("of thousands at once is one message a person and metric", async () => {
    const endpoint = await add();
    await test.db.database.withOrganization(test.people.organizationId, async (tx) => {
      const owner = { organizationId: test.people.organizationId, patientId: test.people.patient.patientId!, connectionId: null, deliveryId: null };
      await announce(tx, owner, Array.from({ length: 1_500 }, (_, index) => ({ kind: "samples", metric: 1, count: 1, fromMs: NOW_MS + index, toMs: NOW_MS + index + 1 })));
    });
    await work();
    expect(receiver.seen.map(({ body }) => (JSON.parse(body) as { data: { count: number } }).data.count)).toEqual([1_500]);
    expect(await deliveriesOf(endpoint.id)).toHaveLength(1);
  });

  it("is not told of who does not share, nor of what a vendor lets its owner alone see; withdrawn in between, it is withheld [R10]", async () => {
    const endpoint = await add();
    const { stranger, patient } = test.people;
    const decide = (who: Person, decision: string) => test.db.asOwner("insert into consents (organization_id, patient_id, purpose, decision, via, version, locale, text_hash) values ($1, $2, 'sharing', $3, 'api', 1, 'en', sha256('x'))", [test.people.organizationId, who.patientId, decision]);
    await decide(stranger, "withdrawn");
    await change(stranger);
    await change(patient, { connectionId: await makeConnection(test, patient, "strava", "athlete") });
    await work();
    expect(await deliveriesOf(endpoint.id)).toEqual([]);
    respond = (response) => void response.writeHead(500).end();
    await decide(stranger, "given");
    await change(stranger);
    await work();
    await decide(stranger, "withdrawn");
    test.clock.advance(HOUR);
    await work();
    expect(receiver.seen).toHaveLength(1);
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ state: "withheld", attempts: 1 }]);
    await call("POST", `/${endpoint.id}/deliveries/${(await deliveriesOf(endpoint.id))[0]!.id}/replay`, undefined, 404);
    await decide(stranger, "given");
  });

  it("before an endpoint was there, or of another organization, is none of its business", async () => {
    await change();
    await add();
    await work();
    expect(receiver.seen).toEqual([]);
  });
});

describe("a receiver", () => {
  it("that fails is tried ever later under the same id, for about a day; then the message is dead and can be sent again", async () => {
    const endpoint = await add();
    respond = (response) => void response.writeHead(500).end("a body that nobody keeps");
    await change();
    const begunMs = test.clock.now();
    for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts += 1) {
      await work();
      const [delivery] = await deliveriesOf(endpoint.id);
      expect(delivery).toMatchObject({ attempts, lastStatus: 500, lastError: "unavailable", state: attempts < MOST_ATTEMPTS ? "pending" : "dead" });
      if (delivery!.nextAttemptAt === null) break;
      const before = receiver.seen.length;
      test.clock.advance(Date.parse(delivery!.nextAttemptAt) - test.clock.now() - 1);
      await work();
      expect(receiver.seen, "not before its time").toHaveLength(before);
      // The endpoint's own rest is over, too.
      test.clock.advance(300_001);
    }
    expect((test.clock.now() - begunMs) / HOUR).toBeGreaterThan(22);
    expect(new Set(receiver.seen.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(receiver.seen.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(MOST_ATTEMPTS);
    const [dead] = await deliveriesOf(endpoint.id);
    const shown = await call<{ tries: { status: number; error: string }[]; body: string }>("GET", `/${endpoint.id}/deliveries/${dead!.id}`);
    expect(shown.tries).toHaveLength(MOST_ATTEMPTS);
    expect(shown.body).toBe(receiver.seen[0]!.body);
    respond = ok;
    const token = (await test.app.api.sessions.open({ userId: admin.userId, organizationId: test.people.organizationId }, "bearer")).token;
    admin = { ...admin, token };
    await call("POST", `/${endpoint.id}/deliveries/${dead!.id}/replay`, undefined, 202);
    await work();
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ id: dead!.id, state: "delivered", attempts: 1 }]);
    expect(receiver.seen.at(-1)!.headers["webhook-id"]).toBe(dead!.eventId);
  });

  it("that redirects is not followed [DA-17]", async () => {
    const endpoint = await add();
    respond = (response, { url }) => void (url === "/hook" ? response.writeHead(302, { location: `${receiver.baseUrl}/elsewhere` }).end() : ok(response));
    await change();
    await work();
    expect(receiver.seen.map(({ url }) => url)).toEqual(["/hook"]);
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ state: "pending", lastStatus: 302, lastError: "redirect" }]);
  });

  it("that says it is gone is disabled at once, and the admins are told", async () => {
    const endpoint = await add();
    respond = (response) => void response.writeHead(410).end();
    await change();
    await work();
    expect((await call<{ data: Endpoint[] }>("GET", "")).data).toMatchObject([{ state: "disabled", disabledReason: "gone" }]);
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ state: "dead", lastStatus: 410, lastError: "gone" }]);
    expect((await takeMails(test.app.mail)).map(({ to, subject, text }) => ({ to, subject, host: text.includes(new URL(endpoint.url).host) }))).toEqual([{ to: admin.email, subject: "A system does not take messages any more", host: true }]);
    await change();
    await work();
    expect(receiver.seen).toHaveLength(1);
  });

  it("that fails for three days is disabled, what waits is dead, the admins are told; brought back, it gets the span that it missed", async () => {
    const endpoint = await add();
    respond = (response) => void response.writeHead(503).end();
    const sinceMs = test.clock.now();
    for (let day = 0; day < 3; day += 1) {
      await change(test.people.patient, { fromMs: NOW_MS + day * HOUR });
      await work();
      test.clock.advance(DAY);
    }
    await work();
    const [now] = (await call<{ data: Endpoint[] }>("GET", "")).data;
    expect(now).toMatchObject({ state: "disabled", disabledReason: "failing" });
    expect((await deliveriesOf(endpoint.id)).map(({ state }) => state)).toEqual(["dead", "dead", "dead"]);
    expect((await takeMails(test.app.mail)).map(({ subject }) => subject)).toEqual(["A system could not be reached for days"]);
    respond = ok;
    await call("PATCH", `/${endpoint.id}`, { state: "active" });
    const before = receiver.seen.length;
    expect(await call("POST", `/${endpoint.id}/replays`, { from: new Date(sinceMs).toISOString() }, 202)).toEqual({ replayed: 3, isAll: true });
    await work();
    expect(receiver.seen).toHaveLength(before + 3);
    expect((await deliveriesOf(endpoint.id, "?state=delivered"))).toHaveLength(3);
  });

  it("that hangs is given up after its time, and keeps no other waiting; no more than a few are under way to it", async () => {
    const slow = await startTestServer(() => undefined);
    const sluggish = await add(["samples"], `${slow.baseUrl}/hook`);
    const quick = await add();
    for (let at = 0; at < 9; at += 1) {
      await change(test.people.patient, { fromMs: NOW_MS + at });
      await follow();
    }
    test.jobs.splice(0);
    const { organizationId } = test.people;
    const patient: WebhooksOutContext = { ...context, timeoutMs: 3_000 };
    const hanging = Promise.all([deliverTo(patient, { organizationId, endpointId: sluggish.id }, signal), deliverTo(patient, { organizationId, endpointId: sluggish.id }, signal)]);
    const made = await deliverTo(context, { organizationId, endpointId: quick.id }, signal);
    expect(made).toBe(9);
    expect(receiver.seen).toHaveLength(9);
    for (let waited = 0; slow.seen.length < AT_ONCE && waited < 10_000; waited += 20) await pause(20);
    expect(slow.seen).toHaveLength(AT_ONCE);
    await hanging;
    expect((await deliveriesOf(sluggish.id)).filter(({ lastError }) => lastError === "timeout")).toHaveLength(AT_ONCE);
    expect(slow.seen).toHaveLength(AT_ONCE);
    await slow.close();
  });

  it("leading into the operator's network is called neither by number nor by a name that turns out to lead there [DA-17] [OA-26]", async () => {
    const guarded = await startTestApp();
    try {
      const { userId } = await createUser(guarded.db.database, { organizationId: guarded.people.organizationId, email: "admin@example.org", password: TEST_PASSWORD, displayName: "admin", roles: ["admin"], zone: "UTC" });
      const who = { email: "admin@example.org", userId, patientId: null, token: await guarded.signIn("admin@example.org") };
      const post = (url: string) => guarded.request({ as: who, method: "POST", url: "/api/v1/webhook-endpoints", payload: { url, kinds: ["samples"] } });
      for (const url of [receiver.baseUrl, "https://127.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/", "https://10.0.0.1/", "https://localhost/"]) expect(problemOf(await post(url)).status, url).toBe(400);
      const made = await post(`https://hospital.example.org:${new URL(receiver.baseUrl).port}/hook`);
      expect(made.statusCode, made.body).toBe(201);
      const { id } = made.json<{ id: string }>();
      await guarded.request({ as: who, method: "POST", url: `/api/v1/webhook-endpoints/${id}/trial` });
      // The name server answers with an address of the house a moment later.
      const dispatcher = new Agent({ connect: { lookup: publicLookup((_name, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }])) } });
      await deliverTo({ ...guarded.app.webhooksOut, dispatcher }, { organizationId: guarded.people.organizationId, endpointId: id }, signal);
      await dispatcher.close();
      const answer = await guarded.request({ as: who, method: "GET", url: `/api/v1/webhook-endpoints/${id}/deliveries` });
      expect(answer.json()).toMatchObject({ data: [{ type: "endpoint.trial", patientId: null, state: "pending", lastStatus: null, lastError: "private_address" }] });
      expect(receiver.seen).toEqual([]);
    } finally {
      await guarded.close();
    }
  });
});

describe("an endpoint", () => {
  it("that is paused keeps what comes, and gets it when it goes on", async () => {
    const endpoint = await add();
    await call("PATCH", `/${endpoint.id}`, { state: "paused" });
    await change();
    await work();
    expect(receiver.seen).toEqual([]);
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ state: "pending", attempts: 0 }]);
    await call("PATCH", `/${endpoint.id}`, { state: "active" });
    await work();
    expect(receiver.seen).toHaveLength(1);
  });

  it("gets a new secret: for a day both sign, then the new one alone; neither is ever shown again", async () => {
    const endpoint = await add();
    const { secret } = await call<{ secret: string }>("POST", `/${endpoint.id}/secret`, undefined, 201);
    expect(secret).not.toBe(endpoint.secret);
    await call("POST", `/${endpoint.id}/trial`, undefined, 202);
    await work();
    expect([endpoint.secret, secret].map((each) => isSignedBy(receiver.seen[0]!, each))).toEqual([true, true]);
    expect(JSON.parse(receiver.seen[0]!.body)).toMatchObject({ type: "endpoint.trial", data: { patientId: null, count: 0 } });
    const listed = await test.request({ as: admin, method: "GET", url: "/api/v1/webhook-endpoints" });
    expect(listed.body).not.toMatch(/whsec_|sealed/);
    expect(listed.json()).toMatchObject({ data: [{ oldSecretUntil: new Date(test.clock.now() + DAY).toISOString() }] });
    test.clock.advance(DAY + 1_000);
    await call("POST", `/${endpoint.id}/trial`, undefined, 202);
    await work();
    expect([endpoint.secret, secret].map((each) => isSignedBy(receiver.seen.at(-1)!, each))).toEqual([false, true]);
    const rests = await test.db.asOwner<{ text: string }>("select secret_sealed as text from webhook_secrets");
    expect(rests.every(({ text }) => text.startsWith("v1.") && !text.includes(secret.slice(6)))).toBe(true);
  });

  it("left by a worker that was killed is taken up once its lease is over, under the same id", async () => {
    const endpoint = await add();
    await change();
    await follow();
    await test.db.asOwner("update webhook_deliveries set lease_until = to_timestamp($1::float8 / 1000)", [test.clock.now() + 60_000]);
    test.jobs.splice(0);
    await work();
    expect(receiver.seen).toEqual([]);
    test.clock.advance(60_001);
    await work();
    expect(receiver.seen).toHaveLength(1);
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ state: "delivered" }]);
  });

  it("is the organization's: another's admin finds none, and its acts are audited without an address", async () => {
    const endpoint = await add();
    const elsewhere = (await test.db.asOwner<{ id: string }>("select organization_id as id from users where id = $1", [test.people.foreigner.userId]))[0]!.id;
    const email = `other-${endpoint.id}@example.org`;
    const { userId } = await createUser(test.db.database, { organizationId: elsewhere, email, password: TEST_PASSWORD, displayName: "other", roles: ["admin"], zone: "UTC" });
    const other = { email, userId, patientId: null, token: (await test.app.api.sessions.open({ userId, organizationId: elsewhere }, "bearer")).token };
    for (const [method, path] of [["GET", ""], ["PATCH", ""], ["DELETE", ""], ["POST", "/secret"], ["POST", "/trial"], ["GET", "/deliveries"]] as const) {
      const answer = await test.request({ as: other, method, url: `/api/v1/webhook-endpoints/${endpoint.id}${path}`, ...(method === "PATCH" ? { payload: { state: "paused" } } : {}) });
      expect(problemOf(answer), `${method} ${path}`).toMatchObject({ status: 404, detail: "There is no such endpoint." });
    }
    await call("DELETE", `/${endpoint.id}`, undefined, 204);
    const entries = await test.db.asOwner<{ action: string; text: string }>("select action, row_to_json(a)::text as text from audit_log a where object_id = $1 order by id", [endpoint.id]);
    expect(entries.map(({ action }) => action)).toEqual(["webhook_endpoint.created", "webhook_endpoint.removed"]);
    expect(entries.every(({ text }) => !text.includes("hook\""))).toBe(true);
  });

  it("is added after a fresh proof only, and twenty at most", async () => {
    test.clock.advance(11 * 60_000);
    expect(problemOf(await test.request({ as: admin, method: "POST", url: "/api/v1/webhook-endpoints", payload: { url: receiver.baseUrl, kinds: ["samples"] } })).code).toBe("proof_required");
    const { token } = await test.app.api.sessions.open({ userId: admin.userId, organizationId: test.people.organizationId }, "bearer");
    admin = { ...admin, token };
    for (let number = 0; number < 20; number += 1) await add();
    expect(problemOf(await test.request({ as: admin, method: "POST", url: "/api/v1/webhook-endpoints", payload: { url: receiver.baseUrl, kinds: ["samples"] } })).code).toBe("too_many_endpoints");
  });
});
