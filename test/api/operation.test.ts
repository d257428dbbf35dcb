/** What an operator sees: /health, /ready that tells the truth, /metrics for whom it is meant; and the ids that requests are followed by. */
import { readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createScrape } from "#telemetry/scrape.ts";
import { createReadiness, type Check, type Phase, type ReadinessParts } from "#telemetry/readiness.ts";
import { createTelemetry } from "#telemetry/telemetry.ts";
import { gaugeInbox, isInboxStuck } from "#inbox/gauge.ts";
import { digestOf } from "#inbox/inbox.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { systemClock } from "../../src/clock.ts";
import { problemOf, withoutDatabase } from "./kit.ts";

const TOKEN = "an-operator-token-of-length";

let open: TestApp;
let guarded: TestApp;
beforeAll(async () => {
  open = await startTestApp();
  guarded = await startTestApp({ env: { ISLET_METRICS_TOKEN: TOKEN, ISLET_TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(async () => {
  await open.close();
  await guarded.close();
});
afterEach(() => open.db.asOwner("delete from deliveries"));

const bearer = { authorization: `Bearer ${TOKEN}` };
const local = { host: "127.0.0.1:3000" };
const metrics = (test: TestApp, headers: Record<string, string>, remoteAddress = "127.0.0.1") => test.server.inject({ method: "GET", url: "/metrics", headers, remoteAddress });

/** Puts a delivery into a state of the inbox, due some seconds ago. */
async function put(state: string, dueSeconds: number, change: { lease?: number; replay?: string; provider?: string } = {}): Promise<void> {
  const { id } = await open.app.sync.inbox.accept({
    provider: change.provider ?? "garmin", via: "webhook", resource: null, body: Buffer.from("{}"), headers: {}, owner: null, causedBy: null, dedupeKey: digestOf(String(Math.random()), state),
  });
  await open.db.asOwner(
    `update deliveries set state = $2, available_at = now() - make_interval(secs => $3), received_at = now() - make_interval(secs => $3), replay_id = $5,
            lease_until = case when $4::float8 is null then null else now() + make_interval(secs => $4) end where id = $1`,
    [id, state, dueSeconds, change.lease ?? null, change.replay ?? null],
  );
}

describe("/metrics", () => {
  it("answers whoever has the token, from anywhere, and nobody else", async () => {
    expect((await metrics(guarded, bearer, "203.0.113.7")).statusCode).toBe(200);
    expect((await metrics(guarded, { authorization: `bearer  ${TOKEN}` })).statusCode).toBe(200);
    for (const headers of [{}, local, { authorization: "Bearer wrong" }, { authorization: `Basic ${TOKEN}` }, { authorization: `Bearer ${TOKEN}x` }, { authorization: "Bearer " }]) {
      const answer = await metrics(guarded, headers);
      expect(answer.statusCode, JSON.stringify(headers)).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
      expect(answer.body).not.toContain("islet_");
    }
  });

  it("answers this machine alone where there is no token, and sees through proxies and borrowed names", async () => {
    for (const host of ["127.0.0.1:3000", "localhost", "[::1]:3000"]) expect((await metrics(open, { host })).statusCode, host).toBe(200);
    expect((await metrics(open, local, "::1")).statusCode).toBe(200);
    for (const [headers, from] of [
      [local, "203.0.113.7"], [local, "10.0.0.1"], [{ host: "islet.example.org" }, "127.0.0.1"], [{ host: "127.0.0.1.example.org" }, "127.0.0.1"],
      [{ ...local, "x-forwarded-for": "203.0.113.7" }, "127.0.0.1"], [{ ...local, forwarded: "for=203.0.113.7" }, "127.0.0.1"], [{ ...local, "x-real-ip": "203.0.113.7" }, "127.0.0.1"],
      [{ ...local, via: "1.1 edge" }, "127.0.0.1"], [{ ...bearer, host: "islet.example.org" }, "127.0.0.1"],
    ] as [Record<string, string>, string][]) {
      const answer = await metrics(open, headers, from);
      expect(answer.statusCode, `${JSON.stringify(headers)} ${from}`).toBe(403);
      expect(problemOf(answer).code).toBe("not_permitted");
      expect(answer.body).not.toContain("islet_http");
    }
  });

  it("looks things up once however many ask at once, not again for some seconds, and tells the rest when the database is away", async () => {
    const telemetry = createTelemetry({ clock: systemClock });
    let lookUps = 0;
    const database: typeof open.db.database = { ...open.db.database, asSystem: (work) => ((lookUps += 1), open.db.database.asSystem(work)) };
    await put("pending", 10);
    const scrape = createScrape({ telemetry, database, queue: { stats: () => Promise.resolve([{ queue: "sweep", waiting: 1, active: 2, failed: 3 }]) }, pools: { hooks: () => ({ open: 1, idle: 1, most: 4, waiting: 0 }) } });
    const texts = await Promise.all(Array.from({ length: 20 }, () => scrape.text()));
    await scrape.text();
    expect(lookUps).toBe(1);
    for (const line of ['islet_inbox_deliveries{provider="garmin",state="pending"} 1', 'islet_jobs{queue="sweep",state="failed"} 3', 'islet_db_pool_connections{pool="hooks",state="most"} 4', "islet_database_up 1", "islet_queue_up 1"]) {
      expect(texts[0]!.split("\n")).toContain(line);
    }
    await withoutDatabase(open, async () => {
      const text = await createScrape({ telemetry, database, queue: { stats: () => Promise.reject(new Error("away")) } }).text();
      expect(text).toMatch(/^islet_database_up 0$/m);
      expect(text).toMatch(/^islet_queue_up 0$/m);
      // No figure rather than an old one.
      expect(text).not.toMatch(/^islet_(?:inbox_deliveries|jobs|connections)\{/m);
      expect(text).toContain('islet_db_pool_connections{pool="main",state="most"} 8');
    });
  });

  it("says how long the summaries of days have not followed what changed", async () => {
    const behind = async (): Promise<number> => {
      const text = await createScrape({ telemetry: createTelemetry({ clock: systemClock }), database: open.db.database, queue: {} }).text();
      return Number(/^islet_summaries_behind_seconds (\S+)$/m.exec(text)?.[1]);
    };
    await open.db.asOwner("truncate changes");
    expect(await behind()).toBe(0);
    await open.db.asOwner(
      `insert into changes (organization_id, patient_id, kind, count, created_at)
       select organization_id, id, 'samples', 1, clock_timestamp() - make_interval(secs => s) from (select * from patients limit 1) p, unnest(array[700, 60]) s`,
    );
    expect(await behind()).toBeGreaterThanOrEqual(700);
    expect(await behind()).toBeLessThan(760);
    await open.db.asOwner("update summary_follower set transaction_id = (select max(transaction_id) from changes), id = (select max(id) from changes)");
    expect(await behind()).toBe(0);
  });

  it("tells a look-up that took too long from a database that is away", async () => {
    const telemetry = createTelemetry({ clock: systemClock });
    const database: typeof open.db.database = { ...open.db.database, asSystem: (work) => open.db.database.asSystem(async (tx) => {
      const result = await work(tx);
      await tx.query("select pg_sleep(30)");
      return result;
    }) };
    const text = await createScrape({ telemetry, database, queue: {} }).text();
    expect(text).toMatch(/^islet_database_up 1$/m);
    expect(text).not.toMatch(/^islet_inbox_oldest_seconds\{/m);
    expect(text).not.toMatch(/^islet_summaries_behind_seconds /m);
  });
});

describe("the inbox's gauge", () => {
  it("counts by vendor and state, with the age of the oldest that is due", async () => {
    const [replay] = await open.db.asOwner<{ id: string }>("insert into replays (organization_id, reason, filter) values ($1, 'a better mapping', '{}') returning id::text", [open.people.organizationId]);
    await put("pending", 100);
    await put("pending", 50);
    await put("failed", -3_600);
    await put("dead", 9_000, { provider: "strava" });
    await put("processing", 20, { lease: 30 });
    await put("done", 99_999);
    await put("pending", 7, { replay: replay!.id });
    const rows = await open.db.database.asSystem((tx) => gaugeInbox(tx));
    expect(rows.map(({ oldestSeconds, ...rest }) => ({ ...rest, age: Math.floor(oldestSeconds / 10) * 10 }))).toEqual([
      { provider: "garmin", state: "failed", count: 1, age: 0 }, { provider: "garmin", state: "pending", count: 2, age: 100 }, { provider: "garmin", state: "processing", count: 1, age: 20 },
      { provider: "garmin", state: "replay", count: 1, age: 0 }, { provider: "strava", state: "dead", count: 1, age: 9_000 },
    ]);
    // Where counting stops, the oldest is among what was counted.
    const few = await open.db.database.asSystem((tx) => gaugeInbox(tx, 1));
    expect(few.find(({ state }) => state === "pending")).toMatchObject({ count: 1 });
    expect(Math.floor(few.find(({ state }) => state === "pending")!.oldestSeconds)).toBe(100);
  });

  it("finds each of its parts by an index, so that a scrape of a full inbox harms nobody", async () => {
    const plans = await open.db.database.asSystem(async (tx) => {
      await tx.query("set local enable_seqscan = off");
      let statement = "";
      await gaugeInbox({ ...tx, query: (text, values) => ((statement = text), tx.query(text, values)) });
      return tx.query<{ "QUERY PLAN": string }>(`explain ${statement}`, [10]);
    });
    const text = plans.map((row) => row["QUERY PLAN"]).join("\n");
    expect(text).toMatch(/Index/);
    expect(text).not.toContain("Seq Scan");
  });

  it("calls the inbox stuck when what is due waits and nobody works, and only then", async () => {
    const stuck = () => open.db.database.asSystem((tx) => isInboxStuck(tx, 300));
    expect(await stuck()).toBe(false);
    await put("pending", 200);
    await put("failed", -600);
    await put("dead", 9_000);
    expect(await stuck()).toBe(false);
    await put("pending", 400);
    expect(await stuck()).toBe(true);
    // A long queue that moves.
    await put("processing", 500, { lease: 30 });
    expect(await stuck()).toBe(false);
    await open.db.asOwner("delete from deliveries where state in ('processing', 'pending')");
    await put("processing", 500, { lease: -100 });
    expect(await stuck()).toBe(false);
    await put("processing", 900, { lease: -400 });
    expect(await stuck()).toBe(true);
  });
});

describe("/ready", () => {
  const stats = (): Promise<never[]> => Promise.resolve([]);
  const checksOf = async (change: Partial<ReadinessParts> = {}): Promise<{ isReady: boolean; said: Record<string, string>; checks: readonly Check[] }> => {
    const { isReady, checks } = await createReadiness({ database: open.db.database, queue: { stats }, phase: () => "serving", runsJobs: true, ...change }).check();
    return { isReady, checks, said: Object.fromEntries(checks.map(({ name, state }) => [name, state])) };
  };
  const WELL = { phase: "ok", database: "ok", migrations: "ok", inbox: "ok", queue: "ok" };

  it("is 200 while all is well, with the checks for an operator and without them for others", async () => {
    const answer = await open.server.inject({ method: "GET", url: "/ready", headers: local });
    expect(answer.json()).toMatchObject({ status: "ready", checks: [{ name: "phase", state: "ok" }, { name: "database", state: "ok" }, { name: "migrations", state: "ok" }, { name: "inbox", state: "ok" }] });
    expect((await open.server.inject({ method: "GET", url: "/ready", headers: { host: "islet.example.org" } })).json()).toEqual({ status: "ready" });
    expect((await guarded.server.inject({ method: "GET", url: "/ready", headers: local })).json()).toEqual({ status: "ready" });
    expect((await guarded.server.inject({ method: "GET", url: "/ready", headers: bearer })).json()).toHaveProperty("checks");
    expect(await checksOf()).toMatchObject({ isReady: true, said: WELL });
  });

  it("is 503 while it starts and once it is to stop, at once and whatever it found before", async () => {
    let phase: Phase = "starting";
    const readiness = createReadiness({ database: open.db.database, queue: {}, phase: () => phase, runsJobs: false });
    const walk: [Phase, boolean][] = [["starting", false], ["serving", true], ["stopping", false]];
    for (const [next, isReady] of walk) {
      phase = next;
      expect((await readiness.check()).isReady, next).toBe(isReady);
    }
    const server = await open.app.server({ isReady: () => true, isStopping: () => phase === "stopping", simulator: null });
    const answer = await server.inject({ method: "GET", url: "/ready", headers: { host: "islet.example.org" } });
    expect([answer.statusCode, problemOf(answer).detail, answer.headers["retry-after"]]).toEqual([503, "Islet is stopping.", "5"]);
    expect(answer.json()).not.toHaveProperty("checks");
    await server.close();
  });

  it("[ST-04] is 503 while the database is away, tells an operator why, and is 200 when it is back", async () => {
    await withoutDatabase(open, async () => {
      const ask = () => open.server.inject({ method: "GET", url: "/ready", headers: local });
      const startedMs = performance.now();
      let answer = await ask();
      // Good news is kept for a moment.
      while (answer.statusCode !== 503 && performance.now() - startedMs < 2_000) answer = await ask();
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({ code: "unavailable", checks: expect.arrayContaining([{ name: "database", state: "failed", detail: "The database does not answer." }]) as unknown });
      expect(answer.body).not.toMatch(/postgres:|127\.0\.0\.1|password/);
      expect((await open.server.inject({ method: "GET", url: "/health" })).json()).toEqual({ status: "ok" });
    });
    expect((await open.server.inject({ method: "GET", url: "/ready" })).statusCode).toBe(200);
  });

  it("is 503 within two seconds when the database, or the queue, hangs", async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    for (const [change, failed] of [[{ database: { ...open.db.database, asSystem: never } }, "database"], [{ queue: { stats: never } }, "queue"]] as [Partial<ReadinessParts>, string][]) {
      const startedMs = performance.now();
      const { isReady, said } = await checksOf(change);
      expect(performance.now() - startedMs).toBeLessThan(2_000);
      expect([isReady, said[failed]]).toEqual([false, "failed"]);
    }
  });

  it("is 503 when the database lacks migrations of this version, and stays 200 when it has newer ones", async () => {
    const newest = readdirSync(new URL("../../migrations/", import.meta.url)).filter((name) => name.endsWith(".sql")).toSorted().at(-1)!;
    await open.db.asOwner("insert into schema_migrations (name) values ('9999-from-the-future.sql')");
    expect(await checksOf()).toMatchObject({ isReady: true, said: WELL });
    await open.db.asOwner("delete from schema_migrations where name in ($1, '9999-from-the-future.sql')", [newest]);
    const { isReady, checks } = await checksOf();
    expect(isReady).toBe(false);
    expect(checks.find(({ name }) => name === "migrations")).toMatchObject({ state: "failed", detail: "The database lacks 1 migration of this version: run `node src/main.ts migrate`." });
    await open.db.asOwner("insert into schema_migrations (name) values ($1)", [newest]);
    expect((await checksOf()).isReady).toBe(true);
  });

  it("is 503 for the process whose job it is when the inbox stands still or the queue is away; for the others that is a neighbour's trouble", async () => {
    const away = { stats: () => Promise.reject(new Error("canary-9f3b")) };
    await put("pending", 400);
    const own = await checksOf({ queue: away });
    expect(own).toMatchObject({ isReady: false, said: { ...WELL, inbox: "failed", queue: "failed" } });
    expect(JSON.stringify(own.checks)).not.toContain("canary");
    expect(own.checks.find(({ name }) => name === "inbox")?.detail).toMatch(/^Deliveries have been due for more than 5 minutes/);
    expect(await checksOf({ queue: away, runsJobs: false })).toMatchObject({ isReady: true, said: { ...WELL, inbox: "degraded", queue: "degraded" } });
  });

  it("asks the database once for many who ask at once", async () => {
    let asked = 0;
    const database: typeof open.db.database = { ...open.db.database, asSystem: (work) => ((asked += 1), open.db.database.asSystem(work)) };
    const readiness = createReadiness({ database, queue: { stats }, phase: () => "serving", runsJobs: true });
    const answers = await Promise.all(Array.from({ length: 50 }, () => readiness.check()));
    expect(answers.every(({ isReady }) => isReady)).toBe(true);
    expect(asked).toBe(3);
  });
});

describe("a request's id", () => {
  const idOf = async (test: TestApp, given: string | undefined, remoteAddress: string): Promise<unknown> => {
    const answer = await test.server.inject({ method: "GET", url: "/api/v1/me", remoteAddress, headers: given === undefined ? {} : { "x-request-id": given } });
    expect(answer.headers["x-request-id"]).toBe(problemOf(answer).trace_id);
    return answer.headers["x-request-id"];
  };

  it("[DA-16] is a listed proxy's where that is well formed; else, and from everybody else, one of our own", async () => {
    const own = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
    expect(await idOf(guarded, "edge-0a1b2c3d", "127.0.0.1")).toBe("edge-0a1b2c3d");
    expect(await idOf(guarded, "edge-0a1b2c3d", "203.0.113.7")).toMatch(own);
    expect(await idOf(open, "edge-0a1b2c3d", "127.0.0.1")).toMatch(own);
    for (const bad of [undefined, "short", "has a space in it", "a{b}\"c\"de", "-starts-wrong", "x".repeat(129), "ünïcödé-ïd"]) expect(await idOf(guarded, bad, "127.0.0.1"), String(bad)).toMatch(own);
    expect(await idOf(open, undefined, "127.0.0.1")).not.toBe(await idOf(open, undefined, "127.0.0.1"));
  });
});
