/**
 * The contract of a driver: what must hold for every vendor, shown against its simulated cloud over real HTTP on the loopback
 * interface, with the real client, the real OAuth code and a clock that jumps. A vendor's own rules are tested beside its driver.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkDriver } from "#driver/check.ts";
import type { MapResult } from "#driver/records.ts";
import type { CredentialsAuth, HostedAuth } from "#driver/auth.ts";
import type { Resource } from "#driver/types.ts";
import type { OAuth2Auth } from "#oauth/types.ts";
import { createPkce } from "#oauth/pkce.ts";
import { Secret } from "#secret.ts";
import { DAY_MS, type Window } from "#units/time.ts";
import { describeFaults } from "./contract-faults.ts";
import { describePayloads } from "./contract-payloads.ts";
import { faultsOfRecords, startOf } from "./contract-records.ts";
import { describeWebhook } from "./contract-webhook.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";

export type { ContractCloud, DriverContract } from "./contract-world.ts";

/** Registers the suite. To be called once, at the top of `test/drivers/<vendor>.test.ts`. */
export function testDriver(contract: DriverContract): void {
  const { driver } = contract;
  describe(`the ${driver.id} driver`, () => {
    describeDeclarations(contract);
    describePayloads(contract.driver, contract.payloads, contract.nowMs);
    if (contract.webhook) describeWebhook(driver, contract.webhook);
    it("has a webhook part exactly when its webhook is tested", () => {
      expect(contract.webhook !== undefined).toBe(driver.webhook !== undefined);
    });
    // Phones and people have no cloud: what they send is all there is, and the payloads are that.
    if (driver.auth.kind === "device" || driver.auth.kind === "none") describePushed(contract);
    else describe("against its simulated cloud", () => describeCloud(contract));
  });
}

function describeDeclarations({ driver }: DriverContract): void {
  it("declares nothing that contradicts itself", () => {
    expect(() => checkDriver(driver)).not.toThrow();
  });

  it("lives in the folder of its id and has its two pages", () => {
    for (const path of [`src/drivers/${driver.id}/index.ts`, `src/drivers/${driver.id}/README.md`, `docs/drivers/${driver.id}.md`]) {
      expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true);
    }
  });
}

/** Everything that needs the cloud. State that tests share is the cloud; each test has a connection and a clock that goes on. */
function describeCloud(contract: DriverContract): void {
  const { driver } = contract;
  const world = new World(contract);
  const polled = driver.resources.filter(({ pull }) => pull !== undefined && pull.deliversByWebhook === undefined);

  beforeAll(() => world.start());
  afterEach(() => world.proxy.reset());
  afterAll(() => world.stop());

  if (driver.auth.kind === "oauth2") describeConsent(world, driver.auth);
  if (driver.auth.kind === "credentials") describeCredentials(world, driver.auth);
  if (driver.auth.kind === "hosted") describeHosted(world, driver.auth);
  describeData(world, polled);
  describeFaults(world, polled);
}

/** What must hold where phones and people send: every resource they may send to is one, and gives what it declares. */
function describePushed({ driver, payloads, nowMs }: DriverContract): void {
  it("takes what it says that may be sent", () => {
    const { auth } = driver;
    if (auth.kind !== "device" && auth.kind !== "none") throw new Error("Nothing is sent to this driver.");
    expect(auth.pushes.length).toBeGreaterThan(0);
    expect(auth.pushes.filter((name) => !driver.resources.some((resource) => resource.name === name))).toEqual([]);
    expect(driver.resources.every(({ pull }) => pull === undefined)).toBe(true);
  });

  it("really produces each metric and kind of record that it declares [W3]", () => {
    for (const resource of driver.resources) {
      const results = payloads.filter((each) => each.resource === resource.name).map(({ payload }) => driver.map(resource.name, payload, { receivedMs: nowMs, zone: "Europe/Madrid" }));
      expectDeclared(resource, results);
    }
  });
}

function expectDeclared(resource: Resource, results: readonly MapResult[]): void {
  const records = results.flatMap((result) => result.records);
  const metrics = new Set(records.map((record) => (record.record === "sample" ? record.metric : null)));
  const kinds = new Set<string>(records.map(({ record }) => record));
  expect(resource.metrics.filter((metric) => !metrics.has(metric)), `metrics of ${resource.name}`).toEqual([]);
  expect(resource.records.filter((kind) => !kinds.has(kind)), `records of ${resource.name}`).toEqual([]);
}

