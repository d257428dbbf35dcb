/**
 * Who of the clinic cares for a person, and as what. To be named here opens nothing: access is given by grants alone, and the list says of each member whether they
 * have it now. Clinicians who have access and were never named stand in the list, too: the person sees everybody who can look. Requirement D5; docs/clinical-history.md.
 */
import { isUniqueViolation, type Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { isId, type AccessScope } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { Conflict, NotFound } from "../../errors.ts";

export const CARE_ROLES = ["physician", "nurse", "dietitian", "educator", "psychologist", "other"] as const;
export type CareRole = (typeof CARE_ROLES)[number];

export interface CareTeamOwner {
  readonly organizationId: string;
  readonly patientId: string;
  /** Who changes the team. */
  readonly userId: string;
  readonly nowMs: number;
}

export interface CareTeamMember {
  /** Null for a clinician who has access and was never named. */
  readonly id: string | null;
  readonly userId: string;
  readonly displayName: string;
  readonly role: CareRole | null;
  readonly roleWords: string | null;
  readonly isMainContact: boolean;
  readonly sinceMs: number | null;
  /** What they may now; null without access. */
  readonly scope: AccessScope | null;
  readonly accessSinceMs: number | null;
}

/** What is said of a member. */
export interface CareTeamPlace {
  readonly role: CareRole;
  readonly roleWords: string | null;
  readonly isMainContact: boolean;
}

/** More than any person's team has. */
const MOST_MEMBERS = 100;

/** The main contact first, then those who were named, then who only has access; each by name. Access in an emergency is none of a team. */
export async function listCareTeam(tx: Tx, patientId: string): Promise<CareTeamMember[]> {
  return tx.query<CareTeamMember & Record<string, unknown>>(
    `select m.id, u.id as "userId", u.display_name as "displayName", m.role, m.role_words as "roleWords", coalesce(m.is_main_contact, false) as "isMainContact", m.since as "sinceMs",
            g.scope, g.valid_from as "accessSinceMs"
     from (select * from care_team_members where patient_id = $1 and ended_at is null) m
     full join (select * from grants where patient_id = $1 and kind = 'shared' and now() between valid_from and valid_to) g on g.user_id = m.user_id
     join users u on u.id = coalesce(m.user_id, g.user_id)
     where u.blocked_at is null and (m.id is not null or 'clinician' = any(u.roles))
     order by coalesce(m.is_main_contact, false) desc, m.id is null, u.display_name, u.id limit ${2 * MOST_MEMBERS}`,
    [patientId],
  );
}

/** Names a clinician of the organization. Gives the member's id. Throws NotFound for anybody else, Conflict (`already_member`, `team_full`). */
export async function addMember(tx: Tx, owner: CareTeamOwner, userId: string, place: CareTeamPlace): Promise<string> {
  const { organizationId, patientId, nowMs } = owner;
  const known = isId(userId) ? await tx.query("select 1 from users where id = $1 and 'clinician' = any(roles) and blocked_at is null", [userId]) : [];
  if (known.length === 0) throw new NotFound("There is no such clinician.");
  const [{ count } = { count: 0 }] = await tx.query<{ count: number }>("select count(*)::int as count from care_team_members where patient_id = $1 and ended_at is null", [patientId]);
  if (count >= MOST_MEMBERS) throw new Conflict(`A care team has at most ${MOST_MEMBERS} members: end one first.`, { code: "team_full" });
  if (place.isMainContact) await leaveMainContact(tx, patientId);
  const [row] = await tx.query<{ id: string }>(
    `insert into care_team_members (organization_id, patient_id, user_id, role, role_words, is_main_contact, since, added_by)
     values ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), $8) returning id`,
    [organizationId, patientId, userId, place.role, place.roleWords, place.isMainContact, nowMs, owner.userId],
  ).catch((error: unknown) => {
    if (isUniqueViolation(error, "care_team_once")) throw new Conflict("This clinician is in the care team already.", { code: "already_member" });
    throw error;
  });
  await tell(tx, owner, { action: "care_team.joined", memberId: row!.id });
  return row!.id;
}

/** Throws NotFound for a member that is none. */
export async function changeMember(tx: Tx, owner: CareTeamOwner, memberId: string, place: Partial<CareTeamPlace>): Promise<void> {
  await holdMember(tx, owner.patientId, memberId);
  if (place.isMainContact) await leaveMainContact(tx, owner.patientId);
  await tx.query(
    `update care_team_members set role = coalesce($3, role), role_words = case when $4 then $5 else role_words end, is_main_contact = coalesce($6, is_main_contact) where patient_id = $1 and id = $2`,
    [owner.patientId, memberId, place.role ?? null, place.roleWords !== undefined, place.roleWords ?? null, place.isMainContact ?? null],
  );
  await tell(tx, owner, { action: "care_team.changed", memberId });
}

/** Ends a membership; it stays known that there was one. Access ends with the grant and not here. Throws NotFound. */
export async function endMembership(tx: Tx, owner: CareTeamOwner, memberId: string): Promise<void> {
  await holdMember(tx, owner.patientId, memberId);
  await tx.query("update care_team_members set ended_at = to_timestamp($3::float8 / 1000), is_main_contact = false where patient_id = $1 and id = $2", [owner.patientId, memberId, owner.nowMs]);
  await tell(tx, owner, { action: "care_team.left", memberId });
}

async function holdMember(tx: Tx, patientId: string, memberId: string): Promise<void> {
  const rows = isId(memberId) ? await tx.query("select 1 from care_team_members where patient_id = $1 and id = $2 and ended_at is null for update", [patientId, memberId]) : [];
  if (rows.length === 0) throw new NotFound("There is no such member of the care team.");
}

async function leaveMainContact(tx: Tx, patientId: string): Promise<void> {
  // Two at once would each name theirs.
  await tx.query("select 1 from patients where id = $1 for no key update", [patientId]);
  await tx.query("update care_team_members set is_main_contact = false where patient_id = $1 and is_main_contact", [patientId]);
}

async function tell(tx: Tx, { organizationId, patientId, userId }: CareTeamOwner, { action, memberId }: { readonly action: string; readonly memberId: string }): Promise<void> {
  await announce(tx, { organizationId, patientId, connectionId: null, deliveryId: null }, [{ kind: "clinical", metric: null, count: 1, fromMs: null, toMs: null }]);
  await audit(tx, organizationId, { action, actorUserId: userId, patientId, objectType: "care_team_member", objectId: memberId });
}
