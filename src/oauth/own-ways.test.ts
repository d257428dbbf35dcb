import { afterEach, describe, expect, it } from "vitest";
import { createTestClient, replyJson, startTestServer, TEST_START_MS, type TestServer } from "#http/test-kit.ts";
import { InternalError, ProviderContractBroken, ProviderMisconfigured, ProviderRefused, ProviderUnavailable, ReauthorizationRequired } from "../errors.ts";
import { Secret } from "../secret.ts";
import { revokeGrant } from "./revoke.ts";
import { commas } from "./test-vendors.ts";
import { readTokenAnswer } from "./token-answer.ts";
import { classifyRefusal } from "./token-refusal.ts";
import { refreshTokens, type TokenRefresh } from "./tokens.ts";
import type { OAuth2Auth } from "./types.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function answering(status: number, body: unknown): Promise<TestServer> {
  const server = await startTestServer((response) => (typeof body === "string" ? response.writeHead(status).end(body) : replyJson(response, status, body)));
  servers.push(server);
  return server;
}

/** Makes no new tokens at a refresh, and tells by a code in a 200 how it went. */
const prolonging: OAuth2Auth = {
  ...commas,
  refreshPath: "/oauth2/refresh-token",
  refreshProlongsSeconds: 2_592_000,
  answerEnvelope: { statusField: "result", bodyField: null, wordsField: "message", refusals: [{ statuses: [5006], meaning: "person" }, { statuses: [1001], meaning: "operator" }] },
};

function refresh(server: TestServer, more: Partial<TokenRefresh> = {}): TokenRefresh {
  return {
    http: createTestClient(), scope: { provider: "vendor" }, auth: prolonging, endpoints: { token: server.baseUrl }, client: { id: "client-1", secret: new Secret("cs") },
    nowMs: TEST_START_MS, refreshToken: new Secret("rt-old"), accessToken: new Secret("at-old"), ...more,
  };
}

describe("a vendor whose refresh only prolongs", () => {
  it("gives the tokens at hand a later end", async () => {
    const server = await answering(200, { result: "0000", message: "OK" });
    const { tokens } = await refreshTokens(refresh(server));
    expect(server.seen).toMatchObject([{ method: "POST", url: "/oauth2/refresh-token" }]);
    expect(tokens.accessToken.open()).toBe("at-old");
    expect(tokens).toMatchObject({ refreshToken: null, expiresAtMs: TEST_START_MS + 2_592_000_000 });
  });

  it("may send new tokens all the same, which then count", async () => {
    const server = await answering(200, { result: "0000", access_token: "at-new", refresh_token: "rt-new", expires_in: 600 });
    const { tokens } = await refreshTokens(refresh(server));
    expect([tokens.accessToken.open(), tokens.refreshToken?.open(), tokens.expiresAtMs]).toEqual(["at-new", "rt-new", TEST_START_MS + 600_000]);
  });

  it.each([
    [{ result: "5006", message: "invalid" }, ReauthorizationRequired],
    [{ result: "1001" }, ProviderMisconfigured],
    [{ result: "7777" }, ProviderRefused],
    [{ result: "error" }, ProviderRefused],
    [{ message: "OK" }, ProviderContractBroken],
    [{}, ProviderContractBroken],
    ["<html>", ProviderContractBroken],
    ["null", ProviderContractBroken],
  ])("takes nothing but a told success for one: %j [OA-13] [OA-20]", async (body, kind) => {
    await expect(refreshTokens(refresh(await answering(200, body)))).rejects.toBeInstanceOf(kind);
  });

  it("cannot prolong a token that it is not given", async () => {
    const { accessToken: _, ...without } = refresh(await answering(200, { result: "0000" }));
    await expect(refreshTokens(without)).rejects.toBeInstanceOf(InternalError);
  });
});

describe("claims of an access token", () => {
  const jwt = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
  const answerOf = (access_token: string, more: object = {}): unknown =>
    readTokenAnswer({ access_token, ...more }, { ...commas, accessTokenClaims: ["user"] }, TEST_START_MS).answer;

  it("stand in for what the answer does not say, and for nothing else", () => {
    expect(answerOf(jwt({ user: "jk", sub: "1", email: "x@example.org" }))).toEqual({ user: "jk" });
    expect(answerOf(jwt({ user: "jk" }), { user: "told", scope: "workout" })).toEqual({ user: "told", scope: "workout" });
    expect(readTokenAnswer({ access_token: jwt({ user: "jk" }) }, commas, TEST_START_MS).answer).toEqual({});
  });

  it.each(["opaque", "a.b.c", jwt(null), jwt("user"), jwt([1])])("are none in %s", (token) => expect(answerOf(token)).toEqual({}));
});

describe("refusals that a vendor words itself", () => {
  const auth: OAuth2Auth = { ...commas, refusals: [{ words: /too many tokens/i, meaning: "person" }, { words: /later/, meaning: "time" }] };
  const meant = (body: string) => classifyRefusal({ provider: "vendor", status: 400, body }, auth);

  it("mean what the vendor's rules say, before anything else", () => {
    expect(meant('{"error":"Too many tokens"}')).toBeInstanceOf(ReauthorizationRequired);
    expect(meant('{"error":"invalid_client","hint":"later"}')).toBeInstanceOf(ProviderUnavailable);
    expect(meant('{"error":"something"}')).toBeNull();
  });
});

describe("ending a grant in a vendor's own way", () => {
  async function revoke(auth: Partial<OAuth2Auth>, status = 200, body: unknown = {}): Promise<TestServer> {
    const server = await answering(status, body);
    await revokeGrant({
      http: createTestClient(), scope: { provider: "vendor" }, auth: { ...commas, revokePath: "/oauth/deauthorize", ...auth }, endpoints: { token: server.baseUrl },
      client: { id: "client 1", secret: new Secret("cs") }, token: new Secret("at"),
    });
    return server;
  }

  it("carries the token as Bearer and the client in the address", async () => {
    const { seen } = await revoke({ revokeCall: { method: "GET", tokenIn: ["bearer"], clientIdIn: "client_id" } });
    expect(seen).toMatchObject([{ method: "GET", url: "/oauth/deauthorize?client_id=client+1", headers: { authorization: "Bearer at" }, body: "" }]);
  });

  it("carries the token in address and form where sources conflict", async () => {
    const { seen } = await revoke({ revokeCall: { method: "POST", tokenIn: ["query", "form"] } });
    expect(seen).toMatchObject([{ method: "POST", url: "/oauth/deauthorize?token=at", body: "token=at" }]);
    expect(seen[0]?.headers["authorization"]).toBeUndefined();
  });

  it("takes a token that is dead already for success, also in a 200, and reports any other refusal [OA-23]", async () => {
    const revokeCall = { method: "POST", tokenIn: ["form"] } as const;
    await expect(revoke({ revokeCall }, 401)).resolves.toBeDefined();
    await expect(revoke({ ...prolonging, revokeCall }, 200, { result: "5006" })).resolves.toBeDefined();
    await expect(revoke({ revokeCall }, 400)).rejects.toBeInstanceOf(ProviderRefused);
    await expect(revoke({ ...prolonging, revokeCall }, 200, { result: "7777" })).rejects.toBeInstanceOf(ProviderRefused);
  });
});
