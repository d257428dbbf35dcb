/** Whether this process can do its work now: asked of the things themselves, each with a short limit. */
import { compareSchema } from "#db/migrate.ts";
import type { Database, Tx } from "#db/database.ts";
import { isInboxStuck } from "#inbox/gauge.ts";
import type { Queue } from "#jobs/queue.ts";
import { errorCode, Unavailable } from "../errors.ts";
import { within } from "./deadline.ts";

export type Phase = "starting" | "serving" | "stopping";
export type CheckName = "phase" | "database" | "migrations" | "inbox" | "queue";

export interface Check {
  readonly name: CheckName;
  /** `degraded`: true trouble, in spite of which this process does its work. */
  readonly state: "ok" | "degraded" | "failed";
  /** One sentence for an operator, without secrets. */
  readonly detail: string;
}

export interface ReadinessParts {
  readonly database: Database;
  readonly queue: Partial<Pick<Queue, "stats">>;
  readonly phase: () => Phase;
  /** Whether jobs run in this process: then a queue that is away or an inbox that stands still is its own failure, not its neighbour's. */
  readonly runsJobs: boolean;
}

export interface Readiness {
  /** Never throws; answers within two seconds whatever hangs. */
  check(): Promise<{ readonly isReady: boolean; readonly checks: readonly Check[] }>;
}

const LIMIT_MS = 1_200;
/** Whoever asks more often hears the same good news: /ready is open to everybody and must not wear the database out. */
const KEPT_MS = 250;
/** Webhooks are promised to be processed within five minutes (requirement W5). */
const STUCK_SECONDS = 300;

export function createReadiness({ database, queue, phase, runsJobs }: ReadinessParts): Readiness {
  const milder = runsJobs ? "failed" : "degraded";
  const lookAround = (): Promise<Check[]> => {
    const looks = checkDatabase(database, milder);
    if (queue.stats) looks.push(checkQueue(() => queue.stats!(), milder));
    return Promise.all(looks);
  };
  let kept: { readonly checks: Promise<Check[]>; untilMs: number } | null = null;
  return {
    check: async () => {
      if (kept === null || performance.now() > kept.untilMs) {
        const looking = { checks: lookAround(), untilMs: Number.POSITIVE_INFINITY };
        kept = looking;
        void looking.checks.then((checks) => (looking.untilMs = performance.now() + (areWell(checks) ? KEPT_MS : 0)));
      }
      const checks = [checkPhase(phase()), ...(await kept.checks)];
      return { isReady: areWell(checks), checks };
    },
  };
}

const areWell = (checks: readonly Check[]): boolean => checks.every(({ state }) => state !== "failed");

function checkPhase(phase: Phase): Check {
  return { name: "phase", state: phase === "serving" ? "ok" : "failed", detail: `Islet is ${phase}.` };
}

/** All at once, so that what hangs costs its limit once. */
function checkDatabase(database: Database, milder: Check["state"]): Promise<Check>[] {
  // Also the database gives up: a look that nobody waits for any more must not keep a connection.
  const ask = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.asSystem(async (tx) => {
    await tx.query("select set_config('statement_timeout', $1, true)", [String(LIMIT_MS)]);
    return work(tx);
  });
  return [
    look("database", "failed", "The database", async () => {
      await ask((tx) => tx.query("select 1"));
      return "The database answers.";
    }),
    look("migrations", "failed", "The database", async () => {
      const { missing, isNewer } = await ask((tx) => compareSchema(tx));
      if (missing > 0) throw new Unavailable(`The database lacks ${missing} migration${missing === 1 ? "" : "s"} of this version: run \`node src/main.ts migrate\`.`);
      return isNewer ? "A newer version of Islet has changed the database; this one goes on until it is replaced." : "The database is of this version.";
    }),
    look("inbox", milder, "The inbox", async () => {
      const isStuck = await ask((tx) => isInboxStuck(tx, STUCK_SECONDS));
      if (isStuck) throw new Unavailable(`Deliveries have been due for more than ${STUCK_SECONDS / 60} minutes and nobody works on them: does a worker run?`);
      return "The inbox moves.";
    }),
  ];
}

function checkQueue(ask: () => Promise<unknown>, milder: Check["state"]): Promise<Check> {
  return look("queue", milder, "The job queue", async () => {
    await ask();
    return "The job queue answers.";
  });
}

async function look(name: CheckName, whenNot: Check["state"], what: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { name, state: "ok", detail: await within(LIMIT_MS, what, work) };
  } catch (error) {
    return { name, state: whenNot, detail: error instanceof Unavailable ? error.message : `${what} could not be looked at (${errorCode(error)}).` };
  }
}
