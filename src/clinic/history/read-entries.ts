/** Reading the clinical history. As a person (islet_app) it shows what that person may read of it: row-level security knows audiences. */
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import type { Audience, EntryKind } from "./kinds.ts";

/** The fields of an entry as the API checked them; dates are `YYYY-MM-DD`. */
export type EntryFields = Readonly<Record<string, unknown>>;

export interface Entry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly version: number;
  /** Of kinds that have one. */
  readonly status: string | null;
  readonly audience: Audience;
  readonly isPinned: boolean;
  readonly isSelfReported: boolean;
  readonly fields: EntryFields;
  readonly fileId: string | null;
  readonly createdMs: number;
  readonly createdBy: string | null;
  readonly changedMs: number;
  readonly changedBy: string | null;
  readonly enteredInErrorMs: number | null;
}

export const DEEDS = ["written", "changed", "entered_in_error", "restored"] as const;
export type EntryDeed = (typeof DEEDS)[number];

export interface EntryVersion {
  readonly version: number;
  readonly deed: EntryDeed;
  readonly status: string | null;
  readonly audience: Audience;
  readonly isPinned: boolean;
  readonly fields: EntryFields;
  readonly reason: string | null;
  readonly atMs: number;
  readonly authorId: string | null;
}

const COLUMNS = `e.id, e.kind, e.version, e.status, e.audience, e.is_pinned as "isPinned", e.is_self_reported as "isSelfReported", e.fields, e.file_id as "fileId", e.created_at as "createdMs",
  e.created_by as "createdBy", e.changed_at as "changedMs", e.changed_by as "changedBy", e.entered_in_error_at as "enteredInErrorMs"`;

export interface EntriesAsked {
  readonly kind: EntryKind;
  readonly status?: string | undefined;
  /** Also what was entered in error. */
  readonly withErrors: boolean;
  readonly limit: number;
  readonly after: EntryPlace | null;
}

/** The place of an entry in its list. */
export interface EntryPlace {
  readonly isPinned: boolean;
  readonly createdMs: number;
  readonly id: string;
}

/** Pinned ones first, then the newest. */
export async function listEntries(tx: Tx, patientId: string, { kind, status, withErrors, limit, after }: EntriesAsked): Promise<Entry[]> {
  return tx.query<Entry & Record<string, unknown>>(
    `select ${COLUMNS} from clinical_entries e where e.patient_id = $1 and e.kind = $2 and ($3::text is null or e.status = $3) and ($4 or e.entered_in_error_at is null)
       and ($5::boolean is null or (e.is_pinned, e.created_at, e.id) < ($5, to_timestamp($6::float8 / 1000), $7::uuid))
     order by e.is_pinned desc, e.created_at desc, e.id desc limit $8`,
    [patientId, kind, status ?? null, withErrors, after?.isPinned ?? null, after?.createdMs ?? null, after?.id ?? null, limit],
  );
}

/** Null for a missing entry, another patient's, another kind's, and one that the caller may not read. */
export async function readEntry(tx: Tx, patientId: string, { kind, id }: { readonly kind: EntryKind; readonly id: string }): Promise<Entry | null> {
  if (!isId(id)) return null;
  const [entry] = await tx.query<Entry & Record<string, unknown>>(`select ${COLUMNS} from clinical_entries e where e.patient_id = $1 and e.id = $2 and e.kind = $3`, [patientId, id, kind]);
  return entry ?? null;
}

/** All versions of an entry that the caller may read, the newest first. */
export async function listVersions(tx: Tx, patientId: string, entryId: string): Promise<EntryVersion[]> {
  return tx.query<EntryVersion & Record<string, unknown>>(
    `select v.version, v.deed, v.status, v.audience, v.is_pinned as "isPinned", v.fields, v.reason, v.at as "atMs", v.author_id as "authorId" from clinical_versions v
     where v.patient_id = $1 and v.entry_id = $2 order by v.version desc`,
    [patientId, entryId],
  );
}
