/**
 * The ways into a site of Nightscout: an access token, the site's secret, or none where it is public. Nothing that was refused is tried again:
 * each failure makes the site slower for everybody behind our address. Source: vendors/nightscout.md, Authentication.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { CredentialsAuth, Session, SignInCall } from "#driver/auth.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverSetting } from "#driver/types.ts";
import { ProviderUnavailable, ReauthorizationRequired } from "#errors.ts";
import type { AuthorizedFetch, VendorResponse } from "#http/types.ts";
import type { Endpoints } from "#oauth/types.ts";
import { Secret } from "#secret.ts";
import { DAY_MS } from "#units/time.ts";

type Settings = Readonly<Record<string, string>>;

/** What a subject's token looks like; whatever else was typed into its field is no token and is sent nowhere. */
const TOKEN = /^\w*-[0-9a-f]{16,40}$/i;
/** Where no session ends, what was typed is looked at again after this long. */
const LOOK_AGAIN_MS = 7 * DAY_MS;
/** Stands where no site is known yet. */
const NO_SITE = "https://nightscout.invalid";

export const settings: readonly DriverSetting[] = [
  {
    name: "api", chosenBy: "provider", values: ["auto", "v1", "v3"], default: "auto",
    description: "Version of Nightscout's API that is asked. Version 3 wants an access token and a server that has it; auto takes it where both are there.",
  },
  { name: "mode", description: "How Islet signs in to the site.", values: [], default: "", chosenBy: "connection", isLearnt: true },
  { name: "site_api", description: "Newest version of the API that the site has.", values: [], default: "", chosenBy: "connection", isLearnt: true },
  { name: "subject", description: "Name that the site gives the access token's holder.", values: [], default: "", chosenBy: "connection", isLearnt: true },
];

export const auth: CredentialsAuth = {
  kind: "credentials",
  fields: [
    { name: "url", label: { en: "Address of your Nightscout", es: "Dirección de tu Nightscout" }, isSecret: false, form: "address" },
    {
      name: "token", isSecret: true, isOptional: true,
      label: { en: "Access token with the role “readable” (a public site needs none)", es: "Token de acceso con el rol «readable» (un sitio público no lo necesita)" },
    },
    {
      name: "secret", isSecret: true, isOptional: true,
      label: { en: "API_SECRET, only if you have no access token", es: "API_SECRET, solo si no tienes token de acceso" },
    },
  ],
  sessionIn: (chosen) => {
    if (chosen["mode"] === "secret") return { place: "header", name: "api-secret" };
    return { place: chosen["mode"] === "public" ? "none" : "bearer" };
  },
  signIn,
  refusalProofSeconds: 0,
};

/** The person's own site, without path, query and trailing slash. */
export function endpoints(chosen: Settings): Endpoints {
  const given = chosen["url"] ?? "";
  const site = URL.canParse(given) ? new URL(given).origin : NO_SITE;
  const api = chosen["base_url"] || site;
  return { auth: chosen["browser_base_url"] || api, token: api, api };
}

/** Version of the API to ask with these settings. Source: vendors/nightscout.md, Authentication (version 3 takes a JWT and nothing else). */
export function apiOf(chosen: Settings): "v1" | "v3" {
  if ((chosen["mode"] || "token") !== "token" || chosen["api"] === "v1") return "v1";
  return chosen["api"] === "v3" || chosen["site_api"] === "v3" ? "v3" : "v1";
}

/**
 * A site is one person's, so its host is the account, whatever token opens it. Behind `base_url` sites share one address, and the token's
 * holder tells them apart.
 */
export function accountId(chosen: Settings): string {
  if (chosen["base_url"]) return chosen["subject"] || "site";
  return new URL(endpoints(chosen).api).host;
}

const jwtAnswer = z.looseObject({ token: z.string().regex(/^[\x21-\x7e]+$/), sub: z.string().nullish().catch(null), exp: z.number().positive() });
const verifyAnswer = z.looseObject({ message: z.looseObject({ canRead: z.boolean(), permissions: z.string().nullish().catch(null) }) });
const versionAnswer = z.looseObject({ result: z.looseObject({ apiVersion: z.string().startsWith("3") }) });

