/** The people of the demo: one organization with a patient, a clinician who may see that patient, and an admin. */
import type { Database } from "#db/database.ts";
import { createUser } from "./accounts.ts";

export const DEMO_EMAILS = { patient: "patient@demo.islet", clinician: "clinician@demo.islet", admin: "admin@demo.islet" } as const;

/** The name by which the command line knows the demo patient (`--patient demo`). */
export const DEMO_PATIENT_NAME = "Alex Demo";

/** Makes the demo's people once; later starts change nothing. */
export async function ensureDemoPeople(database: Database, password: string, zone: string): Promise<void> {
  const existing = await database.asSystem((tx) => tx.query("select 1 from users where email = $1", [DEMO_EMAILS.patient]));
  if (existing.length > 0) return;
  const organizationId = await database.asSystem(async (tx) => {
    const rows = await tx.query<{ id: string }>("insert into organizations (name) values ('Islet demo clinic') returning id");
    return rows[0]!.id;
  });
  const person = (email: string, displayName: string, role: "patient" | "clinician" | "admin") =>
    createUser(database, { organizationId, email, password, displayName, roles: [role], zone });
  const patient = await person(DEMO_EMAILS.patient, DEMO_PATIENT_NAME, "patient");
  const clinician = await person(DEMO_EMAILS.clinician, "Robin Demo", "clinician");
  await person(DEMO_EMAILS.admin, "Kim Demo", "admin");
  await database.asSystem((tx) =>
    tx.query("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [
      organizationId, patient.patientId, clinician.userId,
    ]),
  );
}
