/** Making and reading user accounts. */
import type { Database, Tx } from "#db/database.ts";
import { isMailAddress } from "#mail/render.ts";
import { Conflict, InvalidInput, NotAuthenticated } from "../../errors.ts";
import { isZone } from "#units/time.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { isUniqueViolation } from "#db/database.ts";
import { checkNewPassword } from "../sign-in/blocked-passwords.ts";
import { hashPassword, type PasswordScheme } from "../sign-in/passwords.ts";
import type { Role } from "../sessions/sessions.ts";
import { changeHome } from "../zones.ts";
import type { Identities } from "./identities.ts";
import { isSpanishId, normalizeNationalId } from "./national-id.ts";

/** What is known of a person besides how he signs in. Absent is unknown. */
export interface PersonNames {
  readonly displayName: string;
  readonly givenName?: string | null | undefined;
  readonly familyName?: string | null | undefined;
  /** Free names of the person's accounts at the hospital and at Tidepool (requirement D2). */
  readonly hospitalAccount?: string | null | undefined;
  readonly tidepoolAccount?: string | null | undefined;
}

export interface NewUser extends PersonNames {
  readonly organizationId: string;
  readonly email: string;
  readonly password: string;
  readonly roles: readonly Role[];
  readonly zone: string;
}

/** A user as it is written: somebody has looked at each part. */
export interface UserToInsert extends PersonNames {
  readonly id?: string;
  readonly organizationId: string;
  /** At least one of e-mail, username and national id. */
  readonly email: string | null;
  /** When the address was shown to be the person's, or `now`; null: not yet. */
  readonly emailVerifiedMs: number | "now" | null;
  readonly username?: string | null | undefined;
  readonly nationalId?: { readonly text: string; readonly identities: Identities } | null | undefined;
  readonly password: { readonly hash: string; readonly scheme: PasswordScheme } | null;
  readonly mustChangePassword?: boolean | undefined;
  readonly blockedMs?: number | null | undefined;
  readonly roles: readonly Role[];
  readonly zone: string;
  readonly locale?: "en" | "es" | undefined;
}

const TAKEN: Readonly<Record<string, { readonly code: string; readonly sentence: string }>> = {
  users_email_key: { code: "email_taken", sentence: "There is an account with this e-mail address already." },
  users_username_key: { code: "username_taken", sentence: "There is an account with this username already." },
  users_national_id_key: { code: "national_id_taken", sentence: "There is an account with this national id already." },
};

/** Small letters, digits, points, hyphens; begins with a letter, and is nobody's national id. Throws InvalidInput. */
export function checkUsername(text: string, pointer = "/body/username"): string {
  const username = text.normalize("NFKC").trim().toLowerCase();
  if (/^[a-z][a-z0-9._-]{2,39}$/.test(username) && !isSpanishId(normalizeNationalId(username))) return username;
  throw new InvalidInput("The username cannot be used.", { issues: [{ pointer, detail: "use 3 to 40 small letters, digits, points, hyphens and underscores, a letter first, and no national id" }] });
}

/** As it is kept: small letters. Throws InvalidInput for what is no address. */
export function checkEmail(text: string, pointer = "/body/email"): string {
  const email = text.normalize("NFKC").trim().toLowerCase();
  if (isMailAddress(email)) return email;
  throw new InvalidInput("This is no e-mail address.", { issues: [{ pointer, detail: "use one plain address such as name@example.org" }] });
}

/** Makes a user whose address an operator vouches for, and the patient record of one with the role patient. Throws Conflict when the e-mail is taken. */
export async function createUser(database: Database, user: NewUser): Promise<{ userId: string; patientId: string | null }> {
  checkNewPassword({ password: user.password, words: [user.email, user.displayName, user.givenName, user.familyName] });
  const password = { hash: await hashPassword(user.password), scheme: "argon2id" } as const;
  return database.asSystem((tx) => insertUser(tx, { ...user, email: user.email.toLowerCase(), emailVerifiedMs: "now", password }));
}

