/** Which cases of the fault and security catalogue have a test, by the ids in tests' titles; `docs/security.md` is written from this. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Group {
  readonly id: string;
  readonly about: string;
  readonly cases: number;
}

/** The catalogue's groups with how many cases each has. */
const GROUPS: readonly Group[] = [
  { id: "OA", about: "Connecting accounts: consent, callbacks, tokens, the vault", cases: 28 },
  { id: "WH", about: "Webhooks that come in", cases: 29 },
  { id: "ST", about: "The database and what is stored", cases: 16 },
  { id: "QU", about: "Jobs and workers", cases: 12 },
  { id: "VA", about: "What vendors answer", cases: 17 },
  { id: "AU", about: "Sign-in, sessions, permission", cases: 25 },
  { id: "NS", about: "The door for Nightscout's apps", cases: 9 },
  { id: "DA", about: "Data and uploads", cases: 17 },
  { id: "AL", about: "Alerts", cases: 11 },
  { id: "PR", about: "Privacy", cases: 12 },
];

/** Test files by case, each once, in order. Comments do not count: an id stands for a test only in a title. */
export function coveredCases(): Map<string, string[]> {
  const cases = new Map<string, Set<string>>();
  for (const file of ["src", "test", "web"].flatMap((folder) => readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`)).toSorted()) {
    if (!/\.test\.tsx?$/.test(file) && !file.startsWith("test/drivers/contract")) continue;
    for (const line of readFileSync(ROOT + file, "utf8").split("\n")) {
      if (/^\s*(\/\/|\/?\*)/.test(line)) continue;
      for (const [, inside = ""] of line.matchAll(/\[([^[\]]*)\]/g)) {
        for (const [id] of inside.matchAll(/\b[A-Z]{2}-\d{2}\b/g)) cases.set(id, (cases.get(id) ?? new Set()).add(file));
      }
    }
  }
  return new Map([...cases].toSorted(([a], [b]) => a.localeCompare(b)).map(([id, files]) => [id, [...files]]));
}

/** Ids in titles that the catalogue does not have. */
export function unknownCases(covered: ReadonlyMap<string, unknown>): string[] {
  return [...covered.keys()].filter((id) => !GROUPS.some((group) => allOf(group).includes(id)));
}

function allOf({ id, cases }: Group): string[] {
  return Array.from({ length: cases }, (_, index) => `${id}-${String(index + 1).padStart(2, "0")}`);
}

/** The text of `docs/security.md`. */
export function securityDocument(): string {
  const covered = coveredCases();
  const rows = GROUPS.map((group) => {
    const open = allOf(group).filter((id) => !covered.has(id));
    return `| ${group.id} | ${group.about} | ${group.cases - open.length} / ${group.cases} | ${open.join(", ") || "none"} |`;
  });
  const known = GROUPS.flatMap(allOf).filter((id) => covered.has(id));
  return [
    "# Faults and attacks, and the tests that hold against them", "",
    "Written by `node scripts/security-cases.ts` from the titles of the tests; a test holds it fresh. A case counts as covered when a test bears its id in its title:",
    "`npm test -- -t WH-08` runs the tests of one case. What is promised in numbers, and how it is proved under kills, is in [reliability.md](reliability.md).", "",
    "| group | about | covered / all | open |", "|---|---|---|---|", ...rows, "",
    "## Tests by case", "", "| case | files |", "|---|---|",
    ...known.map((id) => `| ${id} | ${covered.get(id)!.map((file) => `\`${file}\``).join(", ")} |`), "",
  ].join("\n");
}
