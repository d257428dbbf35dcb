/** What a vendor's consent page sends back through the person's browser. Anybody can call this address: nothing is believed. */
import { InvalidInput } from "../errors.ts";
import { Secret } from "../secret.ts";

/** Why a flow ended without consent. Vendors' own words are never passed on: they may hold markup (OA-11). */
export type CallbackRefusal = "access_denied" | "temporarily_unavailable" | "other";

export type OAuthCallback =
  | {
      readonly kind: "code";
      readonly code: Secret;
      readonly state: string;
      /** What the person really ticked, where the vendor says so here (Strava); null where it does not. */
      readonly scopes: readonly string[] | null;
      /** The `iss` parameter (RFC 9207), for the caller to compare with the vendor (OA-05). */
      readonly issuer: string | null;
    }
  | { readonly kind: "refused"; readonly reason: CallbackRefusal; readonly state: string };

/** As a web framework parses a query: a repeated parameter is an array. */
export type CallbackQuery = Readonly<Record<string, unknown>>;

const LONGEST_CODE = 4_096;
const LONGEST_STATE = 512;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const VISIBLE_ASCII_AND_SPACE = /^[\x20-\x7e]+$/;

/**
 * Reads the query of a callback. Throws InvalidInput for repeated parameters, for both or neither of `code` and `error`, and for a
 * missing, overlong or unprintable state or code; the message repeats nothing of the query (OA-12, OA-15). A parameter without
 * a value counts as absent (RFC 6749 §3.1).
 */
export function parseCallback(query: CallbackQuery): OAuthCallback {
  for (const value of Object.values(query)) {
    if (value !== undefined && typeof value !== "string") throw new InvalidInput("The callback repeats a parameter.");
  }
  const state = parameter(query, "state");
  if (state === null || state.length > LONGEST_STATE || !VISIBLE_ASCII.test(state)) throw new InvalidInput("The callback has no usable state.");

  const code = parameter(query, "code");
  const error = parameter(query, "error");
  if ((code === null) === (error === null)) throw new InvalidInput("The callback must have either a code or an error.");
  if (error !== null) return { kind: "refused", reason: refusalOf(error), state };
  if (code === null || code.length > LONGEST_CODE || !VISIBLE_ASCII.test(code)) throw new InvalidInput("The callback has no usable code.");

  const scope = parameter(query, "scope");
  const scopes = scope !== null && VISIBLE_ASCII_AND_SPACE.test(scope) ? scope.split(/[ ,]+/).filter((each) => each !== "") : null;
  return { kind: "code", code: new Secret(code), state, scopes, issuer: parameter(query, "iss") };
}

function parameter(query: CallbackQuery, name: string): string | null {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  return typeof value === "string" && value !== "" ? value : null;
}

function refusalOf(error: string): CallbackRefusal {
  if (error === "access_denied") return "access_denied";
  return error === "temporarily_unavailable" || error === "server_error" ? "temporarily_unavailable" : "other";
}
