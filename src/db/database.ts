/**
 * The only way to the database: a transaction that serves one organization, or one that works before or across tenants with
 * narrow rights. The pool itself is never handed out.
 */
import pg from "pg";
import { InternalError } from "../errors.ts";
import type { Log } from "../log.ts";
import { asUnavailable, isBroken, isConflict, isLost, isReadOnly, withoutDetail } from "./failures.ts";

export { isUniqueViolation, sqlState } from "./failures.ts";

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

/** On whose behalf a transaction runs. */
export interface PersonContext {
  readonly organizationId: string;
  readonly userId: string;
  /** The patient whom this user is. */
  readonly patientId: string | null;
  /** The patient whom the request names: nobody else is seen then. */
  readonly askedPatientId?: string;
}

/**
 * `work` may be run again from its beginning, after a deadlock or a serialization failure: it changes nothing but rows. Throws Unavailable
 * when the database is away, full, or too slow; whether a COMMIT in doubt took effect is not known then.
 */
export interface Database {
  /** Runs `work` in a transaction on behalf of a person, with the rights of islet_app: it sees the patients that the person may see, and no other. */
  withPerson<T>(person: PersonContext, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs `work` for an organization, with the rights of islet_worker: it sees this organization's rows only, of all its patients. */
  withOrganization<T>(organizationId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs `work` before or across tenants (sign-in, callbacks, inbox, scheduler) with the narrow rights of islet_system. */
  asSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Reads the audit log and its chains as islet_audit, which can read nothing else and write nothing: one organization's, or with null everybody's. */
  asAuditor<T>(organizationId: string | null, work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * One look with the rights of islet_system, in one message to the server and back: for what every request asks first. $1 … in `text` stand for
   * bytes and numbers alone, which are written into it.
   */
  look<Row extends object>(text: string, values: readonly (Uint8Array | number)[]): Promise<Row[]>;
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
  /** How long a new transaction may take to open: over a connection that has gone dead without a word it never would (faults ST-05). */
  readonly openTimeoutMs?: number;
  readonly random?: () => number;
}

/** A transaction that lost to a neighbour is run again so many times at most, after a pause of a random part of this, doubled each time. */
const MOST_REPEATS = 3;
const REPEAT_PAUSE_MS = 20;
/** Nobody's work needs longer between two statements; it would hold back vacuum and everybody's locks (faults ST-09). */
const IDLE_IN_TRANSACTION_MS = 30_000;
/** A statement that the server should have ended by itself so long ago is on a connection that leads nowhere. */
const SILENCE_MS = 2_000;

/** As pg takes it: a query with a time-out of its own. */
type TimedQuery = pg.QueryConfig & { readonly query_timeout: number };

/** What a transaction may, and for whom. */
interface Rights {
  readonly role: "islet_app" | "islet_worker" | "islet_system" | "islet_audit";
  readonly organizationId: string;
  readonly userId?: string;
  readonly ownPatientId?: string;
  readonly askedPatientId?: string;
}

/** An id, or none: the text is put into a statement. */
const ID_OR_NONE = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})?$/i;

export function openDatabase(options: DatabaseOptions): Database {
  const { size = 12, statementTimeoutMs = 60_000, openTimeoutMs = 5_000, random = Math.random } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: size,
    types,
    application_name: "islet",
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + SILENCE_MS,
    lock_timeout: Math.min(20_000, statementTimeoutMs),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Both handlers are needed: without the second, a database that dies under a checked-out client ends the process.
  let isClosing = false;
  const onError = (error: Error): void => {
    // A connection that we are ending may hear first that its server ends, too.
    if (!isClosing) options.log.warn({ error: withoutDetail(error) }, "database connection lost");
  };
  pool.on("error", onError);
  // Counts up when all connections made so far lead to the wrong server.
  let era = 0;
  const made = new WeakMap<pg.PoolClient, number>();
  pool.on("connect", (client) => {
    client.on("error", onError);
    made.set(client, era);
  });

  const connect = async (): Promise<pg.PoolClient> => {
    for (;;) {
      const client = await pool.connect().catch((error: unknown) => {
        throw asUnavailable(error) ?? withoutDetail(error);
      });
      if (made.get(client) === era) return client;
      client.release(true);
    }
  };

  /** A connection that broke while it lay idle shows it at the first word; nothing was done on it yet, so that another one may be taken. */
  const open = async (text: string): Promise<{ client: pg.PoolClient; results: pg.QueryResult[] }> => {
    for (let broken = 0; ; broken += 1) {
      const client = await connect();
      try {
        // Of several statements there are several results, which the types know nothing of.
        return { client, results: (await client.query({ text, query_timeout: openTimeoutMs } as TimedQuery)) as unknown as pg.QueryResult[] };
      } catch (error) {
        client.release(true);
        if (!isBroken(error) || broken >= size) throw error;
      }
    }
  };

  const once = async <T>(rights: Rights, work: (tx: Tx) => Promise<T>): Promise<T> => {
    // With the transaction's rights in one message: every way to the server and back is a turn of the event loop that somebody waits for.
    const { client } = await open(`begin; ${opening(rights)}`);
    let broken: Error | undefined;
    try {
      const result = await work(txOf(client));
      // A transaction whose failure was swallowed answers COMMIT with ROLLBACK and no error: that must not pass for success.
      const ended = await client.query("commit");
      if (ended.command !== "COMMIT") throw new InternalError("The transaction was rolled back although its work seemed to succeed.");
      return result;
    } catch (error) {
      if (isReadOnly(error)) era += 1;
      if (isLost(error)) broken = error as Error;
      else await client.query({ text: "rollback", query_timeout: openTimeoutMs } as TimedQuery).catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.release(broken);
    }
  };

  const transaction = async <T>(rights: Rights, work: (tx: Tx) => Promise<T>): Promise<T> => {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await once(rights, work);
      } catch (error) {
        if (!isConflict(error) || repeats >= MOST_REPEATS) throw asUnavailable(error) ?? withoutDetail(error);
        await new Promise((resolve) => setTimeout(resolve, random() * REPEAT_PAUSE_MS * 2 ** repeats));
      }
    }
  };

  return {
    withPerson: ({ organizationId, userId, patientId, askedPatientId }, work) =>
      transaction({ role: "islet_app", organizationId, userId, ownPatientId: patientId ?? "", askedPatientId: askedPatientId ?? "" }, work),
    withOrganization: (organizationId, work) => transaction({ role: "islet_worker", organizationId }, work),
    asSystem: (work) => transaction({ role: "islet_system", organizationId: "" }, work),
    asAuditor: (organizationId, work) => transaction({ role: "islet_audit", organizationId: organizationId ?? "" }, work),
    look: async <Row extends object>(text: string, values: readonly (Uint8Array | number)[]) => {
      try {
        // Several statements in one message are one transaction, at whose end its rights end, too.
        const { client, results } = await open(`select set_config('role', 'islet_system', true), set_config('app.organization_id', '', true); ${written(text, values)}`);
        client.release();
        return results[1]!.rows as Row[];
      } catch (error) {
        throw asUnavailable(error) ?? withoutDetail(error);
      }
    },
    ping: async () => {
      await pool.query({ text: "select 1", query_timeout: openTimeoutMs } as TimedQuery).catch((error: unknown) => {
        throw asUnavailable(error) ?? withoutDetail(error);
      });
    },
    poolUse: () => ({ open: pool.totalCount, idle: pool.idleCount, most: pool.options.max, waiting: pool.waitingCount }),
    close: () => {
      isClosing = true;
      return pool.end();
    },
  };
}

