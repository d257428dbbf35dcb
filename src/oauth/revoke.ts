/** Ending a grant at a vendor's revocation endpoint. */
import type { CallScope, HttpClient } from "#http/types.ts";
import { ConfigError, ProviderRefused } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { envelopeHttpStatus } from "./answer-envelope.ts";
import { basicCredentials } from "./tokens.ts";
import type { Endpoints, OAuth2Auth, OAuthClient, RevokeCall } from "./types.ts";

export interface Revocation {
  readonly http: HttpClient;
  readonly scope: CallScope;
  readonly auth: OAuth2Auth;
  readonly endpoints: Pick<Endpoints, "token">;
  readonly client: OAuthClient;
  /** The refresh token, for it ends the whole grant; the access token where there is no other or `revokeCall` is declared. */
  readonly token: Secret;
  readonly signal?: AbortSignal;
}

/** What a vendor answers to a token that is dead already: the grant is gone, and that was wanted. */
const GONE = /"(?:invalid_token|invalid_grant|token_revoked)"/;

/**
 * Tells the vendor that a grant ends. A token that it does not know any more is no error. Throws ConfigError for a vendor without such an
 * endpoint, ProviderRefused for any other refusal, and what HttpClient throws. Source: RFC 7009 §2; vendors/google-health.md and
 * vendors/fitbit.md, OAuth.
 */
export async function revokeGrant({ http, scope, auth, endpoints, client, token, signal }: Revocation): Promise<void> {
  if (auth.revokePath === undefined) throw new ConfigError(`${scope.provider} has no revocation endpoint.`);
  if (auth.revokeCall) return revokeByToken({ http, scope, auth, endpoints, client, token, ...(signal ? { signal } : {}) }, auth.revokeCall);
  const isBasic = auth.clientAuthentication === "basic";
  const form = { token: token.open(), ...(isBasic ? {} : { client_id: client.id, client_secret: client.secret.open() }) };
  const answer = await http.request(scope, {
    method: "POST",
    url: endpoints.token + auth.revokePath,
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      ...(isBasic ? { authorization: basicCredentials(client) } : {}),
    },
    body: new URLSearchParams(form).toString(),
    accept: [400, 401],
    ...(signal ? { signal } : {}),
  });
  const text = new TextDecoder().decode(answer.body);
  if (answer.status >= 400 && !GONE.test(text)) {
    throw new ProviderRefused(`The revocation endpoint of ${scope.provider} answered ${answer.status}.`, answer.status, text);
  }
}

/** The vendor's own way: the access token wherever it wants it. A 401 is a token that is dead already. */
async function revokeByToken({ http, scope, auth, endpoints, client, token, signal }: Revocation, how: RevokeCall): Promise<void> {
  const url = new URL(`${endpoints.token}${auth.revokePath}`);
  if (how.clientIdIn !== undefined) url.searchParams.set(how.clientIdIn, client.id);
  if (how.tokenIn.includes("query")) url.searchParams.set("token", token.open());
  const envelope = auth.answerEnvelope;
  await http.request(scope, {
    method: how.method,
    url: url.href,
    headers: {
      accept: "application/json",
      ...(how.tokenIn.includes("form") ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      ...(how.tokenIn.includes("bearer") ? { authorization: `Bearer ${token.open()}` } : {}),
    },
    ...(how.tokenIn.includes("form") ? { body: new URLSearchParams({ token: token.open() }).toString() } : {}),
    accept: [401],
    ...(envelope ? { statusOf: (body: Uint8Array) => envelopeHttpStatus(body, envelope) } : {}),
    ...(signal ? { signal } : {}),
  });
}
