import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { readFileSync, globSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { Agent } from "undici";
import { createAuthority, selfSigned, type Certified } from "#test/kit/certificates.ts";
import { ProviderUnavailable } from "../errors.ts";
import { silentLog } from "../log.ts";
import { createHttpClient } from "./client.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { createFakeClock } from "./test-kit.ts";

const DAY_MS = 86_400_000;
// A socket goes by the real time.
const NOW_MS = Date.now();
const valid = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS + DAY_MS };
const authority = createAuthority({ fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS + 30 * DAY_MS });

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

/** A vendor at https://localhost; gives its address and what reached it. */
async function vendorWith({ cert, key }: Certified): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    seen.push(request.headers.authorization ?? "");
    response.writeHead(200).end("{}");
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  toClose.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/v1`, seen };
}

function client(options: { trusts: boolean }) {
  const clock = createFakeClock();
  const dispatcher = options.trusts ? new Agent({ connect: { ca: authority.cert } }) : undefined;
  if (dispatcher) toClose.push(() => dispatcher.close());
  return createHttpClient({ clock, random: () => 1, log: silentLog, limiter: createRateLimiter({ clock, limitsOf: () => [] }), userAgent: "islet-test", ...(dispatcher ? { dispatcher } : {}) });
}

const call = (url: string, options: { trusts: boolean }) =>
  client(options).request({ provider: "dexcom" }, { method: "GET", url, headers: { authorization: "Bearer secret" } });

describe("a vendor's certificate", () => {
  it("[VA-16] that is in order lets the call through", async () => {
    const { url, seen } = await vendorWith(authority.issue("localhost", valid));
    expect((await call(url, { trusts: true })).status).toBe(200);
    expect(seen).toEqual(["Bearer secret"]);
  });

  it.each([
    ["has expired", () => authority.issue("localhost", { fromMs: NOW_MS - 10 * DAY_MS, toMs: NOW_MS - DAY_MS }), true, /CERT_HAS_EXPIRED/],
    ["is not valid yet", () => authority.issue("localhost", { fromMs: NOW_MS + DAY_MS, toMs: NOW_MS + 2 * DAY_MS }), true, /CERT_NOT_YET_VALID/],
    ["is another host's", () => authority.issue("vendor.example", valid), true, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ["vouches for itself", () => selfSigned("localhost", valid), true, /DEPTH_ZERO_SELF_SIGNED_CERT/],
    ["is of an authority that nobody knows", () => authority.issue("localhost", valid), false, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/],
  ] as const)("[VA-16] that %s ends the call before a word of it was sent", async (_, make, trusts, reason) => {
    const { url, seen } = await vendorWith(make());
    const error: unknown = await call(url, { trusts }).then(() => null, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderUnavailable);
    expect((error as Error).message).toMatch(reason);
    expect(seen).toEqual([]);
  });

  it("[VA-16] is checked by every line of ours that speaks TLS", () => {
    const files = globSync("src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
    expect(files.length).toBeGreaterThan(150);
    expect(files.filter((file) => /rejectUnauthorized|checkServerIdentity|NODE_TLS_REJECT/.test(readFileSync(file, "utf8")))).toEqual(["src/config.ts"]);
  });
});
