import { afterEach, describe, expect, it } from "vitest";
import { InvalidInput, ProviderRefused, ReauthorizationRequired } from "../errors.ts";
import { Secret } from "../secret.ts";
import { createAppFetch, createAuthorizedFetch } from "./authorized.ts";
import { createTestClient, replyJson, startTestServer, type TestServer } from "./test-kit.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions } from "./types.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function vendor(respond: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(respond);
  servers.push(server);
  return server;
}

interface Person {
  readonly fetch: AuthorizedFetch;
  /** The stale token of each refresh. */
  readonly refreshed: string[];
}

function person(server: TestServer, basePath = "/sim/dexcom", tokens = ["old", "new"]): Person {
  const refreshed: string[] = [];
  const fetch = createAuthorizedFetch({
    http: createTestClient(),
    scope: { provider: "dexcom", connectionId: "c1" },
    apiBaseUrl: server.baseUrl + basePath,
    accessToken: async () => new Secret(tokens[0] ?? ""),
    refreshAfter401: async (stale) => {
      refreshed.push(stale.open());
      return new Secret(tokens[1] ?? "");
    },
    signal: new AbortController().signal,
  });
  return { fetch, refreshed };
}

const accepts: Parameters<typeof startTestServer>[0] = (response) => replyJson(response, 200, {});

/** For a vendor that says in the body how it went. */
const statusOf = (body: Uint8Array): number => (JSON.parse(Buffer.from(body).toString("utf8")) as { code: number }).code;

