/** A person's second factors at rest: authenticator apps, passkeys and recovery codes. Secrets are sealed by the vault. */
import { randomUUID } from "node:crypto";
import type { Tx } from "#db/database.ts";
import type { Place, Vault } from "#vault/seal.ts";
import { Conflict, NotFound } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import type { Passkey } from "./passkeys.ts";
import { hashRecoveryCode } from "./recovery-codes.ts";
import { stepOfCode } from "./totp.ts";

export interface Factor {
  readonly id: string;
  readonly kind: "totp" | "passkey";
  readonly name: string;
  readonly isConfirmed: boolean;
  readonly createdMs: number;
  readonly lastUsedMs: number | null;
}

export interface Owner {
  readonly organizationId: string;
  readonly userId: string;
}

/** More than anybody carries about. */
const MOST_FACTORS = 20;

export function totpPlace(factorId: string): Place {
  return { table: "second_factors", rowId: factorId, field: "secret", version: 1 };
}

/** By when they were made. */
export async function listFactors(tx: Tx, userId: string): Promise<Factor[]> {
  return tx.query<Factor & Record<string, unknown>>(
    `select id, kind, name, confirmed_at is not null as "isConfirmed", created_at as "createdMs", last_used_at as "lastUsedMs" from second_factors
     where user_id = $1 order by created_at, id`,
    [userId],
  );
}

export async function recoveryCodesLeft(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx.query<{ left: number }>("select count(*)::int as left from recovery_codes where user_id = $1 and used_at is null", [userId]);
  return row!.left;
}

/** Keeps an authenticator app that has still to be proved. One that was never proved gives way. */
export async function addTotp(tx: Tx, owner: Owner, made: { readonly name: string; readonly secret: string; readonly vault: Vault }): Promise<string> {
  await refuseTooMany(tx, owner.userId);
  await tx.query("delete from second_factors where user_id = $1 and kind = 'totp' and confirmed_at is null", [owner.userId]);
  const id = randomUUID();
  await tx.query("insert into second_factors (organization_id, user_id, id, kind, name, secret_sealed) values ($1, $2, $3, 'totp', $4, $5)", [
    owner.organizationId, owner.userId, id, made.name, made.vault.seal(new Secret(made.secret), totpPlace(id)),
  ]);
  return id;
}

/** Proves an authenticator app by a first code. False for a wrong one; throws NotFound where nothing waits for a proof. */
export async function confirmTotp(tx: Tx, userId: string, factorId: string, asked: { readonly code: string; readonly nowMs: number; readonly vault: Vault }): Promise<boolean> {
  const [row] = await tx.query<{ secret_sealed: string }>("select secret_sealed from second_factors where id = $1 and user_id = $2 and kind = 'totp' and confirmed_at is null for update", [factorId, userId]);
  if (!row) throw new NotFound("There is no authenticator app that waits for its first code.");
  const step = stepOfCode(asked.vault.open(row.secret_sealed, totpPlace(factorId)).open(), asked.code, asked.nowMs);
  if (step === null) return false;
  await tx.query("update second_factors set confirmed_at = to_timestamp($2::float8 / 1000), last_step = $3 where id = $1", [factorId, asked.nowMs, step]);
  return true;
}

/** Keeps a passkey that was just made. Throws Conflict for one that is somebody's already. */
export async function addPasskey(tx: Tx, owner: Owner, made: { readonly name: string; readonly passkey: Passkey & { readonly isBackedUp: boolean }; readonly nowMs: number }): Promise<string> {
  await refuseTooMany(tx, owner.userId);
  const { credentialId, publicKey, counter, transports, isBackedUp } = made.passkey;
  const [row] = await tx.query<{ id: string }>(
    `insert into second_factors (organization_id, user_id, kind, name, credential_id, public_key, counter, transports, is_backed_up, confirmed_at)
     values ($1, $2, 'passkey', $3, $4, $5, $6, $7, $8, to_timestamp($9::float8 / 1000)) on conflict (credential_id) do nothing returning id`,
    [owner.organizationId, owner.userId, made.name, credentialId, Buffer.from(publicKey), counter, transports, isBackedUp, made.nowMs],
  );
  if (!row) throw new Conflict("This passkey is in use already.", { code: "passkey_known" });
  return row.id;
}

export interface StoredPasskey extends Passkey {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
}

const PASSKEY = `id, user_id as "userId", organization_id as "organizationId", credential_id as "credentialId", public_key as "publicKey", counter::float8 as counter, transports`;

export async function passkeysOf(tx: Tx, userId: string): Promise<StoredPasskey[]> {
  return tx.query<StoredPasskey & Record<string, unknown>>(`select ${PASSKEY} from second_factors where user_id = $1 and kind = 'passkey' order by created_at`, [userId]);
}

