/** Making and reading user accounts. */
import type { Database, Tx } from "#db/database.ts";
import { Conflict, InvalidInput } from "../errors.ts";
import { isZone } from "#units/time.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { isUniqueViolation } from "#db/database.ts";
import { hashPassword } from "./passwords.ts";
import type { Role } from "./sessions.ts";
import { changeHome } from "./zones.ts";

export interface NewUser {
  readonly organizationId: string;
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly zone: string;
}

/** Makes a user, and the patient record of one with the role patient. Throws Conflict when the e-mail is taken. */
export async function createUser(database: Database, user: NewUser): Promise<{ userId: string; patientId: string | null }> {
  if (user.password.length < 8) throw new InvalidInput("The password must have at least 8 characters.");
  if (!isZone(user.zone)) throw new InvalidInput("The time zone must be an IANA name such as Europe/Madrid.");
  const passwordHash = await hashPassword(user.password);
  return database.asSystem(async (tx) => {
    const rows = await tx
      .query<{ id: string }>(
        `insert into users (organization_id, email, password_hash, display_name, roles, zone)
         values ($1, lower($2), $3, $4, $5, $6) returning id`,
        [user.organizationId, user.email, passwordHash, user.displayName, user.roles, user.zone],
      )
      .catch((error: unknown) => {
        throw isUniqueViolation(error, "users_email_key") ? new Conflict("There is an account with this e-mail address already.") : error;
      });
    const userId = rows[0]!.id;
    if (!user.roles.includes("patient")) return { userId, patientId: null };
    const patients = await tx.query<{ id: string }>(
      "insert into patients (organization_id, user_id, display_name, zone) values ($1, $2, $3, $4) returning id",
      [user.organizationId, userId, user.displayName, user.zone],
    );
    return { userId, patientId: patients[0]!.id };
  });
}

export interface Profile {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  readonly roles: Role[];
  readonly organization: { readonly id: string; readonly name: string };
  readonly patientId: string | null;
  readonly preferences: { readonly glucoseUnit: GlucoseUnit; readonly locale: "en" | "es"; readonly zone: string };
}

interface ProfileRow {
  id: string; email: string; display_name: string; roles: Role[]; organization_id: string; organization: string; patient_id: string | null;
  glucose_unit: GlucoseUnit; locale: "en" | "es"; zone: string;
}

/** A user of the transaction's organization. */
export async function readProfile(tx: Tx, userId: string): Promise<Profile> {
  const rows = await tx.query<ProfileRow>(
    `select u.id, u.email, u.display_name, u.roles, o.id as organization_id, o.name as organization, p.id as patient_id,
            u.glucose_unit, u.locale, u.zone
     from users u join organizations o on o.id = u.organization_id left join patients p on p.user_id = u.id where u.id = $1`,
    [userId],
  );
  const row = rows[0]!;
  return {
    userId: row.id, email: row.email, displayName: row.display_name, roles: row.roles,
    organization: { id: row.organization_id, name: row.organization }, patientId: row.patient_id,
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
