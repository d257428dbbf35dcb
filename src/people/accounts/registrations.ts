/** People who make an account of themselves: an address first, the password once the address was shown to be theirs. */
import type { Tx } from "#db/database.ts";
import { sendMail } from "#mail/outbox.ts";
import { DAY_MS, HOUR_MS, isZone } from "#units/time.ts";
import { InvalidInput, NotPermitted } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { checkNewPassword } from "../sign-in/blocked-passwords.ts";
import { checkEmail, insertUser, type PersonNames } from "./accounts.ts";
import type { AccountsContext } from "./context.ts";
import { mailLink, MOST_LINKS_AN_HOUR, newToken, refuseLink, tokenHash } from "./links.ts";

export interface RegistrationRequest extends Pick<PersonNames, "displayName" | "givenName" | "familyName"> {
  readonly email: string;
  readonly locale: "en" | "es";
  readonly zone: string;
}

const LIFE_MS = DAY_MS;

/**
 * Asks for an account. Whether the address has one already shows neither in the answer nor in its time: only its mailbox learns it (faults AU-03).
 * Throws NotPermitted where people cannot register by themselves.
 */
export async function register(context: AccountsContext, request: RegistrationRequest): Promise<void> {
  if (context.registration !== "open") throw new NotPermitted("Accounts are made by invitation here: ask your clinic for one.");
  const email = checkEmail(request.email);
  if (!isZone(request.zone)) throw new InvalidInput("The time zone is unknown.", { issues: [{ pointer: "/body/zone", detail: "use an IANA name such as Europe/Madrid" }] });
  await context.database.asSystem(async (tx) => {
    const nowMs = context.clock.now();
    const organization = await organizationOf(tx, context);
    const taken = await tx.query("select 1 from users where email = $1", [email]);
    const [recent] = await tx.query<{ n: number }>("select count(*)::int as n from registrations where email = $1 and created_at > to_timestamp($2::float8 / 1000)", [email, nowMs - HOUR_MS]);
    const { token, hash } = newToken();
    await tx.query(
      `insert into registrations (token_hash, organization_id, email, display_name, given_name, family_name, locale, zone, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::float8 / 1000), to_timestamp($10::float8 / 1000))`,
      [hash, organization.id, email, request.displayName, request.givenName ?? null, request.familyName ?? null, request.locale, request.zone, nowMs, nowMs + LIFE_MS],
    );
    await sendMail(tx, {
      organizationId: organization.id, to: recent!.n < MOST_LINKS_AN_HOUR ? email : null, template: taken.length > 0 ? "already_registered" : "verify_email", locale: request.locale,
      values: { organization: organization.name }, link: mailLink(context, "registration", token),
    });
    await audit(tx, organization.id, { action: "user.registration_asked" });
  });
}

/**
 * Makes the account that was asked for, a patient's, with the password that the owner of the address chooses. Throws InvalidInput for a link that does
 * not work and for a password that the rules refuse; after the latter the link still works.
 */
export async function confirmRegistration(context: AccountsContext, token: string, password: string): Promise<{ userId: string; patientId: string | null }> {
  const { database, clock, hashing } = context;
  const asked = await database.asSystem((tx) => find(tx, token, clock.now()));
  checkNewPassword({ password, words: [asked.email, asked.displayName, asked.givenName, asked.familyName] });
  const hash = await hashing.hash(password);
  return database.asSystem(async (tx) => {
    const taken = await tx.query("delete from registrations where token_hash = $1 returning 1", [tokenHash(token)]);
    if (taken.length === 0) refuseLink();
    await tx.query("delete from registrations where email = $1", [asked.email]);
    const made = await insertUser(tx, { ...asked, emailVerifiedMs: clock.now(), password: { hash, scheme: "argon2id" }, roles: ["patient"] });
    await audit(tx, asked.organizationId, { action: "user.registered", actorUserId: made.userId, patientId: made.patientId, objectType: "user", objectId: made.userId });
    return made;
  });
}

interface Asked {
  readonly organizationId: string; readonly email: string; readonly displayName: string; readonly givenName: string | null; readonly familyName: string | null; readonly locale: "en" | "es"; readonly zone: string;
}

async function find(tx: Tx, token: string, nowMs: number): Promise<Asked> {
  const rows = await tx.query<Asked>(
    `select organization_id as "organizationId", email, display_name as "displayName", given_name as "givenName", family_name as "familyName", locale, zone
     from registrations where token_hash = $1 and expires_at > to_timestamp($2::float8 / 1000)`, [tokenHash(token), nowMs],
  );
  return rows[0] ?? refuseLink();
}

async function organizationOf(tx: Tx, { registrationOrganizationId }: AccountsContext): Promise<{ id: string; name: string }> {
  const rows = await tx.query<{ id: string; name: string }>("select id, name from organizations where $1::uuid is null or id = $1 order by created_at limit 2", [registrationOrganizationId]);
  if (rows.length !== 1) throw new NotPermitted("Nobody has said to which organization people belong who register by themselves: ask your clinic for an invitation.");
  return rows[0]!;
}
