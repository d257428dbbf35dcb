/** Vendors and connections: what there is, beginning, coming back, looking, asking for news, ending. [E5] [R7] */
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { buildServer } from "../../src/api/server.ts";
import type { Connection, ConnectReply, GlucoseLatest, Provider, SyncReply } from "../../src/api/schemas.ts";
import { DRIVERS } from "#drivers/index.ts";
import { createProviders } from "#sync/providers.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { begin, comeBack, connect, decide } from "#test/kit/connect.ts";
import { give, iso, makeConnection, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_RETURN_SCHEMES: "myapp" } });
});
afterAll(() => test.close());
beforeEach(async () => {
  test.jobs.length = 0;
  await test.db.asOwner("truncate connections, credentials, provider_accounts, oauth_states, samples, day_blocks, series cascade");
});

const post = (payload: object, as: Person = test.people.patient): Promise<LightMyRequestResponse> =>
  test.request({ as, method: "POST", url: "/api/v1/patients/me/connections", payload });
const list = async (as: Person = test.people.patient): Promise<Connection[]> => (await read<{ data: Connection[] }>(test, as, "/connections")).data;

describe("the vendors", () => {
  it("are those of the drivers, with what they deliver and what must be said", async () => {
    const { data } = (await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/providers" })).json<{ data: Provider[] }>();
    expect(data.map(({ id }) => id)).toEqual(DRIVERS.map(({ id }) => id));
    const dexcom = data.find(({ id }) => id === "dexcom")!;
    expect(dexcom).toMatchObject({ displayName: "Dexcom", isConfigured: true, isSimulated: true, delivery: "poll" });
    expect(dexcom.metrics).toContain("glucose");
    for (const provider of data) {
      expect(provider.connectText, provider.id).not.toBe("");
      expect(provider.disclosure, provider.id).not.toBe("");
      expect(provider.metrics.length + provider.records.length, provider.id).toBeGreaterThan(0);
      for (const setting of provider.settings.filter(({ values }) => values.length > 0)) expect(setting.values, `${provider.id} ${setting.name}`).toContain(setting.default);
    }
    expect((await test.request({ method: "GET", url: "/api/v1/providers" })).statusCode).toBe(401);
  });
});

describe("beginning a connection", () => {
  it("gives the vendor's consent page, for ten minutes, and keeps the state by its digest alone", async () => {
    const answer = await post({ provider: "dexcom" });
    expect(answer.statusCode).toBe(201);
    const reply = answer.json<ConnectReply>();
    expect(reply.expiresAt).toBe(iso(NOW_MS + 10 * MINUTE));
    const url = new URL(reply.authorizeUrl ?? "");
    expect(url.searchParams.get("redirect_uri")).toBe(`${test.origin}/oauth/dexcom/callback`);
    expect(url.searchParams.get("state")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    const states = await test.db.asOwner("select * from oauth_states");
    expect(states).toHaveLength(1);
    expect(JSON.stringify(states)).not.toContain(url.searchParams.get("state"));
    expect(answer.body).not.toContain("secret");
  });

  it("is a 404 for a vendor there is not, and a 409 for one the operator has not set up", async () => {
    for (const provider of ["nobody", "__proto__", "Dexcom", ""]) {
      const answer = await post({ provider });
      expect(answer.statusCode, provider).toBe(404);
      expect(problemOf(answer).code).toBe("not_found");
    }
    const { api } = test.app;
    const server = await buildServer({ context: { ...api, sync: { ...api.sync, providers: createProviders(DRIVERS, new Map()) } }, isReady: () => true, simulator: null });
    const headers = { authorization: `Bearer ${test.people.patient.token}` };
    for (const answer of [
      await server.inject({ method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "dexcom" }, headers }),
      await server.inject({ method: "GET", url: "/oauth/dexcom/callback?code=a&state=b", headers }),
    ]) {
      expect(answer.statusCode).toBe(409);
      expect(problemOf(answer).code).toBe("provider_not_configured");
    }
    const { data } = (await server.inject({ method: "GET", url: "/api/v1/providers", headers })).json<{ data: Provider[] }>();
    expect(data.every(({ isConfigured, canConnect }) => !isConfigured && !canConnect)).toBe(true);
    await server.close();
  });

  it("refuses settings that the vendor does not have, and names the place", async () => {
    for (const [settings, pointer] of [[{ region: "moon" }, "/settings/region"], [{ colour: "red" }, "/settings/colour"], [{ base_url: "https://evil.example" }, "/settings/base_url"], [{ pkce: "off" }, "/settings/pkce"]] as const) {
      const answer = await post({ provider: "dexcom", settings });
      expect(answer.statusCode, JSON.stringify(settings)).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer).toBe(pointer);
    }
    for (const payload of [{}, { provider: 7 }, { provider: "dexcom", settings: [] }, { provider: "dexcom", settings: { region: 7 } }, { provider: "dexcom", returnTo: 7 }, { provider: "x".repeat(41) }]) {
      expect((await post(payload)).statusCode, JSON.stringify(payload)).toBe(400);
    }
    expect(await test.db.asOwner("select 1 from oauth_states")).toEqual([]);
  });

  it("returns to pages of ours and registered apps only [OA-10]", async () => {
    for (const [returnTo, kept] of [
      ["/connections", "/connections"], ["/connections?from=phone", "/connections?from=phone"], ["/", "/"], [undefined, "/connections"], ["myapp://oauth/callback", "myapp://oauth/callback"],
      ["//evil.example", "/"], ["https://evil.example/connections", "/"], ["/\\evil.example", "/"], ["/%2f%2fevil.example", "/"], ["javascript:alert(1)", "/"], ["/connections\r\nset-cookie: a=b", "/"],
      ["otherapp://x", "/"], ["/connections/..//evil.example", "/"], ["/api/v1/session", "/"], ["", "/"], ["/\t/evil.example", "/"],
    ] as const) {
      await test.db.asOwner("truncate oauth_states");
      expect((await post({ provider: "dexcom", ...(returnTo === undefined ? {} : { returnTo }) })).statusCode, returnTo).toBe(201);
      const [state] = await test.db.asOwner<{ return_to: string }>("select return_to from oauth_states");
      expect(state?.return_to, returnTo).toBe(kept);
    }
  });

  it("takes the address to return to from the configuration, never from a header [OA-09]", async () => {
    for (const host of ["evil.example", "127.0.0.1:1", ""]) {
      const answer = await test.request({
        as: test.people.patient, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "dexcom", redirect_uri: "https://evil.example" },
        headers: { host, "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil.example" },
      });
      expect(new URL(answer.json<ConnectReply>().authorizeUrl ?? "").searchParams.get("redirect_uri")).toBe(`${test.origin}/oauth/dexcom/callback`);
    }
  });
});

