/** The people of the demo: one organization with a patient, a clinician who may see that patient, and an admin. */
import type { Database } from "#db/database.ts";
import { insertUser } from "./accounts/accounts.ts";
import { consentHistory, recordConsent } from "./consent/consents.ts";
import { presentTexts, textFor } from "./consent/texts.ts";
import { hashPassword, passwordMatches } from "./sign-in/passwords.ts";

export const DEMO_EMAILS = { patient: "patient@demo.islet", clinician: "clinician@demo.islet", admin: "admin@demo.islet" } as const;

/** The name by which the command line knows the demo patient (`--patient demo`). */
export const DEMO_PATIENT_NAME = "Alex Demo";

/** Where the first of the simulated clouds' people lives, whom the demo patient is in them: days and nights then agree. */
export const DEMO_ZONE = "Europe/Madrid";

/**
 * Makes the demo's people once; a start that was cut off is completed by the next one. The printed password must work: where the
 * database is older than the data folder that holds it, theirs is set to it.
 */
export async function ensureDemoPeople(database: Database, password: string, zone: string): Promise<void> {
  const known = await findDemoUsers(database);
  const organizationId = known.values().next().value?.organization_id ?? (await makeOrganization(database));
  const person = async (email: string, displayName: string, role: "patient" | "clinician" | "admin"): Promise<DemoUser> => {
    const user = known.get(email);
    if (!user) {
      // Printed for everybody to see and made by chance at 64 bits: the rules for people's own passwords are not asked.
      const hash = await hashPassword(password);
      const { userId, patientId } = await database.asSystem((tx) =>
        insertUser(tx, { organizationId, email, emailVerifiedMs: "now", password: { hash, scheme: "argon2id" }, displayName, roles: [role], zone }));
      return { id: userId, organization_id: organizationId, email, password_hash: "", patient_id: patientId };
    }
    if (!(await passwordMatches(user.password_hash, password))) {
      const hash = await hashPassword(password);
      await database.asSystem((tx) => tx.query("update users set password_hash = $2 where id = $1", [user.id, hash]));
    }
    return user;
  };
  const patient = await person(DEMO_EMAILS.patient, DEMO_PATIENT_NAME, "patient");
  const clinician = await person(DEMO_EMAILS.clinician, "Robin Demo", "clinician");
  await consentOnce(database, organizationId, patient.patient_id!);
  // The admin comes last and says that all was made: a grant taken away since then does not come back.
  if (!known.has(DEMO_EMAILS.admin)) {
    await database.asSystem((tx) =>
      tx.query("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view') on conflict do nothing", [
        organizationId, patient.patient_id, clinician.id,
      ]),
    );
  }
  await person(DEMO_EMAILS.admin, "Kim Demo", "admin");
}

/** A patient of the demo wants their data kept, and shared with the demo's clinician; what they decided themselves stands. */
export async function consentOnce(database: Database, organizationId: string, patientId: string): Promise<void> {
  await database.withOrganization(organizationId, async (tx) => {
    if ((await consentHistory(tx, patientId)).length > 0) return;
    const present = await presentTexts(tx);
    for (const purpose of ["storage", "sharing"] as const) {
      await recordConsent(tx, { organizationId, patientId, purpose, decision: "given", version: textFor(present, purpose).version, locale: "en", byUserId: null, isOnBehalf: false, via: "demo" });
    }
  });
}

/** Where the demo's clinician works; null where the demo was taken away. */
export async function demoClinicOf(database: Database): Promise<{ readonly organizationId: string; readonly clinicianId: string } | null> {
  const clinician = (await findDemoUsers(database)).get(DEMO_EMAILS.clinician);
  return clinician ? { organizationId: clinician.organization_id, clinicianId: clinician.id } : null;
}

interface DemoUser {
  readonly id: string; readonly organization_id: string; readonly email: string; readonly password_hash: string; readonly patient_id: string | null;
}

async function findDemoUsers(database: Database): Promise<Map<string, DemoUser>> {
  const rows = await database.asSystem((tx) =>
    tx.query<DemoUser>(
      `select u.id, u.organization_id, u.email, u.password_hash, p.id as patient_id from users u left join patients p on p.user_id = u.id
       where u.email = any($1) order by u.created_at`,
      [Object.values(DEMO_EMAILS)],
    ),
  );
  return new Map(rows.map((row) => [row.email, row]));
}

async function makeOrganization(database: Database): Promise<string> {
  const rows = await database.asSystem((tx) => tx.query<{ id: string }>("insert into organizations (name) values ('Islet demo clinic') returning id"));
  return rows[0]!.id;
}
