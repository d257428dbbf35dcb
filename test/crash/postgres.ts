/** The real PostgreSQL of the crash harness: on one port through all its lives, killed with all its processes, started again like a supervisor does. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startEmbedded, type EmbeddedPostgres } from "#db/embedded.ts";
import { isAlive } from "#db/leftover.ts";
import { silentLog } from "../../src/log.ts";

export interface Cluster {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly appRole: string;
  /** Process ids: the postmaster first, then its children. */
  pids(): Promise<number[]>;
  /** SIGKILL to the postmaster and then to each of its children; resolves when all are gone. */
  kill(): Promise<void>;
  /** SIGKILL to one backend of a client: PostgreSQL then ends all sessions and recovers by itself. False when there is none. */
  killBackend(random: () => number): Promise<boolean>;
  /** Starts it again on the same port; resolves when it accepts connections. `dieOnce` kills it in the middle of its recovery first. */
  start(options?: { readonly dieOnce: boolean }): Promise<void>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const OPTIONS = { ownerPassword: "crash-owner", appPassword: "crash-app", log: silentLog };

export async function startCluster(folder: string, serverSettings: readonly string[]): Promise<Cluster> {
  const port = await freePort();
  const options = { ...OPTIONS, folder: join(folder, "postgres"), port, serverSettings };
  let running: EmbeddedPostgres = await startEmbedded(options);
  const kill = async (): Promise<void> => {
    const pids = await family(running.pid);
    for (const pid of pids) signal(pid, "SIGKILL");
    while (pids.some(isAlive)) await pause(5);
  };
  const start = async ({ dieOnce }: { readonly dieOnce: boolean } = { dieOnce: false }): Promise<void> => {
    if (dieOnce) {
      const doomed = startEmbedded(options).then((alive) => (running = alive), () => undefined);
      const pid = await postmasterOf(options.folder);
      for (const each of pid === null ? [] : await family(pid)) signal(each, "SIGKILL");
      await doomed;
      if (isAlive(running.pid)) await kill();
    }
    for (const deadline = Date.now() + START_LIMIT_MS; ; ) {
      try {
        running = await startEmbedded(options);
        return;
      } catch (error) {
        // A backend that was being born at the kill still holds the shared memory: it ends by itself in a moment.
        if (Date.now() > deadline) throw error;
        await pause(100);
      }
    }
  };
  return {
    ownerUrl: running.ownerUrl, appUrl: running.appUrl, appRole: running.appRole,
    pids: () => family(running.pid),
    kill, start,
    killBackend: async (random) => {
      const [, ...children] = await family(running.pid);
      const backends: number[] = [];
      for (const pid of children) if (/postgres: islet_login/.test(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""))) backends.push(pid);
      const chosen = backends[Math.floor(random() * backends.length)];
      if (chosen === undefined) return false;
      signal(chosen, "SIGKILL");
      return true;
    },
    stop: () => running.stop(),
  };
}

/** The process and its children, by /proc: backends have sessions of their own, so that no process group holds them all. */
async function family(parent: number): Promise<number[]> {
  const found = [parent];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    // pid (name) state ppid …; a name may hold blanks and brackets.
    if (Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]) === parent) found.push(Number(entry));
  }
  return found;
}

/** Waits for the postmaster to sign in; null when it has ended before. */
async function postmasterOf(folder: string): Promise<number | null> {
  const before = Date.now();
  while (Date.now() - before < 2_000) {
    const [pid] = (await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (pid && isAlive(Number(pid)) && /postgres/.test(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""))) return Number(pid);
    await pause(2);
  }
  return null;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
