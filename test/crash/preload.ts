/**
 * Loaded before the real `src/main.ts` in the children of the crash harness, and nowhere else. Two things:
 *
 * - named kill points: the harness names one over the process channel, and the process kills itself (SIGKILL) the next time it comes by, so that
 *   windows of a millisecond are really hit;
 * - the two wrong programs of the controls: CRASH_CONTROL=ack_first answers before the COMMIT, CRASH_CONTROL=no_flush believes a database
 *   with synchronous_commit=off. The harness must find loss in both, or its "0 lost" means nothing.
 */
import pg from "pg";
import type { KillPoint } from "./points.ts";

/** How much later than its answer the first wrong program commits. */
const LATE_MS = 30;

type Kind = "delivery" | "claim" | "records";
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/insert into deliveries \(/, "delivery"], [/^update deliveries d set state = 'processing'/, "claim"], [/insert into (samples as s|day_blocks)/, "records"],
];
/** What the transaction of a connection has done so far, and the commit that it still owes. */
const doing = new WeakMap<object, Kind>();
const owed = new WeakMap<object, Promise<unknown>>();

const control = process.env["CRASH_CONTROL"];
let armed: string | null = null;
if (process.send) {
  process.on("message", (message: { readonly killAt?: string }) => (armed = message.killAt ?? null));
  // Whoever watches over it is gone: it must not outlive the run.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel?.unref();
}

function die(point: KillPoint): void {
  if (armed === point) process.kill(process.pid, "SIGKILL");
}

type AnyQuery = (this: pg.Client, config: unknown, ...rest: unknown[]) => unknown;
// oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
const original = pg.Client.prototype.query as unknown as AnyQuery;

async function commit(client: pg.Client, config: unknown): Promise<unknown> {
  const kind = doing.get(client);
  if (kind === "delivery") die("after_insert_before_commit");
  if (kind === "records") die("after_records_before_commit");
  if (kind === "delivery" && control === "ack_first") {
    owed.set(client, new Promise((resolve) => setTimeout(resolve, LATE_MS)).then(() => original.call(client, config)).catch(() => undefined));
    return { command: "COMMIT", rows: [] };
  }
  const answer = original.call(client, config) as Promise<unknown>;
  if (kind === "delivery" && armed === "after_commit_sent") setImmediate(() => die("after_commit_sent"));
  const ended = await answer;
  if (kind === "delivery") die("after_commit_before_ack");
  if (kind === "claim") die("after_claim");
  if (kind === "records") die("after_records_committed");
  return ended;
}

async function later(client: pg.Client, config: unknown, rest: unknown[]): Promise<unknown> {
  await owed.get(client);
  owed.delete(client);
  return original.call(client, config, ...rest);
}

(pg.Client.prototype as { query: unknown }).query = function query(this: pg.Client, config: unknown, ...rest: unknown[]): unknown {
  const text = typeof config === "string" ? config : ((config as { text?: string } | null)?.text ?? "");
  if (rest.some((each) => typeof each === "function")) return original.call(this, config, ...rest);
  if (control === "no_flush" && text.includes("'full_page_writes', 'synchronous_commit'")) return Promise.resolve({ command: "SELECT", rows: [] });
  const word = text.trimStart().slice(0, 6).toLowerCase();
  if (word === "begin") doing.delete(this);
  else for (const [pattern, kind] of KINDS) if (pattern.test(text)) doing.set(this, kind);
  if (owed.has(this)) return later(this, config, rest);
  if (word === "commit") return commit(this, config);
  return original.call(this, config, ...rest);
};
