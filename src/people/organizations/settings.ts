/** How an organization is set up: its name, how it is reached, what new accounts begin with, its words for meals, its notices, and what it asks of its staff. */
import type { Tx } from "#db/database.ts";
import { isZoneName } from "#units/zones.ts";
import { ChangedMeanwhile, Conflict, InternalError, InvalidInput } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { hasSecondFactor } from "../second-factor/factors.ts";
import type { OwnMealLabels } from "./meal-labels.ts";

export interface Contact {
  readonly email: string | null;
  readonly phone: string | null;
  readonly website: string | null;
}

/** In each language; null: none. */
export type Notice = Readonly<Record<"en" | "es", string>> | null;

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly locale: "en" | "es";
  /** What new accounts begin with; each person chooses for themselves. */
  readonly glucoseUnit: "mg/dL" | "mmol/L";
  readonly zone: string;
  readonly contact: Contact;
  readonly mealLabels: OwnMealLabels;
  /** Shown to its patients in the portal, and to its staff in the office. */
  readonly notices: { readonly patients: Notice; readonly staff: Notice };
  readonly staffSecondFactor: "optional" | "required";
  readonly version: number;
  readonly changedMs: number;
}

export type OrganizationPatch = { readonly [Name in keyof Omit<Organization, "id" | "version" | "changedMs">]?: Organization[Name] | undefined };

interface Row extends Omit<Organization, "contact" | "notices"> {
  readonly contact: Partial<Contact>;
  readonly notices: Partial<Organization["notices"]>;
  readonly changedBy: string | null;
}

const COLUMNS = `o.id, o.name, o.locale, o.glucose_unit as "glucoseUnit", o.zone, o.contact, o.meal_labels as "mealLabels", o.notices, o.staff_second_factor as "staffSecondFactor", o.version,
  o.changed_at as "changedMs", o.changed_by as "changedBy"`;
const NO_CONTACT: Contact = { email: null, phone: null, website: null };

/** The organization of the transaction. */
export async function readOrganization(tx: Tx, organizationId: string): Promise<Organization> {
  return fromRow(await read(tx, organizationId));
}

/**
 * Changes what is given, if nobody else has since `ifVersion`. Throws ChangedMeanwhile, InvalidInput for an unknown zone, and Conflict (`second_factor_first`) for an
 * admin who would require of others what they have not themselves.
 */
export async function changeOrganization(
  tx: Tx, admin: { readonly organizationId: string; readonly userId: string }, patch: OrganizationPatch, { ifVersion, nowMs }: { readonly ifVersion: number; readonly nowMs: number },
): Promise<Organization> {
  const { organizationId, userId } = admin;
  await tx.query("select 1 from organizations where id = $1 for update", [organizationId]);
  const row = await read(tx, organizationId);
  if (row.version !== ifVersion) throw new ChangedMeanwhile({ version: row.version, by: await nameOf(tx, row.changedBy), atMs: row.changedMs });
  if (patch.zone !== undefined && !isZoneName(patch.zone)) throw new InvalidInput("The time zone must be an IANA name such as Europe/Madrid.", { issues: [{ pointer: "/body/zone", detail: "a name of the IANA list" }] });
  if (patch.staffSecondFactor === "required" && row.staffSecondFactor === "optional" && !(await hasSecondFactor(tx, userId))) {
    throw new Conflict("Set up a second factor of your own first: then you can require one of everybody.", { code: "second_factor_first" });
  }
  const before = fromRow(row);
  const next = { ...before, ...Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) } as Organization;
  await tx.query(
    `update organizations set name = $2, locale = $3, glucose_unit = $4, zone = $5, contact = $6, meal_labels = $7, notices = $8, staff_second_factor = $9, version = version + 1,
       changed_at = to_timestamp($10::float8 / 1000), changed_by = $11 where id = $1`,
    [organizationId, next.name, next.locale, next.glucoseUnit, next.zone, next.contact, next.mealLabels, next.notices, next.staffSecondFactor, nowMs, userId],
  );
  await audit(tx, organizationId, { action: "organization.changed", actorUserId: userId, objectType: "organization", objectId: organizationId, purpose: "administration" });
  if (next.staffSecondFactor !== before.staffSecondFactor) {
    await audit(tx, organizationId, { action: `organization.second_factor_${next.staffSecondFactor}`, actorUserId: userId, objectType: "organization", objectId: organizationId, purpose: "administration" });
  }
  return readOrganization(tx, organizationId);
}

async function read(tx: Tx, organizationId: string): Promise<Row> {
  const [row] = await tx.query<Row & Record<string, unknown>>(`select ${COLUMNS} from organizations o where o.id = $1`, [organizationId]);
  if (!row) throw new InternalError("The organization of a transaction is not there.");
  return row;
}

function fromRow({ contact, notices, changedBy: _changedBy, ...row }: Row): Organization {
  return { ...row, contact: { ...NO_CONTACT, ...contact }, notices: { patients: notices.patients ?? null, staff: notices.staff ?? null } };
}

async function nameOf(tx: Tx, userId: string | null): Promise<string | null> {
  if (userId === null) return null;
  return (await tx.query<{ name: string }>("select display_name as name from users where id = $1", [userId]))[0]?.name ?? null;
}
