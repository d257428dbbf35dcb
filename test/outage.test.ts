/** Two real processes, the API's and a worker's, whose database stops, hangs and comes back: what an operator sees of it from outside. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, startEmbedded, type EmbeddedPostgres } from "#db/embedded.ts";
import { silentLog } from "../src/log.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const LIMIT_MS = 120_000;
/** Of /ready, by its promise. */
const ANSWER_MS = 2_000;
/** Until it is back after the database is; the pools find out by themselves. */
const BACK_MS = 10_000;

/** Stands before the database under one address, wherever that moves; may hold back what passes. */
interface Gate {
  readonly port: number;
  target: number;
  hang(isHanging: boolean): void;
  close(): Promise<void>;
}

async function openGate(target: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isHanging = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    if (isHanging) socket.pause();
    return socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const gate = { port: 0, target };
  const server = createServer((inner) => {
    keep(inner);
    const outer = keep(connect(gate.target, "127.0.0.1"));
    inner.on("data", (chunk) => outer.write(chunk)).on("close", () => outer.destroy());
    outer.on("data", (chunk) => inner.write(chunk)).on("close", () => inner.destroy());
    if (isHanging) for (const socket of [inner, outer]) socket.pause();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  gate.port = (server.address() as AddressInfo).port;
  return Object.assign(gate, {
    hang: (next: boolean) => {
      isHanging = next;
      for (const socket of sockets) if (next) socket.pause(); else socket.resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}

let root: string;
let postgres: EmbeddedPostgres;
let gate: Gate;
let ports: { api: number; worker: number };
const children: Record<string, ChildProcess> = {};
let output = "";

const startPostgres = () => startEmbedded({ folder: join(root, "postgres"), ownerPassword: "owner", appPassword: "app", log: silentLog });
const at = (port: number, path: string, headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });

function run(mode: "api" | "worker"): void {
  const through = (url: string): string => Object.assign(new URL(url), { port: String(gate.port) }).href;
  const child = spawn(process.execPath, [MAIN, mode], {
    cwd: root, stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "", PORT: String(ports.api), ISLET_WORKER_PORT: String(ports.worker), ISLET_DATA_DIR: join(root, mode), ISLET_DEMO: "off",
      DATABASE_URL: through(postgres.appUrl), DATABASE_OWNER_URL: through(postgres.ownerUrl), ISLET_VAULT_KEYS: `k1:${"ab".repeat(32)}`, ISLET_SESSION_SECRET: "s".repeat(40),
    },
  });
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  children[mode] = child;
}

/** Asks /ready until it says so; gives how long that took, and the slowest answer. */
async function until(port: number, status: number, limitMs: number): Promise<{ afterMs: number; slowestMs: number; body: string }> {
  const startedMs = performance.now();
  let slowestMs = 0;
  for (;;) {
    const askedMs = performance.now();
    const answer = await at(port, "/ready").catch(() => null);
    slowestMs = Math.max(slowestMs, performance.now() - askedMs);
    const afterMs = performance.now() - startedMs;
    if (answer?.status === status) return { afterMs, slowestMs, body: await answer.text() };
    if (afterMs > limitMs) throw new Error(`/ready did not become ${status} in ${limitMs} ms:\n${await answer?.text()}\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "islet-outage-"));
  postgres = await startPostgres();
  gate = await openGate(Number(new URL(postgres.appUrl).port));
  ports = { api: await freePort(), worker: await freePort() };
  run("api");
  await until(ports.api, 200, 60_000);
  run("worker");
  await until(ports.worker, 200, 60_000);
}, LIMIT_MS);
afterAll(async () => {
  for (const child of Object.values(children)) {
    if (child.exitCode !== null) continue;
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  await gate.close();
  await postgres.stop();
  await rm(root, { recursive: true, force: true });
}, LIMIT_MS);

const each = async <T>(work: (port: number) => Promise<T>): Promise<T[]> => Promise.all([work(ports.api), work(ports.worker)]);

describe("a worker's own port", () => {
  it("answers /health, /ready and /metrics, and nothing else", async () => {
    expect(await (await at(ports.worker, "/health")).json()).toEqual({ status: "ok" });
    expect(await (await at(ports.worker, "/ready")).json()).toMatchObject({ status: "ready", checks: [{ name: "phase" }, { name: "database" }, { name: "migrations" }, { name: "inbox" }, { name: "queue", state: "ok" }] });
    for (const path of ["/api/v1/me", "/docs", "/", "/webhooks/garmin", "/openapi.json"]) {
      const answer = await at(ports.worker, path);
      expect([answer.status, answer.headers.get("content-type")?.split(";")[0]], path).toEqual([404, "application/problem+json"]);
    }
    expect((await at(ports.worker, "/metrics", { "x-forwarded-for": "203.0.113.7" })).status).toBe(403);
  });

  it("tells of its own process: each exposes itself", async () => {
    // A worker is ready before its first housekeeping has ended.
    await expect.poll(async () => (await at(ports.worker, "/metrics")).text(), { timeout: 30_000 }).toMatch(/^islet_job_duration_seconds_count\{queue="housekeeping",outcome="done"\} 1$/m);
    const [api, worker] = await each(async (port) => (await at(port, "/metrics")).text());
    expect(api).toMatch(/^islet_build_info\{version="[^"]+",node="[^"]+",role="api"\} 1$/m);
    expect(worker).toMatch(/^islet_build_info\{version="[^"]+",node="[^"]+",role="worker"\} 1$/m);
    for (const text of [api, worker]) expect(text).toMatch(/^islet_queue_up 1$/m);
    expect(worker).toMatch(/^islet_jobs\{queue="sweep",state="waiting"\} \d+$/m);
    for (const name of ["nodejs_eventloop_lag_p99_seconds", "nodejs_heap_size_used_bytes", "process_resident_memory_bytes"]) expect(worker, name).toMatch(new RegExp(`^${name}\\b.* [\\d.e-]+$`, "m"));
  });
});

describe("a database that goes away", () => {
  it("[ST-04] stopped: 503 within two seconds and alive all the while; back: 200 without a restart", { timeout: LIMIT_MS }, async () => {
    await postgres.stop();
    for (const { afterMs, body } of await each((port) => until(port, 503, ANSWER_MS))) {
      expect(afterMs).toBeLessThan(ANSWER_MS);
      expect(body).not.toMatch(/postgres:|password|ab{8}/);
      expect(JSON.parse(body)).toMatchObject({ code: "unavailable", checks: expect.arrayContaining([expect.objectContaining({ name: "database", state: "failed" })]) as unknown });
    }
    expect(await each(async (port) => (await at(port, "/health")).status)).toEqual([200, 200]);
    // It may take a scrape some seconds to look again.
    expect(await each(async (port) => (await at(port, "/metrics")).status)).toEqual([200, 200]);
    postgres = await startPostgres();
    gate.target = Number(new URL(postgres.appUrl).port);
    await each((port) => until(port, 200, BACK_MS));
    expect(Object.values(children).map(({ exitCode }) => exitCode)).toEqual([null, null]);
  });

  it("hanging: each 503 within two seconds; going on: 200 without a restart", { timeout: LIMIT_MS }, async () => {
    gate.hang(true);
    for (const { slowestMs } of await each((port) => until(port, 503, 2 * ANSWER_MS))) expect(slowestMs).toBeLessThan(ANSWER_MS);
    for (let again = 0; again < 3; again += 1) for (const { slowestMs } of await each((port) => until(port, 503, ANSWER_MS))) expect(slowestMs).toBeLessThan(ANSWER_MS);
    expect(await each(async (port) => (await at(port, "/health")).status)).toEqual([200, 200]);
    gate.hang(false);
    await each((port) => until(port, 200, BACK_MS));
    expect(Object.values(children).map(({ exitCode }) => exitCode)).toEqual([null, null]);
  });
});

describe("an Islet that is told to stop", () => {
  it("ends by itself, its small server too", { timeout: LIMIT_MS }, async () => {
    for (const child of Object.values(children)) child.kill("SIGTERM");
    for (const child of Object.values(children)) if (child.exitCode === null) await once(child, "exit");
    expect(Object.values(children).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    for (const port of Object.values(ports)) await expect(at(port, "/health")).rejects.toThrow();
  });

  it("[PR-09] has told no key and no password, in spite of all that", () => {
    expect(output).toContain("database connection lost");
    expect(output).not.toMatch(/(?:ab){16}|s{40}|:(?:app|owner)@/);
  });
});
