/**
 * Raw deliveries of a person: their own, parts and all; bodies that they shared with others; and what nobody could be found for, or could read, where it names
 * one of their accounts.
 */
import type { Tx } from "#db/database.ts";
import { storableText } from "#db/text.ts";
import { unpackBody } from "#inbox/body.ts";
import type { VendorAccount } from "#sync/erased-accounts.ts";

const AT_ONCE = 500;

/** Deletes some of the patient's deliveries with their keys, and empties the bodies that theirs were split from. Runs as islet_system. Gives how many were deleted. */
export async function deleteOwn(tx: Tx, patientId: string): Promise<number> {
  const rows = await tx.query<{ id: string; caused_by: string | null }>(
    `delete from deliveries where (id, via, filed_at) in (select id, via, filed_at from deliveries where patient_id = $1 limit ${AT_ONCE}) returning id::text, caused_by::text`, [patientId],
  );
  await tx.query("delete from delivery_keys where delivery_id = any($1::bigint[])", [rows.map(({ id }) => id)]);
  // A body of several people: the others' parts stand on their own.
  const causes = [...new Set(rows.flatMap(({ caused_by: cause }) => (cause === null ? [] : [cause])))];
  await empty(tx, causes, "patient_id is null");
  return rows.length;
}

/** Deletes what came for the accounts while they were nobody's. Runs as islet_system. Gives how many. */
export async function deleteUnmatched(tx: Tx, accounts: readonly VendorAccount[]): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `delete from deliveries d using unnest($1::text[], $2::text[]) as a (provider, account) where d.provider = a.provider and d.account = a.account and d.patient_id is null returning d.id::text`,
    [accounts.map(({ provider }) => provider), accounts.map(({ account }) => storableText(account))],
  );
  await tx.query("delete from delivery_keys where delivery_id = any($1::bigint[])", [rows.map(({ id }) => id)]);
  return rows.length;
}

/** Whether bytes name an account: as a whole word, so that account 12 is not found in 3124. */
export function namesAccount(body: Buffer, account: string): boolean {
  const isWord = (byte: number | undefined): boolean => byte !== undefined && /[A-Za-z0-9_-]/.test(String.fromCharCode(byte));
  if (account === "") return false;
  for (let at = body.indexOf(account); at >= 0; at = body.indexOf(account, at + 1)) {
    if (!isWord(body[at - 1]) && !isWord(body[at + Buffer.byteLength(account)])) return true;
  }
  return false;
}

export interface Strangers {
  /** Bodies that were emptied. */
  readonly emptied: number;
  /** Such as still wait to be taken apart: come again. */
  readonly waiting: number;
  /** Up to which id was looked; null at the end. */
  readonly nextId: string | null;
}

/** Looks through a portion of the deliveries that are nobody's, dead letters too, and empties those that name one of the accounts. Runs as islet_system. */
export async function emptyStrangers(tx: Tx, accounts: readonly VendorAccount[], afterId: string): Promise<Strangers> {
  const rows = await tx.query<{ id: string; provider: string; state: string; body: Buffer; body_encoding: string }>(
    `select id::text, provider, state, body, body_encoding from deliveries
     where patient_id is null and id > $1::bigint and provider = any($2) and body <> ''::bytea order by deliveries.id limit 100`,
    [afterId, [...new Set(accounts.map(({ provider }) => provider))]],
  );
  const theirs = rows.filter((row) => {
    const body = unpackBody(row.body_encoding, row.body);
    return accounts.some(({ provider, account }) => provider === row.provider && namesAccount(body, account));
  });
  const isOpen = (state: string): boolean => state === "pending" || state === "processing" || state === "failed";
  const settled = theirs.filter(({ state }) => !isOpen(state)).map(({ id }) => id);
  await empty(tx, settled, "true");
  return { emptied: settled.length, waiting: theirs.length - settled.length, nextId: rows.length < 100 ? null : rows.at(-1)!.id };
}

async function empty(tx: Tx, ids: readonly string[], and: string): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `update deliveries set body = ''::bytea, body_encoding = 'identity', state = 'ignored', headers = '{}', problems = '[]', resource = null, account = null, last_error = null where id = any($1::bigint[]) and ${and}`, [ids],
  );
}
