/** The words of `islet privacy`. */
import { Command, Option } from "commander";
import type { ResearchConsent } from "#privacy/research/export.ts";
import type { CommandIo } from "./io.ts";
import {
  runPrivacyErase, runPrivacyExport, runPrivacyHold, runPrivacyKeep, runPrivacyResearch, runPrivacyStatus, runPrivacyUndo, runPrivacyUnhold, type EraseOptions, type ResearchOptions,
} from "./privacy.ts";

const WHO = "a patient's id or sign-in e-mail, or `demo` for the demo patient";

/** Exit codes as of the whole command, and 1 where an erasure has to go on later. `consents` says who consents to research. */
export function privacyCommand(io: CommandIo, consents: ResearchConsent): Command {
  const privacy = new Command("privacy").description("what people may ask about their data: a package of all of it, its end, legal holds, how long it is kept, research (docs/privacy.md)");
  const end = (code: Promise<number>): Promise<void> => code.then((value) => void (process.exitCode = value));
  const language = new Option("--lang <language>", "of the report or certificate").choices(["en", "es"]);
  privacy.command("export").description("write everything about a patient into a ZIP").requiredOption("--patient <who>", WHO).requiredOption("--out <file>", "a file that is not there yet").addOption(language)
    .action((options: Parameters<typeof runPrivacyExport>[0]) => end(runPrivacyExport(options, io)));
  privacy.command("erase").description("end all data and the account of a patient").requiredOption("--patient <who>", WHO).requiredOption("--reason <code>", "own_wish, parent_wish, court or account_closed")
    .option("--yes", "it is meant").option("--now", "at once, in place of the usual time to change one's mind").action((options: EraseOptions) => end(runPrivacyErase(options, io)));
  privacy.command("undo").description("take an erasure back that has not begun").requiredOption("--patient <who>", WHO)
    .action((options: Parameters<typeof runPrivacyUndo>[0]) => end(runPrivacyUndo(options, io)));
  privacy.command("hold").description("place a legal hold: nothing of the patient is erased or cut").requiredOption("--patient <who>", WHO).requiredOption("--reason <code>", "litigation, authority, incident or safety")
    .action((options: Parameters<typeof runPrivacyHold>[0]) => end(runPrivacyHold(options, io)));
  privacy.command("unhold").description("lift a legal hold").requiredOption("--patient <who>", WHO).action((options: Parameters<typeof runPrivacyUnhold>[0]) => end(runPrivacyUnhold(options, io)));
  privacy.command("status").description("holds and erasures of a patient, or the certificate of an erasure").option("--patient <who>", WHO).option("--erasure <id>", "its id").addOption(language)
    .action((options: Parameters<typeof runPrivacyStatus>[0]) => end(runPrivacyStatus(options, io)));
  privacy.command("keep").description("set after how many years an organization's measurements are deleted").requiredOption("--organization <id>", "its id").requiredOption("--years <number>", "or never")
    .action((options: Parameters<typeof runPrivacyKeep>[0]) => end(runPrivacyKeep(options, io)));
  privacy.command("research-export").description("write pseudonymised data of those who consent to research").requiredOption("--organization <id>", "its id").requiredOption("--project <name>", "names the key of its pseudonyms")
    .requiredOption("--purpose <text>", "stands in the manifest").requiredOption("--out <folder>", "where to").action((options: ResearchOptions) => end(runPrivacyResearch(options, io, consents)));
  return privacy;
}
