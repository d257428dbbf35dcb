/** Signing in to Dexcom Share: the account's id by name and password, then a session by that id. Source: vendors/dexcom-share.md, Login and Errors. */
import type { CredentialsAuth, Session, SignInCall } from "#driver/auth.ts";
import type { DriverSetting } from "#driver/types.ts";
import { ProviderContractBroken, ProviderRateLimited, ProviderUnavailable, ReauthorizationRequired } from "#errors.ts";
import type { VendorResponse } from "#http/types.ts";
import type { Endpoints } from "#oauth/types.ts";
import { Secret } from "#secret.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { codeOf } from "./answers.ts";

/** Constants of Dexcom's own app, the same for everybody: no secret of ours or of a person's. */
const APPLICATIONS = { us: "d89443d2-327c-4a6f-89e5-496bbb0317db", ous: "d89443d2-327c-4a6f-89e5-496bbb0317db", jp: "d8665ade-9673-4e27-9ff6-92db4ce13d13" } as const;
const HOSTS = { us: "https://share2.dexcom.com", ous: "https://shareous1.dexcom.com", jp: "https://share.dexcom.jp" } as const;
type Region = keyof typeof HOSTS;

const NOBODY = "00000000-0000-0000-0000-000000000000";
/** No documented life; clients make a new one each day. */
const SESSION_MS = DAY_MS;
/** After too many failures the person's own app is locked out, too: about ten minutes, so we stay away for longer. */
const LOCKED_MS = 30 * MINUTE_MS;

export const settings: readonly DriverSetting[] = [
  { name: "region", description: "Where the Dexcom account was made: United States, elsewhere, or Japan.", values: ["us", "ous", "jp"], default: "ous", chosenBy: "connection" },
];

export const auth: CredentialsAuth = {
  kind: "credentials",
  fields: [
    { name: "username", label: { en: "Dexcom name, e-mail or phone (+15551234567)", es: "Nombre, correo o teléfono de Dexcom (+15551234567)" }, isSecret: false },
    { name: "password", label: { en: "Dexcom password", es: "Contraseña de Dexcom" }, isSecret: true },
  ],
  sessionIn: () => ({ place: "query", name: "sessionId" }),
  signIn,
};

export function endpoints(chosen: Readonly<Record<string, string>>): Endpoints {
  const base = chosen["base_url"] || HOSTS[regionOf(chosen)];
  const api = `${base}/ShareWebServices/Services`;
  return { auth: api, token: api, api };
}

function regionOf(chosen: Readonly<Record<string, string>>): Region {
  const region = chosen["region"] ?? "";
  return Object.hasOwn(HOSTS, region) ? (region as Region) : "ous";
}

/** Never repeated, whatever goes wrong: a lock-out hits the person's own app. */
async function signIn(call: SignInCall): Promise<Session> {
  const { credentials, nowMs } = call;
  const { password = "", username = "" } = credentials;
  const applicationId = APPLICATIONS[regionOf(call.settings)];
  const fetch = call.fetchAt({});
  const ask = async (path: string, json: object): Promise<string> =>
    idOf(await fetch(path, { method: "POST", json, accept: [400, 401, 403, 500], retries: false }), nowMs);
  const accountId = await ask("/General/AuthenticatePublisherAccount", { accountName: username, password, applicationId });
  const session = await ask("/General/LoginPublisherAccountById", { accountId, password, applicationId });
  return { token: new Secret(session), expiresAtMs: nowMs + SESSION_MS, account: { vendorUserId: accountId, grantedScopes: null } };
}

/** The id in an answer, a JSON text. An id of zeros is a refusal, too. */
function idOf(response: VendorResponse, nowMs: number): string {
  if (response.status !== 200) throw refusalOf(response, nowMs);
  const id = response.json();
  if (typeof id !== "string" || !/^[0-9a-f-]{36}$/i.test(id)) throw new ProviderContractBroken("The sign-in of Dexcom Share gave no id.", "$");
  if (id === NOBODY) throw refused();
  return id;
}

function refusalOf({ body, status }: VendorResponse, nowMs: number): Error {
  const { code, message } = codeOf(body);
  if (code === "SSO_AuthenticateMaxAttemptsExceeded") {
    return new ProviderRateLimited("Dexcom has locked this account for a while after too many wrong sign-ins.", nowMs + LOCKED_MS);
  }
  const isPerson =
    ["AccountPasswordInvalid", "SSO_AuthenticateAccountNotFound", "SSO_AuthenticatePasswordInvalid"].includes(code) ||
    (code === "SSO_InternalError" && /cannot authenticate/i.test(message)) ||
    (code === "InvalidArgument" && /account ?(name|id)|password|uuid/i.test(message));
  return isPerson ? refused() : new ProviderUnavailable(`The sign-in of Dexcom Share answered ${status}.`, { vendorStatus: status });
}

function refused(): ReauthorizationRequired {
  return new ReauthorizationRequired("Dexcom does not take this name and password in this region. They are those of the person who wears the sensor, not of a follower.");
}
