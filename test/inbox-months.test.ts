/** How long raw deliveries rest: whole months go, nothing that is still to be done, and there is always room for what comes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { digestOf, type DeliveryVia } from "#inbox/inbox.ts";
import { announce } from "#ingest/changes.ts";
import { createLiveFeed } from "#live/feed.ts";
import { silentLog } from "../src/log.ts";
import { keepHouse } from "#sync/housekeeping.ts";
import { lookAtInbox } from "#sync/watch.ts";
import { DAY_MS } from "#units/time.ts";
import { fakeVendor } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await layGround([fakeVendor().driver]);
});
afterAll(() => ground.close());
beforeEach(() => ground.db.asOwner("truncate deliveries, delivery_keys"));

const months = async (): Promise<string[]> =>
  (await ground.db.asOwner<{ name: string }>("select relname as name from pg_class where relkind = 'r' and relnamespace = 'inbox_months'::regnamespace and relname ~ '[0-9]$' order by 1")).map(({ name }) => name);
const NOW = Date.UTC(2026, 9, 15);

/** A delivery as it came at that instant. */
async function put(atMs: number, via: DeliveryVia, state: string): Promise<string> {
  const [row] = await ground.db.asOwner<{ id: string }>(
    `insert into deliveries (provider, via, body, body_bytes, state, filed_at, received_at) values ('fake', $1, 'x', 1, $2, to_timestamp($3::float8 / 1000), to_timestamp($3::float8 / 1000)) returning id::text`,
    [via, state, atMs],
  );
  return row!.id;
}
const left = async (): Promise<string[]> => (await ground.db.asOwner<{ id: string }>("select d.id::text from deliveries d order by d.id")).map(({ id }) => id);
/** Keeps the house as if it were that instant. */
const keepAt = (nowMs: number) => keepHouse({ ...ground.context, clock: { ...ground.context.clock, now: () => nowMs } });

describe("the inbox's months", () => {
  it("[ST-15] are made ahead, and what comes without one still has a place", async () => {
    await keepAt(NOW);
    expect(await months()).toEqual(expect.arrayContaining(["pushed_2026_10", "pushed_2026_11", "pushed_2026_12", "pulled_2026_12"]));
    const far = await put(Date.UTC(2031, 4, 5), "webhook", "pending");
    expect(await ground.db.asOwner("select tableoid::regclass::text as place from deliveries where id = $1", [far])).toEqual([{ place: "inbox_months.pushed_rest" }]);
    // Making that month now must neither fail nor lose it.
    await keepAt(Date.UTC(2031, 4, 6));
    expect(await left()).toContain(far);
    expect((await ground.context.inbox.accept({ provider: "fake", via: "webhook", resource: null, body: Buffer.from("now"), headers: {}, owner: null, causedBy: null, dedupeKey: digestOf("now") })).isNew).toBe(true);
  });

  it("[R8] go as a whole when their last day is past keeping, by their kind, and never with what is not done", async () => {
    await ground.db.database.asSystem((tx) => tx.query("select inbox_make_months('2026-05-01', 5)"));
    const may = Date.UTC(2026, 4, 10);
    const kept = [
      await put(may, "webhook", "pending"), await put(may, "webhook", "processing"), await put(may, "webhook", "failed"), await put(may, "webhook", "dead"),
      await put(may, "pull", "done"), await put(may, "import", "done"), await put(may, "push", "done"), await put(Date.UTC(2026, 8, 20), "webhook", "done"),
    ];
    const gone = [await put(may, "webhook", "done"), await put(may, "webhook", "ignored"), await put(may, "webhook", "unmatched")];
    await keepAt(NOW);
    expect(await left()).toEqual(kept);
    expect((await months()).filter((name) => name < "pushed_2026_09" && name.startsWith("pushed"))).toEqual([]);
    expect(gone).toHaveLength(3);
    // Processed at last, it goes with the month that it was filed under since.
    await ground.db.asOwner("update deliveries set state = 'done' where id = any($1)", [kept]);
    await ground.db.database.asSystem((tx) => tx.query("select inbox_make_months(now()::date, 1)"));
    await keepAt(Date.now() + 800 * DAY_MS);
    expect(await left()).toEqual([kept[5], kept[6]]);
  });

  it("forgets old keys of deliveries but never those of files", async () => {
    for (const [provider, days] of [["fake", 50], ["fake", 40], ["import", 4_000]] as const) {
      await ground.db.asOwner("insert into delivery_keys (provider, dedupe_key, delivery_id, first_seen) values ($1, $2, 1, to_timestamp($3::float8 / 1000))", [provider, digestOf(provider, String(days)), NOW - days * DAY_MS]);
    }
    await keepAt(NOW);
    expect(await ground.db.asOwner("select provider from delivery_keys order by 1")).toEqual([{ provider: "fake" }, { provider: "import" }]);
  });

  it("can be entered by no role of the application but through their table", async () => {
    await keepAt(NOW);
    await expect(ground.db.database.asSystem((tx) => tx.query("select 1 from inbox_months.pushed_2026_10"))).rejects.toThrow(/permission denied/);
    await expect(ground.db.database.withOrganization(ground.organizationId, (tx) => tx.query("select inbox_drop_months('pushed', now())"))).rejects.toThrow(/permission denied/);
  });
});

