/** Vendors (aggregators) with a page of their own: begun with our state, ended by asking whose account it is; several at once; accounts that move. [R1] */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../src/api/schemas.ts";
import type { HostedAuth } from "#driver/auth.ts";
import type { DriverWebhook, WebhookEvent } from "#driver/types.ts";
import { InvalidInput, WebhookRejected } from "#errors.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { comeBack } from "#test/kit/connect.ts";
import { fakeVendor, GLUCOSE, page, reading } from "#test/kit/fake-driver.ts";

/** Accounts at the aggregator, by id, with our reference of each. */
const accounts = new Map<string, string>();
const told: string[] = [];
const auth: HostedAuth = {
  kind: "hosted",
  appHeaders: ({ clientId, clientSecret }) => ({ "dev-id": clientId, "x-api-key": clientSecret }),
  begin: (_app, { reference, returnUrl, failureUrl, language }) => {
    told.push(reference, returnUrl, failureUrl, language);
    return Promise.resolve({ url: "https://widget.example/session/1" });
  },
  finish: (_app, { query, reference }) => {
    const id = query["user_id"] ?? "";
    if (accounts.get(id) !== reference) throw new InvalidInput("The vendor knows no such account of yours.");
    return Promise.resolve({ vendorUserId: id, grantedScopes: null });
  },
};
const webhook: DriverWebhook = {
  maxBytes: 10_000, isSigned: true,
  verify: ({ headers }) => {
    if (headers["x-proof"] !== "right") throw new WebhookRejected("webhook_signature", "no");
  },
  parse: (body) => ({ events: body as WebhookEvent[], problems: [] }),
};
const fake = fakeVendor({ id: "aggregator", webhook, resources: [GLUCOSE], change: { auth } });
const driver = { ...fake.driver, capabilities: { ...fake.driver.capabilities, allowsSeveral: true as const } };

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ moreDrivers: [driver], env: { AGGREGATOR_CLIENT_ID: "dev", AGGREGATOR_CLIENT_SECRET: "key" } });
});
afterAll(() => test.close());
beforeEach(async () => {
  accounts.clear();
  told.length = 0;
  test.jobs.length = 0;
  fake.answer = () => [];
  await test.db.asOwner("truncate connections, credentials, provider_accounts, oauth_states, samples, day_blocks, series, deliveries, delivery_keys cascade");
});

const begin = async (): Promise<string> => {
  const answer = await test.request({ as: test.people.patient, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "aggregator" }, headers: { "accept-language": "es" } });
  expect(answer.json()).toMatchObject({ authorizeUrl: "https://widget.example/session/1", connectionId: null });
  return told.find((text) => text.includes("/oauth/aggregator/callback") && !text.includes("error"))!;
};
const back = async (returnUrl: string, more: Record<string, string>): Promise<string> => {
  const url = new URL(returnUrl);
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  return String((await comeBack(test, test.people.patient, url)).headers["location"]);
};
const connect = async (id: string): Promise<void> => {
  told.length = 0;
  const returnUrl = await begin();
  accounts.set(id, test.people.patient.patientId!);
  expect(await back(returnUrl, { user_id: id })).toContain("connected=aggregator");
};
const list = async (): Promise<Connection[]> =>
  (await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/connections" })).json<{ data: Connection[] }>().data;
const send = async (events: WebhookEvent[]): Promise<void> => {
  const answer = await test.request({ method: "POST", url: "/webhooks/aggregator", payload: events, headers: { "x-proof": "right" } });
  expect(answer.statusCode).toBe(200);
  await test.runJobs();
};

describe("connecting at an aggregator's page", () => {
  it("is begun with our state and the person's language, and makes a connection without any token", async () => {
    await connect("u1");
    expect(told[0]).toBe(test.people.patient.patientId);
    expect(told[3]).toBe("es");
    expect(await list()).toMatchObject([{ provider: "aggregator", status: "active" }]);
    expect(await test.db.asOwner("select * from credentials")).toEqual([]);
  });

  it("believes no account that the vendor does not confirm, spends a state once, and hears of a failure [OA-06] [OA-07]", async () => {
    const returnUrl = await begin();
    accounts.set("stolen", test.people.stranger.patientId!);
    expect(await back(returnUrl, { user_id: "stolen" })).toContain("error=vendor_error");
    expect(await back(returnUrl, { user_id: "stolen" })).not.toContain("connected");
    told.length = 0;
    await begin();
    const failure = told.find((text) => text.includes("error="))!;
    expect(await back(failure, {})).toContain("error=");
    expect(await list()).toEqual([]);
  });

  it("can be done several times: each account is a connection of its own", async () => {
    await connect("u1");
    await connect("u2");
    expect(await list()).toHaveLength(2);
  });

  it("is asked with the app's keys alone", async () => {
    await connect("u1");
    const headers: unknown[] = [];
    fake.answer = async function* answer(_resource, _request, call) {
      headers.push(await call.fetch("https://elsewhere.example/x").then(() => null, (error: Error) => error.message));
      yield page("readings", []);
    };
    await test.runJobs();
    expect(headers[0]).toMatch(/must stay below/);
  });
});

describe("an account at an aggregator", () => {
  it("goes on under its new id, and what was for the old one is not lost", async () => {
    await connect("old");
    await send([{ kind: "renamed", account: "old", newAccount: "new" }]);
    const atMs = test.clock.now() - 60_000;
    await send([{ kind: "data", account: "new", resource: "readings", payload: [reading(atMs, 111)] }]);
    expect(await list()).toMatchObject([{ status: "active" }]);
    expect(await test.db.asOwner("select vendor_user_id from provider_accounts")).toEqual([{ vendor_user_id: "new" }]);
    expect(await test.db.ofSamples("select value from samples")).toEqual([{ value: 111 }]);
  });

  it("that was connected under its new id already keeps that connection, and the old one ends", async () => {
    await connect("old");
    await connect("new");
    await send([{ kind: "renamed", account: "old", newAccount: "new" }]);
    expect((await list()).map(({ status }) => status).toSorted()).toEqual(["active", "disconnected"]);
    expect(await test.db.asOwner("select vendor_user_id from provider_accounts")).toEqual([{ vendor_user_id: "new" }]);
  });

  it("asks its person to sign in again when the aggregator says so, and keeps the data", async () => {
    await connect("u1");
    await send([{ kind: "data", account: "u1", resource: "readings", payload: [reading(test.clock.now() - 60_000, 99)] }, { kind: "needs_consent", account: "u1" }]);
    expect(await list()).toMatchObject([{ status: "needs_reauthorization" }]);
    expect(await test.db.ofSamples("select value from samples")).toEqual([{ value: 99 }]);
  });
});