function describeCredentials(world: World, auth: CredentialsAuth): void {
  const { driver } = world.contract;
  const secrets = (): string[] => auth.fields.filter(({ isSecret }) => isSecret).flatMap(({ name }) => world.credentials()[name] ?? []);

  it("leads from what the person types to a session and a stable account [R2]", async () => {
    const first = await world.connect();
    expect(first.call.account.vendorUserId).not.toBe("");
    expect((await driver.identify(first.call, {})).vendorUserId).toBe(first.call.account.vendorUserId);
    expect((await world.connect()).call.account.vendorUserId).toBe(first.call.account.vendorUserId);
  });

  it("asks the person again when the vendor refuses what they typed, and at once [OA-20]", async () => {
    const wrong = Object.fromEntries(Object.entries(world.credentials()).map(([name, value]) => [name, auth.fields.some((field) => field.name === name && field.isSecret) ? `${value}-wrong` : value]));
    await expect(world.signIn(auth, wrong)).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(world.clock.slept).toEqual([]);
  });

  it("asks the person again when what they typed is no longer accepted after the session has ended [OA-22]", async () => {
    const connection = await world.connect();
    connection.credentials = Object.fromEntries(Object.entries(connection.credentials).map(([name, value]) => [name, auth.fields.some((field) => field.name === name && field.isSecret) ? `${value}-old` : value]));
    world.proxy.answerNext("api", { status: 401 });
    await expect(driver.identify(connection.call, {})).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(connection.refreshes).toBe(1);
  });

  it("tells an outage of the sign-in from a refusal [OA-21]", async () => {
    for (const status of [502, 503]) {
      world.proxy.reset();
      world.proxy.answerAlways("token", { status, body: "<html>down</html>" });
      await expect(world.signIn(auth, world.credentials())).rejects.toMatchObject({ code: "provider_unavailable" });
    }
    world.proxy.reset();
    world.proxy.answerAlways("token", { status: 200, body: "<html>maintenance</html>" });
    await expect(world.signIn(auth, world.credentials())).rejects.toMatchObject({ code: "provider_contract" });
  });

  it("keeps what the person typed out of addresses and logs [E7] [OA-15] [OA-28]", async () => {
    const connection = await world.connect();
    await world.signIn(auth, world.credentials());
    await driver.identify(connection.call, {});
    const addresses = world.contract.takesTokenInAddress ? [] : world.proxy.seen.map(({ target }) => target);
    const places = [...addresses, ...world.logged];
    expect(places.length).toBeGreaterThan(1);
    for (const place of places) for (const secret of secrets()) expect(place.includes(secret)).toBe(false);
  });
}

