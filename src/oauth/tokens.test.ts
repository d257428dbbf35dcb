import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createTestClient, replyJson, startTestServer, TEST_START_MS, type TestServer } from "#http/test-kit.ts";
import {
  InternalError,
  IsletError,
  ProviderContractBroken,
  ProviderMisconfigured,
  ProviderRateLimited,
  ProviderRefused,
  ProviderUnavailable,
  ReauthorizationRequired,
} from "../errors.ts";
import { Secret } from "../secret.ts";
import { commas, lenient, strict, wrapping } from "./test-vendors.ts";
import { exchangeCode, refreshTokens, type CodeExchange, type TokenRefresh } from "./tokens.ts";

const CANARY = "canary-c0de";
const good = { token_type: "bearer", access_token: `at-${CANARY}`, refresh_token: `rt-${CANARY}`, expires_in: 7_200 };

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function vendor(respond: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(respond);
  servers.push(server);
  return server;
}

async function answering(status: number, body: unknown): Promise<TestServer> {
  return vendor((response) => (typeof body === "string" ? response.writeHead(status).end(body) : replyJson(response, status, body)));
}

function exchange(server: TestServer, more: Partial<CodeExchange> = {}): CodeExchange {
  return {
    http: createTestClient(),
    scope: { provider: "dexcom" },
    auth: lenient,
    endpoints: { token: server.baseUrl },
    client: { id: "client-1", secret: new Secret(`cs-${CANARY}`) },
    nowMs: TEST_START_MS,
    code: new Secret(`code-${CANARY}`),
    redirectUri: "https://islet.example/oauth/dexcom/callback",
    ...more,
  };
}

function refresh(server: TestServer, more: Partial<TokenRefresh> = {}): TokenRefresh {
  const { code: _, redirectUri: __, ...common } = exchange(server);
  return { ...common, refreshToken: new Secret(`old-${CANARY}`), ...more };
}

async function stumbling(): Promise<TestServer> {
  return vendor((response, _, number) => (number === 1 ? response.writeHead(503).end() : replyJson(response, 200, good)));
}

/** The error of a call, checked to hold none of the secrets. */
async function errorOf(promise: Promise<unknown>): Promise<IsletError> {
  const error: unknown = await promise.then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(IsletError);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY);
  return error as IsletError;
}

function formOf(server: TestServer, index = 0): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(server.seen[index]?.body));
}