describe("the watch over the inbox", () => {
  it("[QU-01] wakes a worker for what is due, failed before or left by a dead worker, and for nothing else", async () => {
    const wakes = async (): Promise<[boolean, number]> => {
      ground.jobs.length = 0;
      return [await lookAtInbox(ground.context), ground.jobs.length];
    };
    expect(await wakes()).toEqual([false, 0]);
    const id = await put(NOW, "webhook", "pending");
    const become = (change: string) => ground.db.asOwner(`update deliveries set ${change} where id = $1`, [id]);
    expect(await wakes()).toEqual([true, 1]);
    await become("state = 'failed', available_at = now() + interval '1 minute'");
    expect(await wakes()).toEqual([false, 0]);
    await become("available_at = now()");
    expect(await wakes()).toEqual([true, 1]);
    await become("state = 'processing', lease_until = now() + interval '1 minute'");
    expect(await wakes()).toEqual([false, 0]);
    await become("lease_until = now() - interval '1 second'");
    expect(await wakes()).toEqual([true, 1]);
    await become("state = 'pending', replay_id = 1");
    expect(await wakes()).toEqual([true, 1]);
    await become("state = 'dead', replay_id = null");
    expect(await wakes()).toEqual([false, 0]);
  });

  it("[QU-01, QU-03] buries what took its worker down for the third time, seconds after its lease and not with the next sweep", async () => {
    const id = await put(NOW, "webhook", "pending");
    await ground.db.asOwner("update deliveries set state = 'processing', attempts = 3, lease_until = now() - interval '1 second' where id = $1", [id]);
    expect(await lookAtInbox(ground.context)).toBe(false);
    expect(await ground.db.asOwner("select state, last_error from deliveries where id = $1", [id])).toEqual([{ state: "dead", last_error: "worker_lost" }]);
  });
});

describe("the change feed's past", () => {
  it("[R8] is forgotten after thirty days, in order; whoever comes with an older place asks anew", async () => {
    await ground.db.asOwner("truncate changes");
    const patient = await ground.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) values ($1, 'Follower') returning id", [ground.organizationId]);
    const live = createLiveFeed(ground.db.database, silentLog);
    const announceOne = (): Promise<void> => ground.db.database.withOrganization(ground.organizationId, (tx) =>
      announce(tx, { organizationId: ground.organizationId, patientId: patient[0]!.id, connectionId: null, deliveryId: null }, [{ kind: "samples", metric: 1, count: 1, fromMs: NOW, toMs: NOW }]));
    // The feed waits for every older transaction of the server, those of other tests among them.
    const isTold = (): Promise<unknown> => expect.poll(() => ground.db.asOwner("select 1 from changes where transaction_id >= pg_snapshot_xmin(pg_current_snapshot())"), { timeout: 15_000 }).toEqual([]);
    await announceOne();
    await isTold();
    const early = await live.position();
    await announceOne();
    await announceOne();
    await isTold();
    const rows = await ground.db.asOwner<{ id: string }>("select id::text from changes order by transaction_id, changes.id");
    await ground.db.asOwner("update changes set created_at = to_timestamp($2::float8 / 1000) where id = any($1::bigint[])", [rows.slice(0, 2).map(({ id }) => id), NOW - 31 * DAY_MS]);
    await ground.db.asOwner("update changes set created_at = to_timestamp($2::float8 / 1000) where id = $1::bigint", [rows[2]!.id, NOW - 29 * DAY_MS]);
    expect((await live.since(patient[0]!.id, early))?.length).toBe(2);
    // What the summaries have not followed stays.
    await keepAt(NOW);
    expect(await ground.db.asOwner("select 1 from changes")).toHaveLength(3);
    await ground.db.asOwner("update summary_follower set transaction_id = (select max(transaction_id) from changes), id = (select max(id) from changes)");
    await keepAt(NOW);
    expect(await ground.db.asOwner("select id::text from changes")).toEqual([{ id: rows[2]!.id }]);
    expect(await live.since(patient[0]!.id, early)).toBeNull();
    expect(await live.since(patient[0]!.id, await live.position())).toEqual([]);
    await live.stop();
  });
});
