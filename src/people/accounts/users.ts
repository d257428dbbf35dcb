/** An organization's users as its admins see and change them. */
import { randomBytes } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { Conflict, NotFound } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import type { Role } from "../sessions/sessions.ts";
import { checkNewPassword } from "../sign-in/blocked-passwords.ts";
import { checkEmail, checkUsername, insertUser, refuseTaken, type PersonNames } from "./accounts.ts";
import type { AccountsContext } from "./context.ts";
import { sendEmailProof } from "./email-change.ts";

/** One user as an admin sees him, blocked ones too; never anything of the password. */
export interface UserShown {
  readonly id: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly username: string | null;
  readonly nationalId: string | null;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly hospitalAccount: string | null;
  readonly tidepoolAccount: string | null;
  readonly roles: Role[];
  readonly patientId: string | null;
  readonly createdMs: number;
  readonly blockedMs: number | null;
  readonly mustChangePassword: boolean;
}

export interface UserFilter {
  readonly nationalId?: string | undefined;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly role?: Role | undefined;
  readonly isBlocked?: boolean | undefined;
  /** Part of a name without regard to accents and case, the beginning of an e-mail address or a username, or a whole national id. */
  readonly text?: string | undefined;
}

type UserRow = Omit<UserShown, "nationalId"> & { readonly sealed: string | null };

const SELECT = `select u.id, u.email, u.email_verified_at is not null as "isEmailVerified", u.username, u.national_id_sealed as sealed, u.display_name as "displayName", u.given_name as "givenName",
    u.family_name as "familyName", u.hospital_account as "hospitalAccount", u.tidepool_account as "tidepoolAccount", u.roles, p.id as "patientId", u.created_at as "createdMs",
    u.blocked_at as "blockedMs", u.must_change_password as "mustChangePassword"
  from users u left join patients p on p.user_id = u.id`;

/** A name, and what is searched for, in small letters without accents. */
const PLAIN_NAME = "lower(regexp_replace(normalize(u.display_name, NFD), '[\\u0300-\\u036f]', '', 'g'))";
const PLAIN_TEXT = "lower(regexp_replace(normalize($8, NFD), '[\\u0300-\\u036f]', '', 'g'))";

/** By name; `afterId` is the last user of the page before. */
export async function listUsers(context: AccountsContext, tx: Tx, filter: UserFilter, page: { readonly limit: number; readonly afterId: string | null }): Promise<UserShown[]> {
  const rows = await tx.query<UserRow>(
    `${SELECT} where u.deleted_at is null and ($1::bytea is null or u.national_id_index = $1) and ($2::text is null or u.username = $2) and ($3::text is null or u.email = $3)
       and ($4::text is null or $4 = any(u.roles)) and ($5::boolean is null or (u.blocked_at is not null) = $5)
       and ($6::uuid is null or (u.display_name, u.id) > (select last.display_name, last.id from users last where last.id = $6))
       and ($8::text is null or strpos(${PLAIN_NAME}, ${PLAIN_TEXT}) > 0 or starts_with(u.email, lower($8)) or starts_with(u.username, lower($8)) or u.national_id_index = $9)
     order by u.display_name, u.id limit $7`,
    [
      filter.nationalId === undefined ? null : context.identities.index(filter.nationalId), filter.username?.trim().toLowerCase() ?? null, filter.email?.trim().toLowerCase() ?? null,
      filter.role ?? null, filter.isBlocked ?? null, page.afterId, page.limit, filter.text ?? null, filter.text === undefined ? null : context.identities.index(filter.text),
    ],
  );
  return rows.map((row) => shown(context, row));
}

/** Throws NotFound alike for a missing, a deleted and another organization's user. */
export async function readUser(context: AccountsContext, tx: Tx, userId: string): Promise<UserShown> {
  const rows = await tx.query<UserRow>(`${SELECT} where u.id = $1 and u.deleted_at is null`, [userId]);
  if (!rows[0]) throw new NotFound("There is no such user.");
  return shown(context, rows[0]);
}

