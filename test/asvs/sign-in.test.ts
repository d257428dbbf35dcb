/** What sign-in does not have: passwords that expire, accounts from the factory, hints; and providers that pass for others. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createProviderClients } from "#people/sessions/outside/provider-client.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { createTestDatabase } from "#test/kit/database.ts";
import { Secret } from "../../src/secret.ts";
import { createFakeClock } from "#http/test-kit.ts";

const YEAR_MS = 365 * 86_400_000;

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

it("a password is good after five years, and nobody is asked to change it [ASVS 6.2.10]", async () => {
  test.clock.advance(5 * YEAR_MS);
  const answer = await test.request({ method: "POST", url: "/api/v1/session", payload: { email: test.people.patient.email, password: TEST_PASSWORD } });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).not.toHaveProperty("mustChangePassword");
});

it("a fresh installation has no accounts, so none that everybody knows [ASVS 6.3.2]", async () => {
  const fresh = await createTestDatabase();
  try {
    const [row] = await fresh.asOwner<{ n: number }>("select (select count(*) from users)::int + (select count(*) from api_keys)::int + (select count(*) from organizations)::int as n");
    expect(row).toEqual({ n: 0 });
  } finally {
    await fresh.close();
  }
});

it("no hint and no secret question is kept or asked for [ASVS 6.4.2]", async () => {
  const columns = await test.db.asOwner("select table_name, column_name from information_schema.columns where table_schema = 'public' and column_name ~ '(hint|question|mother|pet_)'");
  expect(columns).toEqual([]);
  const document = (await test.request({ method: "GET", url: "/openapi.json" })).body;
  expect(document).not.toMatch(/"[a-zA-Z]*(passwordHint|secretQuestion|securityQuestion)[a-zA-Z]*"/);
});

it("a provider whose document names another issuer is refused [ASVS 10.5.3]", async () => {
  const told = (issuer: string) => ({
    issuer, authorization_endpoint: "https://id.example/authorize", token_endpoint: "https://id.example/token", jwks_uri: "https://id.example/keys", response_types_supported: ["code"],
    subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["ES256"],
  });
  const clientsOf = (issuer: string) => createProviderClients({
    clock: createFakeClock(), allowsPrivateAddresses: false,
    http: { request: () => Promise.resolve({ status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(told(issuer))) }) as never },
  });
  const provider = { id: "clinic", name: "Clinic", issuer: "https://id.example", clientId: "islet", clientSecret: new Secret("s".repeat(32)), linkByVerifiedEmail: false, create: null, scopes: ["openid"] } as never;
  await expect(clientsOf("https://id.example")(provider)).resolves.toBeDefined();
  for (const issuer of ["https://evil.example", "https://id.example.evil.example", "https://id.example/other"]) await expect(clientsOf(issuer)(provider), issuer).rejects.toThrow();
});
