/**
 * Writes `src/people/sign-in/blocked-passwords.txt`: passwords that attackers try first, spread from the words people choose by the ways in which
 * they stretch them. `src/people/sign-in/blocked-passwords.test.ts` checks that it is fresh.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { spreadPasswords } from "#people/sign-in/spread-passwords.ts";

const FOLDER = new URL("../src/people/sign-in/", import.meta.url);
const words = readFileSync(new URL("common-passwords.txt", FOLDER), "utf8").split(/\s+/).filter(Boolean);
writeFileSync(new URL("blocked-passwords.txt", FOLDER), `${spreadPasswords(words).join("\n")}\n`);
