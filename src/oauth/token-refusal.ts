/** What the refusal of a token endpoint means: whose fault it is decides whether a person, an operator or time must help. */
import { ProviderMisconfigured, ProviderRefused, ProviderUnavailable, ReauthorizationRequired, type IsletError } from "../errors.ts";
import { envelopeMeaning } from "./answer-envelope.ts";
import type { OAuth2Auth } from "./types.ts";

export interface TokenRefusal {
  readonly provider: string;
  readonly status: number;
  /** The answer's body as text. May hold personal data: read here, never repeated. */
  readonly body: string;
}

type Meaning = "person" | "operator" | "time" | "limit";

/**
 * RFC 6749 §5.2, and what vendors add. `invalid_client` and its kin are our own configuration: no connection is at fault and none
 * may be given up for it (OA-20).
 */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ["invalid_grant", "person"],
  ["invalid_client", "operator"],
  ["unauthorized_client", "operator"],
  ["invalid_request", "operator"],
  ["unsupported_grant_type", "operator"],
  ["invalid_scope", "operator"],
  ["temporarily_unavailable", "time"],
  ["server_error", "time"],
]);

/**
 * The error that a refusal stands for: ReauthorizationRequired, ProviderMisconfigured or ProviderUnavailable. Null when it says
 * nothing that we know; then a 400 or 401 without any error code ends the grant only for vendors known to answer so.
 * Sources: vendors/dexcom.md (400/401 means reconnect), vendors/strava.md (`errors` list); faults OA-20, OA-21.
 */
export function classifyRefusal({ provider, status, body }: TokenRefusal, auth: OAuth2Auth): IsletError | null {
  const answer = parseObject(body);
  const code = typeof answer?.error === "string" ? answer.error : null;
  const wrapped = (auth.answerEnvelope ? envelopeMeaning(body, auth.answerEnvelope) : null) ?? auth.refusals?.find(({ words }) => words.test(body))?.meaning;
  const meaning = wrapped ?? (code === null ? meaningOfStravaErrors(answer?.errors) : (MEANINGS.get(code) ?? null));
  const isBare = code === null && !Array.isArray(answer?.errors);
  const endsGrant = meaning === "person" || (isBare && (status === 400 || status === 401) && auth.bareRefusalEndsGrant === true);
  const what = `The token endpoint of ${provider} answered ${status}`;
  if (endsGrant) return new ReauthorizationRequired(`${what}: the person must consent again.`);
  if (meaning === "operator") {
    return new ProviderMisconfigured(`${what}: it refuses Islet's own registration or request, no connection. Check client id, secret and settings.`);
  }
  const mustWait = meaning === "time" || meaning === "limit";
  return mustWait ? new ProviderUnavailable(`${what}: it cannot serve now.`, { vendorStatus: status }) : null;
}

/** The refusal as it stands where `classifyRefusal` knows no better. */
export function unclassifiedRefusal({ provider, status, body }: TokenRefusal): ProviderRefused {
  return new ProviderRefused(`The token endpoint of ${provider} answered ${status} for a reason that Islet does not know.`, status, body);
}

/** `{"errors":[{"resource":"Application","field":"client_id","code":"invalid"}]}`: the resource tells whose fault it is. */
function meaningOfStravaErrors(errors: unknown): Meaning | null {
  if (!Array.isArray(errors)) return null;
  const entries = errors.filter((each): each is Record<string, unknown> => typeof each === "object" && each !== null);
  if (entries.some(({ resource }) => resource === "Application")) return "operator";
  return entries.some(({ field }) => field === "refresh_token" || field === "code") ? "person" : null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
