/**
 * Passwords at rest: argon2id with the parameters OWASP recommends (19 MiB, 2 passes, 1 lane; Password Storage Cheat Sheet). A hash that an older
 * system kept, unsalted SHA-256, rests inside argon2id until its person signs in.
 */
import { createHash } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { normalizePassword } from "./password-rules.ts";

// The package's const enum has no value under type stripping; argon2id is its default algorithm.
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export type PasswordScheme = "argon2id" | "sha256+argon2id";

/** What rests of a password. Null: this account has none. */
export interface StoredPassword {
  readonly hash: string | null;
  readonly scheme: PasswordScheme;
}

export async function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), PARAMETERS);
}

/** @param sha256Hex 64 hexadecimal digits, as the older system kept them. */
export async function wrapLegacyHash(sha256Hex: string): Promise<string> {
  return hash(sha256Hex.toLowerCase(), PARAMETERS);
}

/** A hash of nothing anybody knows: compared against when there is no such account, so that both answers take the same time. */
let nobody: Promise<string> | undefined;

/** Whether the password belongs to the hash; a missing hash costs the same time and is false. */
export async function passwordMatches(stored: StoredPassword | string | null, password: string): Promise<boolean> {
  const { hash: kept, scheme } = stored === null || typeof stored === "string" ? { hash: stored, scheme: "argon2id" as const } : stored;
  nobody ??= hashPassword(crypto.randomUUID());
  // The older system hashed the bytes as they came.
  const said = scheme === "argon2id" ? normalizePassword(password) : createHash("sha256").update(password, "utf8").digest("hex");
  const matches = await verify(kept ?? (await nobody), said);
  return matches && kept !== null;
}
