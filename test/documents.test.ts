/** The documents say what is true: named tests exist, lists are complete, generated files are fresh. */
import { globSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { environmentExample } from "../src/config.ts";
import { driverDocument } from "#driver/table.ts";
import { DRIVERS } from "#drivers/index.ts";
import { coveredCases, securityDocument, unknownCases } from "./kit/cases.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REQUIREMENTS = join(ROOT, "../shared/requirements.md");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** What the five earlier systems do; the checklist that coverage.md answers. */
const IDS = [
  ...Array.from({ length: 10 }, (_, index) => `E${index + 1}`), ...Array.from({ length: 12 }, (_, index) => `R${index + 1}`),
  "P1", "P2", ...Array.from({ length: 7 }, (_, index) => `D${index + 1}`), ...Array.from({ length: 8 }, (_, index) => `W${index + 1}`),
];

interface CoverageRow {
  readonly id: string;
  readonly state: string;
  readonly shownBy: readonly { readonly file: string; readonly title: string }[];
}

function coverage(): CoverageRow[] {
  return read("docs/coverage.md").split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    if (!/^[A-Z]\d+$/.test(cells[1] ?? "")) return [];
    const shownBy = [...(cells[4] ?? "").matchAll(/`([^`›]+) › ([^`]+)`/g)].map((match) => ({ file: match[1]!.trim(), title: match[2]!.trim() }));
    return [{ id: cells[1]!, state: cells[3] ?? "", shownBy }];
  });
}

describe("docs/coverage.md", () => {
  it("answers every requirement once", () => {
    expect(coverage().map((row) => row.id)).toEqual(IDS);
  });

  it.skipIf(!existsSync(REQUIREMENTS) && process.env["CI"] === undefined)("knows every id of the requirements", () => {
    const wanted = [...readFileSync(REQUIREMENTS, "utf8").matchAll(/^- ([A-Z]\d+) /gm)].map((match) => match[1]!);
    expect(wanted.length).toBeGreaterThan(30);
    expect(wanted.toSorted()).toEqual(IDS.toSorted());
  });

  it("names only tests that exist, and for each requirement a test or the part that will bring it", () => {
    const missing: string[] = [];
    for (const { id, state, shownBy } of coverage()) {
      expect(state, id).toMatch(/^(shown|partly; rest [B-G]+|[B-G](, [B-G])*)$/);
      if (state.startsWith("shown") || state.startsWith("partly")) expect(shownBy.length, id).toBeGreaterThan(0);
      for (const { file, title } of shownBy) {
        const isThere = existsSync(join(ROOT, file)) && read(file).includes(title);
        if (!isThere) missing.push(`${id}: ${file} › ${title}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

describe("the other documents", () => {
  it("say of every dependency why it is there", () => {
    const text = read("docs/dependencies.md");
    const manifest = JSON.parse(read("package.json")) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };
    const unexplained = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => !text.includes(`\`${name}\``));
    expect(unexplained).toEqual([]);
  });

  it("pin every dependency to one version", () => {
    const manifest = JSON.parse(read("package.json")) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it("show every setting in .env.example, fresh from the table", () => {
    expect(read(".env.example")).toBe(environmentExample(DRIVERS));
  });

  it("show every vendor in docs/drivers/README.md, fresh from the drivers, and give each its page", () => {
    expect(read("docs/drivers/README.md")).toBe(driverDocument(DRIVERS));
    expect(DRIVERS.filter(({ id }) => !existsSync(join(ROOT, `docs/drivers/${id}.md`))).map(({ id }) => id)).toEqual([]);
  });

  it("count in docs/security.md which cases of the catalogue have a test, and no case that there is not", () => {
    expect(unknownCases(coveredCases())).toEqual([]);
    expect(read("docs/security.md")).toBe(securityDocument());
  });

  it("map every old endpoint, and call only what exists `now`", async () => {
    const rows = read("docs/api-map.md").split("\n").filter((line) => line.startsWith("| `"));
    expect(rows.length).toBeGreaterThan(55);
    const server = readFileSync(join(ROOT, "docs/api-map.md"), "utf8");
    expect(server).not.toContain("TODO");
    const routes = routePaths();
    const absent: string[] = [];
    for (const row of rows) {
      const [, , ours = "", when = ""] = row.split("|").map((cell) => cell.trim());
      if (!when.startsWith("now")) continue;
      for (const match of ours.matchAll(/`(GET|POST|DELETE|PATCH) ([^`? ]+)/g)) {
        const path = match[2]!.replace("/patients/me", "/patients/{p}").replace(/\{[^}]+\}/g, "{}").replace("/oauth/dexcom/", "/oauth/{}/").replace(/\/(garmin|strava)$/, "/{}");
        if (!routes.has(`${match[1]} ${path}`)) absent.push(`${match[1]} ${match[2]}`);
      }
    }
    expect(absent).toEqual([]);
  });

  it("speak of this machine and its tools nowhere", () => {
    for (const file of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/api-map.md", "docs/coverage.md", "docs/dependencies.md", "docs/glucose.md"]) {
      expect(read(file), file).not.toMatch(/\/work\/|\/root\/|\bhelper agent|\bsub-?agent/i);
    }
  });
});

/** Routes as the code declares them, parameters written `{}`, without the API's prefix. */
function routePaths(): Set<string> {
  const paths = new Set<string>(["GET /docs", "GET /openapi.json"]);
  for (const file of globSync("src/api/*.ts", { cwd: ROOT })) {
    for (const match of read(file).matchAll(/server\.(get|post|delete|patch)\("([^"]+)"/g)) {
      paths.add(`${match[1]!.toUpperCase()} ${match[2]!.replace(/:[a-zA-Z]+/g, "{}")}`);
    }
  }
  return paths;
}
