/** Who does not trace pays nothing for it: no SDK of OpenTelemetry is loaded until an endpoint is set. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseHeaders } from "./otlp.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOOK = `import { registerHooks } from "node:module"; const seen = new Set();
registerHooks({ resolve: (name, context, next) => { const found = next(name, context); const of = /node_modules\\/(@?[^/]+(?:\\/[^/]+)?)/.exec(found.url)?.[1]; if (of) seen.add(of); return found; } });
process.on("exit", () => process.stdout.write(JSON.stringify([...seen])));`;

/** Packages that Node loads for a program. */
async function packagesOf(args: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [`--import=data:text/javascript,${encodeURIComponent(HOOK)}`, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"], env: { PATH: process.env["PATH"] ?? "" } });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return JSON.parse(text) as string[];
}

describe("tracing", () => {
  it("loads no SDK of OpenTelemetry where it is not asked for", { timeout: 60_000 }, async () => {
    // All that a start loads, up to the refusal of a mode that there is not.
    const [whole, asked] = await Promise.all([packagesOf(["src/main.ts", "everything"]), packagesOf(["src/telemetry/otlp.ts"])]);
    expect(whole.some((name) => name.startsWith("fastify"))).toBe(true);
    expect(whole.some((name) => name.startsWith("prom-client"))).toBe(true);
    // Its interfaces alone come with prom-client.
    expect(whole.filter((name) => name.startsWith("@opentelemetry"))).toEqual(["@opentelemetry/api"]);
    expect(asked.filter((name) => name.startsWith("@opentelemetry")).length).toBeGreaterThan(3);
  });
});

describe("headers for the collector", () => {
  it("are read as the setting writes them", () => {
    expect(parseHeaders("authorization=Basic a=b, x-key=1")).toEqual({ authorization: "Basic a=b", "x-key": "1" });
    expect(parseHeaders("")).toEqual({});
  });
});
