/** Calls of a driver on behalf of one connection. */
import type { AppCall, DriverCall } from "#driver/types.ts";
import { createAppFetch, createAuthorizedFetch } from "#http/authorized.ts";
import type { AuthorizedFetch } from "#http/types.ts";
import type { Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { tokenSource, type TokenRules, type TokenSource } from "./credentials.ts";
import { isPublicOnly } from "./given-address.ts";
import type { Provider } from "./providers.ts";

export interface CallRules extends TokenRules {
  /** Whether the call asks for the past, which must leave room for news in the vendor's budget. */
  readonly isForThePast?: boolean;
}

export function driverCall(context: SyncContext, connection: Connection, signal: AbortSignal, rules: CallRules = {}): DriverCall {
  return callWith(context, connection, signal, { ...tokenSource(context, connection, rules), isForThePast: rules.isForThePast ?? false });
}

/** What proves the app in headers, where the vendor wants that. */
function appHeaders({ driver, config }: Provider): { headers?: Readonly<Record<string, string>> } {
  return driver.auth.kind === "hosted" ? { headers: driver.auth.appHeaders({ clientId: config.clientId, clientSecret: config.clientSecret.open() }) } : {};
}

/** Calls on behalf of the app itself. `ofConnection`: settings of the connection that they are about. */
export function appCall(
  context: SyncContext, provider: Provider, about: { readonly ofConnection?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): AppCall {
  return {
    fetch: createAppFetch({
      http: context.http, scope: { provider: provider.driver.id }, apiBaseUrl: provider.endpoints(about.ofConnection).api,
      ...appHeaders(provider), ...(about.signal ? { signal: about.signal } : {}),
    }),
    clientId: provider.config.clientId,
    clientSecret: provider.config.clientSecret.open(),
    settings: provider.settings(about.ofConnection),
  };
}

/** A call whose tokens come from elsewhere than the connection's row. */
export function callWith(context: SyncContext, connection: Connection, signal: AbortSignal, tokens: TokenSource & { readonly isForThePast?: boolean }): DriverCall {
  const provider = context.providers.require(connection.provider);
  return {
    fetch: fetchFor(context, connection, signal, tokens),
    settings: provider.settings(connection.settings),
    account: { vendorUserId: connection.vendorUserId, grantedScopes: connection.grantedScopes, zone: connection.zone },
    nowMs: context.clock.now(),
    signal,
  };
}

function fetchFor(
  context: SyncContext, connection: Connection, signal: AbortSignal, { isForThePast = false, ...tokens }: TokenSource & { readonly isForThePast?: boolean },
): AuthorizedFetch {
  const provider = context.providers.require(connection.provider);
  const { auth } = provider.driver;
  const settings = provider.settings(connection.settings);
  const parts = {
    http: context.http,
    scope: { provider: connection.provider, connectionId: connection.connectionId, isForThePast },
    apiBaseUrl: provider.endpoints(connection.settings).api,
    signal,
    publicOnly: isPublicOnly(context, provider),
  };
  if (auth.kind === "hosted") return createAppFetch({ ...parts, ...appHeaders(provider) });
  const tokenPlace = auth.kind === "credentials" ? auth.sessionIn(settings) : auth.kind === "oauth2" ? auth.tokenPlace : undefined;
  return createAuthorizedFetch({ ...parts, ...tokens, ...(tokenPlace ? { tokenPlace } : {}) });
}
