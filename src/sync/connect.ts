/**
 * Connecting: from "connect" to stored tokens. The state is unguessable, works once, for ten minutes, in the session that began.
 * Requirements E5, E7, R2, P1; faults OA-01 to OA-14.
 */
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { createAuthorizedFetch } from "#http/authorized.ts";
import { digestOf } from "#inbox/inbox.ts";
import { buildAuthorizeUrl } from "#oauth/authorize-url.ts";
import { parseCallback, type CallbackQuery } from "#oauth/callback.ts";
import { createPkce } from "#oauth/pkce.ts";
import { safeReturnPath } from "#oauth/redirect.ts";
import { scopesOf } from "#oauth/scopes.ts";
import { exchangeCode } from "#oauth/tokens.ts";
import type { TokenSet } from "#oauth/types.ts";
import { Conflict, InternalError, InvalidInput, IsletError, ReauthorizationRequired, Unavailable } from "../errors.ts";
import { oauthOf } from "#driver/auth.ts";
import type { ProviderAccount } from "#driver/types.ts";
import { finishHosted, openHostedPage } from "./connect-hosted.ts";
import { checkSettings, type ConnectRequest } from "./connect-settings.ts";
import { wakeSync, type SyncContext } from "./context.ts";
import { linkAccount } from "./link.ts";
import type { Provider } from "./providers.ts";
import { wakeSubscribe } from "./subscribe-connection.ts";
import { withVaultAlarm } from "./vault-alarm.ts";

const STATE_LIFE_MS = 10 * 60_000;
const PORTAL_PAGES = ["/", "/connections"];

/**
 * Begins a consent at the vendor's page, by OAuth or at an aggregator's own. Throws InvalidInput for a setting the vendor does not have, and
 * InternalError for a vendor that has no page.
 */
export async function beginConnect(context: SyncContext, request: ConnectRequest): Promise<{ authorizeUrl: string; expiresMs: number }> {
  const provider = context.providers.require(request.providerId);
  const { driver } = provider;
  const { auth } = driver;
  if (auth.kind !== "oauth2" && auth.kind !== "hosted") throw new InternalError(`${driver.id} has no page to consent on.`);
  const settings = checkSettings(provider, request.settings);
  const state = context.randomBytes(32).toString("base64url");
  const isPkce = auth.kind === "oauth2" && (auth.pkce === "required" || (auth.pkce === "default-on" && provider.settings(settings)["pkce"] !== "off"));
  const pkce = isPkce ? createPkce(context.randomBytes) : null;
  const redirectUri = `${request.origin}/oauth/${driver.id}/callback`;
  const expiresMs = context.clock.now() + STATE_LIFE_MS;
  const stateHash = digestOf(state);
  await context.database.withOrganization(request.patient.organizationId, async (tx) => {
    await tx.query(
      `insert into oauth_states (state_hash, organization_id, patient_id, user_id, session_hash, provider, verifier_sealed, settings,
                                 redirect_uri, return_to, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000))`,
      [
        stateHash, request.patient.organizationId, request.patient.id, request.actor.userId, request.actor.session.hash, driver.id,
        pkce ? context.vault.seal(pkce.verifier, verifierPlace(stateHash)) : null, JSON.stringify(settings), redirectUri,
        safeReturnPath(request.returnTo ?? "/connections", context.returnSchemes, PORTAL_PAGES), expiresMs,
      ],
    );
    await audit(tx, request.patient.organizationId, {
      action: "connection.begun", actorUserId: request.actor.userId, patientId: request.patient.id, objectType: "provider", objectId: driver.id,
    });
  });
  if (auth.kind === "hosted") {
    const flow = { redirectUri, state, patientId: request.patient.id, settings, language: request.language ?? "en" };
    return { authorizeUrl: await openHostedPage(context, provider, auth, flow), expiresMs };
  }
  const authorizeUrl = buildAuthorizeUrl({
    auth, scopes: scopesOf(auth, provider.settings(settings)), endpoints: provider.endpoints(settings), clientId: provider.config.clientId,
    redirectUri, state,
    ...(pkce ? { challenge: pkce.challenge } : {}),
  });
  return { authorizeUrl, expiresMs };
}

/** Where a flow's PKCE verifier lies in the vault. */
export const verifierPlace = (stateHash: Buffer) => ({ table: "oauth_states", rowId: stateHash.toString("hex"), field: "verifier", version: 1 });

/** How a callback ended: where to send the browser, and what to tell there. */
export interface ConnectOutcome {
  readonly returnTo: string;
  readonly error: "access_denied" | "state_expired" | "already_linked" | "different_account" | "vendor_error" | null;
}

interface StateRow {
  organization_id: string; patient_id: string; user_id: string; session_hash: Buffer; provider: string; verifier_sealed: string | null;
  settings: Record<string, string>; redirect_uri: string; return_to: string; expires_at: number;
}

/**
 * Ends a consent. Throws InvalidInput (code `state_invalid`) for an unknown, used or foreign state, or one of another vendor: then
 * nobody was sent anywhere and no token was asked for.
 */
