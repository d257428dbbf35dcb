/** What people's accounts keep under the ring directly: national ids, links in mails that wait, secrets of authenticator apps; and secrets of webhook endpoints. Batches of `rotate-keys.ts`. */
import type { Tx } from "#db/database.ts";
import { mailLinkPlace } from "#mail/outbox.ts";
import { nationalIdPlace } from "#people/accounts/identities.ts";
import { totpPlace } from "#people/second-factor/factors.ts";
import type { Place, Vault } from "#vault/seal.ts";

export interface PeopleBatch {
  readonly vault: Vault;
  /** Ids that did not open before. */
  readonly refused: readonly string[];
  readonly most: number;
}

type PeopleTable = (typeof COLUMNS)[number]["table"];

export interface PeopleDone {
  readonly found: number;
  readonly sealed: number;
  readonly refusals: readonly { readonly table: PeopleTable; readonly objectId: string }[];
}

const COLUMNS = [
  { table: "users", column: "national_id_sealed", ring: "national_id_ring_key_id", place: nationalIdPlace },
  { table: "mails", column: "link_sealed", ring: "link_ring_key_id", place: mailLinkPlace },
  { table: "second_factors", column: "secret_sealed", ring: "secret_ring_key_id", place: totpPlace },
  { table: "webhook_secrets", column: "secret_sealed", ring: "secret_ring_key_id", place: (id: string): Place => ({ table: "webhook_secrets", rowId: id, field: "secret", version: 1 }) },
] as const;

/** Seals anew, of the transaction's organization, what lies under another key than the first. @param again null for what does not open. */
export async function sealPeopleAgain(tx: Tx, { vault, refused, most }: PeopleBatch, again: (sealed: string, place: Place) => string | null): Promise<PeopleDone> {
  let found = 0;
  let sealed = 0;
  const refusals: { table: PeopleTable; objectId: string }[] = [];
  for (const { table, column, ring, place } of COLUMNS) {
    const rows = await tx.query<{ id: string; text: string }>(
      `select id, ${column} as text from ${table} where ${ring} <> $1 and id::text <> all ($2::text[]) order by id limit ${most} for update skip locked`, [vault.activeKeyId, refused],
    );
    found = Math.max(found, rows.length);
    for (const { id, text } of rows) {
      const next = again(text, place(id));
      if (next === null) refusals.push({ table, objectId: id });
      else {
        await tx.query(`update ${table} set ${column} = $2 where id = $1`, [id, next]);
        sealed += 1;
      }
    }
  }
  return { found, sealed, refusals };
}
