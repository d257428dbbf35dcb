/**
 * Making requests and moving them: each move in one transaction with its history, its place in the change feed and the audit log. Illegal moves are refused by the
 * state machine, moves on what somebody else changed meanwhile by its version. Transactions are of the organization (islet_worker). Requirement D3.
 */
import type { Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { requireConsent } from "#people/consent/consents.ts";
import { ChangedMeanwhile, Conflict } from "../../errors.ts";
import { isEmergency, type Reasons } from "./motives.ts";
import { activeOf, countOpen, holdQueue } from "./queue.ts";
import { APPOINTMENT_COLUMNS, appointmentOf, noSuchAppointment, type AppointmentRow } from "./read.ts";
import { MOVES, nextState, type ActorKind, type AppointmentState, type Move } from "./state-machine.ts";
import type { Appointment, Priority } from "./types.ts";

/** Who asks, or moves. */
export interface Mover {
  readonly organizationId: string;
  /** Null: time itself. */
  readonly userId: string | null;
  readonly kind: ActorKind;
  readonly nowMs: number;
  readonly requestId?: string;
}

/** A change as the feed tells it: that there was one, of a request of this patient. */
export const APPOINTMENT_CHANGE = { kind: "appointment", metric: null, count: 1, fromMs: null, toMs: null } as const;

export interface Wish extends Reasons {
  readonly patientId: string;
  /** The clinic's words for an emergency, in the language of whoever asks: said with a refusal, too. */
  readonly locale: "en" | "es";
}

/**
 * Asks for an appointment: takes a place of the queue and stands in the line. Whoever asks shares the request with the clinic. Throws ConsentMissing (`sharing`),
 * Conflict `already_open` for a second one, `queue_full` where no place is free.
 */
export async function askForAppointment(tx: Tx, mover: Mover, wish: Wish): Promise<Appointment> {
  await requireConsent(tx, wish.patientId, "sharing");
  const made = await takePlace(tx, mover, wish);
  await announce(tx, { organizationId: mover.organizationId, patientId: wish.patientId, connectionId: null, deliveryId: null }, [APPOINTMENT_CHANGE]);
  await audit(tx, mover.organizationId, {
    action: "appointment.asked", actorUserId: mover.userId, patientId: wish.patientId, objectType: "appointment", objectId: made.id, ...(mover.requestId ? { requestId: mover.requestId } : {}),
  });
  return made;
}

/** The place alone: whoever else asks at this moment waits until the transaction has ended. Throws Conflict as `askForAppointment`. */
export async function takePlace(tx: Tx, { organizationId, userId, kind, nowMs }: Mover, { patientId, motives, otherMotive, isSevere, locale }: Wish): Promise<Appointment> {
  const queue = await holdQueue(tx, organizationId, nowMs);
  const [own] = await tx.prepared("appointment_own_open", "select 1 from appointments where patient_id = $1 and state in ('pending', 'accepted', 'created')", [patientId]);
  if (own) throw new Conflict("There is an open request already: wait for its answer, or cancel it.", { code: "already_open" });
  if (activeOf(await countOpen(tx)) >= queue.capacity) {
    const words = isEmergency({ motives, isSevere }) ? ` ${queue.emergencyText[locale]}${queue.emergencyPhone === null ? "" : ` ${queue.emergencyPhone}`}` : "";
    throw new Conflict(`The clinic takes no more requests at the moment: try again later, or call the clinic.${words}`, { code: "queue_full" });
  }
  const [row] = await tx.prepared<AppointmentRow>(
    "appointment_made",
    `with made as (
       insert into appointments as a (organization_id, patient_id, motives, other_motive, is_severe, requested_at, requested_by, state_at, changed_at, changed_by)
       values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, to_timestamp($6::float8 / 1000), to_timestamp($6::float8 / 1000), $7) returning ${APPOINTMENT_COLUMNS}, a.organization_id),
     noted as (insert into appointment_events (organization_id, patient_id, appointment_id, version, move, to_state, actor_kind, by_user_id, at)
       select organization_id, patient_id, id, version, 'ask', state, $8, $7, to_timestamp($6::float8 / 1000) from made)
     select * from made`,
    [organizationId, patientId, motives, otherMotive, isSevere, nowMs, userId, kind],
  );
  return appointmentOf(row!);
}

export interface MoveWish {
  readonly appointmentId: string;
  /** Whose it must be; without it anybody's of the organization, if they share. */
  readonly patientId?: string;
  readonly move: Move;
  /** The version that the caller saw; null: whatever it is. */
  readonly ifVersion: number | null;
  /** Kept in the history. */
  readonly reason?: string;
  readonly set?: { readonly priority?: Priority; readonly priorityReason?: string | null; readonly denialReason?: string } & Partial<Reasons>;
}

/**
 * Makes a move. Throws NotFound alike for a missing and a foreign request, ConsentMissing for the clinic where the patient shares no more, ChangedMeanwhile for
 * another version than the caller saw, Conflict `illegal_move`.
 */
export async function moveAppointment(tx: Tx, mover: Mover, wish: MoveWish): Promise<Appointment> {
  const before = await holdAppointment(tx, wish.appointmentId, wish.patientId);
  if (wish.patientId === undefined) await requireConsent(tx, before.patientId, "sharing");
  if (wish.ifVersion !== null && wish.ifVersion !== before.version) throw await changedMeanwhile(tx, before);
  const moved = await applyMove(tx, mover, before, wish);
  await announce(tx, { organizationId: mover.organizationId, patientId: moved.patientId, connectionId: null, deliveryId: null }, [APPOINTMENT_CHANGE]);
  await audit(tx, mover.organizationId, {
    action: `appointment.${MOVES[wish.move].past}`, actorUserId: mover.userId, patientId: moved.patientId, objectType: "appointment", objectId: moved.id, ...(mover.requestId ? { requestId: mover.requestId } : {}),
  });
  return moved;
}

async function holdAppointment(tx: Tx, appointmentId: string, patientId: string | undefined): Promise<Appointment> {
  const rows = isId(appointmentId)
    ? await tx.prepared<AppointmentRow>(
      "appointment_held", `select ${APPOINTMENT_COLUMNS} from appointments a where a.id = $1 and ($2::uuid is null or a.patient_id = $2) for no key update of a`, [appointmentId, patientId ?? null],
    ) : [];
  if (!rows[0]) throw noSuchAppointment();
  return appointmentOf(rows[0]);
}

async function changedMeanwhile(tx: Tx, { id, patientId, version }: Appointment): Promise<ChangedMeanwhile> {
  const [last] = await tx.query<{ by: string | null; atMs: number }>(
    `select u.display_name as by, a.changed_at as "atMs" from appointments a left join users u on u.id = a.changed_by where a.patient_id = $1 and a.id = $2`, [patientId, id],
  );
  return new ChangedMeanwhile({ version, by: last!.by, atMs: last!.atMs });
}

const TAKES: ReadonlySet<Move> = new Set(["accept", "deny", "resolve", "revise"]);

/** The move alone, with its history. Throws Conflict `illegal_move`. @param before held in this transaction */
export async function applyMove(tx: Tx, mover: Pick<Mover, "kind" | "userId" | "nowMs">, before: Pick<Appointment, "id" | "patientId" | "state">, { move, reason, set = {} }: Pick<MoveWish, "move" | "reason" | "set">): Promise<Appointment> {
  const { kind, userId, nowMs } = mover;
  const state = nextState(before.state, move, kind);
  if (state === null) throw illegalMove(before.state, move, kind);
  const [row] = await tx.prepared<AppointmentRow>(
    "appointment_moved",
    `with changed as (
       update appointments a set state = $3, state_at = case when a.state = $3 then a.state_at else to_timestamp($4::float8 / 1000) end, version = a.version + 1,
         changed_at = to_timestamp($4::float8 / 1000), changed_by = $5, handled_by = case when $6 then $5 else a.handled_by end, denial_reason = coalesce($7, a.denial_reason),
         priority = coalesce($8, a.priority), priority_reason = case when $8::text is null then a.priority_reason else $9 end,
         motives = coalesce($10::text[], a.motives), other_motive = case when $10::text[] is null then a.other_motive else $11 end, is_severe = coalesce($12, a.is_severe)
       where a.patient_id = $1 and a.id = $2 returning ${APPOINTMENT_COLUMNS}, a.organization_id),
     noted as (insert into appointment_events (organization_id, patient_id, appointment_id, version, move, from_state, to_state, actor_kind, by_user_id, at, reason)
       select organization_id, patient_id, id, version, $13, $14, state, $15, $5, to_timestamp($4::float8 / 1000), $16 from changed)
     select * from changed`,
    [
      before.patientId, before.id, state, nowMs, userId, TAKES.has(move), set.denialReason ?? null, set.priority ?? null, set.priorityReason ?? null, set.motives ?? null, set.otherMotive ?? null,
      set.isSevere ?? null, move, before.state, kind, reason ?? null,
    ],
  );
  return appointmentOf(row!);
}

function illegalMove(state: AppointmentState, move: Move, kind: ActorKind): Conflict {
  return new Conflict(`The request is ${state}: a ${kind} cannot do "${move}" with it.`, { code: "illegal_move" });
}
