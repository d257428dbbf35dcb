/** A vendor that was away when a person disconnected: told later, with what it takes sealed until then, and never against a new consent. Faults OA-23. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { farewellsDue, sayFarewell } from "#sync/farewell.ts";
import { disconnect } from "#sync/disconnect.ts";
import { sweep } from "#sync/schedule.ts";
import { createVault } from "#vault/seal.ts";
import { parseKeyring } from "#vault/keys.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { randomBytes } from "node:crypto";
import type { Driver } from "#driver/types.ts";
import { ProviderUnavailable } from "../src/errors.ts";
import { Secret } from "../src/secret.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";
import { connect } from "./kit/connect.ts";
import { fakeVendor } from "./kit/fake-driver.ts";
import { layGround, TEST_VAULT_KEYS } from "./kit/ground.ts";
import { startStrictVendor } from "./race/refresh.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

/** Signed in afresh: the clock runs on by days here. */
let as: Person;
beforeEach(async () => {
  // What one test did to the vendor is no reason to leave it alone in the next; what was read of it is believed for a second.
  await test.db.asOwner("truncate vendor_states");
  test.clock.advance(2_000);
  const { patient } = test.people;
  as = { ...patient, token: await test.signIn(patient.email) };
});

const setAway = (isAway: boolean): void => test.sim.control.setFault("strava", isAway ? { kind: "server_error", status: 500, at: "any" } : null);
const isAlive = () => test.sim.control.connections().some((one) => one.vendor === "strava" && one.person === "liam" && one.isLive);
const kept = (id: string) => test.db.asOwner<{ access: string; refresh: string; tries: number }>("select access_sealed as access, refresh_sealed as refresh, tries from farewells where connection_id = $1", [id]);
const untold = (id: string) => test.db.asOwner("select outcome from audit_log where action = 'connection.vendor_not_told' and object_id = $1", [id]);
const sweepAndWork = async (): Promise<void> => {
  await sweep(test.app.sync);
  await test.runJobs();
};
const end = async (id: string): Promise<void> => {
  expect((await test.request({ as, method: "DELETE", url: `/api/v1/patients/me/connections/${id}?data=keep` })).statusCode).toBe(204);
  expect(await test.db.asOwner("select 1 from credentials where connection_id = $1", [id])).toEqual([]);
};
/** Ended while the vendor is away. */
const endedUnheard = async (): Promise<string> => {
  const id = await connect(test, as, "strava", { person: "liam" });
  setAway(true);
  await end(id);
  setAway(false);
  expect(isAlive()).toBe(true);
  return id;
};

