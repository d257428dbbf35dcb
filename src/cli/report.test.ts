import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { readPdf } from "#exports/pdf-test-kit.ts";
import { runReport } from "./report.ts";
import type { ReportCommandOptions } from "./report-options.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOW = Date.parse("2026-04-01T09:30:00Z");
const FIXTURES = globSync("test/fixtures/golden/**/syn_{mmol,dst_fall,sentinel,n1,gaps,15min,extreme}_a.csv", { cwd: ROOT });

/** Readings every five minutes of some days from 2 March 2026 on. */
function file(days: number, { header = "id,time,gl", id = "a", from = "2026-03-02" } = {}): string {
  const rows: string[] = [];
  for (let step = 0; step < days * 288; step++) {
    const at = new Date(Date.parse(`${from}T00:00:00Z`) + step * 300_000).toISOString().slice(0, 19).replace("T", " ");
    rows.push(`${id},${at},${100 + (step % 100)}`);
  }
  return [header, ...rows].join("\n");
}

interface Outcome {
  readonly code: number;
  readonly error: string;
  readonly written: ReadonlyMap<string, Uint8Array | string>;
}

async function run(content: string | Uint8Array, options: Partial<ReportCommandOptions> = { out: "report.pdf" }): Promise<Outcome> {
  const written = new Map<string, Uint8Array | string>();
  let error = "";
  const readFile = (path: string): Uint8Array => {
    if (path === "none.csv") throw Object.assign(new Error("none"), { code: "ENOENT" });
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  const code = await runReport({ file: "folder/readings.csv", ...options }, {
    readFile, readStream: async function* (path) { yield readFile(path); },
    writeFile: (path, bytes) => {
      if (path.startsWith("closed/")) throw Object.assign(new Error("closed"), { code: "EACCES" });
      written.set(path, bytes);
    },
    nowMs: () => NOW, stdout: () => undefined, stderr: (text) => (error += text),
  });
  return { code, error, written };
}

const pagesOf = ({ written }: Outcome) => readPdf(written.get("report.pdf") as Uint8Array).pages;

describe("islet report FILE [D5] [E9]", () => {
  it("writes one page of the last fourteen days unless asked otherwise", async () => {
    const outcome = await run(file(20));
    expect([outcome.code, outcome.error, [...outcome.written.keys()]]).toEqual([0, "", ["report.pdf"]]);
    expect(pagesOf(outcome).length).toBe(1);
    expect(pagesOf(outcome)[0]!.texts).toEqual(expect.arrayContaining(["8 Mar 2026 – 21 Mar 2026 · 14 days", "Made 1 Apr 2026 09:30 · Islet 0.1.0 · Times in UTC", "No name given"]));
  });

  it("takes zone, unit, language, paper, pages, goals, name and days", async () => {
    const outcome = await run(file(20), {
      out: "report.pdf", tz: "America/Argentina/Buenos_Aires", unit: "mmol", lang: "es", paper: "letter", pages: "summary, sources", preset: "older", name: "Ana\nPérez", days: "7",
    });
    const [summary, sources] = pagesOf(outcome);
    expect(pagesOf(outcome).length).toBe(2);
    expect([summary!.width, summary!.height]).toEqual([612, 792]);
    for (const words of ["Informe de MCG con perfil ambulatorio", "Ana Pérez", "15 mar 2026 – 21 mar 2026 · 7 días", "3,9–10,0 mmol/L  ·  objetivo >50 %"]) expect(summary!.texts).toContain(words);
    expect(sources!.texts).toEqual(expect.arrayContaining(["readings.csv", "Tabla de lecturas de glucosa", "mg/dL, por el tamaño de sus valores"]));
  });

  it("writes every table as CSV, with or without the PDF", async () => {
    const { code, written } = await run(file(14), { csv: "tables" });
    expect(code).toBe(0);
    expect([...written.keys()].map((path) => path.replaceAll("\\", "/")).toSorted()).toEqual(["daily", "episode-kinds", "episodes", "hourly", "metrics", "profile", "ranges", "statistics"].map((name) => `tables/${name}.csv`));
    const daily = parse(written.get(join("tables", "daily.csv")) as string, { columns: true }) as Record<string, string>[];
    expect(daily.length).toBe(14);
    expect(daily[0]).toMatchObject({ date: "2026-03-02", hours: "24", "active (%)": "100", readings: "288" });
    expect((await run(file(14), { csv: "tables", out: "report.pdf" })).written.size).toBe(9);
  });

  it("chooses a person where a file holds several", async () => {
    const both = `${file(2)}\n${file(3, { id: "b" }).split("\n").slice(1).join("\n")}`;
    expect((await run(both)).error).toBe("islet report: The file holds readings of 2 people; choose one with --id.\n");
    expect(pagesOf(await run(both, { out: "report.pdf", id: "b" }))[0]!.texts).toContain("2 Mar 2026 – 4 Mar 2026 · 3 days");
    expect((await run(both, { out: "report.pdf", id: "c" })).error).toContain("no readings under the id");
  });

  it.each([
    [{}, "Say where to write: --out FILE.pdf for the report, --csv FOLDER for its tables."],
    [{ out: "r.pdf", tz: "Mars/Base" }, '"Mars/Base" is no known time zone; use an IANA name such as Europe/Madrid.'],
    [{ out: "r.pdf", pages: "summary,agp" }, 'There is no page "agp"; --pages takes summary, weeks, calendar, episodes, statistics, sources, or all.'],
    [{ out: "r.pdf", pages: "" }, 'There is no page ""; --pages takes summary, weeks, calendar, episodes, statistics, sources, or all.'],
    [{ out: "r.pdf", unit: "mg" }, "--unit must be one of mgdl, mmol."],
    [{ out: "r.pdf", lang: "fr" }, "--lang must be one of en, es."],
    [{ out: "r.pdf", paper: "a5" }, "--paper must be one of a4, letter."],
    [{ out: "r.pdf", preset: "children" }, "--preset must be one of standard, older, pregnancy."],
    [{ out: "r.pdf", days: "0" }, "--days must be a whole number from 1 to 366."],
    [{ out: "r.pdf", days: "367" }, "--days must be a whole number from 1 to 366."],
    [{ out: "r.pdf", days: "1.5" }, "--days must be a whole number from 1 to 366."],
    [{ out: "r.pdf", duplicates: "best" }, "--duplicates must be one of mean, first, last."],
    [{ out: "r.pdf", file: "none.csv" }, "There is no file none.csv."],
    [{ out: "closed/r.pdf" }, "closed/r.pdf may not be written."],
  ] as const)("says in a sentence what is wrong with %j, and writes nothing", async (options, sentence) => {
    expect(await run(file(2), options)).toEqual({ code: 2, error: `islet report: ${sentence}\n`, written: new Map() });
  });

  it("says of a file without readings that it has none, and of an unknown one what it needs", async () => {
    expect((await run("id,time,gl\n")).error).toMatch(/^islet report: The file has column names but no rows of data\./);
    expect((await run("hello")).code).toBe(2);
  });

  it("tells how to name a unit that the file leaves open", async () => {
    expect((await run("time,gl\n2026-03-02 00:00,25\n")).error).toMatch(/\(--file-unit mgdl or mmol\)\n$/);
  });

  it("prints little data with sentences, not with empty pictures", async () => {
    const { code, written } = await run("time,gl\n2026-03-02 00:00,100\n2026-03-02 00:05,110\n", { out: "report.pdf", pages: "all" });
    expect(code).toBe(0);
    expect(readPdf(written.get("report.pdf") as Uint8Array).pages[0]!.texts.join(" ")).toContain("fewer than 24 hours of readings");
  });

  it("finds the synthetic series", () => {
    expect(FIXTURES.length).toBe(7);
  });

  it.each(FIXTURES)("prints all pages of %s in both languages and units", async (path) => {
    for (const [lang, unit] of [["en", "mgdl"], ["es", "mmol"]] as const) {
      const outcome = await run(readFileSync(join(ROOT, path)), { out: "report.pdf", pages: "all", lang, unit, tz: "America/New_York", days: "60" });
      expect([outcome.code, outcome.error]).toEqual([0, ""]);
      const text = pagesOf(outcome).map(({ texts }) => texts.join("\n")).join("\n");
      expect(text).not.toMatch(/NaN|undefined|Infinity|\{\w+\}|\ufffd/);
      expect(pagesOf(outcome).every(({ texts }) => texts.some((words) => /^(For information only|Solo informativo)\./.test(words)))).toBe(true);
    }
  });
});

describe("the command", () => {
  it("reads a file and makes the folders it writes to", () => {
    const folder = mkdtempSync(join(tmpdir(), "islet-report-"));
    try {
      writeFileSync(join(folder, "in.csv"), file(1));
      execFileSync(process.execPath, [join(ROOT, "src/cli.ts"), "report", join(folder, "in.csv"), "--out", join(folder, "new/report.pdf"), "--csv", join(folder, "tables")]);
      expect(readFileSync(join(folder, "new/report.pdf")).subarray(0, 5).toString()).toBe("%PDF-");
      expect(readFileSync(join(folder, "tables/ranges.csv"), "utf8")).toContain("in range,70,180,");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
