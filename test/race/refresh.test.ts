/** A short refresh race, its control, and real kills in the window between the vendor's answer and our commit. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionRef } from "#sync/connections.ts";
import type { SyncContext } from "#sync/context.ts";
import { refreshIsNear, refreshNow } from "#sync/refresh-sweep.ts";
import type { Database } from "#db/database.ts";
import { silentLog } from "../../src/log.ts";
import { createTestDatabase, type TestDatabase } from "../kit/database.ts";
import { openRacePlace } from "./place.ts";
import { linkSomebody, raceRefresh, startRacer, startStrictVendor, type Racer, type StrictVendor } from "./refresh.ts";

const ROUNDS = 15;
const WAIT_MS = 120_000;

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

describe("six processes with eight callers each", () => {
  it(`[OA-16] [G8] ask the vendor once in each of ${ROUNDS} rounds, and all get the new token`, { timeout: WAIT_MS }, async () => {
    const race = await raceRefresh({ appUrl: db.appUrl, ownerUrl: db.ownerUrl, rounds: ROUNDS, seed: 20_261_121 });
    expect(race).toMatchObject({ vendorCalls: ROUNDS, refusals: 0, wrongRounds: 0, wrongTokens: 0, hurtRounds: 0, errors: {} });
    // Each refresh was measured: the loss window is no blind spot (G9).
    expect(race.lossWindowsMs).toHaveLength(ROUNDS);
  });

  it("[G8] spend a token several times over when they look, call and store without more: the race is a race", { timeout: WAIT_MS }, async () => {
    const race = await raceRefresh({ appUrl: db.appUrl, ownerUrl: db.ownerUrl, rounds: 3, seed: 20_261_121, isNaive: true });
    expect(race.refusals).toBeGreaterThan(0);
    expect(race.errors["ReauthorizationRequired"]).toBeGreaterThan(0);
  });
});

describe("a process that is killed after the vendor changed the tokens and before they were stored", () => {
  let vendor: StrictVendor;
  let ref: ConnectionRef;
  let place: { context: SyncContext; database: Database };
  let racer: Racer;
  const told: { event?: string }[] = [];

  beforeEach(async () => {
    vendor = await startStrictVendor();
    ref = await linkSomebody(db.appUrl, db.ownerUrl, vendor);
    told.length = 0;
    place = await openRacePlace(db.appUrl, vendor.baseUrl, { ...silentLog, error: (fields) => void told.push(fields) });
    racer = await startRacer("doomed", { appUrl: db.appUrl, baseUrl: vendor.baseUrl, ref });
    vendor.meanwhile = async () => {
      racer.child.kill("SIGKILL");
      await racer.end();
    };
    await expect(racer.go([null, null])).rejects.toThrow("ended");
    vendor.meanwhile = () => Promise.resolve();
  });
  afterEach(async () => {
    await racer.end();
    await place.database.close();
    await vendor.close();
  });

  const row = async () =>
    (await db.asOwner<object>(
      `select c.status, c.status_code, k.token_version, k.refresh_cut_off as cut_off, k.refresh_cut_off_at is not null as is_open, k.refresh_lease_id is not null as is_leased
       from credentials k join connections c on c.patient_id = k.patient_id and c.id = k.connection_id where c.id = $1`, [ref.connectionId],
    ))[0];
  const isDue = async (): Promise<boolean> => (await refreshIsNear(place.context)).some(({ connectionId }) => connectionId === ref.connectionId);
  /** The lease of the dead one has run out, by the database's clock. */
  const leaseEnds = () => db.asOwner("update credentials set refresh_lease_until = now() where connection_id = $1", [ref.connectionId]);
  /** As if the token that was stored lived on: it is the mark alone that is looked for. */
  const lives = () => db.asOwner("update credentials set expires_at = now() + interval '1 day' where connection_id = $1", [ref.connectionId]);

  it("[OA-19] [G9] is found by the sweep; a strict vendor is asked once with the old token, then the person is, and it is counted", { timeout: WAIT_MS }, async () => {
    await lives();
    expect(vendor.calls).toBe(1);
    expect(await row()).toEqual({ status: "active", status_code: null, token_version: 1, cut_off: 0, is_open: false, is_leased: true });
    expect(await isDue()).toBe(false);
    await leaseEnds();
    expect(await isDue()).toBe(true);
    await refreshNow(place.context, ref);
    expect(vendor).toMatchObject({ calls: 2, refusals: 1 });
    expect(await row()).toMatchObject({ status: "needs_reauthorization", cut_off: 1, is_leased: false });
    expect(told).toEqual([expect.objectContaining({ event: "refresh_cut_off", connection: ref.connectionId })]);
    expect(await db.asOwner("select 1 from audit_log where action = 'connection.needs_reauthorization' and object_id = $1", [ref.connectionId])).toHaveLength(1);
    expect(await isDue()).toBe(false);
    expect(vendor.calls).toBe(2);
  });

  it("[OA-19] costs nothing at a vendor that takes the old token once more", { timeout: WAIT_MS }, async () => {
    await lives();
    vendor.isStrict = false;
    await leaseEnds();
    await refreshNow(place.context, ref);
    expect(vendor).toMatchObject({ calls: 2, refusals: 0 });
    expect(await row()).toEqual({ status: "active", status_code: null, token_version: 2, cut_off: 1, is_open: false, is_leased: false });
    expect(await isDue()).toBe(false);
  });
});
