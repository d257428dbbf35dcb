/** When whom is asked: rhythms, turns, slices, back-fill, the past after a kill, people told once. One made-up vendor, time by the test's clock. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "#db/database.ts";
import type { Resource } from "#driver/types.ts";
import { DRIVERS } from "#drivers/index.ts";
import { connectionsDue } from "#sync/due.ts";
import { readConnection, type ConnectionRef, type Cursor } from "#sync/connections.ts";
import { QUEUES, type SyncContext } from "#sync/context.ts";
import { noteFailure } from "#sync/failures.ts";
import { linkAccount } from "#sync/link.ts";
import { sweep } from "#sync/schedule.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { IsletError, ProviderUnavailable, ReauthorizationRequired } from "../src/errors.ts";
import { silentLog } from "../src/log.ts";
import { Secret } from "../src/secret.ts";
import { fakeVendor, GLUCOSE, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const { signal } = new AbortController();

interface Row {
  status: string; status_code: string | null; cursors: Record<string, Cursor>; backfill_progress: number; next_sync_at: Date | null; last_sync_at: Date | null;
  reconnect_told_at: Date | null; failures: number;
}

const every = (name: string, everySeconds: number, pull: object = {}): Resource => ({
  ...GLUCOSE, name, pull: { maxWindowMs: 30 * DAY_MS, backfillDays: 1, everySeconds, overlapMs: HOUR_MS, ...pull },
});
const GLUCOSE_NOW = every("glucose", 300);
const vendor = fakeVendor({ resources: [GLUCOSE_NOW, every("intraday", 1_800), every("daily", 3_600), every("profile", 86_400)] });
const deep = fakeVendor({ id: "deep", resources: [every("readings", 300, { maxWindowMs: DAY_MS, backfillDays: 90 })] });
let ground: Ground;
let number = 0;
beforeAll(async () => {
  ground = await layGround([vendor.driver, deep.driver]);
});
afterAll(() => ground.close());
beforeEach(async () => {
  await ground.db.asOwner("truncate connections, credentials, provider_accounts, samples, day_blocks, series, changes, deliveries cascade");
  ground.jobs.length = 0;
  for (const each of [vendor, deep]) {
    each.asked.length = 0;
    each.answer = () => [];
  }
});

const windowOf = (request: (typeof vendor.asked)[number]["request"]) => ("window" in request ? request.window : { fromMs: 0, toMs: 0 });
const newRef = async (provider: "fake" | "deep" = "fake"): Promise<ConnectionRef> => {
  number += 1;
  return ground.link(await ground.addPatient(`planned-${number}`), `planned-user-${number}`, provider);
};
const rowOf = async ({ connectionId }: ConnectionRef): Promise<Row> => (await ground.db.asOwner<Row>("select * from connections where id = $1", [connectionId]))[0]!;
const sync = (ref: ConnectionRef, context: SyncContext = ground.context) => syncConnection(context, ref, { signal });
const countOf = async (sql: string, values: unknown[]): Promise<number> => Number((await ground.db.ofSamples<{ n: string }>(sql, values))[0]!.n);
const samplesOf = (ref: ConnectionRef) => countOf("select count(*) as n from samples where patient_id = $1", [ref.patientId]);
const toldOf = (ref: ConnectionRef) => countOf("select count(*) as n from changes where connection_id = $1 and kind = 'connection'", [ref.connectionId]);

/** One worker: takes jobs in the order they were sent, each when its connection's turn comes. Gives who was synced. */
async function work(atMost = Number.POSITIVE_INFINITY): Promise<string[]> {
  const done: string[] = [];
  for (let left = atMost; left > 0; left -= 1) {
    const at = ground.jobs.findIndex(({ queue }) => queue === QUEUES.healthSync);
    if (at < 0) break;
    const [job] = ground.jobs.splice(at, 1);
    await sync(job!.data as unknown as ConnectionRef).catch((error: unknown) => expect(error).toBeInstanceOf(IsletError));
    done.push(job!.data["connectionId"]!);
  }
  return done;
}