/** The statement that gives a transaction its rights. A connection is used by many one after the other: each says all of it, also what it has not. */
function opening({ role, organizationId, userId = "", ownPatientId = "", askedPatientId = "" }: Rights): string {
  const settings = { organization_id: organizationId, user_id: userId, own_patient_id: ownPatientId, asked_patient_id: askedPatientId };
  if (!Object.values(settings).every((id) => ID_OR_NONE.test(id))) throw new InternalError("A transaction serves an organization or a person, and what was named is none.");
  return `select set_config('role', '${role}', true)${Object.entries(settings).map(([name, id]) => `, set_config('app.${name}', '${id}', true)`).join("")}`;
}

/** The text with its values in it: hexadecimal digits and numbers, in which nothing can hide. */
function written(text: string, values: readonly (Uint8Array | number)[]): string {
  return text.replace(/\$(\d+)/g, (_place, number: string) => {
    const value = values[Number(number) - 1];
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
    if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString("hex")}'::bytea`;
    throw new InternalError("A look has no value for a place in its text.");
  });
}

function txOf(client: pg.PoolClient): Tx {
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(text, values as unknown[])).rows,
    prepared: async <Row extends object>(name: string, text: string, values: readonly unknown[]) =>
      (await client.query<Row>({ name, text, values: values as unknown[] })).rows,
  };
}
