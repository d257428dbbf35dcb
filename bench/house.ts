/** Islet as an operator starts it, in processes of its own on a fresh durable PostgreSQL, with people who are connected to Garmin. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { addPeople } from "./people.ts";
import { layGround, type Ground } from "./ground.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const READY_WITHIN_MS = 60_000;

export interface House {
  readonly ground: Ground;
  readonly origin: string;
  /** Memory of the process that answers, in bytes. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

/** `all` in one process, or `api` and `worker` apart. */
export async function openHouse(processes: readonly ("all" | "api" | "worker")[], people: number): Promise<House> {
  const ground = await layGround();
  await addPeople(ground, people);
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of children) if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    await ground.close();
  };
  try {
    for (const mode of processes) {
      children.push(spawn(process.execPath, [MAIN, mode], {
        stdio: ["ignore", "ignore", "inherit"],
        env: {
          PATH: process.env["PATH"] ?? "", HOME: ground.folder, PORT: String(ground.port), HOST: "127.0.0.1", DATABASE_URL: ground.appUrl, DATABASE_OWNER_URL: ground.ownerUrl,
          ISLET_DATA_DIR: `${ground.folder}/${mode}`, ISLET_DEMO: "off", LOG_LEVEL: "error", ISLET_VAULT_KEYS: `k1:${"ab".repeat(32)}`,
          ISLET_SESSION_SECRET: "a secret of at least thirty-two characters", GARMIN_CLIENT_ID: "bench", GARMIN_CLIENT_SECRET: "bench-secret",
        },
      }));
    }
    const origin = `http://127.0.0.1:${ground.port}`;
    await ready(origin);
    return { ground, origin, close, memory: () => residentBytes(children[0]!.pid!) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function ready(origin: string): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    const status = await fetch(`${origin}/ready`).then((answer) => answer.status, () => 0);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Islet was not ready in time.");
}

async function residentBytes(pid: number): Promise<number> {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