function describeHosted(world: World, auth: HostedAuth): void {
  const { driver } = world.contract;

  it("leads from the vendor's page to a stable account [R2]", async () => {
    const { call } = await world.connect();
    expect(call.account.vendorUserId).not.toBe("");
    expect((await driver.identify(call, {})).vendorUserId).toBe(call.account.vendorUserId);
  });

  it("believes nothing that the browser brings back unless the vendor confirms it [OA-06]", async () => {
    const { call } = await world.connect();
    const query = { user_id: call.account.vendorUserId ?? "" };
    await expect(auth.finish(world.appCall(), { query, reference: "somebody-else" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(auth.finish(world.appCall(), { query: {}, reference: "somebody-else" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(auth.finish(world.appCall(), { query: { user_id: "no-such-user" }, reference: "somebody-else" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("keeps the app's keys out of addresses and logs [E7]", async () => {
    const { call } = await world.connect();
    await driver.identify(call, {});
    const places = [...world.proxy.seen.map(({ target }) => target), ...world.logged];
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(place.includes(world.cloud.clientSecret)).toBe(false);
  });
}

function describeConsent(world: World, auth: OAuth2Auth): void {
  const { driver } = world.contract;
  const hasRefresh = auth.givesRefreshToken !== false;

  it("leads from the consent page to tokens and to a stable account [R2] [P1]", async () => {
    const connection = await world.connect();
    const first = await driver.identify(connection.call, connection.answer);
    expect(first.vendorUserId).not.toBe("");
    expect(await driver.identify(connection.call, connection.answer)).toEqual(first);
    const again = await world.connect();
    expect((await driver.identify(again.call, again.answer)).vendorUserId).toBe(first.vendorUserId);
  });

  it("sends a PKCE challenge exactly as declared, and the cloud holds us to it [P1] [OA-06] [OA-08]", async () => {
    const flow = world.startFlow();
    const url = new URL(flow.url);
    expect(url.searchParams.has("code_challenge")).toBe(auth.pkce !== "none");
    expect(url.searchParams.get("state")).toBe(flow.state);
    if (auth.pkce === "none") return;
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    expect(url.searchParams.get("code_challenge")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await expect(world.finishFlow(flow, { verifier: createPkce(randomBytes).verifier })).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("cannot spend a code twice", async () => {
    const flow = world.startFlow();
    const consent = await world.consentTo(flow);
    await world.finishFlow(flow, { consent });
    await expect(world.finishFlow(flow, { consent })).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("tells a dead grant, a wrong client and an outage of the token endpoint apart [OA-20] [OA-21]", async () => {
    const connection = await world.connect();
    // Where tokens cannot be refreshed, the code is what the token endpoint judges.
    const trade = async (clientSecret?: string, isDead = false): Promise<unknown> => {
      const given = clientSecret === undefined ? {} : { clientSecret };
      if (hasRefresh) return world.refresh(connection, isDead ? { ...given, refreshToken: new Secret("no-such-refresh-token") } : given);
      const flow = world.startFlow();
      const consent = await world.consentTo(flow);
      return world.finishFlow(flow, { ...given, consent: isDead ? { ...consent, code: new Secret("no-such-code") } : consent });
    };
    await expect(trade(undefined, true)).rejects.toMatchObject({ code: "reauthorization_required" });
    await expect(trade("not-the-secret")).rejects.toMatchObject({ code: "provider_misconfigured" });
    for (const status of [500, 502, 503]) {
      world.proxy.reset();
      world.proxy.answerAlways("token", { status, body: "<html>down</html>" });
      await expect(trade()).rejects.toMatchObject({ code: "provider_unavailable" });
    }
    world.proxy.reset();
    world.proxy.answerAlways("token", { status: 429, headers: { "retry-after": "3600" } });
    await expect(trade()).rejects.toMatchObject({ code: "provider_rate_limited" });
    world.proxy.reset();
    world.proxy.answerAlways("token", { status: 200, body: "<html>maintenance</html>" });
    await expect(trade()).rejects.toMatchObject({ code: "provider_contract" });
  });

  if (hasRefresh) it("refreshes, and a rotated refresh token is dead exactly when declared [OA-16] [OA-18]", async () => {
    const connection = await world.connect();
    const before = connection.tokens.refreshToken;
    await world.refresh(connection);
    expect((await driver.identify(connection.call, connection.answer)).vendorUserId).not.toBe("");
    if (before === null) return;
    const again = world.refresh(connection, { refreshToken: before });
    if (auth.refreshTokenRotates) await expect(again).rejects.toMatchObject({ code: "reauthorization_required" });
    else await expect(again).resolves.toBeInstanceOf(Secret);
  });

  it("keeps tokens, codes and the client secret out of addresses and logs [E7] [OA-15]", async () => {
    const connection = await world.connect();
    await driver.identify(connection.call, connection.answer);
    if (hasRefresh) await world.refresh(connection);
    const [accessToken, ...secrets] = [connection.tokens.accessToken.open(), world.cloud.clientSecret, connection.tokens.refreshToken?.open() ?? "none"];
    const addresses = world.proxy.seen.map(({ target }) => target);
    expect(addresses.length + world.logged.length).toBeGreaterThan(2);
    for (const place of [...addresses, ...world.logged]) for (const secret of secrets) expect(place.includes(secret)).toBe(false);
    for (const place of world.contract.takesTokenInAddress ? world.logged : [...addresses, ...world.logged]) expect(place.includes(accessToken)).toBe(false);
  });
}

function describeData(world: World, polled: readonly Resource[]): void {
  const { contract } = world;
  const { driver, window, windowSlackMs = 0 } = contract;
  const known = new Map<string, Promise<MapResult>>();
  /** All that the window holds of a resource, asked once. */
  const whole = (resource: string): Promise<MapResult> => {
    const given = known.get(resource) ?? world.connect().then(({ call }) => world.read(call, resource, window));
    known.set(resource, given);
    return given;
  };

  it("really produces each metric and kind of record that it declares [W3]", async () => {
    for (const resource of driver.resources) {
      const given = contract.payloads.filter((each) => each.resource === resource.name);
      const results = given.map(({ payload }) => world.map(resource.name, payload));
      if (polled.includes(resource)) results.push(await whole(resource.name));
      expectDeclared(resource, results);
    }
  });

  const announced = driver.resources.filter(({ pull }) => pull?.deliversByWebhook);
  if (announced.length > 0) it("asks for back-fills that come by webhook without yielding pages", async () => {
    const { call } = await world.connect();
    for (const { name } of announced) expect(await world.pages(call, name, window), name).toEqual([]);
  });

  describe.each(polled.map((resource) => ({ name: resource.name, resource })))("pulling $name", ({ name, resource }) => {
    it("gives valid records of the declared kinds in canonical units, without problems", async () => {
      const { records, problems } = await whole(name);
      expect(problems).toEqual([]);
      expect(faultsOfRecords(records, resource, contract.nowMs)).toEqual([]);
    });

    it("gives pages in one order, so that a broken pull can go on where it stopped [VA-08]", async () => {
      const { call } = await world.connect();
      const spans = (await world.pages(call, name, window)).flatMap((page) => {
        const times = world.map(page.resource, parseJson(page.body)).records.map(startOf).filter((ms) => ms !== null);
        return times.length > 0 ? [{ fromMs: times.reduce((a, b) => Math.min(a, b)), toMs: times.reduce((a, b) => Math.max(a, b)) }] : [];
      });
      expect(followOneAnother(spans, windowSlackMs) || followOneAnother(spans.toReversed(), windowSlackMs)).toBe(true);
    });

    it("gives the same again [W5]", async () => {
      const { call } = await world.connect();
      expect(await world.read(call, name, window)).toEqual(await whole(name));
    });

    it("loses and invents nothing where two half-open windows meet", async () => {
      const { records } = await whole(name);
      const times = records.map(startOf).filter((ms) => ms !== null).toSorted((a, b) => a - b);
      // The instant of a record is the sharpest place to cut at.
      const cutMs = times[Math.floor(times.length / 2)] ?? (window.fromMs + window.toMs) / 2;
      const { call } = await world.connect();
      const halves = [{ fromMs: window.fromMs, toMs: cutMs }, { fromMs: cutMs, toMs: window.toMs }];
      const seen: string[] = [];
      for (const half of halves) {
        for (const record of (await world.read(call, name, half)).records) {
          const ms = startOf(record);
          if (ms === null) continue;
          expect(ms).toBeGreaterThanOrEqual(half.fromMs - windowSlackMs);
          expect(ms).toBeLessThan(half.toMs + windowSlackMs + 1);
          // What belongs to a night or an outing comes with it, also past the bound where the other half begins.
          if (isInside(ms, window)) seen.push(JSON.stringify(record));
        }
      }
      const inside = records.filter((record) => isInside(startOf(record), window)).map((record) => JSON.stringify(record));
      expect(new Set(seen)).toEqual(new Set(inside));
    });

    it("never asks for more than the vendor allows at once", async () => {
      const { call } = await world.connect();
      // Of a vendor that is asked day by day a small budget ends before the window does; what was asked until then counts.
      await world.pages(call, name, { fromMs: window.toMs - 200 * DAY_MS, toMs: window.toMs }).catch((error: unknown) => {
        if (driver.rateLimits.every(({ requests }) => requests >= 200)) throw error;
        expect(error).toMatchObject({ code: "provider_rate_limited" });
      });
      expect(world.proxy.seen.length).toBeGreaterThan(0);
      const asked = world.proxy.seen.map(({ target }) => contract.askedWindowMs?.(new URL(target, "http://cloud")) ?? 0);
      expect(Math.max(...asked)).toBeLessThanOrEqual(contract.vendorWindowLimitMs ?? Number.POSITIVE_INFINITY);
    });

    it("tolerates unknown fields", async () => {
      const { call } = await world.connect();
      world.proxy.rewrite("api", (body) => JSON.stringify(withUnknownFields(JSON.parse(body.toString("utf8")))));
      expect(await world.read(call, name, window)).toEqual(await whole(name));
    });
  });
}

/** Whether each stretch begins where the one before it ended, or later. */
function followOneAnother(spans: readonly Window[], slackMs: number): boolean {
  return spans.every((span, index) => span.fromMs >= (spans[index - 1]?.toMs ?? Number.NEGATIVE_INFINITY) - slackMs);
}

function isInside(ms: number | null, { fromMs, toMs }: Window): boolean {
  return ms !== null && ms >= fromMs && ms < toMs;
}

/** The same JSON with a field that nobody knows in the envelope and in each listed object. */
function withUnknownFields(payload: unknown): unknown {
  if (Array.isArray(payload)) return payload.map(withUnknownFields);
  if (typeof payload !== "object" || payload === null) return payload;
  const listed = Object.entries(payload).map(([name, value]: [string, unknown]) => [name, Array.isArray(value) ? withUnknownFields(value) : value]);
  return { ...(Object.fromEntries(listed) as object), islet_unknown_field: { nested: [1, null, "x"] } };
}
