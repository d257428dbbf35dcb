/**
 * The only way to the database: a transaction that serves one organization, or one that works before or across tenants with
 * narrow rights. The pool itself is never handed out.
 */
import pg from "pg";
import { InternalError, Unavailable } from "../errors.ts";
import type { Log } from "../log.ts";

const TIMESTAMPTZ: number = pg.types.builtins.TIMESTAMPTZ;

// bigint ids stay text; timestamps come back as epoch milliseconds, which is what every room above uses.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (oid === TIMESTAMPTZ && format !== "binary") return parseTimestamp;
    return pg.types.getTypeParser(oid, format as "text") as (text: string) => unknown;
  }) as pg.CustomTypesConfig["getTypeParser"],
};

function parseTimestamp(text: string): number {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  if (text === "-infinity") return Number.NEGATIVE_INFINITY;
  return Date.parse(text.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00"));
}

/** One running transaction. */
export interface Tx {
  /** Runs one statement; `values` fill $1, $2 … */
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Like query, prepared once per connection under `name`: for the hot statements. */
  prepared<Row extends object = Record<string, unknown>>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
}

export interface Database {
  /** Runs `work` in a transaction that sees this organization's rows only. */
  withOrganization<T>(organizationId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs `work` before or across tenants (sign-in, callbacks, inbox, scheduler) with the narrow rights of islet_system. */
  asSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Throws Unavailable when the database does not answer. */
  ping(): Promise<void>;
  /** How the pool is used this moment. */
  poolUse(): PoolUse;
  close(): Promise<void>;
}

/** Connections of a pool: open, of those idle, the most it opens, and callers that wait for one. */
export interface PoolUse {
  readonly open: number;
  readonly idle: number;
  readonly most: number;
  readonly waiting: number;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Log;
  /** Connections at most. */
  readonly size?: number;
  readonly statementTimeoutMs?: number;
  /** How long a caller waits for a free connection before it hears Unavailable. */
  readonly acquireTimeoutMs?: number;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size ?? 12,
    types,
    application_name: "islet",
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 5_000,
    statement_timeout: options.statementTimeoutMs ?? 60_000,
    lock_timeout: 20_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  // Both handlers are needed: without the second, a database that dies under a checked-out client ends the process.
  const onError = (error: Error): void => options.log.warn({ error: withoutDetail(error) }, "database connection lost");
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", onError));

  const transaction = async <T>(role: string, organizationId: string, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw asUnavailable(error) ?? withoutDetail(error);
    });
    let broken: Error | undefined;
    try {
      await client.query("begin");
      await client.query({
        name: "tenant",
        text: "select set_config('role', $1, true), set_config('app.organization_id', $2, true)",
        values: [role, organizationId],
      });
      const result = await work(txOf(client));
      // A transaction whose failure was swallowed answers COMMIT with ROLLBACK and no error: that must not pass for success.
      const ended = await client.query("commit");
      if (ended.command !== "COMMIT") throw new InternalError("The transaction was rolled back although its work seemed to succeed.");
      return result;
    } catch (error) {
      await client.query("rollback").catch((failure: Error) => (broken = failure));
      throw asUnavailable(error) ?? withoutDetail(error);
    } finally {
      client.release(broken);
    }
  };

  return {
    withOrganization: (organizationId, work) => transaction("islet_app", organizationId, work),
    asSystem: (work) => transaction("islet_system", "", work),
    ping: async () => {
      await pool.query("select 1").catch((error: unknown) => {
        throw asUnavailable(error) ?? withoutDetail(error);
      });
    },
    poolUse: () => ({ open: pool.totalCount, idle: pool.idleCount, most: pool.options.max, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

function txOf(client: pg.PoolClient): Tx {
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(text, values as unknown[])).rows,
    prepared: async <Row extends object>(name: string, text: string, values: readonly unknown[]) =>
      (await client.query<Row>({ name, text, values: values as unknown[] })).rows,
  };
}

/** SQLSTATE of a database error, null for anything else. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

/** Whether the statement broke the named unique constraint or index. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === "23505" && error.constraint === constraint;
}

/** Besides the network's own: shutting down or starting (57P), too many connections or a full disk (53), a read-only standby (25006), ended as idle (25P03). */
const AWAY = new Set([
  "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT", "57P01", "57P02", "57P03", "53300", "53100", "25006", "25P03",
]);

/** A lost, refused or full database as Unavailable; undefined for everything else. */
function asUnavailable(error: unknown): Unavailable | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  const isAway =
    (typeof code === "string" && (AWAY.has(code) || code.startsWith("08"))) ||
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(error.message);
  return isAway ? new Unavailable("The database does not answer.", { cause: withoutDetail(error) }) : undefined;
}

/** Takes the row that PostgreSQL puts into DETAIL and CONTEXT out of an error: it may hold health values. */
function withoutDetail(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) Object.assign(error, { detail: undefined, where: undefined, internalQuery: undefined });
  return error;
}
