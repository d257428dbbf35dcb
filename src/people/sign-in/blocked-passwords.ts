/** The block-list, read once; and the refusal of a new password by it and the rules. */
import { readFileSync } from "node:fs";
import { InvalidInput } from "../../errors.ts";
import { passwordFault, passwordIssue, type PasswordFault } from "./password-rules.ts";

const FILE = new URL("blocked-passwords.txt", import.meta.url);
let blocked: ReadonlySet<string> | undefined;

/** Folded passwords that are refused; made by `scripts/blocked-passwords.ts`. */
export function blockedPasswords(): ReadonlySet<string> {
  blocked ??= new Set(readFileSync(FILE, "utf8").split("\n").filter(Boolean));
  return blocked;
}

export interface NewPassword {
  readonly password: string;
  /** What is known of the person. */
  readonly words: readonly (string | null | undefined)[];
  readonly hasSecondFactor?: boolean;
  /** Where in the request it stands. */
  readonly pointer?: string;
}

/** Whether the rules would refuse it. */
export function isWeakPassword(given: NewPassword): boolean {
  return faultOf(given) !== null;
}

/** Throws InvalidInput, with what to do about it, for a password that is refused. */
export function checkNewPassword(given: NewPassword): void {
  const fault = faultOf(given);
  if (fault === null) return;
  throw new InvalidInput("This password cannot be used.", { code: "weak_password", issues: [passwordIssue(fault, given.hasSecondFactor ?? false, given.pointer ?? "/body/password")] });
}

function faultOf({ password, words, hasSecondFactor = false }: NewPassword): PasswordFault | null {
  return passwordFault(password, { hasSecondFactor, words: words.filter((word) => word != null), blocked: blockedPasswords() });
}
