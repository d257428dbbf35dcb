/** A Redis for the tests: what is there, or what Debian's packages bring where we may install them. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const APT_LIMIT_MS = 180_000;

export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly isDebian: boolean;
  /** Runs a program without a word; true when it ended well. */
  readonly run: (command: string, args: readonly string[]) => boolean;
  /** Keeps packages from starting services while `work` runs. */
  readonly withoutServices: <T>(work: () => T) => T;
}

/**
 * Sees to a Redis; gives the sentence to tell, or null where there is nothing to say. Without any, the tests on Redis are left out by name,
 * and fail where CI is set (test/kit/redis.ts).
 */
export function provideRedis({ environment, isRoot, isDebian, run, withoutServices }: Machine): string | null {
  const isThere = (): boolean => run("redis-server", ["--version"]);
  if (environment["REDIS_URL"] || isThere()) return null;
  const without = environment["CI"] === undefined ? "the tests of the queue on Redis are left out" : "the tests of the queue on Redis will fail";
  const remedy = "install redis-server, or set REDIS_URL to a Redis that tests may use";
  if (!isDebian || !isRoot) return `There is no redis-server on the PATH, so ${without}: ${remedy}.`;
  const install = (): boolean => run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "redis-server"]);
  // Package lists may be missing or old; those that are there are tried first.
  const isInstalled = withoutServices(() => install() || (run("apt-get", ["update", "-qq"]) && install()));
  if (isInstalled && isThere()) return "Installed redis-server from Debian's packages, for the tests of the queue on Redis. No service was started.";
  return `redis-server could not be installed from Debian's packages, so ${without}: ${remedy}.`;
}

/** The machine this runs on. */
export function thisMachine(environment: Machine["environment"]): Machine {
  return {
    environment,
    isRoot: process.getuid?.() === 0,
    isDebian: existsSync("/etc/debian_version"),
    run: (command, args) => {
      const ended: SpawnSyncReturns<Buffer> = spawnSync(command, args, { stdio: "ignore", timeout: APT_LIMIT_MS, env: { ...environment, DEBIAN_FRONTEND: "noninteractive" } });
      return ended.status === 0;
    },
    withoutServices: (work) => withPolicy("/usr/sbin/policy-rc.d", work),
  };
}

/** Debian asks this file whether a package may start its service; an operator's own is left as it is. */
function withPolicy<T>(file: string, work: () => T): T {
  const isOurs = !existsSync(file);
  if (isOurs) writeFileSync(file, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  try {
    return work();
  } finally {
    if (isOurs) rmSync(file, { force: true });
  }
}
