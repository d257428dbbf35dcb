/** The `islet` command. Exit codes: 0 done, 1 something failed, 2 the input or the call is unusable, 3 the place is not set up. */
import { createReadStream, readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { auditCommand } from "./cli/audit-command.ts";
import { runImport } from "./cli/import.ts";
import { inboxCommand } from "./cli/inbox-command.ts";
import { keysCommand } from "./cli/keys-command.ts";
import { runMap } from "./cli/map.ts";
import { privacyCommand } from "./cli/privacy-command.ts";
import { reportCommand } from "./cli/report-command.ts";
import { samplesCommand } from "./cli/samples-command.ts";
import { runStats } from "./cli/stats.ts";
import { runSummariesRecompute, runSummariesVerify, type SummariesOptions } from "./cli/summaries.ts";
import { userCommand } from "./cli/user-command.ts";
import { hasConsent } from "#people/consent/consents.ts";
import { ConfigError, IsletError } from "./errors.ts";
import { VERSION } from "./version.ts";

const io = {
  readFile: (path: string): Uint8Array => readFileSync(path),
  readStream: (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 1024 * 1024 }),
  stdout: (text: string): void => void process.stdout.write(text),
  stderr: (text: string): void => void process.stderr.write(text),
};

const program = new Command("islet")
  .description("Islet, the open, self-hosted home for health data. Informational only: no diagnosis, no dosing advice.")
  .version(VERSION)
  .showHelpAfterError("(add --help for what it takes)")
  .exitOverride();

program
  .command("start")
  .description("start Islet: API, portal, jobs and (in the demo) the simulated vendor clouds")
  .argument("[mode]", "all | api | worker | migrate", "all")
  .action(async (mode: string) => {
    process.argv[2] = mode;
    await import("./main.ts");
  });

program
  .command("import")
  .description("import a CGM file (Dexcom Clarity export, or id,time,gl CSV) or an export of Apple Health (export.zip, export.xml) for a patient; a running Islet shows it at once")
  .argument("<file>", "the file")
  .requiredOption("--patient <who>", "a patient's id or sign-in e-mail, or `demo` for the demo patient")
  .option("--tz <zone>", "IANA zone of local times in the file; the patient's by default")
  .addOption(new Option("--unit <unit>", "unit where the file does not say").choices(["mgdl", "mmol"]))
  .option("--json", "print one JSON object")
  .action(async (file: string, options: { patient: string; tz?: string; unit?: "mgdl" | "mmol"; json?: boolean }) => {
    process.exitCode = await runImport(file, options, io);
  });

program
  .command("stats")
  .description("glucose statistics of a file, without any server")
  .argument("<file>", "the file")
  .option("--tz <zone>", "IANA zone of local times in the file; UTC unless given")
  .addOption(new Option("--unit <unit>", "unit of the output").choices(["mgdl", "mmol"]))
  .addOption(new Option("--file-unit <unit>", "unit of the file, where it does not say").choices(["mgdl", "mmol"]))
  .addOption(new Option("--duplicates <policy>", "readings of one instant").choices(["mean", "first", "last"]).default("mean"))
  .addOption(new Option("--date-order <order>", "for dates that can be read both ways").choices(["dmy", "mdy"]))
  .addOption(new Option("--grid <kind>", "slots of the grid that variability is computed on: iglu's, for its numbers digit for digit, or from 00:00 on").choices(["iglu", "islet"]).default("iglu"))
  .option("--json", "print JSON, numbers unrounded")
  .action(async (file: string, options: Omit<Parameters<typeof runStats>[0], "file">) => {
    process.exitCode = await runStats({ file, ...options }, io);
  });

program
  .command("map")
  .description("print the records of a vendor's payload as JSON Lines; needs no database and no configuration")
  .argument("[vendor]", "e.g. dexcom")
  .argument("[resource]", "the vendor's own name of the endpoint or summary type, or `webhook` for a pushed body")
  .argument("[file]", "the payload's file, or - for standard input", "-")
  .option("--tz <zone>", "the person's IANA zone, for times without offset", "UTC")
  .option("--list", "list vendors and their resources")
  .option("--json", "with --list: print JSON")
  .action(async (vendor: string | undefined, resource: string | undefined, file: string, options: { tz: string; list?: boolean; json?: boolean }) => {
    process.exitCode = await runMap({ vendor, resource, file, ...options }, io);
  });

const summaries = program.command("summaries").description("what is kept of each local day: held against the samples, or made anew");
for (const [name, description, run] of [
  ["verify", "show days on which what is kept is not what the samples say; changes nothing", runSummariesVerify],
  ["recompute", "make what is kept from scratch", runSummariesRecompute],
] as const) {
  summaries.command(name).description(description).option("--patient <who>", "of this patient alone: id, sign-in e-mail, or `demo`").option("--json", "print JSON Lines")
    .action(async (options: SummariesOptions) => {
      process.exitCode = await run(options, io);
    });
}

program.addCommand(auditCommand(io));
program.addCommand(inboxCommand(io));
program.addCommand(keysCommand(io));
program.addCommand(privacyCommand(io, (tx, patientId) => hasConsent(tx, patientId, "research")));
program.addCommand(reportCommand(io));
program.addCommand(samplesCommand(io));
program.addCommand(userCommand(io));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // commander has told what is wrong with the call by itself; --help and --version end here, too.
  if (error instanceof Error && "exitCode" in error) return error.exitCode === 0 ? 0 : 2;
  const isUnusable = error instanceof IsletError || (error as NodeJS.ErrnoException).code === "ENOENT";
  const sentence = (error as NodeJS.ErrnoException).code === "ENOENT" ? "There is no such file." : error instanceof Error ? error.message : "unknown failure";
  process.stderr.write(`islet: ${sentence}\n`);
  if (error instanceof ConfigError) return 3;
  return isUnusable ? 2 : 1;
}
