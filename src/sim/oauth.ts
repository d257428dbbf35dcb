/**
 * The doors of an authorization-code flow as most vendors have them: consent page and token door, described by a sheet. A vendor
 * whose flow is shaped otherwise makes its own routes from `consent.ts` and `context.grants`.
 */

import type { CloudContext } from "./cloud.ts";
import type { AskedScopes, ConsentRequest } from "./consent.ts";
import { authorizationParameters, consentPage, decideConsent, refusalPage } from "./consent.ts";
import { knownPerson } from "./context.ts";
import type { Answer, Call, Route } from "./exchange.ts";
import { basic, formOf, isForm, isJson, json, jsonFields, redirect, withParameters } from "./exchange.ts";
import type { TokenOutcome } from "./grants.ts";
import type { SimClient } from "./options.ts";
import type { Person } from "./people/person.ts";
import type { Grant, Tokens } from "./tokens.ts";

export interface OAuthSheet {
  /** Paths of the consent page. */
  readonly pages: readonly string[];
  readonly tokenPaths: readonly string[];
  /** "none" takes no notice of a challenge. */
  readonly pkce: "none" | "optional" | "required";
  /** How the application proves itself at the token door: fields of the body, HTTP Basic. Default: in the body. */
  readonly clientProof?: readonly ("body" | "basic")[];
  /** Content types the token door reads. Default: forms. */
  readonly bodies?: readonly ("form" | "json")[];
  /** Whether the token call repeats the redirect address. Default: yes. */
  readonly repeatsRedirect?: boolean;
  /** Default: one of the registered addresses, exactly. */
  isRedirectAllowed?(redirectUri: string, client: SimClient): boolean;
  /** What the asked scope means; null for a scope the vendor does not know. */
  scopes(asked: string | null): AskedScopes | null;
  /** Added to the redirect beside `code` and `state`. */
  redirectExtras?(scopes: readonly string[]): Readonly<Record<string, string>>;
  /** Body of a good token answer. */
  tell(told: ToldTokens): object;
  /** Default: `oauthRefusal`. */
  refuse?(problem: TokenProblem): Answer;
}

export interface ToldTokens {
  readonly grant: Grant;
  readonly tokens: Tokens;
  readonly person: Person;
  readonly how: "code" | "refresh";
  /** Seconds that the access token still lives, and the refresh token; 0 when that one has no end. */
  readonly expiresIn: number;
  readonly refreshExpiresIn: number;
}

export interface TokenProblem {
  readonly error: "invalid_request" | "invalid_client" | "invalid_grant" | "unsupported_grant_type";
  /** The parameter that is wrong; "body" for the whole of it. */
  readonly field: "body" | "client_id" | "client_secret" | "code" | "refresh_token" | "grant_type";
  readonly description: string;
}

/** RFC 6749, 5.2. */
export function oauthRefusal({ error, description }: Pick<TokenProblem, "error" | "description">): Answer {
  return json(error === "invalid_client" ? 401 : 400, { error, error_description: description });
}

export function oauthRoutes(context: CloudContext, sheet: OAuthSheet): Route[] {
  const pages = sheet.pages.flatMap((path): Route[] => [
    { method: "GET", path, door: "page", handle: (call) => consent(context, sheet, call, consentPage) },
    { method: "POST", path, door: "page", handle: (call) => consent(context, sheet, call, decideConsent) },
  ]);
  return [...pages, ...sheet.tokenPaths.map((path): Route => ({ method: "POST", path, door: "token", handle: (call) => tokenDoor(context, sheet, call) }))];
}

/** Scopes with a box for each, all of them ticked: null when nothing is asked, or something without a label. */
export function tickedScopes(labels: Readonly<Record<string, string>>, asked: string | null, separator: string): AskedScopes | null {
  const scopes = (asked ?? "").split(separator).filter(Boolean);
  if (scopes.length === 0 || scopes.some((scope) => !Object.hasOwn(labels, scope))) return null;
  return { fixedScopes: [], permissions: scopes.map((value) => ({ value, label: labels[value] ?? value, isTicked: true })) };
}

type Step = (context: CloudContext, call: Call, request: ConsentRequest) => Answer;

