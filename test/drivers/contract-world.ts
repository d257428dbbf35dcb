/** What the contract suite stands on: a simulated cloud, a proxy before it, one clock, and connections made by the real rooms. */
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Clock } from "#clock.ts";
import type { MapResult } from "#driver/records.ts";
import { oauthOf, type CredentialsAuth, type HostedAuth, type Session } from "#driver/auth.ts";
import type { AppCall, Driver, DriverCall, ProviderAccount, PulledPage } from "#driver/types.ts";
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
import type { OAuth2Auth, TokenSet } from "#oauth/types.ts";
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
  /** What the person enters the cloud with, where it has no consent page. */
  readonly account?: ContractAccount;
  /** Opens the address as a browser would, consents as the person, and gives the address the browser is sent back to. */
  consent(authorizeUrl: string): Promise<string>;
  /** The person takes the consent back at the vendor: tokens are dead from then on. */
  withdrawConsent(): Promise<void> | void;
  close(): Promise<void>;
}

export interface ContractAccount {
  readonly userName: string;
  readonly password: string;
  readonly key: string;
}

export interface DriverContract {
  readonly driver: Driver;
  /** What the person types into the driver's fields, for drivers with credentials. */
  readonly credentials?: (account: ContractAccount, baseUrl: string) => Readonly<Record<string, string>>;
  /** Paths of the vendor's sign-in, below `base_url`, for drivers with credentials: faults of the API spare them. */
  readonly signInPaths?: readonly string[];
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
  /** The vendor takes the access token nowhere but in the address: then only logs must be free of it. */
  readonly takesTokenInAddress?: true;
  /** Payloads besides those that the cloud serves: recorded, pushed, or hard to provoke. */
  readonly payloads: readonly ContractPayload[];
  readonly webhook?: WebhookContract;
}

/** A person's authorization as sync would hold it. */
export interface Connection {
  tokens: TokenSet;
  /** What the person typed, for drivers with credentials. */
  credentials: Readonly<Record<string, string>>;
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
    const { auth } = driver;
    const token = driver.endpoints({ ...this.#settings, base_url: this.#cloud.baseUrl }).token;
    const doors = auth.kind === "oauth2" ? [auth.tokenPath, auth.refreshPath ?? auth.tokenPath] : (this.contract.signInPaths ?? []);
    this.#proxy = await startFaultProxy(this.#cloud.baseUrl, doors.map((path) => new URL(token + path).pathname));
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

  get #auth(): OAuth2Auth {
    return oauthOf(this.contract.driver);
  }

  startFlow(): Flow {
    const auth = this.#auth;
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
    const { connection, known } = await this.#begin();
    const { vendorUserId, grantedScopes } = known ?? (await this.contract.driver.identify(connection.call, connection.answer));
    const account = { vendorUserId, grantedScopes: grantedScopes ?? connection.call.account.grantedScopes };
    connection.call = { ...connection.call, account };
    this.proxy.seen.length = 0;
    return connection;
  }

  /** `known`: the account, where the way in tells it. */
  async #begin(): Promise<{ readonly connection: Connection; readonly known: ProviderAccount | null }> {
    const { auth } = this.contract.driver;
    if (auth.kind === "oauth2") return { connection: await this.finishFlow(this.startFlow()), known: null };
    if (auth.kind === "credentials") return this.#signedIn(auth);
    if (auth.kind === "hosted") return this.#hosted(auth);
    throw new Error(`Nobody connects ${this.contract.driver.id} at its cloud.`);
  }

