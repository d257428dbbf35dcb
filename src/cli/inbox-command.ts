/** The words of `islet inbox`. */
import { Command, Option } from "commander";
import type { CommandIo } from "./io.ts";
import { runInboxCounts, runInboxList, runInboxReplay, runInboxRetry, runInboxShow, type InboxOptions } from "./inbox.ts";

const STATES = ["pending", "processing", "done", "failed", "dead", "unmatched", "ignored"];

function filters(command: Command): Command {
  return command
    .option("--vendor <vendor>", "of this vendor, or `import`")
    .option("--patient <who>", "of this patient: id, sign-in e-mail, or `demo`")
    .option("--from <instant>", "received at or after, e.g. 2026-03-02T06:30:00Z")
    .option("--to <instant>", "received before");
}

/** Exit codes as of the whole command: 0 done, 2 unusable, 3 not set up. */
export function inboxCommand(io: CommandIo): Command {
  const inbox = new Command("inbox").description("what came in: raw deliveries, their states, and how to have them tried or made once more");
  const end = (code: Promise<number>): Promise<void> => code.then((value) => void (process.exitCode = value));
  filters(inbox.command("list").description("deliveries, the newest first"))
    .addOption(new Option("--state <states...>", "in these states").choices(STATES))
    .option("--limit <count>", "how many", "50").option("--json", "print JSON Lines")
    .action((options: InboxOptions) => end(runInboxList(options, io)));
  filters(inbox.command("dead").description("deliveries that are not tried any more, with the code of the last failure"))
    .option("--limit <count>", "how many", "50").option("--json", "print JSON Lines")
    .action((options: InboxOptions) => end(runInboxList({ ...options, state: ["dead"] }, io)));
  inbox.command("counts").description("how much waits or is dead, by vendor, and since when").option("--json", "print JSON")
    .action((options: InboxOptions) => end(runInboxCounts(options, io)));
  inbox.command("show").description("one delivery, with what could not be made of it").argument("<id>", "its number").option("--json", "print JSON")
    .action((id: string, options: InboxOptions) => end(runInboxShow(id, options, io)));
  filters(inbox.command("retry").description("try failed and dead deliveries again from the first attempt").argument("[id]", "one delivery; else all that match"))
    .addOption(new Option("--state <states...>", "only these").choices(["failed", "dead"]))
    .action((id: string | undefined, options: InboxOptions) => end(runInboxRetry(id, options, io)));
  filters(inbox.command("replay").description("map and store once more what is done: nothing is asked of a vendor, the same records come of it or better ones"))
    .option("--mapping-before <version>", "only what an older version of the vendor's mapping made")
    .requiredOption("--reason <text>", "why; stands in the audit log")
    .option("--wait", "show how far it has come until it is done").option("--json", "print JSON Lines")
    .action((options: InboxOptions) => end(runInboxReplay(options, io)));
  return inbox;
}
