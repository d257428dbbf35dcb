/**
 * Which passwords are accepted: long ones that nobody tries first. NIST SP 800-63B-4 §3.1.1: at least 15 characters where the password is the only
 * factor, 8 beside a second one; any characters, each code point one; no rules of composition; a block-list of common, expected and
 * context-specific values. OWASP ASVS 5.0 §6.2. Pure.
 */
import type { InputIssue } from "../../errors.ts";
import { foldPassword, readLookalikes } from "./spread-passwords.ts";

export const LEAST_ALONE = 15;
export const LEAST_WITH_SECOND_FACTOR = 8;
export const MOST_CODE_POINTS = 256;

export type PasswordFault = "too_short" | "too_long" | "common" | "context" | "repetition" | "sequence";

export interface PasswordSetting {
  readonly hasSecondFactor: boolean;
  /** What is known of the person: e-mail, names, username, national id. */
  readonly words: readonly string[];
  /** Folded passwords that are refused. */
  readonly blocked: ReadonlySet<string>;
}

/** Known to everybody who guesses here. */
const OUR_WORDS = ["islet", "diabetes", "glucose", "glucosa"];
/** Shorter words are in every sentence by chance. */
const LEAST_WORD = 4;

/** Rows along which fingers and minds run. */
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p"];
const RUNS: ReadonlySet<string> = new Set(ROWS.flatMap((row) => [row, Array.from(row).toReversed().join("")]).flatMap((row) => Array.from({ length: row.length - 2 }, (_, at) => row.slice(at, at + 3))));

/** As it is hashed and counted: of however many ways to write a letter, one. */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/** What is wrong with a new password; null when nothing is. The first reason of several. */
export function passwordFault(password: string, setting: PasswordSetting): PasswordFault | null {
  const least = setting.hasSecondFactor ? LEAST_WITH_SECOND_FACTOR : LEAST_ALONE;
  // A code point is two UTF-16 units at most: what is longer need not be normalized to be too long.
  if (password.length > 2 * MOST_CODE_POINTS) return "too_long";
  const normalized = normalizePassword(password);
  const length = Array.from(normalized).length;
  if (length > MOST_CODE_POINTS) return "too_long";
  if (length < least) return "too_short";
  const folded = foldPassword(normalized);
  if (isCommon(folded, setting.blocked)) return "common";
  const kept = Math.ceil(least / 2);
  if (unitLength(folded) < kept) return "repetition";
  if (withoutRuns(folded).length < kept) return "sequence";
  return withoutWords(folded, setting.words).length < kept ? "context" : null;
}

/** On the list as it is, with its signs read as letters, or with digits and signs hung on at either end. */
function isCommon(folded: string, blocked: ReadonlySet<string>): boolean {
  const forms = [folded, folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ""), folded.replace(/[^\p{L}\p{N}]+/gu, "")];
  return forms.some((form) => blocked.has(form) || blocked.has(readLookalikes(form)) || blocked.has(readLookalikes(form).replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "")));
}

/** Length of the shortest piece that makes the whole by being repeated; the whole's own where there is none. */
function unitLength(text: string): number {
  const letters = Array.from(text);
  for (let length = 1; length <= letters.length / 2; length += 1) {
    if (letters.every((letter, at) => letter === letters[at % length])) return length;
  }
  return letters.length;
}

/** What is left when every run along a row, and every letter said three times or more, counts as one. */
function withoutRuns(text: string): string {
  const letters = Array.from(text);
  return letters.filter((letter, at) => {
    const three = letters.slice(at - 2, at + 1);
    return at < 2 || !(RUNS.has(three.join("")) || three.every((each) => each === letter));
  }).join("");
}

/** What is left when everything that is known of the person and of us is taken out, together with digits that stand alone. */
function withoutWords(folded: string, words: readonly string[]): string {
  const parts = words.flatMap((word) => [word, ...word.split(/[\s@._\-+]+/)]).map(foldPassword);
  const known = [...new Set([...parts, ...OUR_WORDS])].filter((word) => word.length >= LEAST_WORD).toSorted((a, b) => b.length - a.length);
  const strip = (text: string): string => known.reduce((rest, word) => rest.replaceAll(word, " "), text);
  const left = strip(folded);
  // Only where a word was found: a password of digits alone is judged by the rules before.
  const read = strip(readLookalikes(folded));
  const best = left === folded && read !== readLookalikes(folded) ? read : left;
  return best === folded ? folded : best.replace(/[\s\p{N}\p{P}\p{S}]+/gu, "");
}

const ADVICE: Readonly<Record<PasswordFault, string>> = {
  too_short: "use at least {least} characters; several words with spaces between them are easy to remember",
  too_long: `use at most ${MOST_CODE_POINTS} characters`,
  common: "choose another: this one is among those that are guessed first",
  context: "choose another: most of it is your name, your address or ours, which a guesser knows",
  repetition: "choose another: it repeats the same few characters",
  sequence: "choose another: it follows the alphabet, the numbers or the keyboard",
};

/** What to tell somebody whose new password was refused, and what to do. */
export function passwordIssue(fault: PasswordFault, hasSecondFactor: boolean, pointer: string): InputIssue {
  return { pointer, detail: ADVICE[fault].replace("{least}", String(hasSecondFactor ? LEAST_WITH_SECOND_FACTOR : LEAST_ALONE)) };
}