export async function finishConnect(
  context: SyncContext, callback: { providerId: string; query: CallbackQuery; actor: Actor | null },
): Promise<ConnectOutcome> {
  const { clock, database } = context;
  const provider = context.providers.require(callback.providerId);
  const { auth } = provider.driver;
  const parsed = auth.kind === "hosted" ? parseHosted(callback.query) : parseCallback(callback.query);
  const stateHash = digestOf(parsed.state);
  // One statement takes the state away, so that it cannot work twice however many come at once.
  const state = await database.asSystem(async (tx) => (await tx.query<StateRow>("delete from oauth_states where state_hash = $1 returning *", [stateHash]))[0]);
  const isOurs = state !== undefined && state.provider === callback.providerId && callback.actor?.session.hash.equals(state.session_hash) === true;
  if (!isOurs) {
    await database.asSystem((tx) => audit(tx, state?.organization_id ?? null, { action: "oauth.state_invalid", objectType: "provider", objectId: callback.providerId, outcome: "refused" }));
    throw new InvalidInput("This consent was not begun here, or was used before: go back to Islet and connect again.", { code: "state_invalid" });
  }
  const outcome = (error: ConnectOutcome["error"]): ConnectOutcome => ({ returnTo: state.return_to, error });
  if (state.expires_at <= clock.now()) return outcome("state_expired");
  if (parsed.kind === "refused") {
    await auditEnd(context, state, "connection.denied");
    return outcome(parsed.reason === "access_denied" ? "access_denied" : "vendor_error");
  }
  try {
    if (auth.kind === "hosted") {
      const { organization_id: organizationId, patient_id: patientId, user_id: userId, settings } = state;
      await wakeSync(context, await finishHosted(context, provider, auth, { organizationId, patientId, userId, settings, query: singleValues(callback.query) }));
      return outcome(null);
    }
    if (auth.kind !== "oauth2" || parsed.kind !== "code") throw new InternalError(`${provider.driver.id} has no consent to come back from.`);
    const { verifier_sealed: sealed, organization_id: organizationId } = state;
    const thing = { organizationId, patientId: state.patient_id, table: "oauth_states", objectId: callback.providerId } as const;
    const verifier = sealed ? await withVaultAlarm(context, thing, async () => context.vault.open(sealed, verifierPlace(stateHash))) : undefined;
    const { tokens, answer } = await exchangeCode({
      http: context.http, scope: { provider: callback.providerId }, auth, endpoints: provider.endpoints(state.settings),
      client: { id: provider.config.clientId, secret: provider.config.clientSecret }, code: parsed.code, redirectUri: state.redirect_uri,
      nowMs: clock.now(), ...(verifier ? { verifier } : {}),
    });
    const account = await identify(context, provider, state, { tokens, answer });
    // Where the person ticks permissions at the vendor, the scopes of a token say something else.
    const told = auth.permissions ? null : (tokens.scopes ?? parsed.scopes);
    const ref = await linkAccount(context, provider, {
      organizationId: state.organization_id, patientId: state.patient_id, userId: state.user_id, settings: state.settings, tokens,
      account: { ...account, grantedScopes: account.grantedScopes ?? told },
    });
    if (provider.driver.webhook?.subscribeConnection) await wakeSubscribe(context, ref);
    await wakeSync(context, ref);
    return outcome(null);
  } catch (error) {
    if (error instanceof Conflict) {
      await auditEnd(context, state, "connection.refused");
      return outcome(error.code === "different_account" ? "different_account" : "already_linked");
    }
    // Our own trouble is told as such; all else is the vendor's, a time-out too.
    const isTheirs = (error instanceof IsletError && !(error instanceof Unavailable)) || error instanceof DOMException;
    if (!isTheirs) throw error;
    context.log.warn({ provider: callback.providerId, error }, "a consent could not be completed");
    return outcome("vendor_error");
  }
}

/** What an aggregator's page sends the browser back with: our state, and what the driver reads for itself. Throws InvalidInput without a state. */
function parseHosted(query: CallbackQuery): { kind: "hosted"; state: string } | { kind: "refused"; state: string; reason: string } {
  const { state, error } = singleValues(query);
  if (state === undefined || !/^[A-Za-z0-9_-]{20,200}$/.test(state)) throw new InvalidInput("This consent was not begun here: go back to Islet and connect again.", { code: "state_invalid" });
  return error === undefined ? { kind: "hosted", state } : { kind: "refused", state, reason: error };
}

function singleValues(query: CallbackQuery): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}

async function auditEnd(context: SyncContext, state: StateRow, action: string): Promise<void> {
  await context.database.withOrganization(state.organization_id, (tx) =>
    audit(tx, state.organization_id, {
      action, actorUserId: state.user_id, patientId: state.patient_id, objectType: "provider", objectId: state.provider, outcome: "refused",
    }),
  );
}

async function identify(
  context: SyncContext, provider: Provider, state: StateRow, grant: { tokens: TokenSet; answer: Readonly<Record<string, unknown>> },
): Promise<ProviderAccount> {
  const signal = AbortSignal.timeout(60_000);
  const settings = provider.settings(state.settings);
  const fetch = createAuthorizedFetch({
    http: context.http, scope: { provider: provider.driver.id }, apiBaseUrl: provider.endpoints(state.settings).api,
    accessToken: () => Promise.resolve(grant.tokens.accessToken),
    ...(oauthOf(provider.driver).tokenPlace ? { tokenPlace: oauthOf(provider.driver).tokenPlace! } : {}),
    refreshAfter401: () => Promise.reject(new ReauthorizationRequired("The vendor refuses the token it has just given.")),
    signal,
  });
  return provider.driver.identify(
    { fetch, settings, account: { vendorUserId: null, grantedScopes: grant.tokens.scopes }, nowMs: context.clock.now(), signal }, grant.answer,
  );
}

/** Removes consents that nobody finished. */
export async function sweepStates(context: SyncContext): Promise<void> {
  await context.database.asSystem((tx) => tx.query("delete from oauth_states where expires_at < to_timestamp($1::float8 / 1000)", [context.clock.now()]));
}
