/**
 * Telling a vendor that a person has ended a connection: its subscription, its grant. A vendor that is away is told later; a new consent to the
 * same account takes the word back. Faults OA-23.
 */
import { audit } from "#people/audit/audit.ts";
import type { Tx } from "#db/database.ts";
import { oauthOf } from "#driver/auth.ts";
import type { Driver, DriverCall } from "#driver/types.ts";
import { backOffMs } from "#inbox/claims.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { refreshTokens } from "#oauth/tokens.ts";
import { DAY_MS } from "#units/time.ts";
import { IsletError, ProviderMisconfigured, ProviderRateLimited, ProviderUnavailable, ReauthorizationRequired, Unavailable, VaultRefused } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { findAccount, readConnection, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { appCall, callWith, driverCall } from "./driver-call.ts";
import type { Provider } from "./providers.ts";
import { readDataKeys } from "./patient-keys.ts";
import { openAccess, openRefresh, sealTokens, type SealedTokens } from "./sealed-tokens.ts";
import { withVaultAlarm } from "./vault-alarm.ts";

/** The vendor gets this long for each word that it is told. */
const REVOKE_TIMEOUT_MS = 10_000;
/** Then nobody tries any more, and what it would have taken is destroyed. */
const TRIED_FOR_MS = 3 * DAY_MS;

/** Nothing to say, something to say, or tokens that cannot be opened to say it with. */
export type Farewell = "none" | "kept" | VaultRefused;

type Outcome = "told" | "later" | "never";

function hasToBeTold(driver: Driver): boolean {
  const { auth } = driver;
  return driver.revoke !== undefined || driver.webhook?.unsubscribeConnection !== undefined || (auth.kind === "oauth2" && auth.revokePath !== undefined);
}

/** Keeps what it takes to tell the vendor, in the transaction that ends the connection: a kill right after it loses nothing. */
export async function keepFarewell(tx: Tx, context: SyncContext, connection: Connection, tokens: SealedTokens | null): Promise<Farewell> {
  const driver = context.providers.find(connection.provider)?.driver;
  const isByApp = driver?.auth.kind === "hosted" && driver.revoke !== undefined;
  if (!driver || !hasToBeTold(driver) || (tokens === null && !isByApp)) return "none";
  let sealed: { access: string; refresh: string | null } | null;
  try {
    sealed = tokens && (await underDataKey(tx, context, connection, tokens));
  } catch (error) {
    if (error instanceof VaultRefused) return error;
    throw error;
  }
  const nowMs = context.clock.now();
  await tx.query(
    `insert into farewells (organization_id, patient_id, connection_id, access_sealed, refresh_sealed, expires_at, token_version, next_at, ends_at)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, to_timestamp($8::float8 / 1000), to_timestamp($9::float8 / 1000))
     on conflict (patient_id, connection_id) do update
       set access_sealed = excluded.access_sealed, refresh_sealed = excluded.refresh_sealed, expires_at = excluded.expires_at,
           token_version = excluded.token_version, tries = 0, next_at = excluded.next_at, ends_at = excluded.ends_at`,
    [
      connection.organizationId, connection.patientId, connection.connectionId, sealed?.access ?? null,
      // A password is not kept to say goodbye with.
      driver.auth.kind === "oauth2" ? (sealed?.refresh ?? null) : null, tokens?.expires_at ?? null,
      tokens?.token_version ?? null, nowMs, nowMs + TRIED_FOR_MS,
    ],
  );
  return "kept";
}

/** Texts from before there were data keys are sealed anew: nothing of a connection that ended lies under a key of the ring. */
async function underDataKey(tx: Tx, context: SyncContext, connection: Connection, tokens: SealedTokens): Promise<{ access: string; refresh: string | null }> {
  const { access_sealed: access, refresh_sealed: refresh } = tokens;
  if (access.startsWith("v2.") && (refresh === null || refresh.startsWith("v2."))) return { access, refresh };
  const plain = { accessToken: openAccess(context, connection, tokens), refreshToken: openRefresh(context, connection, tokens) };
  return sealTokens(tx, context, connection, { tokens: plain, version: tokens.token_version, kept: null });
}

/** Farewells whose time has come, the oldest first. */
export async function farewellsDue(context: SyncContext): Promise<ConnectionRef[]> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ organization_id: string; patient_id: string; connection_id: string }>(
      "select organization_id, patient_id, connection_id from farewells where next_at <= to_timestamp($1::float8 / 1000) order by next_at limit 500", [context.clock.now()],
    ),
  );
  return rows.map((row) => ({ organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id }));
}

