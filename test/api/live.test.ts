/** The live feed over a real socket: every committed change of this patient, once, in order, also after a pause. */
import { request, type IncomingMessage } from "node:http";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { API_LIMITS } from "../../src/api/context.ts";
import { buildServer } from "../../src/api/server.ts";
import type { Database } from "#db/database.ts";
import { createLiveFeed, isAfter, type FeedEvent } from "#live/feed.ts";
import { silentLog } from "../../src/log.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { decide } from "#test/kit/consent.ts";
import { DAY, give, iso, makeConnection, MINUTE, NOW_MS, problemOf, readings, withoutDatabase } from "./kit.ts";

let test: TestApp;
let origin: string;
let closeServer: () => Promise<void>;
const open = new Set<Stream>();

beforeAll(async () => {
  test = await startTestApp();
  // A second door to the same Islet, whose news and signs of life come quickly.
  const live = createLiveFeed(test.db.database, silentLog, 20);
  const server = await buildServer({ context: { ...test.app.api, live, limits: { heartbeatMs: 40, accessCheckMs: 50 } }, isReady: () => true, simulator: null });
  origin = await server.listen({ port: 0, host: "127.0.0.1" });
  closeServer = async () => {
    await server.close();
    await live.stop();
  };
});
afterEach(() => {
  for (const stream of open) stream.close();
});
afterAll(async () => {
  await closeServer();
  await test.close();
});

interface Told {
  readonly id: string | null;
  readonly event: string;
  readonly data: { kind?: string; metric?: string | null; count?: number; from?: string | null; to?: string | null };
}

class Stream {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly told: Told[] = [];
  /** The last id, as a browser keeps it: also of blocks without data. */
  lastId: string | null = null;
  heartbeats = 0;
  isEnded = false;
  retryMs: number | null = null;
  readonly #answer: IncomingMessage;
  readonly #waiting: (() => void)[] = [];

