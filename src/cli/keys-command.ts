/** The words of `islet keys`. */
import { Command } from "commander";
import type { CommandIo } from "./io.ts";
import { runKeysRetire, runKeysRotate, runKeysStatus, type KeysOptions } from "./keys.ts";

/** Exit codes as of the whole command, and 1 where something still lies under an old key. */
export function keysCommand(io: CommandIo): Command {
  const keys = new Command("keys").description("the keys that seal vendor tokens (ISLET_VAULT_KEYS): what lies under each, and how to change them");
  const end = (code: Promise<number>): Promise<void> => code.then((value) => void (process.exitCode = value));
  keys.command("status").description("what lies under each key, and which may be removed").option("--json", "print JSON Lines")
    .action((options: KeysOptions) => end(runKeysStatus(options, io)));
  keys.command("rotate").description("bring everything under the first key, while Islet runs; after a kill, run it again").option("--json", "print JSON Lines")
    .action((options: KeysOptions) => end(runKeysRotate(options, io)));
  keys.command("retire").description("give up a key for good that is gone from ISLET_VAULT_KEYS and used no more").argument("<id>", "its id")
    .action((id: string) => end(runKeysRetire(id, io)));
  return keys;
}
