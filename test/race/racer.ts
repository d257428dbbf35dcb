/** A process of the race: asks for the token so many times at once when it is told to, and says what came of it. */
import { refreshTokens } from "#oauth/tokens.ts";
import { readConnection, type Connection, type ConnectionRef } from "#sync/connections.ts";
import type { SyncContext } from "#sync/context.ts";
import { tokenSource } from "#sync/credentials.ts";
import { oauthOf } from "#driver/auth.ts";
import { openAccess, openRefresh, readTokens, storeTokens } from "#sync/sealed-tokens.ts";
import { silentLog, type Log } from "../../src/log.ts";
import { Secret } from "../../src/secret.ts";
import { openRacePlace } from "./place.ts";

/** What a racer is told. */
export type Order =
  | { readonly kind: "begin"; readonly appUrl: string; readonly baseUrl: string; readonly ref: ConnectionRef; readonly isNaive: boolean }
  /** One entry a caller: null asks for a token that will do, a token says that the vendor refused just that one. */
  | { readonly kind: "go"; readonly callers: readonly (string | null)[] }
  | { readonly kind: "end" };

/** What a racer says. */
export type Report =
  | { readonly kind: "ready" }
  /** Tokens, names of errors, and the milliseconds between the vendor's answer and our commit. */
  | { readonly kind: "done"; readonly tokens: readonly string[]; readonly errors: readonly string[]; readonly lossWindowsMs: readonly number[] };

let lossWindowsMs: number[] = [];
const log: Log = {
  ...silentLog,
  info: (fields) => {
    const { event, lossWindowMs } = fields as { event?: string; lossWindowMs?: number };
    if (event === "token_refresh" && lossWindowMs !== undefined) lossWindowsMs.push(lossWindowMs);
  },
};

/** As one would write it at first: look, call, store. The control that shows what the race does to it. */
async function naiveToken(context: SyncContext, connection: Connection): Promise<Secret> {
  const row = await context.database.withOrganization(connection.organizationId, (tx) => readTokens(tx, connection));
  if (row.expires_at > context.clock.now()) return openAccess(context, connection, row);
  const provider = context.providers.require(connection.provider);
  const { tokens } = await refreshTokens({
    http: context.http, scope: { provider: connection.provider }, auth: oauthOf(provider.driver), endpoints: provider.endpoints(connection.settings),
    client: { id: provider.config.clientId, secret: provider.config.clientSecret }, refreshToken: openRefresh(context, connection, row)!, nowMs: context.clock.now(),
  });
  await context.database.withOrganization(connection.organizationId, (tx) => storeTokens(tx, context, connection, tokens));
  return tokens.accessToken;
}

function say(report: Report): void {
  process.send!(report);
}

type Ask = (refused: string | null) => Promise<Secret>;

async function begin({ appUrl, baseUrl, ref, isNaive }: Extract<Order, { kind: "begin" }>): Promise<{ ask: Ask; close: () => Promise<void> }> {
  const { context, database } = await openRacePlace(appUrl, baseUrl, log);
  const connection = await database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
  const ask: Ask = (refused) => {
    if (isNaive) return naiveToken(context, connection);
    const source = tokenSource(context, connection);
    return refused === null ? source.accessToken() : source.refreshAfter401(new Secret(refused));
  };
  return { ask, close: () => database.close() };
}

let started: Promise<{ ask: Ask; close: () => Promise<void> }> | null = null;

async function obey(order: Order): Promise<void> {
  if (order.kind === "begin") {
    started = begin(order);
    await started;
    return say({ kind: "ready" });
  }
  const { ask, close } = await started!;
  if (order.kind === "end") {
    await close();
    process.disconnect();
    return;
  }
  const answers = await Promise.allSettled(order.callers.map((refused) => ask(refused)));
  const done: Report = {
    kind: "done", lossWindowsMs,
    tokens: answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value.open()] : [])),
    errors: answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason instanceof Error ? answer.reason.name : "unknown"] : [])),
  };
  lossWindowsMs = [];
  say(done);
}

process.on("message", (order: Order) => {
  obey(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : "something"}\n`);
    process.exit(1);
  });
});
// The parent is gone: nobody is left to race for.
process.on("disconnect", () => process.exit(0));
