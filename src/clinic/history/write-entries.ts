/**
 * Writing the clinical history, in transactions of the organization (islet_worker): each write adds a version and never takes one away; what was entered in error
 * stays, out of sight, and can be given back. Whoever writes says which version they saw.
 */
import type { Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { audit } from "#people/audit/audit.ts";
import { ChangedMeanwhile, Conflict, InternalError, NotFound } from "../../errors.ts";
import { holdMayAdd, holdMayChange, type Audience, type EntryKind, type Writer } from "./kinds.ts";
import { readEntry, type Entry, type EntryDeed, type EntryFields } from "./read-entries.ts";

export interface HistoryOwner {
  readonly organizationId: string;
  readonly patientId: string;
  readonly writer: Writer;
  readonly nowMs: number;
}

/** What stands in an entry. */
export interface EntryContent {
  readonly status: string | null;
  readonly audience: Audience;
  readonly isPinned: boolean;
  readonly fields: EntryFields;
}

/** An entry that the caller can read, and the version of it that they saw; null where they say none. */
export interface EntryRef {
  readonly kind: EntryKind;
  readonly id: string;
  readonly seen: number | null;
}

/** Throws NotPermitted for what is for clinicians to write. */
export async function addEntry(tx: Tx, owner: HistoryOwner, added: { readonly kind: EntryKind; readonly content: EntryContent; readonly fileId?: string }): Promise<Entry> {
  const { organizationId, patientId, writer, nowMs } = owner;
  const { kind, content, fileId = null } = added;
  holdMayAdd(writer, kind);
  const [row] = await tx.query<{ id: string }>(
    `insert into clinical_entries (organization_id, patient_id, kind, version, status, audience, is_pinned, is_self_reported, fields, file_id, created_at, created_by, changed_at, changed_by)
     values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, to_timestamp($10::float8 / 1000), $11, to_timestamp($10::float8 / 1000), $11) returning id`,
    [organizationId, patientId, kind, content.status, content.audience, content.isPinned, !writer.isClinician, JSON.stringify(content.fields), fileId, nowMs, writer.userId],
  );
  return keep(tx, owner, { kind, id: row!.id, deed: "written" });
}

/** Throws NotFound, NotPermitted, ChangedMeanwhile (412), Conflict (`entered_in_error`) for an entry that has to be given back first. */
export async function changeEntry(tx: Tx, owner: HistoryOwner, ref: EntryRef, content: EntryContent): Promise<Entry> {
  const entry = await hold(tx, owner, ref);
  if (entry.enteredInErrorMs !== null) throw new Conflict("This was entered in error: give it back first.", { code: "entered_in_error" });
  await tx.query(
    `update clinical_entries set version = version + 1, status = $3, audience = $4, is_pinned = $5, fields = $6, changed_at = to_timestamp($7::float8 / 1000), changed_by = $8
     where patient_id = $1 and id = $2`,
    [owner.patientId, ref.id, content.status, content.audience, content.isPinned, JSON.stringify(content.fields), owner.nowMs, owner.writer.userId],
  );
  return keep(tx, owner, { ...ref, deed: "changed" });
}

/** Marks an entry as entered in error; one that is already stays as it is. Throws like changeEntry. */
export async function enterInError(tx: Tx, owner: HistoryOwner, ref: EntryRef, reason: string | null): Promise<Entry> {
  const entry = await hold(tx, owner, ref);
  if (entry.enteredInErrorMs !== null) return entry;
  await mark(tx, owner, ref, "to_timestamp($4::float8 / 1000)");
  return keep(tx, owner, { ...ref, deed: "entered_in_error", reason });
}

/** Gives back what was entered in error; an entry that was not stays as it is. Throws like changeEntry. */
export async function giveBack(tx: Tx, owner: HistoryOwner, ref: EntryRef): Promise<Entry> {
  const entry = await hold(tx, owner, ref);
  if (entry.enteredInErrorMs === null) return entry;
  await mark(tx, owner, ref, "null");
  return keep(tx, owner, { ...ref, deed: "restored" });
}

async function mark(tx: Tx, { patientId, writer, nowMs }: HistoryOwner, { id }: EntryRef, enteredInErrorAt: string): Promise<void> {
  await tx.query(
    `update clinical_entries set version = version + 1, entered_in_error_at = ${enteredInErrorAt}, changed_at = to_timestamp($4::float8 / 1000), changed_by = $3 where patient_id = $1 and id = $2`,
    [patientId, id, writer.userId, nowMs],
  );
}

/** The entry, held until the transaction ends, if it is as the writer saw it and they may change it. */
async function hold(tx: Tx, { patientId, writer }: HistoryOwner, { kind, id, seen }: EntryRef): Promise<Entry> {
  await tx.query("select 1 from clinical_entries where patient_id = $1 and id = $2 for update", [patientId, id]);
  const entry = await readEntry(tx, patientId, { kind, id });
  if (!entry) throw new NotFound("There is no such entry.");
  holdMayChange(writer, entry);
  if (seen !== null && seen !== entry.version) throw new ChangedMeanwhile({ version: entry.version, by: await nameOf(tx, entry.changedBy), atMs: entry.changedMs });
  return entry;
}

async function nameOf(tx: Tx, userId: string | null): Promise<string | null> {
  const [row] = await tx.query<{ name: string }>("select display_name as name from users where id = $1", [userId]);
  return row?.name ?? null;
}

/** Writes the version that the entry now shows, and tells of it. */
async function keep(tx: Tx, owner: HistoryOwner, { kind, id, deed, reason = null }: { readonly kind: EntryKind; readonly id: string; readonly deed: EntryDeed; readonly reason?: string | null }): Promise<Entry> {
  const { organizationId, patientId, writer } = owner;
  await tx.query(
    `insert into clinical_versions (organization_id, patient_id, entry_id, version, deed, status, audience, is_pinned, fields, reason, at, author_id)
     select organization_id, patient_id, id, version, $3, status, audience, is_pinned, fields, $4, changed_at, changed_by from clinical_entries where patient_id = $1 and id = $2`,
    [patientId, id, deed, reason],
  );
  await announce(tx, { organizationId, patientId, connectionId: null, deliveryId: null }, [{ kind: "clinical", metric: null, count: 1, fromMs: null, toMs: null }]);
  await audit(tx, organizationId, { action: `clinical_entry.${deed}`, actorUserId: writer.userId, patientId, objectType: kind, objectId: id });
  const entry = await readEntry(tx, patientId, { kind, id });
  if (!entry) throw new InternalError("An entry that was just written is not there.");
  return entry;
}
