/** That somebody of the clinic looked at a patient, and what was put off then. Kept as events; the last one that was not undone holds. */
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { Conflict, InvalidInput, NotFound, NotPermitted } from "../../errors.ts";
import type { Snooze } from "./groups.ts";
import type { Group } from "./rules.ts";

export interface Review {
  readonly id: string;
  readonly patientId: string;
  readonly reviewedBy: string;
  readonly reviewedMs: number;
  readonly snooze: (Snooze & { readonly reason: string }) | null;
}

/** A slip is noticed at once; later a review is a fact. */
export const UNDO_WITHIN_MS = 30 * MINUTE_MS;
/** Nobody is out of sight for longer. */
export const LONGEST_SNOOZE_DAYS = 90;

interface Row {
  readonly id: string; readonly patientId: string; readonly reviewedBy: string; readonly reviewedMs: number; readonly untilMs: number | null; readonly groups: Group[]; readonly reason: string | null;
}

const COLUMNS = `id::text, patient_id as "patientId", reviewed_by as "reviewedBy", reviewed_at as "reviewedMs", snoozed_until as "untilMs", snoozed_groups as groups, snooze_reason as reason`;

/** The last review of each patient whom the transaction sees and who has one. Thousands of them are read as one text in a fraction of the time that rows take. */
export async function lastReviews(tx: Tx): Promise<Map<string, Review>> {
  const [found] = await tx.query<{ rows: string | null }>(
    `select json_agg(json_build_array(id::text, patient_id, reviewed_by, (extract(epoch from reviewed_at) * 1000)::float8, (extract(epoch from snoozed_until) * 1000)::float8, snoozed_groups, snooze_reason))::text as rows
     from (select distinct on (patient_id) * from patient_reviews where undone_at is null order by patient_id, id desc) as r`,
  );
  const rows = found?.rows == null ? [] : (JSON.parse(found.rows) as [string, string, string, number, number | null, Group[], string | null][]);
  return new Map(rows.map(([id, patientId, reviewedBy, reviewedMs, untilMs, groups, reason]) => [patientId, reviewOf({ id, patientId, reviewedBy, reviewedMs, untilMs, groups, reason })]));
}

/** A patient's reviews that were not undone, the newest first. */
export async function listReviews(tx: Tx, patientId: string, limit: number): Promise<Review[]> {
  const rows = await tx.query<Row & Record<string, unknown>>(`select ${COLUMNS} from patient_reviews where undone_at is null and patient_id = $1 order by patient_reviews.id desc limit $2`, [patientId, limit]);
  return rows.map(reviewOf);
}

function reviewOf({ id, patientId, reviewedBy, reviewedMs, untilMs, groups, reason }: Row): Review {
  return { id, patientId, reviewedBy, reviewedMs, snooze: untilMs === null ? null : { untilMs, groups, reason: reason ?? "" } };
}

export interface ReviewOrder {
  readonly organizationId: string;
  readonly patientId: string;
  readonly reviewedBy: string;
  readonly nowMs: number;
  readonly snooze: (Snooze & { readonly reason: string }) | null;
}

/** Marks a patient as looked at. Throws InvalidInput for a snooze that ends in the past or too far ahead. */
export async function addReview(tx: Tx, { organizationId, patientId, reviewedBy, nowMs, snooze }: ReviewOrder): Promise<Review> {
  if (snooze && !(snooze.untilMs > nowMs && snooze.untilMs <= nowMs + LONGEST_SNOOZE_DAYS * DAY_MS)) {
    throw new InvalidInput("The end of the snooze lies in the past, or too far ahead.", { issues: [{ pointer: "/body/snooze/until", detail: `an instant within ${LONGEST_SNOOZE_DAYS} days` }] });
  }
  const [row] = await tx.query<{ id: string }>(
    `insert into patient_reviews (organization_id, patient_id, reviewed_by, reviewed_at, snoozed_until, snoozed_groups, snooze_reason)
     values ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), $6, $7) returning id::text`,
    [organizationId, patientId, reviewedBy, nowMs, snooze?.untilMs ?? null, snooze?.groups ?? [], snooze?.reason ?? null],
  );
  return { id: row!.id, patientId, reviewedBy, reviewedMs: nowMs, snooze };
}

/** Takes a review of one's own back. Throws NotFound where there is none, NotPermitted for another's, Conflict for one of long ago. */
export async function undoReview(tx: Tx, { patientId, userId, reviewId, nowMs }: { readonly patientId: string; readonly userId: string; readonly reviewId: string; readonly nowMs: number }): Promise<void> {
  const found = /^\d{1,18}$/.test(reviewId) && isId(patientId)
    ? await tx.query<{ by: string; ms: number }>(`select reviewed_by as by, reviewed_at as ms from patient_reviews where patient_id = $1 and id = $2 and undone_at is null`, [patientId, reviewId]) : [];
  const review = found[0];
  if (!review) throw new NotFound("There is no such review.");
  if (review.by !== userId) throw new NotPermitted("Only who reviewed takes a review back.");
  if (nowMs - review.ms > UNDO_WITHIN_MS) throw new Conflict(`A review can be undone within ${UNDO_WITHIN_MS / MINUTE_MS} minutes.`, { code: "review_settled" });
  await tx.query("update patient_reviews set undone_at = to_timestamp($3::float8 / 1000) where patient_id = $1 and id = $2", [patientId, reviewId, nowMs]);
}
