/** Words of a clinic's own by which it sorts its patients. What a tag is belongs to the organization; whom it is on, only those see who may see the patient. */
import { isUniqueViolation, type Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { Conflict, NotFound } from "../../errors.ts";

export interface Tag {
  readonly id: string;
  readonly name: string;
  /** Place in the pages' palette, 0 to 11. */
  readonly color: number;
}

/** More no list of filters can show. */
export const MOST_TAGS = 50;
/** Of one patient. */
export const MOST_TAGS_OF_PATIENT = 20;
export const COLORS = 12;

export async function listTags(tx: Tx): Promise<Tag[]> {
  return tx.query<Tag & Record<string, unknown>>("select id, name, color from tags order by lower(name)");
}

/** Those of one patient whom the transaction's person may see. */
export async function tagsOfPatient(tx: Tx, patientId: string): Promise<Tag[]> {
  return tx.query<Tag & Record<string, unknown>>("select t.id, t.name, t.color from patient_tags p join tags t on t.id = p.tag_id where p.patient_id = $1 order by lower(t.name)", [patientId]);
}

/** The same with how many patients carry each, of all in the clinic where the transaction sees them: a tag that is deleted goes off all of them. */
export async function listTagsWithCounts(tx: Tx): Promise<(Tag & { readonly patients: number })[]> {
  return tx.query<Tag & { patients: number }>("select id, name, color, (select count(*)::int from patient_tags p where p.tag_id = tags.id) as patients from tags order by lower(name)");
}

/** Throws Conflict for a name that there is, and where there are too many. */
export async function makeTag(tx: Tx, organizationId: string, { name, color }: Omit<Tag, "id">): Promise<Tag> {
  // Two at once would each see a free place.
  await tx.query("select 1 from organizations where id = $1 for no key update", [organizationId]);
  const [row] = await tx.query<{ count: number }>("select count(*)::int as count from tags");
  if (row!.count >= MOST_TAGS) throw new Conflict(`A clinic has ${MOST_TAGS} tags at most: delete one first.`, { code: "too_many_tags" });
  const made = await tx.query<{ id: string }>("insert into tags (organization_id, name, color) values ($1, $2, $3) returning id", [organizationId, name, color]).catch(refuseTaken);
  return { id: made[0]!.id, name, color };
}

/** Throws NotFound alike for a missing tag and another organization's, Conflict for a name that there is. */
export async function changeTag(tx: Tx, id: string, change: { readonly name?: string | undefined; readonly color?: number | undefined }): Promise<Tag> {
  const found = isId(id) ? await tx.query<Tag & Record<string, unknown>>(
    "update tags set name = coalesce($2, name), color = coalesce($3, color) where id = $1 returning id, name, color", [id, change.name ?? null, change.color ?? null],
  ).catch(refuseTaken) : [];
  if (!found[0]) throw new NotFound("There is no such tag.");
  return found[0];
}

/** Takes a tag off everybody and away. Throws NotFound as changeTag. */
export async function deleteTag(tx: Tx, id: string): Promise<{ patients: number }> {
  if (!isId(id)) throw new NotFound("There is no such tag.");
  const off = await tx.query("delete from patient_tags where tag_id = $1 returning 1", [id]);
  const gone = await tx.query("delete from tags where id = $1 returning 1", [id]);
  if (gone.length === 0) throw new NotFound("There is no such tag.");
  return { patients: off.length };
}

export interface Tagging {
  readonly organizationId: string;
  readonly addedBy: string;
  readonly tagId: string;
}

/**
 * Puts a tag on patients whom the transaction's person may see; gives those who did not have it. Throws NotFound for a missing tag, Conflict where a patient would have too many.
 */
export async function putTagOn(tx: Tx, { organizationId, addedBy, tagId }: Tagging, patientIds: readonly string[]): Promise<string[]> {
  await requireTag(tx, tagId);
  const full = await tx.query("select patient_id from patient_tags where patient_id = any($1::uuid[]) and tag_id <> $2 group by patient_id having count(*) >= $3 limit 1", [patientIds, tagId, MOST_TAGS_OF_PATIENT]);
  if (full.length > 0) throw new Conflict(`A patient has ${MOST_TAGS_OF_PATIENT} tags at most.`, { code: "too_many_tags" });
  const rows = await tx.query<{ id: string }>(
    "insert into patient_tags (organization_id, patient_id, tag_id, added_by) select $1, id, $3, $4 from unnest($2::uuid[]) as p (id) on conflict do nothing returning patient_id as id",
    [organizationId, patientIds, tagId, addedBy],
  );
  return rows.map(({ id }) => id);
}

/** Takes a tag off patients; gives those who had it. Throws NotFound for a missing tag. */
export async function takeTagOff(tx: Tx, tagId: string, patientIds: readonly string[]): Promise<string[]> {
  await requireTag(tx, tagId);
  const rows = await tx.query<{ id: string }>("delete from patient_tags where tag_id = $1 and patient_id = any($2::uuid[]) returning patient_id as id", [tagId, patientIds]);
  return rows.map(({ id }) => id);
}

async function requireTag(tx: Tx, tagId: string): Promise<void> {
  const found = isId(tagId) ? await tx.query("select 1 from tags where id = $1", [tagId]) : [];
  if (found.length === 0) throw new NotFound("There is no such tag.");
}

function refuseTaken(error: unknown): never {
  if (isUniqueViolation(error, "tags_by_name")) throw new Conflict("There is a tag of this name already.", { code: "tag_taken" });
  throw error;
}