/** What tells a patient from others; nothing of it for a patient without an account. */
export async function identityOfPatient(context: Pick<AccountsContext, "identities">, tx: Tx, patientId: string): Promise<Pick<UserShown, "nationalId" | "hospitalAccount">> {
  const [row] = await tx.query<{ id: string; sealed: string | null; hospitalAccount: string | null }>(
    `select u.id, u.national_id_sealed as sealed, u.hospital_account as "hospitalAccount" from users u join patients p on p.user_id = u.id where p.id = $1 and u.deleted_at is null`, [patientId],
  );
  return { nationalId: row?.sealed ? context.identities.open(row.sealed, row.id) : null, hospitalAccount: row?.hospitalAccount ?? null };
}

function shown(context: AccountsContext, { sealed, ...row }: UserRow): UserShown {
  return { ...row, nationalId: sealed === null ? null : context.identities.open(sealed, row.id) };
}

export interface UserOrder extends PersonNames {
  readonly email: string | null;
  readonly username: string | null;
  readonly nationalId: string | null;
  readonly roles: readonly Role[];
  readonly zone: string;
  readonly locale: "en" | "es";
  /** Null: one is made, and given back once. */
  readonly password: string | null;
  /** An operator at the machine vouches for the address; otherwise it is confirmed by mail. */
  readonly isVouched?: boolean;
}

/**
 * Makes an account by an admin's hand. Its person must choose another password at the first sign-in, since somebody else knows this one; an address is
 * confirmed by mail. Throws Conflict for a name to sign in by that is taken.
 */
export async function makeUser(
  context: AccountsContext, admin: { readonly userId: string | null; readonly organizationId: string }, order: UserOrder,
): Promise<{ userId: string; patientId: string | null; initialPassword: string | null }> {
  const { identities } = context;
  const email = order.email === null ? null : checkEmail(order.email);
  const username = order.username === null ? null : checkUsername(order.username);
  const nationalId = order.nationalId === null ? null : { text: identities.check(order.nationalId), identities };
  const initial = order.password === null ? randomBytes(18).toString("base64url") : null;
  if (order.password !== null) checkNewPassword({ password: order.password, words: [email, username, order.displayName, order.givenName, order.familyName, nationalId?.text] });
  const hash = await context.hashing.hash(order.password ?? initial!);
  // Across tenants: whether a name is taken is not asked of one organization alone.
  const made = await context.database.asSystem(async (tx) => {
    const user = await insertUser(tx, { ...order, organizationId: admin.organizationId, email, emailVerifiedMs: order.isVouched && email !== null ? context.clock.now() : null, username, nationalId, password: { hash, scheme: "argon2id" }, mustChangePassword: true });
    await audit(tx, admin.organizationId, { action: "user.made", actorUserId: admin.userId, patientId: user.patientId, objectType: "user", objectId: user.userId });
    await sendEmailProof(context, tx, { userId: user.userId, organizationId: admin.organizationId });
    return user;
  });
  return { ...made, initialPassword: initial };
}

export interface UserPatch extends Partial<Omit<PersonNames, "displayName">> {
  readonly displayName?: string | undefined;
  readonly username?: string | null | undefined;
  readonly nationalId?: string | null | undefined;
  readonly roles?: readonly Role[] | undefined;
}

export interface AdminAct {
  readonly admin: { readonly userId: string | null; readonly organizationId: string };
  readonly userId: string;
}

/**
 * Changes what is given. Other roles end the user's sessions (faults AU-08, AU-09). Throws NotFound, Conflict for a taken name, for the last admin's
 * role, and for a patient that would lose the role while the record stands.
 */
