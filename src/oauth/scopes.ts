/** Which scopes a consent is asked for. Pure. */
import type { OAuth2Auth } from "./types.ts";

/** The vendor's scopes (or those that the operator wrote instead), and the optional ones that the operator has switched on. */
export function scopesOf(
  auth: Pick<OAuth2Auth, "scopes" | "scopesSetting" | "optionalScopes">, settings: Readonly<Record<string, string>>,
): readonly string[] {
  const written = auth.scopesSetting === undefined ? "" : (settings[auth.scopesSetting]?.trim() ?? "");
  const own = written === "" ? auth.scopes : written.split(/\s+/);
  const wanted = (auth.optionalScopes ?? []).filter(({ setting }) => settings[setting] === "on").map(({ scope }) => scope);
  return [...new Set([...own, ...wanted])];
}
