import { describe, expect, it } from "vitest";
import { provideRedis, type Machine } from "../scripts/redis-for-tests.ts";

/** A machine whose apt-get does what `apt` says, and what was run on it. */
function machine({ isThere = false, apt = {}, ...rest }: Partial<Machine> & { isThere?: boolean; apt?: Readonly<Record<string, boolean[]>> }) {
  const ran: string[] = [];
  let isInstalled = isThere;
  let areServicesHeld = false;
  return {
    ran,
    on: {
      environment: {}, isRoot: true, isDebian: true,
      run: (command: string, args: readonly string[]) => {
        if (command === "redis-server") return isInstalled;
        ran.push(`${args[0]}${areServicesHeld ? "" : ", services free to start"}`);
        const isGood = apt[args[0]!]?.shift() ?? false;
        if (args[0] === "install" && isGood) isInstalled = true;
        return isGood;
      },
      withoutServices: <T>(work: () => T): T => {
        areServicesHeld = true;
        return work();
      },
      ...rest,
    } satisfies Machine,
  };
}

describe("the Redis of the tests", () => {
  it.each([
    ["is on the PATH", { isThere: true }],
    ["is named by REDIS_URL", { environment: { REDIS_URL: "redis://127.0.0.1:6379/0" } }],
  ])("is taken as it is where it %s", (_where, parts) => {
    const { on, ran } = machine(parts);
    expect(provideRedis(on)).toBeNull();
    expect(ran).toEqual([]);
  });

  it("is installed by root on Debian, without its service, and the package lists are fetched where they are missing", () => {
    const fresh = machine({ apt: { install: [true] } });
    expect(provideRedis(fresh.on)).toMatch(/^Installed redis-server from Debian's packages/);
    expect(fresh.ran).toEqual(["install"]);
    const bare = machine({ apt: { install: [false, true], update: [true] } });
    expect(provideRedis(bare.on)).toMatch(/^Installed /);
    expect(bare.ran).toEqual(["install", "update", "install"]);
  });

  it.each([
    ["no root", { isRoot: false }, /^There is no redis-server on the PATH, so the tests of the queue on Redis are left out: install/],
    ["another system", { isDebian: false }, /are left out/],
    ["no network", { apt: {} }, /could not be installed .* are left out/],
    ["CI", { isRoot: false, environment: { CI: "true" } }, /will fail: install redis-server/],
  ])("is missed aloud with %s", (_what, parts, sentence) => {
    expect(provideRedis(machine(parts).on)).toMatch(sentence);
  });
});
