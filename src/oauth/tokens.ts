/** The two calls to a vendor's token endpoint: a code for tokens, and old tokens for new ones. */
import type { CallScope, HttpClient, VendorResponse } from "#http/types.ts";
import { InternalError, ProviderContractBroken, ProviderUnavailable } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { envelopeHttpStatus, saysSuccess } from "./answer-envelope.ts";
import { readTokenAnswer, type GrantedTokens } from "./token-answer.ts";
import { classifyRefusal, unclassifiedRefusal } from "./token-refusal.ts";
import type { Endpoints, OAuth2Auth, OAuthClient } from "./types.ts";

/** Shorter than any lock or lease that a refresher holds meanwhile (OA-17). Covers waiting for the budget and retries as well. */
export const TOKEN_DEADLINE_MS = 15_000;

const REFUSALS = [400, 401, 403];

interface TokenCall {
  readonly http: HttpClient;
  readonly scope: CallScope;
  readonly auth: OAuth2Auth;
  readonly endpoints: Pick<Endpoints, "token">;
  readonly client: OAuthClient;
  /** UTC epoch milliseconds before the call. */
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  /** For the whole call; default 15 s. */
  readonly deadlineMs?: number;
}

export interface CodeExchange extends TokenCall {
  readonly code: Secret;
  readonly redirectUri: string;
  /** PKCE verifier of this flow, when its authorize URL had a challenge. */
  readonly verifier?: Secret;
}

export interface TokenRefresh extends TokenCall {
  readonly refreshToken: Secret;
  /** The access token at hand; needed for a vendor whose refresh only prolongs it (`refreshProlongsSeconds`). */
  readonly accessToken?: Secret;
}

/**
 * Exchanges an authorization code. Throws ReauthorizationRequired (code or verifier refused), ProviderMisconfigured (client
 * refused), ProviderRateLimited, ProviderUnavailable, ProviderContractBroken (unusable answer), ProviderRefused (anything else, redirects
 * included), InternalError when a vendor that requires PKCE would get no verifier (OA-08). Source: RFC 6749 §4.1.3, RFC 7636 §4.5.
 */
export async function exchangeCode(exchange: CodeExchange): Promise<GrantedTokens> {
  const { auth, code, redirectUri, verifier } = exchange;
  if (auth.pkce === "required" && !verifier) throw new InternalError("This vendor requires PKCE, but the exchange has no verifier.");
  if (auth.pkce === "none" && verifier) throw new InternalError("This vendor has no PKCE, but the exchange has a verifier.");
  const form = {
    grant_type: "authorization_code",
    code: code.open(),
    ...(auth.sendsRedirectUriWithCode ? { redirect_uri: redirectUri } : {}),
    ...(verifier ? { code_verifier: verifier.open() } : {}),
  };
  return callTokenEndpoint(exchange, { form, path: exchange.auth.tokenPath, retries: true }, (body) => readTokenAnswer(body, exchange.auth, exchange.nowMs));
}

/**
 * Spends a refresh token. Where refresh tokens rotate there is exactly one attempt: a repeat could spend a token that the vendor
 * has already replaced, so the caller decides after re-reading the row (OA-16 to OA-20). A vendor that only prolongs gives back the tokens
 * at hand with their new end. Throws like `exchangeCode`; only ReauthorizationRequired says that the grant may be dead. Source: RFC 6749 §6.
 */
export async function refreshTokens(refresh: TokenRefresh): Promise<GrantedTokens> {
  const { auth, nowMs } = refresh;
  const form = { ...auth.extraRefreshParameters, grant_type: "refresh_token", refresh_token: refresh.refreshToken.open() };
  const request = { form, path: auth.refreshPath ?? auth.tokenPath, retries: !auth.refreshTokenRotates };
  return callTokenEndpoint(refresh, request, (body) => prolonged(body, refresh) ?? readTokenAnswer(body, auth, nowMs));
}

/** Null where the vendor makes new tokens, or where the answer is no success without any. */
function prolonged(body: unknown, { auth, accessToken, nowMs }: TokenRefresh): GrantedTokens | null {
  const { refreshProlongsSeconds: lifeSeconds, answerEnvelope: envelope } = auth;
  if (lifeSeconds === undefined || !envelope || !saysSuccess(body, envelope)) return null;
  if (typeof (body as Record<string, unknown>)["access_token"] === "string") return null;
  if (!accessToken) throw new InternalError("This vendor prolongs the token at hand, but the refresh has none.");
  return { tokens: { accessToken, refreshToken: null, expiresAtMs: nowMs + lifeSeconds * 1000, scopes: null }, answer: {} };
}

interface TokenRequest {
  readonly form: Readonly<Record<string, string>>;
  /** Below `endpoints.token`. */
  readonly path: string;
  readonly retries: boolean;
}

async function callTokenEndpoint(
  call: TokenCall, { form: grant, path, retries }: TokenRequest, read: (body: unknown) => GrantedTokens,
): Promise<GrantedTokens> {
  const { auth, client, scope } = call;
  const { answerEnvelope: envelope } = auth;
  const isBasic = auth.clientAuthentication === "basic";
  const inBody = isBasic ? {} : { client_id: client.id, client_secret: client.secret.open() };
  const form = { ...auth.extraTokenParameters, ...grant, ...inBody };
  const answer = await withDeadline(call, (signal, timeoutMs) =>
    call.http.request(scope, {
      method: "POST",
      url: call.endpoints.token + path,
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        ...(isBasic ? { authorization: basicCredentials(client) } : {}),
      },
      body: new URLSearchParams(form).toString(),
      accept: REFUSALS,
      retries,
      timeoutMs,
      signal,
      ...(envelope ? { statusOf: (body: Uint8Array) => envelopeHttpStatus(body, envelope) } : {}),
    }),
  );
  const refusal = { provider: scope.provider, status: answer.status, body: new TextDecoder().decode(answer.body) };
  if (answer.status >= 400) throw classifyRefusal(refusal, auth) ?? unclassifiedRefusal(refusal);
  try {
    return read(answer.json());
  } catch (error) {
    // Some vendors refuse with a 200 and say so in the body.
    if (error instanceof ProviderContractBroken) throw classifyRefusal(refusal, auth) ?? error;
    throw error;
  }
}

/** Our own deadline is an unavailable vendor; the caller's abort stays an abort. */
async function withDeadline(call: TokenCall, send: (signal: AbortSignal, timeoutMs: number) => Promise<VendorResponse>): Promise<VendorResponse> {
  const timeoutMs = call.deadlineMs ?? TOKEN_DEADLINE_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await send(call.signal ? AbortSignal.any([call.signal, deadline]) : deadline, timeoutMs);
  } catch (error) {
    if (!deadline.aborted || error !== deadline.reason) throw error;
    throw new ProviderUnavailable(`The token endpoint of ${call.scope.provider} gave no answer within ${timeoutMs} ms.`, { cause: error });
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
export function basicCredentials(client: OAuthClient): string {
  return `Basic ${Buffer.from(`${formEncode(client.id)}:${formEncode(client.secret.open())}`).toString("base64")}`;
}

function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}
