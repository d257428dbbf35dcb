/** The real process: `node src/main.ts all` on a free port and a folder of its own, as `npm start` runs it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "#db/embedded.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_LIMIT_MS = 60_000;

export interface RunningIslet {
  readonly origin: string;
  readonly folder: string;
  readonly demoPassword: string;
  readonly child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  /** Stops it as an operator does and resolves with its exit code. The folder stays unless `remove`. */
  stop(options?: { remove: boolean }): Promise<number | null>;
}

/** Starts and waits until it is ready. `folder` continues an earlier one. */
export async function startIslet(options: { folder?: string; environment?: Record<string, string> } = {}): Promise<RunningIslet> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "islet-e2e-")));
  const port = await freePort();
  const child = spawn(process.execPath, [join(ROOT, "src/main.ts"), "all"], {
    cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PORT: String(port), ISLET_DATA_DIR: folder, NODE_ENV: "development", ISLET_DEMO_PATIENTS: "0", ...options.environment },
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, "exit");
  const deadline = Date.now() + START_LIMIT_MS;
  while (!text.includes("Islet is ready")) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Islet did not start:\n${text}`);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  return {
    origin: `http://localhost:${port}`,
    folder,
    child,
    demoPassword: /patient@demo\.islet\s+password (\S+)/.exec(text)?.[1] ?? "",
    output: () => text,
    stop: async ({ remove } = { remove: true }) => {
      if (child.exitCode === null) child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      if (remove) await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** Runs `bin/islet` and gives what it printed. */
export async function runIslet(args: readonly string[], environment: Record<string, string> = {}): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(join(ROOT, "bin/islet"), args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}
