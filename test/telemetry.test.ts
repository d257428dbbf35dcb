/**
 * What is seen from outside: one real flow — sign in, connect, sync, webhook, refusals, a vendor's trouble — told in log lines, metrics and
 * traces, and nothing in them that is a token, a secret or a health value. Requirement R11; faults PR-09, OA-15.
 */
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DriverWebhook, WebhookEvent } from "#driver/types.ts";
import type { JobData } from "#jobs/queue.ts";
import { readConnection, type ConnectionRef } from "#sync/connections.ts";
import { tokenSource } from "#sync/credentials.ts";
import { sweep } from "#sync/schedule.ts";
import { openOtlpTracer } from "#telemetry/otlp.ts";
import { createTelemetry } from "#telemetry/telemetry.ts";
import { WebhookRejected } from "../src/errors.ts";
import { createLog } from "../src/log.ts";
import { makeConnection } from "./api/kit.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "./kit/app.ts";
import { createTestClock, TEST_NOW_MS } from "./kit/clock.ts";
import { startCollector, type CollectedSpan, type Collector } from "./kit/collector.ts";
import { begin, comeBack, decide } from "./kit/connect.ts";
import { fakeVendor, GLUCOSE, reading } from "./kit/fake-driver.ts";

/** Glucose that nothing else here counts up to. */
const [PULLED, PUSHED, TYPED] = [287, 293, 271];
const PROOF = "canary-proof-4711";
const SECRETS = ["canary-password-4711", "canary-code-4711", "canary-state-4711", "canary-query-4711", "canary-cookie-4711", "canary-operator-token-4711", PROOF, TEST_PASSWORD, "dexcom-test-simulator"];
const REQUEST_ID = "edge-0a1b2c3d4e5f";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
/** Of deliveries that are stored together. */
const PAIR = ["1af7651916cd43dd8448eb211c80319c", "2af7651916cd43dd8448eb211c80319c"];

const webhook: DriverWebhook = {
  maxBytes: 10_000, isSigned: true,
  verify: ({ headers }) => {
    if (headers["x-proof"] !== PROOF) throw new WebhookRejected("webhook_signature", "no");
  },
  parse: (body) => ({ events: body as WebhookEvent[], problems: [] }),
};
const pusher = fakeVendor({ id: "pusher", webhook, resources: [GLUCOSE] });

let test: TestApp;
let collector: Collector;
const lines: string[] = [];
let metrics = "";
const answers: string[] = [];
/** Data of the jobs that were sent. */
const sent: JobData[] = [];

const post = (url: string, payload: object, headers: Record<string, string> = {}) => test.request({ method: "POST", url, payload, headers });

beforeAll(async () => {
  collector = await startCollector();
  const tracer = openOtlpTracer({ endpoint: collector.endpoint, headers: { "x-collector-key": "collector-key" }, serviceName: "islet-test", version: "1.2.3", ratio: 1, exportEveryMs: 60_000 });
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().split("\n").filter(Boolean));
      done();
    },
  });
  test = await startTestApp({
    log: createLog("debug", stream), moreDrivers: [pusher.driver], telemetry: createTelemetry({ clock: createTestClock(), tracer, withProcess: true, build: { version: "1.2.3", role: "all" } }),
    env: { PUSHER_CLIENT_ID: "pusher", PUSHER_CLIENT_SECRET: "canary-query-4711", ISLET_TRUSTED_PROXIES: "127.0.0.1", ISLET_METRICS_TOKEN: "canary-operator-token-4711" },
  });
  const push = test.jobs.push.bind(test.jobs);
  test.jobs.push = (...jobs) => {
    sent.push(...jobs.map(({ data }) => data));
    return push(...jobs);
  };
  await wholeFlow();
  // What the sweep would have done next day.
  await test.db.asOwner("update connections set next_sync_at = to_timestamp(0); update credentials set expires_at = to_timestamp(0), refresh_retry_at = null");
  await sweep(test.app.sync);
  test.jobs.length = 0;
  await tracer.close();
  const scraped = await test.request({ method: "GET", url: "/metrics", headers: { authorization: "Bearer canary-operator-token-4711" } });
  metrics = scraped.body;
  expect(scraped.statusCode, scraped.body).toBe(200);
  expect(scraped.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
}, 60_000);
afterAll(async () => {
  await test.close();
  await collector.close();
});

