/** The words of `islet user`. */
import { Command, Option } from "commander";
import type { Role } from "#people/sessions/sessions.ts";
import type { CommandIo } from "./io.ts";
import { runUserAdd, runUserBlock, runUserImport, runUserList, runUserResetPassword, type AddOptions, type ImportOptions, type WhereOptions } from "./user.ts";

const ROLES = ["patient", "clinician", "admin", "follower"] as const;

/** Exit codes as of the whole command, and 1 where a row of an import was refused. */
export function userCommand(io: CommandIo): Command {
  const users = new Command("user").description("accounts: made, imported from an older system, blocked, listed");
  const end = (code: Promise<number>): Promise<void> => code.then((value) => void (process.exitCode = value));
  const where = (command: Command): Command => command.option("--organization <id or name>", "of which organization; not needed where there is one");
  const language = (command: Command): Command => command.option("--zone <zone>", "IANA zone in which they live", "UTC").addOption(new Option("--locale <language>", "of their mails").choices(["en", "es"]).default("en"));
  const stdin = "read the password from standard input; otherwise one is made and shown once";

  language(where(users.command("add"))).description("make a user; with --new-organization the first admin of a fresh installation").argument("<name>", "the name that is shown")
    .option("--new-organization <name>", "make this organization for it").option("--email <address>").option("--username <name>").option("--dni <id>", "national id")
    .option("--given <name>").option("--family <name>")
    .addOption(new Option("--role <roles...>").choices([...ROLES]).default(["patient"] satisfies Role[])).option("--password-stdin", stdin)
    .action((name: string, options: AddOptions) => end(runUserAdd(name, options, io)));
  language(where(users.command("import"))).description("bring users of an older system (CSV with a header line, or a JSON list): dni, name, surname, email, username, role, password_hash (SHA-256), blocked, hospital_account, tidepool_account")
    .argument("<file>", "the file").option("--new-organization <name>", "make this organization for them").option("--dry-run", "check everything and change nothing")
    .action((file: string, options: ImportOptions) => end(runUserImport(file, options, io)));
  for (const [name, isBlocked, description] of [["block", true, "block a user; ends every session at once"], ["unblock", false, "let a blocked user in again"]] as const) {
    where(users.command(name)).description(description).argument("<who>", "id, e-mail address, username or national id")
      .action((who: string, options: WhereOptions) => end(runUserBlock(who, isBlocked, options)));
  }
  where(users.command("list")).description("users of an organization").option("--json", "print JSON Lines").action((options: WhereOptions & { json?: boolean }) => end(runUserList(options, io)));
  where(users.command("reset-password")).description("give a user a new password, to be changed at the first sign-in").argument("<who>", "id, e-mail address, username or national id").option("--password-stdin", stdin)
    .action((who: string, options: WhereOptions & { passwordStdin?: boolean }) => end(runUserResetPassword(who, options, io)));
  return users;
}
