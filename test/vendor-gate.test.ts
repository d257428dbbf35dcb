/** What all processes share about a vendor: two Islets on one database, one made-up vendor that counts what reaches it. */
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "#db/database.ts";
import type { Driver } from "#driver/types.ts";
import type { HttpClient, RateLimit } from "#http/types.ts";
import { startTestServer, type TestServer } from "#http/test-kit.ts";
import { sweepVendorGate } from "#sync/vendor-gate.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { ProviderRateLimited, ProviderResting, ProviderUnavailable } from "../src/errors.ts";
import { silentLog } from "../src/log.ts";
import { fakeVendor } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const perApp = (requests: number, perSeconds: number): RateLimit => ({ requests, perSeconds, scope: "app", source: "made up" });

interface House {
  readonly ground: Ground;
  readonly cloud: TestServer;
  /** What the vendor answers from now on. */
  answer: (response: ServerResponse) => void;
  /** The clients of two processes. */
  readonly processes: readonly [HttpClient, HttpClient];
  readonly databases: readonly Database[];
  /** Takes the second process's database away. */
  loseDatabase(): Promise<void>;
  /** One call by the process of that number. */
  call(process: 0 | 1, scope?: { connectionId?: string; isForThePast?: boolean }): Promise<unknown>;
}

async function house(rateLimits: readonly RateLimit[], change: Partial<Driver> = {}): Promise<House> {
  const cloud = await startTestServer((response) => made.answer(response));
  open.push(cloud);
  const ground = await layGround([fakeVendor({ change: { rateLimits, ...change } }).driver]);
  open.push(ground);
  const second = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 4 });
  open.push({ close: () => endOnce() });
  let isEnded = false;
  const endOnce = async (): Promise<void> => {
    if (!isEnded) await second.close();
    isEnded = true;
  };
  const processes = [ground.context.http, (await ground.another(second)).http] as const;
  const made: House = {
    ground, cloud, processes, databases: [ground.db.database, second], loseDatabase: endOnce,
    answer: (response) => response.writeHead(200).end("{}"),
    call: (process, scope = {}) => processes[process].request({ provider: "fake", ...scope }, { method: "GET", url: `${cloud.baseUrl}/data` }),
  };
  return made;
}

const away = (response: ServerResponse): void => void response.writeHead(503).end();
const answers = (response: ServerResponse): void => void response.writeHead(200).end("{}");

/** Calls in turns by both processes until both are refused; how many reached the vendor. */
async function callUntilRefused(of: House, scope: Parameters<House["call"]>[1] = {}): Promise<number> {
  const before = of.cloud.seen.length;
  const refused = new Set<number>();
  for (let turn = 0; refused.size < 2 && turn < 1_000; turn += 1) {
    const process = (turn % 2) as 0 | 1;
    await of.call(process, scope).catch((error: unknown) => {
      expect(error).toBeInstanceOf(ProviderRateLimited);
      refused.add(process);
    });
  }
  return of.cloud.seen.length - before;
}

