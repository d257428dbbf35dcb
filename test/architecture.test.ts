/** Who may import whom. The table is the authority (ARCHITECTURE.md draws it); a new room needs a line here. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Files that lie directly in src/ and may be imported by server rooms: the ground all stand on. */
const GROUND = ["errors", "log", "look", "clock", "secret", "trail", "networks", "version"];

/** Room → rooms it may import. `*` is everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  units: [],
  glucose: ["units"],
  http: GROUND,
  oauth: ["http", ...GROUND],
  driver: ["units", "http", "oauth", "errors", "secret"],
  drivers: ["driver", "oauth", "http", "units", "errors", "secret"],
  db: ["units", "errors", "log"],
  vault: ["errors", "secret"],
  inbox: ["db", "driver", "units", "errors"],
  samples: ["db", "driver", "units"],
  ingest: ["samples", "db", "driver", "units", "inbox"],
  imports: ["driver", "units", "errors"],
  charts: ["glucose", "units"],
  exports: ["charts", "glucose", "imports", "units", "errors"],
  uploads: ["errors"],
  jobs: ["log", "errors", "clock", "secret"],
  mail: ["vault", "db", "units", ...GROUND],
  people: ["mail", "ingest", "http", "oauth", "db", "vault", "units", ...GROUND],
  summaries: ["people", "samples", "glucose", "db", "units", ...GROUND],
  live: ["people", "mail", "vault", "http", "jobs", "db", "units", ...GROUND],
  telemetry: ["db", "http", "inbox", "jobs", ...GROUND],
  sync: ["summaries", "telemetry", "driver", "drivers", "oauth", "http", "vault", "inbox", "ingest", "imports", "samples", "db", "people", "mail", "jobs", "units", "config", ...GROUND],
  clinic: ["sync", "driver", "summaries", "samples", "ingest", "uploads", "vault", "live", "glucose", "people", "mail", "db", "jobs", "units", "config", ...GROUND],
  privacy: ["clinic", "exports", "glucose", "summaries", "sync", "vault", "inbox", "ingest", "samples", "imports", "db", "people", "mail", "jobs", "driver", "units", "config", ...GROUND],
  sim: ["units"],
  api: ["charts", "clinic", "exports", "privacy", "summaries", "telemetry", "db", "driver", "glucose", "inbox", "ingest", "live", "people", "samples", "sync", "units", "uploads", "config", ...GROUND],
  cli: ["*"],
};

/** What may lie directly in src/: these build or start things and may import everything, the ground imports nothing of ours. */
const TOP_FILES = ["app", "cli", "config", "data-folder", "demo", "demo-clinic", "demo-history", "environment", "main", "settings", ...GROUND];

/** Rooms that touch no clock, chance, process or node module. */
const PURE_ROOMS = ["units", "glucose", "charts"];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
  readonly specifier: string;
}

const sources = globSync("src/**/*.ts", { cwd: ROOT }).filter((file) => !/\.test\.ts$|test-kit\.ts$|test-vendors\.ts$/.test(file)).map((file) => file.split(sep).join("/"));

function roomOf(file: string): string {
  const [, first = "", second] = file.split("/");
  return second === undefined ? first.replace(/\.ts$/, "") : first;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found: Import[] = [];
  for (const match of text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/gm)) {
    const specifier = match[2] ?? match[3]!;
    const target = specifier.startsWith("#") ? specifier.slice(1) : specifier.startsWith(".") ? relative(join(ROOT, "src"), join(ROOT, dirname(file), specifier)).split(sep).join("/") : null;
    if (target === null) found.push({ file, room: roomOf(file), target: `npm:${specifier}`, isTypeOnly: match[1] !== undefined, specifier });
    else found.push({ file, room: roomOf(file), target, isTypeOnly: match[1] !== undefined, specifier });
  }
  return found;
}

const allImports = sources.flatMap(importsOf);
const ours = allImports.filter(({ target }) => !target.startsWith("npm:"));
const targetRoom = (target: string): string => roomOf(`src/${target}`);

