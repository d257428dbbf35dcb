/**
 * The software bill of materials: CycloneDX from the lock file, `npm run sbom > sbom.cdx.json`. The same lock file gives the same bytes: no time, no random serial
 * number. ASVS 15.1.2.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

export interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** Throws when npm cannot read the lock file. */
export async function makeSbom(): Promise<Sbom> {
  const { stdout } = await promisify(execFile)("npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], {
    cwd: ROOT, maxBuffer: 64 * 1024 * 1024, shell: process.platform === "win32",
  });
  const { serialNumber: _random, metadata, ...rest } = JSON.parse(stdout) as Sbom & { metadata: Record<string, unknown> };
  const { timestamp: _now, component, ...about } = metadata as unknown as { timestamp: string; component: Sbom["metadata"]["component"] };
  // npm names the component after the folder that it lies in.
  const named = { ...rest, metadata: { ...about, component: { ...component, name: "islet" } } };
  const digest = createHash("sha256").update(JSON.stringify(named)).digest("hex");
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return { ...named, serialNumber: `urn:uuid:${uuid}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${JSON.stringify(await makeSbom(), null, 2)}\n`);