describe("coming back from a vendor", () => {
  const location = (answer: LightMyRequestResponse): string => String(answer.headers["location"]);

  it("makes the connection once, leads to the page that began, and gives the address on to nobody [OA-02] [OA-15]", async () => {
    const back = await decide(await begin(test, test.people.patient, "dexcom", { returnTo: "/connections?from=phone" }));
    const answer = await comeBack(test, test.people.patient, back);
    expect(answer.statusCode).toBe(302);
    expect(location(answer)).toBe("/connections?from=phone&connected=dexcom");
    expect(answer.headers).toMatchObject({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    expect(await list()).toHaveLength(1);
    const again = await comeBack(test, test.people.patient, back);
    expect(again.statusCode).toBe(400);
    expect(problemOf(again).code).toBe("state_invalid");
    expect(again.body).not.toContain(back.searchParams.get("code"));
    expect(await list()).toHaveLength(1);
  });

  it("works once of many at the same moment [OA-02]", async () => {
    const back = await decide(await begin(test, test.people.patient, "dexcom"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => comeBack(test, test.people.patient, back)));
    expect(answers.filter(({ statusCode }) => statusCode === 302)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(19);
    expect(await list()).toHaveLength(1);
  });

  it("is refused in another browser, by another vendor's door, with a state of nobody, and when it repeats itself [OA-01] [OA-04] [OA-05] [OA-12]", async () => {
    const { patient, stranger } = test.people;
    const fresh = async (): Promise<URL> => decide(await begin(test, patient, "dexcom"));
    const elsewhere = await fresh();
    const other = new URL(elsewhere);
    other.pathname = "/oauth/garmin/callback";
    const forged = await fresh();
    forged.searchParams.set("state", "A".repeat(43));
    const twice = await fresh();
    twice.search += "&code=another";
    const both = await fresh();
    both.searchParams.set("error", "access_denied");
    const tries: [string, Promise<LightMyRequestResponse>][] = [
      ["a stranger's browser", comeBack(test, null, await fresh())], ["another patient's", comeBack(test, stranger, await fresh())], ["another vendor's door", comeBack(test, patient, other)],
      ["a state of nobody", comeBack(test, patient, forged)], ["two codes", comeBack(test, patient, twice)], ["code and error", comeBack(test, patient, both)],
      ["nothing", test.request({ as: patient, method: "GET", url: "/oauth/dexcom/callback" })],
    ];
    for (const [name, asked] of tries) expect((await asked).statusCode, name).toBe(400);
    expect(await list()).toEqual([]);
    expect(await list(stranger)).toEqual([]);
    expect((await test.request({ as: patient, method: "GET", url: "/oauth/nobody/callback?code=a&state=b" })).statusCode).toBe(404);
  });

  it("shows a browser a page of ours instead of JSON when it was led astray", async () => {
    const answer = await test.request({ method: "GET", url: "/oauth/dexcom/callback?code=a&state=b", headers: { accept: "text/html,application/xhtml+xml" } });
    expect(answer.statusCode).toBe(302);
    expect(location(answer)).toBe("/connections?error=state_invalid&provider=dexcom");
  });

  it("too late, or with a refusal, leads back with the reason and makes nothing [OA-03] [OA-11]", async () => {
    const late = await decide(await begin(test, test.people.patient, "dexcom"));
    test.clock.advance(10 * MINUTE);
    expect(location(await comeBack(test, test.people.patient, late))).toBe("/connections?error=state_expired&provider=dexcom");
    const denied = await decide(await begin(test, test.people.patient, "dexcom"), { decision: "deny" });
    denied.searchParams.set("error_description", "<script>alert(1)</script>");
    const answer = await comeBack(test, test.people.patient, denied);
    expect(location(answer)).toBe("/connections?error=access_denied&provider=dexcom");
    expect(answer.body).not.toContain("script");
    expect((await comeBack(test, test.people.patient, denied)).statusCode).toBe(400);
    expect(await list()).toEqual([]);
    test.clock.advance(-10 * MINUTE);
  });

  it("is by the session cookie of the browser that began", async () => {
    const session = await test.request({ method: "POST", url: "/api/v1/session", payload: { email: test.people.patient.email, password: TEST_PASSWORD } });
    const cookie = String(session.headers["set-cookie"]).split(";")[0]!;
    const { csrfToken } = session.json<{ csrfToken: string }>();
    const begun = await test.request({ method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "dexcom" }, headers: { cookie, "x-csrf-token": csrfToken } });
    const back = await decide(begun.json<ConnectReply>().authorizeUrl ?? "");
    // The vendor's page sends the browser: another site, a plain navigation, no token of ours.
    const answer = await test.request({ method: "GET", url: back.pathname + back.search, headers: { cookie, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" } });
    expect(location(answer)).toBe("/connections?connected=dexcom");
  });
});

describe("a connection", () => {
  it("is told with its state in plain words, its devices and newest data, and none of its tokens", async () => {
    const id = await connect(test, test.people.patient, "dexcom");
    await test.runJobs();
    const [connection] = await list();
    expect(connection).toMatchObject({
      id, provider: "dexcom", providerName: "Dexcom", status: "active", statusDetail: null, isSyncing: false, isSimulated: true, lastSyncAt: iso(test.clock.now()), backfillProgress: 1, missingScopes: [],
    });
    const { reading } = await read<GlucoseLatest>(test, test.people.patient, "/glucose/latest");
    expect(Date.parse(connection!.lastDataAt!)).toBeGreaterThanOrEqual(Date.parse(reading!.at));
    expect(connection!.devices.length).toBeGreaterThan(0);
    expect(await read(test, test.people.patient, `/connections/${id}`)).toEqual(connection);
    const sealed = JSON.stringify(await test.db.asOwner("select access_sealed, refresh_sealed from credentials"));
    expect(JSON.stringify(connection)).not.toMatch(/token|sealed|secret/i);
    expect(sealed).not.toMatch(/sim[ar]t_|eyJ/);
  });

  it("says in every state what is wrong and what to do [E8]", async () => {
    await makeConnection(test, test.people.patient, "garmin");
    for (const [status, words] of [
      ["active", null], ["limited", /connect again and allow/], ["needs_reauthorization", /connect again/], ["error", /goes on trying/], ["revoked", /Your data is kept/], ["disconnected", /Disconnected/],
      ["retired", /ended this service. Your data is kept/],
    ] as const) {
      await test.db.asOwner("update connections set status = $1", [status]);
      const [connection] = await list();
      expect(connection!.status).toBe(status);
      if (words === null) expect(connection!.statusDetail).toBeNull();
      else expect(connection!.statusDetail).toMatch(words);
    }
    await test.db.asOwner("update connections set status = 'active', failures = 2");
    expect((await list())[0]!.statusDetail).toMatch(/tries again by itself/);
  });

  it("says when it is tried next, and that it is not where it is not [QU-04]", async () => {
    await makeConnection(test, test.people.patient, "garmin");
    expect((await list())[0]!.nextSyncAt).toBeNull();
    await test.db.asOwner("update connections set failures = 3, next_sync_at = $1", [iso(NOW_MS + 7 * MINUTE)]);
    expect((await list())[0]).toMatchObject({ nextSyncAt: iso(NOW_MS + 7 * MINUTE), statusDetail: expect.stringMatching(/tries again by itself/) as string });
    await test.db.asOwner("update connections set failures = 0, status_code = 'provider_unavailable'");
    expect((await list())[0]!.statusDetail).toMatch(/tries again by itself/);
  });

  it("of a vendor that has ended is not asked any more: the button to sync is told so [VA-17]", async () => {
    const id = await makeConnection(test, test.people.patient, "garmin");
    await test.db.asOwner("update connections set status = 'retired'");
    const answer = await test.request({ as: test.people.patient, method: "POST", url: `/api/v1/patients/me/connections/${id}/sync` });
    expect(answer.statusCode).toBe(409);
    expect(problemOf(answer).code).toBe("connection_ended");
  });

  it("of a vendor that this version does not know is shown all the same", async () => {
    await makeConnection(test, test.people.patient, "retired");
    const answer = await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/connections" });
    expect(answer.statusCode).toBe(200);
    expect(answer.json<{ data: Connection[] }>().data).toMatchObject([{ provider: "retired", providerName: "retired", isSimulated: false, missingScopes: [] }]);
  });
});

describe("asking for news", () => {
  const sync = (id: string): Promise<LightMyRequestResponse> => test.request({ as: test.people.patient, method: "POST", url: `/api/v1/patients/me/connections/${id}/sync` });

  it("stores what is new and says how much, and nothing the second time", async () => {
    const id = await connect(test, test.people.patient, "dexcom");
    const first = (await sync(id)).json<SyncReply>();
    expect(first).toMatchObject({ outcome: "done", detail: null, lastSyncAt: iso(test.clock.now()) });
    expect(first.stored.samples).toBeGreaterThan(1_000);
    const second = (await sync(id)).json<SyncReply>();
    expect(second).toMatchObject({ outcome: "done", stored: { samples: 0, sleeps: 0, workouts: 0, treatments: 0 } });
  });

  it("is a failure with a reason when the vendor is down, and no error of ours", async () => {
    const id = await connect(test, test.people.patient, "dexcom");
    test.sim.control.setFault("dexcom", { kind: "server_error", status: 500 });
    const answer = await sync(id);
    test.sim.control.setFault("dexcom", null);
    expect(answer.statusCode).toBe(200);
    expect(answer.json<SyncReply>()).toMatchObject({ outcome: "failed", lastSyncAt: null });
    expect(answer.json<SyncReply>().detail).not.toBe("");
  });

  it("twice at once is done once, and the other hears that it runs", async () => {
    const id = await connect(test, test.people.patient, "strava");
    test.sim.control.setFault("strava", { kind: "slow", ms: 150, times: 1 });
    const answers = await Promise.all([sync(id), sync(id)]);
    expect(answers.map((answer) => answer.json<SyncReply>().outcome).toSorted()).toEqual(["done", "running"]);
  });

  it("of a connection that has ended, or waits for consent, is a conflict with what to do, and asks nobody", async () => {
    const id = await connect(test, test.people.patient, "dexcom");
    const asked = test.sim.control.received("dexcom").length;
    for (const [status, code] of [["disconnected", "connection_ended"], ["revoked", "connection_ended"], ["needs_reauthorization", "reauthorization_required"]]) {
      await test.db.asOwner("update connections set status = $1", [status]);
      const answer = await sync(id);
      expect(answer.statusCode, status).toBe(409);
      expect(problemOf(answer)).toMatchObject({ code, detail: expect.stringContaining("connect again") as string });
    }
    expect(test.sim.control.received("dexcom")).toHaveLength(asked);
  });

  it("that fails in a way nobody foresaw is a 500, and ends nothing else", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const id = await connect(test, test.people.patient, "dexcom");
    await test.db.asOwner("alter table deliveries rename column resource to renamed");
    try {
      const answer = await sync(id);
      expect(answer.statusCode).toBe(500);
      expect(problemOf(answer).detail).toBe("Something went wrong on our side.");
    } finally {
      await test.db.asOwner("alter table deliveries rename column renamed to resource");
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("ending a connection", () => {
  const end = (id: string, query = ""): Promise<LightMyRequestResponse> => test.request({ as: test.people.patient, method: "DELETE", url: `/api/v1/patients/me/connections/${id}${query}` });
  const count = async (table: string): Promise<number> => Number((await test.db.asOwner<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);

  it("erases its tokens and keeps its data, and can be done twice", async () => {
    const id = await connect(test, test.people.patient, "dexcom");
    await give(test, test.people.patient, { records: readings([100, 110], NOW_MS), provider: "dexcom", connectionId: id });
    const samples = await count("samples");
    expect(samples).toBe(2);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await end(id);
      expect(answer.statusCode).toBe(204);
      expect(answer.body).toBe("");
    }
    expect(await list()).toMatchObject([{ id, status: "disconnected", statusDetail: expect.stringContaining("kept") as string }]);
    expect(await count("credentials")).toBe(0);
    expect(await count("provider_accounts")).toBe(0);
    expect(await count("samples")).toBe(samples);
  });

  it("erases what came by it when asked to, and nothing of others", async () => {
    await give(test, test.people.patient, { records: readings([100], NOW_MS) });
    const id = await connect(test, test.people.patient, "dexcom");
    await give(test, test.people.patient, { records: readings([100, 110], NOW_MS), provider: "dexcom", connectionId: id });
    expect((await end(id, "?data=erase")).statusCode).toBe(204);
    expect(await count("samples")).toBe(1);
    expect(await test.db.asOwner("select 1 from deliveries where connection_id = $1", [id])).toEqual([]);
    expect((await end(id, "?data=burn")).statusCode).toBe(400);
  });
});
