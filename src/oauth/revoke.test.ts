import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createTestClient, replyJson, startTestServer, type TestServer } from "#http/test-kit.ts";
import { ConfigError, ProviderRefused } from "../errors.ts";
import { Secret } from "../secret.ts";
import { revokeGrant } from "./revoke.ts";
import { strict } from "./test-vendors.ts";
import type { OAuth2Auth } from "./types.ts";

const CANARY = "canary-c0de";

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function revoke(status: number, body: unknown, auth: Partial<OAuth2Auth> = { revokePath: "/revoke" }): Promise<TestServer> {
  const server = await startTestServer((response) => replyJson(response, status, body));
  servers.push(server);
  await revokeGrant({
    http: createTestClient(), scope: { provider: "vendor" }, auth: { ...strict, ...auth }, endpoints: { token: server.baseUrl },
    client: { id: "client-1", secret: new Secret("s:cret") }, token: new Secret(`rt-${CANARY}`),
  });
  return server;
}

describe("ending a grant", () => {
  it("sends the token in the form, never in the address, with the client beside it [OA-23]", async () => {
    const { seen } = await revoke(200, {});
    expect(seen).toMatchObject([{ method: "POST", url: "/revoke" }]);
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({ token: `rt-${CANARY}`, client_id: "client-1", client_secret: "s:cret" });
  });

  it("proves the client by Basic where the vendor wants it so", async () => {
    const { seen } = await revoke(200, {}, { revokePath: "/oauth2/revoke", clientAuthentication: "basic" });
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({ token: `rt-${CANARY}` });
    expect(seen[0]?.headers["authorization"]).toBe(`Basic ${Buffer.from("client-1:s%3Acret").toString("base64")}`);
  });

  it.each([
    [400, { error: "invalid_token", error_description: "Token expired or revoked" }],
    [401, { success: false, errors: [{ errorType: "invalid_token", message: "gone" }] }],
  ])("takes a token that is dead already for success (%i)", async (status, body) => {
    await expect(revoke(status, body)).resolves.toBeDefined();
  });

  it("reports any other refusal without the token, and a vendor that has no such endpoint", async () => {
    const error: unknown = await revoke(400, { error: "invalid_request" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderRefused);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY);
    await expect(revoke(200, {}, {})).rejects.toBeInstanceOf(ConfigError);
  });
});
