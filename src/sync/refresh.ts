/**
 * One refresh of a connection's tokens, by one process at a time however many ask: a lease on the row, committed before the vendor is
 * called, and a compare-and-set after it. No database connection is held while the vendor thinks. Faults OA-16 to OA-21; design notes §5.3.
 */
import { randomUUID } from "node:crypto";
import { errorCode, ProviderUnavailable, ReauthorizationRequired, Unavailable } from "../errors.ts";
import { backOffMs } from "#inbox/claims.ts";
import { oauthOf, type DriverAuth } from "#driver/auth.ts";
import { refreshTokens } from "#oauth/tokens.ts";
import type { TokenSet } from "#oauth/types.ts";
import type { Secret } from "../secret.ts";
import type { DataKey } from "#vault/seal.ts";
import type { Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { sealingKey } from "./patient-keys.ts";
import { signInAgain } from "./sign-in.ts";
import { openAccess, openRefresh, readTokens, sealTokensWith, type SealedTokens } from "./sealed-tokens.ts";

/** Longer than a refresh can take (15 s for the vendor, 30 s of tries to store), so that no second one starts while it can succeed. */
const LEASE_SECONDS = 60;
const LOOK_AGAIN_MS = 200;
/** A refused refresh token is refused a second time, so much later, before a person is asked: vendors have bad minutes. */
const SECOND_PROOF_SECONDS = 60;
const SAVE_TRIES = 30;
const SAVE_PAUSE_MS = 1_000;

export interface RefreshRules {
  /** Whether the stored token will do. */
  readonly isFresh: (row: SealedTokens) => boolean;
  readonly believesFirstRefusal: boolean;
}

interface Leased extends SealedTokens {
  readonly leaseId: string;
  readonly refusedMs: number | null;
  readonly epoch: number;
  readonly startedMs: number;
  /** Read ahead, so that between the vendor's answer and the commit there is one statement only. */
  readonly key: DataKey;
}

/** Another holds the lease; so many refreshes had failed in a row by then. */
interface Busy {
  readonly failuresBefore: number;
}

/**
 * Gives a token that `isFresh`, refreshing it if need be; whoever finds a refresh under way waits for its result, and makes no call of its own
 * when it fails. Throws ReauthorizationRequired when a person must consent again, ProviderUnavailable when another's refresh failed, else what
 * the vendor's token endpoint gave.
 */
export async function refreshOnce(context: SyncContext, connection: Connection, rules: RefreshRules): Promise<Secret> {
  let waitedFor: Busy | null = null;
  for (;;) {
    const claim: SealedTokens | Leased | Busy = await claimRefresh(context, connection, rules.isFresh, waitedFor);
    if ("failuresBefore" in claim) {
      if (!waitedFor) context.telemetry.refreshWaited(connection.provider);
      waitedFor = claim;
      await context.clock.sleep(LOOK_AGAIN_MS);
    } else if ("leaseId" in claim) return spend(context, connection, noteCutOff(context, connection, claim), rules.believesFirstRefusal);
    else return openAccess(context, connection, claim);
  }
}

/**
 * The row when it will do, a lease on it when it is for us to refresh, Busy while another holds one. The lease is the mark that is written
 * ahead of the call: who finds one that is over knows that a refresh was cut off (faults OA-19).
 */
async function claimRefresh(
  context: SyncContext, connection: Connection, isFresh: RefreshRules["isFresh"], waitedFor: Busy | null,
): Promise<SealedTokens | Leased | Busy> {
  return context.database.withOrganization(connection.organizationId, async (tx) => {
    const of = [connection.patientId, connection.connectionId];
    const [state] = await tx.query<{ is_leased: boolean; refused_at: number | null; refresh_failures: number; epoch: number }>(
      `select coalesce(k.refresh_lease_until > now(), false) as is_leased, k.refused_at, k.refresh_failures, c.epoch
       from credentials k join connections c on c.patient_id = k.patient_id and c.id = k.connection_id
       where k.patient_id = $1 and k.connection_id = $2 for update of k`, of,
    );
    const row = await readTokens(tx, connection);
    if (isFresh(row)) return row;
    if (state!.is_leased) return { failuresBefore: state!.refresh_failures };
    if (waitedFor && state!.refresh_failures > waitedFor.failuresBefore) throw new ProviderUnavailable(`The refresh of the ${connection.provider} token that this one waited for failed.`);
    const leaseId = randomUUID();
    const startedMs = context.clock.now();
    await tx.query(
      `update credentials set refresh_lease_id = $3, refresh_lease_until = now() + make_interval(secs => ${LEASE_SECONDS}),
              refresh_cut_off = refresh_cut_off + case when refresh_lease_id is null then 0 else 1 end,
              refresh_cut_off_at = case when refresh_lease_id is null then refresh_cut_off_at else to_timestamp($4::float8 / 1000) end
       where patient_id = $1 and connection_id = $2`, [...of, leaseId, startedMs],
    );
    const key = await sealingKey(tx, context.vault, connection);
    return { ...row, key, leaseId, refusedMs: state!.refused_at, epoch: state!.epoch, startedMs };
  });
}

function noteCutOff(context: SyncContext, connection: Connection, leased: Leased): Leased {
  if (leased.is_cut_off) {
    context.telemetry.refreshed(connection.provider, "cut_off");
    context.log.error(
      { provider: connection.provider, connection: connection.connectionId, event: "refresh_cut_off" },
      "a refresh was cut off and its tokens may be lost: the old refresh token is tried once more",
    );
  }
  return leased;
}

async function spend(context: SyncContext, connection: Connection, leased: Leased, believesFirstRefusal: boolean): Promise<Secret> {
  let refreshToken: Secret | null;
  let tokens: TokenSet;
  try {
    refreshToken = openRefresh(context, connection, leased);
    if (!refreshToken) throw new ReauthorizationRequired(`The ${connection.provider} token ended and there is no refresh token.`);
    const at = { refreshToken, accessToken: openAccess(context, connection, leased) };
    tokens = await context.telemetry.span("token.refresh", { attributes: { "islet.provider": connection.provider } }, () => renew(context, connection, at));
  } catch (error) {
    context.telemetry.refreshed(connection.provider, errorCode(error));
    return afterFailure(context, connection, leased, { error, believesFirstRefusal });
  }
  const answeredMs = context.clock.now();
  const isStored = await save(context, connection, leased, { tokens, refreshToken }).catch((error: unknown) => {
    context.telemetry.refreshed(connection.provider, "lost");
    throw error;
  });
  context.telemetry.refreshed(connection.provider, isStored ? "done" : "superseded");
  context.log.info(
    {
      provider: connection.provider, connection: connection.connectionId, event: "token_refresh", isStored, afterCutOff: leased.is_cut_off,
      vendorMs: answeredMs - leased.startedMs, lossWindowMs: context.clock.now() - answeredMs,
    },
    "tokens were refreshed",
  );
  return isStored ? tokens.accessToken : superseded(context, connection, leased);
}

/** New tokens: by the vendor's token endpoint, or by signing in again where the person gave us what that takes. */
async function renew(context: SyncContext, connection: Connection, at: { refreshToken: Secret; accessToken: Secret }): Promise<TokenSet> {
  const provider = context.providers.require(connection.provider);
  if (provider.driver.auth.kind === "credentials") {
    const { tokens, settings } = await signInAgain(context, connection, at.refreshToken);
    await keepLearnt(context, connection, settings);
    return tokens;
  }
  const { tokens } = await refreshTokens({
    http: context.http,
    scope: { provider: connection.provider, connectionId: connection.connectionId },
    auth: oauthOf(provider.driver),
    endpoints: provider.endpoints(connection.settings),
    client: { id: provider.config.clientId, secret: provider.config.clientSecret },
    ...at,
    nowMs: context.clock.now(),
  });
  return tokens;
}

/** What the vendor said on the way (another region) counts from the next call on. */
async function keepLearnt(context: SyncContext, connection: Connection, settings: Readonly<Record<string, string>>): Promise<void> {
  if (Object.entries(settings).every(([name, value]) => connection.settings[name] === value)) return;
  await context.database.withOrganization(connection.organizationId, (tx) =>
    tx.query("update connections set settings = settings || $3::jsonb where patient_id = $1 and id = $2", [connection.patientId, connection.connectionId, JSON.stringify(settings)]),
  );
}

/** False when the row is no longer what we started from. The vendor may have ended the old token: storing the new one is tried hard. */
async function save(context: SyncContext, connection: Connection, leased: Leased, given: { tokens: TokenSet; refreshToken: Secret }): Promise<boolean> {
  const version = leased.token_version + 1;
  const { access, refresh } = sealTokensWith(context, connection, { tokens: given.tokens, version, kept: given.refreshToken }, leased.key);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = await context.database.withOrganization(connection.organizationId, (tx) =>
        // The epoch too: after a disconnect and a new consent versions begin anew.
        tx.query(
          `update credentials set access_sealed = $4, refresh_sealed = $5, expires_at = to_timestamp($6::float8 / 1000), token_version = $7,
                  refresh_lease_id = null, refresh_lease_until = null, refused_at = null, refresh_failures = 0, refresh_retry_at = null,
                  refresh_cut_off_at = null
           where patient_id = $1 and connection_id = $2 and token_version = $3
             and exists (select 1 from connections c where c.patient_id = $1 and c.id = $2 and c.epoch = $8) returning 1`,
          [connection.patientId, connection.connectionId, leased.token_version, access, refresh, given.tokens.expiresAtMs, version, leased.epoch],
        ),
      );
      return rows.length === 1;
    } catch (error) {
      if (!(error instanceof Unavailable) || attempt >= SAVE_TRIES) throw error;
      context.log.warn({ provider: connection.provider, connection: connection.connectionId, attempt, error }, "refreshed tokens could not be stored yet");
      await context.clock.sleep(SAVE_PAUSE_MS);
    }
  }
}

