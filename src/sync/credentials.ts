/** The tokens of a connection for whoever calls its vendor: always with life left. Requirements E4, P1, P2. */
import type { Secret } from "../secret.ts";
import type { Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { refreshOnce } from "./refresh.ts";
import { openAccess, readTokens, type SealedTokens } from "./sealed-tokens.ts";
import { withVaultAlarm } from "./vault-alarm.ts";

/** A token with less life than this is refreshed before it is used (requirement E4). */
export const REFRESH_MARGIN_MS = 5 * 60_000;

export interface TokenSource {
  /** A token with life left. Throws ReauthorizationRequired when a person must consent again. */
  accessToken(): Promise<Secret>;
  /** A token other than the one the vendor just refused. */
  refreshAfter401(stale: Secret): Promise<Secret>;
}

export interface TokenRules {
  /** A token with less life is refreshed before it is given. Default: REFRESH_MARGIN_MS. */
  readonly marginMs?: number;
  /** True when there is another sign already that the grant is dead: then its first refusal is believed. */
  readonly believesFirstRefusal?: boolean;
  /** True to renew also a token with life left whose last refresh was cut off. */
  readonly mendsCutOff?: boolean;
}

/** Refreshes under way in this process, by connection: callers share one. */
const underWay = new WeakMap<SyncContext, Map<string, Promise<Secret>>>();

/** The tokens of a connection, refreshed by one caller at a time however many ask, in this process and in all others. */
export function tokenSource(context: SyncContext, connection: Connection, rules: TokenRules = {}): TokenSource {
  const { marginMs = REFRESH_MARGIN_MS, believesFirstRefusal = false, mendsCutOff = false } = rules;
  const hasLife = (row: SealedTokens): boolean => row.expires_at - context.clock.now() > marginMs && !(mendsCutOff && row.is_cut_off);
  const refresh = (isFresh: (row: SealedTokens) => boolean): Promise<Secret> => {
    const running = underWay.get(context) ?? new Map<string, Promise<Secret>>();
    underWay.set(context, running);
    const known = running.get(connection.connectionId);
    if (known) return known;
    const promise = refreshOnce(context, connection, { isFresh, believesFirstRefusal }).finally(() => running.delete(connection.connectionId));
    running.set(connection.connectionId, promise);
    return promise;
  };
  const watched = <T>(work: () => Promise<T>): Promise<T> =>
    withVaultAlarm(context, { organizationId: connection.organizationId, patientId: connection.patientId, table: "credentials", objectId: connection.connectionId }, work);
  return {
    accessToken: () => watched(async () => {
      const row = await context.database.withOrganization(connection.organizationId, (tx) => readTokens(tx, connection));
      return hasLife(row) ? openAccess(context, connection, row) : refresh(hasLife);
    }),
    refreshAfter401: (stale) => watched(async () => {
      const isOther = (row: SealedTokens): boolean => hasLife(row) && openAccess(context, connection, row).open() !== stale.open();
      const token = await refresh(isOther);
      // Whoever was refreshing already may have been content with the very token that was refused.
      return token.open() === stale.open() ? refresh(isOther) : token;
    }),
  };
}
