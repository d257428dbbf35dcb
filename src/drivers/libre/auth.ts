/** Signing in to LibreLinkUp: regions, versions, and what stands in the way. Source: vendors/abbott-libre.md, Required headers and Login. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { CredentialsAuth, Session, SignInCall } from "#driver/auth.ts";
import type { DriverSetting } from "#driver/types.ts";
import { parseEnvelope } from "#driver/payload.ts";
import { ProviderMisconfigured, ProviderRateLimited, ProviderUnavailable, ReauthorizationRequired } from "#errors.ts";
import type { VendorResponse } from "#http/types.ts";
import type { Endpoints } from "#oauth/types.ts";
import { Secret } from "#secret.ts";
import { HOUR_MS } from "#units/time.ts";
import { chooseFollowed, connectionList } from "./followed.ts";
import { headersOf, isJson, minimumVersion } from "./headers.ts";

/** Names of the hosts are put together from what the vendor says: nothing else may slip in. */
const REGION = /^[a-z]{2}\d?$/;
const MOST_REDIRECTS = 3;
/** When the vendor does not say for how long; its tokens live for 180 days. */
const SESSION_MS = 24 * HOUR_MS;
const LOCK_SECONDS = 300;

export const settings: readonly DriverSetting[] = [
  { name: "version", description: "Version of the app that Islet says it is. Raise it when LibreLinkUp refuses it.", values: [], default: "4.16.0", chosenBy: "provider" },
  { name: "product", description: "App that Islet says it is.", values: ["llu.android", "llu.ios"], default: "llu.android", chosenBy: "provider" },
  { name: "region", description: "Region of the account, as LibreLinkUp told it.", values: [], default: "", chosenBy: "connection", isLearnt: true },
  { name: "version_wanted", description: "Version that LibreLinkUp wanted at the last sign-in.", values: [], default: "", chosenBy: "connection", isLearnt: true },
  { name: "account_id", description: "Digest of the account's id, which every call must carry.", values: [], default: "", chosenBy: "connection", isLearnt: true },
];

export const auth: CredentialsAuth = {
  kind: "credentials",
  fields: [
    { name: "email", label: { en: "E-mail of the LibreLinkUp account", es: "Correo de la cuenta de LibreLinkUp" }, isSecret: false, form: "email" },
    { name: "password", label: { en: "Its password", es: "Su contraseña" }, isSecret: true },
    { name: "followed", label: { en: "Name of the person, where the account follows several", es: "Nombre de la persona, si la cuenta sigue a varias" }, isSecret: false, isOptional: true },
  ],
  sessionIn: () => ({ place: "bearer" }),
  signIn,
};

export function endpoints(chosen: Readonly<Record<string, string>>): Endpoints {
  const region = REGION.test(chosen["region"] ?? "") ? chosen["region"]! : "";
  const host = region === "ru" ? "https://api.libreview.ru" : region === "cn" ? "https://api-cn.myfreestyle.cn" : region === "" ? "https://api.libreview.io" : `https://api-${region}.libreview.io`;
  const api = chosen["base_url"] || host;
  return { auth: api, token: api, api };
}

const answer = z.object({
  status: z.number(),
  data: z.object({
    redirect: z.boolean().nullish(), region: z.string().nullish(),
    user: z.object({ id: z.string().min(1) }).nullish(),
    authTicket: z.object({ token: z.string().min(1), expires: z.number().nullish() }).nullish(),
    step: z.object({ type: z.string().nullish() }).nullish(),
    data: z.object({ lockout: z.number().nullish() }).nullish(),
  }).nullish(),
  error: z.object({ message: z.string().nullish() }).nullish(),
});
type Answer = z.infer<typeof answer>;

interface Place {
  readonly region: string;
  readonly version: string;
}

/** Follows the account to its region and takes over the version that is wanted, each within bounds. A wrong password is never tried again. */
async function signIn(call: SignInCall): Promise<Session> {
  let place: Place = { region: call.settings["region"] ?? "", version: call.settings["version_wanted"] || call.settings["version"] || "4.16.0" };
  let hasRaised = false;
  for (let redirects = 0; ; ) {
    const response = await login(call, place);
    const wanted = minimumVersion(response);
    if (wanted !== null) {
      if (hasRaised) throw new ProviderMisconfigured(`LibreLinkUp wants a newer version than ${place.version}: set LIBRE_VERSION.`);
      hasRaised = true;
      place = { ...place, version: wanted };
      continue;
    }
    const given = read(response);
    const region = given.status === 0 && given.data?.redirect ? (given.data.region ?? "") : null;
    if (region === null) return sessionOf(call, place, given);
    redirects += 1;
    if (!REGION.test(region) || redirects > MOST_REDIRECTS) throw new ProviderUnavailable("LibreLinkUp sends the sign-in from region to region.");
    place = { ...place, region };
  }
}

function login(call: SignInCall, { region, version }: Place): Promise<VendorResponse> {
  const { email = "", password = "" } = call.credentials;
  return call.fetchAt({ region })("/llu/auth/login", {
    method: "POST", json: { email, password }, headers: headersOf({ ...call.settings, version_wanted: version, account_id: "" }), accept: [401, 403], retries: false,
  });
}

function read(response: VendorResponse): Answer {
  // Cloudflare's pages of HTML: nothing is wrong with the person.
  if (response.status !== 200 && !isJson(response)) throw new ProviderUnavailable("LibreLinkUp's gate turned the sign-in away.", { vendorStatus: response.status });
  return parseEnvelope(answer, response.json(), "LibreLinkUp sign-in");
}

async function sessionOf(call: SignInCall, place: Place, given: Answer): Promise<Session> {
  const { status, data } = given;
  if (status === 429) throw new ProviderRateLimited("LibreLinkUp has locked this account for a while after too many wrong sign-ins.", call.nowMs + (data?.data?.lockout ?? LOCK_SECONDS) * 1000);
  if (status === 4) throw new ReauthorizationRequired("LibreLinkUp waits for this account: open the LibreLinkUp app once, accept what it asks for, and connect again.");
  if (status !== 0 || !data?.user || !data.authTicket) {
    if (status === 2) throw new ReauthorizationRequired("LibreLinkUp does not take this e-mail and password. It wants those of a LibreLinkUp account, not of the LibreLink app.");
    throw new ProviderUnavailable(`LibreLinkUp answered the sign-in with status ${status}.`);
  }
  const accountId = createHash("sha256").update(data.user.id, "utf8").digest("hex");
  const learnt = { region: place.region, version_wanted: place.version, account_id: accountId };
  const { token, expires } = data.authTicket;
  const response = await call.fetchAt({ region: place.region })("/llu/connections", { headers: { ...headersOf({ ...call.settings, ...learnt }), authorization: `Bearer ${token}` }, accept: [401] });
  if (response.status === 401) throw new ReauthorizationRequired("LibreLinkUp refuses the session that it has just given.");
  const followed = chooseFollowed(parseEnvelope(connectionList, response.json(), "LibreLinkUp connections").data, call.credentials["followed"]);
  return {
    token: new Secret(token), expiresAtMs: typeof expires === "number" && expires > 0 ? expires * 1000 : call.nowMs + SESSION_MS,
    account: { vendorUserId: followed, grantedScopes: null }, settings: learnt,
  };
}

