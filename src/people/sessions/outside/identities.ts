/** Who a subject of an issuer is here. An issuer's word for an e-mail address is no proof of being whoever has it. Catalogue AU-15; ASVS 5.0 6.8.1, 10.5.2. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Database, Tx } from "#db/database.ts";
import { Conflict, NotFound } from "../../../errors.ts";
import { audit } from "../../audit/audit.ts";
import { hashPassword } from "../../sign-in/passwords.ts";
import type { Role } from "../sessions.ts";
import type { NewcomerRule } from "./settings.ts";

export interface Subject {
  readonly issuer: string;
  readonly subject: string;
}

/** What an issuer tells of somebody; believed for a name and an address to write to, and for nothing else. */
export interface Told {
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly name: string | null;
}

/** A user whom a subject leads to. */
export interface Known {
  readonly userId: string;
  readonly organizationId: string;
  readonly roles: Role[];
  readonly patientId: string | null;
}

const LONGEST_SUBJECT = 255;
const LONGEST_NAME = 80;

/** Whether a text may be a subject: OpenID Connect Core §2 allows 255 characters; the database no NUL. */
export function isSubject(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_SUBJECT && !value.includes("\0");
}

/** Null for a subject that leads to nobody, or to somebody who is blocked. The transaction is one of islet_system. */
export async function findKnown(tx: Tx, { issuer, subject }: Subject): Promise<Known | null> {
  const [row] = await tx.query<Known & Record<string, unknown>>(
    `select u.id as "userId", u.organization_id as "organizationId", u.roles, p.id as "patientId"
     from outside_identities i join users u on u.id = i.user_id left join patients p on p.user_id = u.id
     where i.issuer = $1 and i.subject = $2 and u.blocked_at is null`,
    [issuer, subject],
  );
  return row ?? null;
}

/** Whether the subject leads to anybody, be it somebody blocked: then nobody new is made of it. */
async function isTaken(tx: Tx, { issuer, subject }: Subject): Promise<boolean> {
  return (await tx.query("select 1 from outside_identities where issuer = $1 and subject = $2", [issuer, subject])).length > 0;
}

/** Leads a subject to a user from now on. Throws Conflict when it leads to another one already. */
export async function linkIdentity(tx: Tx, who: Subject & { readonly userId: string; readonly organizationId: string }, nowMs: number): Promise<void> {
  await tx.query(
    `insert into outside_identities (issuer, subject, organization_id, user_id, created_at) values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000)) on conflict do nothing`,
    [who.issuer, who.subject, who.organizationId, who.userId, nowMs],
  );
  const [row] = await tx.query<{ user_id: string }>("select user_id from outside_identities where issuer = $1 and subject = $2", [who.issuer, who.subject]);
  if (row?.user_id !== who.userId) throw new Conflict("This identity belongs to another account.", { code: "identity_taken" });
  await audit(tx, who.organizationId, { action: "identity.linked", actorUserId: who.userId, objectType: "issuer", objectId: who.issuer });
}

export interface LinkedIdentity {
  readonly issuer: string;
  readonly linkedMs: number;
}

/** By which issuers somebody can sign in; never the subjects. */
export async function listIdentities(tx: Tx, userId: string): Promise<LinkedIdentity[]> {
  return tx.query<LinkedIdentity & Record<string, unknown>>(
    `select issuer, created_at as "linkedMs" from outside_identities where user_id = $1 order by issuer, created_at`, [userId],
  );
}

/** Throws NotFound when nothing of this issuer is linked, Conflict when nothing else would lead to the account any more. */
export async function unlinkIdentity(tx: Tx, who: { readonly userId: string; readonly organizationId: string; readonly issuer: string }): Promise<void> {
  const linked = await listIdentities(tx, who.userId);
  if (!linked.some(({ issuer }) => issuer === who.issuer)) throw new NotFound("No identity of this provider is linked to you.");
  const [user] = await tx.query<{ has_address: boolean }>("select coalesce(email not like '%@outside.invalid', false) as has_address from users where id = $1", [who.userId]);
  if (user?.has_address !== true && linked.every(({ issuer }) => issuer === who.issuer)) throw new Conflict("This is the only way into your account: give it an e-mail address first.");
  await tx.query("delete from outside_identities where user_id = $1 and issuer = $2", [who.userId, who.issuer]);
  await audit(tx, who.organizationId, { action: "identity.unlinked", actorUserId: who.userId, objectType: "issuer", objectId: who.issuer });
}

/** Makes a user of a subject that was never seen, by the operator's rule; null where it leads to somebody already who may not be let in. */
export async function createNewcomer(database: Database, who: Subject & { readonly told: Told; readonly rule: NewcomerRule; readonly nowMs: number }): Promise<Known | null> {
  // No password that anybody knows: the account is opened from outside alone until its person sets one.
  const passwordHash = await hashPassword(randomBytes(32).toString("base64url"));
  return database.asSystem(async (tx) => {
    // Two first requests at once make one account.
    await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`identity/${who.issuer}/${who.subject}`]);
    if (await isTaken(tx, who)) return findKnown(tx, who);
    const { role, organizationId } = who.rule;
    const name = (who.told.name ?? "").replaceAll("\0", "").trim().slice(0, LONGEST_NAME) || "Patient";
    const [user] = await tx.query<{ id: string }>(
      `insert into users (organization_id, email, password_hash, display_name, roles) values ($1, $2, $3, $4, $5) returning id`,
      [organizationId, await freeAddress(tx, who.told), passwordHash, name, [role]],
    );
    const userId = user!.id;
    const [patient] = role === "patient" ? await tx.query<{ id: string }>("insert into patients (organization_id, user_id, display_name) values ($1, $2, $3) returning id", [organizationId, userId, name]) : [];
    await audit(tx, organizationId, { action: "user.created", actorUserId: userId, objectType: "user", objectId: userId });
    await linkIdentity(tx, { ...who, userId, organizationId }, who.nowMs);
    return { userId, organizationId, roles: [role], patientId: patient?.id ?? null };
  });
}

/** The address that was told, if it is verified and nobody's yet; else one that leads nowhere (RFC 2606). */
async function freeAddress(tx: Tx, { email, isEmailVerified }: Told): Promise<string> {
  const address = email?.trim().toLowerCase() ?? "";
  const isUsable = isEmailVerified && /^[^\s@\0]{1,64}@[^\s@\0]{1,189}$/.test(address);
  const isFree = isUsable && (await tx.query("select 1 from users where email = $1", [address])).length === 0;
  return isFree ? address : `${randomUUID()}@outside.invalid`;
}