/** Lets hours pass for one connection, which is synced whenever the sweep of a minute would find it due. */
async function pass(ref: ConnectionRef, hours: number): Promise<void> {
  const endMs = ground.clock.now() + hours * HOUR_MS;
  for (;;) {
    const dueMs = Math.ceil((await rowOf(ref)).next_sync_at!.getTime() / MINUTE_MS) * MINUTE_MS;
    if (dueMs > endMs) return;
    ground.clock.advance(Math.max(dueMs - ground.clock.now(), 0));
    ground.jobs.length = 0;
    await sweep(ground.context);
    expect(await work()).toEqual([ref.connectionId]);
  }
}

describe("the rhythm", () => {
  it("[E4] is each resource's own: of glucose minutes, of what is told for days hours, of the profile a day", async () => {
    const ref = await newRef();
    await sync(ref);
    vendor.asked.length = 0;
    await pass(ref, 3);
    const times = (name: string): number => vendor.asked.filter(({ resource }) => resource === name).length;
    // Three hours in steps of 5, 30 and 60 minutes; spread by up to a tenth and then found by the next sweep.
    expect(times("glucose")).toBeGreaterThanOrEqual(27);
    expect(times("glucose")).toBeLessThanOrEqual(36);
    expect(times("intraday")).toBeGreaterThanOrEqual(5);
    expect(times("intraday")).toBeLessThanOrEqual(6);
    expect(times("daily")).toBeGreaterThanOrEqual(2);
    expect(times("daily")).toBeLessThanOrEqual(3);
    expect(times("profile")).toBe(0);
  });

  it("[WH-29] finds within a day what a webhook that never came would have told", async () => {
    const ref = await newRef();
    await sync(ref);
    const tookPlaceMs = ground.clock.now() + 10 * MINUTE_MS;
    vendor.answer = (resource, request) => {
      const { fromMs, toMs } = windowOf(request);
      return resource === "profile" && fromMs <= tookPlaceMs && tookPlaceMs < toMs ? [page(resource, [reading(tookPlaceMs, 101)])] : [];
    };
    // Only the slowest resource knows of it, as a vendor that is asked once a day for safety.
    await ground.db.asOwner("update sync_plan set due_at = null where connection_id = $1 and resource <> 'profile'", [ref.connectionId]);
    for (let hour = 0; hour < 24; hour += 1) {
      ground.clock.advance(HOUR_MS);
      await sync(ref);
    }
    expect(await samplesOf(ref)).toBe(1);
  });

  it("[WH-29] of every vendor that calls us is a poll at least once a day, but where the vendor allows none and repeats its calls for days", () => {
    const calling = DRIVERS.filter(({ capabilities }) => capabilities.delivery.startsWith("webhook"));
    const polled = (id: string) => DRIVERS.find((driver) => driver.id === id)!.resources.flatMap(({ pull }) => (pull && !pull.backfillOnly && !pull.deliversByWebhook ? [pull.everySeconds] : []));
    expect(calling.length).toBeGreaterThan(8);
    expect(calling.filter(({ id }) => polled(id).length === 0).map(({ id }) => id)).toEqual(["garmin", "terra"]);
    for (const { id } of calling) for (const seconds of polled(id)) expect(seconds, id).toBeLessThanOrEqual(86_400);
  });
});

