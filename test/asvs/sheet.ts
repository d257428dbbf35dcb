/** docs/asvs.csv as data, the titles of the tests that it names, and docs/asvs.md, which is made of both. */
import { parse } from "csv-parse/sync";
import { LEVEL_1, LEVEL_2 } from "./ids.ts";
import { list, read } from "./files.ts";

export const VERDICTS = ["met", "not_met", "not_applicable"] as const;

export interface Row {
  readonly id: string;
  readonly level: string;
  readonly verdict: string;
  /** Test files, from the root. */
  readonly tests: readonly string[];
  /** A piece of the title of a test in one of them; empty where a title bears the id itself. */
  readonly shownBy: string;
  readonly note: string;
}

const CHAPTERS: readonly string[] = [
  "Encoding and sanitization", "Validation and business logic", "Web frontend", "API and web service", "File handling", "Authentication", "Session management", "Authorization",
  "Self-contained tokens", "OAuth and OIDC", "Cryptography", "Secure communication", "Configuration", "Data protection", "Secure coding and architecture", "Logging and error handling",
];

export function readSheet(): Row[] {
  return parse<Record<"id" | "level" | "verdict" | "tests" | "shown_by" | "note", string>>(read("docs/asvs.csv"), { columns: true }).map(
    ({ id, level, verdict, tests, shown_by: shownBy, note }) => ({ id, level, verdict, tests: tests.split(";").filter(Boolean), shownBy, note }));
}

/** Titles of the tests in a file: what stands first in a call of `it` or of what `it.each` gives. */
export function titlesIn(file: string): string[] {
  return [...read(file).matchAll(/(?:\bit(?:\.\w+)?\(|\)\()\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/g)].map(([, , title]) => title!.replaceAll(String.raw`\"`, '"'));
}

/** Test files by the ids that their titles bear, as `[ASVS 6.2.4]`. */
export function idsInTitles(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of ["src/**/*.test.ts", "test/**/*.test.ts", "web/**/*.test.{ts,tsx}"].flatMap((pattern) => list(pattern))) {
    const ids = titlesIn(file).flatMap((title) => [...title.matchAll(/\[ASVS ([\d., ]+)\]/g)].flatMap(([, text]) => text!.split(", ")));
    for (const id of new Set(ids)) found.set(id, [...(found.get(id) ?? []), file]);
  }
  return found;
}

/** Every id with its level, in the order of the standard. */
export function allIds(): Map<string, string> {
  const both = [...LEVEL_1.map((id) => [id, "1"] as const), ...LEVEL_2.map((id) => [id, "2"] as const)];
  return new Map(both.toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })));
}

/** How many of the rows have each verdict, and the share of what is met among what applies. */
export function count(rows: readonly Row[]): { met: number; not_met: number; not_applicable: number; share: number } {
  const of = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  const met = of("met");
  return { met, not_met: of("not_met"), not_applicable: of("not_applicable"), share: met / Math.max(1, met + of("not_met")) };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The text of docs/asvs.md. */
export function sheetDocument(): string {
  const rows = readSheet();
  const line = (name: string, of: readonly Row[]): string => {
    const { met, not_met: notMet, not_applicable: not, share } = count(of);
    return `| ${name} | ${of.length} | ${met} | ${not} | ${notMet} | ${met + notMet === 0 ? "–" : percent(share)} |`;
  };
  const chapter = (number: number): Row[] => rows.filter(({ id }) => id.startsWith(`${number}.`));
  return [
    "# OWASP ASVS 5.0, level 2: the sheet", "",
    "Every requirement of level 1 and 2 of V1 to V16 is decided in [asvs.csv](asvs.csv): `met`, with the tests that show it; `not_met`, with what it would take; `not_applicable`, with",
    "why. V17 (WebRTC) and level 3 are left out. Written by `node scripts/asvs.ts`; `test/asvs.test.ts` holds it fresh, holds that every test named exists, and that titles",
    "bearing an id (`[ASVS 6.2.4]`) and the sheet agree. The standard: OWASP Application Security Verification Standard 5.0.0; the words here are ours.", "",
    "| chapter | requirements | met | not applicable | not met | met of what applies |", "|---|---|---|---|---|---|",
    ...CHAPTERS.map((name, index) => line(`V${index + 1} ${name}`, chapter(index + 1))), line("**all**", rows),
    line("of these level 1", rows.filter(({ level }) => level === "1")), "",
    "It is our own judgement, of the code and its documents. What an operator has to do is named where it counts: TLS in front, keeping secrets, shipping logs, encrypting disks and backups.", "",
    "## Not met", "", "| id | level | what is missing, and what it takes |", "|---|---|---|",
    ...rows.filter(({ verdict }) => verdict === "not_met").map(({ id, level, note }) => `| ${id} | ${level} | ${note} |`), "",
    "## Met only with the operator's help", "", "| id | what |", "|---|---|",
    "| 5.4.3 | a ClamAV daemon, `ISLET_CLAMAV` |", "| 12.1.1, 12.1.2, 12.2.1 | a proxy that ends TLS, as [cryptography.md](cryptography.md) says |",
    "| 15.3.4 | `ISLET_TRUSTED_PROXIES` behind a proxy |", "| 16.2.2 | a clock that is kept by NTP |", "",
  ].join("\n");
}
