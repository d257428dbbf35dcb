/** Erasures as they are asked for, undone and followed; the rows of `erasures`. */
import { isId } from "#people/access/access.ts";
import type { Tx } from "#db/database.ts";
import { isUniqueViolation } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import { HOUR_MS } from "#units/time.ts";
import { Conflict, InvalidInput, NotFound } from "../../errors.ts";
import type { PrivacyContext } from "../context.ts";
import { isHeld } from "../holds.ts";

/** Why, in place of free text. The first is the person's own. */
export const ERASURE_REASONS = ["own_wish", "parent_wish", "court", "account_closed"] as const;
export type ErasureReason = (typeof ERASURE_REASONS)[number] | "restored_backup";
export type ErasureState = "waiting" | "running" | "done" | "undone";

export interface Erasure {
  readonly id: string;
  readonly organizationId: string;
  readonly patientId: string;
  readonly reason: ErasureReason;
  readonly state: ErasureState;
  readonly step: string | null;
  readonly askedMs: number;
  readonly beginsMs: number;
  readonly begunMs: number | null;
  readonly doneMs: number | null;
  readonly undoneMs: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly error: string | null;
  readonly isOnHold: boolean;
}

interface Row {
  id: string; organization_id: string; patient_id: string; reason: ErasureReason; state: ErasureState; step: string | null; asked_at: number; begins_at: number; begun_at: number | null; done_at: number | null;
  undone_at: number | null; counts: Record<string, number>; error: string | null; is_on_hold: boolean;
}

const COLUMNS = `e.id, e.organization_id, e.patient_id, e.reason, e.state, e.step, e.asked_at, e.begins_at, e.begun_at, e.done_at, e.undone_at, e.counts, e.error,
  ${isHeld("e.patient_id")} as is_on_hold`;

function fromRow(row: Row): Erasure {
  return {
    id: row.id, organizationId: row.organization_id, patientId: row.patient_id, reason: row.reason, state: row.state, step: row.step, askedMs: row.asked_at, beginsMs: row.begins_at, begunMs: row.begun_at,
    doneMs: row.done_at, undoneMs: row.undone_at, counts: row.counts, error: row.error, isOnHold: row.is_on_hold && (row.state === "waiting" || row.state === "running"),
  };
}

/** Any of them, or the display name as it is shown. */
const CONFIRMING_WORDS = ["ERASE", "BORRAR"];

/** Throws InvalidInput (422 `not_confirmed`) unless the person typed what says that they mean it. */
export function checkConfirmed(given: string, displayName: string): void {
  const plain = (text: string): string => text.normalize("NFC").trim().replaceAll(/\s+/g, " ").toLowerCase();
  if (CONFIRMING_WORDS.some((word) => plain(word) === plain(given)) || (plain(displayName) !== "" && plain(displayName) === plain(given))) return;
  throw new InvalidInput("The erasure was not confirmed.", { code: "not_confirmed", httpStatus: 422, issues: [{ pointer: "/body/confirm", detail: "type the display name as it is shown, or ERASE" }] });
}

export interface ErasureWish {
  readonly organizationId: string;
  readonly patientId: string;
  /** Null: at the console. */
  readonly askedBy: string | null;
  readonly reason: ErasureReason;
  /** Hours until it begins; as the site has set it when absent. */
  readonly graceHours?: number;
  readonly requestId?: string;
}

/** Notes the wish. Throws Conflict while there is one (`erasure_asked`), or while a legal hold stands (`on_hold`). */
export async function askForErasure(tx: Tx, { sync, settings }: PrivacyContext, wish: ErasureWish): Promise<Erasure> {
  const { organizationId, patientId } = wish;
  const [patient] = await tx.query<{ user_id: string | null; is_held: boolean }>(`select user_id, ${isHeld("patients.id")} as is_held from patients where id = $1 for no key update`, [patientId]);
  if (!patient) throw new NotFound("There is no such patient.");
  if (patient.is_held) throw new Conflict("The law obliges the organization to keep this data for now: a legal hold stands. Nothing is erased until it is lifted.", { code: "on_hold" });
  const nowMs = sync.clock.now();
  const beginsMs = nowMs + (wish.graceHours ?? settings.erasureGraceHours) * HOUR_MS;
  const [made] = await tx.query<{ id: string }>(
    `insert into erasures (organization_id, patient_id, user_id, asked_by, reason, asked_at, begins_at, next_at)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), to_timestamp($7::float8 / 1000)) returning id`,
    [organizationId, patientId, patient.user_id, wish.askedBy, wish.reason, nowMs, beginsMs],
  ).catch((error: unknown) => {
    throw isUniqueViolation(error, "erasures_one_at_a_time") ? new Conflict("The erasure was asked for already.", { code: "erasure_asked" }) : error;
  });
  await audit(tx, organizationId, {
    action: "erasure.asked", actorUserId: wish.askedBy, patientId, objectType: "erasure", objectId: made!.id, ...(wish.requestId ? { requestId: wish.requestId } : {}),
  });
  return readErasure(tx, patientId, made!.id);
}

/** Takes a wish back that has not begun. Throws NotFound, or Conflict (`erasure_begun`). */
export async function undoErasure(tx: Tx, { sync }: PrivacyContext, of: { readonly patientId: string; readonly id: string; readonly byUserId: string | null; readonly requestId?: string }): Promise<void> {
  const erasure = await readErasure(tx, of.patientId, of.id);
  const undone = await tx.query(
    "update erasures set state = 'undone', undone_at = to_timestamp($2::float8 / 1000) where id = $1 and state = 'waiting' returning 1", [erasure.id, sync.clock.now()],
  );
  if (undone.length === 0) throw new Conflict("It cannot be undone any more.", { code: "erasure_begun" });
  await audit(tx, erasure.organizationId, {
    action: "erasure.undone", actorUserId: of.byUserId, patientId: of.patientId, objectType: "erasure", objectId: erasure.id, ...(of.requestId ? { requestId: of.requestId } : {}),
  });
}

export async function listErasures(tx: Tx, patientId: string): Promise<Erasure[]> {
  return (await tx.query<Row>(`select ${COLUMNS} from erasures e where e.patient_id = $1 order by e.asked_at desc, e.id limit 100`, [patientId])).map(fromRow);
}

/** Throws NotFound. */
export async function readErasure(tx: Tx, patientId: string, id: string): Promise<Erasure> {
  const [row] = isId(id) ? await tx.query<Row>(`select ${COLUMNS} from erasures e where e.patient_id = $1 and e.id = $2`, [patientId, id]) : [];
  if (!row) throw new NotFound("There is no such erasure.");
  return fromRow(row);
}

/** By its id alone: for the console, when the patient is gone. Runs as islet_system. Throws NotFound. */
export async function findErasure(tx: Tx, id: string): Promise<Erasure> {
  const [row] = isId(id) ? await tx.query<Row>(`select ${COLUMNS} from erasures e where e.id = $1`, [id]) : [];
  if (!row) throw new NotFound("There is no such erasure.");
  return fromRow(row);
}
