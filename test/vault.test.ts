/** Sealed values that were moved, cut or brought from elsewhere: refused, audited, told in the log, and never shown. Faults §5.1. */
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConnection, type Connection, type ConnectionRef } from "#sync/connections.ts";
import { tokenSource } from "#sync/credentials.ts";
import { disconnect } from "#sync/disconnect.ts";
import { rotateKeys } from "#sync/rotate-keys.ts";
import { findSubscription } from "#sync/subscriptions.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { parseKeyring } from "#vault/keys.ts";
import { createVault } from "#vault/seal.ts";
import { HOUR_MS } from "#units/time.ts";
import { problemOf } from "../src/api/problem.ts";
import { VaultRefused } from "../src/errors.ts";
import { silentLog } from "../src/log.ts";
import { Secret } from "../src/secret.ts";
import { fakeVendor } from "./kit/fake-driver.ts";
import { layGround, TEST_VAULT_KEYS, type Ground } from "./kit/ground.ts";

const told: object[] = [];
let ground: Ground;
/** Two people of one clinic, and one of them again at another vendor. */
let mine: ConnectionRef;
let mineElsewhere: ConnectionRef;
let theirs: ConnectionRef;
let connection: Connection;
let people = 0;

const [fake, other] = [fakeVendor(), fakeVendor({ id: "other" })];
// A vendor that is told of a disconnect.
Object.assign(fake.driver.auth, { revokePath: "/revoke" });
beforeAll(async () => {
  ground = await layGround([fake.driver, other.driver], { log: { ...silentLog, error: (fields) => void told.push(fields) } });
});
afterAll(() => ground.close());

beforeEach(async () => {
  people += 1;
  told.length = 0;
  const me = await ground.addPatient(`me-${people}`);
  mine = await ground.link(me, `me-${people}`);
  mineElsewhere = await ground.link(me, `me-elsewhere-${people}`, "other");
  theirs = await ground.link(await ground.addPatient(`they-${people}`), `they-${people}`);
  connection = await ground.db.database.withOrganization(mine.organizationId, (tx) => readConnection(tx, mine.patientId, mine.connectionId));
});

const token = async () => (await tokenSource(ground.context, connection).accessToken()).open();
const audited = (objectId: string) =>
  ground.db.asOwner("select organization_id, patient_id, object_type, outcome from audit_log where action = 'vault.refused' and object_id = $1", [objectId]);
const copy = (column: string, from: ConnectionRef, to: ConnectionRef) =>
  ground.db.asOwner(`update credentials set ${column} = (select ${column} from credentials where connection_id = $1) where connection_id = $2`, [from.connectionId, to.connectionId]);
const set = (text: string) => ground.db.asOwner("update credentials set access_sealed = $2 where connection_id = $1", [mine.connectionId, text]);
const sealedNow = async () => (await ground.db.asOwner<{ text: string }>("select access_sealed as text from credentials where connection_id = $1", [mine.connectionId]))[0]!.text;

/** What a break-in to the database, or a bad hand at it, could do to a token. */
const breaks: Record<string, () => Promise<unknown>> = {
  "swapped with another person's": () => copy("access_sealed", theirs, mine),
  "swapped with another connection's of the same person": () => copy("access_sealed", mineElsewhere, mine),
  "swapped with the refresh token": () => ground.db.asOwner("update credentials set access_sealed = refresh_sealed where connection_id = $1", [mine.connectionId]),
  truncated: async () => set((await sealedNow()).slice(0, -3)),
  "cut down in its tag": async () => {
    const parts = (await sealedNow()).split(".");
    await set(parts.with(3, Buffer.from(parts[3]!, "base64url").subarray(0, 4).toString("base64url")).join("."));
  },
  "sealed elsewhere under a key of the same name": async () => {
    const foreign = createVault({ keys: parseKeyring(`k1:${"77".repeat(32)}`, "K"), activeKeyId: "k1", randomBytes });
    await set(foreign.seal(new Secret("theirs"), { table: "credentials", rowId: `${mine.patientId}/${mine.connectionId}`, field: "access", version: 1 }));
  },
  "rolled back to an older one": async () => {
    const old = await sealedNow();
    await ground.link({ patientId: mine.patientId, userId: (await ground.db.asOwner<{ id: string }>("select user_id as id from patients where id = $1", [mine.patientId]))[0]!.id }, `me-${people}`);
    await set(old);
  },
  "left without its key, which was destroyed": () => ground.db.asOwner("delete from patient_keys where patient_id = $1", [mine.patientId]),
  "given another person's key": () =>
    ground.db.asOwner("update patient_keys k set wrapped = (select wrapped from patient_keys where patient_id = $1) where patient_id = $2", [theirs.patientId, mine.patientId]),
};