/** A new consent came in between: its tokens count. Throws ReauthorizationRequired when the connection has ended. */
async function superseded(context: SyncContext, connection: Connection, leased: Leased): Promise<Secret> {
  const row = await context.database.withOrganization(connection.organizationId, (tx) => readTokens(tx, connection));
  // Our lease ran out and another refreshes: what it comes to is not known yet.
  if (row.token_version === leased.token_version) throw new ProviderUnavailable(`A refresh of the ${connection.provider} token took too long; another is under way.`);
  return openAccess(context, connection, row);
}

/** Gives the lease back and notes the failure. A refusal of a token that was replaced meanwhile is none; of the present one it counts twice. */
async function afterFailure(
  context: SyncContext, connection: Connection, leased: Leased, failure: { error: unknown; believesFirstRefusal: boolean },
): Promise<Secret> {
  const { error } = failure;
  const nowMs = context.clock.now();
  const isRefused = error instanceof ReauthorizationRequired;
  const isCurrent = await context.database.withOrganization(connection.organizationId, async (tx) => {
    const rows = await tx.query<{ refresh_failures: number }>(
      `update credentials set refresh_lease_id = null, refresh_lease_until = null, refresh_failures = refresh_failures + 1,
              refused_at = case when $4 then coalesce(refused_at, to_timestamp($5::float8 / 1000)) else refused_at end
       where patient_id = $1 and connection_id = $2 and token_version = $3 and refresh_lease_id = $6 returning refresh_failures`,
      [connection.patientId, connection.connectionId, leased.token_version, isRefused, nowMs, leased.leaseId],
    );
    if (!rows[0]) return false;
    await tx.query("update credentials set refresh_retry_at = to_timestamp($3::float8 / 1000) where patient_id = $1 and connection_id = $2", [
      connection.patientId, connection.connectionId, nowMs + backOffMs(rows[0].refresh_failures, context.random),
    ]);
    return true;
  });
  if (!isRefused) throw error;
  if (!isCurrent) return superseded(context, connection, leased);
  if (failure.believesFirstRefusal || isProved(context.providers.require(connection.provider).driver.auth, leased, nowMs)) throw error;
  throw new ProviderUnavailable(`${connection.provider} refuses the refresh token; it is asked once more before the person is.`, { cause: error });
}

/**
 * Whether a refusal means what it says. Twice, a minute apart, does; and once where a refresh had been cut off and each token works once:
 * then the vendor gave away our next one (faults OA-19). A vendor known to refuse healthy tokens is waited for as its sheet says.
 */
function isProved(auth: DriverAuth, leased: Leased, nowMs: number): boolean {
  const ownSeconds = auth.kind === "oauth2" || auth.kind === "credentials" ? auth.refusalProofSeconds : undefined;
  if (leased.refresh_sealed === null || ownSeconds === 0) return true;
  if (leased.is_cut_off && ownSeconds === undefined && auth.kind === "oauth2" && auth.refreshTokenRotates) return true;
  return leased.refusedMs !== null && nowMs - leased.refusedMs >= (ownSeconds ?? SECOND_PROOF_SECONDS) * 1000;
}