/** Says what is due for a connection, once. True when the vendor has heard it. */
export async function sayFarewell(context: SyncContext, ref: ConnectionRef): Promise<boolean> {
  const due = await claim(context, ref);
  if (!due) return false;
  const { connection, tokens, endsMs } = due;
  const account = await context.database.asSystem((tx) => findAccount(tx, connection.provider, connection.vendorUserId));
  // Whoever consented since then would lose the new grant by the old word.
  if (account) return drop(context, ref, "superseded");
  const last = tokens && (await openLast(context, connection, tokens));
  if (tokens && !last) return drop(context, ref, "never");
  const outcome = await tellVendor(context, connection, last);
  if (outcome !== "later" || context.clock.now() >= endsMs) return drop(context, ref, outcome);
  if (tokens && last?.isNew) await keepLast(context, connection, last, tokens.token_version);
  return false;
}

/** Tells and audits that the vault refused what it would take to tell the vendor. */
export async function noteRefused(context: SyncContext, ref: ConnectionRef, refusal: VaultRefused): Promise<void> {
  await withVaultAlarm(context, thingOf(ref), () => Promise.reject(refusal)).catch((error: unknown) => noteUnsaid(context, ref, error));
}

type TokenRow = Omit<SealedTokens, "is_cut_off">;

/** Takes one try: the next one is noted before this one begins, so that two never run together and a killed one counts. */
async function claim(context: SyncContext, ref: ConnectionRef): Promise<{ connection: Connection; tokens: TokenRow | null; endsMs: number } | null> {
  return context.database.withOrganization(ref.organizationId, async (tx) => {
    const nowMs = context.clock.now();
    const [row] = await tx.query<{ access_sealed: string | null; refresh_sealed: string | null; expires_at: number; token_version: number; tries: number; ends_at: number }>(
      `update farewells set tries = tries + 1 where patient_id = $1 and connection_id = $2 and next_at <= to_timestamp($3::float8 / 1000)
       returning access_sealed, refresh_sealed, expires_at, token_version, tries, ends_at`, [ref.patientId, ref.connectionId, nowMs],
    );
    if (!row) return null;
    await tx.query("update farewells set next_at = to_timestamp($3::float8 / 1000) where patient_id = $1 and connection_id = $2", [
      ref.patientId, ref.connectionId, nowMs + 2 * REVOKE_TIMEOUT_MS + backOffMs(row.tries, context.random),
    ]);
    const { access_sealed: access, tries: _tries, ends_at: endsMs, ...rest } = row;
    const tokens = access === null ? null : { ...rest, access_sealed: access, keys: await readDataKeys(tx, ref.patientId) };
    return { connection: await readConnection(tx, ref.patientId, ref.connectionId), tokens, endsMs };
  });
}

/** Destroys what it took to tell the vendor. True when the vendor has heard it. */
async function drop(context: SyncContext, ref: ConnectionRef, outcome: Outcome | "superseded"): Promise<boolean> {
  await context.database.withOrganization(ref.organizationId, async (tx) => {
    await tx.query("delete from farewells where patient_id = $1 and connection_id = $2", [ref.patientId, ref.connectionId]);
    if (outcome === "told" || outcome === "superseded") return;
    await audit(tx, ref.organizationId, { action: "connection.vendor_not_told", patientId: ref.patientId, objectType: "connection", objectId: ref.connectionId, outcome: "failed" });
  });
  return outcome === "told";
}

const thingOf = ({ organizationId, patientId, connectionId }: ConnectionRef) => ({ organizationId, patientId, table: "credentials", objectId: connectionId }) as const;

function noteUnsaid(context: SyncContext, ref: ConnectionRef, error: unknown): void {
  if (!(error instanceof VaultRefused)) throw error;
  context.log.warn({ connection: ref.connectionId, error }, "the vendor could not be told of a disconnect");
}

/** The last copies of the tokens, which end with the vendor's being told. */
interface LastTokens {
  access: Secret;
  refresh: Secret | null;
  hasEnded: boolean;
  /** Renewed since they were kept: where refresh tokens rotate, the one that was kept is dead. */
  isNew: boolean;
}

/** Null when the vault refuses them: then nothing can be said to the vendor. */
async function openLast(context: SyncContext, connection: Connection, row: TokenRow): Promise<LastTokens | null> {
  try {
    return await withVaultAlarm(context, thingOf(connection), async () => ({
      access: openAccess(context, connection, row), refresh: openRefresh(context, connection, row), hasEnded: row.expires_at <= context.clock.now(), isNew: false,
    }));
  } catch (error) {
    noteUnsaid(context, connection, error);
    return null;
  }
}

