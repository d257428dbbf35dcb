/** What people decided: events that are only ever added, the newest of a purpose counts. And the question that everything asks first: may it be done? */
import type { Tx } from "#db/database.ts";
import { Conflict, ConsentMissing } from "../../errors.ts";
import { currentTrail } from "../../trail.ts";
import { audit } from "../audit/audit.ts";
import { allows, purposeOf, stateOf, vendorPurpose, type ConsentState, type Decision, type Purpose } from "./states.ts";
import { hashesOf, hashOfText, presentTexts, textFor, type ConsentLocale } from "./texts.ts";

export interface ConsentEvent extends Decision {
  readonly id: string;
  readonly purpose: Purpose;
  readonly version: number | null;
  readonly locale: ConsentLocale | null;
  readonly atMs: number;
  readonly byUserId: string | null;
  readonly isOnBehalf: boolean;
  readonly via: ConsentWay;
}

export type ConsentWay = "page" | "api" | "import" | "operator" | "migration" | "demo";

/** All that a person ever decided, newest first. */
export async function consentHistory(tx: Tx, patientId: string): Promise<ConsentEvent[]> {
  return tx.query<ConsentEvent & Record<string, unknown>>(
    `select id, purpose, decision, version, locale, text_hash as "textHash", at as "atMs", by_user_id as "byUserId", is_on_behalf as "isOnBehalf", via
     from consents where patient_id = $1 order by id desc`,
    [patientId],
  );
}

/** In which state a consent is. */
export async function consentState(tx: Tx, patientId: string, purpose: Purpose): Promise<ConsentState> {
  const latest = await latestDecision(tx, patientId, purpose);
  if (latest?.decision !== "given") return latest?.decision ?? "none";
  return stateOf(latest, hashesOf(textFor(await presentTexts(tx), purpose)));
}

async function latestDecision(tx: Tx, patientId: string, purpose: Purpose): Promise<Decision | null> {
  const [latest] = await tx.prepared<{ decision: Decision["decision"]; textHash: Buffer | null }>(
    "consent_latest", `select decision, text_hash as "textHash" from consents where patient_id = $1 and purpose = $2 order by id desc limit 1`, [patientId, purpose],
  );
  return latest ?? null;
}

/** Whether something may be done with the patient's data for this purpose. */
export async function hasConsent(tx: Tx, patientId: string, purpose: Purpose): Promise<boolean> {
  if (purpose === "research") return allows(purpose, await consentState(tx, patientId, purpose));
  // Nothing else asks whether the words are still the present ones.
  return allows(purpose, (await latestDecision(tx, patientId, purpose))?.decision ?? "none");
}

/** Throws ConsentMissing (403 `consent_missing`) where it may not. The transaction may be of any role that sees the patient. */
export async function requireConsent(tx: Tx, patientId: string, purpose: Purpose): Promise<void> {
  if (!(await hasConsent(tx, patientId, purpose))) throw new ConsentMissing(purpose);
}

/** Patients of whom nothing may be stored that comes from these providers: they withdrew storage, or the vendor. */
export async function stoppedAmong(tx: Tx, sources: readonly { readonly patientId: string; readonly provider: string }[]): Promise<(patientId: string, provider: string) => boolean> {
  if (sources.length === 0) return () => false;
  const rows = await tx.prepared<{ patient_id: string; purpose: string }>(
    "consents_stopped",
    `select asked.patient_id, asked.purpose from (select distinct patient_id, purpose from unnest($1::uuid[], $2::text[]) as s (patient_id, purpose)) asked
     where (select c.decision from consents c where c.patient_id = asked.patient_id and c.purpose = asked.purpose order by c.id desc limit 1) = 'withdrawn'`,
    [sources.flatMap(({ patientId }) => [patientId, patientId]), sources.flatMap(({ provider }) => ["storage", vendorPurpose(provider)])],
  );
  const stopped = new Set(rows.map(({ patient_id: patientId, purpose }) => `${patientId} ${purpose}`));
  return (patientId, provider) => stopped.has(`${patientId} storage`) || stopped.has(`${patientId} ${vendorPurpose(provider)}`);
}

/** The same for one, as a refusal. Throws ConsentMissing. */
export async function refuseStopped(tx: Tx, patientId: string, provider: string): Promise<void> {
  await requireConsent(tx, patientId, "storage");
  const purpose = vendorPurpose(provider);
  if ((await latestDecision(tx, patientId, purpose))?.decision === "withdrawn") throw new ConsentMissing(purpose);
}

export interface NewDecision {
  readonly organizationId: string;
  readonly patientId: string;
  readonly purpose: Purpose;
  readonly decision: "given" | "withdrawn";
  /** Of the text that was shown; needed to give. */
  readonly version?: number;
  readonly locale: ConsentLocale;
  /** Null for the demo's own people and for operators. */
  readonly byUserId: string | null;
  readonly isOnBehalf: boolean;
  readonly via: ConsentWay;
}

/**
 * Writes down a decision, with the text as evidence, and audits it; gives whether anything changed. Throws Conflict (`consent_outdated`) for consent to other words
 * than the present ones.
 */
export async function recordConsent(tx: Tx, given: NewDecision): Promise<boolean> {
  const { organizationId, patientId, purpose, decision, byUserId, locale } = given;
  // Two that decide at once take turns, so that the later one counts.
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`consent ${patientId} ${purpose}`]);
  const text = textFor(await presentTexts(tx), purpose);
  if (decision === "given" && given.version !== text.version) {
    throw new Conflict(`The text for ${purpose} is of version ${text.version} by now: show it, and ask again.`, { code: "consent_outdated" });
  }
  const before = await consentState(tx, patientId, purpose);
  if (before === decision) return false;
  const { caller, requestId } = currentTrail();
  await tx.query(
    `insert into consents (organization_id, patient_id, purpose, decision, version, locale, text_hash, by_user_id, is_on_behalf, via, address_hash, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      organizationId, patientId, purpose, decision, text.version, locale, hashOfText(text.texts[locale]), byUserId, given.isOnBehalf, given.via, caller?.addressHash ?? null, requestId ?? null,
    ],
  );
  await audit(tx, organizationId, { action: `consent.${decision}`, actorUserId: byUserId, patientId, objectType: "consent", objectId: purpose });
  return true;
}

/** Purposes that a person has decided about. */
export function decidedPurposes(history: readonly ConsentEvent[]): Purpose[] {
  return [...new Set(history.map(({ purpose }) => purpose))].filter((purpose) => purposeOf(purpose) !== null);
}
