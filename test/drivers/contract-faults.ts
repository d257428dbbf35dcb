/** What a driver does when the vendor, the network or the person does not do as agreed. */
import { expect, it } from "vitest";
import type { Resource } from "#driver/types.ts";
import { ProviderContractBroken } from "#errors.ts";
import { DAY_MS } from "#units/time.ts";
import type { Connection, World } from "./contract-world.ts";

/** Registers the tests of faults. To be called inside the describe whose hooks start and stop the world. */
export function describeFaults(world: World, polled: readonly Resource[]): void {
  const { contract } = world;
  const { driver } = contract;
  const resource = polled[0]?.name;
  const window = { fromMs: contract.window.toMs - DAY_MS, toMs: contract.window.toMs };
  /** One reading of the API: a day of the first resource, or the account where nothing is polled. */
  const read = async ({ call, answer }: Connection): Promise<unknown> =>
    resource === undefined ? driver.identify(call, answer) : world.read(call, resource, window);
  const apiCalls = (): number => world.proxy.seen.filter(({ isToken }) => !isToken).length;

  const { auth } = driver;
  const isOAuth = auth.kind === "oauth2";
  const hasRefresh = auth.kind === "credentials" || (isOAuth && auth.givesRefreshToken !== false);

  if (isOAuth && !hasRefresh) it("asks for consent again at a 401, there being nothing to refresh with [VA-14]", async () => {
    const connection = await world.connect();
    world.proxy.answerNext("api", { status: 401 });
    await expect(read(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(apiCalls()).toBe(1);
  });

  if (hasRefresh) it("refreshes once after a 401 and goes on [VA-14]", async () => {
    const connection = await world.connect();
    world.proxy.answerNext("api", { status: 401 });
    await read(connection);
    expect(connection.refreshes).toBe(1);
  });

  if (hasRefresh) it("asks for consent again when a fresh token is refused, after exactly one refresh [VA-14]", async () => {
    const connection = await world.connect();
    world.proxy.answerAlways("api", { status: 401 });
    await expect(read(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(connection.refreshes).toBe(1);
  });

  it("waits as long as a 429 says, and by itself when it does not say [E3] [VA-02]", async () => {
    const connection = await world.connect();
    world.clock.slept.length = 0;
    world.proxy.answerNext("api", { status: 429, headers: { "retry-after": "7" } });
    await read(connection);
    expect(sum(world.clock.slept)).toBeGreaterThanOrEqual(7_000);

    const other = await world.connect();
    world.clock.slept.length = 0;
    world.proxy.answerNext("api", { status: 429 });
    await read(other);
    expect(sum(world.clock.slept)).toBeGreaterThan(0);
  });

  it("gives a long 429 back to the caller with the time to return [VA-02]", async () => {
    const connection = await world.connect();
    const nowMs = world.clock.now();
    world.proxy.answerNext("api", { status: 429, headers: { "retry-after": "1800" } });
    await expect(read(connection)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: nowMs + 1_800_000 });
    expect(world.proxy.seen.filter(({ isToken }) => !isToken)).toHaveLength(1);
  });

  it("outlives a short burst of 5xx and reports a long one [E3] [VA-03]", async () => {
    const connection = await world.connect();
    world.proxy.answerNext("api", { status: 500 }, { status: 502 }, { status: 503 });
    await read(connection);
    const other = await world.connect();
    world.proxy.answerAlways("api", { status: 503 });
    await expect(read(other)).rejects.toMatchObject({ code: "provider_unavailable" });
    expect(other.refreshes).toBe(0);
  });

  it("does not repeat what is refused for good [E3]", async () => {
    const connection = await world.connect();
    world.proxy.answerAlways("api", { status: 418, body: "canary" });
    await expect(read(connection)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 418 });
    expect(apiCalls()).toBe(1);
  });

  it.each([
    ["cut in the middle", (body: Buffer): Buffer => body.subarray(0, Math.floor(body.length / 2))],
    ["a page of HTML", (): string => "<html>canary-271828</html>"],
    ["empty", (): string => ""],
    ["a text", (): string => '"canary-271828"'],
    ["broken after a value", (): string => '{"canary-271828": canary-271828'],
    ["null", (): string => "null"],
  ])("reports an answer that is %s as a broken contract, without a word of it [VA-04]", async (_, rewrite) => {
    const connection = await world.connect();
    let sent = "";
    world.proxy.rewrite("api", (body) => {
      const rewritten = Buffer.from(rewrite(body));
      sent = rewritten.toString("utf8");
      return rewritten;
    });
    const error = await read(connection).then(() => null, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderContractBroken);
    expectSilent(error, ["canary", sent.slice(-12).trim() || "canary"]);
  });

  it("is not held for ever by a vendor that repeats one page [VA-06]", async () => {
    const connection = await world.connect();
    let first: Buffer | null = null;
    world.proxy.rewrite("api", (body) => (first ??= body));
    await read(connection).catch((error: unknown) => expect(error).toBeInstanceOf(ProviderContractBroken));
    expect(apiCalls()).toBeLessThan(1_000);
  });

  // What a person typed goes on being accepted until they change it; an aggregator's app keys never end.
  if (isOAuth) it("asks for consent again once the person has withdrawn it [OA-22]", async () => {
    const connection = await world.connect();
    await world.cloud.withdrawConsent();
    await expect(read(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  if (driver.revoke !== undefined) it("ends a connection at the vendor [OA-23]", async () => {
    const connection = await world.connect();
    await driver.revoke?.(connection.call, world.appCall());
    await expect(read(connection)).rejects.toMatchObject({ code: expect.stringMatching(/^(reauthorization_required|provider_refused)$/) as string });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Neither the error nor any of its causes repeats one of these. */
function expectSilent(error: unknown, canaries: readonly string[]): void {
  for (let each = error; each instanceof Error; each = each.cause) {
    for (const canary of canaries) expect(each.message).not.toContain(canary);
  }
}
