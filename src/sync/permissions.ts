/** What a person allowed, and what that leaves out. Pure. */
import type { OAuth2Auth } from "#oauth/types.ts";
import type { ConnectionStatus, Cursor } from "./connections.ts";

type Auth = Pick<OAuth2Auth, "scopes" | "permissions">;

/** Scopes or permissions wanted and not granted; none where the vendor does not tell. */
export function missingScopes(auth: Auth, granted: readonly string[] | null): string[] {
  return granted === null ? [] : (auth.permissions ?? auth.scopes).filter((scope) => !granted.includes(scope));
}

/**
 * The state of a connection that works: `limited` when something is left out, because it was not granted or because the vendor refuses a
 * resource (faults OA-14).
 */
export function workingStatus(
  auth: Auth, granted: readonly string[] | null, cursors: Readonly<Record<string, Cursor>>,
): { status: Extract<ConnectionStatus, "active" | "limited">; code: string | null } {
  const isLimited = missingScopes(auth, granted).length > 0 || Object.values(cursors).some((cursor) => cursor.isRefused);
  return isLimited ? { status: "limited", code: "missing_scopes" } : { status: "active", code: null };
}

/** The cursors with every refusal forgotten: after a new consent all is asked for again. */
export function withoutRefusals(cursors: Readonly<Record<string, Cursor>>): Record<string, Cursor> {
  return Object.fromEntries(Object.entries(cursors).map(([name, { isRefused: _isRefused, ...cursor }]) => [name, cursor]));
}