describe("a vendor that is away when a connection ends", () => {
  it("[OA-23] is told later, from the queue; then what that took is destroyed", async () => {
    const id = await endedUnheard();
    const [row] = await kept(id);
    expect(row).toMatchObject({ access: expect.stringMatching(/^v2\./) as unknown, refresh: expect.stringMatching(/^v2\./) as unknown, tries: 1 });
    await sweepAndWork();
    expect(isAlive()).toBe(true);
    test.clock.advance(5 * MINUTE_MS);
    await sweepAndWork();
    expect(isAlive()).toBe(false);
    expect(await kept(id)).toEqual([]);
    expect(await untold(id)).toEqual([]);
  });

  it("[OA-23] is told once by two workers at the same moment", async () => {
    const id = await endedUnheard();
    test.clock.advance(5 * MINUTE_MS);
    const [ref] = await farewellsDue(test.app.sync);
    expect(ref).toMatchObject({ connectionId: id });
    const told = await Promise.all([1, 2, 3].map(() => sayFarewell(test.app.sync, ref!)));
    expect(told.filter(Boolean)).toEqual([true]);
    expect(isAlive()).toBe(false);
  });

  it("[OA-23] that stays away is left in peace after three days; what it would have taken is destroyed, and the audit log says so", async () => {
    const id = await endedUnheard();
    setAway(true);
    for (let hours = 0; hours < 69; hours += 3) {
      test.clock.advance(3 * HOUR_MS);
      await sweepAndWork();
    }
    expect((await kept(id))[0]!.tries).toBe(24);
    test.clock.advance(4 * HOUR_MS);
    await sweepAndWork();
    setAway(false);
    expect(await kept(id)).toEqual([]);
    expect(await untold(id)).toEqual([{ outcome: "failed" }]);
  });

  it("[OA-23] is not told to end the grant of a new consent by an old word", async () => {
    const id = await endedUnheard();
    const before = await untold(id);
    expect(await connect(test, as, "strava", { person: "liam" })).toBe(id);
    test.clock.advance(5 * MINUTE_MS);
    await sweepAndWork();
    expect(isAlive()).toBe(true);
    expect(await kept(id)).toEqual([]);
    expect(await untold(id)).toEqual(before);
    await end(id);
    expect(isAlive()).toBe(false);
  });

  it("[OA-23] is told with tokens from before there were data keys, too; none of them stays under a key of the ring", async () => {
    const id = await connect(test, as, "strava", { person: "liam" });
    const { sync } = test.app;
    const [row] = await test.db.asOwner<{ version: number }>("select token_version as version from credentials where connection_id = $1", [id]);
    const ref = { organizationId: test.people.organizationId, patientId: as.patientId!, connectionId: id };
    const old = async (field: "access" | "refresh") => {
      const place = { table: "credentials", rowId: `${as.patientId}/${id}`, field, version: row!.version };
      const [{ sealed } = { sealed: "" }] = await test.db.asOwner<{ sealed: string }>(`select ${field}_sealed as sealed from credentials where connection_id = $1`, [id]);
      const keys = await test.db.asOwner<{ id: string; wrapped: string; version: number }>("select id, wrapped, version from patient_keys where patient_id = $1", [as.patientId]);
      return sync.vault.seal(sync.vault.open(sealed, place, keys.map((key) => ({ ...key, ownerId: as.patientId! }))), place);
    };
    await test.db.asOwner("update credentials set access_sealed = $2, refresh_sealed = $3 where connection_id = $1", [id, await old("access"), await old("refresh")]);
    setAway(true);
    const actor = (await test.app.api.sessions.find(as.token))!;
    expect(await disconnect(sync, ref, { actor, erase: false })).toEqual({ toldVendor: false });
    setAway(false);
    expect((await kept(id))[0]!.access).toMatch(/^v2\./);
    test.clock.advance(5 * MINUTE_MS);
    await sweepAndWork();
    expect(isAlive()).toBe(false);
  });

  it("[OA-23] [OA-15] is not told with tokens that the vault refuses: they are destroyed, audited, and the connection ends all the same", async () => {
    const id = await connect(test, as, "strava", { person: "liam" });
    const foreign = createVault({ keys: parseKeyring(TEST_VAULT_KEYS, "K"), activeKeyId: "k1", randomBytes });
    const place = { table: "credentials", rowId: "elsewhere", field: "access", version: 1 };
    await test.db.asOwner("update credentials set access_sealed = $2 where connection_id = $1", [id, foreign.seal(new Secret("moved"), place)]);
    await end(id);
    expect(await kept(id)).toEqual([]);
    expect(await test.db.asOwner("select 1 from audit_log where action = 'vault.refused' and object_id = $1", [id])).toHaveLength(1);
  });
});

describe("a vendor whose refresh tokens work once", () => {
  it("[OA-23] [OA-19] is told later with the tokens of the try that failed, not with the ones before", async () => {
    const vendor = await startStrictVendor();
    let isAway = true;
    const heard: string[] = [];
    const revoke: NonNullable<Driver["revoke"]> = async (call) => {
      await call.fetch("/me");
      if (isAway) throw new ProviderUnavailable("The vendor is away.");
      heard.push(call.account.vendorUserId!);
    };
    const fake = fakeVendor({ change: { revoke } });
    const ground = await layGround([fake.driver], { baseUrl: vendor.baseUrl });
    try {
      const person = await ground.addPatient("leaves");
      const ref = await ground.link(person, "leaves");
      vendor.current = "refresh-of-leaves";
      ground.clock.advance(2 * DAY_MS);
      const actor = { userId: person.userId, organizationId: ground.organizationId, roles: ["patient"] as const, patientId: person.patientId, session: { kind: "bearer" as const, id: null, provenMs: null, scopes: null, hash: Buffer.alloc(32), expiresMs: 0 } };
      expect(await disconnect(ground.context, ref, { actor, erase: false })).toEqual({ toldVendor: false });
      expect(vendor).toMatchObject({ calls: 1, refusals: 0 });
      isAway = false;
      ground.clock.advance(5 * MINUTE_MS);
      expect(await farewellsDue(ground.context)).toEqual([ref]);
      expect(await sayFarewell(ground.context, ref)).toBe(true);
      expect(heard).toEqual(["leaves"]);
      expect(vendor.refusals).toBe(0);
      expect(await ground.db.asOwner("select 1 from farewells")).toEqual([]);
    } finally {
      await ground.close();
      await vendor.close();
    }
  });
});