describe("a budget shared by two processes", () => {
  it("[VA-02] lets through what the vendor allows the app, and no call more, whoever makes it", async () => {
    const two = await house([perApp(40, 900)]);
    expect(await callUntilRefused(two)).toBe(40);
    await expect(two.call(0)).rejects.toMatchObject({ retryAtMs: (Math.floor(two.ground.clock.now() / 900_000) + 1) * 900_000 });
    two.ground.clock.advance(15 * MINUTE_MS);
    expect(await callUntilRefused(two)).toBe(40);
  });

  it("[VA-02] holds when both take at the same moment", async () => {
    const two = await house([perApp(30, 900)]);
    const ends = await Promise.allSettled(Array.from({ length: 80 }, (_, index) => two.call((index % 2) as 0 | 1)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(two.cloud.seen.length);
    expect(two.cloud.seen.length).toBe(30);
  });

  it("[VA-02] counts each connection by itself where the vendor does", async () => {
    const two = await house([{ ...perApp(6, 900), scope: "connection" }]);
    expect(await callUntilRefused(two, { connectionId: "one" })).toBe(6);
    expect(await callUntilRefused(two, { connectionId: "other" })).toBe(6);
  });

  it("[VA-02] waits for a place that comes within a minute", async () => {
    const two = await house([perApp(4, 30)]);
    const startedMs = two.ground.clock.now();
    for (let number = 0; number < 8; number += 1) await two.call((number % 2) as 0 | 1);
    expect(two.cloud.seen).toHaveLength(8);
    expect(two.ground.clock.now() - startedMs).toBe(30_000);
  });

  it("[QU-08] keeps a fifth of the app's budget for news: somebody's years of data never spend it all", async () => {
    const two = await house([perApp(100, 900)]);
    expect(await callUntilRefused(two, { isForThePast: true })).toBe(80);
    expect(await callUntilRefused(two)).toBe(20);
  });

  it("is asked for in chunks: a hundred calls cost the database a twentieth of that", async () => {
    const two = await house([perApp(2_000, 900)]);
    for (let number = 0; number < 100; number += 1) await two.call(0);
    const [row] = await two.ground.db.asOwner<{ used: number }>("select used from call_budgets where provider = 'fake'");
    expect(row!.used).toBe(100);
    await two.call(0);
    expect(await two.ground.db.asOwner("select used from call_budgets where provider = 'fake'")).toEqual([{ used: 200 }]);
  });
});

describe("a 429 that one process hears", () => {
  const limited = (response: ServerResponse): void => void response.writeHead(429, { "retry-after": "600" }).end();

  it("[VA-02] keeps all processes from calling until the vendor's time", async () => {
    const two = await house([perApp(1_000, 900)]);
    two.answer = limited;
    const retryAtMs = two.ground.clock.now() + 600_000;
    await expect(two.call(0)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs });
    two.answer = answers;
    await expect(two.call(1, { connectionId: "another" })).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs });
    expect(two.cloud.seen).toHaveLength(1);
    two.ground.clock.advance(600_000);
    await two.call(1);
    expect(two.cloud.seen).toHaveLength(2);
  });

  it("[VA-02] keeps them from that connection alone where the vendor counts by connection", async () => {
    const two = await house([{ ...perApp(1_000, 900), scope: "connection" }]);
    two.answer = limited;
    await expect(two.call(0, { connectionId: "one" })).rejects.toBeInstanceOf(ProviderRateLimited);
    two.answer = answers;
    await expect(two.call(1, { connectionId: "one" })).rejects.toBeInstanceOf(ProviderRateLimited);
    await two.call(1, { connectionId: "other" });
    expect(two.cloud.seen).toHaveLength(2);
  });

  it("[VA-02] counts within a second for a process that has just looked", async () => {
    const two = await house([perApp(1_000, 900)]);
    await two.call(1);
    two.answer = limited;
    await two.call(0).catch(() => undefined);
    two.answer = answers;
    // What was read before is believed for a second, no longer.
    two.ground.clock.advance(1_000);
    await expect(two.call(1)).rejects.toBeInstanceOf(ProviderRateLimited);
    expect(two.cloud.seen).toHaveLength(2);
  });
});

