/**
 * The contract of a driver: what must hold for every vendor, shown against its simulated cloud over real HTTP on the loopback
 * interface, with the real client, the real OAuth code and a clock that jumps. A vendor's own rules are tested beside its driver.
 */
import { existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult } from "#driver/records.ts";
import type { Driver, DriverCall, PulledPage, Resource } from "#driver/types.ts";
import { ProviderContractBroken } from "#errors.ts";
import { createAuthorizedFetch } from "#http/authorized.ts";
import { createHttpClient } from "#http/client.ts";
import { createRateLimiter } from "#http/rate-limiter.ts";
import { createFakeClock, type FakeClock } from "#http/test-kit.ts";
import type { HttpClient } from "#http/types.ts";
import type { Log } from "#log.ts";
import { buildAuthorizeUrl } from "#oauth/authorize-url.ts";
import { parseCallback, type OAuthCallback } from "#oauth/callback.ts";
import { createPkce } from "#oauth/pkce.ts";
import { exchangeCode, refreshTokens } from "#oauth/tokens.ts";
import type { TokenSet } from "#oauth/types.ts";
import { Secret } from "#secret.ts";
import { DAY_MS, type Window } from "#units/time.ts";
import { describePayloads, type ContractPayload } from "./contract-payloads.ts";
import { faultsOfRecords, startOf } from "./contract-records.ts";
import { describeWebhook, type WebhookContract } from "./contract-webhook.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";

/** A vendor's simulated cloud with one person in it who has data. */
export interface ContractCloud {
  /** Without a trailing slash; may carry a path. */
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Opens the address as a browser would, consents as the person, and gives the address the browser is sent back to. */
  consent(authorizeUrl: string): Promise<string>;
  /** The person takes the consent back at the vendor: tokens are dead from then on. */
  withdrawConsent?(): Promise<void> | void;
  close(): Promise<void>;
}

export interface DriverContract {
  readonly driver: Driver;
  /** The simulated cloud's clock is the test's: it stands still unless a call sleeps. */
  readonly startCloud: (clock: Clock) => Promise<ContractCloud>;
  /** What the clock shows at the start. */
  readonly nowMs: number;
  /** A window that is known to hold data of every resource that is pulled; several times the vendor's longest window. */
  readonly window: Window;
  /** Provider and connection settings other than the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How far a page may reach beyond the window that was asked for, where a vendor's bounds are unclear. Default 0. */
  readonly windowSlackMs?: number;
  /** Length of the window that a seen call asks for, ms; null for calls without one. Checked against `vendorWindowLimitMs`. */
  readonly askedWindowMs?: (url: URL) => number | null;
  readonly vendorWindowLimitMs?: number;
  /** Payloads besides those that the cloud serves: recorded, pushed, or hard to provoke. */
  readonly payloads: readonly ContractPayload[];
  readonly webhook?: WebhookContract;
}

/** A person's authorization as sync would hold it. */
interface Connection {
  tokens: TokenSet;
  readonly answer: Readonly<Record<string, unknown>>;
  refreshes: number;
  readonly http: HttpClient;
  readonly call: DriverCall;
}

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
    describe("against its simulated cloud", () => describeCloud(contract));
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

  describeConsent(world);
  describeData(world, polled);
  describeFaults(world, polled);
}

