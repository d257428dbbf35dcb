/** Vendors without a page of their own: what a person types is sealed, a session is made from it, and made anew when it ends. [E1] [R1] */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../src/api/schemas.ts";
import { createLog } from "../src/log.ts";
import type { CredentialsAuth, Session } from "#driver/auth.ts";
import { ReauthorizationRequired } from "#errors.ts";
import { Secret } from "#secret.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { fakeVendor } from "#test/kit/fake-driver.ts";
import { HOUR_MS } from "#units/time.ts";

/** The vendor: one password, sessions of an hour. */
const vendor = { password: "correct", sessions: 0, region: "eu", ended: "" };
/** What calls proved themselves with. */
const seen: string[] = [];
const cloud = createServer((incoming, outgoing) => {
  const proof = incoming.headers.authorization ?? "";
  seen.push(proof);
  outgoing.writeHead(proof === vendor.ended ? 401 : 200, { "content-type": "application/json" }).end("[]");
});
const auth: CredentialsAuth = {
  kind: "credentials",
  fields: [
    { name: "email", label: { en: "E-mail", es: "Correo" }, isSecret: false, form: "email" },
    { name: "password", label: { en: "Password", es: "Contraseña" }, isSecret: true },
    { name: "site", label: { en: "Site", es: "Sitio" }, isSecret: false, isOptional: true, form: "address" },
  ],
  sessionIn: () => ({ place: "bearer" }),
  signIn: async ({ credentials, nowMs }): Promise<Session> => {
    if (credentials["password"] !== vendor.password) throw new ReauthorizationRequired("The vendor does not take this e-mail and password.");
    vendor.sessions += 1;
    const account = { vendorUserId: credentials["email"] ?? "", grantedScopes: null };
    return { token: new Secret(`session-${vendor.sessions}`), expiresAtMs: nowMs + HOUR_MS, account, settings: { region: vendor.region } };
  },
};
const fake = fakeVendor({ id: "typed-vendor", change: { auth } });

let test: TestApp;
let logged = "";
const logStream = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    logged += chunk.toString();
    done();
  },
});
beforeAll(async () => {
  await new Promise<void>((resolve) => cloud.listen(0, "127.0.0.1", resolve));
  test = await startTestApp({ log: createLog("debug", logStream), moreDrivers: [fake.driver], env: { TYPED_VENDOR_BASE_URL: `http://127.0.0.1:${(cloud.address() as AddressInfo).port}` } });
});
afterAll(async () => {
  await test.close();
  cloud.closeAllConnections();
  await new Promise((resolve) => cloud.close(resolve));
});
beforeEach(async () => {
  Object.assign(vendor, { password: "correct", sessions: 0, region: "eu", ended: "" });
  seen.length = 0;
  test.jobs.length = 0;
  fake.answer = async function* none() {};
  await test.db.asOwner("truncate connections, credentials, provider_accounts, samples, day_blocks, series cascade");
});

const connect = (credentials: object, more: object = {}) =>
  test.request({ as: test.people.patient, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "typed-vendor", credentials, ...more } });
const mine = { email: "ana@people.example", password: "correct" };
const list = async (): Promise<Connection[]> =>
  (await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/connections" })).json<{ data: Connection[] }>().data;

describe("signing in with what a person types", () => {
  it("makes the connection at once; secrets are sealed and in no log line, what is none stays with it [OA-28]", async () => {
    const answer = await connect(mine);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ authorizeUrl: null, pairing: null, connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
    expect(await list()).toMatchObject([{ provider: "typed-vendor", status: "active", settings: { email: "ana@people.example", region: "eu" } }]);
    for (const table of ["credentials", "connections", "audit_log", "oauth_states", "deliveries", "patient_keys", "farewells"]) {
      const rows = JSON.stringify(await test.db.asOwner(`select * from ${table}`));
      expect(rows).not.toContain("correct");
      expect(rows).not.toContain("session-1");
    }
    await test.runJobs();
    expect(logged).toContain("/api/v1/patients/:patientId/connections");
    expect(logged).not.toMatch(/correct|session-1/);
  });

  it("is a 422 that stores nothing where the vendor does not take it, and names a field that is missing or too much", async () => {
    const refused = await connect({ ...mine, password: "wrong-271828" });
    expect(refused.statusCode).toBe(422);
    expect(refused.json()).toMatchObject({ code: "credentials_refused" });
    expect(refused.body).not.toContain("271828");
    expect((await connect({ email: "a@b.example" })).json()).toMatchObject({ code: "invalid_input", errors: [{ pointer: "/credentials/password" }] });
    expect((await connect({ ...mine, pin: "1" })).json()).toMatchObject({ errors: [{ pointer: "/credentials/pin" }] });
    expect(await test.db.asOwner("select * from connections")).toEqual([]);
  });

  it("refuses an address that leads into the operator's network [OA-26]", async () => {
    for (const site of ["https://127.0.0.1", "http://public.example", "https://[::1]:1337"]) expect((await connect({ ...mine, site })).statusCode, site).toBe(400);
    expect(vendor.sessions).toBe(0);
  });

  it("signs in again when the session has ended or is refused, learns of a new region, and asks the person once the password is another [OA-20] [VA-14]", async () => {
    fake.answer = async function* answer(_resource, _request, call) {
      yield { resource: "readings", body: (await call.fetch("/readings")).body };
    };
    const { connectionId } = (await connect(mine)).json<{ connectionId: string }>();
    const sync = () => test.request({ as: test.people.patient, method: "POST", url: `/api/v1/patients/me/connections/${connectionId}/sync` });
    await test.runJobs();
    expect(new Set(seen.splice(0))).toEqual(new Set(["Bearer session-1"]));

    vendor.region = "us";
    test.clock.advance(2 * HOUR_MS);
    expect((await sync()).json()).toMatchObject({ outcome: "done" });
    expect(new Set(seen.splice(0))).toEqual(new Set(["Bearer session-2"]));
    expect((await list())[0]?.settings).toMatchObject({ email: "ana@people.example", region: "us" });

    vendor.ended = "Bearer session-2";
    test.clock.advance(60_000);
    expect((await sync()).json()).toMatchObject({ outcome: "done" });
    expect(seen.splice(0)).toEqual(expect.arrayContaining(["Bearer session-2", "Bearer session-3"]));

    vendor.password = "changed";
    test.clock.advance(2 * HOUR_MS);
    expect((await sync()).json()).toMatchObject({ outcome: "failed" });
    expect((await list())[0]?.status).not.toBe("needs_reauthorization");
    test.clock.advance(2 * 60_000);
    await sync();
    expect((await list())[0]?.status).toBe("needs_reauthorization");
    expect(seen).toEqual([]);
  });
});
