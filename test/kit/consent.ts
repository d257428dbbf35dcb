/** People of tests have consented to what most tests are not about. */
import { vendorPurpose, type Purpose } from "#people/consent/states.ts";
import { recordConsent } from "#people/consent/consents.ts";
import { hashOfText, presentTexts, textFor } from "#people/consent/texts.ts";
import type { TestDatabase } from "./database.ts";

/** Storage, sharing and each of these vendors, by the present texts; not research. Leaves no line in the audit log. */
export async function consentToAll(db: TestDatabase, who: { organizationId: string; patientId: string; userId: string }, providerIds: readonly string[]): Promise<void> {
  const purposes: Purpose[] = ["storage", "sharing", ...providerIds.map(vendorPurpose)];
  const present = await db.database.withOrganization(who.organizationId, presentTexts);
  const texts = purposes.map((purpose) => textFor(present, purpose));
  await db.asOwner(
    `insert into consents (organization_id, patient_id, purpose, decision, version, locale, text_hash, by_user_id, via)
     select $1, $2, t.purpose, 'given', t.version, 'en', t.hash, $3, 'page' from unnest($4::text[], $5::int[], $6::bytea[]) as t (purpose, version, hash)`,
    [who.organizationId, who.patientId, who.userId, purposes, texts.map(({ version }) => version), texts.map((text) => hashOfText(text.texts.en))],
  );
}

/** People whom a test made without an account have shared since before consents were kept. */
export async function sharedBefore(db: TestDatabase): Promise<void> {
  await db.asOwner(
    `insert into consents (organization_id, patient_id, purpose, decision, via) select organization_id, id, 'sharing', 'unrecorded', 'migration' from patients p
     where not exists (select 1 from consents c where c.patient_id = p.id and c.purpose = 'sharing')`,
  );
}

/** As the person decides, with the text that holds now. */
export async function decide(db: TestDatabase, who: { organizationId: string; patientId: string; userId: string }, purpose: Purpose, decision: "given" | "withdrawn"): Promise<void> {
  const { organizationId, patientId, userId } = who;
  await db.database.withOrganization(organizationId, async (tx) => {
    const { version } = textFor(await presentTexts(tx), purpose);
    await recordConsent(tx, { organizationId, patientId, purpose, decision, version, locale: "en", byUserId: userId, isOnBehalf: false, via: "page" });
  });
}