async function keepLast(context: SyncContext, connection: Connection, last: LastTokens, version: number): Promise<void> {
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const { access, refresh } = await sealTokens(tx, context, connection, { tokens: { accessToken: last.access, refreshToken: last.refresh }, version: version + 1, kept: null });
    await tx.query(
      `update farewells set access_sealed = $4, refresh_sealed = $5, token_version = $3 + 1, expires_at = to_timestamp($6::float8 / 1000)
       where patient_id = $1 and connection_id = $2 and token_version = $3`,
      [connection.patientId, connection.connectionId, version, access, refresh, context.clock.now()],
    );
  });
}

async function tellVendor(context: SyncContext, connection: Connection, last: LastTokens | null): Promise<Outcome> {
  const provider = context.providers.find(connection.provider);
  if (!provider) return "never";
  const { driver } = provider;
  if (driver.auth.kind === "hosted" && driver.revoke) {
    // An aggregator is told with the app's keys.
    return attempt(context, connection, "the vendor could not be told of a disconnect", (signal) =>
      driver.revoke!(driverCall(context, connection, signal), appCall(context, provider, { ofConnection: connection.settings, signal })));
  }
  if (!last) return "never";
  const callUntil = (signal: AbortSignal): DriverCall => {
    const refreshed = (): Promise<Secret> => refreshLast(context, connection, last, signal);
    return callWith(context, connection, signal, { accessToken: () => (last.hasEnded ? refreshed() : Promise.resolve(last.access)), refreshAfter401: refreshed });
  };
  const { webhook } = driver;
  let unsubscribed: Outcome = "told";
  if (webhook?.unsubscribeConnection) {
    unsubscribed = await attempt(context, connection, "a connection's webhook subscription could not be ended", (signal) => webhook.unsubscribeConnection!(callUntil(signal)));
  }
  if (!driver.revoke && (driver.auth.kind !== "oauth2" || driver.auth.revokePath === undefined)) return unsubscribed;
  return attempt(context, connection, "the vendor could not be told of a disconnect", async (signal) => {
    if (driver.revoke) await driver.revoke(callUntil(signal), appCall(context, provider, { ofConnection: connection.settings, signal }));
    else await endGrant(context, { connection, provider }, last, signal);
  });
}

/** What a vendor does wrong is logged. Worth another try is what may pass: an outage, a limit, a mistake in our own registration. */
async function attempt(context: SyncContext, connection: Connection, failure: string, work: (signal: AbortSignal) => Promise<void>): Promise<Outcome> {
  try {
    await work(AbortSignal.timeout(REVOKE_TIMEOUT_MS));
    return "told";
  } catch (error) {
    if (!(error instanceof IsletError) && !(error instanceof DOMException)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, failure);
    const passes = [ProviderUnavailable, ProviderRateLimited, ProviderMisconfigured, Unavailable, DOMException].some((kind) => error instanceof kind);
    return passes ? "later" : "never";
  }
}

/** The refresh token ends the whole grant; the access token counts where there is no other, or where the vendor wants that one. */
async function endGrant(context: SyncContext, of: { connection: Connection; provider: Provider }, last: LastTokens, signal: AbortSignal): Promise<void> {
  const auth = oauthOf(of.provider.driver);
  const isByAccess = auth.revokeCall !== undefined || !last.refresh;
  if (isByAccess && last.hasEnded && last.refresh) await refreshLast(context, of.connection, last, signal);
  await revokeGrant({
    http: context.http, scope: { provider: of.connection.provider, connectionId: of.connection.connectionId }, auth,
    endpoints: of.provider.endpoints(of.connection.settings), client: { id: of.provider.config.clientId, secret: of.provider.config.clientSecret },
    token: isByAccess ? last.access : last.refresh!, signal,
  });
}

/** New last tokens: where refresh tokens rotate, the one before is dead. */
async function refreshLast(context: SyncContext, connection: Connection, last: LastTokens, signal: AbortSignal): Promise<Secret> {
  const provider = context.providers.require(connection.provider);
  if (provider.driver.auth.kind !== "oauth2") throw new ReauthorizationRequired("A session that has ended is not made anew to say goodbye.");
  if (!last.refresh) throw new ReauthorizationRequired("There is no refresh token left to tell the vendor with.");
  const { tokens } = await refreshTokens({
    http: context.http, scope: { provider: connection.provider, connectionId: connection.connectionId }, auth: oauthOf(provider.driver),
    endpoints: provider.endpoints(connection.settings), client: { id: provider.config.clientId, secret: provider.config.clientSecret },
    refreshToken: last.refresh, accessToken: last.access, nowMs: context.clock.now(), signal,
  });
  last.access = tokens.accessToken;
  last.refresh = tokens.refreshToken ?? last.refresh;
  last.hasEnded = false;
  last.isNew = true;
  return last.access;
}

