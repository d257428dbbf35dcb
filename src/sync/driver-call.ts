/** Calls of a driver on behalf of one connection. */
import type { DriverCall } from "#driver/types.ts";
import { createAuthorizedFetch } from "#http/authorized.ts";
import type { Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { tokenSource } from "./credentials.ts";

export function driverCall(context: SyncContext, connection: Connection, signal: AbortSignal): DriverCall {
  const provider = context.providers.require(connection.provider);
  return {
    fetch: createAuthorizedFetch({
      http: context.http,
      scope: { provider: connection.provider, connectionId: connection.connectionId },
      apiBaseUrl: provider.endpoints(connection.settings).api,
      ...tokenSource(context, connection),
      signal,
    }),
    settings: provider.settings(connection.settings),
    account: { vendorUserId: connection.vendorUserId, grantedScopes: connection.grantedScopes },
    nowMs: context.clock.now(),
    signal,
  };
}
