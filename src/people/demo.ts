/** The people of the demo: one organization with a patient, a clinician who may see that patient, and an admin. */
import type { Database } from "#db/database.ts";
import { createUser } from "./accounts.ts";
import { hashPassword, passwordMatches } from "./passwords.ts";

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
      const { userId, patientId } = await createUser(database, { organizationId, email, password, displayName, roles: [role], zone });
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
