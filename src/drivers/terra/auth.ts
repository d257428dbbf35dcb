/** Terra's keys, its page for connecting, and whose account came back. Source: vendors/terra.md, Authentication, Connecting a user, Identity. */
import { z } from "zod";
import type { HostedAuth } from "#driver/auth.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverSetting, ProviderAccount } from "#driver/types.ts";
import { InvalidInput } from "#errors.ts";
import type { AuthorizedFetch } from "#http/types.ts";
import type { Endpoints } from "#oauth/types.ts";

const HOST = "https://access.tryterra.co";
const PATHS = { current: `${HOST}/api/v2`, older: "https://api.tryterra.co/v2" } as const;

export const settings: readonly DriverSetting[] = [
  { name: "signing_secret", description: "Signing secret of the webhook destination in Terra's dashboard. Without it no webhook is believed.", values: [], default: "", isSecret: true, chosenBy: "provider" },
  { name: "signature_tolerance_seconds", description: "How old a signed webhook may be. Terra does not say whether a retry is signed anew; retries go on for a day.", values: [], default: "300", chosenBy: "provider" },
  { name: "api", description: "Which of Terra's hosts: the one of its present documents, or the older one that guides still show.", values: ["current", "older"], default: "current", chosenBy: "provider" },
  { name: "widget_providers", description: "Vendors offered on Terra's page, as Terra writes them, separated by commas. Empty: those of the dashboard.", values: [], default: "", chosenBy: "provider" },
];

export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const api = given["base_url"] || (given["api"] === "older" ? PATHS.older : PATHS.current);
  return { auth: given["browser_base_url"] || api, token: api, api };
}

const widget = z.object({ url: z.string() });
const user = z.object({ user_id: z.string().min(1), provider: z.string().nullish(), reference_id: z.string().nullish(), scopes: z.string().nullish(), active: z.boolean().nullish() });
const userInfo = z.object({ user, is_authenticated: z.boolean().nullish() });

export const auth: HostedAuth = {
  kind: "hosted",
  appHeaders: ({ clientId, clientSecret }) => ({ "dev-id": clientId, "x-api-key": clientSecret }),
  async begin({ fetch, settings: chosen }, { reference, returnUrl, failureUrl, language }) {
    const providers = (chosen["widget_providers"] ?? "").trim();
    const response = await fetch("/auth/generateWidgetSession", {
      method: "POST",
      json: { reference_id: reference, language, auth_success_redirect_url: returnUrl, auth_failure_redirect_url: failureUrl, ...(providers === "" ? {} : { providers }) },
    });
    return { url: parseEnvelope(widget, response.json(), "Terra widget session").url };
  },
  async finish({ fetch }, { query, reference }) {
    const userId = query["user_id"];
    if (!userId || !/^[0-9a-zA-Z-]{1,64}$/.test(userId)) throw new InvalidInput("Terra's page brought no account back.");
    const info = await infoOf(fetch, userId);
    if (!info || info.user.reference_id !== reference || !isAlive(info)) throw new InvalidInput("Terra does not know this account as this person's.");
    return accountOf(info);
  },
};

type UserInfo = z.infer<typeof userInfo>;

/** What Terra knows of an account; null for one that it does not know. */
export async function infoOf(fetch: AuthorizedFetch, userId: string): Promise<UserInfo | null> {
  const response = await fetch("/userInfo", { query: { user_id: userId }, accept: [404] });
  return response.status === 404 ? null : parseEnvelope(userInfo, response.json(), "Terra account");
}

export function isAlive({ user: known, is_authenticated: isAuthenticated }: UserInfo): boolean {
  return isAuthenticated ?? known.active ?? true;
}

/** Scopes are those of the vendor behind, in its own words: nothing is asked for by them. */
export function accountOf({ user: known }: UserInfo): ProviderAccount {
  return { vendorUserId: known.user_id, grantedScopes: known.scopes ? scopesOf(known.scopes) : null };
}

export function scopesOf(text: string): string[] {
  return text.split(",").map((scope) => scope.trim()).filter((scope) => scope !== "");
}
