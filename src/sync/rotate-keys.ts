/**
 * Changing the vault's key while Islet runs: data keys are wrapped anew and what lies under a ring key directly is sealed anew, in small
 * transactions that each leave everything readable. How far it has come stands in the rows, so that a kill costs one batch. Faults §5.1.
 */
import type { Tx } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import { VaultRefused } from "../errors.ts";
import type { DataKey, Place, Vault } from "#vault/seal.ts";
import { openAccess, openRefresh, sealTokens, type SealedTokens } from "./sealed-tokens.ts";
import { readDataKeys } from "./patient-keys.ts";
import { privacyKeyPlace } from "./privacy-keys.ts";
import { subscriptionPlace } from "./subscriptions.ts";
import { sealPeopleAgain } from "./rotate-people.ts";
import { verifierPlace } from "./connect.ts";
import { organizationIds } from "./ring-keys.ts";
import { withVaultAlarm, type SealedThing } from "./vault-alarm.ts";
import type { SyncContext } from "./context.ts";

export type RotationContext = Pick<SyncContext, "database" | "vault" | "clock" | "log">;

/** Rows of one transaction. */
const BATCH = 200;
/** What others hold locked is looked for again so often. */
const PASSES = 20;
const PASS_PAUSE_MS = 250;

export interface RotationProgress {
  /** Data keys wrapped by the first key. */
  readonly wrapped: number;
  /** Secrets sealed anew. */
  readonly sealed: number;
  /** Values that do not open with any key of the ring: left as they are, audited. */
  readonly refused: number;
}

type Count = { -readonly [Name in keyof RotationProgress]: RotationProgress[Name] };

/** What one run has met; refused rows are not tried twice. */
interface Run {
  readonly context: RotationContext;
  readonly count: Count;
  readonly refused: Set<string>;
  readonly onProgress: (progress: RotationProgress) => void;
}

/** Brings everything under the first key of the ring. Safe beside running servers, beside another rotation, and to begin again after a kill. */
export async function rotateKeys(context: RotationContext, onProgress: (progress: RotationProgress) => void = () => undefined): Promise<RotationProgress> {
  const run: Run = { context, count: { wrapped: 0, sealed: 0, refused: 0 }, refused: new Set(), onProgress };
  for (let pass = 1; pass <= PASSES; pass += 1) {
    const before = run.count.wrapped + run.count.sealed;
    await sealSubscriptions(run);
    await sealPrivacyKeys(run);
    for (const organizationId of await organizationIds(context.database)) await rotateOrganization(run, organizationId);
    // A row that was locked is there again in the next pass; one pass that finds nothing is the end.
    if (run.count.wrapped + run.count.sealed === before) break;
    if (pass < PASSES) await context.clock.sleep(PASS_PAUSE_MS);
  }
  await context.database.asSystem((tx) => audit(tx, null, {
    action: "vault.rotated", objectType: "vault_key", objectId: context.vault.activeKeyId, outcome: run.count.refused > 0 ? "failed" : "done",
  }));
  return { ...run.count };
}

async function rotateOrganization(run: Run, organizationId: string): Promise<void> {
  const { database } = run.context;
  const batches = [wrapBatch, tokenBatch, stateBatch, peopleBatch] as const;
  for (const batch of batches) {
    for (;;) {
      const refusals: SealedThing[] = [];
      const found = await database.withOrganization(organizationId, (tx) => batch(run, tx, { organizationId, refusals }));
      for (const thing of refusals) await refuse(run, thing);
      if (found > 0) run.onProgress({ ...run.count });
      if (found < BATCH) break;
    }
  }
}

/** Where a batch puts what does not open: told after its transaction, which must not hang on it. */
interface BatchOf {
  readonly organizationId: string;
  readonly refusals: SealedThing[];
}

async function refuse(run: Run, thing: SealedThing): Promise<void> {
  run.refused.add(thing.objectId);
  run.count.refused += 1;
  const told = withVaultAlarm(run.context, thing, () => Promise.reject(new VaultRefused(`A value in ${thing.table} does not open with any key of the ring.`)));
  await told.catch((error: unknown) => {
    if (!(error instanceof VaultRefused)) throw error;
  });
}

/** Null for what does not open. */
function tried<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof VaultRefused) return null;
    throw error;
  }
}

async function wrapBatch(run: Run, tx: Tx, { organizationId, refusals }: BatchOf): Promise<number> {
  const { vault } = run.context;
  const rows = await tx.query<{ patient_id: string; id: string; wrapped: string; version: number }>(
    `select patient_id, id, wrapped, version from patient_keys where ring_key_id <> $1 and id::text <> all ($2::text[])
     order by patient_id, id limit ${BATCH} for update skip locked`, [vault.activeKeyId, [...run.refused]],
  );
  const next: DataKey[] = [];
  for (const { patient_id: ownerId, id, wrapped, version } of rows) {
    const key = tried(() => vault.rewrap({ id, ownerId, wrapped, version }));
    if (key) next.push(key);
    else refusals.push({ organizationId, patientId: ownerId, table: "patient_keys", objectId: id });
  }
  const done = await tx.query(
    `update patient_keys k set wrapped = n.wrapped, version = n.version
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) as n (patient_id, id, wrapped, version)
     where k.patient_id = n.patient_id and k.id = n.id and k.version = n.version - 1 returning 1`,
    [next.map((key) => key.ownerId), next.map((key) => key.id), next.map((key) => key.wrapped), next.map((key) => key.version)],
  );
  run.count.wrapped += done.length;
  return rows.length;
}