describe("the circuit of a vendor, shared by two processes", () => {
  /** Requests in turns that all fail, as many as it takes; how many reached the vendor. */
  async function failUntilOpen(two: House): Promise<number> {
    two.answer = away;
    for (let number = 1; number <= 100; number += 1) {
      const error: unknown = await two.call((number % 2) as 0 | 1).then(() => null, (thrown: unknown) => thrown);
      if (error instanceof ProviderResting) return number;
      expect(error).toBeInstanceOf(ProviderUnavailable);
    }
    return Number.POSITIVE_INFINITY;
  }

  it("[VA-03] opens for both after twenty failed requests of both together, and nothing reaches the vendor then", async () => {
    const two = await house([]);
    expect(await failUntilOpen(two)).toBe(20);
    const before = two.cloud.seen.length;
    for (const process of [0, 1, 0, 1] as const) await expect(two.call(process)).rejects.toBeInstanceOf(ProviderResting);
    expect(two.cloud.seen.length).toBe(before);
  });

  it("[VA-03] stays closed where fewer than half of the last twenty fail", async () => {
    const two = await house([]);
    for (let number = 0; number < 60; number += 1) {
      two.answer = number % 20 < 9 ? away : answers;
      await two.call((number % 2) as 0 | 1).catch((error: unknown) => expect(error).not.toBeInstanceOf(ProviderResting));
    }
    two.answer = answers;
    await two.call(0);
  });

  it("[VA-03] lets one caller of all processes try, and closes for all when that is answered", async () => {
    const two = await house([]);
    await failUntilOpen(two);
    two.ground.clock.advance(15_000);
    const { promise: gate, resolve: release } = Promise.withResolvers<undefined>();
    const before = two.cloud.seen.length;
    two.answer = (response) => void gate.then(() => response.writeHead(200).end("{}"));
    const probe = two.call(0);
    await expect.poll(() => two.cloud.seen.length).toBe(before + 1);
    const others = await Promise.allSettled([two.call(0), two.call(1), two.call(1)]);
    expect(others.map((end) => (end.status === "rejected" ? (end.reason as Error).constructor.name : end.status))).toEqual(Array(3).fill("ProviderResting"));
    release(undefined);
    await probe;
    two.ground.clock.advance(1_000);
    await Promise.all([two.call(0), two.call(1)]);
    expect(two.cloud.seen.length).toBe(before + 3);
  });

  it("[VA-03] of a vendor that flaps rests longer with each try, and is tried by nobody in between", async () => {
    const two = await house([]);
    await failUntilOpen(two);
    const rests: number[] = [];
    for (let tries = 0; tries < 3; tries += 1) {
      const error: unknown = await two.call(1).then(() => null, (thrown: unknown) => thrown);
      if (!(error instanceof ProviderResting)) throw new Error("it was called while it rested", { cause: error });
      rests.push(error.retryAtMs - two.ground.clock.now());
      two.ground.clock.advance(rests.at(-1)!);
      // Whoever tried is not held to be at fault: it comes again with all others.
      await expect(two.call(0)).rejects.toBeInstanceOf(ProviderResting);
    }
    for (const [index, rest] of rests.entries()) if (index > 0) expect(rest).toBeGreaterThan(rests[index - 1]!);
  });

  it("[VA-03] takes a refusal for an answer: a vendor that refuses people is not away", async () => {
    const two = await house([]);
    two.answer = (response) => void response.writeHead(403).end();
    for (let number = 0; number < 40; number += 1) await expect(two.call((number % 2) as 0 | 1)).rejects.toMatchObject({ code: "provider_refused" });
  });

  it("[VA-03] is none for people's own servers: a dead one stops nobody, and its own connection is shown to fail", async () => {
    const auth = {
      kind: "credentials", fields: [{ name: "url", form: "address", label: { en: "Address", es: "Dirección" } }],
    } as unknown as Driver["auth"];
    const two = await house([], { auth });
    two.answer = away;
    const failures: unknown[] = [];
    for (let number = 0; number < 25; number += 1) failures.push(await two.call(0, { connectionId: "dead" }).catch((error: unknown) => error));
    expect(failures.filter((error) => !(error instanceof ProviderUnavailable) || error instanceof ProviderResting)).toEqual([]);
    two.answer = answers;
    await two.call(0, { connectionId: "alive" });
  });
});

describe("a database that is away", () => {
  it("stops no call to a vendor: each process then goes by its own view", async () => {
    const two = await house([perApp(3, 900)]);
    await two.loseDatabase();
    for (let number = 0; number < 3; number += 1) await two.call(1);
    await expect(two.call(1)).rejects.toBeInstanceOf(ProviderRateLimited);
    expect(two.cloud.seen).toHaveLength(3);
  });
});

describe("what is long over", () => {
  it("is forgotten by the sweep, and what still counts is not", async () => {
    const two = await house([perApp(40, 900)]);
    await two.call(0);
    two.ground.clock.advance(6 * DAY_MS);
    await sweepVendorGate({ database: two.databases[0]!, clock: two.ground.clock });
    expect(await two.ground.db.asOwner("select 1 from call_budgets")).toHaveLength(1);
    two.ground.clock.advance(DAY_MS + HOUR_MS);
    await sweepVendorGate({ database: two.databases[0]!, clock: two.ground.clock });
    expect(await two.ground.db.asOwner("select 1 from call_budgets")).toEqual([]);
  });
});
