/**
 * Invitations: who invites fixes organization, roles and for whom it is; who is invited brings a password. Good once, for seven days, for this address
 * or national id alone (faults AU-20). Admins invite to any role, clinicians patients alone, and either into their own organization.
 */
import type { Tx } from "#db/database.ts";
import { sendMail } from "#mail/outbox.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { NotFound, NotPermitted } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import type { Role } from "../sessions/sessions.ts";
import { checkNewPassword } from "../sign-in/blocked-passwords.ts";
import { checkEmail, insertUser, type PersonNames } from "./accounts.ts";
import type { AccountsContext } from "./context.ts";
import { mailLink, MOST_LINKS_AN_HOUR, newToken, refuseLink, tokenHash } from "./links.ts";
import { readPerson } from "./person.ts";

const LIFE_MS = 7 * DAY_MS;

export interface NewInvitation {
  readonly organizationId: string;
  readonly invitedBy: string;
  readonly roles: readonly Role[];
  /** One of them, or both: the mail goes to the address, and who accepts must know the id. */
  readonly email: string | null;
  readonly nationalId: string | null;
  readonly locale: "en" | "es";
}

export interface Invitation {
  readonly id: string;
  readonly roles: Role[];
  readonly email: string | null;
  readonly byNationalId: boolean;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly acceptedMs: number | null;
  readonly withdrawnMs: number | null;
}

const COLUMNS = `id, roles, email, national_id_index is not null as "byNationalId", created_at as "createdMs", expires_at as "expiresMs",
  accepted_at as "acceptedMs", withdrawn_at as "withdrawnMs"`;

/** Throws NotPermitted where somebody who is no admin invites to more than a patient's account. */
export function checkMayInvite(inviter: { readonly roles: readonly Role[] }, roles: readonly Role[]): void {
  if (!inviter.roles.includes("admin") && roles.some((role) => role !== "patient")) throw new NotPermitted("Clinicians invite patients alone. Ask an admin to invite somebody to another role.");
}

/** Makes an invitation in a transaction of its organization. Gives the link where there is no address to send it to: to be handed over, shown once. */
export async function invite(context: AccountsContext, tx: Tx, order: NewInvitation): Promise<{ invitation: Invitation; link: string | null }> {
  const nowMs = context.clock.now();
  const email = order.email === null ? null : checkEmail(order.email);
  const nationalId = order.nationalId === null ? null : context.identities.check(order.nationalId);
  const { token, hash } = newToken();
  const rows = await tx.query<Invitation>(
    `insert into invitations (organization_id, token_hash, invited_by, roles, email, national_id_index, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), to_timestamp($8::float8 / 1000)) returning ${COLUMNS}`,
    [
      order.organizationId, hash, order.invitedBy, [...new Set(order.roles)], email, nationalId && context.identities.index(nationalId), nowMs, nowMs + LIFE_MS,
    ],
  );
  const inviter = await readPerson(tx, order.invitedBy);
  const link = mailLink(context, "invitation", token);
  if (email !== null) await sendMail(tx, { organizationId: order.organizationId, to: email, template: "invitation", locale: order.locale, values: { organization: inviter.organization }, link });
  await audit(tx, order.organizationId, { action: "invitation.made", actorUserId: order.invitedBy, objectType: "invitation", objectId: rows[0]!.id });
  return { invitation: rows[0]!, link: email === null ? link.url.open() : null };
}

/**
 * Invites whoever a patient wants to share with to an account of a follower, unless the address has an account: nobody learns here whether it has. In a
 * transaction across tenants, since an address may be another organization's.
 */
export async function inviteFollower(context: AccountsContext, tx: Tx, order: Pick<NewInvitation, "organizationId" | "invitedBy" | "locale"> & { readonly email: string }): Promise<void> {
  const taken = await tx.query("select 1 from users where email = $1", [checkEmail(order.email)]);
  const open = await tx.query("select 1 from invitations where email = $1 and created_at > to_timestamp($2::float8 / 1000) limit $3", [checkEmail(order.email), context.clock.now() - HOUR_MS, MOST_LINKS_AN_HOUR]);
  if (taken.length === 0 && open.length < MOST_LINKS_AN_HOUR) await invite(context, tx, { ...order, roles: ["follower"], nationalId: null });
}

/** Of the transaction's organization, the newest first. @param madeBy whose alone; null: everybody's */
export async function listInvitations(tx: Tx, madeBy: string | null): Promise<Invitation[]> {
  return tx.query<Invitation>(`select ${COLUMNS} from invitations where $1::uuid is null or invited_by = $1 order by created_at desc, id limit 500`, [madeBy]);
}

export interface Withdrawal {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  /** Whose it must be; null: anybody's of the organization. */
  readonly madeBy: string | null;
}

