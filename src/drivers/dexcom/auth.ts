/** Dexcom's hosts and OAuth, as data. Source: vendors/dexcom.md, "Base URLs" and "OAuth". */
import { InvalidInput } from "#errors.ts";
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

/** The account's region decides the host, for consent and data alike; there is no look-up from person to region. */
const HOSTS: Readonly<Record<string, string>> = {
  us: "https://api.dexcom.com",
  ous: "https://api.dexcom.eu",
  jp: "https://api.dexcom.jp",
  sandbox: "https://sandbox-api.dexcom.com",
};

const OAUTH_VERSIONS = ["v3", "v2"] as const;

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/login",
  tokenPath: "/token",
  scopes: ["offline_access"],
  scopeSeparator: " ",
  pkce: "default-on",
  // HTTP Basic is not documented.
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 7_200,
  refreshTokenRotates: true,
  // A dead grant is answered with 400, its body is not documented (vendors/dexcom.md, Errors).
  bareRefusalEndsGrant: true,
};

export const settings: readonly DriverSetting[] = [
  {
    name: "region",
    description: "Where the Dexcom account was opened: United States, Japan, or anywhere else (ous). The sandbox is for trials.",
    values: Object.keys(HOSTS),
    default: "us",
    chosenBy: "connection",
  },
  {
    name: "oauth_version",
    description: "Path version of Dexcom's consent and token pages. Documents and working code show both; the data is v3 always.",
    values: OAUTH_VERSIONS,
    default: "v3",
    chosenBy: "provider",
  },
  {
    name: "pkce",
    description: "Whether a PKCE challenge is sent. Dexcom's documents are silent on it; off only if Dexcom should refuse it.",
    values: ["on", "off"],
    default: "on",
    chosenBy: "provider",
  },
];

/** Endpoints for a region and an OAuth path version. Throws InvalidInput for a value that is not offered. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const host = given["base_url"] || hostOf(given["region"] ?? "us");
  const browserHost = given["browser_base_url"] || host;
  const version = OAUTH_VERSIONS.find((known) => known === (given["oauth_version"] ?? "v3"));
  if (version === undefined) throw new InvalidInput(`Dexcom's oauth_version must be one of ${OAUTH_VERSIONS.join(", ")}.`);
  return { auth: `${browserHost}/${version}/oauth2`, token: `${host}/${version}/oauth2`, api: host };
}

function hostOf(region: string): string {
  const host = Object.hasOwn(HOSTS, region) ? HOSTS[region] : undefined;
  if (host === undefined) throw new InvalidInput(`Dexcom's region must be one of ${Object.keys(HOSTS).join(", ")}.`);
  return host;
}
