/** What a failure of PostgreSQL means to whoever asked: away for now, in conflict with a neighbour, or an error of its own. */
import pg from "pg";
import { Unavailable } from "../errors.ts";

/** SQLSTATE of a database error, null for anything else. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

/** Whether the statement broke the named unique constraint or index. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === "23505" && error.constraint === constraint;
}

/** Only this transaction lost: a serialization failure, or a deadlock that PostgreSQL broke up. Run again as a whole it may well succeed (faults ST-10). */
export function isConflict(error: unknown): boolean {
  return ["40001", "40P01"].includes(sqlState(error) ?? "");
}

/** The server became a read-only standby: so did what every other connection leads to (faults ST-06). */
export function isReadOnly(error: unknown): boolean {
  return sqlState(error) === "25006";
}

/** The network's own, and the server's way of ending a session: shutting down or starting (57P), ended as idle (25P03). */
const LOST = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH", "57P01", "57P02", "57P03", "57P05", "25P03", "25006"]);
/** The connection is sound, the server cannot do it now: too many connections, a full disk or memory (53), a statement or a lock that took too long. */
const BUSY = new Set(["53000", "53100", "53200", "53300", "57014", "55P03", "40001", "40P01"]);

/** Whether nothing more can be asked of the connection that this came from. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && (LOST.has(code) || code.startsWith("08"))) return true;
  return /connection terminated|query read timeout|client has encountered a connection error|client was closed/i.test(error.message);
}

/** Whether the connection broke, as opposed to falling silent or meeting a server that is not there. */
export function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  return (typeof code === "string" && ["ECONNRESET", "EPIPE", "57P01", "57P02", "57P05"].includes(code)) || /connection terminated|client has encountered a connection error/i.test(error.message);
}

/** Whether a server that is there ended a statement, or its wait for a lock, for taking too long. */
export function isTooSlow(error: unknown): boolean {
  return ["57014", "55P03"].includes(sqlState(error) ?? "");
}

/** A lost, refused, full or overtaxed database as Unavailable; undefined for everything else. */
export function asUnavailable(error: unknown): Unavailable | undefined {
  if (!(error instanceof Error)) return undefined;
  const isAway = isLost(error) || BUSY.has(sqlState(error) ?? "") || /timeout exceeded when trying to connect/i.test(error.message);
  return isAway ? new Unavailable("The database does not answer.", { cause: withoutDetail(error) }) : undefined;
}

/** Takes the row that PostgreSQL puts into DETAIL and CONTEXT out of an error: it may hold health values. */
export function withoutDetail(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) Object.assign(error, { detail: undefined, where: undefined, internalQuery: undefined });
  return error;
}