describe("turns", () => {
  it("[QU-08] go round by organization and by patient, whatever one of them has waiting", async () => {
    const many: ConnectionRef[] = [];
    for (let each = 0; each < 4; each += 1) many.push(await newRef());
    const crowd = await ground.addPatient("with-two-vendors");
    const twins = [await ground.link(crowd, "twin-1"), await ground.link(crowd, "twin-2", "deep")];
    const [other] = await ground.db.asOwner<{ id: string }>("insert into organizations (name) values ('A small clinic') returning id");
    const small = await ground.link(await ground.addPatient("alone"), "alone");
    // The small clinic's patient came last of all.
    await ground.db.asOwner("update connections set next_sync_at = next_sync_at - interval '1 hour' where id <> $1", [small.connectionId]);
    await moveTo(other!.id, small);
    const order = (await connectionsDue(ground.context)).map(({ connectionId }) => connectionId);
    expect(order).toHaveLength(7);
    expect(order.indexOf(small.connectionId)).toBeLessThanOrEqual(1);
    // The second connection of one patient comes after the first of every other.
    const places = twins.map(({ connectionId }) => order.indexOf(connectionId)).toSorted((one, two) => one - two);
    expect(places[1]).toBe(6);
    expect(places[0]).toBeLessThan(6);
  });

  it("[QU-08] a person with fifty thousand readings keeps nobody waiting for longer than a minute, even with one worker", async () => {
    const heavy = await newRef("deep");
    const others = [await newRef(), await newRef(), await newRef()];
    let given = 0;
    // Ninety days in windows of a day, two and a half seconds each: 51,840 readings take the vendor nearly four minutes.
    deep.answer = (_resource, request) => {
      ground.clock.advance(2_500);
      const { fromMs, toMs } = windowOf(request);
      const times = Array.from({ length: 576 }, (_, index) => fromMs + index * 150_000).filter((at) => at < toMs);
      given += times.length;
      return [page("readings", times.map((at) => reading(at, 100)))];
    };
    const dueMs = ground.clock.now();
    const served = new Map<string, number>();
    let slices = 0;
    await ground.context.queue.send(QUEUES.healthSync, { ...heavy }, { key: heavy.connectionId });
    for (const each of others) await ground.context.queue.send(QUEUES.healthSync, { ...each }, { key: each.connectionId });
    while (ground.jobs.some(({ queue }) => queue === QUEUES.healthSync)) {
      const [id] = await work(1);
      if (id === heavy.connectionId) slices += 1;
      else served.set(id!, ground.clock.now() - dueMs);
    }
    expect(given).toBeGreaterThan(50_000);
    expect(await samplesOf(heavy)).toBe(given);
    expect((await rowOf(heavy)).backfill_progress).toBe(1);
    expect(slices).toBeGreaterThan(5);
    expect(served.size).toBe(3);
    for (const waitedMs of served.values()) expect(waitedMs).toBeLessThan(60_000);
  });

  it("[QU-08] leaves workers for news: when three people's pasts are being fetched, a fourth gets today's first and its past later", async () => {
    const gate = Promise.withResolvers<undefined>();
    const held: ConnectionRef[] = [];
    deep.answer = async function* (_resource, request) {
      if (windowOf(request).toMs < ground.clock.now()) await gate.promise;
      yield* [];
    };
    for (let each = 0; each < 3; each += 1) held.push(await newRef("deep"));
    const runs = held.map((ref) => sync(ref));
    await expect.poll(() => deep.asked.length).toBe(6);
    const fourth = await newRef("deep");
    ground.jobs.length = 0;
    expect(await sync(fourth)).toMatchObject({ wasRun: true });
    const row = await rowOf(fourth);
    expect(row.last_sync_at!.getTime()).toBe(ground.clock.now());
    expect(row.cursors["readings"]).toMatchObject({ throughMs: ground.clock.now(), fromMs: ground.clock.now() - DAY_MS });
    expect(row.next_sync_at!.getTime()).toBe(ground.clock.now() + 15_000);
    expect(ground.jobs.filter(({ key }) => key === fourth.connectionId)).toHaveLength(1);
    gate.resolve(undefined);
    await Promise.all(runs);
    await sync(fourth);
    expect((await rowOf(fourth)).backfill_progress).toBe(1);
  });

  it("[QU-07] of one connection never overlap, whichever of two processes they run in", async () => {
    const second = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 6 });
    try {
      const contexts = [ground.context, await ground.another(second)];
      const refs = [await newRef(), await newRef()];
      const running = new Map<string, number>();
      let most = 0;
      const { promise: gate, resolve: release } = Promise.withResolvers<undefined>();
      vendor.answer = async function* (_resource, _request, call) {
        const whom = call.account.vendorUserId!;
        running.set(whom, (running.get(whom) ?? 0) + 1);
        most = Math.max(most, running.get(whom)!);
        // The first stays until all others have come and gone.
        if (running.get(whom) === 1) await gate;
        running.set(whom, running.get(whom)! - 1);
        yield* [];
      };
      const first = refs.map((ref) => sync(ref));
      await expect.poll(() => vendor.asked.length).toBe(2);
      const others = await Promise.all(Array.from({ length: 24 }, (_, index) => sync(refs[index % 2]!, contexts[Math.floor(index / 2) % 2]!)));
      release(undefined);
      expect(others.filter(({ wasRun }) => wasRun)).toEqual([]);
      expect((await Promise.all(first)).map(({ wasRun }) => wasRun)).toEqual([true, true]);
      expect(most).toBe(1);
    } finally {
      await second.close();
    }
  });
});

