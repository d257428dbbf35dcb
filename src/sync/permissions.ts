/** What a person allowed, and what that leaves out. Pure. */
import type { Resource } from "#driver/types.ts";
import { scopesOf } from "#oauth/scopes.ts";
import type { DriverAuth } from "#driver/auth.ts";
import type { OAuth2Auth } from "#oauth/types.ts";
import type { ConnectionStatus, Cursor } from "./connections.ts";

/** Only OAuth knows scopes: with any other way in, whoever connects gives all. */
type Auth = Pick<OAuth2Auth, "kind" | "scopes" | "permissions" | "optionalScopes" | "scopesSetting"> | Exclude<DriverAuth, OAuth2Auth>;

/** Of the provider, as `Provider.settings` gives them. */
type Settings = Readonly<Record<string, string>>;

/** Scopes or permissions wanted and not granted; none where the vendor does not tell. */
export function missingScopes(auth: Auth, settings: Settings, granted: readonly string[] | null): string[] {
  return granted === null || auth.kind !== "oauth2" ? [] : (auth.permissions ?? scopesOf(auth, settings)).filter((scope) => !granted.includes(scope));
}

/** The resources that may be asked for: without those whose scope was not granted or, where the vendor does not tell, not asked for. */
export function allowedResources(
  resources: readonly Resource[], auth: Auth, settings: Settings, granted: readonly string[] | null,
): readonly Resource[] {
  const scopes = granted ?? (auth.kind === "oauth2" ? scopesOf(auth, settings) : []);
  return resources.filter(({ needsScope }) => needsScope === undefined || scopes.includes(needsScope));
}

/**
 * The state of a connection that works: `limited` when something is left out, because it was not granted or because the vendor refuses a
 * resource (faults OA-14).
 */
export function workingStatus(
  auth: Auth, settings: Settings, granted: readonly string[] | null, cursors: Readonly<Record<string, Cursor>>,
): { status: Extract<ConnectionStatus, "active" | "limited">; code: string | null } {
  const isLimited = missingScopes(auth, settings, granted).length > 0 || Object.values(cursors).some((cursor) => cursor.isRefused);
  return isLimited ? { status: "limited", code: "missing_scopes" } : { status: "active", code: null };
}

/** The cursors with every refusal forgotten: after a new consent all is asked for again. */
export function withoutRefusals(cursors: Readonly<Record<string, Cursor>>): Record<string, Cursor> {
  return Object.fromEntries(Object.entries(cursors).map(([name, { isRefused: _isRefused, ...cursor }]) => [name, cursor]));
}
