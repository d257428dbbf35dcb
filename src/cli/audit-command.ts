/** The words of `islet audit`. */
import { Command } from "commander";
import { runAuditExport, runAuditVerify, type AuditExportOptions, type AuditVerifyOptions } from "./audit.ts";
import type { CommandIo } from "./io.ts";

/** Exit codes as of the whole command, and 1 where the log is not what was written. */
export function auditCommand(io: CommandIo): Command {
  const command = new Command("audit").description("the audit log: who did what to whose data");
  const end = (code: Promise<number>): Promise<void> => code.then((value) => void (process.exitCode = value));
  command.command("verify").description("recompute every chain of the log and hold it against its anchors, while Islet runs (docs/audit.md)")
    .option("--since <instant>", "only entries from this RFC 3339 instant on").option("--anchors <file>", "a copy of audit-anchors.jsonl that was kept elsewhere").option("--json", "print one JSON object")
    .action((options: AuditVerifyOptions) => end(runAuditVerify(options, io)));
  command.command("export").description("print the log as CSV, oldest entry first; that it was exported is logged, too")
    .option("--organization <id>", "of one organization").option("--patient <id>", "about one patient").option("--from <instant>", "from this RFC 3339 instant on").option("--to <instant>", "before this instant")
    .action((options: AuditExportOptions) => end(runAuditExport(options, io)));
  return command;
}
