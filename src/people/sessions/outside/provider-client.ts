/** OpenID Connect clients of the operator's providers, whose calls all pass our own way out: time-outs, sizes, no private addresses (catalogue OA-26). */
import * as oidc from "openid-client";
import type { HttpClient } from "#http/types.ts";
import { HOUR_MS, SECOND_MS } from "#units/time.ts";
import type { Clock } from "../../../clock.ts";
import type { SignInProvider } from "./settings.ts";

/** A provider may change its endpoints and keys; a restart must not be needed for it. */
const KEPT_MS = HOUR_MS;
const TIMEOUT_MS = 10 * SECOND_MS;
/** Refusals that the protocol knows, for the client to read. */
const READ_STATUSES = [400, 401, 403, 404, 429];

export interface ProviderClientParts {
  readonly http: Pick<HttpClient, "request">;
  readonly clock: Clock;
  readonly allowsPrivateAddresses: boolean;
}

/** Gives the client of a provider, found out from its discovery document (OpenID Connect Discovery §4). Throws what the network does to it. */
export function createProviderClients(parts: ProviderClientParts): (provider: SignInProvider) => Promise<oidc.Configuration> {
  const kept = new Map<string, { readonly madeMs: number; readonly client: Promise<oidc.Configuration> }>();
  return (provider) => {
    const found = kept.get(provider.id);
    const nowMs = parts.clock.now();
    if (found && nowMs - found.madeMs >= 0 && nowMs - found.madeMs < KEPT_MS) return found.client;
    const client = discover(parts, provider);
    kept.set(provider.id, { madeMs: nowMs, client });
    // Who could not be reached is asked again the next time.
    client.catch(() => kept.delete(provider.id));
    return client;
  };
}

function discover(parts: ProviderClientParts, provider: SignInProvider): Promise<oidc.Configuration> {
  const skewSeconds = Math.round((parts.clock.now() - Date.now()) / SECOND_MS);
  return oidc.discovery(
    new URL(provider.issuer), provider.clientId, { client_secret: provider.clientSecret.open(), [oidc.clockSkew]: skewSeconds }, undefined,
    {
      [oidc.customFetch]: fetchBy(parts, provider.id),
      // The signature is checked as well as the connection that the token came by.
      execute: [oidc.enableNonRepudiationChecks, ...(parts.allowsPrivateAddresses ? [oidc.allowInsecureRequests] : [])],
    },
  );
}

function fetchBy({ http, allowsPrivateAddresses }: ProviderClientParts, providerId: string): oidc.CustomFetch {
  return async (url, { method, headers, body }) => {
    const answer = await http.request({ provider: `sign-in:${providerId}` }, {
      method: method as "GET" | "POST", url, headers, timeoutMs: TIMEOUT_MS, retries: false, accept: READ_STATUSES, publicOnly: !allowsPrivateAddresses,
      ...(body === undefined || body === null ? {} : { body: textOf(body) }),
    });
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: { ...answer.headers } });
  };
}

function textOf(body: oidc.FetchBody): string {
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError("The OpenID Connect client sends forms alone.");
}
