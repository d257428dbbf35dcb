/** Wahoo's OAuth 2.0, host and settings. Source: vendors/wahoo.md, OAuth, Rate limits and Webhooks. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth/authorize",
  tokenPath: "/oauth/token",
  // Without offline_data no webhook comes.
  scopes: ["user_read", "workouts_read", "offline_data"],
  scopeSeparator: " ",
  pkce: "default-on",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 7_200,
  refreshTokenRotates: true,
  // Each refresh makes one more token of the ten that a person may have: none is made ahead of a call.
  refreshAheadSeconds: 0,
  // Too many tokens become fewer as they end, the last of them after two hours: only what lasts longer is a matter for the person.
  refusalProofSeconds: 3 * 3_600,
  refusals: [{ words: /too many unrevoked access tokens/i, meaning: "person" }],
};

export const settings: readonly DriverSetting[] = [
  {
    name: "webhook_token",
    description: "The webhook token that you chose in Wahoo's developer portal; two with a space between them during a change.",
    values: [],
    default: "",
    isSecret: true,
    chosenBy: "provider",
  },
  {
    name: "tier",
    description: "What Wahoo has granted your app: its limits as a sandbox, or in production after the review.",
    values: ["sandbox", "production"],
    default: "sandbox",
    chosenBy: "provider",
  },
  {
    name: "pkce",
    description: "Whether a PKCE challenge is sent, which Wahoo supports and does not demand.",
    values: ["on", "off"],
    default: "on",
    chosenBy: "provider",
  },
];

/** One host for all, sandbox or not. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]) ?? "https://api.wahooligan.com";
  return { auth: trimmed(given["browser_base_url"]) ?? base, token: base, api: base };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);
