/** The words of `islet report`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import type { GlucoseFileIo } from "./glucose-file.ts";
import type { CommandIo } from "./io.ts";
import type { ReportCommandOptions } from "./report-options.ts";

/** Exit codes as of the whole command. */
export function reportCommand(io: CommandIo & GlucoseFileIo): Command {
  return new Command("report")
    .description("a report of a file as PDF, to print or to take along, and its numbers as CSV tables; without any server")
    .argument("<file>", "the file")
    .option("--out <file>", "the PDF to write")
    .option("--csv <folder>", "folder for the tables: statistics, ranges, metrics, profile, daily, episodes, episode-kinds, hourly")
    .option("--tz <zone>", "IANA zone of local times in the file and of the report's days; UTC unless given")
    .option("--unit <unit>", "unit of the report: mgdl or mmol (default: mgdl)")
    .option("--lang <language>", "en or es (default: en)")
    .option("--paper <paper>", "a4 or letter (default: a4)")
    .option("--pages <pages>", "summary, weeks, calendar, episodes, statistics, sources with commas between, or all (default: summary)")
    .option("--preset <preset>", "ranges and goals: standard, older or pregnancy (default: standard)")
    .option("--name <text>", "name of the person, printed on every page")
    .option("--days <days>", "how many days up to the last one with readings, 1 to 366 (default: 14)")
    .option("--id <id>", "which person, where the file holds several")
    .option("--duplicates <policy>", "readings of one instant: mean, first or last (default: mean)")
    .option("--file-unit <unit>", "unit of the file, mgdl or mmol, where it does not say")
    .option("--date-order <order>", "dmy or mdy, for dates that can be read both ways")
    .action(async (file: string, options: Omit<ReportCommandOptions, "file">) => {
      // Loaded when asked for: the other commands need no fonts and no PDF.
      const { runReport } = await import("./report.ts");
      process.exitCode = await runReport({ file, ...options }, { ...io, writeFile, nowMs: () => Date.now() });
    });
}

function writeFile(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
