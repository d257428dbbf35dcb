import { createServer, type AddressInfo } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, InvalidInput, IsletError, ProviderContractBroken, ProviderRateLimited, ProviderRefused, ProviderUnavailable } from "../errors.ts";
import { silentLog, type Log } from "../log.ts";
import { createHttpClient } from "./client.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { createFakeClock, createTestClient, replyJson, startTestServer, TEST_START_MS, type TestServer } from "./test-kit.ts";
import type { HttpRequest } from "./types.ts";

const scope = { provider: "dexcom", connectionId: "c1" };
const CANARY = "canary-5f3a91";

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

async function vendor(respond: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(respond);
  toClose.push(() => server.close());
  return server;
}

function get(server: TestServer, path = "/v3/users/self/egvs", more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", url: server.baseUrl + path, ...more };
}

async function failureOf<T extends Error>(promise: Promise<unknown>, kind: abstract new (...values: never[]) => T): Promise<T> {
  const error: unknown = await promise.then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  return error as T;
}

/** For a vendor that says in the body how it went. */
const statusOf = (body: Uint8Array): number => (JSON.parse(Buffer.from(body).toString("utf8")) as { code: number }).code;

describe("a call that succeeds", () => {
  it("[E2] sends method, headers, body and the user agent, and gives status, headers and JSON", async () => {
    const server = await vendor((response) => replyJson(response, 201, { id: 7 }, { "X-Usage": "1,2" }));
    const answer = await createTestClient().request(scope, { method: "POST", url: `${server.baseUrl}/subs?a=1`, headers: { "x-test": "yes" }, body: "k=v" });
    expect(answer.status).toBe(201);
    expect(answer.headers["x-usage"]).toBe("1,2");
    expect(answer.json()).toEqual({ id: 7 });
    expect(server.seen).toMatchObject([{ method: "POST", url: "/subs?a=1", body: "k=v", headers: { "x-test": "yes", "user-agent": "islet-test" } }]);
  });

  it("gives bytes unchanged, and an empty body for 204", async () => {
    const bytes = gzipSync("a FIT file");
    const server = await vendor((response, _, number) => (number === 1 ? response.writeHead(200).end(bytes) : response.writeHead(204).end()));
    const client = createTestClient();
    expect(Buffer.from((await client.request(scope, get(server))).body)).toEqual(bytes);
    expect((await client.request(scope, get(server))).body.byteLength).toBe(0);
  });

  it.each([404, 429, 500, 302])("returns %i without a repeat when the caller accepts it", async (status) => {
    const server = await vendor((response) => response.writeHead(status).end("x"));
    expect((await createTestClient().request(scope, get(server, "/x", { accept: [status] }))).status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  it("[E2][VA-04] throws ProviderContractBroken for a body that is no JSON, without quoting it", async () => {
    const server = await vendor((response) => response.writeHead(200).end(`<html>${CANARY}</html>`));
    const answer = await createTestClient().request(scope, get(server));
    const error = await failureOf(Promise.resolve().then(() => answer.json()), ProviderContractBroken);
    expect(error.path).toBe("$");
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });
});

describe("retries", () => {
  it.each([429, 500, 502, 503, 504])("[E3] repeats a %i three times after 1, 2 and 4 s, then throws", async (status) => {
    const server = await vendor((response) => response.writeHead(status).end());
    const clock = createFakeClock();
    const error = await failureOf(createTestClient({ clock }).request(scope, get(server)), IsletError);
    expect(error.code).toBe(status === 429 ? "provider_rate_limited" : "provider_unavailable");
    expect(server.seen).toHaveLength(4);
    expect(clock.slept).toEqual([1_000, 2_000, 4_000]);
  });

  it.each([400, 401, 403, 404, 409, 410, 412, 422])("[E3] never repeats a %i", async (status) => {
    const server = await vendor((response) => response.writeHead(status).end(`because ${CANARY}`));
    const error = await failureOf(createTestClient().request(scope, get(server)), ProviderRefused);
    expect(server.seen).toHaveLength(1);
    expect(error.vendorStatus).toBe(status);
    expect(error.vendorBody()).toBe(`because ${CANARY}`);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY);
  });

  it("[E3] does not repeat a 501", async () => {
    const server = await vendor((response) => response.writeHead(501).end());
    const error = await failureOf(createTestClient().request(scope, get(server)), ProviderUnavailable);
    expect(error.vendorStatus).toBe(501);
    expect(server.seen).toHaveLength(1);
  });

  it("[E3] gives the answer of the attempt that succeeds", async () => {
    const server = await vendor((response, _, number) => (number < 3 ? response.writeHead(503).end() : replyJson(response, 200, { number })));
    const answer = await createTestClient().request(scope, get(server));
    expect(answer.json()).toEqual({ number: 3 });
  });

  it("[E3] draws the wait by chance from zero on", async () => {
    const server = await vendor((response) => response.writeHead(502).end());
    const clock = createFakeClock();
    const chances = [0, 0.5, 0.25];
    await failureOf(createTestClient({ clock, random: () => chances.shift() ?? 1 }).request(scope, get(server)), ProviderUnavailable);
    expect(clock.slept).toEqual([0, 1_000, 1_000]);
  });

  it("makes one attempt when repeats are forbidden", async () => {
    const server = await vendor((response) => response.writeHead(503).end());
    await failureOf(createTestClient().request(scope, get(server, "/oauth/token", { retries: false })), ProviderUnavailable);
    expect(server.seen).toHaveLength(1);
  });

  it("[OA-21] repeats after a broken connection and ends in ProviderUnavailable without a status", async () => {
    const server = await vendor((response) => response.destroy());
    const clock = createFakeClock();
    const error = await failureOf(createTestClient({ clock }).request(scope, get(server)), ProviderUnavailable);
    expect(error.vendorStatus).toBeNull();
    expect(server.seen).toHaveLength(4);
    expect(clock.slept).toEqual([1_000, 2_000, 4_000]);
  });

  it("[OA-21] names the code when nobody listens", async () => {
    const server = await startTestServer((response) => response.end());
    await server.close();
    const error = await failureOf(createTestClient().request(scope, get(server)), ProviderUnavailable);
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("[VA-04] takes a body that breaks off for a network error", async () => {
    const server = await vendor((response, _, number) => {
      if (number > 1) replyJson(response, 200, { whole: true });
      else response.writeHead(200, { "content-length": "1000" }).write("half", () => response.destroy());
    });
    expect((await createTestClient().request(scope, get(server))).json()).toEqual({ whole: true });
  });

  it("[OA-15] keeps what a broken parser saw out of the error", async () => {
    const raw = createServer((socket) => socket.on("data", () => socket.end(`NONSENSE ${CANARY}\r\n\r\n`)));
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    toClose.push(() => new Promise((resolve) => raw.close(() => resolve())));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/x`;
    const error = await failureOf(createTestClient().request(scope, { method: "GET", url, retries: false }), ProviderUnavailable);
    expect(error.message).toContain("HTTPParserError");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY);
  });
});

describe("a vendor that answers 200 to everything", () => {
  it("is believed what its body says: repeated, refused, accepted", async () => {
    const codes = [503, 200];
    const away = await vendor((response, _, number) => replyJson(response, 200, { code: codes[number - 1] }));
    expect((await createTestClient().request(scope, get(away, "/x", { statusOf }))).json()).toEqual({ code: 200 });
    const refused = await vendor((response) => replyJson(response, 200, { code: 400 }));
    expect((await failureOf(createTestClient().request(scope, get(refused, "/x", { statusOf })), ProviderRefused)).vendorStatus).toBe(400);
    expect((await createTestClient().request(scope, get(refused, "/x", { statusOf, accept: [400] }))).status).toBe(400);
    const busy = await vendor((response) => replyJson(response, 200, { code: 429 }));
    await failureOf(createTestClient().request(scope, get(busy, "/x", { statusOf })), ProviderRateLimited);
    expect([away, refused, busy].map(({ seen }) => seen.length)).toEqual([2, 2, 4]);
  });

  it("is not asked for its body where the status says it already", async () => {
    const server = await vendor((response) => response.writeHead(404).end("no JSON"));
    expect((await failureOf(createTestClient().request(scope, get(server, "/x", { statusOf })), ProviderRefused)).vendorStatus).toBe(404);
  });
});

describe("Retry-After", () => {
  it.each([
    [429, "20", 20_000],
    [429, "60", 60_000],
    [429, "Mon, 04 May 2026 08:00:20 GMT", 20_000],
    [503, "20", 20_000],
    [503, "60", 60_000],
  ])("[E3][VA-02] waits after a %i as told by %j", async (status, header, waitMs) => {
    const server = await vendor((response, _, number) => (number === 1 ? response.writeHead(status, { "retry-after": header }).end() : replyJson(response, 200, {})));
    const clock = createFakeClock();
    await createTestClient({ clock }).request(scope, get(server));
    expect(clock.slept).toEqual([waitMs]);
  });

  it("[E3] never comes back sooner than its own back-off", async () => {
    const server = await vendor((response, _, number) => (number === 1 ? response.writeHead(503, { "retry-after": "0" }).end() : replyJson(response, 200, {})));
    const clock = createFakeClock();
    await createTestClient({ clock }).request(scope, get(server));
    expect(clock.slept).toEqual([1_000]);
  });

  it.each([429, 503])("[E3][VA-02] does not sleep on a %i that asks for more than 60 s, but says when to return", async (status) => {
    const server = await vendor((response) => response.writeHead(status, { "retry-after": "61" }).end());
    const clock = createFakeClock();
    const error = await failureOf(createTestClient({ clock }).request(scope, get(server)), ProviderRateLimited);
    expect(error.retryAtMs).toBe(TEST_START_MS + 61_000);
    expect(server.seen).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  it("[VA-02] spares the vendor further calls until then", async () => {
    const server = await vendor((response) => response.writeHead(429, { "retry-after": "600" }).end());
    const client = createTestClient();
    await failureOf(client.request(scope, get(server)), ProviderRateLimited);
    const error = await failureOf(client.request({ provider: "dexcom", connectionId: "c2" }, get(server)), ProviderRateLimited);
    expect(error.retryAtMs).toBe(TEST_START_MS + 600_000);
    expect(server.seen).toHaveLength(1);
  });

  it("[VA-02] makes other callers wait as well while one obeys", async () => {
    const server = await vendor((response, _, number) => (number === 1 ? response.writeHead(429, { "retry-after": "20" }).end() : replyJson(response, 200, {})));
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => [] });
    let othersWaitedMs = 0;
    const sleep = async (ms: number): Promise<void> => {
      await limiter.acquire({ provider: "dexcom", connectionId: "c2" });
      othersWaitedMs = clock.now() - TEST_START_MS;
      clock.advance(ms);
    };
    const client = createHttpClient({ clock: { now: () => clock.now(), sleep }, random: () => 1, log: silentLog, limiter, userAgent: "x" });
    await client.request(scope, get(server));
    expect(othersWaitedMs).toBe(20_000);
  });

  it("[VA-02] gives a vendor rest that says 429 without a time", async () => {
    const server = await vendor((response) => response.writeHead(429).end());
    const clock = createFakeClock();
    const resting = createTestClient({ clock, random: () => 0 });
    await failureOf(resting.request(scope, get(server, "/x", { retries: false })), ProviderRateLimited);
    await failureOf(resting.request(scope, get(server, "/x", { retries: false })), ProviderRateLimited);
    expect(clock.slept).toEqual([60_000]);
  });

  it.each([["20", 20_000], [String(TEST_START_MS / 1000 + 20), 20_000]])("[VA-02] without it waits for the reset that a 429 names (%s)", async (reset, waitMs) => {
    const server = await vendor((response, _, number) => (number === 1 ? response.writeHead(429, { "x-ratelimit-reset": reset }).end() : replyJson(response, 200, {})));
    const clock = createFakeClock();
    await createTestClient({ clock }).request(scope, get(server));
    expect(clock.slept).toEqual([waitMs]);
  });

  it("[VA-02] believes Retry-After before a reset, and no reset of what is no 429", async () => {
    const server = await vendor((response) => response.writeHead(429, { "retry-after": "90", "x-ratelimit-reset": "600" }).end());
    expect((await failureOf(createTestClient().request(scope, get(server)), ProviderRateLimited)).retryAtMs).toBe(TEST_START_MS + 90_000);
    const down = await vendor((response, _, number) => (number === 1 ? response.writeHead(503, { "x-ratelimit-reset": "600" }).end() : replyJson(response, 200, {})));
    const clock = createFakeClock();
    await createTestClient({ clock }).request(scope, get(down));
    expect(clock.slept).toEqual([1_000]);
  });

  it("[W7] without it returns in the vendor's next window, or in a minute where none is known", async () => {
    const server = await vendor((response) => response.writeHead(429).end());
    const limits = [{ requests: 100, perSeconds: 900, scope: "app", source: "vendors/strava.md, Rate limits" }] as const;
    const known = await failureOf(createTestClient({ limits }).request(scope, get(server, "/x", { retries: false })), ProviderRateLimited);
    expect(known.retryAtMs).toBe(TEST_START_MS + 900_000);
    const unknown = await failureOf(createTestClient().request(scope, get(server, "/x", { retries: false })), ProviderRateLimited);
    expect(unknown.retryAtMs).toBe(TEST_START_MS + 60_000);
  });

  it("[W7] counts every attempt against the budget", async () => {
    const server = await vendor((response) => response.writeHead(500).end());
    const limits = [{ requests: 2, perSeconds: 900, scope: "app", source: "invented" }] as const;
    await failureOf(createTestClient({ limits }).request(scope, get(server)), ProviderRateLimited);
    expect(server.seen).toHaveLength(2);
  });
});

describe("time-outs and aborts", () => {
  it("[E3][VA-01] gives up on a vendor that does not answer", async () => {
    const server = await vendor(() => undefined);
    const error = await failureOf(createTestClient().request(scope, get(server, "/x", { timeoutMs: 30, retries: false })), ProviderUnavailable);
    expect(error.message).toContain("no answer within 30 ms");
  });

  it("[VA-01] gives up on a vendor that trickles", async () => {
    const timers: NodeJS.Timeout[] = [];
    const server = await vendor((response) => {
      response.writeHead(200);
      timers.push(setInterval(() => response.write("."), 5));
    });
    const error = await failureOf(createTestClient().request(scope, get(server, "/x", { timeoutMs: 60, retries: false })), ProviderUnavailable);
    for (const timer of timers) clearInterval(timer);
    expect(error.message).toContain("no answer within 60 ms");
  });

  it("[E3] repeats after a time-out", async () => {
    const server = await vendor((response, _, number) => (number === 1 ? undefined : replyJson(response, 200, { number })));
    expect((await createTestClient().request(scope, get(server, "/x", { timeoutMs: 400 }))).json()).toEqual({ number: 2 });
  });

  it.each([9_999, 30_001, Number.NaN])("[E3] refuses %d ms as the default time-out", (timeoutMs) => {
    const clock = createFakeClock();
    const parts = { clock, random: () => 0, log: silentLog, limiter: createRateLimiter({ clock, limitsOf: () => [] }), userAgent: "x" };
    expect(() => createHttpClient({ ...parts, timeoutMs })).toThrow(ConfigError);
    expect(() => createHttpClient({ ...parts, timeoutMs: 10_000 })).not.toThrow();
  });

  it("throws the caller's own reason when aborted before, during and between attempts", async () => {
    const reason = new Error("the worker stops");
    const before = await vendor((response) => response.end());
    await expect(createTestClient().request(scope, get(before, "/x", { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(before.seen).toHaveLength(0);

    const during = new AbortController();
    const silent = await vendor(() => during.abort(reason));
    await expect(createTestClient().request(scope, get(silent, "/x", { signal: during.signal, retries: false }))).rejects.toBe(reason);

    const between = new AbortController();
    const clock = createFakeClock();
    const failing = await vendor((response) => response.writeHead(500).end());
    const sleepForEver = (_: number, signal?: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
        between.abort(reason);
      });
    const client = createTestClient({ clock: { ...clock, sleep: sleepForEver } });
    await expect(client.request(scope, get(failing, "/x", { signal: between.signal }))).rejects.toBe(reason);
    expect(failing.seen).toHaveLength(1);
  });

  it("stops reading the body when aborted", async () => {
    const abort = new AbortController();
    const reason = new Error("the worker stops");
    const server = await vendor((response) => {
      response.writeHead(200);
      response.write("start", () => abort.abort(reason));
    });
    await expect(createTestClient().request(scope, get(server, "/x", { signal: abort.signal }))).rejects.toBe(reason);
  });
});

describe("hostile answers", () => {
  it.each([301, 302, 303, 307, 308])("[OA-13][OA-27] does not follow a %i to another host", async (status) => {
    const other = await vendor((response) => response.end("stolen"));
    const server = await vendor((response) => response.writeHead(status, { location: `${other.baseUrl}/steal` }).end());
    const error = await failureOf(createTestClient().request(scope, get(server, "/x", { headers: { authorization: `Bearer ${CANARY}` } })), ProviderRefused);
    expect(error.vendorStatus).toBe(status);
    expect(other.seen).toHaveLength(0);
  });

  it("[VA-07] refuses an announced body above the cap unread", async () => {
    const server = await vendor((response) => response.writeHead(200, { "content-length": String(100 * 1024 * 1024) }).write("x"));
    await failureOf(createTestClient().request(scope, get(server)), ProviderContractBroken);
    expect(server.seen).toHaveLength(1);
  });

  it("[VA-07] stops reading an unannounced body at the cap", async () => {
    const piece = Buffer.alloc(1024 * 1024);
    let written = 0;
    const server = await vendor((response) => {
      response.writeHead(200);
      const more = (): void => {
        if (response.destroyed || written >= 100) return;
        written += 1;
        response.write(piece, more);
      };
      more();
    });
    await failureOf(createTestClient().request(scope, get(server)), ProviderContractBroken);
    expect(written).toBeLessThan(100);
  });

  it("[VA-07] reads only the start of an endless error", async () => {
    const piece = Buffer.alloc(64 * 1024, "e");
    const server = await vendor((response) => {
      response.writeHead(400);
      const more = (): void => {
        if (!response.destroyed) response.write(piece, more);
      };
      more();
    });
    const error = await failureOf(createTestClient().request(scope, get(server)), ProviderRefused);
    expect(error.vendorBody()).toBe("e".repeat(2_000));
  });

  it("keeps the status of an error whose body breaks off", async () => {
    const server = await vendor((response) => {
      response.writeHead(403, { "content-length": "1000" });
      response.write("half", () => response.destroy());
    });
    expect((await failureOf(createTestClient().request(scope, get(server)), ProviderRefused)).vendorStatus).toBe(403);
  });

  it.each([{ authorization: `Bearer ${CANARY}\r\nx: y` }, { "bad name": CANARY }])("takes a header that HTTP cannot carry for wrong input, unrepeated", async (headers) => {
    const server = await vendor((response) => response.end());
    const error = await failureOf(createTestClient().request(scope, get(server, "/x", { headers: headers as Record<string, string> })), InvalidInput);
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
    expect(server.seen).toHaveLength(0);
  });
});

describe("what is said about a call", () => {
  it("[E7][OA-15] names provider, method, host, masked path, status, attempt and ms, and nothing secret", async () => {
    const lines: { fields: object; message: string }[] = [];
    const write = (fields: object, message: string): void => void lines.push({ fields, message });
    const log: Log = { ...silentLog, debug: write, info: write, warn: write };
    const server = await vendor((response, _, number) => (number === 5 ? response.writeHead(200) : response.writeHead(500)).end(`{"access_token":"${CANARY}"}`));
    const request = { ...get(server, `/v3/users/${"ab12".repeat(4)}/egvs?token=${CANARY}`), headers: { authorization: `Bearer ${CANARY}` }, method: "POST", body: CANARY } as const;
    const client = createTestClient({ log });
    const error = await failureOf(client.request(scope, request), ProviderUnavailable);
    await client.request(scope, request);

    const host = new URL(server.baseUrl).host;
    expect(error.message).toBe(`dexcom POST ${host}/v3/users/*/egvs answered 500.`);
    const common = { provider: "dexcom", connectionId: "c1", method: "POST", host, path: "/v3/users/*/egvs" };
    expect(lines).toEqual([
      { fields: { ...common, status: 500, attempt: 1, ms: 0, waitMs: 1_000 }, message: "a vendor call will be repeated" },
      { fields: { ...common, status: 500, attempt: 2, ms: 0, waitMs: 2_000 }, message: "a vendor call will be repeated" },
      { fields: { ...common, status: 500, attempt: 3, ms: 0, waitMs: 4_000 }, message: "a vendor call will be repeated" },
      { fields: { ...common, status: 500, attempt: 4, ms: 0, errorCode: "provider_unavailable" }, message: "a vendor call failed" },
      { fields: { ...common, status: 200, attempt: 1, ms: 0 }, message: "a vendor answered" },
    ]);
    expect(inspect([error, lines], { depth: 9, showHidden: true })).not.toContain(CANARY);
  });
});
