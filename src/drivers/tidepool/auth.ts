/** Tidepool's hosts and OpenID Connect (Keycloak), as data. Source: vendors/tidepool.md, Environments and Authentication. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

const ENVIRONMENTS = {
  production: { api: "https://api.tidepool.org", auth: "https://auth.tidepool.org", realm: "tidepool" },
  integration: { api: "https://external.integration.tidepool.org", auth: "https://auth.external.tidepool.org", realm: "integration" },
} as const;

export const settings: readonly DriverSetting[] = [
  { name: "environment", description: "Tidepool's production, or its integration environment, where clients are tried first.", values: ["production", "integration"], default: "production", chosenBy: "provider" },
  {
    name: "all_cgm", description: "Whether sensor readings of every source are asked for. Off, within the time of a Dexcom account only that account's count. Tidepool's documents contradict each other here.",
    values: ["on", "off"], default: "on", chosenBy: "provider",
  },
];

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/auth",
  tokenPath: "/token",
  revokePath: "/revoke",
  scopes: ["openid", "offline_access"],
  scopeSeparator: " ",
  pkce: "required",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 600,
  refreshTokenRotates: true,
  // Tokens live ten minutes: made ahead of use they would be made all day long.
  refreshAheadSeconds: 0,
  tokenPlace: { place: "header", name: "x-tidepool-session-token" },
};

export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const { api, auth: host, realm } = given["environment"] === "integration" ? ENVIRONMENTS.integration : ENVIRONMENTS.production;
  const base = given["base_url"];
  const path = `/realms/${realm}/protocol/openid-connect`;
  return { auth: `${given["browser_base_url"] || base || host}${path}`, token: `${base || host}${path}`, api: base || api };
}
