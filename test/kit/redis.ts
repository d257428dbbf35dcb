/**
 * A real Redis for a test file: `redis-server` of the PATH on a free port in a temporary folder, or the server of REDIS_URL. Where there is
 * neither, tests say so; with CI set that is a failure.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "#db/embedded.ts";
import { Secret } from "../../src/secret.ts";

const given = process.env["REDIS_URL"] ?? "";
const isThere = given !== "" || spawnSync("redis-server", ["--version"]).status === 0;

/** Whether tests on Redis must be left out, and what their title then says. */
export const withoutRedis = !isThere && process.env["CI"] === undefined;
export const redisNote = withoutRedis ? " (skipped: no redis-server on the PATH and no REDIS_URL)" : "";

export interface TestRedis {
  readonly url: Secret;
  /** This file's own, so that files can share a server. */
  readonly prefix: string;
  /** All that Redis holds is gone. */
  readonly flush: () => Promise<void>;
  /** Every connection is cut; with a server of our own it is away while `work` runs. */
  readonly outage: (work: () => Promise<void>) => Promise<void>;
  /** All values under the prefix, to look for what should not be there. */
  readonly dump: () => Promise<string>;
  close(): Promise<void>;
}

export async function startTestRedis(): Promise<TestRedis> {
  const prefix = `test-${randomBytes(6).toString("hex")}`;
  const own = given === "" ? await ownServer() : null;
  const url = own?.url ?? given;
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on("error", () => undefined); // outages are made on purpose
  return {
    url: new Secret(url),
    prefix,
    flush: async () => {
      if (own) await client.flushall();
      // Somebody else's server: only what is ours.
      else for (const key of await client.keys(`${prefix}:*`)) await client.del(key);
    },
    outage: async (work) => {
      if (!own) await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await own?.stop();
      await work();
      await own?.start();
    },
    dump: async () => {
      const texts: string[] = [];
      for (const key of await client.keys(`${prefix}:*`)) if ((await client.type(key)) === "hash") texts.push(JSON.stringify(await client.hgetall(key)));
      return texts.join("\n");
    },
    close: async () => {
      if (!own) for (const key of await client.keys(`${prefix}:*`)) await client.del(key);
      client.disconnect();
      await own?.stop();
      await own?.remove();
    },
  };
}

async function ownServer(): Promise<{ url: string; start(): Promise<void>; stop(): Promise<void>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "islet-redis-"));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const end = (): void => void child?.kill("SIGKILL");
  const start = async (): Promise<void> => {
    const started = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder, "--daemonize", "no"], { stdio: ["ignore", "pipe", "ignore"] });
    child = started;
    process.once("exit", end);
    let text = "";
    const { promise: ready, resolve, reject } = Promise.withResolvers<undefined>();
    started.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("Ready to accept connections")) resolve(undefined);
    });
    started.once("error", reject);
    started.once("exit", () => reject(new Error(`redis-server did not start: ${text.slice(-500)}`)));
    await ready;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    start,
    stop: async () => {
      process.removeListener("exit", end);
      if (!child || child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      child = null;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