describe("what is sent to the token endpoint", () => {
  it("[E2][P1] exchanges a code with verifier, redirect URI and the client in the body", async () => {
    const server = await answering(200, good);
    await exchangeCode(exchange(server, { verifier: new Secret("v".repeat(43)) }));
    expect(server.seen).toMatchObject([{ method: "POST", url: "/v3/oauth2/token", headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" } }]);
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    expect(formOf(server)).toEqual({
      grant_type: "authorization_code",
      code: `code-${CANARY}`,
      redirect_uri: "https://islet.example/oauth/dexcom/callback",
      code_verifier: "v".repeat(43),
      client_id: "client-1",
      client_secret: `cs-${CANARY}`,
    });
  });

  it("leaves out what a vendor does not want", async () => {
    const server = await answering(200, good);
    await exchangeCode(exchange(server, { auth: commas }));
    expect(Object.keys(formOf(server)).toSorted()).toEqual(["client_id", "client_secret", "code", "grant_type"]);
  });

  it("puts the client into Basic credentials, form-encoded, where the vendor wants it there", async () => {
    const server = await answering(200, good);
    const client = { id: "id:1", secret: new Secret("p w+%") };
    await refreshTokens(refresh(server, { auth: { ...strict, clientAuthentication: "basic" }, client }));
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("id%3A1:p+w%2B%25").toString("base64")}`);
    expect(formOf(server)).toEqual({ grant_type: "refresh_token", refresh_token: `old-${CANARY}` });
  });

  it("[E4] refreshes with the old token", async () => {
    const server = await answering(200, good);
    await refreshTokens(refresh(server));
    expect(formOf(server)).toEqual({ grant_type: "refresh_token", refresh_token: `old-${CANARY}`, client_id: "client-1", client_secret: `cs-${CANARY}` });
  });

  it("sends with a refresh what the vendor wants to see again, and with a code nothing of it", async () => {
    const server = await answering(200, good);
    const auth = { ...lenient, extraRefreshParameters: { scope: "offline" } };
    await refreshTokens(refresh(server, { auth }));
    expect(formOf(server)).toMatchObject({ grant_type: "refresh_token", refresh_token: `old-${CANARY}`, scope: "offline" });
    await exchangeCode(exchange(server, { auth }));
    expect(formOf(server, 1)).not.toHaveProperty("scope");
  });

  it("[OA-08] makes no call without the verifier that a vendor requires, nor with one where there is none", async () => {
    const server = await answering(200, good);
    expect(await errorOf(exchangeCode(exchange(server, { auth: strict })))).toBeInstanceOf(InternalError);
    expect(await errorOf(exchangeCode(exchange(server, { auth: commas, verifier: new Secret("v") })))).toBeInstanceOf(InternalError);
    expect(server.seen).toHaveLength(0);
  });
});

describe("the token answer", () => {
  it("[E2][E7] gives tokens as secrets, and the rest of the answer without them", async () => {
    const server = await answering(200, { ...good, id_token: `id-${CANARY}`, scope: "egv offline_access", athlete: { id: 42 }, "not-before-policy": 0 });
    const { tokens, answer } = await exchangeCode(exchange(server));
    expect(tokens.accessToken.open()).toBe(`at-${CANARY}`);
    expect(tokens.refreshToken?.open()).toBe(`rt-${CANARY}`);
    expect(tokens).toMatchObject({ expiresAtMs: TEST_START_MS + 7_200_000, scopes: ["egv", "offline_access"] });
    expect(answer).toEqual({ token_type: "bearer", expires_in: 7_200, scope: "egv offline_access", athlete: { id: 42 }, "not-before-policy": 0 });
    expect(inspect({ tokens, answer }, { depth: 9 }) + JSON.stringify({ tokens, answer })).not.toContain(CANARY);
  });

  it.each([undefined, null, ""])("[OA-18] tells by null that the vendor sent no refresh token (%j)", async (refresh_token) => {
    const server = await answering(200, { ...good, refresh_token });
    expect((await refreshTokens(refresh(server))).tokens.refreshToken).toBeNull();
  });

  it.each([
    ["a number", { expires_in: 7_200 }, 7_200],
    ["digits", { expires_in: "3600" }, 3_600],
    ["nothing", { expires_in: undefined }, 1_800],
    ["null", { expires_in: null }, 1_800],
    ["zero", { expires_in: 0 }, 1_800],
    ["a negative number", { expires_in: -1 }, 1_800],
    ["an absurd number", { expires_in: 1e12 }, 1_800],
    ["absurd digits", { expires_in: "999999999999" }, 1_800],
    ["words", { expires_in: "two hours" }, 1_800],
    ["an object", { expires_in: {} }, 1_800],
    ["an end in Unix seconds", { expires_in: undefined, expires_at: TEST_START_MS / 1000 + 600 }, 600],
    ["both", { expires_in: 21_600, expires_at: TEST_START_MS / 1000 + 600 }, 21_600],
    ["an end that has passed", { expires_in: undefined, expires_at: TEST_START_MS / 1000 - 1 }, 1_800],
    ["an end in milliseconds", { expires_in: undefined, expires_at: TEST_START_MS + 600_000 }, 1_800],
  ])("[OA-13] reads the life from %s", async (_, fields, seconds) => {
    const server = await answering(200, { ...good, ...fields });
    const { tokens } = await exchangeCode(exchange(server, { auth: { ...lenient, defaultTokenLifeSeconds: 1_800 } }));
    expect(tokens.expiresAtMs).toBe(TEST_START_MS + seconds * 1000);
  });

  it.each([
    ["activity:read,read", ["activity:read", "read"]],
    ["a  b", ["a", "b"]],
    ["", null],
    [undefined, null],
    [7, null],
  ])("reads the scope %j", async (scope, expected) => {
    const server = await answering(200, { ...good, scope });
    expect((await exchangeCode(exchange(server))).tokens.scopes).toEqual(expected);
  });

  it.each([
    ["HTML", `<html>${CANARY}</html>`, "$"],
    ["nothing", "", "$"],
    ["a list", [CANARY], "/"],
    ["null", "null", "/"],
    ["no access token", { ...good, access_token: undefined }, "/access_token"],
    ["an empty access token", { ...good, access_token: "" }, "/access_token"],
    ["an access token that is a number", { ...good, access_token: 7 }, "/access_token"],
    ["an access token with a line break", { ...good, access_token: `${CANARY}\r\nx: y` }, "/access_token"],
    ["a refresh token that is an object", { ...good, refresh_token: { a: CANARY } }, "/refresh_token"],
  ])("[OA-13] refuses %s in a 200, by path and without the value", async (_, body, path) => {
    const error = await errorOf(exchangeCode(exchange(await answering(200, body))));
    expect(error).toBeInstanceOf(ProviderContractBroken);
    expect((error as ProviderContractBroken).path).toBe(path);
  });

  it("[OA-13] does not follow a redirect with the client's secret", async () => {
    const other = await answering(200, good);
    const server = await vendor((response) => response.writeHead(302, { location: other.baseUrl }).end());
    expect(await errorOf(exchangeCode(exchange(server)))).toBeInstanceOf(ProviderRefused);
    expect(other.seen).toHaveLength(0);
  });
});

describe("the refusal of a token endpoint", () => {
  const application = { message: "Bad Request", errors: [{ resource: "Application", field: "client_id", code: "invalid" }] };
  const staleToken = { message: "Bad Request", errors: [{ resource: "RefreshToken", field: "refresh_token", code: "invalid" }] };

  const asksForConsent = [
    ["invalid_grant", strict, 400, { error: "invalid_grant", error_description: CANARY }],
    ["invalid_grant in a 401", strict, 401, { error: "invalid_grant" }],
    ["invalid_grant in a 200", strict, 200, { error: "invalid_grant" }],
    ["Strava's word for a dead token", commas, 400, staleToken],
    ["a bare 400 of a vendor known for it", lenient, 400, ""],
    ["a gateway's 401 of a vendor known for it", lenient, 401, { fault: { faultstring: CANARY } }],
  ] as const;
  it.each(asksForConsent)("[OA-20] asks for consent on %s", async (_, auth, status, body) => {
    const server = await answering(status, body);
    expect(await errorOf(refreshTokens(refresh(server, { auth })))).toBeInstanceOf(ReauthorizationRequired);
    expect(server.seen).toHaveLength(1);
  });

  const blamesTheOperator = [
    ["invalid_client", strict, 401, { error: "invalid_client" }],
    ["invalid_client of a vendor known for bare refusals", lenient, 400, { error: "invalid_client" }],
    ["unauthorized_client", strict, 400, { error: "unauthorized_client" }],
    ["Strava's word for a wrong client id", commas, 400, application],
    ["a request that the vendor does not understand", strict, 400, { error: "unsupported_grant_type" }],
  ] as const;
  it.each(blamesTheOperator)("[OA-20] blames the operator, no connection, for %s", async (_, auth, status, body) => {
    const server = await answering(status, body);
    expect(await errorOf(refreshTokens(refresh(server, { auth })))).toBeInstanceOf(ProviderMisconfigured);
    expect(server.seen).toHaveLength(1);
  });

  const endsNoGrant = [
    ["temporarily_unavailable", strict, 400, { error: "temporarily_unavailable" }, "provider_unavailable"],
    ["a bare 400 of other vendors", strict, 400, `<html>${CANARY}`, "provider_refused"],
    ["a bare 403", lenient, 403, "", "provider_refused"],
    ["an unknown error code", lenient, 400, { error: CANARY }, "provider_refused"],
    ["an unknown list of errors", lenient, 400, { errors: [null, CANARY, { resource: "Weather" }] }, "provider_refused"],
    ["a 404", lenient, 404, "", "provider_refused"],
  ] as const;
  it.each(endsNoGrant)("[OA-21] gives up no connection for %s", async (...[, auth, status, body, code]) => {
    const server = await answering(status, body);
    expect((await errorOf(refreshTokens(refresh(server, { auth })))).code).toBe(code);
    expect(server.seen).toHaveLength(1);
  });

  it("[P1] asks for consent again when the code or the verifier is refused", async () => {
    const server = await answering(400, { error: "invalid_grant" });
    expect(await errorOf(exchangeCode(exchange(server)))).toBeInstanceOf(ReauthorizationRequired);
  });
});

describe("a token endpoint that answers 200 to everything", () => {
  const granted = { status: 0, body: { ...good, userid: 363, scope: "user.info,user.metrics", csrf_token: CANARY } };

  it("gives the tokens that it wraps, and the answer without them", async () => {
    const server = await answering(200, granted);
    const { tokens, answer } = await exchangeCode(exchange(server, { auth: wrapping }));
    expect(tokens.accessToken.open()).toBe(`at-${CANARY}`);
    expect(tokens).toMatchObject({ expiresAtMs: TEST_START_MS + 7_200_000, scopes: ["user.info", "user.metrics"] });
    expect(answer).toEqual({ token_type: "bearer", expires_in: 7_200, userid: 363, scope: "user.info,user.metrics" });
  });

  it("is sent the name of the action, which replaces nothing of the grant", async () => {
    const server = await answering(200, granted);
    await refreshTokens(refresh(server, { auth: { ...wrapping, extraTokenParameters: { action: "requesttoken", grant_type: "forged" } } }));
    expect(formOf(server)).toEqual({
      action: "requesttoken", grant_type: "refresh_token", refresh_token: `old-${CANARY}`, client_id: "client-1", client_secret: `cs-${CANARY}`,
    });
  });

  it.each([
    ["an authentication that failed", { status: 401, error: CANARY }, "reauthorization_required"],
    ["a dead refresh token, by its words", { status: 503, body: {}, error: "Invalid Params: invalid refresh_token" }, "reauthorization_required"],
    ["a wrong client, by its words", { status: 503, body: {}, error: "Invalid Params: invalid client_id" }, "provider_misconfigured"],
    ["a client that is not known", { status: 401, error: "invalid_client" }, "provider_misconfigured"],
    ["a 503 that says nothing", { status: 503, body: {}, error: CANARY }, "provider_refused"],
    ["a status that nobody knows", { status: 9, body: {} }, "provider_refused"],
    ["a time-out of its own", { status: 522, body: {} }, "provider_unavailable"],
    ["too many calls", { status: 601, body: {} }, "provider_rate_limited"],
  ])("[OA-20][OA-21] means by %s what its rules say, after one attempt", async (...[, body, code]) => {
    const server = await answering(200, body);
    expect((await errorOf(refreshTokens(refresh(server, { auth: wrapping })))).code).toBe(code);
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ["no body", { status: 0 }, "/body/"],
    ["no token in it", { status: 0, body: { refresh_token: `rt-${CANARY}` } }, "/body/access_token"],
    ["a bare answer", good, "/body/"],
    ["no status", { body: {} }, "/body/access_token"],
    ["HTML", `<html>${CANARY}</html>`, "$"],
  ])("[OA-13] refuses %s, by path and without the value", async (_, body, path) => {
    const error = await errorOf(exchangeCode(exchange(await answering(200, body), { auth: wrapping })));
    expect(error).toBeInstanceOf(ProviderContractBroken);
    expect((error as ProviderContractBroken).path).toBe(path);
  });

  it("[OA-21] counts a real HTTP status as it stands", async () => {
    const server = await vendor((response) => response.writeHead(503).end());
    expect(await errorOf(refreshTokens(refresh(server, { auth: wrapping })))).toBeInstanceOf(ProviderUnavailable);
  });
});

describe("a token endpoint in trouble", () => {
  it("[OA-16][OA-17] spends a rotating refresh token once, whatever the answer", async () => {
    const server = await vendor((response) => response.writeHead(503).end());
    expect(await errorOf(refreshTokens(refresh(server, { auth: strict })))).toBeInstanceOf(ProviderUnavailable);
    expect(server.seen).toHaveLength(1);
  });

  it("[OA-21] repeats the refresh of a vendor whose tokens do not rotate, and the exchange of a code", async () => {
    await expect(refreshTokens(refresh(await stumbling(), { auth: commas }))).resolves.toBeDefined();
    await expect(exchangeCode(exchange(await stumbling()))).resolves.toBeDefined();
  });

  it("[OA-21] passes on when to return after a 429", async () => {
    const server = await vendor((response) => response.writeHead(429, { "retry-after": "30" }).end());
    const error = await errorOf(refreshTokens(refresh(server, { auth: strict })));
    expect(error).toBeInstanceOf(ProviderRateLimited);
    expect((error as ProviderRateLimited).retryAtMs).toBe(TEST_START_MS + 30_000);
  });

  it("[OA-21] takes a broken connection for an unavailable vendor", async () => {
    const server = await vendor((response) => response.destroy());
    expect(await errorOf(refreshTokens(refresh(server)))).toBeInstanceOf(ProviderUnavailable);
  });

  it("[OA-17] ends within its deadline as unavailable, and on the caller's abort with the caller's reason", async () => {
    const silent = await vendor(() => undefined);
    expect(await errorOf(refreshTokens(refresh(silent, { deadlineMs: 30 })))).toBeInstanceOf(ProviderUnavailable);
    const reason = new Error("the worker stops");
    const abort = new AbortController();
    const abortedBy = await vendor(() => abort.abort(reason));
    await expect(refreshTokens(refresh(abortedBy, { signal: abort.signal }))).rejects.toBe(reason);
  });

  it("[OA-17] counts waiting for our own budget into the deadline", async () => {
    const server = await answering(200, good);
    const waiting = { request: (_: unknown, { signal }: { signal?: AbortSignal }) => new Promise<never>((__, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error))) };
    expect(await errorOf(refreshTokens(refresh(server, { http: waiting, deadlineMs: 20 })))).toBeInstanceOf(ProviderUnavailable);
  });
});