export async function findPasskey(tx: Tx, credentialId: string): Promise<StoredPasskey | null> {
  return (await tx.query<StoredPasskey & Record<string, unknown>>(`select ${PASSKEY} from second_factors where credential_id = $1`, [credentialId]))[0] ?? null;
}

/** Notes the use of a passkey. False when another use with this or a later counter was faster: a copy. */
export async function notePasskeyUse(tx: Tx, id: string, used: { readonly counter: number; readonly isBackedUp: boolean; readonly nowMs: number }): Promise<boolean> {
  // Passkeys that are kept in an account count nothing: theirs is 0 for ever.
  const rows = await tx.query(
    `update second_factors set counter = $2, is_backed_up = $3, last_used_at = to_timestamp($4::float8 / 1000) where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning 1 as noted`,
    [id, used.counter, used.isBackedUp, used.nowMs],
  );
  return rows.length > 0;
}

/** What the person can be asked for beside the password. */
export async function secondFactorsOf(tx: Tx, userId: string): Promise<{ readonly totp: boolean; readonly passkey: boolean }> {
  const rows = await tx.query<{ kind: string }>("select distinct kind from second_factors where user_id = $1 and confirmed_at is not null", [userId]);
  return { totp: rows.some(({ kind }) => kind === "totp"), passkey: rows.some(({ kind }) => kind === "passkey") };
}

/** Whether there is anything to ask for beside the password. */
export async function hasSecondFactor(tx: Tx, userId: string): Promise<boolean> {
  const { totp, passkey } = await secondFactorsOf(tx, userId);
  return totp || passkey;
}

/** Whether the code is one of an authenticator app of this person, now and for the first time. */
export async function useTotp(tx: Tx, userId: string, asked: { readonly code: string; readonly nowMs: number; readonly vault: Vault }): Promise<boolean> {
  const apps = await tx.query<{ id: string; secret_sealed: string }>("select id, secret_sealed from second_factors where user_id = $1 and kind = 'totp' and confirmed_at is not null order by id", [userId]);
  for (const { id, secret_sealed: sealed } of apps) {
    const step = stepOfCode(asked.vault.open(sealed, totpPlace(id)).open(), asked.code, asked.nowMs);
    if (step === null) continue;
    const used = await tx.query("update second_factors set last_step = $2, last_used_at = to_timestamp($3::float8 / 1000) where id = $1 and last_step < $2 returning 1 as used", [id, step, asked.nowMs]);
    if (used.length > 0) return true;
  }
  return false;
}

/** Whether the code is a recovery code of this person that was not used before. */
export async function useRecoveryCode(tx: Tx, userId: string, asked: { readonly code: string; readonly nowMs: number }): Promise<boolean> {
  const used = await tx.query("update recovery_codes set used_at = to_timestamp($3::float8 / 1000) where user_id = $1 and code_hash = $2 and used_at is null returning 1 as used", [
    userId, hashRecoveryCode(userId, asked.code), asked.nowMs,
  ]);
  return used.length > 0;
}

/** Puts new codes in the place of all that there were. */
export async function replaceRecoveryCodes(tx: Tx, owner: Owner, codes: readonly string[]): Promise<void> {
  await tx.query("delete from recovery_codes where user_id = $1", [owner.userId]);
  await tx.query("insert into recovery_codes (organization_id, user_id, code_hash) select $1, $2, h.hash from unnest($3::bytea[]) as h (hash)", [
    owner.organizationId, owner.userId, codes.map((code) => hashRecoveryCode(owner.userId, code)),
  ]);
}

/** Renames a factor. Throws NotFound. */
export async function renameFactor(tx: Tx, userId: string, factorId: string, name: string): Promise<void> {
  const rows = await tx.query("update second_factors set name = $3 where id = $1 and user_id = $2 returning 1 as renamed", [factorId, userId, name]);
  if (rows.length === 0) throw new NotFound("There is no such factor.");
}

/** Removes a factor, and with the last one the recovery codes. Throws NotFound. */
export async function removeFactor(tx: Tx, userId: string, factorId: string): Promise<void> {
  const rows = await tx.query("delete from second_factors where id = $1 and user_id = $2 returning 1 as removed", [factorId, userId]);
  if (rows.length === 0) throw new NotFound("There is no such factor.");
  await tx.query("delete from recovery_codes where user_id = $1 and not exists (select 1 from second_factors where user_id = $1 and confirmed_at is not null)", [userId]);
}

async function refuseTooMany(tx: Tx, userId: string): Promise<void> {
  const [row] = await tx.query<{ count: number }>("select count(*)::int as count from second_factors where user_id = $1 and confirmed_at is not null", [userId]);
  if (row!.count >= MOST_FACTORS) throw new Conflict(`An account has at most ${MOST_FACTORS} second factors: remove one first.`, { code: "too_many_factors" });
}