function consent(context: CloudContext, sheet: OAuthSheet, call: Call, step: Step): Answer {
  const asked = authorizationParameters(call);
  const { client } = context;
  const redirectUri = asked.get("redirect_uri") ?? "";
  const isAllowed = sheet.isRedirectAllowed?.(redirectUri, client) ?? client.redirectUris.includes(redirectUri);
  if (asked.get("client_id") !== client.clientId || !isAllowed) {
    return refusalPage(context.name, "The application is not known here, or its redirect address is not registered.");
  }
  const state = asked.get("state");
  const refuse = (error: string): Answer => redirect(withParameters(redirectUri, { error, state }));
  if (asked.get("response_type") !== "code") return refuse("unsupported_response_type");
  const scopes = sheet.scopes(asked.get("scope"));
  if (!scopes) return refuse("invalid_scope");
  const challenge = sheet.pkce === "none" ? null : asked.get("code_challenge");
  if (!isChallengeFit(sheet, challenge, asked.get("code_challenge_method"))) return refuse("invalid_request");
  return step(context, call, { ...scopes, redirectUri, state, challenge, redirectExtras: (accepted) => sheet.redirectExtras?.(accepted) ?? {} });
}

function isChallengeFit(sheet: OAuthSheet, challenge: string | null, method: string | null): boolean {
  if (challenge === null) return sheet.pkce !== "required";
  return /^[A-Za-z0-9\-_]{43}$/.test(challenge) && method === "S256";
}

/** The token door alone, for vendors that have other business at the same path. */
export function tokenDoor(context: CloudContext, sheet: OAuthSheet, call: Call): Answer {
  const refuse = (problem: TokenProblem): Answer => sheet.refuse?.(problem) ?? oauthRefusal(problem);
  const fields = fieldsOf(sheet, call);
  if (!fields) return refuse({ error: "invalid_request", field: "body", description: "The body has a content type or a form that is not read here." });
  const wrong = wrongClient(context, sheet, call, fields);
  if (wrong) return refuse({ error: "invalid_client", field: wrong, description: "The application is not known, or its secret is wrong." });
  const grantType = fields.get("grant_type");
  if (grantType === "authorization_code") {
    const redirectUri = sheet.repeatsRedirect === false ? null : (fields.get("redirect_uri") ?? "");
    const outcome = context.grants.redeem(fields.get("code") ?? "", { redirectUri, verifier: fields.get("code_verifier") });
    return "refusal" in outcome ? refuse({ error: "invalid_grant", field: "code", description: outcome.refusal }) : told(context, sheet, outcome, "code");
  }
  if (grantType === "refresh_token") {
    const outcome = context.grants.refresh(fields.get("refresh_token") ?? "");
    return "refusal" in outcome ? refuse({ error: "invalid_grant", field: "refresh_token", description: outcome.refusal }) : told(context, sheet, outcome, "refresh");
  }
  return refuse({ error: "unsupported_grant_type", field: "grant_type", description: "grant_type must be authorization_code or refresh_token." });
}

function fieldsOf({ bodies = ["form"] }: OAuthSheet, call: Call): URLSearchParams | null {
  if (isForm(call) && bodies.includes("form")) return formOf(call);
  return isJson(call) && bodies.includes("json") ? jsonFields(call) : null;
}

function wrongClient(context: CloudContext, sheet: OAuthSheet, call: Call, fields: URLSearchParams): "client_id" | "client_secret" | null {
  const ways = sheet.clientProof ?? ["body"];
  const header = ways.includes("basic") ? basic(call) : null;
  const id = header ? header.name : ways.includes("body") ? fields.get("client_id") : null;
  const secret = header ? header.password : fields.get("client_secret");
  if (id !== context.client.clientId) return "client_id";
  return secret === context.client.clientSecret ? null : "client_secret";
}

function told(context: CloudContext, sheet: OAuthSheet, { grant, tokens }: Exclude<TokenOutcome, { refusal: string }>, how: ToldTokens["how"]): Answer {
  const nowMs = context.now();
  const left = (endMs: number | null): number => Math.round(((endMs ?? nowMs) - nowMs) / 1000);
  const person = knownPerson(context, grant.personId);
  return json(200, sheet.tell({ grant, tokens, person, how, expiresIn: left(tokens.accessExpiresMs), refreshExpiresIn: left(tokens.refreshExpiresMs) }));
}
