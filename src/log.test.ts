import { PassThrough } from "node:stream";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { ProviderRefused, Unavailable } from "./errors.ts";
import { createLog, silentLog, type Log } from "./log.ts";
import { Secret } from "./secret.ts";

const CANARY = "canary-9f3b";

/** Lines that `write` leaves behind. */
function linesOf(write: (log: Log) => void, level = "debug"): Record<string, unknown>[] {
  const stream = new PassThrough();
  write(createLog(level, stream));
  const text = String(stream.read() ?? "");
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the log", () => {
  it("writes one JSON object a line, with time, level, fields and sentence, and no more", () => {
    const [line] = linesOf((log) => log.info({ provider: "dexcom", count: 3 }, "a sync ended"));
    expect(Object.keys(line!).toSorted()).toEqual(["count", "level", "msg", "provider", "time"]);
    expect(line).toMatchObject({ provider: "dexcom", count: 3, msg: "a sync ended" });
    expect(Number.isNaN(Date.parse(String(line!["time"])))).toBe(false);
  });

  it("keeps quiet below its level", () => {
    expect(linesOf((log) => { log.debug({}, "a"); log.info({}, "b"); log.warn({}, "c"); log.error({}, "d"); }, "warn").map((line) => line["msg"])).toEqual(["c", "d"]);
    silentLog.child({}).error({}, "nothing");
  });

  it("cuts tokens, passwords and values wherever they stand [PR-09] [OA-15]", () => {
    const names = [
      "password", "token", "access_token", "refresh_token", "accessToken", "refreshToken", "authorization", "cookie", "secret", "client_secret", "code", "state",
      "value", "values", "body", "detail", "where", "parameters",
    ];
    for (const name of names) {
      const text = JSON.stringify(linesOf((log) => {
        log.info({ [name]: CANARY }, "at the top");
        log.info({ request: { [name]: CANARY } }, "one down");
        log.info({ request: { headers: { [name]: CANARY } } }, "two down");
        log.info({ list: [{ [name]: CANARY }] }, "in a list");
        log.child({ [name]: CANARY }).info({}, "by a child");
      }));
      expect(text, name).not.toContain(CANARY);
      expect(text.match(/redacted/g), name).toHaveLength(5);
    }
    expect(JSON.stringify(linesOf((log) => log.info({ headers: { "set-cookie": CANARY }, request: { headers: { "set-cookie": CANARY } } }, "x")))).not.toContain(CANARY);
    expect(JSON.stringify(linesOf((log) => log.info({ key: new Secret(CANARY), keys: [new Secret(CANARY)] }, "x")))).not.toContain(CANARY);
  });

  it("tells of an error its class, code, message and place, never what hangs on it", () => {
    const row = Object.assign(new pg.DatabaseError("new row violates a check", 1, "error"), {
      code: "23514", detail: `Failing row contains (${CANARY})`, where: CANARY, internalQuery: CANARY, parameters: [CANARY],
    });
    const [line] = linesOf((log) => log.error({ error: new Unavailable("The database does not answer.", { cause: row }) }, "a request failed"));
    expect(JSON.stringify(line)).not.toContain(CANARY);
    expect(line!["error"]).toMatchObject({ type: "Unavailable", errorCode: "unavailable", message: "The database does not answer.", cause: { errorCode: "23514", message: "new row violates a check" } });
    expect((line!["error"] as { stack: string }).stack).toContain("log.test.ts");
    expect(JSON.stringify(linesOf((log) => log.error({ error: new ProviderRefused("refused", 403, CANARY) }, "x")))).not.toContain(CANARY);
    expect(linesOf((log) => log.error({ error: `thrown ${CANARY}` }, "x"))[0]!["error"]).toEqual({ message: "a non-error was thrown" });
  });

  it("leaves out messages that quote what was read: a parser's and a database's", () => {
    const parse = (): Error => {
      try {
        JSON.parse(`{"glucose": ${CANARY}}`);
      } catch (error) {
        return error as Error;
      }
      throw new Error("that was JSON");
    };
    const cast = Object.assign(new pg.DatabaseError(`invalid input syntax for type uuid: "${CANARY}"`, 1, "error"), { code: "22P02" });
    expect(parse().message).toContain("canary");
    for (const error of [parse(), cast, new Error("outer", { cause: parse() })]) {
      const text = JSON.stringify(linesOf((log) => log.warn({ error }, "x")));
      expect(text).not.toContain("canary");
      expect(text).toContain("log.test.ts");
    }
  });

  it("lets no line be forged by what is logged [DA-16]", () => {
    const lines = linesOf((log) => log.info({ route: 'x\n{"level":60,"msg":"forged"}\r\n\u001b[31m' }, "one"));
    expect(lines).toHaveLength(1);
  });
});