describe("the architecture", () => {
  it("was really read", () => {
    expect(sources.length).toBeGreaterThan(120);
    expect(ours.length).toBeGreaterThan(300);
  });

  it("has no room or top file without a line in the table", () => {
    const known = new Set([...Object.keys(MAY_IMPORT), ...TOP_FILES]);
    expect([...new Set(sources.map(roomOf))].filter((room) => !known.has(room))).toEqual([]);
  });

  it("lets each room import only what the table allows", () => {
    const forbidden = ours.filter(({ room, target }) => {
      const allowed = MAY_IMPORT[room];
      if (!allowed) return GROUND.includes(room) && !GROUND.includes(targetRoom(target)) && target !== "../package.json";
      return targetRoom(target) !== room && !allowed.includes("*") && !allowed.includes(targetRoom(target));
    });
    expect(forbidden.map(({ file, specifier }) => `${file} → ${specifier}`)).toEqual([]);
  });

  it("crosses rooms by name and stays inside them by path", () => {
    const wrong = ours.filter(({ room, target, specifier }) => {
      const isCrossing = targetRoom(target) !== room && !TOP_FILES.includes(targetRoom(target)) && !TOP_FILES.includes(room);
      return isCrossing ? !specifier.startsWith("#") : specifier.startsWith("#") && targetRoom(target) === room;
    });
    expect(wrong.map(({ file, specifier }) => `${file} → ${specifier}`)).toEqual([]);
  });

  it("keeps drivers apart from one another, and the simulated clouds apart from all drivers", () => {
    const drivers = ours.filter(({ file, target }) => {
      const own = /^src\/drivers\/([^/]+)\//.exec(file)?.[1];
      const other = /^drivers\/([^/]+)\//.exec(target)?.[1];
      return own !== undefined && (other !== undefined ? other !== own : target.startsWith("drivers/"));
    });
    expect(drivers.map(({ file, specifier }) => `${file} → ${specifier}`)).toEqual([]);
    const sim = ours.filter(({ room, target }) => room === "sim" && /^drivers?\//.test(target));
    expect(sim).toEqual([]);
  });

  it("keeps pure rooms pure", () => {
    const impure: string[] = [];
    for (const file of sources.filter((each) => PURE_ROOMS.includes(roomOf(each)) || /^src\/drivers\/[^/]+\/map/.test(each))) {
      const text = readFileSync(join(ROOT, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      if (/\bDate\.now\b|new Date\(\)|\bMath\.random\b|\bprocess\.|from "node:|\bfetch\(/.test(text)) impure.push(file);
    }
    expect(impure).toEqual([]);
  });

  it("reads the environment in one place and calls the network in one", () => {
    const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");
    const readers = sources.filter((file) => /process\.env\b/.test(text(file)));
    expect(readers).toEqual(["src/config.ts"]);
    const callers = allImports.filter(({ specifier, isTypeOnly, room }) => specifier === "undici" && !isTypeOnly && room !== "http" && room !== "sim");
    expect(callers.map(({ file }) => file)).toEqual([]);
  });

  it("keeps the server's rooms out of the pages", () => {
    const pages = globSync("web/**/*.{ts,tsx}", { cwd: ROOT, exclude: ["web/dist/**"] }).map((file) => file.split(sep).join("/"));
    expect(pages.length).toBeGreaterThan(15);
    const wrong: string[] = [];
    for (const file of pages) {
      for (const match of readFileSync(join(ROOT, file), "utf8").matchAll(/^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+"(#[^"]+|[^"]*\/src\/[^"]+)"/gm)) {
        const specifier = match[2]!;
        const isTypesOfApi = match[1] !== undefined && specifier.startsWith("#api/") && file.startsWith("web/client/");
        const isPureOfClinic = specifier === "#clinic/appointments/state-machine.ts" || specifier === "#clinic/population/rules.ts";
        if (!/^#(web|charts|glucose|units)\//.test(specifier) && !isTypesOfApi && !isPureOfClinic) wrong.push(`${file} → ${specifier}`);
        // The office borrows from the portal, and nobody from the office: its pages are heavy.
        if (specifier.startsWith("#web/office/") && !file.startsWith("web/office/") && !file.startsWith("test/")) wrong.push(`${file} → ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps files short enough to read", () => {
    const long = sources.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > 450);
    expect(long).toEqual([]);
  });
});
