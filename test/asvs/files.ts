/** The project's own files, for tests that read the code. */
import { globSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const read = (path: string): string => readFileSync(`${ROOT}${path}`, "utf8");

/** Paths from the root, in order. */
export function list(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: ["web/dist/**"] }).map((file) => file.split(sep).join("/")).toSorted();
}

const isTest = (file: string): boolean => /\.test\.tsx?$|test-kit/.test(file);

/** What runs: the server without its tests and without the simulated clouds, which stand for other people's machines. */
export const server = list("src/**/*.ts").filter((file) => !isTest(file) && !file.startsWith("src/sim/"));
export const pages = list("web/**/*.{ts,tsx}").filter((file) => !isTest(file) && !file.startsWith("web/fake/"));

/** A file's text without its comments. */
export function code(file: string): string {
  return read(file).replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;{(])\/\/.*$/gm, "$1");
}

/** Which of the files hold it, outside of comments. */
export function filesWith(files: readonly string[], pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(code(file)));
}
