/** Signing in to LibreLinkUp: regions, versions, and what stands in the way. Source: vendors/abbott-libre.md, Required headers and Login. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { CredentialsAuth, Session, SignInCall } from "#driver/auth.ts";
import type { DriverSetting } from "#driver/types.ts";
import { looseNumber, parseEnvelope } from "#driver/payload.ts";
import { ProviderUnavailable, ReauthorizationRequired } from "#errors.ts";
import type { VendorResponse } from "#http/types.ts";
import type { Endpoints } from "#oauth/types.ts";
import { Secret } from "#secret.ts";
import { HOUR_MS } from "#units/time.ts";
import { isGate, isTooOld, meantStatusOfError, refusalOf, toldBy, tooOld, turnedAway } from "./answers.ts";
import { chooseFollowed, connectionList } from "./followed.ts";
import { headersOf, isNewer, KNOWN_VERSION, versionOf } from "./headers.ts";

/** Names of the hosts are put together from what the vendor says: nothing else may slip in. */
const REGION = /^[a-z]{2}\d?$/;
const MOST_REDIRECTS = 3;
/** When the vendor does not say for how long; its tokens live for 180 days. */
const SESSION_MS = 24 * HOUR_MS;
/** Above it a time is in milliseconds. */
const MOST_SECONDS = 100_000_000_000;

export const settings: readonly DriverSetting[] = [
  { name: "version", description: "Version of the app that Islet says it is. Raise it when LibreLinkUp refuses it.", values: [], default: KNOWN_VERSION, chosenBy: "provider" },
  { name: "product", description: "App that Islet says it is.", values: ["llu.android", "llu.ios"], default: "llu.android", chosenBy: "provider" },
  { name: "region", description: "Region of the account, as LibreLinkUp told it.", values: [], default: "", chosenBy: "connection", isLearnt: true },
  { name: "version_wanted", description: "Version that LibreLinkUp wanted at the last sign-in, where it is newer than the operator's.", values: [], default: "", chosenBy: "connection", isLearnt: true },
  { name: "patient_id", description: "Id of the followed person whom the connection is about.", values: [], default: "", chosenBy: "connection", isLearnt: true },
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

const text = z.union([z.string(), z.number()]).nullish();
const answer = z.object({
  data: z.object({
    redirect: z.boolean().nullish(), region: z.string().nullish(),
    user: z.object({ id: z.string().min(1) }).nullish(),
    authTicket: z.object({ token: z.string().min(1), expires: text }).nullish(),
  }).nullish(),
});
type Answer = NonNullable<z.infer<typeof answer>["data"]>;

interface Place {
  readonly region: string;
  readonly version: string;
}

/** Follows the account to its region and takes over the version that is wanted, each within bounds. A wrong password is never tried again. */
async function signIn(call: SignInCall): Promise<Session> {
  let place: Place = { region: call.settings["region"] ?? "", version: versionOf(call.settings) };
  let hasRaised = false;
  for (let redirects = 0; ; ) {
    const response = await login(call, place);
    const told = toldBy(response.body);
    if (isTooOld(told)) {
      const wanted = told?.minimumVersion ?? null;
      if (hasRaised || wanted === null || !isNewer(wanted, place.version)) throw tooOld(wanted);
      hasRaised = true;
      place = { ...place, version: wanted };
      continue;
    }
    const given = read(call, response);
    if (!given.redirect) return sessionOf(call, place, given);
    redirects += 1;
    const region = given.region ?? "";
    if (!REGION.test(region) || redirects > MOST_REDIRECTS) throw new ProviderUnavailable("LibreLinkUp sends the sign-in from region to region.");
    place = { ...place, region };
  }
}

function login(call: SignInCall, place: Place): Promise<VendorResponse> {
  const { email = "", password = "" } = call.credentials;
  const headers = headersOf({ ...call.settings, version: place.version, account_id: "" });
  return call.fetchAt({ region: place.region })("/llu/auth/login", {
    method: "POST", json: { email, password }, headers, accept: [401, 403], statusOfError: (body, status) => (isGate(body, status) ? 403 : status), retries: false,
  });
}

/** Throws what stands in the way. Only the vendor's own word counts as a refusal of the person. */
function read(call: SignInCall, response: VendorResponse): Answer {
  const { status, body } = response;
  if (isGate(body, status)) throw turnedAway(call.nowMs);
  const told = toldBy(body);
  const refusal = refusalOf(told, call.nowMs);
  if (refusal) throw refusal;
  if (status !== 200) throw new ProviderUnavailable(`The sign-in of LibreLinkUp answered ${status}.`, { vendorStatus: status });
  return parseEnvelope(answer, response.json(), "LibreLinkUp sign-in").data ?? {};
}

async function sessionOf(call: SignInCall, { region, version }: Place, { user, authTicket }: Answer): Promise<Session> {
  if (!user || !authTicket) throw new ProviderUnavailable("LibreLinkUp gave no session.");
  const { settings, nowMs } = call;
  const learnt = {
    region, version_wanted: isNewer(version, settings["version"] || KNOWN_VERSION) ? version : "", account_id: createHash("sha256").update(user.id, "utf8").digest("hex"),
  };
  const response = await call.fetchAt({ region })("/llu/connections", {
    headers: { ...headersOf({ ...settings, ...learnt }), authorization: `Bearer ${authTicket.token}` }, accept: [401, 403], statusOfError: meantStatusOfError,
  });
  if (response.status === 403) throw turnedAway(nowMs);
  const refusal = refusalOf(toldBy(response.body), nowMs);
  if (refusal) throw refusal;
  if (response.status === 401) throw new ReauthorizationRequired("LibreLinkUp refuses the session that it has just given.");
  const { data } = parseEnvelope(connectionList, response.json(), "LibreLinkUp connections");
  const vendorUserId = chooseFollowed(data, call.credentials["followed"], settings["patient_id"]);
  return {
    token: new Secret(authTicket.token), expiresAtMs: endOf(authTicket.expires, nowMs), account: { vendorUserId, grantedScopes: null },
    settings: { ...learnt, patient_id: vendorUserId },
  };
}

/** `expires` is in seconds; an end that is none, or lies behind us, is not believed. */
function endOf(expires: string | number | null | undefined, nowMs: number): number {
  const number = looseNumber(expires) ?? 0;
  const ms = number > MOST_SECONDS ? number : number * 1000;
  return ms > nowMs && ms < MOST_SECONDS * 1000 ? ms : nowMs + SESSION_MS;
}