async function signIn(call: SignInCall): Promise<Session> {
  const fetch = call.fetchAt({});
  const token = typedToken(call.credentials["token"]);
  const secret = call.credentials["secret"]?.trim() ?? "";
  if (token !== "") return byToken(call, fetch, token);
  if (secret === "") {
    await mustRead(fetch, {}, "This Nightscout is not public: give an access token with the role “readable”.");
    return sessionOf(call, { mode: "public", site_api: "", subject: "" }, new Secret("none"));
  }
  const digest = createHash("sha1").update(secret, "utf8").digest("hex");
  await mustRead(fetch, { "api-secret": digest }, "This Nightscout does not take this API_SECRET.", true);
  return sessionOf(call, { mode: "secret", site_api: "", subject: "" }, new Secret(digest));
}

/** Many people copy the whole address that a site shows with the token. */
function typedToken(typed = ""): string {
  return (/[?&]token=([^&#\s]+)/.exec(typed)?.[1] ?? typed).trim();
}

async function byToken(call: SignInCall, fetch: AuthorizedFetch, token: string): Promise<Session> {
  const refusal = "This Nightscout does not know this access token.";
  if (!TOKEN.test(token)) throw new ReauthorizationRequired("This is no access token of Nightscout: it has a name, a hyphen and 16 digits, such as name-0123456789abcdef.");
  // The only door to a JWT has the token in its path. It is asked once in eight hours.
  const answer = await fetch(`/api/v2/authorization/request/${encodeURIComponent(token)}`, { accept: [401, 404] });
  if (answer.status === 401) throw new ReauthorizationRequired(refusal);
  mustBeThere(answer);
  const { token: jwt, sub, exp } = parseEnvelope(jwtAnswer, answer.json(), "Nightscout authorization");
  await mustRead(fetch, { authorization: `Bearer ${jwt}` }, "This access token may not read: give its subject the role “readable”.", true);
  return sessionOf(call, { mode: "token", site_api: await newestApi(call, fetch), subject: sub ?? "" }, new Secret(jwt), exp * 1000);
}

function sessionOf(call: SignInCall, learnt: Readonly<Record<"mode" | "site_api" | "subject", string>>, token: Secret, endMs?: number): Session {
  const vendorUserId = accountId({ ...call.settings, ...(call.credentials["url"] ? { url: call.credentials["url"] } : {}), ...learnt });
  return { token, expiresAtMs: endMs ?? call.nowMs + LOOK_AGAIN_MS, account: { vendorUserId, grantedScopes: null }, settings: learnt };
}

/**
 * Throws ReauthorizationRequired with `refusal` unless the site lets these headers read. `isOwn`: reading as everybody may is not enough,
 * for then what was given was not taken.
 */
async function mustRead(fetch: AuthorizedFetch, headers: Readonly<Record<string, string>>, refusal: string, isOwn = false): Promise<void> {
  // Answered with 200 whatever the site thinks of whoever asks; a host before it may want a password of its own.
  const answer = await fetch("/api/v1/verifyauth", { headers, accept: [401, 404] });
  if (answer.status === 401) throw new ReauthorizationRequired(refusal);
  mustBeThere(answer);
  const { canRead, permissions } = parseEnvelope(verifyAnswer, answer.json(), "Nightscout verifyauth").message;
  if (!canRead || (isOwn && permissions === "DEFAULT")) throw new ReauthorizationRequired(refusal);
}

/** Throws ProviderUnavailable where there is no Nightscout. A host that sleeps or moves answers 404 for a while, too: so it is no refusal. */
export function mustBeThere(answer: VendorResponse): void {
  if (answer.status === 404) throw new ProviderUnavailable("No Nightscout answers at this address.", { vendorStatus: 404 });
}

/** "v3" where the site says that it has it, else "v1". */
async function newestApi(call: SignInCall, fetch: AuthorizedFetch): Promise<string> {
  if (call.settings["api"] === "v1") return "v1";
  const answer = await fetch("/api/v3/version", { accept: [400, 401, 403, 404, 406] });
  if (answer.status !== 200) return "v1";
  try {
    return versionAnswer.safeParse(JSON.parse(new TextDecoder().decode(answer.body))).success ? "v3" : "v1";
  } catch {
    // Some proxies answer every unknown path with a page of HTML.
    return "v1";
  }
}
