/** Which TLS is spoken outwards. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { DEFAULT_MIN_VERSION, type SecureVersion, type TLSSocket } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { Agent } from "undici";
import { createAuthority } from "#test/kit/certificates.ts";
import { createHttpClient } from "#http/client.ts";
import { createRateLimiter } from "#http/rate-limiter.ts";
import { createFakeClock } from "#http/test-kit.ts";
import { silentLog } from "../../src/log.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.now();
const valid = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS + DAY_MS };
const authority = createAuthority(valid);

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

/** A server that speaks these versions and notes what was agreed on. */
async function serverOf(minVersion: SecureVersion, maxVersion: SecureVersion): Promise<{ url: string; agreed: string[] }> {
  const agreed: string[] = [];
  const server = createServer({ ...authority.issue("localhost", valid), minVersion, maxVersion, ciphers: "DEFAULT@SECLEVEL=0" }, (request, response) => {
    const socket = request.socket as TLSSocket;
    agreed.push(`${socket.getProtocol()} ${socket.getCipher().name}`);
    response.end("{}");
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  toClose.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/`, agreed };
}

async function call(url: string): Promise<number> {
  const clock = createFakeClock();
  const dispatcher = new Agent({ connect: { ca: authority.cert } });
  toClose.push(() => dispatcher.close());
  const client = createHttpClient({ clock, random: () => 1, log: silentLog, limiter: createRateLimiter({ clock, limitsOf: () => [] }), userAgent: "islet-test", dispatcher });
  return (await client.request({ provider: "dexcom" }, { method: "GET", url, headers: {} })).status;
}

it("TLS 1.3 is preferred, 1.2 is spoken with forward secrecy, and nothing older [ASVS 12.1.1, 12.1.2]", async () => {
  expect(DEFAULT_MIN_VERSION).toBe("TLSv1.2");
  const both = await serverOf("TLSv1", "TLSv1.3");
  expect(await call(both.url)).toBe(200);
  expect(both.agreed[0]).toMatch(/^TLSv1\.3 TLS_(AES_256_GCM|AES_128_GCM|CHACHA20)/);
  const older = await serverOf("TLSv1", "TLSv1.2");
  expect(await call(older.url)).toBe(200);
  expect(older.agreed[0]).toMatch(/^TLSv1\.2 ECDHE-.*(GCM|CHACHA20)/);
  const old = await serverOf("TLSv1", "TLSv1.1");
  await expect(call(old.url)).rejects.toThrow();
  expect(old.agreed).toEqual([]);
});
