/** Chains of the audit log as they rest, read with the rights of islet_audit. Hashes and entries as stored: nothing is computed here. */
import type { Tx } from "#db/database.ts";
import { ENTRY_FIELDS, type StoredEntry } from "./chain.ts";
import type { ChainPlace } from "./keys.ts";

/** An entry's fields as the texts that are hashed. */
const ENTRY_COLUMNS = ENTRY_FIELDS.map((name) => (name === "at" ? "(extract(epoch from e.at) * 1000000)::bigint::text as at" : `e.${name}::text as ${name}`)).join(", ");

export interface StoredLink {
  readonly seq: number;
  readonly hash: Buffer;
  readonly entryId: string;
  /** Null where the entry is gone. */
  readonly entry: StoredEntry | null;
}

interface PlaceRow {
  chain: string; seq: string; hash: Buffer;
}

const placeOf = ({ chain, seq, hash }: PlaceRow): ChainPlace => ({ chain, seq: Number(seq), hash });

/** Where each chain ends by its own account. */
export async function readHeads(tx: Tx): Promise<ChainPlace[]> {
  return (await tx.query<PlaceRow>("select chain, seq, hash from audit_heads order by chain")).map(placeOf);
}

/** Chains of which links are left, though they may have lost their head. */
export async function readLinkedChains(tx: Tx): Promise<string[]> {
  return (await tx.query<{ chain: string }>("select distinct chain from audit_links order by chain")).map(({ chain }) => chain);
}

export interface Pruning extends ChainPlace {
  readonly mac: Buffer;
  readonly entries: number;
}

/** The last pruning of each chain. */
export async function readPrunings(tx: Tx): Promise<Pruning[]> {
  const rows = await tx.query<PlaceRow & { mac: Buffer; entries: string }>(
    "select distinct on (chain) chain, through_seq as seq, hash, mac, entries from audit_prunings order by chain, through_seq desc",
  );
  return rows.map((row) => ({ ...placeOf(row), mac: row.mac, entries: Number(row.entries) }));
}

/** Links after one, up to one, in order, with their entries. */
export async function readLinks(tx: Tx, chain: string, range: { readonly after: number; readonly through: number; readonly limit: number }): Promise<StoredLink[]> {
  const rows = await tx.query<{ link_seq: string; link_hash: Buffer; entry_id: string } & Record<keyof StoredEntry, string | null>>(
    `select k.seq as link_seq, k.hash as link_hash, k.entry_id, ${ENTRY_COLUMNS} from audit_links k left join audit_log e on e.id = k.entry_id
     where k.chain = $1 and k.seq > $2 and k.seq <= $3 order by k.seq limit $4`,
    [chain, range.after, range.through, range.limit],
  );
  return rows.map(({ link_seq: seq, link_hash: hash, entry_id: entryId, ...entry }) => ({ seq: Number(seq), hash, entryId, entry: entry.id === null ? null : entry }));
}

/** Entries that no link leads to, and links beyond the end that their chain's head names; each found in one look, in which both are or neither is. */
export async function readStrays(tx: Tx, limit: number): Promise<{ chain: string; seq: number | null; entryId: string }[]> {
  const rows = await tx.query<{ chain: string; seq: string | null; entry_id: string }>(
    `select coalesce(e.organization_id, '00000000-0000-0000-0000-000000000000') as chain, null::bigint as seq, e.id as entry_id from audit_log e
     where not exists (select 1 from audit_links k where k.entry_id = e.id)
     union all
     select k.chain, k.seq, k.entry_id from audit_links k join audit_heads h on h.chain = k.chain where k.seq > h.seq
     order by 3 limit $1`,
    [limit],
  );
  return rows.map(({ chain, seq, entry_id: entryId }) => ({ chain, seq: seq === null ? null : Number(seq), entryId }));
}

/** The link before the first entry that was written at or after an instant; null where there is none to begin after. */
export async function placeBefore(tx: Tx, chain: string, sinceMs: number): Promise<ChainPlace | null> {
  const rows = await tx.query<PlaceRow>(
    `select chain, seq, hash from audit_links where chain = $1 and seq < (
       select min(k.seq) from audit_links k join audit_log e on e.id = k.entry_id where k.chain = $1 and e.at >= to_timestamp($2::float8 / 1000))
     order by seq desc limit 1`,
    [chain, sinceMs],
  );
  return rows[0] ? placeOf(rows[0]) : null;
}
