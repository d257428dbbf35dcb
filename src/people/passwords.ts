/** Passwords at rest: argon2id with the parameters OWASP recommends (19 MiB, 2 passes, 1 lane). */
import { hash, verify } from "@node-rs/argon2";

// The package's const enum has no value under type stripping; argon2id is its default algorithm.
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export async function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFKC"), PARAMETERS);
}

/** A hash of nothing anybody knows: compared against when there is no such account, so that both answers take the same time. */
let nobody: Promise<string> | undefined;

/** Whether the password belongs to the hash; a missing hash costs the same time and is false. */
export async function passwordMatches(stored: string | null, password: string): Promise<boolean> {
  nobody ??= hashPassword(crypto.randomUUID());
  const matches = await verify(stored ?? (await nobody), password.normalize("NFKC"));
  return matches && stored !== null;
}
