/** COROS's OAuth 2.0, which is its own in several ways, and its hosts. Source: vendors/coros.md, Base URLs and OAuth. */
import { InvalidInput } from "#errors.ts";
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

const HOSTS: Readonly<Record<string, string>> = { production: "https://open.coros.com", test: "https://opentest.coros.com" };

const DAY_S = 86_400;

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth2/authorize",
  tokenPath: "/oauth2/accesstoken",
  refreshPath: "/oauth2/refresh-token",
  scopes: [],
  scopesSetting: "scopes",
  scopeSeparator: " ",
  pkce: "none",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 30 * DAY_S,
  refreshTokenRotates: false,
  // A refresh answers "OK" only: the same tokens hold for 30 days more, of which five minutes are left away.
  refreshProlongsSeconds: 30 * DAY_S - 300,
  refreshAheadSeconds: 10 * DAY_S,
  answerEnvelope: {
    statusField: "result", bodyField: null, wordsField: "message",
    // 1001 and 2001 are known from answers that COROS expects of others, and are read as the same here.
    refusals: [
      { statuses: [5006], meaning: "person" },
      { statuses: [1001], meaning: "operator" },
      { statuses: [2001], meaning: "time" },
    ],
  },
  revokePath: "/oauth2/deauthorize",
  // One project sends the token in the form, two in the address: both.
  revokeCall: { method: "POST", tokenIn: ["query", "form"] },
};

export const settings: readonly DriverSetting[] = [
  {
    name: "environment",
    description: "Which of its two environments COROS has given you keys for.",
    values: Object.keys(HOSTS),
    default: "production",
    chosenBy: "provider",
  },
  {
    name: "scopes",
    description: "Scopes to ask for, with spaces between them; sources conflict on whether COROS wants any (one sends workout).",
    values: [],
    default: "",
    chosenBy: "provider",
  },
];

/** One host for all, by environment. Throws InvalidInput for a value that is not offered. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]) ?? hostOf(given["environment"] ?? "production");
  return { auth: trimmed(given["browser_base_url"]) ?? base, token: base, api: base };
}

function hostOf(environment: string): string {
  const host = Object.hasOwn(HOSTS, environment) ? HOSTS[environment] : undefined;
  if (host === undefined) throw new InvalidInput(`COROS's environment must be one of ${Object.keys(HOSTS).join(", ")}.`);
  return host;
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);