async function wholeFlow(): Promise<void> {
  const as = test.people.patient;
  SECRETS.push(as.token, test.people.stranger.token);
  test.sim.control.serveSeries("dexcom", "ana", Array.from({ length: 40 }, (_, index) => ({ atMs: test.clock.now() - index * 300_000, mgDl: PULLED })));
  // Signing in, rightly and wrongly.
  const signedIn = await post("/api/v1/tokens", { email: as.email, password: TEST_PASSWORD });
  SECRETS.push(signedIn.json<{ token: string }>().token);
  const wrong = await post("/api/v1/tokens?secret=canary-query-4711", { email: as.email, password: "canary-password-4711" }, { cookie: "session=canary-cookie-4711" });
  // Connecting; the vendor sends a code back.
  const back = await decide(await begin(test, as, "dexcom"), { person: "ana" });
  SECRETS.push(back.searchParams.get("code")!, back.searchParams.get("state")!);
  await comeBack(test, as, back);
  const forged = await test.request({ method: "GET", url: "/oauth/dexcom/callback?code=canary-code-4711&state=canary-state-4711" });
  await test.runJobs();
  // The vendor's bad minute: a token that ended, an answer that is none, a refusal of a refresh.
  const [connection] = await test.db.asOwner<{ id: string }>("select id from connections where provider = 'dexcom'");
  for (const fault of [{ kind: "token_expired" }, { kind: "server_error", status: 502, times: 9 }, { kind: "malformed", times: 3 }] as const) {
    test.sim.control.setFault("dexcom", fault);
    test.clock.advance(30 * 60_000);
    await test.request({ as, method: "POST", url: `/api/v1/patients/me/connections/${connection!.id}/sync` });
    await test.runJobs().catch(() => undefined);
  }
  // A webhook with glucose, by way of a trusted proxy; once more; forged; and to a vendor that does not exist.
  const pushed = await makeConnection(test, as, "pusher", "pushed-person");
  await test.db.asOwner("insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) values ('pusher', 'pushed-person', $1, $2, $3)", [test.people.organizationId, as.patientId, pushed]);
  const events: WebhookEvent[] = [{ kind: "data", account: "pushed-person", resource: "readings", payload: [reading(TEST_NOW_MS - 600_000, PUSHED)] }];
  const edge = { "x-request-id": REQUEST_ID, traceparent: `00-${TRACE}-b7ad6b7169203331-01`, "x-proof": PROOF };
  const taken = await post("/webhooks/pusher?key=canary-query-4711", events, edge);
  expect(taken.statusCode).toBe(200);
  expect(taken.headers["x-request-id"]).toBe(REQUEST_ID);
  await post("/webhooks/pusher", events, edge);
  const refused = await post("/webhooks/pusher", events, { "x-proof": "canary-query-4711" });
  const nobody = await post("/webhooks/canary-query-4711", events, {});
  await test.runJobs();
  // Two more, stored in one transaction.
  for (const [index, trace] of PAIR.entries()) {
    const more: WebhookEvent[] = [{ kind: "data", account: "pushed-person", resource: "readings", payload: [reading(TEST_NOW_MS - (index + 3) * 300_000, PUSHED)] }];
    await post("/webhooks/pusher", more, { "x-proof": PROOF, traceparent: `00-${trace}-b7ad6b7169203331-01` });
  }
  await test.runJobs();
  // One that fails, with a mapping that quotes what it read.
  const { map } = pusher;
  pusher.map = () => {
    throw new SyntaxError(`Unexpected ${PUSHED}`);
  };
  await post("/webhooks/pusher", [{ kind: "data", account: "pushed-person", resource: "readings", payload: [reading(TEST_NOW_MS - 3_600_000, PUSHED)] }], { "x-proof": PROOF });
  await test.runJobs();
  pusher.map = map;
  // A reading that a person types.
  const typed = await test.request({ as, method: "POST", url: "/api/v1/patients/me/readings", payload: { readings: [{ at: new Date(TEST_NOW_MS - 60_000).toISOString(), value: TYPED, unit: "mg/dL" }] } });
  expect(typed.statusCode, typed.body).toBe(201);
  await test.request({ as, method: "GET", url: "/api/v1/patients/me/glucose/latest" });
  const missing = await test.request({ as, method: "GET", url: "/api/v1/patients/me/metrics?metrics=canary-query-4711" });
  for (const answer of [wrong, forged, refused, nobody, missing]) {
    expect(answer.statusCode, answer.body).toBeGreaterThanOrEqual(400);
    answers.push(answer.body.replace(/"instance":"[^"]*"/, ""), JSON.stringify(answer.headers));
  }
}

/** The figure behind a metric's name and some of its labels, summed; null where there is none. */
function figure(name: string, labels: Record<string, string> = {}): number | null {
  const found = metrics.split("\n").filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)));
  return found.length === 0 ? null : found.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

