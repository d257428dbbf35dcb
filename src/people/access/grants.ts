/**
 * Sharing: who besides the patient may see, upload to or manage a patient, given by the patient, ended at any time.
 * Times are the database's, as where access is asked. Design §6.
 */
import type { Tx } from "#db/database.ts";
import { Conflict, InvalidInput, NotFound, NotPermitted } from "../../errors.ts";
import { requireConsent } from "../consent/consents.ts";
import type { Role } from "../sessions/sessions.ts";
import { RANK, type AccessScope } from "./access.ts";

/** What somebody holds. */
export interface Grant {
  readonly userId: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly scope: AccessScope;
  readonly kind: "shared" | "break_glass";
  readonly fromMs: number;
  /** Infinity where it has no end. */
  readonly untilMs: number;
}

export interface Offer {
  readonly id: string;
  readonly email: string;
  readonly scope: AccessScope;
  readonly untilMs: number;
  readonly offeredMs: number;
  readonly expiresMs: number;
}

/** Whose patient it is, and who gives. */
export interface Giver {
  readonly organizationId: string;
  readonly patientId: string;
  readonly userId: string;
  /** Whether the giver is the patient: nobody else may let others manage. */
  readonly isSelf: boolean;
}

/** An offer that nobody took. */
const OFFER_DAYS = 14;
/** Nobody shares with more people than a ward has. */
const MOST_GRANTS = 200;

/** Who holds a grant on the patient now or later, by name. Ended ones are history: the audit log has them. */
export async function listGrants(tx: Tx, patientId: string): Promise<Grant[]> {
  return tx.query<Grant & Record<string, unknown>>(
    `select g.user_id as "userId", u.display_name as "displayName", u.roles, g.scope, g.kind, g.valid_from as "fromMs", g.valid_to as "untilMs"
     from grants g join users u on u.id = g.user_id where g.patient_id = $1 and g.valid_to > now() order by u.display_name, u.id`,
    [patientId],
  );
}

export async function listOffers(tx: Tx, patientId: string): Promise<Offer[]> {
  return tx.query<Offer & Record<string, unknown>>(
    `select id, email, scope, valid_to as "untilMs", created_at as "offeredMs", expires_at as "expiresMs" from grant_offers
     where patient_id = $1 and expires_at > now() order by created_at, id`,
    [patientId],
  );
}

/** The clinicians of the transaction's organization whom a patient can share with, by name. */
export async function listClinicians(tx: Tx): Promise<{ id: string; displayName: string }[]> {
  return tx.query(`select id, display_name as "displayName" from users where 'clinician' = any(roles) and blocked_at is null order by display_name, id`);
}

export interface Wanted {
  readonly scope: AccessScope;
  /** Null: until it is taken back. */
  readonly untilMs: number | null;
}

/**
 * Gives a clinician of the organization a grant, or changes the one that is held. Throws NotFound for anybody else (an offer by e-mail is the way
 * to those, which tells nobody who has an account), NotPermitted for letting others manage without being the patient.
 */
export async function giveGrant(tx: Tx, giver: Giver, toUserId: string, wanted: Wanted): Promise<void> {
  await refuseTooMuch(tx, giver, wanted);
  const [user] = await tx.query("select 1 from users where id = $1 and 'clinician' = any(roles) and blocked_at is null", [toUserId]);
  if (!user) throw new NotFound("There is no such clinician.");
  if (toUserId === giver.userId) throw new Conflict("One holds all rights to one's own data already, and gives oneself none to another's.", { code: "own_grant" });
  await refuseTooMany(tx, giver.patientId);
  await store(tx, giver, toUserId, wanted);
}

/** Changes a grant that is held. Throws NotFound where there is none. */
export async function changeGrant(tx: Tx, giver: Giver, userId: string, wanted: Wanted): Promise<void> {
  await refuseTooMuch(tx, giver, wanted);
  const [held] = await tx.query("select 1 from grants where patient_id = $1 and user_id = $2 and kind = 'shared' and valid_to > now()", [giver.patientId, userId]);
  if (!held) throw new NotFound("There is no such grant.");
  if (userId === giver.userId) throw new NotPermitted("Nobody changes a grant of their own.");
  await store(tx, giver, userId, wanted);
}

/** Ends a grant at once; also one's own. Throws NotFound where there is none. */
export async function endGrant(tx: Tx, patientId: string, userId: string): Promise<void> {
  const ended = await tx.query("delete from grants where patient_id = $1 and user_id = $2 and valid_to > now() returning 1 as ended", [patientId, userId]);
  if (ended.length === 0) throw new NotFound("There is no such grant.");
}