  async #signedIn(auth: CredentialsAuth): Promise<{ connection: Connection; known: ProviderAccount }> {
    const credentials = this.credentials();
    const http = this.#createClient();
    const session = await this.signIn(auth, credentials, http);
    const connection = this.#connectionOf(http, tokensOf(session), {});
    connection.credentials = credentials;
    return { connection, known: session.account };
  }

  /** What the person types. */
  credentials(): Readonly<Record<string, string>> {
    const { account, baseUrl } = this.cloud;
    if (!account || !this.contract.credentials) throw new Error("The contract gives no credentials.");
    return this.contract.credentials(account, baseUrl);
  }

  /** Signs in as the core does; what is learnt on the way becomes a setting. */
  async signIn(auth: CredentialsAuth, credentials: Readonly<Record<string, string>>, http = this.#createClient()): Promise<Session> {
    const settings = this.#settings;
    const session = await auth.signIn({
      credentials, settings, nowMs: this.clock.now(),
      fetchAt: (changed) => createAppFetch({ http, scope: this.#scope(), apiBaseUrl: this.contract.driver.endpoints({ ...settings, ...changed }).api }),
    });
    Object.assign(this.#settings, session.settings);
    return session;
  }

  async #hosted(auth: HostedAuth): Promise<{ connection: Connection; known: ProviderAccount }> {
    const reference = "5e1f3c1e-2f6b-4c0f-9d53-0a8de2a1c001";
    const returnUrl = `${this.cloud.redirectUri}?state=contract`;
    const app = this.appCall();
    const { url } = await auth.begin(app, { reference, returnUrl, failureUrl: `${returnUrl}&failed=1`, language: "en" });
    const back = new URL(await this.cloud.consent(url));
    expect(back.searchParams.get("state")).toBe("contract");
    const known = await auth.finish(app, { query: Object.fromEntries(back.searchParams), reference });
    const connection = this.#connectionOf(this.#createClient(), { accessToken: new Secret("none"), refreshToken: null, expiresAtMs: Number.MAX_SAFE_INTEGER, scopes: null }, {});
    connection.call = { ...connection.call, fetch: app.fetch };
    return { connection, known };
  }

  async refresh(connection: Connection, other: { readonly refreshToken?: Secret; readonly clientSecret?: string } = {}): Promise<Secret> {
    const { auth } = this.contract.driver;
    if (auth.kind === "credentials") {
      connection.refreshes += 1;
      connection.tokens = tokensOf(await this.signIn(auth, connection.credentials));
      return connection.tokens.accessToken;
    }
    const refreshToken = other.refreshToken ?? connection.tokens.refreshToken;
    if (!refreshToken) throw new ReauthorizationRequired("The vendor gave no refresh token.");
    // A client of its own: a penalty of one call must not hold back the next.
    const { accessToken } = connection.tokens;
    const { tokens } = await refreshTokens({ ...this.#tokenCall(this.#createClient(), other.clientSecret), refreshToken, accessToken });
    connection.tokens = { ...tokens, refreshToken: tokens.refreshToken ?? connection.tokens.refreshToken };
    connection.refreshes += 1;
    return connection.tokens.accessToken;
  }

  /** Calls on behalf of the app itself, with the cloud's own client. */
  appCall(): AppCall {
    const { clientId, clientSecret } = this.cloud;
    const { auth } = this.contract.driver;
    const fetch = createAppFetch({
      http: this.#createClient(), scope: this.#scope(), apiBaseUrl: this.#endpoints().api,
      ...(auth.kind === "hosted" ? { headers: auth.appHeaders({ clientId, clientSecret }) } : {}),
    });
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
    const { auth } = this.contract.driver;
    const connection: Connection = {
      tokens,
      credentials: {},
      answer,
      refreshes: 0,
      call: {
        fetch: createAuthorizedFetch({
          http,
          scope: this.#scope(),
          apiBaseUrl: this.#endpoints().api,
          ...(auth.kind === "credentials" ? { tokenPlace: auth.sessionIn(this.#settings) } : {}),
          ...(auth.kind === "oauth2" && auth.tokenPlace ? { tokenPlace: auth.tokenPlace } : {}),
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
    return { http, scope: this.#scope(), auth: this.#auth, endpoints: this.#endpoints(), client, nowMs: this.clock.now() };
  }

  /** A client whose budget is the vendor's, whose jitter is always half, and whose log is kept. */
  #createClient(): HttpClient {
    const { clock } = this;
    const limiter = createRateLimiter({ clock, limitsOf: () => this.contract.driver.rateLimits });
    return createHttpClient({ clock, random: () => 0.5, log: keepingLog(this.logged), limiter, userAgent: "islet-contract" });
  }
}

function tokensOf({ token, expiresAtMs, account }: Session): TokenSet {
  return { accessToken: token, refreshToken: null, expiresAtMs, scopes: account.grantedScopes };
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
