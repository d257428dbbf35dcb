/** What the contract suite stands on: a simulated cloud, a proxy before it, one clock, and connections made by the real rooms. */
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Clock } from "#clock.ts";
import type { MapResult } from "#driver/records.ts";
import type { AppCall, Driver, DriverCall, PulledPage } from "#driver/types.ts";
import { ProviderContractBroken, ReauthorizationRequired } from "#errors.ts";
import { createAppFetch, createAuthorizedFetch } from "#http/authorized.ts";
import { createHttpClient } from "#http/client.ts";
import { createRateLimiter } from "#http/rate-limiter.ts";
import { createFakeClock, type FakeClock } from "#http/test-kit.ts";
import type { HttpClient } from "#http/types.ts";
import type { Log } from "#log.ts";
import { buildAuthorizeUrl } from "#oauth/authorize-url.ts";
import { scopesOf } from "#oauth/scopes.ts";
import { parseCallback, type OAuthCallback } from "#oauth/callback.ts";
import { createPkce } from "#oauth/pkce.ts";
import { exchangeCode, refreshTokens } from "#oauth/tokens.ts";
import type { TokenSet } from "#oauth/types.ts";
import { Secret } from "#secret.ts";
import type { Window } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
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
  withdrawConsent(): Promise<void> | void;
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
export interface Connection {
  tokens: TokenSet;
  readonly answer: Readonly<Record<string, unknown>>;
  refreshes: number;
  call: DriverCall;
}

export type Consent = Extract<OAuthCallback, { kind: "code" }>;

export interface Flow {
  readonly url: string;
  readonly state: string;
  readonly verifier: Secret | null;
}

/** The cloud, the proxy before it, one clock, and connections made through the real rooms. */
export class World {
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
    const parts = { auth, scopes: scopesOf(auth, this.#settings), endpoints: this.#endpoints(), clientId, redirectUri, state };
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

  async finishFlow(flow: Flow, other: { readonly consent?: Consent; readonly verifier?: Secret; readonly clientSecret?: string } = {}): Promise<Connection> {
    const { code, scopes } = other.consent ?? (await this.consentTo(flow));
    const verifier = other.verifier ?? flow.verifier;
    const http = this.#createClient();
    const exchange = { ...this.#tokenCall(http, other.clientSecret), code, redirectUri: this.cloud.redirectUri };
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
    if (!refreshToken) throw new ReauthorizationRequired("The vendor gave no refresh token.");
    // A client of its own: a penalty of one call must not hold back the next.
    const { tokens } = await refreshTokens({ ...this.#tokenCall(this.#createClient(), other.clientSecret), refreshToken });
    connection.tokens = { ...tokens, refreshToken: tokens.refreshToken ?? connection.tokens.refreshToken };
    connection.refreshes += 1;
    return connection.tokens.accessToken;
  }

  /** Calls on behalf of the app itself, with the cloud's own client. */
  appCall(): AppCall {
    const { clientId, clientSecret } = this.cloud;
    const fetch = createAppFetch({ http: this.#createClient(), scope: this.#scope(), apiBaseUrl: this.#endpoints().api });
    return { fetch, clientId, clientSecret, settings: this.#settings };
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
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    throw new ProviderContractBroken("A stored page is no JSON.", "$");
  }
}
