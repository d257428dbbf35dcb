/** Ultrahuman's OAuth 2.0, hosts and settings. Source: vendors/ultrahuman.md, Base URLs and OAuth. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/authorise",
  tokenPath: "/api/partners/oauth/token",
  scopes: ["profile", "ring_data"],
  // Most people wear no glucose sensor of Ultrahuman's: its absence limits nothing.
  optionalScopes: [{ scope: "cgm_data", setting: "cgm" }],
  scopeSeparator: " ",
  pkce: "none",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 86_400,
  refreshTokenRotates: true,
  revokePath: "/api/partners/oauth/revoke",
};

export const settings: readonly DriverSetting[] = [
  {
    name: "window",
    description: "How data is asked for, on which sources conflict: a call for each day (date), or for seven days at once (epoch).",
    values: ["date", "epoch"],
    default: "date",
    chosenBy: "provider",
  },
  {
    name: "cgm",
    description: "Whether the data of Ultrahuman's glucose sensor is asked for, too.",
    values: ["on", "off"],
    default: "on",
    chosenBy: "provider",
  },
];

/** Consent on one host, tokens and data on another. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]);
  const partner = base ?? "https://partner.ultrahuman.com";
  return { auth: trimmed(given["browser_base_url"]) ?? base ?? "https://auth.ultrahuman.com", token: partner, api: partner };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);
