/** Signing in with what a person typed, for vendors without another door: the first time, and again whenever a session has ended. */
import type { CredentialsAuth, Session } from "#driver/auth.ts";
import { audit } from "#people/audit/audit.ts";
import { createAppFetch } from "#http/authorized.ts";
import { readWebAddress } from "#http/public-address.ts";
import type { TokenSet } from "#oauth/types.ts";
import { InternalError, InvalidInput, ReauthorizationRequired } from "../errors.ts";
import { Secret } from "../secret.ts";
import { checkSettings, type ConnectRequest } from "./connect-settings.ts";
import type { Connection, ConnectionRef } from "./connections.ts";
import { wakeSync, type SyncContext } from "./context.ts";
import { isPublicOnly } from "./given-address.ts";
import { linkAccount } from "./link.ts";
import type { Provider } from "./providers.ts";

const LONGEST_VALUE = 1_000;

/**
 * Signs in and makes the connection. Throws InvalidInput for missing or unknown fields, and with code `credentials_refused` when the vendor
 * does not take them; nothing is stored then. What is no secret becomes a setting of the connection.
 */
export async function connectByCredentials(
  context: SyncContext, request: ConnectRequest, given: Readonly<Record<string, string>>,
): Promise<ConnectionRef> {
  const provider = context.providers.require(request.providerId);
  const { driver } = provider;
  if (driver.auth.kind !== "credentials") throw new InternalError(`${driver.id} takes no credentials.`);
  const credentials = readFields(driver.auth, given, context.allowsPrivateAddresses);
  const open = Object.fromEntries(driver.auth.fields.flatMap(({ name, isSecret }) => (!isSecret && credentials[name] !== undefined ? [[name, credentials[name]]] : [])));
  const settings = { ...checkSettings(provider, request.settings), ...open };
  const { organizationId, id: patientId } = request.patient;
  const session = await signIn(context, provider, { settings, credentials }).catch(async (error: unknown) => {
    await context.database.withOrganization(organizationId, (tx) =>
      audit(tx, organizationId, {
        action: "connection.refused", actorUserId: request.actor.userId, patientId, objectType: "provider", objectId: driver.id, outcome: "refused",
      }),
    );
    if (error instanceof ReauthorizationRequired) throw new InvalidInput(error.message, { code: "credentials_refused", httpStatus: 422, cause: error });
    throw error;
  });
  const ref = await linkAccount(context, provider, {
    organizationId, patientId, userId: request.actor.userId, settings: { ...settings, ...session.settings }, account: session.account,
    tokens: { ...tokensOf(session), refreshToken: new Secret(JSON.stringify(credentials)) },
  });
  await wakeSync(context, ref);
  return ref;
}

function readFields(auth: CredentialsAuth, given: Readonly<Record<string, string>>, allowsPrivate: boolean): Record<string, string> {
  const issue = (name: string, detail: string): InvalidInput =>
    new InvalidInput("What was given does not fit this vendor's sign-in.", { issues: [{ pointer: `/credentials/${name}`, detail }] });
  for (const name of Object.keys(given)) {
    if (!auth.fields.some((field) => field.name === name)) throw issue(name, `one of ${auth.fields.map((field) => field.name).join(", ")}`);
  }
  const read: Record<string, string> = {};
  for (const { name, isOptional, form, isSecret } of auth.fields) {
    const value = isSecret ? (given[name] ?? "") : (given[name] ?? "").trim();
    if (value === "" && !isOptional) throw issue(name, "is needed");
    if (value.length > LONGEST_VALUE) throw issue(name, "is too long");
    if (value !== "") read[name] = form === "address" ? readWebAddress(value, allowsPrivate) : value;
  }
  return read;
}

/** A new session for a connection from what was typed when it was made. Throws ReauthorizationRequired when that is refused by now. */
export async function signInAgain(context: SyncContext, connection: Connection, kept: Secret): Promise<{ tokens: TokenSet; settings: Record<string, string> }> {
  const provider = context.providers.require(connection.provider);
  const credentials = JSON.parse(kept.open()) as Record<string, string>;
  const session = await signIn(context, provider, { settings: connection.settings, credentials, connectionId: connection.connectionId });
  if (session.account.vendorUserId !== connection.vendorUserId) {
    throw new ReauthorizationRequired("The vendor now answers for another account: connect again.");
  }
  return { tokens: tokensOf(session), settings: { ...session.settings } };
}

async function signIn(
  context: SyncContext, provider: Provider,
  given: { readonly settings: Readonly<Record<string, string>>; readonly credentials: Readonly<Record<string, string>>; readonly connectionId?: string },
): Promise<Session> {
  const { driver } = provider;
  if (driver.auth.kind !== "credentials") throw new InternalError(`${driver.id} takes no credentials.`);
  const settings = provider.settings(given.settings);
  return driver.auth.signIn({
    credentials: given.credentials,
    settings,
    fetchAt: (changed) =>
      createAppFetch({
        http: context.http, scope: { provider: driver.id, ...(given.connectionId === undefined ? {} : { connectionId: given.connectionId }) },
        apiBaseUrl: driver.endpoints({ ...settings, ...changed }).api, publicOnly: isPublicOnly(context, provider),
      }),
    nowMs: context.clock.now(),
  });
}

function tokensOf({ token, expiresAtMs, account }: Session): TokenSet {
  return { accessToken: token, refreshToken: null, expiresAtMs, scopes: account.grantedScopes };
}