describe("createAuthorizedFetch", () => {
  it("puts a path behind the base's own path, with bearer token and query", async () => {
    const server = await vendor(accepts);
    await person(server).fetch("/v3/users/self/egvs?a=1", { query: { startDate: "2026-01-01T00:00:00", page: 2 } });
    expect(server.seen).toMatchObject([
      { method: "GET", url: "/sim/dexcom/v3/users/self/egvs?a=1&startDate=2026-01-01T00%3A00%3A00&page=2", headers: { authorization: "Bearer old" }, body: "" },
    ]);
  });

  it.each(["", "/", "/api/v3/"])("accepts %j as the base's path", async (basePath) => {
    const server = await vendor(accepts);
    await person(server, basePath).fetch("/athlete");
    expect(server.seen[0]?.url).toBe(`${basePath.replace(/\/$/, "")}/athlete`);
  });

  it.each([
    [{ form: { a: "1 2", b: "&" } }, "POST", "application/x-www-form-urlencoded", "a=1+2&b=%26"],
    [{ json: { a: [1] } }, "POST", "application/json", '{"a":[1]}'],
    [{ json: null, method: "PUT" }, "PUT", "application/json", "null"],
  ] as [AuthorizedFetchOptions, string, string, string][])("sends %j", async (options, method, type, body) => {
    const server = await vendor(accepts);
    await person(server).fetch("/x", options);
    expect(server.seen).toMatchObject([{ method, body, headers: { "content-type": type } }]);
  });

  it("puts the token into the query, too, for a vendor that takes it there alone", async () => {
    const server = await vendor(accepts);
    await person(server).fetch("/oauth/revoke?x=1", { method: "POST", tokenInQuery: "access_token" });
    expect(server.seen[0]).toMatchObject({ url: "/sim/dexcom/oauth/revoke?x=1&access_token=old", headers: { authorization: "Bearer old" } });
  });

  it("refuses a form and JSON together", async () => {
    const server = await vendor(accepts);
    await expect(person(server).fetch("/x", { form: {}, json: {} })).rejects.toBeInstanceOf(InvalidInput);
  });

  it("adds the caller's headers, except a token of its own", async () => {
    const server = await vendor(accepts);
    await person(server).fetch("/x", { headers: { Accept: "text/csv", Authorization: "Bearer forged" } });
    expect(server.seen[0]?.headers).toMatchObject({ accept: "text/csv", authorization: "Bearer old" });
  });

  it("[OA-26] takes a full URL below the base as it stands", async () => {
    const server = await vendor(accepts);
    await person(server, "/wellness-api").fetch(`${server.baseUrl}/wellness-api/rest/epochs?uploadStartTimeInSeconds=1&token=XPT0000.A+A#part`);
    expect(server.seen[0]?.url).toBe("/wellness-api/rest/epochs?uploadStartTimeInSeconds=1&token=XPT0000.A+A");
  });

  it.each([
    "https://evil.example/wellness-api/rest/epochs",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:127.0.0.1]/wellness-api/x",
    "{base}@evil.example/wellness-api/x",
    "{user}/wellness-api/x",
    "{base}/other-api/x",
    "{base}/wellness-apix",
    "{base}/wellness-api/../other-api/x",
    "{base}/wellness-api/%2e%2e/other-api/x",
    "{https}/wellness-api/x",
    "//evil.example/wellness-api/x",
    "/\\evil.example/wellness-api/x",
    "/../other-api/x",
    "/rest/../../other-api",
    "rest/epochs",
    "",
    "javascript:alert(1)",
    "file:///etc/passwd",
  ])("[OA-26][OA-27] sends no token to %s", async (template) => {
    const server = await vendor(accepts);
    const host = new URL(server.baseUrl).host;
    const url = template.replace("{base}", server.baseUrl).replace("{user}", `http://me:pw@${host}`).replace("{https}", `https://${host}`);
    await expect(person(server, "/wellness-api").fetch(url)).rejects.toBeInstanceOf(InvalidInput);
    expect(server.seen).toHaveLength(0);
  });

  it("[VA-14] refreshes once after a 401 and repeats the call", async () => {
    const server = await vendor((response, request) => replyJson(response, request.headers.authorization === "Bearer new" ? 200 : 401, { ok: true }));
    const { fetch, refreshed } = person(server);
    expect((await fetch("/x", { method: "POST", json: { a: 1 } })).json()).toEqual({ ok: true });
    expect(refreshed).toEqual(["old"]);
    expect(server.seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  it("[VA-14] does the same where a vendor says 401 in the body of a 200", async () => {
    const server = await vendor((response, request) => replyJson(response, 200, { code: request.headers.authorization === "Bearer new" ? 200 : 401 }));
    const { fetch, refreshed } = person(server);
    expect((await fetch("/x", { form: { a: "1" }, statusOf })).json()).toEqual({ code: 200 });
    expect(refreshed).toEqual(["old"]);
  });

  it("[OA-22][VA-14] asks for consent when the refreshed token is refused too", async () => {
    const server = await vendor((response) => response.writeHead(401).end());
    const { fetch, refreshed } = person(server);
    await expect(fetch("/x")).rejects.toBeInstanceOf(ReauthorizationRequired);
    expect(refreshed).toEqual(["old"]);
    expect(server.seen).toHaveLength(2);
  });

  it("returns the second 401 to a caller that accepts it", async () => {
    const server = await vendor((response) => response.writeHead(401).end());
    expect((await person(server).fetch("/x", { accept: [401, 404] })).status).toBe(401);
    expect(server.seen).toHaveLength(2);
  });

  it("[E3] passes a 403 on without a refresh", async () => {
    const server = await vendor((response) => response.writeHead(403).end());
    const { fetch, refreshed } = person(server);
    await expect(fetch("/x")).rejects.toBeInstanceOf(ProviderRefused);
    expect(refreshed).toEqual([]);
  });
});

describe("createAppFetch", () => {
  it("sends what proves the app, and no person's token", async () => {
    const server = await vendor((response) => replyJson(response, 201, { id: 1 }));
    const fetch = createAppFetch({ http: createTestClient(), scope: { provider: "strava" }, apiBaseUrl: `${server.baseUrl}/api/v3` });
    await fetch("/push_subscriptions", { form: { client_id: "1" } });
    await fetch("/push_subscriptions", { headers: { Authorization: "Basic eA==" } });
    expect(server.seen[0]).toMatchObject({ method: "POST", url: "/api/v3/push_subscriptions", body: "client_id=1" });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    expect(server.seen[1]?.headers.authorization).toBe("Basic eA==");
  });

  it("[OA-26] stays below the base, and takes a 401 for a refusal unless accepted", async () => {
    const server = await vendor((response) => response.writeHead(401).end());
    const fetch = createAppFetch({ http: createTestClient(), scope: { provider: "strava" }, apiBaseUrl: `${server.baseUrl}/api/v3` });
    await expect(fetch("/../oauth/token")).rejects.toBeInstanceOf(InvalidInput);
    await expect(fetch("/x")).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 401 });
    expect((await fetch("/x", { accept: [401] })).status).toBe(401);
  });
});