const parse = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;
const named = (name: string): CollectedSpan[] => collector.spans.filter((span) => span.name === name);

describe("the canary [PR-09] [OA-15] [R11]", () => {
  it("is in no log line, no metric, no span and no problem, in a whole flow with its refusals and failures", () => {
    const logged = lines.map((line) => {
      const { time: _time, ms: _ms, waitMs: _waitMs, ...rest } = parse(line);
      return JSON.stringify(rest);
    });
    const spans = collector.spans.map(({ name, attributes, status, events, links }) => JSON.stringify({ name, attributes, status, events, links }));
    // What is measured in time or bytes may come by any figure.
    const told = metrics.split("\n").filter((line) => !/^(#|process_|nodejs_)|_seconds/.test(line));
    const jobs = sent.map((data) => JSON.stringify(data));
    const sinks = { log: logged, metrics: told, spans, answers, jobs };
    for (const [name, least] of [["log", 80], ["metrics", 60], ["spans", 60], ["answers", 10], ["jobs", 6]] as const) expect(sinks[name].length, name).toBeGreaterThanOrEqual(least);
    for (const [name, texts] of Object.entries(sinks)) {
      for (const secret of SECRETS) expect(texts.filter((text) => text.includes(secret)), `${secret} in ${name}`).toEqual([]);
      expect(texts.filter((text) => /sim[ar]t_[0-9a-f-]{36}|Bearer /.test(text)), `vendor tokens in ${name}`).toEqual([]);
      for (const value of [PULLED, PUSHED, TYPED]) expect(texts.filter((text) => new RegExp(`(?<![\\w.-])${value}(?![\\w-])`).test(text)), `${value} in ${name}`).toEqual([]);
      expect(texts.filter((text) => text.includes(test.people.patient.email) || text.includes("pushed-person")), `people in ${name}`).toEqual([]);
    }
    // The flow really carried what is looked for.
    expect(SECRETS.length).toBeGreaterThan(12);
  });

  it("[QU-12] is in no job: all that those carry is ids", () => {
    const isId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) || test.app.sync.providers.drivers.some(({ id }) => id === text);
    expect(sent.flatMap((data) => Object.values(data)).filter((value) => !isId(value))).toEqual([]);
    expect(sent.filter((data) => data["connectionId"] !== undefined).length).toBeGreaterThan(2);
  });

  it("stored the values that were looked for", async () => {
    const rows = await test.db.ofSamples<{ value: number }>("select distinct value::float8 as value from samples order by 1");
    expect(rows.map((row) => row.value)).toEqual(expect.arrayContaining([TYPED, PULLED, PUSHED]));
  });

  it("is in no label: routes are patterns, vendors are known, people and deliveries have no place [R11]", async () => {
    const ids = await test.db.asOwner<{ id: string }>("select id::text from users union all select id::text from patients union all select id::text from connections union all select id::text from organizations");
    expect(ids.length).toBeGreaterThan(6);
    for (const { id } of ids) expect(metrics).not.toContain(id);
    const labels = new Set([...metrics.matchAll(/^islet_\w+\{([^}]*)\}/gm)].flatMap((match) => [...match[1]!.matchAll(/(\w+)="/g)].map((label) => label[1]!)));
    expect([...labels].toSorted()).toEqual(["le", "method", "node", "outcome", "pool", "provider", "queue", "reason", "record", "role", "route", "scope", "state", "status", "version", "via"].filter((label) => labels.has(label)));
    expect(figure("islet_webhooks_refused_total", { provider: "none", reason: "not_found" })).toBe(1);
  });
});

describe("metrics [R11]", () => {
  it("count what happened in the flow", () => {
    const expected: [string, Record<string, string>, number][] = [
      ["islet_build_info", { version: "1.2.3", role: "all" }, 1],
      ["islet_http_request_duration_seconds_count", { method: "POST", route: "/api/v1/tokens", status: "401" }, 1],
      ["islet_deliveries_accepted_total", { provider: "pusher", via: "webhook", outcome: "new" }, 4],
      ["islet_deliveries_accepted_total", { provider: "pusher", via: "webhook", outcome: "duplicate" }, 1],
      ["islet_webhooks_refused_total", { provider: "pusher", reason: "webhook_signature" }, 1],
      ["islet_deliveries_processed_total", { provider: "pusher", outcome: "done" }, 3],
      ["islet_delivery_latency_seconds_count", { provider: "pusher" }, 3],
      ["islet_deliveries_processed_total", { provider: "pusher", outcome: "internal" }, 1],
      ["islet_inbox_deliveries", { provider: "pusher", state: "failed" }, 1],
      ["islet_delivery_process_duration_seconds_count", { provider: "pusher" }, 4],
      ["islet_deliveries_together_count", {}, 1],
      ["islet_deliveries_together_sum", {}, 2],
      ["islet_records_stored_total", { provider: "pusher", record: "sample" }, 3],
      ["islet_records_stored_total", { provider: "manual", record: "sample" }, 1],
      ["islet_token_refreshes_total", { provider: "dexcom", outcome: "done" }, 1],
      ["islet_connections", { provider: "pusher", status: "active" }, 1],
      ["islet_database_up", {}, 1],
      ["islet_db_pool_connections", { pool: "main", state: "waiting" }, 0],
    ];
    for (const [name, labels, value] of expected) expect(figure(name, labels), `${name} ${JSON.stringify(labels)}`).toBe(value);
    expect(figure("islet_http_request_duration_seconds_count", { method: "POST", route: "/webhooks/:provider", status: "200" })).toBeGreaterThanOrEqual(2);
    expect(figure("islet_syncs_total", { provider: "dexcom", outcome: "done" })).toBeGreaterThan(0);
    expect(figure("islet_syncs_total", { provider: "dexcom", outcome: "provider_unavailable" })).toBeGreaterThan(0);
    expect(figure("islet_vendor_call_duration_seconds_count", { provider: "dexcom", outcome: "ok" })).toBeGreaterThan(3);
    expect(figure("islet_vendor_call_duration_seconds_count", { provider: "dexcom", outcome: "provider_unavailable" })).toBeGreaterThan(0);
    expect(figure("islet_inbox_batch_rows_count")).toBeGreaterThan(2);
    expect(figure("islet_db_transaction_duration_seconds_count", { scope: "tenant", outcome: "done" })).toBeGreaterThan(5);
    expect(figure("nodejs_eventloop_lag_p99_seconds")).not.toBeNull();
    expect(figure("process_resident_memory_bytes")).toBeGreaterThan(0);
  });
});

describe("a refresh whose new tokens could not be stored [OA-19]", () => {
  it("is told as lost, for the vendor may have ended the old ones", async () => {
    const [row] = await test.db.asOwner<ConnectionRef & { version: number }>(
      `select organization_id as "organizationId", patient_id as "patientId", connection_id as "connectionId", token_version as version from credentials
       where connection_id = (select id from connections where provider = 'dexcom')`,
    );
    await test.db.asOwner("update credentials set expires_at = to_timestamp(0), refresh_retry_at = null where connection_id = $1", [row!.connectionId]);
    await test.db.asOwner(`alter table credentials add constraint no_more check (token_version <= ${row!.version}) not valid`);
    try {
      await expect(tokenSource(test.app.sync, await test.db.database.withOrganization(row!.organizationId, (tx) => readConnection(tx, row!.patientId, row!.connectionId))).accessToken()).rejects.toThrow(/no_more/);
    } finally {
      await test.db.asOwner("alter table credentials drop constraint no_more");
    }
    const { values } = await test.app.sync.telemetry.instruments.refreshes.get();
    expect(values.filter(({ labels }) => labels.outcome === "lost")).toEqual([{ labels: { provider: "dexcom", outcome: "lost" }, value: 1 }]);
  });
});

describe("log lines [R11]", () => {
  it("carry the request that they belong to, from the webhook through the delivery to its processing", () => {
    const mine = lines.map(parse).filter((line) => line["requestId"] === REQUEST_ID);
    expect(mine.filter((line) => line["msg"] === "request" && line["route"] === "/webhooks/:provider").length).toBeGreaterThan(0);
    const traced = mine.filter((line) => line["traceId"] === TRACE);
    expect(traced.length).toBeGreaterThan(0);
  });

  it("of a failing delivery carry its id", async () => {
    const broken: WebhookEvent[] = [{ kind: "data", account: "pushed-person", resource: "readings", payload: [{ record: "sample" }] }];
    const from = lines.length;
    pusher.map = () => {
      throw new Error("a bug in a mapping");
    };
    await post("/webhooks/pusher", broken, { "x-proof": PROOF, "x-request-id": "edge-of-the-broken-one" });
    await test.runJobs();
    const [line] = lines.slice(from).map(parse).filter(({ msg }) => msg === "a delivery could not be processed");
    expect(line).toMatchObject({ requestId: "edge-of-the-broken-one", delivery: expect.stringMatching(/^\d+$/) as string, provider: "pusher" });
  });
});

describe("traces [R11]", () => {
  it("go to the collector as OTLP, with the headers that it wants", () => {
    expect(collector.paths.every((path) => path === "/v1/traces")).toBe(true);
    expect(collector.headers[0]).toMatchObject({ "content-type": "application/json", "x-collector-key": "collector-key" });
    expect(collector.bodies[0]).toContain("islet-test");
  });

  it("lead from the proxy's trace through request, acceptance and processing to the stored records", () => {
    const mine = collector.spans.filter((span) => span.traceId === TRACE);
    const one = (name: string, parent: CollectedSpan | undefined): CollectedSpan | undefined => mine.find((span) => span.name === name && (parent === undefined || span.parentSpanId === parent.spanId));
    const request = mine.find((span) => span.name === "request" && span.parentSpanId === "b7ad6b7169203331");
    expect(request?.attributes).toMatchObject({ "http.route": "/webhooks/:provider", "http.request.method": "POST", "islet.request": REQUEST_ID });
    const accept = one("inbox.accept", request);
    expect(accept?.attributes).toMatchObject({ "islet.provider": "pusher", "islet.via": "webhook", "islet.new": true });
    const process = one("delivery.process", accept);
    expect(process?.attributes).toMatchObject({ "islet.outcome": "done", "islet.delivery": accept?.attributes["islet.delivery"] });
    expect(one("records.store", process)?.attributes).toMatchObject({ "islet.records": 1 });
    expect(named("inbox.claim").length).toBeGreaterThan(0);
  });

  it("lead to the processing of each delivery also where several are stored together", () => {
    for (const trace of PAIR) {
      const accept = collector.spans.find((span) => span.traceId === trace && span.name === "inbox.accept");
      const process = collector.spans.filter((span) => span.traceId === trace && span.name === "delivery.process");
      expect(process.map(({ parentSpanId, attributes }) => [parentSpanId, attributes["islet.delivery"], attributes["islet.outcome"], attributes["islet.records"]])).toEqual([
        [accept!.spanId, accept!.attributes["islet.delivery"], "done", 1],
      ]);
    }
    expect(named("records.store").filter(({ attributes }) => attributes["islet.deliveries"] === 2).map(({ attributes }) => [attributes["islet.done"], attributes["islet.records"]])).toEqual([[2, 2]]);
  });

  it("show a sync with its calls to the vendor, failures by their code alone, and no address", () => {
    const syncs = named("sync");
    const calls = named("vendor.call");
    expect(calls.some((call) => syncs.some((sync) => sync.spanId === call.parentSpanId))).toBe(true);
    expect(calls.some((call) => call.status?.code === 2 && call.status.message === "provider_unavailable")).toBe(true);
    expect(named("token.refresh").length).toBeGreaterThan(0);
    for (const span of collector.spans) expect(JSON.stringify(span.attributes), span.name).not.toMatch(/https?:|\?|127\.0\.0\.1/);
  });
});
