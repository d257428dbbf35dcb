import pino from "pino";
import { trailFields } from "./trail.ts";

/** What a room may log: an event's fields (ids, counts, durations, codes) and one constant sentence. Never values or tokens. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** Names under which a secret or a health value could reach a log line; all are cut. */
const REDACTED = [
  "password", "token", "access_token", "refresh_token", "accessToken", "refreshToken", "authorization", "cookie", "secret",
  "client_secret", "code", "state", "value", "values", "body", "detail", "where", "parameters",
];

/** Structured JSON lines on standard error, so that standard output stays a command's own. */
export function createLog(level: string, destination: NodeJS.WritableStream = process.stderr): Log {
  const paths = REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    {
      level,
      base: null,
      // Whose request, job or delivery it is, on every line.
      mixin: trailFields,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: paths.concat('headers["set-cookie"]', '*.headers["set-cookie"]'), censor: "[redacted]" },
      serializers: { error: serializeError, err: serializeError },
    },
    destination as pino.DestinationStream,
  );
}

/** Class, code, message and stack; not the fields a database or vendor client hangs on its errors. */
function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: "a non-error was thrown" };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    ...(typeof code === "string" ? { errorCode: code } : {}),
    message: quotesInput(error, code) ? "[redacted]" : error.message,
    // Without its first lines, which repeat the message.
    stack: error.stack?.split("\n").filter((line) => /^\s+at /.test(line)).join("\n"),
    ...(error.cause instanceof Error ? { cause: serializeError(error.cause) } : {}),
  };
}

/** A parser's complaint holds a piece of the text, PostgreSQL's data exceptions (class 22) the value. */
function quotesInput(error: Error, code: unknown): boolean {
  return error instanceof SyntaxError || (typeof code === "string" && /^22[0-9A-Z]{3}$/.test(code));
}

/** For tests and pure callers that have nothing to say. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
