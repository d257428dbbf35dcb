/**
 * Access in an emergency: a clinician opens a patient of the own organization without the patient's grant, for a short time, with a reason, in everybody's sight.
 * HIPAA 164.312(a)(2)(ii) asks for such a procedure; faults PR-11.
 */
import type { Tx } from "#db/database.ts";
import { mailTime } from "#mail/render.ts";
import { Conflict, NotFound, TooManyRequests } from "../../errors.ts";
import { tellPatient } from "../accounts/person.ts";
import { hasConsent } from "../consent/consents.ts";
import { isId } from "./access.ts";

export const BREAK_GLASS_REASONS = ["emergency", "patient_unable", "public_duty", "other"] as const;
export type BreakGlassReason = (typeof BREAK_GLASS_REASONS)[number];

/** How long the glass stays broken. */
export const BREAK_GLASS_HOURS = 4;
/** More in a day is no emergency. */
const MOST_A_DAY = 5;

export interface BreakGlass {
  readonly id: string;
  readonly patientId: string;
  readonly patientName: string;
  readonly userId: string;
  readonly userName: string;
  readonly reason: BreakGlassReason;
  readonly explanation: string;
  readonly begunMs: number;
  readonly untilMs: number;
  readonly reviewedMs: number | null;
  readonly verdict: "justified" | "not_justified" | null;
}

interface Asked {
  readonly organizationId: string;
  readonly userId: string;
  readonly patientId: string;
  readonly reason: BreakGlassReason;
  readonly explanation: string;
}

/**
 * Opens the patient for some hours, to look, and writes to the person. Throws NotFound alike for a missing and a foreign patient, Conflict for who may see the patient already,
 * TooManyRequests after five in a day.
 */
export async function breakGlass(tx: Tx, asked: Asked): Promise<BreakGlass> {
  const { organizationId, userId, patientId } = asked;
  // One after the other, so that their number counts.
  await tx.query("select 1 from users where id = $1 for no key update", [userId]);
  const [patient] = isId(patientId) ? await tx.query<{ user_id: string | null }>("select user_id from patients where id = $1", [patientId]) : [];
  if (!patient) throw new NotFound("There is no such patient.");
  // Who holds a grant of a person who shares no more sees nothing by it.
  const [held] = await tx.query<{ kind: string }>("select kind from grants where patient_id = $1 and user_id = $2 and now() between valid_from and valid_to", [patientId, userId]);
  if ((held && (held.kind === "break_glass" || (await hasConsent(tx, patientId, "sharing")))) || patient.user_id === userId) throw new Conflict("You may see this patient already.", { code: "granted_already" });
  const recent = await tx.query("select 1 from break_glass_accesses where user_id = $1 and begun_at > now() - interval '1 day'", [userId]);
  if (recent.length >= MOST_A_DAY) throw new TooManyRequests(`Emergency access is for emergencies: at most ${MOST_A_DAY} in a day. Ask an admin.`, 3_600);
  await tx.query(
    `insert into grants (organization_id, patient_id, user_id, scope, valid_to, kind, granted_by) values ($1, $2, $3, 'view', now() + make_interval(hours => $4), 'break_glass', $3)
     on conflict (patient_id, user_id) do update set scope = 'view', valid_from = excluded.valid_from, valid_to = excluded.valid_to, kind = 'break_glass',
       granted_by = excluded.granted_by, created_at = excluded.created_at`,
    [organizationId, patientId, userId, BREAK_GLASS_HOURS],
  );
  const [made] = await tx.query<{ id: string }>(
    `insert into break_glass_accesses (organization_id, patient_id, user_id, reason, explanation, begun_at, until)
     values ($1, $2, $3, $4, $5, now(), now() + make_interval(hours => $6)) returning id`,
    [organizationId, patientId, userId, asked.reason, asked.explanation, BREAK_GLASS_HOURS],
  );
  const opened = (await find(tx, made!.id))!;
  await tellPatient(tx, patientId, { template: "emergency_access", values: { time: mailTime(opened.begunMs) } });
  return opened;
}

/** Emergency accesses of the transaction's organization, those not reviewed first, then the newest. */
export async function listBreakGlass(tx: Tx, limit: number): Promise<BreakGlass[]> {
  return tx.query<BreakGlass & Record<string, unknown>>(`${SELECT} order by b.reviewed_at is not null, b.begun_at desc limit $1`, [limit]);
}

/** Says what an admin thinks of it. Throws NotFound where there is none, Conflict for a second review and for one's own access. */
export async function reviewBreakGlass(
  tx: Tx, id: string, review: { readonly userId: string; readonly verdict: "justified" | "not_justified" },
): Promise<BreakGlass> {
  const found = isId(id) ? await find(tx, id) : null;
  if (!found) throw new NotFound("There is no such emergency access.");
  if (found.userId === review.userId) throw new Conflict("Nobody reviews an access of their own.", { code: "own_access" });
  const [done] = await tx.query(
    `update break_glass_accesses set reviewed_at = now(), reviewed_by = $2, verdict = $3 where id = $1 and reviewed_at is null returning 1 as done`,
    [id, review.userId, review.verdict],
  );
  if (!done) throw new Conflict("This access was reviewed before.", { code: "reviewed_already" });
  return (await find(tx, id))!;
}

const SELECT = `select b.id, b.patient_id as "patientId", p.display_name as "patientName", b.user_id as "userId", u.display_name as "userName", b.reason, b.explanation,
  b.begun_at as "begunMs", b.until as "untilMs", b.reviewed_at as "reviewedMs", b.verdict
  from break_glass_accesses b join patients p on p.id = b.patient_id join users u on u.id = b.user_id`;

async function find(tx: Tx, id: string): Promise<BreakGlass | null> {
  return (await tx.query<BreakGlass & Record<string, unknown>>(`${SELECT} where b.id = $1`, [id]))[0] ?? null;
}