/** Tokens from before there were data keys go under their patient's, at the version they have: nobody who works with them notices. */
async function tokenBatch(run: Run, tx: Tx, { organizationId, refusals }: BatchOf): Promise<number> {
  const { context } = run;
  const rows = await tx.query<Pick<SealedTokens, "access_sealed" | "refresh_sealed" | "token_version"> & { patient_id: string; connection_id: string }>(
    `select patient_id, connection_id, access_sealed, refresh_sealed, token_version from credentials
     where (access_ring_key_id is not null or refresh_ring_key_id is not null) and connection_id::text <> all ($1::text[])
     order by patient_id, connection_id limit ${BATCH} for update skip locked`, [[...run.refused]],
  );
  for (const row of rows) {
    const ref = { organizationId, patientId: row.patient_id, connectionId: row.connection_id };
    const keys = await readDataKeys(tx, ref.patientId);
    const plain = tried(() => ({ accessToken: openAccess(context, ref, { ...row, keys }), refreshToken: openRefresh(context, ref, { ...row, keys }) }));
    if (!plain) {
      refusals.push({ organizationId, patientId: ref.patientId, table: "credentials", objectId: ref.connectionId });
      continue;
    }
    const { access, refresh } = await sealTokens(tx, context, ref, { tokens: plain, version: row.token_version, kept: null });
    await tx.query("update credentials set access_sealed = $4, refresh_sealed = $5 where patient_id = $1 and connection_id = $2 and token_version = $3", [
      ref.patientId, ref.connectionId, row.token_version, access, refresh,
    ]);
    run.count.sealed += refresh === null ? 1 : 2;
  }
  return rows.length;
}

/** Verifiers of consents under way; those that are over go. */
async function stateBatch(run: Run, tx: Tx, { organizationId, refusals }: BatchOf): Promise<number> {
  const { vault, clock } = run.context;
  await tx.query("delete from oauth_states where expires_at < to_timestamp($1::float8 / 1000) and ring_key_id <> $2", [clock.now(), vault.activeKeyId]);
  const rows = await tx.query<{ state_hash: Buffer; verifier_sealed: string }>(
    `select state_hash, verifier_sealed from oauth_states where ring_key_id <> $1 and encode(state_hash, 'hex') <> all ($2::text[])
     limit ${BATCH} for update skip locked`, [vault.activeKeyId, [...run.refused]],
  );
  for (const { state_hash: hash, verifier_sealed: sealed } of rows) {
    const again = tried(() => sealAgain(vault, sealed, verifierPlace(hash)));
    if (again === null) refusals.push({ organizationId, table: "oauth_states", objectId: hash.toString("hex") });
    else {
      await tx.query("update oauth_states set verifier_sealed = $2 where state_hash = $1", [hash, again]);
      run.count.sealed += 1;
    }
  }
  return rows.length;
}

/** National ids, and links in mails that wait. */
async function peopleBatch(run: Run, tx: Tx, { organizationId, refusals }: BatchOf): Promise<number> {
  const { vault } = run.context;
  const done = await sealPeopleAgain(tx, { vault, refused: [...run.refused], most: BATCH }, (sealed, place) => tried(() => sealAgain(vault, sealed, place)));
  run.count.sealed += done.sealed;
  refusals.push(...done.refusals.map((thing) => ({ ...thing, organizationId })));
  return done.found;
}

/** Secrets of the app's own subscriptions: few, and nobody's. */
async function sealSubscriptions(run: Run): Promise<void> {
  const { vault, database } = run.context;
  const refused = await database.asSystem(async (tx) => {
    const bad: SealedThing[] = [];
    const rows = await tx.query<{ provider: string; verify_token_sealed: string; secret_sealed: string | null }>(
      `select provider, verify_token_sealed, secret_sealed from provider_subscriptions
       where (verify_ring_key_id <> $1 or secret_ring_key_id <> $1) and provider <> all ($2::text[]) for update skip locked`, [vault.activeKeyId, [...run.refused]],
    );
    for (const { provider, verify_token_sealed: verify, secret_sealed: secret } of rows) {
      const again = tried(() => [
        sealAgain(vault, verify, subscriptionPlace(provider, "verify_token")), secret === null ? null : sealAgain(vault, secret, subscriptionPlace(provider, "secret")),
      ]);
      if (!again) bad.push({ organizationId: null, table: "provider_subscriptions", objectId: provider });
      else {
        await tx.query("update provider_subscriptions set verify_token_sealed = $2, secret_sealed = $3 where provider = $1", [provider, ...again]);
        run.count.sealed += secret === null ? 1 : 2;
      }
    }
    return bad;
  });
  for (const thing of refused) await refuse(run, thing);
}

/** What digests and pseudonyms are made with: few, and nobody's. */
async function sealPrivacyKeys(run: Run): Promise<void> {
  const { vault, database } = run.context;
  const refused = await database.asSystem(async (tx) => {
    const bad: SealedThing[] = [];
    const rows = await tx.query<{ name: string; sealed: string }>(
      "select name, sealed from privacy_keys where ring_key_id <> $1 and name <> all ($2::text[]) for update skip locked", [vault.activeKeyId, [...run.refused]],
    );
    for (const { name, sealed } of rows) {
      const again = tried(() => sealAgain(vault, sealed, privacyKeyPlace(name)));
      if (again === null) bad.push({ organizationId: null, table: "privacy_keys", objectId: name });
      else {
        await tx.query("update privacy_keys set sealed = $2 where name = $1", [name, again]);
        run.count.sealed += 1;
      }
    }
    return bad;
  });
  for (const thing of refused) await refuse(run, thing);
}

function sealAgain(vault: Vault, sealed: string, place: Place): string {
  return vault.seal(vault.open(sealed, place), place);
}