describe("the past", () => {
  it("[E4] comes from the newest to the oldest, with progress in the change feed, and goes on where a killed process left it", async () => {
    const ref = await newRef("deep");
    const hours = (fromMs: number, toMs: number) => Array.from({ length: Math.ceil((toMs - fromMs) / HOUR_MS) }, (_, index) => fromMs + index * HOUR_MS);
    deep.answer = (_resource, request) => {
      const { fromMs, toMs } = windowOf(request);
      // As a kill in the middle: no word is written any more, not even that it failed.
      if (deep.asked.length === 40) throw new IsletErrorOfTheEnd();
      return [page("readings", hours(fromMs, toMs).map((at) => reading(at, 100)))];
    };
    await sync(ref).catch(() => undefined);
    await ground.db.asOwner("update connections set failures = 0, status_code = null, sync_lease_id = gen_random_uuid(), sync_lease_until = now() - interval '1 second' where id = $1", [ref.connectionId]);
    await ground.db.asOwner("delete from sync_plan");
    const ends = deep.asked.map(({ request }) => windowOf(request).toMs);
    expect(ends).toEqual(ends.toSorted((one, other) => other - one));
    const killed = await rowOf(ref);
    expect(killed.backfill_progress).toBeGreaterThan(0.42);
    expect(killed.backfill_progress).toBeLessThan(0.45);
    // Each whole percent of it, and the connection itself.
    expect(await toldOf(ref)).toBeGreaterThanOrEqual(39);
    const before = deep.asked.length;
    deep.answer = (_resource, request) => [page("readings", hours(windowOf(request).fromMs, windowOf(request).toMs).map((at) => reading(at, 100)))];
    await sync(ref);
    // One window is asked again: that in which it was killed.
    expect(deep.asked.length - before).toBe(51);
    expect(await samplesOf(ref)).toBe(90 * 24);
    expect(await rowOf(ref)).toMatchObject({ backfill_progress: 1, status: "active" });
    expect(await toldOf(ref)).toBeGreaterThanOrEqual(89);
  });

  it("[VA-08] keeps the pages before the one that failed, moves no cursor over them, and stores none of them twice", async () => {
    const ref = await newRef();
    let isBroken = true;
    const day = (index: number) => Array.from({ length: 5 }, (_, each) => reading(ground.clock.now() - (index * 5 + each + 1) * 5 * MINUTE_MS, 100 + index));
    vendor.answer = function* (resource) {
      if (resource !== "glucose") return;
      for (let index = 0; index < 5; index += 1) {
        if (isBroken && index === 2) throw new ProviderUnavailable("page 3 failed", { vendorStatus: 500 });
        yield page(resource, day(index));
      }
    };
    await expect(sync(ref)).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await samplesOf(ref)).toBe(10);
    const { cursors } = await rowOf(ref);
    expect(cursors["glucose"]!.fromMs).toBe(cursors["glucose"]!.throughMs);
    isBroken = false;
    await ground.db.asOwner("update sync_plan set due_at = to_timestamp(0), failures = 0");
    await sync(ref);
    expect(await samplesOf(ref)).toBe(25);
    expect(await countOf("select count(*) as n from deliveries where connection_id = $1", [ref.connectionId])).toBe(5);
    expect((await rowOf(ref)).cursors["glucose"]).toMatchObject({ fromMs: ground.clock.now() - DAY_MS, throughMs: ground.clock.now() });
  });

  it("[VA-09] that the vendor revises later is taken over by the next overlap, and the raw answers of both times are kept", async () => {
    const ref = await newRef();
    const at = ground.clock.now() - 10 * MINUTE_MS;
    let value = 120;
    vendor.answer = (resource, request) => (resource === "glucose" && windowOf(request).fromMs <= at && at < windowOf(request).toMs ? [page(resource, [reading(at, value)])] : []);
    await sync(ref);
    value = 131;
    ground.clock.advance(HOUR_MS / 2);
    await sync(ref);
    expect(await ground.db.ofSamples("select value from samples where patient_id = $1", [ref.patientId])).toEqual([{ value: 131 }]);
    const raw = await ground.db.asOwner<{ id: string }>("select id from deliveries where connection_id = $1 and state = 'done' order by id", [ref.connectionId]);
    expect(raw).toHaveLength(2);
  });
});

