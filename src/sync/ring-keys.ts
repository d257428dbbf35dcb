/**
 * The keys of the vault's ring against what the database holds: a wrong key stops the start, an old one may go once nothing lies under it.
 * That the database knows by references from every sealed column; it is never a count of ours that decides. Faults §5.1.
 */
import { randomBytes } from "node:crypto";
import { sqlState, type Database } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import { parseKeyring } from "#vault/keys.ts";
import { createVault, type Vault } from "#vault/seal.ts";
import { ConfigError } from "../errors.ts";

const FOREIGN_KEY_VIOLATION = "23503";

/** What the vault is opened for: a server makes its keys known to the database, a rotation wants its first key known, a look wants nothing. */
export type RingUse = "serve" | "rotate" | "look";

/**
 * The vault of a ring written `id:hex,…`, whose first key seals. Throws ConfigError for a ring that cannot be read, a key that is not the one
 * the data was sealed with, a key that is missing while something lies under it, and (for a rotation) a first key that no server was
 * started with.
 */
export async function openVault(database: Database, ring: string, use: RingUse = "serve"): Promise<Vault> {
  const keys = parseKeyring(ring, "ISLET_VAULT_KEYS");
  const ids = keys.map(({ id }) => id);
  const vault = createVault({ keys, activeKeyId: ids[0]!, randomBytes });
  const stored = await database.asSystem((tx) => tx.query<{ key_id: string; check_text: string }>("select key_id, check_text from vault_key_checks"));
  for (const { key_id: id, check_text: check } of stored) {
    if (ids.includes(id)) vault.verifyKeyCheck(id, check);
    else if (!(await isUnused(database, id))) {
      throw new ConfigError(`The vault key ${id} is missing from ISLET_VAULT_KEYS, and tokens are sealed with it: add it behind the first key, and run \`islet keys rotate\` before you remove it.`);
    }
  }
  const unknown = ids.filter((id) => !stored.some(({ key_id: known }) => known === id));
  if (use === "rotate" && unknown.includes(vault.activeKeyId)) {
    throw new ConfigError(`No Islet was started with the vault key ${vault.activeKeyId} yet: restart all its processes with it first, or they could not open what is sealed with it.`);
  }
  if (use === "serve" && unknown.length > 0) {
    await database.asSystem(async (tx) => {
      for (const id of unknown) await tx.query("insert into vault_key_checks (key_id, check_text) values ($1, $2) on conflict do nothing", [id, vault.keyCheck(id)]);
    });
  }
  return vault;
}

/**
 * Gives a key up for good unless anything lies under it: then false. Whoever still seals with it is refused by the database from now on, so
 * this is for the end, when no process has it any more.
 */
export async function retireKey(database: Database, keyId: string): Promise<boolean> {
  try {
    await database.asSystem(async (tx) => {
      await tx.query("delete from vault_key_checks where key_id = $1", [keyId]);
      await audit(tx, null, { action: "vault.key_retired", objectType: "vault_key", objectId: keyId });
    });
    return true;
  } catch (error) {
    if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error;
    return false;
  }
}

class Rehearsed extends Error {}

/** Whether nothing lies under the key at this moment: the database is asked to give it up in earnest, and it is taken back. */
export async function isUnused(database: Database, keyId: string): Promise<boolean> {
  try {
    await database.asSystem(async (tx) => {
      await tx.query("delete from vault_key_checks where key_id = $1", [keyId]);
      throw new Rehearsed();
    });
  } catch (error) {
    if (error instanceof Rehearsed) return true;
    if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error;
  }
  return false;
}

/** What lies under a key of the ring, by kind. */
export interface KeyUse {
  readonly keyId: string;
  /** Data keys of patients that are wrapped by it. */
  readonly dataKeys: number;
  /** Tokens that lie under it directly, from before there were data keys. */
  readonly tokens: number;
  /** Secrets of webhook subscriptions, of consents under way, of mails that wait; national ids. */
  readonly other: number;
}

/** Every organization by id. */
export async function organizationIds(database: Database): Promise<string[]> {
  const rows = await database.asSystem((tx) => tx.query<{ id: string }>("select id from organizations order by id"));
  return rows.map(({ id }) => id);
}

/** What lies under each key that the database knows, in their order. */
export async function countUse(database: Database): Promise<KeyUse[]> {
  const { known, subscriptions } = await database.asSystem(async (tx) => ({
    known: (await tx.query<{ key_id: string }>("select key_id from vault_key_checks order by key_id")).map(({ key_id: id }) => id),
    subscriptions: await tx.query<{ key_id: string; n: number }>(
      `select key_id, count(*)::int as n from (select verify_ring_key_id as key_id from provider_subscriptions
         union all select secret_ring_key_id from provider_subscriptions union all select ring_key_id from privacy_keys) s where key_id is not null group by 1`,
    ),
  }));
  const total = new Map(known.map((keyId) => [keyId, { keyId, dataKeys: 0, tokens: 0, other: 0 }]));
  const add = (kind: "dataKeys" | "tokens" | "other", rows: readonly { key_id: string; n: number }[]): void => {
    for (const { key_id: id, n } of rows) {
      const use = total.get(id);
      if (use) use[kind] += n;
    }
  };
  add("other", subscriptions);
  for (const organizationId of await organizationIds(database)) {
    await database.withOrganization(organizationId, async (tx) => {
      add("dataKeys", await tx.query("select ring_key_id as key_id, count(*)::int as n from patient_keys group by 1"));
      add("other", await tx.query("select ring_key_id as key_id, count(*)::int as n from oauth_states where ring_key_id is not null group by 1"));
      add("other", await tx.query("select national_id_ring_key_id as key_id, count(*)::int as n from users where national_id_ring_key_id is not null group by 1"));
      add("other", await tx.query("select secret_ring_key_id as key_id, count(*)::int as n from second_factors where secret_ring_key_id is not null group by 1"));
      add("other", await tx.query("select secret_ring_key_id as key_id, count(*)::int as n from webhook_secrets group by 1"));
      add("other", await tx.query("select link_ring_key_id as key_id, count(*)::int as n from mails where link_ring_key_id is not null group by 1"));
      add("tokens", await tx.query("select access_ring_key_id as key_id, count(*)::int as n from credentials where access_ring_key_id is not null group by 1"));
      add("tokens", await tx.query("select refresh_ring_key_id as key_id, count(*)::int as n from credentials where refresh_ring_key_id is not null group by 1"));
    });
  }
  return [...total.values()];
}