function describeConsent(world: World): void {
  const { driver } = world.contract;

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
    expect(url.searchParams.has("code_challenge")).toBe(driver.auth.pkce !== "none");
    expect(url.searchParams.get("state")).toBe(flow.state);
    if (driver.auth.pkce === "none") return;
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
    const dead = new Secret("no-such-refresh-token");
    await expect(world.refresh(connection, { refreshToken: dead })).rejects.toMatchObject({ code: "reauthorization_required" });
    await expect(world.refresh(connection, { clientSecret: "not-the-secret" })).rejects.toMatchObject({ code: "provider_misconfigured" });
    for (const status of [500, 502, 503]) {
      world.proxy.reset();
      world.proxy.answerAlways("token", { status, body: "<html>down</html>" });
      await expect(world.refresh(connection)).rejects.toMatchObject({ code: "provider_unavailable" });
    }
    world.proxy.reset();
    world.proxy.answerAlways("token", { status: 429, headers: { "retry-after": "3600" } });
    await expect(world.refresh(connection)).rejects.toMatchObject({ code: "provider_rate_limited" });
    world.proxy.reset();
    world.proxy.answerAlways("token", { status: 200, body: "<html>maintenance</html>" });
    await expect(world.refresh(connection)).rejects.toMatchObject({ code: "provider_contract" });
  });

  it("refreshes, and a rotated refresh token is dead exactly when declared [OA-16] [OA-18]", async () => {
    const connection = await world.connect();
    const before = connection.tokens.refreshToken;
    await world.refresh(connection);
    expect((await driver.identify(connection.call, connection.answer)).vendorUserId).not.toBe("");
    if (before === null) return;
    const again = world.refresh(connection, { refreshToken: before });
    if (driver.auth.refreshTokenRotates) await expect(again).rejects.toMatchObject({ code: "reauthorization_required" });
    else await expect(again).resolves.toBeInstanceOf(Secret);
  });

  it("keeps tokens, codes and the client secret out of addresses and logs [E7] [OA-15]", async () => {
    const connection = await world.connect();
    await driver.identify(connection.call, connection.answer);
    await world.refresh(connection);
    const secrets = [world.cloud.clientSecret, connection.tokens.accessToken.open(), connection.tokens.refreshToken?.open() ?? "none"];
    const places = [...world.proxy.seen.map(({ target }) => target), ...world.logged];
    expect(places.length).toBeGreaterThan(2);
    for (const place of places) for (const secret of secrets) expect(place.includes(secret)).toBe(false);
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
      const records = results.flatMap((result) => result.records);
      const metrics = new Set(records.map((record) => (record.record === "sample" ? record.metric : null)));
      const kinds = new Set<string>(records.map(({ record }) => record));
      expect(resource.metrics.filter((metric) => !metrics.has(metric)), `metrics of ${resource.name}`).toEqual([]);
      expect(resource.records.filter((kind) => !kinds.has(kind)), `records of ${resource.name}`).toEqual([]);
    }
  });

  it("asks for back-fills that come by webhook without yielding pages", async () => {
    const { call } = await world.connect();
    for (const resource of driver.resources.filter(({ pull }) => pull?.deliversByWebhook)) {
      expect(await world.pages(call, resource.name, window), resource.name).toEqual([]);
    }
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
      const meet = (earlier: Window | undefined, later: Window): boolean => earlier === undefined || later.fromMs >= earlier.toMs - windowSlackMs;
      const isAscending = spans.every((span, index) => meet(spans[index - 1], span));
      const isDescending = spans.toReversed().every((span, index, all) => meet(all[index - 1], span));
      expect(isAscending || isDescending).toBe(true);
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
          if (ms >= half.fromMs && ms < half.toMs) seen.push(JSON.stringify(record));
        }
      }
      const inside = records.filter((record) => isInside(startOf(record), window)).map((record) => JSON.stringify(record));
      expect(new Set(seen)).toEqual(new Set(inside));
    });

    it("never asks for more than the vendor allows at once", async () => {
      const { call } = await world.connect();
      await world.pages(call, name, { fromMs: window.toMs - 200 * DAY_MS, toMs: window.toMs });
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

function isInside(ms: number | null, { fromMs, toMs }: Window): boolean {
  return ms !== null && ms >= fromMs && ms < toMs;
}

function describeFaults(world: World, polled: readonly Resource[]): void {
  const { contract } = world;
  const { driver } = contract;
  const resource = polled[0]?.name;
  const window = { fromMs: contract.window.toMs - DAY_MS, toMs: contract.window.toMs };
  /** One reading of the API: a day of the first resource, or the account where nothing is polled. */
  const read = async ({ call, answer }: Connection): Promise<unknown> =>
    resource === undefined ? driver.identify(call, answer) : world.read(call, resource, window);
  const apiCalls = (): number => world.proxy.seen.filter(({ isToken }) => !isToken).length;

  it("refreshes once after a 401 and goes on [VA-14]", async () => {
    const connection = await world.connect();
    world.proxy.answerNext("api", { status: 401 });
    await read(connection);
    expect(connection.refreshes).toBe(1);
  });

  it("asks for consent again when a fresh token is refused, after exactly one refresh [VA-14]", async () => {
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

  it("asks for consent again once the person has withdrawn it [OA-22]", async () => {
    if (!world.cloud.withdrawConsent) return;
    const connection = await world.connect();
    await world.cloud.withdrawConsent();
    await expect(read(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("ends a connection at the vendor where that is possible [OA-23]", async () => {
    if (!driver.revoke) return;
    const connection = await world.connect();
    await driver.revoke(connection.call);
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

/** The same JSON with a field that nobody knows in the envelope and in each listed object. */
function withUnknownFields(payload: unknown): unknown {
  if (Array.isArray(payload)) return payload.map(withUnknownFields);
  if (typeof payload !== "object" || payload === null) return payload;
  const listed = Object.entries(payload).map(([name, value]: [string, unknown]) => [name, Array.isArray(value) ? withUnknownFields(value) : value]);
  return { ...(Object.fromEntries(listed) as object), islet_unknown_field: { nested: [1, null, "x"] } };
}

type Consent = Extract<OAuthCallback, { kind: "code" }>;

interface Flow {
  readonly url: string;
  readonly state: string;
  readonly verifier: Secret | null;
}

/** The cloud, the proxy before it, one clock, and connections made through the real rooms. */
class World {
  readonly contract: DriverContract;
  readonly clock: FakeClock;
  readonly logged: string[] = [];
  readonly #settings: Record<string, string>;
  #cloud: ContractCloud | null = null;
  #proxy: FaultProxy | null = null;

  constructor(contract: DriverContract) {
    this.contract = contract;
    this.clock = createFakeClock(contract.nowMs);
    this.#settings = Object.fromEntries(contract.driver.settings.map((setting) => [setting.name, setting.default]));
    Object.assign(this.#settings, contract.settings);
  }

  async start(): Promise<void> {
    const { driver, startCloud } = this.contract;
    this.#cloud = await startCloud(this.clock);
    const token = driver.endpoints({ ...this.#settings, base_url: this.#cloud.baseUrl }).token + driver.auth.tokenPath;
    this.#proxy = await startFaultProxy(this.#cloud.baseUrl, new URL(token).pathname);
    Object.assign(this.#settings, { base_url: this.#proxy.baseUrl, browser_base_url: this.#cloud.baseUrl });
  }

  async stop(): Promise<void> {
    await this.#proxy?.close();
    await this.#cloud?.close();
  }

  get cloud(): ContractCloud {
    if (!this.#cloud) throw new Error("The simulated cloud did not start.");
    return this.#cloud;
  }

  get proxy(): FaultProxy {
    if (!this.#proxy) throw new Error("The proxy did not start.");
    return this.#proxy;
  }

  startFlow(): Flow {
    const { auth } = this.contract.driver;
    const pkce = auth.pkce === "none" || this.#settings["pkce"] === "off" ? null : createPkce(randomBytes);
    const state = randomBytes(16).toString("base64url");
    const { clientId, redirectUri } = this.cloud;
    const parts = { auth, endpoints: this.#endpoints(), clientId, redirectUri, state };
    const url = buildAuthorizeUrl(pkce ? { ...parts, challenge: pkce.challenge } : parts);
    return { url, state, verifier: pkce?.verifier ?? null };
  }

  async consentTo(flow: Flow): Promise<Consent> {
    const back = new URL(await this.cloud.consent(flow.url));
    expect(back.href.startsWith(this.cloud.redirectUri)).toBe(true);
    const callback = parseCallback(Object.fromEntries(back.searchParams));
    if (callback.kind !== "code") throw new Error("The consent page gave no code.");
    expect(callback.state).toBe(flow.state);
    return callback;
  }

  async finishFlow(flow: Flow, other: { readonly consent?: Consent; readonly verifier?: Secret } = {}): Promise<Connection> {
    const { code, scopes } = other.consent ?? (await this.consentTo(flow));
    const verifier = other.verifier ?? flow.verifier;
    const http = this.#createClient();
    const exchange = { ...this.#tokenCall(http), code, redirectUri: this.cloud.redirectUri };
    const { tokens, answer } = await exchangeCode(verifier ? { ...exchange, verifier } : exchange);
    return this.#connectionOf(http, { ...tokens, scopes: tokens.scopes ?? scopes }, answer);
  }

  /** A new connection of the person, identified; calls are counted from here on. */
  async connect(): Promise<Connection> {
    const connection = await this.finishFlow(this.startFlow());
    const { vendorUserId, grantedScopes } = await this.contract.driver.identify(connection.call, connection.answer);
    const account = { vendorUserId, grantedScopes: grantedScopes ?? connection.call.account.grantedScopes };
    connection.call = { ...connection.call, account };
    this.proxy.seen.length = 0;
    return connection;
  }

  async refresh(connection: Connection, other: { readonly refreshToken?: Secret; readonly clientSecret?: string } = {}): Promise<Secret> {
    const refreshToken = other.refreshToken ?? connection.tokens.refreshToken;
    if (!refreshToken) throw new Error("The vendor gave no refresh token.");
    // A client of its own: a penalty of one call must not hold back the next.
    const { tokens } = await refreshTokens({ ...this.#tokenCall(this.#createClient(), other.clientSecret), refreshToken });
    connection.tokens = { ...tokens, refreshToken: tokens.refreshToken ?? connection.tokens.refreshToken };
    connection.refreshes += 1;
    return connection.tokens.accessToken;
  }

  async pages(call: DriverCall, resource: string, window: Window): Promise<PulledPage[]> {
    const pages: PulledPage[] = [];
    for await (const page of this.contract.driver.pull(call, { resource, window })) pages.push(page);
    return pages;
  }

  /** Pulls, parses and maps, as sync and the inbox do together. */
  async read(call: DriverCall, resource: string, window: Window): Promise<MapResult> {
    const results = (await this.pages(call, resource, window)).map((page) => this.map(page.resource, parseJson(page.body)));
    return { records: results.flatMap(({ records }) => records), problems: results.flatMap(({ problems }) => problems) };
  }

  map(resource: string, payload: unknown): MapResult {
    return this.contract.driver.map(resource, payload, { receivedMs: this.contract.nowMs, zone: "Europe/Madrid" });
  }

  #connectionOf(http: HttpClient, tokens: TokenSet, answer: Readonly<Record<string, unknown>>): Connection {
    const connection: Connection = {
      tokens,
      answer,
      refreshes: 0,
      call: {
        fetch: createAuthorizedFetch({
          http,
          scope: this.#scope(),
          apiBaseUrl: this.#endpoints().api,
          accessToken: async () => connection.tokens.accessToken,
          refreshAfter401: async () => this.refresh(connection),
        }),
        settings: this.#settings,
        account: { vendorUserId: null, grantedScopes: tokens.scopes },
        nowMs: this.clock.now(),
        signal: new AbortController().signal,
      },
    };
    return connection;
  }

  #endpoints(): ReturnType<Driver["endpoints"]> {
    return this.contract.driver.endpoints(this.#settings);
  }

  #scope(): { provider: string; connectionId: string } {
    return { provider: this.contract.driver.id, connectionId: "contract" };
  }

  #tokenCall(http: HttpClient, clientSecret = this.cloud.clientSecret): Omit<Parameters<typeof refreshTokens>[0], "refreshToken"> {
    const client = { id: this.cloud.clientId, secret: new Secret(clientSecret) };
    return { http, scope: this.#scope(), auth: this.contract.driver.auth, endpoints: this.#endpoints(), client, nowMs: this.clock.now() };
  }

  /** A client whose budget is the vendor's, whose jitter is always half, and whose log is kept. */
  #createClient(): HttpClient {
    const { clock } = this;
    const limiter = createRateLimiter({ clock, limitsOf: () => this.contract.driver.rateLimits });
    return createHttpClient({ clock, random: () => 0.5, log: keepingLog(this.logged), limiter, userAgent: "islet-contract" });
  }
}

function keepingLog(lines: string[]): Log {
  const keep = (fields: object, message: string): void => void lines.push(`${JSON.stringify(fields)} ${message}`);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  return log;
}

/** As the inbox reads a stored page: what is no JSON breaks the contract at its root. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    throw new ProviderContractBroken("A stored page is no JSON.", "$");
  }
}
