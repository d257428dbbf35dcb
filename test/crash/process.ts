/** One real Islet process (`api` or `worker`) under a supervisor that starts it again whenever it ends, as systemd or a container's host does. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Control, KillPoint } from "./points.ts";
import { pause } from "./postgres.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const PRELOAD = fileURLToPath(new URL("preload.ts", import.meta.url));

export interface Supervised {
  readonly mode: "api" | "worker";
  readonly pid: number;
  /** Whether the present process has said that it is ready. */
  readonly isReady: boolean;
  /** Ends that nobody caused, of processes that were ready: there must be none. */
  readonly crashes: string[];
  /** Starts given up because the database was away. */
  readonly failedStarts: number;
  kill(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Lets it die at the named point; resolves when it has, or false after `limitMs`. */
  dieAt(point: KillPoint, limitMs: number): Promise<boolean>;
  ready(): Promise<void>;
  /** Stops it for good, as an operator does; gives its exit code. */
  stop(): Promise<number | null>;
}

/** Where a process runs, with which settings, and as which of the wrong programs. */
export interface Place {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly control?: Control;
}

const RESTART_PAUSE_MS = 100;
const READY_LIMIT_MS = 60_000;

export function spawnIslet(mode: "api" | "worker" | "migrate", { folder, environment, control }: Place, words: "pipe" | "ignore"): ChildProcess {
  return spawn(process.execPath, ["--import", PRELOAD, MAIN, mode], {
    cwd: folder, stdio: ["ignore", words, words, "ipc"],
    env: { PATH: process.env["PATH"], ...environment, ISLET_DATA_DIR: join(folder, mode), ...(control ? { CRASH_CONTROL: control } : {}) },
  });
}

export async function supervise(mode: "api" | "worker", place: Place): Promise<Supervised> {
  await mkdir(join(place.folder, mode), { recursive: true });
  const state = { child: null as unknown as ChildProcess, isReady: false, isExpected: false, isStopping: false, failedStarts: 0, crashes: [] as string[] };
  const startOne = (): void => {
    const child = spawnIslet(mode, place, "pipe");
    Object.assign(state, { child, isReady: false, isExpected: false });
    let words = "";
    child.on("error", () => undefined); // the channel of a process that has just died; its "exit" follows
    child.stdout!.on("data", (chunk: Buffer) => {
      if (chunk.includes("Islet is ready")) state.isReady = true;
    });
    child.stderr!.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2_000)));
    child.once("exit", (code, name) => {
      if (state.isStopping) return;
      if (!state.isReady && !state.isExpected) state.failedStarts += 1;
      if (state.isReady && !state.isExpected) state.crashes.push(`${mode} ended by itself (${code ?? name}): ${words}`);
      state.isReady = false;
      setTimeout(() => {
        if (!state.isStopping) startOne();
      }, RESTART_PAUSE_MS);
    });
  };
  startOne();
  return {
    mode,
    get pid() {
      return state.child.pid!;
    },
    get isReady() {
      return state.isReady;
    },
    get crashes() {
      return state.crashes;
    },
    get failedStarts() {
      return state.failedStarts;
    },
    kill: async () => {
      const { child } = state;
      if (child.exitCode !== null || child.signalCode !== null) return;
      state.isExpected = true;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    signal: (name) => void state.child.kill(name),
    dieAt: async (killAt, limitMs) => {
      const { child } = state;
      if (child.exitCode !== null || child.signalCode !== null || !child.connected) return false;
      state.isExpected = true;
      const gone = once(child, "exit").then(() => true);
      child.send({ killAt }, () => undefined);
      if (await Promise.race([gone, pause(limitMs).then(() => false)])) return true;
      if (child.connected) child.send({}, () => undefined);
      state.isExpected = child.exitCode !== null || child.signalCode !== null;
      return state.isExpected;
    },
    ready: async () => {
      const deadline = Date.now() + READY_LIMIT_MS;
      while (!state.isReady) {
        if (Date.now() > deadline) throw new Error(`The ${mode} process did not become ready in ${READY_LIMIT_MS / 1_000} s.`);
        await pause(20);
      }
    },
    stop: async () => {
      state.isStopping = true;
      const { child } = state;
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const limit = setTimeout(() => child.kill("SIGKILL"), 30_000);
      const [code] = (await gone) as [number | null];
      clearTimeout(limit);
      return code;
    },
  };
}
