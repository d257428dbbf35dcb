/** What LibreLinkUp's answers say beside their data: the `status` in the body counts more than that of HTTP. Source: vendors/abbott-libre.md, Login and Rate limits. */
import { looseNumber } from "#driver/payload.ts";
import { ProviderMisconfigured, ProviderRateLimited, ProviderUnavailable, ReauthorizationRequired } from "#errors.ts";
import type { VendorResponse } from "#http/types.ts";
import { MINUTE_MS } from "#units/time.ts";

const REFUSED = 2;
const STEP_PENDING = 4;
const LOCKED = 429;
const VERSION_TOO_OLD = 920;

/** When the vendor does not say for how long. */
const LOCK_SECONDS = 300;
const LONGEST_LOCK_SECONDS = 86_400;
/** Cloudflare prolongs its bans for those who come back early. */
const GATE_REST_MS = 15 * MINUTE_MS;

/** What stands before the account, by `data.step.type`. */
const STEPS: Readonly<Record<string, string>> = { tou: "accept the new terms of use", pp: "accept the new privacy policy", verifyEmail: "confirm the e-mail address" };

export interface Told {
  /** Null where the body has none. */
  readonly status: number | null;
  readonly step: string | null;
  readonly lockSeconds: number;
  /** The version that is wanted, where the body says that ours is too old. */
  readonly minimumVersion: string | null;
}

/** Null for a body that is no JSON object. Never throws. */
export function toldBy(body: Uint8Array): Told | null {
  const told = objectOf(parsed(body));
  if (told === null) return null;
  const data = objectOf(told["data"]) ?? {};
  const { lockout } = objectOf(data["data"]) ?? {};
  const { type } = objectOf(data["step"]) ?? {};
  const version = data["minimumVersion"];
  const seconds = looseNumber(lockout) ?? 0;
  return {
    status: looseNumber(told["status"]),
    step: typeof type === "string" ? type : null,
    lockSeconds: seconds > 0 ? Math.min(seconds, LONGEST_LOCK_SECONDS) : LOCK_SECONDS,
    minimumVersion: typeof version === "string" && /^\d{1,3}(\.\d{1,4}){1,3}$/.test(version) ? version : null,
  };
}

export function isTooOld(told: Told | null): boolean {
  return told?.status === VERSION_TOO_OLD;
}

/** For data calls that answer 2xx: "not authenticated" and "too old" stand for an ended session, so that the next sign-in sets both right. */
export function meantStatus(body: Uint8Array): number {
  const status = toldBy(body)?.status;
  return status === REFUSED || status === VERSION_TOO_OLD ? 401 : 200;
}

/** For all others: a 403 in JSON is about the session or the version, one in HTML is the gate's, as is a 429 in HTML. */
export function meantStatusOfError(body: Uint8Array, status: number): number {
  if (status === 403 && toldBy(body) !== null) return 401;
  return isGate(body, status) ? 403 : status;
}

/** Cloudflare's pages come where the vendor would answer in JSON: nothing is wrong with the person or the session. */
export function isGate(body: Uint8Array, status: number): boolean {
  return (status === 403 || status === 429) && /^\s*</.test(new TextDecoder().decode(body.subarray(0, 64)));
}

const wordsOf = (step: string | null | undefined): string => (step && Object.hasOwn(STEPS, step) ? STEPS[step]! : "do what it asks for");

/** The error for an answer that is not about data; null where nothing is wrong. */
export function refusalOf(told: Told | null, nowMs: number): Error | null {
  switch (told?.status ?? 0) {
    case 0:
      return null;
    case REFUSED:
      return new ReauthorizationRequired("LibreLinkUp does not take this e-mail and password. It wants those of a LibreLinkUp account, not of the LibreLink app.");
    case STEP_PENDING:
      return new ReauthorizationRequired(`LibreLinkUp waits for this account: open the LibreLinkUp app once, ${wordsOf(told?.step)}, and connect again.`);
    case LOCKED:
      return new ProviderRateLimited("LibreLinkUp has locked this account for a while after too many wrong sign-ins.", nowMs + (told?.lockSeconds ?? LOCK_SECONDS) * 1000);
    case VERSION_TOO_OLD:
      return tooOld(told?.minimumVersion ?? null);
    default:
      return new ProviderUnavailable(`LibreLinkUp answered with status ${told?.status}.`);
  }
}

/** For the operator: no person can do anything about it. */
export function tooOld(wanted: string | null): ProviderMisconfigured {
  return new ProviderMisconfigured(`LibreLinkUp wants ${wanted === null ? "a newer version" : `version ${wanted} or newer`}: set LIBRE_VERSION.`);
}

export function turnedAway(nowMs: number): ProviderRateLimited {
  return new ProviderRateLimited("LibreLinkUp's gate turned the call away.", nowMs + GATE_REST_MS);
}

/** The body as JSON without the ticket that each answer carries: it is a live token, and pages are kept and shown. Throws ProviderContractBroken when it is no JSON. */
export function withoutTicket(response: VendorResponse): Uint8Array {
  const payload = response.json();
  const told = objectOf(payload);
  if (told === null) return response.body;
  const { ticket: _ticket, ...rest } = told;
  return new TextEncoder().encode(JSON.stringify(rest));
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