/** Throws NotFound for one that is not there, somebody else's, used, or withdrawn already. */
export async function withdrawInvitation(context: AccountsContext, tx: Tx, order: Withdrawal): Promise<void> {
  const rows = await tx.query(
    `update invitations set withdrawn_at = to_timestamp($2::float8 / 1000) where id = $1 and ($3::uuid is null or invited_by = $3) and accepted_at is null and withdrawn_at is null returning 1`,
    [order.id, context.clock.now(), order.madeBy],
  );
  if (rows.length === 0) throw new NotFound("There is no such open invitation.");
  await audit(tx, order.organizationId, { action: "invitation.withdrawn", actorUserId: order.userId, objectType: "invitation", objectId: order.id });
}

interface OpenInvitation {
  readonly id: string; readonly organizationId: string; readonly organization: string; readonly roles: Role[]; readonly email: string | null; readonly nationalIdIndex: Buffer | null;
}

/** What an invitation is for, told to whoever holds its link. Throws InvalidInput for one that does not work. */
export async function lookAtInvitation(context: AccountsContext, token: string): Promise<Pick<OpenInvitation, "organization" | "roles" | "email"> & { readonly needsNationalId: boolean }> {
  const { organization, roles, email, nationalIdIndex } = await context.database.asSystem((tx) => find(tx, token, context.clock.now()));
  return { organization, roles, email, needsNationalId: nationalIdIndex !== null };
}

export interface Acceptance extends Pick<PersonNames, "displayName" | "givenName" | "familyName"> {
  readonly token: string;
  readonly password: string;
  /** Must be the invited one; where none was fixed, an address of the person's own, which is confirmed by mail later. */
  readonly email: string | null;
  readonly nationalId: string | null;
  readonly username: string | null;
  readonly locale: "en" | "es";
  readonly zone: string;
}

/** Makes the invited account. Throws InvalidInput for a link that does not work or belongs to somebody else, Conflict where there is an account already. */
export async function acceptInvitation(context: AccountsContext, given: Acceptance): Promise<{ userId: string; patientId: string | null; organizationId: string }> {
  const { database, clock, hashing, identities } = context;
  const open = await database.asSystem((tx) => find(tx, given.token, clock.now()));
  const email = given.email === null ? open.email : checkEmail(given.email);
  // The same answer as for no invitation at all: whoever found a link does not learn whose it is by trying.
  if (open.email !== null && email !== open.email) refuseLink();
  if (open.nationalIdIndex !== null && (given.nationalId === null || !identities.index(given.nationalId).equals(open.nationalIdIndex))) refuseLink();
  const nationalId = given.nationalId === null ? null : identities.check(given.nationalId);
  checkNewPassword({ password: given.password, words: [email, given.username, given.displayName, given.givenName, given.familyName, nationalId] });
  const hash = await hashing.hash(given.password);
  return database.asSystem(async (tx) => {
    const nowMs = clock.now();
    const made = await insertUser(tx, {
      ...given, organizationId: open.organizationId, email, emailVerifiedMs: open.email === null ? null : nowMs, nationalId: nationalId === null ? null : { text: nationalId, identities },
      password: { hash, scheme: "argon2id" }, roles: open.roles,
    });
    await use(tx, open, { userId: made.userId, nowMs });
    return { ...made, organizationId: open.organizationId };
  });
}

/** An invitation is worth what the right of who made it is worth at this moment. */
async function find(tx: Tx, token: string, nowMs: number): Promise<OpenInvitation> {
  const rows = await tx.query<OpenInvitation>(
    `select i.id, i.organization_id as "organizationId", o.name as organization, i.roles, i.email, i.national_id_index as "nationalIdIndex"
     from invitations i join organizations o on o.id = i.organization_id join users u on u.id = i.invited_by
     where i.token_hash = $1 and i.accepted_at is null and i.withdrawn_at is null and i.expires_at > to_timestamp($2::float8 / 1000)
       and u.blocked_at is null and ('admin' = any(u.roles) or i.roles = '{follower}' or (i.roles = '{patient}' and 'clinician' = any(u.roles)))`,
    [tokenHash(token), nowMs],
  );
  return rows[0] ?? refuseLink();
}

/** Uses it up: of two who accept at once, one is refused, and what he did is undone with his transaction. */
async function use(tx: Tx, open: OpenInvitation, by: { readonly userId: string; readonly nowMs: number }): Promise<void> {
  const rows = await tx.query("update invitations set accepted_at = to_timestamp($2::float8 / 1000), accepted_by = $3 where id = $1 and accepted_at is null and withdrawn_at is null returning 1", [open.id, by.nowMs, by.userId]);
  if (rows.length === 0) refuseLink();
  await audit(tx, open.organizationId, { action: "invitation.accepted", actorUserId: by.userId, objectType: "invitation", objectId: open.id });
}
