/** The words of `islet samples`. */
import { Command } from "commander";
import type { CommandIo } from "./io.ts";
import { runSamplesFold, runSamplesVerify, type SamplesOptions } from "./samples.ts";

/** Exit codes as of the whole command, and 1 where a block is not what it should be. */
export function samplesCommand(io: CommandIo): Command {
  const samples = new Command("samples").description("the store of samples: recount it, and pack what has settled");
  const end = (code: Promise<number>): Promise<void> => code.then((value) => void (process.exitCode = value));
  samples.command("verify").description("unpack and recount every block of packed samples, while Islet runs")
    .option("--patient <who>", "only of this patient: id, sign-in e-mail, or `demo`").option("--json", "print JSON")
    .action((options: SamplesOptions) => end(runSamplesVerify(options, io)));
  samples.command("fold").description("pack every settled day, however old; Islet itself looks back a month, once a day")
    .action(() => end(runSamplesFold(io)));
  return samples;
}
