/** An account as its own acts need it: who it is, how to reach it, what its password must not be made of. */
import type { Tx } from "#db/database.ts";
import { sendMail, type Mail } from "#mail/outbox.ts";
import { NotFound } from "../../errors.ts";
import type { Role } from "../sessions/sessions.ts";
import type { AccountsContext } from "./context.ts";

export interface AccountPerson {
  readonly id: string;
  readonly organizationId: string;
  readonly organization: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly username: string | null;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly roles: readonly Role[];
  readonly locale: "en" | "es";
  readonly isBlocked: boolean;
  readonly patientId: string | null;
}

/** Throws NotFound for a deleted account, too. */
export async function readPerson(tx: Tx, userId: string): Promise<AccountPerson> {
  const rows = await tx.query<AccountPerson>(
    `select u.id, u.organization_id as "organizationId", o.name as organization, u.email, u.email_verified_at is not null as "isEmailVerified", u.username,
            u.display_name as "displayName", u.given_name as "givenName", u.family_name as "familyName", u.roles, u.locale, u.blocked_at is not null as "isBlocked", p.id as "patientId"
     from users u join organizations o on o.id = u.organization_id left join patients p on p.user_id = u.id where u.id = $1 and u.deleted_at is null`, [userId],
  );
  if (!rows[0]) throw new NotFound("There is no such user.");
  return rows[0];
}

/** What everybody knows of a person, and a guesser, too. */
export function wordsOf(person: Pick<AccountPerson, "email" | "username" | "displayName" | "givenName" | "familyName">): (string | null)[] {
  return [person.email, person.username, person.displayName, person.givenName, person.familyName];
}

/** Writes to the person, where the address was shown to be theirs. */
export async function tellPerson(tx: Tx, person: AccountPerson, mail: Pick<Mail, "template" | "values" | "link">): Promise<void> {
  if (person.email === null || !person.isEmailVerified) return;
  await sendMail(tx, { organizationId: person.organizationId, to: person.email, locale: person.locale, ...mail, values: { organization: person.organization, ...mail.values } });
}

/** The same by ids; nothing for an account that is not there any more. */
export async function tellUser(tx: Tx, userId: string, mail: Pick<Mail, "template" | "values">): Promise<void> {
  const person = await readPerson(tx, userId).catch((error: unknown) => {
    if (error instanceof NotFound) return null;
    throw error;
  });
  if (person) await tellPerson(tx, person, mail);
}

/** Writes to the person whose data it is, where the patient has an account. */
export async function tellPatient(tx: Tx, patientId: string, mail: Pick<Mail, "template" | "values">): Promise<void> {
  const [patient] = await tx.query<{ user_id: string | null }>("select user_id from patients where id = $1", [patientId]);
  if (patient?.user_id) await tellUser(tx, patient.user_id, mail);
}

/** Whether a second factor stands beside the password, which may then be shorter. */
export async function hasSecondFactor(context: AccountsContext, tx: Tx, userId: string): Promise<boolean> {
  return (await context.hasSecondFactor?.(tx, userId)) ?? false;
}
