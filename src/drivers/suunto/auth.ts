/** Suunto's OAuth 2.0, hosts and settings. Source: vendors/suunto.md, Base URLs, OAuth and Webhooks. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth/authorize",
  tokenPath: "/oauth/token",
  // What may be read hangs on the subscription; one project sends `workout` all the same (setting `scopes`).
  scopes: [],
  scopesSetting: "scopes",
  scopeSeparator: " ",
  pkce: "none",
  clientAuthentication: "basic",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 86_400,
  refreshTokenRotates: true,
  // The token is a JWT; its claim `user` is the name that webhooks carry.
  accessTokenClaims: ["user"],
  // An outage at Suunto once gave invalid_grant for healthy tokens.
  refusalProofSeconds: 4 * 3_600,
  revokePath: "/oauth/deauthorize",
  revokeCall: { method: "GET", tokenIn: ["bearer"], clientIdIn: "client_id" },
};

export const settings: readonly DriverSetting[] = [
  {
    name: "subscription_key",
    description: "Key of your subscription to Suunto's Developer API product; every call needs it beside the person's token.",
    values: [],
    default: "",
    isSecret: true,
    chosenBy: "provider",
  },
  {
    name: "notification_secret",
    description: "Notification secret of your profile at Suunto, by which its webhooks are signed; two with a space between them during a change.",
    values: [],
    default: "",
    isSecret: true,
    chosenBy: "provider",
  },
  {
    name: "scopes",
    description: "Scopes to ask for, with spaces between them; sources conflict on whether Suunto wants any (one sends workout).",
    values: [],
    default: "",
    chosenBy: "provider",
  },
  {
    name: "daily_statistics",
    description: "Where the daily totals lie, on which sources conflict: below /247samples, below /247, or whichever answers (auto).",
    values: ["auto", "247samples", "247"],
    default: "auto",
    chosenBy: "provider",
  },
];

/** One host for consent and tokens, one for data, no sandbox. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]);
  return {
    auth: trimmed(given["browser_base_url"]) ?? base ?? "https://cloudapi-oauth.suunto.com",
    token: base ?? "https://cloudapi-oauth.suunto.com",
    api: base ?? "https://cloudapi.suunto.com",
  };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);
