/**
 * The whole check: types, lint, the portal's build, and every test. Ends with `N passed, N failed` and exit code 0 only when
 * nothing failed and tests were really run.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideRedis, thisMachine } from "./redis-for-tests.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string): string => join(root, "node_modules", ".bin", name);
const results = mkdtempSync(join(tmpdir(), "islet-results-"));

let passed = 0;
let failed = 0;
/** Titles of the checks that failed, said again at the end: what comes first is long out of sight by then. */
const broken: string[] = [];

function check(title: string, command: string, args: readonly string[]): void {
  const startedMs = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
  const isGood = status === 0;
  if (isGood) passed += 1;
  else {
    failed += 1;
    broken.push(title);
  }
  console.log(`${isGood ? "✓" : "✗"} ${title} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
}

/** Counts of a vitest run; a run that wrote no report, or ran nothing, is a failure. */
function countTests(reportFile: string, status: number | null): void {
  let report: { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number };
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8")) as typeof report;
  } catch (error) {
    console.log(`✗ the test run left no report (${error instanceof Error ? error.message : "unknown"})`);
    failed += 1;
    return;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that breaks before its first test, an unhandled error, or nothing run at all.
  if (report.numFailedTests === 0 && (status !== 0 || report.numPassedTests === 0)) failed += Math.max(1, report.numFailedTestSuites);
}

const extra = process.argv.slice(2);
check("types of the server", bin("tsc"), ["--noEmit"]);
check("types of the pages", bin("tsc"), ["--noEmit", "-p", "web"]);
check("lint", bin("oxlint"), ["--type-aware", "--deny-warnings"]);
check("build of the portal", bin("vite"), ["build", "web", "--logLevel", "warn"]);

const redis = provideRedis(thisMachine(process.env));

function runTests(args: readonly string[]): void {
  const report = join(results, "vitest.json");
  rmSync(report, { force: true });
  const { status } = spawnSync(bin("vitest"), ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args], {
    cwd: root, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32",
  });
  countTests(report, status);
}

const CRASH = "test/crash.test.ts";
if (extra.length > 0) runTests(extra);
else {
  runTests(["--exclude", CRASH]);
  // By itself: its processes take all there is of the machine, and its figures are times.
  runTests([CRASH]);
}
rmSync(results, { recursive: true, force: true });

// Last, where it is read: what was left out did not pass.
if (redis !== null) console.log(redis);
for (const title of broken) console.log(`✗ ${title}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
