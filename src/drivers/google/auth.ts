/** Google's OAuth 2.0, hosts and settings. Source: vendors/google-health.md, Base URLs and OAuth. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

/** Full name of a family of read scopes. */
export function scopeOf(family: string): string {
  return `https://www.googleapis.com/auth/googlehealth.${family}.readonly`;
}

/** Families whose scope is asked for only if the operator switches it on; the setting bears the family's name. */
export const OPTIONAL_FAMILIES = ["nutrition", "ecg", "irn"] as const;

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/o/oauth2/v2/auth",
  tokenPath: "/token",
  revokePath: "/revoke",
  // profile: without it some accounts fail to say who they are.
  scopes: ["activity_and_fitness", "health_metrics_and_measurements", "sleep", "profile", "settings"].map(scopeOf),
  optionalScopes: OPTIONAL_FAMILIES.map((family) => ({ scope: scopeOf(family), setting: family })),
  scopeSeparator: " ",
  pkce: "required",
  clientAuthentication: "body",
  // Without these two a second consent gives no refresh token.
  extraAuthorizeParameters: { access_type: "offline", prompt: "consent", include_granted_scopes: "true" },
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 3_599,
  refreshTokenRotates: false,
};

const onOff = { values: ["on", "off"], default: "off", chosenBy: "provider" } as const;

export const settings: readonly DriverSetting[] = [
  {
    name: "webhook_secret",
    description:
      "The random text after \"Bearer \" that Google was given as endpointAuthorization.secret when the subscriber was registered; during a change the " +
      "old and the new one, separated by a space. Without it every notification is refused.",
    values: [],
    default: "",
    isSecret: true,
    chosenBy: "provider",
  },
  {
    name: "signature",
    description: "Whether a notification must carry Google's signature besides that secret (required), or the secret alone will do (ignore).",
    values: ["required", "ignore"],
    default: "required",
    chosenBy: "provider",
  },
  {
    name: "data_sources",
    description:
      "Whose data is merged: everything in the account (all-sources), Google's own apps and devices with Health Connect (google-sources), or trackers " +
      "and watches alone (google-wearables).",
    values: ["all-sources", "google-sources", "google-wearables"],
    default: "all-sources",
    chosenBy: "provider",
  },
  { name: "nutrition", description: "Whether food and water are asked for. The official list of scopes names no scope for reading them, others do.", ...onOff },
  { name: "ecg", description: "Whether electrocardiograms (their heart rate) are asked for.", ...onOff },
  { name: "irn", description: "Whether notifications of an irregular rhythm are asked for.", ...onOff },
  {
    name: "project",
    description: "Whether Google has verified the app: an unverified project may make about 150 calls a minute, a verified one 120,000.",
    values: ["unverified", "verified"],
    default: "unverified",
    chosenBy: "provider",
  },
];

/** One production host for each purpose, no sandbox, no regions. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]);
  return {
    auth: trimmed(given["browser_base_url"]) ?? base ?? "https://accounts.google.com",
    token: base ?? "https://oauth2.googleapis.com",
    api: base ?? "https://health.googleapis.com",
  };
}

const KEY_SET_PATH = "/googlehealthapi/webhooks/webhooks_public_keyset.json";

/** Where the public keys of notifications lie. */
export function keySetUrl(given: Readonly<Record<string, string>>): string {
  return (trimmed(given["base_url"]) ?? "https://www.gstatic.com") + KEY_SET_PATH;
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);