describe("a token that was", () => {
  it.each(Object.keys(breaks))("[OA-15] %s is refused, audited once an hour, and told without a word of it", async (name) => {
    expect(await token()).toBe(`access-of-me-${people}`);
    await breaks[name]!();
    const error = await token().then(() => null, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VaultRefused);
    await expect(token()).rejects.toBeInstanceOf(VaultRefused);
    expect(await audited(mine.connectionId)).toEqual([{ organization_id: ground.organizationId, patient_id: mine.patientId, object_type: "credentials", outcome: "failed" }]);
    expect(told).toEqual([{ event: "vault_refused", table: "credentials", id: mine.connectionId, error: expect.any(VaultRefused) as unknown }]);
    const shown = inspect([error, told], { depth: 9, showHidden: true }) + JSON.stringify([error, problemOf(error)]);
    expect(shown).not.toMatch(/access-of|refresh-of|abababab/);
    expect(shown).not.toContain((await sealedNow()).split(".")[4]);
    ground.clock.advance(HOUR_MS);
    await expect(token()).rejects.toBeInstanceOf(VaultRefused);
    expect(await audited(mine.connectionId)).toHaveLength(2);
  });

  it("broken fails its own connection's sync, and nobody else's", async () => {
    await copy("access_sealed", theirs, mine);
    fake.answer = async function* (_resource, _request, call) {
      await call.fetch("/data");
      yield* [];
    };
    await expect(syncConnection(ground.context, mine, { signal: AbortSignal.timeout(10_000) })).rejects.toBeInstanceOf(VaultRefused);
    fake.answer = () => [];
    expect(await audited(mine.connectionId)).toHaveLength(1);
    expect(await ground.db.asOwner("select status, status_code, failures from connections where id = $1", [mine.connectionId])).toMatchObject([{ status: "active", failures: 1 }]);
    expect((await syncConnection(ground.context, theirs, { signal: AbortSignal.timeout(10_000) })).wasRun).toBe(true);
  });

  it("broken does not keep a connection from ending", async () => {
    await set("v2.nonsense");
    const actor = { userId: null as never, organizationId: ground.organizationId, roles: ["patient"] as const, patientId: mine.patientId, session: { kind: "bearer" as const, id: null, provenMs: null, scopes: null, hash: Buffer.alloc(32), expiresMs: 0 } };
    expect(await disconnect(ground.context, mine, { actor, erase: false })).toEqual({ toldVendor: false });
    expect(await ground.db.asOwner("select 1 from credentials where connection_id = $1", [mine.connectionId])).toEqual([]);
    expect(await audited(mine.connectionId)).toHaveLength(1);
  });
});

describe("another sealed value", () => {
  it("of a subscription at a vendor is refused in the place of another vendor's, and audited as nobody's", async () => {
    const { vault } = ground.context;
    const place = (provider: string) => ({ table: "provider_subscriptions", rowId: provider, field: "verify_token", version: 1 });
    await ground.db.asOwner("insert into provider_subscriptions (provider, callback_url, verify_token_sealed) values ('fake', 'https://islet.example', $1)", [vault.seal(new Secret("verify"), place("other"))]);
    await expect(findSubscription(ground.context, "fake")).rejects.toBeInstanceOf(VaultRefused);
    expect(await audited("fake")).toEqual([{ organization_id: null, patient_id: null, object_type: "provider_subscriptions", outcome: "failed" }]);
    await ground.db.asOwner("delete from provider_subscriptions");
  });
});

describe("a change of the key", () => {
  it("[G10] leaves what does not open as it is, names it in the audit log, ends, and does the rest", async () => {
    await ground.db.asOwner("update patient_keys k set wrapped = (select wrapped from patient_keys where patient_id = $1) where patient_id = $2", [theirs.patientId, mine.patientId]);
    const [broken] = await ground.db.asOwner<{ id: string; wrapped: string }>("select id, wrapped from patient_keys where patient_id = $1", [mine.patientId]);
    const next = await ground.another(ground.db.database, `k2:${"cd".repeat(32)},${TEST_VAULT_KEYS}`);
    const done = await rotateKeys(next);
    expect(done.refused).toBeGreaterThanOrEqual(1);
    expect(done.wrapped).toBeGreaterThanOrEqual(1);
    expect(await ground.db.asOwner("select wrapped from patient_keys where id = $1", [broken!.id])).toEqual([{ wrapped: broken!.wrapped }]);
    expect(await audited(broken!.id)).toEqual([{ organization_id: ground.organizationId, patient_id: mine.patientId, object_type: "patient_keys", outcome: "failed" }]);
    expect(await ground.db.asOwner("select outcome from audit_log where action = 'vault.rotated' order by id desc limit 1")).toEqual([{ outcome: "failed" }]);
    expect(await ground.db.asOwner("select split_part(wrapped, '.', 2) as key from patient_keys where patient_id = $1", [theirs.patientId])).toEqual([{ key: "k2" }]);
  });
});