/** Writes a user, and the patient record of one with the role patient. Throws Conflict when a name to sign in by is taken, InvalidInput for an unknown zone. */
export async function insertUser(tx: Tx, user: UserToInsert): Promise<{ userId: string; patientId: string | null }> {
  if (!isZone(user.zone)) throw new InvalidInput("The time zone must be an IANA name such as Europe/Madrid.");
  if (user.email === null && !user.username && !user.nationalId) throw new InvalidInput("An account needs an e-mail address, a username or a national id to sign in by.");
  const id = user.id ?? crypto.randomUUID();
  const national = user.nationalId ? { index: user.nationalId.identities.index(user.nationalId.text), sealed: user.nationalId.identities.seal(user.nationalId.text, id) } : null;
  await tx.query(
    `insert into users (id, organization_id, email, email_verified_at, username, national_id_index, national_id_sealed, password_hash, password_scheme, must_change_password,
       blocked_at, display_name, given_name, family_name, hospital_account, tidepool_account, roles, zone, locale, glucose_unit)
     values ($1, $2, $3, case when $20 then now() else to_timestamp($4::float8 / 1000) end, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000), $12, $13, $14, $15, $16, $17, $18, $19, (select o.glucose_unit from organizations o where o.id = $2))`,
    [
      id, user.organizationId, user.email, user.emailVerifiedMs === "now" ? null : user.emailVerifiedMs, user.username ?? null, national?.index ?? null, national?.sealed ?? null, user.password?.hash ?? null,
      user.password?.scheme ?? "argon2id", user.mustChangePassword ?? false, user.blockedMs ?? null, user.displayName, user.givenName ?? null, user.familyName ?? null,
      user.hospitalAccount ?? null, user.tidepoolAccount ?? null, user.roles, user.zone, user.locale ?? "en",
      user.emailVerifiedMs === "now",
    ],
  ).catch(refuseTaken);
  if (!user.roles.includes("patient")) return { userId: id, patientId: null };
  const patients = await tx.query<{ id: string }>(
    "insert into patients (organization_id, user_id, display_name, zone) values ($1, $2, $3, $4) returning id", [user.organizationId, id, user.displayName, user.zone],
  );
  return { userId: id, patientId: patients[0]!.id };
}

/** Throws Conflict for a name that somebody has already, else what was thrown. */
export function refuseTaken(error: unknown): never {
  for (const [key, { code, sentence }] of Object.entries(TAKEN)) if (isUniqueViolation(error, key)) throw new Conflict(sentence, { code });
  throw error;
}

export interface Profile {
  readonly userId: string;
  readonly email: string | null;
  readonly displayName: string;
  readonly roles: Role[];
  /** Its notice is what it says to people like this one, in each language; none where it says nothing. */
  readonly organization: { readonly id: string; readonly name: string; readonly notice?: Readonly<Record<"en" | "es", string>> };
  readonly patientId: string | null;
  readonly preferences: { readonly glucoseUnit: GlucoseUnit; readonly locale: "en" | "es"; readonly zone: string };
}

interface ProfileRow {
  id: string; email: string | null; display_name: string; roles: Role[]; organization_id: string; organization: string; patient_id: string | null;
  glucose_unit: GlucoseUnit; locale: "en" | "es"; zone: string; notice: Readonly<Record<"en" | "es", string>> | null;
}

/** A user of the transaction's organization. Throws NotAuthenticated for an account that went while its session was still believed. */
export async function readProfile(tx: Tx, userId: string): Promise<Profile> {
  const rows = await tx.query<ProfileRow>(
    `select u.id, u.email, u.display_name, u.roles, o.id as organization_id, o.name as organization, p.id as patient_id,
            nullif(o.notices -> case when u.roles && array['clinician', 'admin'] then 'staff' else 'patients' end, 'null') as notice,
            u.glucose_unit, u.locale, u.zone
     from users u join organizations o on o.id = u.organization_id left join patients p on p.user_id = u.id where u.id = $1`,
    [userId],
  );
  const row = rows[0];
  // Whose account went a moment ago may still be believed to be signed in.
  if (!row) throw new NotAuthenticated("This account is no more.");
  return {
    userId: row.id, email: row.email, displayName: row.display_name, roles: row.roles,
    organization: { id: row.organization_id, name: row.organization, ...(row.notice ? { notice: row.notice } : {}) }, patientId: row.patient_id,
    preferences: { glucoseUnit: row.glucose_unit, locale: row.locale, zone: row.zone },
  };
}

export interface PreferencesPatch {
  readonly glucoseUnit?: GlucoseUnit | undefined;
  readonly locale?: "en" | "es" | undefined;
  readonly zone?: string | undefined;
}

/** Changes what is given. A patient's own zone is the zone of the patient's days, too. */
export async function changePreferences(tx: Tx, userId: string, patch: PreferencesPatch): Promise<void> {
  if (patch.zone !== undefined && !isZone(patch.zone)) {
    throw new InvalidInput("The time zone is unknown.", { issues: [{ pointer: "/zone", detail: "use an IANA name such as Europe/Madrid" }] });
  }
  await tx.query(
    `update users set glucose_unit = coalesce($2, glucose_unit), locale = coalesce($3, locale), zone = coalesce($4, zone) where id = $1`,
    [userId, patch.glucoseUnit ?? null, patch.locale ?? null, patch.zone ?? null],
  );
  if (patch.zone === undefined) return;
  const [own] = await tx.query<{ organizationId: string; patientId: string }>(`select organization_id as "organizationId", id as "patientId" from patients where user_id = $1`, [userId]);
  if (own) await changeHome(tx, own, patch.zone);
}