describe("the person", () => {
  const refuse = (): never => {
    throw new ReauthorizationRequired("The vendor wants the person.");
  };

  it("[OA-22] is told once that the vendor wants them again, however often that is found and by whom, and anew after they came back", async () => {
    const person = await ground.addPatient("told");
    const ref = await ground.link(person, "told-user");
    const second = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 4 });
    try {
      const contexts = [ground.context, await ground.another(second)];
      vendor.answer = refuse;
      const before = await toldOf(ref);
      // A sync and the renewals ahead of time find it at once, in both processes; later syncs find it again.
      const connection = await ground.db.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
      await Promise.all([sync(ref).catch(() => undefined), ...[...contexts, ...contexts].map((context) => noteFailure(context, connection, new ReauthorizationRequired("The vendor wants the person.")))]);
      for (const context of contexts) await expect(sync(ref, context)).rejects.toBeInstanceOf(ReauthorizationRequired);
      expect(await toldOf(ref)).toBe(before + 1);
      expect((await rowOf(ref)).reconnect_told_at).not.toBeNull();
      expect(await countOf("select count(*) as n from audit_log where object_id = $1 and action = 'connection.needs_reauthorization'", [ref.connectionId])).toBe(1);
      await linkAccount(ground.context, ground.context.providers.require("fake"), {
        organizationId: ref.organizationId, ...person, settings: {}, account: { vendorUserId: "told-user", grantedScopes: null },
        tokens: { accessToken: new Secret("a"), refreshToken: new Secret("r"), expiresAtMs: ground.clock.now() + DAY_MS, scopes: null },
      });
      expect((await rowOf(ref)).reconnect_told_at).toBeNull();
      const again = await toldOf(ref);
      await expect(sync(ref)).rejects.toBeInstanceOf(ReauthorizationRequired);
      expect(await toldOf(ref)).toBe(again + 1);
    } finally {
      await second.close();
    }
  });

  it("[QU-04] whose vendor fails is left alone ever longer, and sees when it is tried again", async () => {
    const ref = await newRef();
    vendor.answer = () => {
      throw new ProviderUnavailable("away");
    };
    const pauses: number[] = [];
    for (let time = 0; time < 6; time += 1) {
      await sync(ref).catch(() => undefined);
      const { next_sync_at: next } = await rowOf(ref);
      pauses.push(next!.getTime() - ground.clock.now());
      ground.clock.advance(pauses.at(-1)!);
    }
    expect(pauses).toEqual([60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000]);
    expect(await rowOf(ref)).toMatchObject({ status: "error", status_code: "provider_unavailable", failures: 6 });
  });
});

/** Stands for a process that dies: nothing of the house knows it. */
class IsletErrorOfTheEnd extends Error {}

/** Puts a patient with all that is theirs into another organization: only a test does such a thing. */
async function moveTo(organizationId: string, ref: ConnectionRef): Promise<void> {
  const tables = await ground.db.asOwner<{ name: string }>(
    `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'organization_id' and table_name in ('connections', 'credentials', 'provider_accounts')`,
  );
  for (const { name } of tables) {
    const key = name === "connections" ? "id" : "connection_id";
    await ground.db.asOwner(`update ${name} set organization_id = $1 where ${key} = $2`, [organizationId, ref.connectionId]);
  }
}