export async function changeUser(context: AccountsContext, tx: Tx, { admin, userId }: AdminAct, patch: UserPatch): Promise<void> {
  const before = await readUser(context, tx, userId);
  const roles = patch.roles === undefined ? before.roles : [...new Set(patch.roles)];
  const hasOtherRoles = roles.toSorted().join() !== before.roles.toSorted().join();
  if (!roles.includes("admin")) await keepAnAdmin(tx, userId);
  if (before.patientId !== null && !roles.includes("patient")) throw new Conflict("This user is a patient with a record: the role goes with the record, by its erasure.");
  const kept = <T>(next: T | undefined, old: T): T => (next === undefined ? old : next);
  const username = patch.username == null ? kept(patch.username, before.username) : checkUsername(patch.username);
  const nationalId = patch.nationalId == null ? kept(patch.nationalId, before.nationalId) : context.identities.check(patch.nationalId);
  if (before.email === null && username === null && nationalId === null) throw new Conflict("An account needs an e-mail address, a username or a national id to sign in by.");
  await tx.query(
    `update users set display_name = $2, given_name = $3, family_name = $4, hospital_account = $5, tidepool_account = $6, username = $7, national_id_index = $8, national_id_sealed = $9, roles = $10 where id = $1`,
    [
      userId, patch.displayName ?? before.displayName, kept(patch.givenName, before.givenName), kept(patch.familyName, before.familyName), kept(patch.hospitalAccount, before.hospitalAccount),
      kept(patch.tidepoolAccount, before.tidepoolAccount), username, nationalId === null ? null : context.identities.index(nationalId), nationalId === null ? null : context.identities.seal(nationalId, userId), roles,
    ],
  ).catch(refuseTaken);
  if (patch.displayName !== undefined && before.patientId !== null) await tx.query("update patients set display_name = $2 where id = $1", [before.patientId, patch.displayName]);
  if (before.patientId === null && roles.includes("patient")) {
    await tx.query("insert into patients (organization_id, user_id, display_name, zone) select organization_id, id, display_name, zone from users where id = $1", [userId]);
  }
  if (hasOtherRoles) await endSessionsOf(tx, userId);
  await audit(tx, admin.organizationId, { action: hasOtherRoles ? "user.roles_changed" : "user.changed", actorUserId: admin.userId, patientId: before.patientId, objectType: "user", objectId: userId });
}

/** Blocks a user and ends the sessions at once, or lets him in again. Throws NotFound, and Conflict for the last admin. */
export async function setBlocked(context: AccountsContext, tx: Tx, { admin, userId }: AdminAct, isBlocked: boolean): Promise<void> {
  await readUser(context, tx, userId);
  if (isBlocked) await keepAnAdmin(tx, userId);
  const changed = await tx.query(
    isBlocked
      ? "update users set blocked_at = to_timestamp($2::float8 / 1000), blocked_by = $3 where id = $1 and blocked_at is null returning 1"
      : "update users set blocked_at = null, blocked_by = null where id = $1 and blocked_at is not null and $2::float8 > 0 and $3::uuid is null returning 1",
    [userId, context.clock.now(), isBlocked ? admin.userId : null],
  );
  if (isBlocked) await endSessionsOf(tx, userId);
  if (changed.length > 0) await audit(tx, admin.organizationId, { action: isBlocked ? "user.blocked" : "user.unblocked", actorUserId: admin.userId, objectType: "user", objectId: userId });
}

/** Throws Conflict when nobody but this user could administrate the organization. Two admins who take each other's role wait for one another here. */
export async function keepAnAdmin(tx: Tx, userId: string): Promise<void> {
  const admins = await tx.query<{ id: string }>(
    `select id from users where 'admin' = any(roles) and blocked_at is null and deleted_at is null and organization_id = (select organization_id from users where id = $1) order by id for update`, [userId],
  );
  if (admins.length === 1 && admins[0]!.id === userId) throw new Conflict("This is the organization's last admin: make another one first.", { code: "last_admin" });
}
