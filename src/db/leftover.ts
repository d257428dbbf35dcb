/** What a killed Islet or a killed database server leaves behind on a cluster's folder: servers and orphaned backends that would keep the next start out. */
import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Log } from "../log.ts";

const STOP_LIMIT_MS = 30_000;
const ORPHAN_LIMIT_MS = 10_000;

/**
 * A server whose Islet was killed still holds the folder: it is ours (its pid file says so), so it is asked to end.
 * Where the server itself was killed, backends may outlive it, waiting for ever on a lock of a process that is no more: they hold its shared
 * memory, and PostgreSQL refuses to start beside them (documented with "pre-existing shared memory block"). Nothing they do can be committed any more.
 */
export async function endLeftover(folder: string, log: Log): Promise<void> {
  const lines = await postmasterLines(folder);
  if (!lines) return;
  const pid = Number(lines[0]);
  const command = isAlive(pid) ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") : "";
  if (command.includes(folder)) {
    log.warn({ pid }, "stopping the database server that a killed Islet left behind");
    process.kill(pid, "SIGINT");
    await gone([pid], STOP_LIMIT_MS);
    return;
  }
  const orphans = await orphansOf(folder);
  if (orphans.length === 0) return;
  log.warn({ pids: orphans }, "ending the processes that a killed database server left behind");
  for (const orphan of orphans) end(orphan);
  await gone(orphans, ORPHAN_LIMIT_MS);
}

/** The lines of the pid file of the folder's server: process id, folder, start time, port, …; null when there is none. */
export async function postmasterLines(folder: string): Promise<string[] | null> {
  try {
    return (await readFile(join(folder, "postmaster.pid"), "utf8")).split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Whether a process of this id runs (a foreign user's counts too). */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Processes of PostgreSQL that work in the folder: each of its processes enters it at its start. None where the system has no /proc. */
async function orphansOf(folder: string): Promise<number[]> {
  const real = await realpath(folder);
  const entries = await readdir("/proc").catch(() => []);
  const found: number[] = [];
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    // A process that has ended meanwhile, or is another user's, is not ours to end.
    const [place, program] = await Promise.all([readlink(`/proc/${entry}/cwd`).catch(() => ""), readlink(`/proc/${entry}/exe`).catch(() => "")]);
    if (place === real && basename(program) === "postgres") found.push(Number(entry));
  }
  return found;
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function gone(pids: readonly number[], limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (pids.some(isAlive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
}