  constructor(answer: IncomingMessage) {
    this.#answer = answer;
    this.status = answer.statusCode ?? 0;
    this.headers = answer.headers;
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (chunk: string) => {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) this.#read(block);
      this.#wake();
    });
    answer.on("error", () => undefined);
    answer.on("close", () => {
      this.isEnded = true;
      this.#wake();
    });
    open.add(this);
  }

  #read(block: string): void {
    let [event, data, id] = ["message", "", null as string | null];
    for (const line of block.split("\n")) {
      if (line.startsWith(":")) this.heartbeats += 1;
      else if (line.startsWith("id: ")) id = this.lastId = line.slice(4);
      else if (line.startsWith("event: ")) event = line.slice(7);
      else if (line.startsWith("data: ")) data += line.slice(6);
      else if (line.startsWith("retry: ")) this.retryMs = Number(line.slice(7));
    }
    if (data !== "") this.told.push({ id, event, data: JSON.parse(data) as Told["data"] });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when the condition holds; fails when the stream ends before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.isEnded) throw new Error(`the stream ended; it told ${JSON.stringify(this.told)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async ended(): Promise<void> {
    while (!this.isEnded) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  changes(): Told[] {
    return this.told.filter(({ event }) => event === "change");
  }

  close(): void {
    open.delete(this);
    this.#answer.destroy();
  }
}

/** Until no transaction of whatever database of this server is older than the changes made: a new listener hears of all that is not. */
async function settle(): Promise<void> {
  for (let isSettled = false; !isSettled; ) {
    const [row] = await test.db.asOwner<{ settled: boolean }>("select coalesce(max(transaction_id::text::numeric), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::numeric as settled from changes");
    isSettled = row!.settled;
  }
}

async function listen(as: Person | { token: string }, options: { lastId?: string; query?: string; patientId?: string; origin?: string } = {}): Promise<Stream> {
  if (options.lastId === undefined) await settle();
  return new Promise((resolve, reject) => {
    const asked = request(`${options.origin ?? origin}/api/v1/patients/${options.patientId ?? "me"}/live${options.query ?? ""}`, {
      headers: { authorization: `Bearer ${as.token}`, ...(options.lastId === undefined ? {} : { "last-event-id": options.lastId }) },
    }, (answer) => resolve(new Stream(answer)));
    asked.on("error", reject);
    asked.end();
  });
}

let value = 100;
/** One change: a reading of a value that was not there. */
const change = (who: Person = test.people.patient, atMs = NOW_MS - MINUTE): Promise<string> => give(test, who, { records: readings([(value += 1)], atMs) });

describe("a live stream", () => {
  it("is a stream that proxies do not buffer, and begins with its place in the feed", async () => {
    const stream = await listen(test.people.patient);
    await stream.until(() => stream.lastId !== null);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store, no-transform", "x-accel-buffering": "no", "x-content-type-options": "nosniff",
    });
    expect(stream.headers["content-security-policy"]).toContain("default-src 'self'");
    expect(stream.retryMs).toBe(2_000);
    expect(stream.lastId).toMatch(/^\d+-0$/);
    expect(stream.told).toEqual([]);
  });

  it("tells what changed, when and how much, and never a value", async () => {
    const stream = await listen(test.people.patient);
    await give(test, test.people.patient, { records: readings([123.25, 234.5], NOW_MS - 10 * MINUTE) });
    await stream.until(() => stream.changes().length === 1);
    expect(stream.changes()[0]!.data).toEqual({ kind: "samples", metric: "glucose", connectionId: null, from: iso(NOW_MS - 15 * MINUTE), to: iso(NOW_MS - 10 * MINUTE), count: 2 });
    expect(JSON.stringify(stream.changes()[0]!.data)).not.toMatch(/123|234/);
    expect(stream.changes()[0]!.id).toMatch(/^\d+-\d+$/);
    const connectionId = await makeConnection(test, test.people.patient, "garmin");
    await give(test, test.people.patient, {
      provider: "garmin", connectionId,
      records: [
        { record: "sleep", vendorId: "s", startMs: NOW_MS - DAY, endMs: NOW_MS - DAY / 2, offsetMinutes: null, isNap: false, stages: [], totals: {} },
        { record: "sample", metric: "steps", startMs: NOW_MS - DAY, endMs: NOW_MS, value: 10, offsetMinutes: null },
      ],
    });
    await stream.until(() => stream.changes().length === 3);
    expect(stream.changes().slice(1).map(({ data }) => [data.kind, data.metric])).toEqual(expect.arrayContaining([["sleep", null], ["samples", "steps"]]));
  });

  it("says nothing when a delivery changed nothing", async () => {
    await give(test, test.people.patient, { records: readings([77], NOW_MS - 2 * DAY) });
    const stream = await listen(test.people.patient);
    await give(test, test.people.patient, { records: readings([77], NOW_MS - 2 * DAY) });
    await change();
    await stream.until(() => stream.changes().length === 1);
    expect(stream.changes()[0]!.data.from).toBe(iso(NOW_MS - MINUTE));
  });

  it("of one patient hears nothing of another's, whoever listens", async () => {
    const { patient, stranger, clinician } = test.people;
    const [mine, theirs, byClinician] = [await listen(patient), await listen(stranger), await listen(clinician, { patientId: patient.patientId! })];
    await change(stranger, NOW_MS - DAY);
    await change(patient);
    await change(stranger, NOW_MS - 2 * DAY);
    await mine.until(() => mine.changes().length === 1);
    await byClinician.until(() => byClinician.changes().length === 1);
    await theirs.until(() => theirs.changes().length === 2);
    expect(mine.changes()[0]!.data.from).toBe(iso(NOW_MS - MINUTE));
    expect(byClinician.changes()).toEqual(mine.changes());
    expect(theirs.changes().map(({ data }) => data.from)).toEqual([iso(NOW_MS - DAY), iso(NOW_MS - 2 * DAY)]);
  });

  it("shows signs of life more often than proxies cut", async () => {
    const stream = await listen(test.people.patient);
    await stream.until(() => stream.heartbeats >= 3);
    expect(API_LIMITS.heartbeatMs).toBeGreaterThanOrEqual(10_000);
    expect(API_LIMITS.heartbeatMs).toBeLessThanOrEqual(25_000);
    expect(API_LIMITS.accessCheckMs).toBeLessThan(5_000);
  });
});

describe("a stream that was cut", () => {
  it("goes on where it was, without loss and without repetition, however often", async () => {
    const seen: string[] = [];
    let lastId: string | undefined;
    for (let turn = 0; turn < 12; turn += 1) {
      // One change while nobody listens, one while the stream is opened, one while it is open; and somebody else's, which is not told.
      if (turn > 0) await change();
      await change(test.people.stranger);
      const opening = listen(test.people.patient, lastId === undefined ? {} : { lastId });
      const meanwhile = turn > 0 ? change() : null;
      const stream = await opening;
      await meanwhile;
      await change();
      const expected = turn === 0 ? 1 : 3;
      await stream.until(() => stream.changes().length >= expected);
      seen.push(...stream.changes().map(({ id }) => id!));
      lastId = stream.lastId!;
      stream.close();
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(1 + 11 * 3);
    for (const [index, id] of seen.entries()) if (index > 0) expect(isAfter(id, seen[index - 1]!)).toBe(true);
    const quiet = await listen(test.people.patient, { lastId: lastId! });
    await quiet.until(() => quiet.heartbeats >= 2);
    expect(quiet.told).toEqual([]);
  });

  it("before anything happened goes on from where it began", async () => {
    const stream = await listen(test.people.patient);
    await stream.until(() => stream.lastId !== null);
    const lastId = stream.lastId!;
    stream.close();
    await change();
    const again = await listen(test.people.patient, { lastId });
    await again.until(() => again.changes().length === 1);
    expect(again.told).toHaveLength(1);
  });

  it("takes its place from the address on a first load, and from the browser afterwards", async () => {
    const stream = await listen(test.people.patient);
    await change();
    await stream.until(() => stream.changes().length === 1);
    const before = stream.lastId!;
    await change();
    await stream.until(() => stream.changes().length === 2);
    const byQuery = await listen(test.people.patient, { query: `?last_event_id=${before}` });
    await byQuery.until(() => byQuery.changes().length === 1);
    const byHeader = await listen(test.people.patient, { query: `?last_event_id=${before}`, lastId: stream.lastId! });
    await byHeader.until(() => byHeader.heartbeats >= 2);
    expect(byHeader.told).toEqual([]);
  });

  it("is told to ask anew after a place that is none, is not of this feed, or is too long ago, and goes on from there", async () => {
    const probe = await listen(test.people.patient);
    await change();
    await probe.until(() => probe.changes().length === 1);
    const [transaction] = probe.lastId!.split("-") as [string];
    const tooOld = probe.lastId!;
    await test.db.asOwner(
      `insert into changes (organization_id, patient_id, kind, metric, count) select $1, $2, 'samples', 1, 1 from generate_series(1, 501)`,
      [test.people.organizationId, test.people.patient.patientId],
    );
    const nonsense = ["nonsense", "-", "1", "1-", "-1-1", "1-1-1", "99999999999999999999-1", "18446744073709551616-1", `1-${"9".repeat(19)}`, `${BigInt(transaction) + 1_000_000n}-1`, "' or 1=1 --", tooOld];
    for (const lastId of nonsense) {
      const stream = await listen(test.people.patient, { lastId });
      await stream.until(() => stream.told.length > 0);
      expect(stream.told, lastId).toEqual([{ id: stream.lastId, event: "reset", data: {} }]);
      expect(stream.lastId, lastId).toMatch(/^\d+-0$/);
      await change();
      await stream.until(() => stream.changes().length === 1);
      const again = await listen(test.people.patient, { lastId: stream.lastId! });
      await again.until(() => again.heartbeats >= 1);
      expect(again.told, "no second reset").toEqual([]);
      stream.close();
      again.close();
    }
    const many = await listen(test.people.patient, { lastId: `${transaction}-0`, query: "" });
    await many.until(() => many.told.length > 0);
    expect(many.told[0]!.event).toBe("reset");
  });
});

describe("following", () => {
  it("begins before it says so: what is committed then is told, however slow the database was", async () => {
    let isFirst = true;
    const slow: Database = {
      ...test.db.database,
      asSystem: async (work) => {
        if (isFirst) {
          isFirst = false;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return test.db.database.asSystem(work);
      },
    };
    const feed = createLiveFeed(slow, silentLog, 10);
    const told = Promise.withResolvers<FeedEvent>();
    const unfollow = await feed.follow(test.people.patient.patientId!, told.resolve);
    await change();
    expect((await told.promise).kind).toBe("samples");
    unfollow();
    await feed.stop();
  });
});

describe("changes that are committed late", () => {
  it("are not skipped: nothing is told past a transaction that still runs", async () => {
    const insert = "insert into changes (organization_id, patient_id, kind, metric, count) values ($1, $2, 'samples', $3, 1)";
    const [early, late] = [new pg.Client({ connectionString: test.db.ownerUrl }), new pg.Client({ connectionString: test.db.ownerUrl })];
    await Promise.all([early.connect(), late.connect()]);
    const owner = [test.people.organizationId, test.people.patient.patientId];
    const stream = await listen(test.people.patient);
    await stream.until(() => stream.lastId !== null);
    await late.query("begin");
    await late.query(insert, [...owner, 30]);
    await early.query("begin");
    await early.query(insert, [...owner, 31]);
    await early.query("commit");
    // Well after the feed was read again, the second one waits for the first.
    await stream.until(() => stream.heartbeats >= 6);
    expect(stream.changes()).toEqual([]);
    const resumed = await listen(test.people.patient, { lastId: stream.lastId! });
    await late.query("commit");
    for (const each of [stream, resumed]) {
      await each.until(() => each.changes().length === 2);
      expect(each.changes().map(({ data }) => data.metric)).toEqual(["steps", "distance"]);
    }
    await Promise.all([early.end(), late.end()]);
  });

  it("are told in the order of their numbers, not of their digits", async () => {
    const [{ next } = { next: "0" }] = await test.db.asOwner<{ next: string }>("select last_value as next from changes_id_seq");
    const jump = 10 ** next.length - 3;
    await test.db.asOwner(`alter table changes alter column id restart with ${jump}`);
    const stream = await listen(test.people.patient);
    await stream.until(() => stream.lastId !== null);
    const begin = stream.lastId!;
    await test.db.asOwner("insert into changes (organization_id, patient_id, kind, metric, count) select $1, $2, 'samples', 1, n from generate_series(1, 6) n", [
      test.people.organizationId, test.people.patient.patientId,
    ]);
    const resumed = async (): Promise<FeedEvent[] | null> => test.app.live.since(test.people.patient.patientId!, begin);
    await stream.until(() => stream.changes().length === 6);
    expect(stream.changes().map(({ data }) => data.count)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await resumed())?.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("a stream ends", () => {
  it("with the session, by signing out, with the grant, and once the person shares no more [AU-08] [AU-25]", async () => {
    const signIn = async (): Promise<string> =>
      (await test.request({ method: "POST", url: "/api/v1/tokens", payload: { email: test.people.patient.email, password: TEST_PASSWORD } })).json<{ accessToken: string }>().accessToken;

    const signedOut = { token: await signIn() };
    const stream = await listen(signedOut);
    await test.request({ method: "DELETE", url: "/api/v1/session", headers: { authorization: `Bearer ${signedOut.token}` } });
    await stream.ended();

    const byClinician = await listen(test.people.clinician, { patientId: test.people.patient.patientId! });
    await test.db.asOwner("update grants set valid_to = now()");
    await byClinician.ended();
    await test.db.asOwner("update grants set valid_to = 'infinity'");

    const { organizationId, patient, clinician } = test.people;
    const unshared = await listen(clinician, { patientId: patient.patientId! });
    const decides = (decision: "given" | "withdrawn") => decide(test.db, { organizationId, userId: patient.userId, patientId: patient.patientId! }, "sharing", decision);
    await decides("withdrawn");
    await unshared.ended();
    await decides("given");

    const expiring = await listen({ token: await signIn() });
    await expiring.until(() => expiring.lastId !== null);
    test.clock.advance(401 * DAY);
    await expiring.ended();
    test.clock.advance(-401 * DAY);
  });

  it("by no failure of the database, which it outlives", async () => {
    const stream = await listen(test.people.patient);
    await stream.until(() => stream.lastId !== null);
    await test.db.asOwner("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'islet'");
    const before = stream.heartbeats;
    await stream.until(() => stream.heartbeats > before + 3);
    await change();
    await stream.until(() => stream.changes().length === 1);
  });

  it("when the server stops, which does not wait for it", async () => {
    const server = await buildServer({ context: test.app.api, isReady: () => true, simulator: null });
    const where = await server.listen({ port: 0, host: "127.0.0.1" });
    const stream = await listen(test.people.patient, { origin: where });
    await stream.until(() => stream.lastId !== null);
    const startedMs = performance.now();
    await server.close();
    await stream.ended();
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("and is asked for in vain by whoever may not listen, or while the database is away", async () => {
    for (const [as, patientId, status] of [[{ token: "x".repeat(43) }, "me", 401], [test.people.stranger, test.people.patient.patientId!, 404], [test.people.foreigner, test.people.patient.patientId!, 404]] as const) {
      expect((await listen(as, { patientId })).status).toBe(status);
    }
    const answer = await withoutDatabase(test, () => test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/live" }));
    expect(answer.statusCode).toBe(503);
    problemOf(answer);
  });
});
