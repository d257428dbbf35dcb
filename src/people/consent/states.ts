/** What a decision is worth now. Pure. GDPR Art. 6 (1)(a), 7, 9 (2)(a); requirements R10, E10. */

/** What a person can consent to: keeping their data, letting a clinic or others see it, research, and fetching it from one vendor. */
export type Purpose = "storage" | "sharing" | "research" | VendorPurpose;
export type VendorPurpose = `vendor:${string}`;

export const GENERAL_PURPOSES = ["storage", "sharing", "research"] as const;

export function vendorPurpose(providerId: string): VendorPurpose {
  return `vendor:${providerId}`;
}

/** The vendor that a purpose is about; null for the general ones. */
export function vendorOf(purpose: Purpose): string | null {
  return purpose.startsWith("vendor:") ? purpose.slice("vendor:".length) : null;
}

/** A purpose by its name; null for what is none. */
export function purposeOf(text: string): Purpose | null {
  if ((GENERAL_PURPOSES as readonly string[]).includes(text)) return text as Purpose;
  return /^vendor:[a-z0-9-]{1,40}$/.test(text) ? (text as VendorPurpose) : null;
}

/**
 * - `none`: never asked. `unrecorded`: went on already when consents began to be kept.
 * - `outdated`: given, to words that are not the present ones: to be asked again.
 */
export type ConsentState = "none" | "unrecorded" | "given" | "outdated" | "withdrawn";

export interface Decision {
  readonly decision: "given" | "withdrawn" | "unrecorded";
  /** SHA-256 of the text that was shown. */
  readonly textHash: Buffer | null;
}

/** @param present SHA-256 of the present text, in each language */
export function stateOf(latest: Decision | null, present: readonly Buffer[]): ConsentState {
  if (latest === null) return "none";
  if (latest.decision !== "given") return latest.decision;
  return present.some((hash) => latest.textHash?.equals(hash)) ? "given" : "outdated";
}

/**
 * Whether something may be done in this state. Who agreed to earlier words has agreed, until they decide anew; research alone asks for the present
 * ones. Keeping data stops when the person says so: what they type or send themselves needs no second yes.
 */
export function allows(purpose: Purpose, state: ConsentState): boolean {
  if (purpose === "storage") return state !== "withdrawn";
  if (purpose === "research") return state === "given";
  return state === "given" || state === "outdated" || state === "unrecorded";
}

/** The same of sharing, by the latest decision alone: for questions about many people at once, asked in SQL. */
export const SHARED_DECISIONS: readonly Decision["decision"][] = ["given", "unrecorded"];
