/** A load in a process of its own, so that it does not take the turns of what it measures. */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a script that prints one JSON object. Adds how many seconds it took to begin, which it prints as `begunAtMs`. Throws when it ends with an error. */
export async function runLoad<Result extends object>(script: string, options: readonly (string | number)[]): Promise<Result & { readonly startedAfter: number }> {
  const spawnedMs = Date.now();
  const child = spawn(process.execPath, [script, ...options.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`The load ended with ${code}.`);
  const result = JSON.parse(text) as Result & { readonly begunAtMs: number };
  return { ...result, startedAfter: (result.begunAtMs - spawnedMs) / 1000 };
}