/** Offers a grant to whoever owns the address. A second offer to the same address takes the place of the first. */
export async function offerGrant(tx: Tx, giver: Giver, email: string, wanted: Wanted): Promise<Offer> {
  await refuseTooMuch(tx, giver, wanted);
  await refuseTooMany(tx, giver.patientId);
  const address = email.trim().toLowerCase();
  await tx.query("delete from grant_offers where patient_id = $1 and email = $2", [giver.patientId, address]);
  await tx.query(
    `insert into grant_offers (organization_id, patient_id, email, scope, valid_to, offered_by, expires_at)
     values ($1, $2, $3, $4, coalesce(to_timestamp($5::float8 / 1000), 'infinity'), $6, now() + make_interval(days => $7))`,
    [giver.organizationId, giver.patientId, address, wanted.scope, wanted.untilMs, giver.userId, OFFER_DAYS],
  );
  return (await listOffers(tx, giver.patientId)).find((offer) => offer.email === address)!;
}

/** Takes an offer back. Throws NotFound where there is none. */
export async function withdrawOffer(tx: Tx, patientId: string, offerId: string): Promise<void> {
  const gone = await tx.query("delete from grant_offers where patient_id = $1 and id = $2 returning 1 as gone", [patientId, offerId]);
  if (gone.length === 0) throw new NotFound("There is no such offer.");
}

export interface OfferToMe {
  readonly id: string;
  readonly patientId: string;
  readonly from: string;
  readonly scope: AccessScope;
  readonly untilMs: number;
  readonly expiresMs: number;
}

/** What is offered to the address of this user, who has proved that it is theirs. */
export async function offersTo(tx: Tx, userId: string): Promise<OfferToMe[]> {
  return tx.query<OfferToMe & Record<string, unknown>>(
    `select o.id, o.patient_id as "patientId", p.display_name as "from", o.scope, o.valid_to as "untilMs", o.expires_at as "expiresMs"
     from users u join grant_offers o on o.email = u.email join patients p on p.id = o.patient_id
     where u.id = $1 and u.email_verified_at is not null and o.expires_at > now() order by o.created_at, o.id`,
    [userId],
  );
}

/** Turns an offer to this user into a grant, or declines it. Throws NotFound for an offer to somebody else, ConsentMissing where the person shares no more. */
export async function answerOffer(tx: Tx, userId: string, offerId: string, accept: boolean): Promise<{ patientId: string }> {
  const offer = (await offersTo(tx, userId)).find(({ id }) => id === offerId);
  if (!offer) throw new NotFound("There is no such offer.");
  if (accept) await requireConsent(tx, offer.patientId, "sharing");
  const [given] = await tx.query<{ organization_id: string; offered_by: string }>("delete from grant_offers where patient_id = $1 and id = $2 returning organization_id, offered_by", [offer.patientId, offerId]);
  // Another answer to the same offer was faster.
  if (!given) throw new NotFound("There is no such offer.");
  if (accept) {
    const untilMs = offer.untilMs === Number.POSITIVE_INFINITY ? null : offer.untilMs;
    await store(tx, { organizationId: given.organization_id, patientId: offer.patientId, userId: given.offered_by }, userId, { scope: offer.scope, untilMs });
  }
  return { patientId: offer.patientId };
}

async function store(tx: Tx, giver: Omit<Giver, "isSelf">, userId: string, { scope, untilMs }: Wanted): Promise<void> {
  await tx.query(
    `insert into grants (organization_id, patient_id, user_id, scope, valid_to, granted_by) values ($1, $2, $3, $4, coalesce(to_timestamp($5::float8 / 1000), 'infinity'), $6)
     on conflict (patient_id, user_id) do update set scope = excluded.scope, valid_from = least(grants.valid_from, excluded.valid_from), valid_to = excluded.valid_to,
       kind = 'shared', granted_by = excluded.granted_by`,
    [giver.organizationId, giver.patientId, userId, scope, untilMs, giver.userId],
  );
}

async function refuseTooMuch(tx: Tx, giver: Giver, { scope, untilMs }: Wanted): Promise<void> {
  if (RANK[scope] >= RANK.manage && !giver.isSelf) throw new NotPermitted("Only the person themselves may let somebody else manage their data.");
  const past = untilMs === null ? [] : await tx.query("select 1 where to_timestamp($1::float8 / 1000) <= now()", [untilMs]);
  if (past.length > 0) throw new InvalidInput("The end of the grant lies in the past.", { issues: [{ pointer: "/body/until", detail: "an instant in the future, or none" }] });
}

async function refuseTooMany(tx: Tx, patientId: string): Promise<void> {
  const [row] = await tx.query<{ count: string }>(
    "select (select count(*) from grants where patient_id = $1 and valid_to > now()) + (select count(*) from grant_offers where patient_id = $1) as count", [patientId],
  );
  if (Number(row!.count) >= MOST_GRANTS) throw new Conflict(`A person shares with ${MOST_GRANTS} others at most: end a grant first.`, { code: "too_many_grants" });
}
