/** Connecting over HTTP against the simulated clouds: from the button to stored tokens, and everything that may not lead there. */
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unpackBody } from "#inbox/body.ts";
import type { SimVendor } from "#sim/sim.ts";
import { sweepStates } from "#sync/connect.ts";
import { readConnection } from "#sync/connections.ts";
import { tokenSource } from "#sync/credentials.ts";
import { openAccess, openRefresh, readTokens } from "#sync/sealed-tokens.ts";
import { IsletError } from "../src/errors.ts";
import { createLog } from "../src/log.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "./kit/app.ts";
import { begin, callsFromHere, comeBack, connect, decide } from "./kit/connect.ts";

let test: TestApp;
let patient: Person;
beforeAll(async () => {
  test = await startTestApp();
  patient = test.people.patient;
});
afterAll(() => test.close());

/** Calls of a cloud's token endpoint from here on. */
const tokenCalls = (vendor: SimVendor): (() => number) => {
  const calls = callsFromHere(test, vendor);
  return () => calls().filter(({ path }) => path.endsWith("/token")).length;
};

const connections = (as: Person, provider: string) =>
  test.db.asOwner<{ status: string; status_code: string | null; vendor_user_id: string; granted_scopes: string[] | null; epoch: number; token_version: number | null }>(
    `select c.status, c.status_code, c.vendor_user_id, c.granted_scopes, c.epoch, k.token_version from connections c
     left join credentials k on k.connection_id = c.id where c.patient_id = $1 and c.provider = $2 order by c.connected_at`, [as.patientId, provider],
  );

const audited = async (action: string): Promise<number> => (await test.db.asOwner("select 1 from audit_log where action = $1", [action])).length;

/** A person who has connected nothing yet. */
async function newcomer(name: string): Promise<Person> {
  const email = `${name}@example.org`;
  const [user] = await test.db.asOwner<{ id: string }>(
    `insert into users (organization_id, email, password_hash, display_name, roles)
     select organization_id, $1, password_hash, $2, roles from users where id = $3 returning id`, [email, name, patient.userId],
  );
  const [row] = await test.db.asOwner<{ id: string }>(
    "insert into patients (organization_id, user_id, display_name, zone) select organization_id, id, $2, 'Europe/Madrid' from users where id = $1 returning id", [user!.id, name],
  );
  return { email, userId: user!.id, patientId: row!.id, token: await signIn(email) };
}

async function signIn(email: string): Promise<string> {
  return await test.signIn(email);
}

const refused = async (as: Person | null, back: URL, vendor: SimVendor = "dexcom") => {
  const calls = tokenCalls(vendor);
  const answer = await comeBack(test, as, back);
  expect(answer.statusCode).toBe(400);
  expect(answer.json<{ code: string }>().code).toMatch(/state_invalid|invalid_input/);
  expect(calls()).toBe(0);
  return answer;
};

/** Every text, JSON and byte column of every table, row by row, bodies unpacked. */
async function restingTexts(run: TestApp): Promise<{ where: string; text: string }[]> {
  const columns = await run.db.asOwner<{ table_name: string; column_name: string; data_type: string }>(
    `select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' and data_type in ('text', 'jsonb', 'bytea', 'ARRAY')
       and table_name <> 'schema_migrations'`,
  );
  expect(columns.length).toBeGreaterThan(40);
  const texts: { where: string; text: string }[] = [];
  for (const { table_name: table, column_name: column, data_type: type } of columns) {
    const where = `${table}.${column}`;
    if (where === "deliveries.body") {
      for (const row of await run.db.asOwner<{ body: Buffer; body_encoding: string }>("select body, body_encoding from deliveries")) {
        texts.push({ where, text: unpackBody(row.body_encoding, row.body).toString("latin1") });
      }
      continue;
    }
    const value = type === "bytea" ? `encode(${column}, 'escape')` : `${column}::text`;
    for (const row of await run.db.asOwner<{ text: string }>(`select ${value} as text from ${table} where ${column} is not null`)) texts.push({ where, text: row.text });
  }
  return texts;
}

describe("a consent", () => {
  it.each(["dexcom", "garmin", "strava"] as const)("[E5, R2] connects %s, seals the tokens and asks for a first sync", async (vendor) => {
    const as = await newcomer(`connects-${vendor}`);
    const before = test.jobs.length;
    await connect(test, as, vendor, { person: "ana" });
    const [row] = await connections(as, vendor);
    expect(row).toMatchObject({ status: "active", status_code: null, epoch: 1, token_version: 1 });
    const [sealed] = await test.db.asOwner<{ access_sealed: string; refresh_sealed: string }>(
      "select access_sealed, refresh_sealed from credentials where patient_id = $1", [as.patientId],
    );
    expect(sealed!.access_sealed).toMatch(/^v2\.[0-9a-f-]{36}\./);
    expect(sealed!.refresh_sealed).toMatch(/^v2\.[0-9a-f-]{36}\./);
    expect(test.jobs.slice(before)).toMatchObject([{ queue: "health-sync", data: { patientId: as.patientId } }]);
    expect(await test.db.asOwner("select 1 from oauth_states where patient_id = $1", [as.patientId])).toEqual([]);
  });

  it("[P1] [OA-08] sends a PKCE challenge of its own in each flow to Dexcom and Garmin, none to Strava, none to Dexcom when it is off", async () => {
    const ask = async (vendor: SimVendor) => new URL(await begin(test, patient, vendor)).searchParams;
    const [first, second] = [await ask("dexcom"), await ask("dexcom")];
    expect(first.get("code_challenge")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first.get("code_challenge_method")).toBe("S256");
    expect(second.get("code_challenge")).not.toBe(first.get("code_challenge"));
    expect((await ask("garmin")).get("code_challenge_method")).toBe("S256");
    expect((await ask("strava")).has("code_challenge")).toBe(false);
    const settings = test.app.sync.providers.require("dexcom").config.settings as Record<string, string>;
    settings["pkce"] = "off";
    try {
      expect((await ask("dexcom")).has("code_challenge")).toBe(false);
      const as = await newcomer("without-pkce");
      await connect(test, as, "dexcom", { person: "aroha" });
    } finally {
      delete settings["pkce"];
    }
  });

  it("[OA-08] rests on the verifier: without it the cloud gives no token", async () => {
    const as = await newcomer("lost-verifier");
    const back = await decide(await begin(test, as, "dexcom"), { person: "grace" });
    await test.db.asOwner("update oauth_states set verifier_sealed = null where patient_id = $1", [as.patientId]);
    expect((await comeBack(test, as, back)).headers.location).toContain("error=vendor_error");
    expect(await connections(as, "dexcom")).toEqual([]);
  });

  it("[OA-09] takes its redirect address from the configuration, whatever host a request names", async () => {
    const answer = await test.request({
      as: patient, method: "POST", url: "/api/v1/patients/me/connections", headers: { host: "evil.example", "x-forwarded-host": "evil.example" },
      payload: { provider: "dexcom", redirect_uri: "https://evil.example/" },
    });
    const urls = answer.statusCode === 201 ? [answer.json<{ authorizeUrl: string }>().authorizeUrl] : [];
    urls.push(await begin(test, patient, "dexcom"));
    for (const url of urls) expect(new URL(url).searchParams.get("redirect_uri")).toBe(`${test.origin}/oauth/dexcom/callback`);
  });

  it.each(["//evil.example", "https://evil.example/", "/\\evil.example", "/%2f%2fevil.example", "%2f%2fevil.example", "javascript:alert(1)", "/connections\r\nset-cookie:a=b", "/api/v1/me"])(
    "[OA-10] leads back into the portal only, not to %j", async (returnTo) => {
      const url = await begin(test, patient, "strava", { returnTo });
      const answer = await comeBack(test, patient, await decide(url, { decision: "deny" }));
      expect(answer.headers.location).toMatch(/^\/\?error=access_denied&provider=strava$/);
    },
  );

  it("[OA-10] leads back to the page that began", async () => {
    const url = await begin(test, patient, "strava", { returnTo: "/connections?tab=all" });
    expect((await comeBack(test, patient, await decide(url, { decision: "deny" }))).headers.location).toBe("/connections?tab=all&error=access_denied&provider=strava");
  });

  it("[OA-11] that is denied links nothing, consumes its state and repeats none of the vendor's words", async () => {
    const as = await newcomer("denies");
    const back = await decide(await begin(test, as, "dexcom"), { decision: "deny" });
    back.searchParams.set("error_description", "<script>alert(1)</script>");
    const answer = await comeBack(test, as, back);
    expect(answer.headers.location).toBe("/connections?error=access_denied&provider=dexcom");
    expect(answer.body).not.toContain("script");
    expect((await comeBack(test, as, back)).statusCode).toBe(400);
    expect(await connections(as, "dexcom")).toEqual([]);
    expect(await audited("connection.denied")).toBeGreaterThan(0);
  });

  it("[OA-15] leaves neither code nor state in the address of the next page, and no Referer", async () => {
    const as = await newcomer("leaves");
    const back = await decide(await begin(test, as, "strava"), { person: "grace" });
    const answer = await comeBack(test, as, back);
    expect(answer.headers.location).toBe("/connections?connected=strava");
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("[OA-13] ends in words, with nothing half-saved, when the token endpoint answers nonsense or is away", async () => {
    const as = await newcomer("bad-tokens");
    const faults = [{ kind: "malformed", at: "token" }, { kind: "truncated", at: "token" }, { kind: "server_error", status: 503, at: "token" }, { kind: "rate_limited", retryAfterSeconds: 600, at: "token" }] as const;
    for (const fault of faults) {
      const back = await decide(await begin(test, as, "garmin"), { person: "grace" });
      test.sim.control.setFault("garmin", fault);
      try {
        expect((await comeBack(test, as, back)).headers.location, fault.kind).toBe("/connections?error=vendor_error&provider=garmin");
      } finally {
        test.sim.control.setFault("garmin", null);
      }
      test.clock.advance(700_000);
    }
    expect(await connections(as, "garmin")).toEqual([]);
    expect(await test.db.asOwner("select 1 from credentials where patient_id = $1", [as.patientId])).toEqual([]);
  });

  it("[OA-14] with fewer scopes gives a limited connection that says what is missing", async () => {
    const as = await newcomer("ticks-little");
    const strava = await connect(test, as, "strava", { person: "priya", permissions: ["read"] });
    const garmin = await connect(test, as, "garmin", { person: "priya", permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT"] });
    const show = async (id: string) => (await test.request({ as, method: "GET", url: `/api/v1/patients/me/connections/${id}` })).json<object>();
    expect(await show(strava)).toMatchObject({ status: "limited", grantedScopes: ["read"], missingScopes: ["activity:read_all"] });
    expect(await show(garmin)).toMatchObject({ status: "limited", missingScopes: ["HISTORICAL_DATA_EXPORT"] });
  });

  it("refuses a setting that the vendor does not have", async () => {
    for (const settings of [{ region: "moon" }, { oauth_version: "v2" }, { base_url: "https://evil.example" }]) {
      const answer = await test.request({ as: patient, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "dexcom", settings } });
      expect(answer.statusCode, JSON.stringify(settings)).toBe(400);
    }
  });
});

describe("a callback", () => {

  it("[OA-01] with an unknown state is refused, audited, and asks for no token", async () => {
    const before = await audited("oauth.state_invalid");
    await refused(patient, new URL(`${test.origin}/oauth/dexcom/callback?code=c&state=${"a".repeat(43)}`));
    expect(await audited("oauth.state_invalid")).toBe(before + 1);
  });

  it("shows a person a page of ours instead", async () => {
    const answer = await test.request({
      as: patient, method: "GET", url: "/oauth/dexcom/callback?code=c&state=unknown", headers: { accept: "text/html" },
    });
    expect([answer.statusCode, answer.headers.location]).toEqual([302, "/connections?error=state_invalid&provider=dexcom"]);
  });

  it("[OA-02] that comes fifty times at once asks for exactly one token", async () => {
    const as = await newcomer("fifty");
    const back = await decide(await begin(test, as, "dexcom"), { person: "tomas" });
    const calls = tokenCalls("dexcom");
    const answers = await Promise.all(Array.from({ length: 50 }, () => comeBack(test, as, back)));
    expect(answers.filter(({ statusCode }) => statusCode === 302)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(49);
    expect(calls()).toBe(1);
    expect(await connections(as, "dexcom")).toMatchObject([{ epoch: 1, token_version: 1 }]);
    await refused(as, back);
  });

  it("[OA-03] after ten minutes is too late; the state is gone, and unfinished ones are swept", async () => {
    const as = await newcomer("too-late");
    const back = await decide(await begin(test, as, "dexcom"), { person: "priya" });
    await begin(test, as, "dexcom");
    test.clock.advance(10 * 60_000);
    const calls = tokenCalls("dexcom");
    expect((await comeBack(test, as, back)).headers.location).toContain("error=state_expired");
    expect(calls()).toBe(0);
    await refused(as, back);
    test.clock.advance(1_000);
    await sweepStates(test.app.sync);
    expect(await test.db.asOwner("select 1 from oauth_states where patient_id = $1", [as.patientId])).toEqual([]);
  });

  it("[OA-04] in another browser is refused: another person's, the same person's other session, or nobody's", async () => {
    const as = await newcomer("fixated");
    const elsewhere: Person = { ...as, token: await signIn(as.email) };
    for (const browser of [test.people.stranger, elsewhere, null]) {
      const back = await decide(await begin(test, as, "dexcom"), { person: "priya" });
      await refused(browser, back);
    }
    expect(await connections(as, "dexcom")).toEqual([]);
    expect(await connections(test.people.stranger, "dexcom")).toEqual([]);
  });

  it("[OA-05] of another vendor with this vendor's state is refused by both", async () => {
    const as = await newcomer("mixed-up");
    const back = await decide(await begin(test, as, "dexcom"), { person: "priya" });
    const mixed = new URL(back);
    mixed.pathname = "/oauth/strava/callback";
    await refused(as, mixed, "strava");
    await refused(as, back);
  });

  it("[OA-06] with somebody else's code is refused by the vendor where it has PKCE", async () => {
    const [victim, attacker] = [await newcomer("victim"), await newcomer("attacker")];
    const stolen = await decide(await begin(test, attacker, "dexcom"), { person: "liam" });
    const injected = await decide(await begin(test, victim, "dexcom"), { person: "priya" });
    injected.searchParams.set("code", stolen.searchParams.get("code")!);
    expect((await comeBack(test, victim, injected)).headers.location).toContain("error=vendor_error");
    expect(await connections(victim, "dexcom")).toEqual([]);
  });

  it("[OA-06] with another account's code never replaces the account that is linked", async () => {
    const as = await newcomer("has-strava");
    await connect(test, as, "strava", { person: "tomas" });
    const before = await connections(as, "strava");
    const answer = await comeBack(test, as, await decide(await begin(test, as, "strava"), { person: "liam" }));
    expect(answer.headers.location).toContain("error=different_account");
    expect(await connections(as, "strava")).toEqual(before);
    expect(await audited("connection.refused")).toBeGreaterThan(0);
  });

  it("[OA-07] for an account that is somebody else's leaves both as they were, in the same and in another organization", async () => {
    const owner = await newcomer("owner");
    await connect(test, owner, "dexcom", { person: "liam" });
    const before = await connections(owner, "dexcom");
    for (const other of [await newcomer("second-owner"), test.people.foreigner]) {
      const answer = await comeBack(test, other, await decide(await begin(test, other, "dexcom"), { person: "liam" }));
      expect(answer.headers.location).toBe("/connections?error=already_linked&provider=dexcom");
      expect(await connections(other, "dexcom")).toEqual([]);
      expect(await test.db.asOwner("select 1 from credentials where patient_id = $1", [other.patientId])).toEqual([]);
    }
    expect(await connections(owner, "dexcom")).toEqual(before);
  });

  it("[OA-12] with code and error, with neither, or with a repeated parameter is refused and leaves the state alone", async () => {
    const as = await newcomer("twofold");
    const back = await decide(await begin(test, as, "dexcom"), { person: "grace" });
    const both = new URL(back);
    both.searchParams.set("error", "access_denied");
    const repeated = new URL(back);
    repeated.searchParams.append("state", "other");
    const neither = new URL(back);
    neither.searchParams.delete("code");
    for (const url of [both, repeated, neither]) await refused(as, url);
    expect((await comeBack(test, as, back)).headers.location).toBe("/connections?connected=dexcom");
  });

  it("of two consents at the same moment makes one connection", async () => {
    const as = await newcomer("twice");
    const backs = [await decide(await begin(test, as, "strava"), { person: "aroha" }), await decide(await begin(test, as, "strava"), { person: "grace" })];
    const ends = await Promise.all(backs.map(async (back) => String((await comeBack(test, as, back)).headers.location)));
    expect(ends.filter((end) => end.includes("connected=strava")).length).toBeLessThanOrEqual(1);
    expect(ends.every((end) => /connected=strava|error=(different_account|already_linked)/.test(end))).toBe(true);
    expect((await connections(as, "strava")).length).toBe(ends.filter((end) => end.includes("connected=strava")).length);
  });

  it("[OA-25] and all the rest of a connection is nobody else's, and who reaches for it is audited", async () => {
    const [row] = await test.db.asOwner<{ id: string }>("select id from connections where patient_id is not null limit 1");
    for (const as of [test.people.stranger, test.people.foreigner]) {
      for (const [method, url] of [["GET", ""], ["POST", "/sync"], ["DELETE", ""]] as const) {
        expect((await test.request({ as, method, url: `/api/v1/patients/me/connections/${row!.id}${url}` })).statusCode).toBe(404);
      }
      expect(await test.db.asOwner("select action, outcome, patient_id from audit_log where actor_user_id = $1 and object_id = $2 order by id", [as.userId, row!.id])).toEqual(
        ["view", "manage", "manage"].map((scope) => ({ action: `connection.${scope}`, outcome: "refused", patient_id: as.patientId })),
      );
    }
  });
});

describe("the canary", () => {
  it("[E7] [OA-15] [PR-09] no code, state, token, secret or glucose value is in a log line or rests outside the vault, in a whole run of connect, sync and disconnect", async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(...chunk.toString().split("\n").filter(Boolean));
        done();
      },
    });
    const run = await startTestApp({ log: createLog("debug", stream) });
    try {
      const as = run.people.patient;
      const glucose = 333;
      run.sim.control.serveSeries("dexcom", "ana", Array.from({ length: 50 }, (_, index) => ({ atMs: run.clock.now() - index * 300_000, mgDl: glucose })));
      const secrets = [as.token, run.people.stranger.token, TEST_PASSWORD, "dexcom-test-simulator", "garmin-test-simulator", "strava-test-simulator"];
      const ids: string[] = [];
      for (const vendor of ["dexcom", "garmin", "strava"] as const) {
        const back = await decide(await begin(run, as, vendor), { person: "ana" });
        secrets.push(back.searchParams.get("code")!, back.searchParams.get("state")!);
        const answer = await comeBack(run, as, back);
        expect(answer.headers.location).toContain(`connected=${vendor}`);
      }
      await run.runJobs();
      const list = await run.request({ as, method: "GET", url: "/api/v1/patients/me/connections" });
      ids.push(...list.json<{ data: { id: string }[] }>().data.map(({ id }) => id));
      run.sim.control.setDelivery("dailies", "ping");
      for (const what of ["dailies", "sleeps", "userPermissionsChange"]) await run.sim.control.push("garmin", "ana", what);
      await run.sim.control.push("strava", "ana", "activity_create");
      run.sim.control.setFault("dexcom", { kind: "token_expired" });
      run.sim.control.setFault("strava", { kind: "server_error", status: 502, times: 1 });
      for (const id of ids) await run.request({ as, method: "POST", url: `/api/v1/patients/me/connections/${id}/sync` });
      await run.runJobs();
      run.sim.control.setFault("garmin", { kind: "token_revoked", person: "ana" });
      await run.request({ as, method: "GET", url: "/api/v1/patients/me/glucose/latest" });
      await run.request({ as, method: "GET", url: "/oauth/dexcom/callback?code=canary-code-4711&state=canary-state-4711" });
      secrets.push("canary-code-4711", "canary-state-4711");
      const atRest = await restingTexts(run);
      for (const id of ids) await run.request({ as, method: "DELETE", url: `/api/v1/patients/me/connections/${id}` });
      atRest.push(...(await restingTexts(run)));

      const logged = lines.map((line) => {
        const { time: _time, ms: _ms, ...rest } = JSON.parse(line) as Record<string, unknown>;
        return JSON.stringify(rest);
      });
      expect(logged.length).toBeGreaterThan(80);
      expect(atRest.length).toBeGreaterThan(500);
      expect(atRest.some(({ text }) => text.includes(`"value":${glucose}`)), "the raw deliveries were looked at").toBe(true);
      for (const pattern of [...secrets.map((secret) => new RegExp(secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))), /sim[ar]t_[0-9a-f-]{36}_\d+_/, /Bearer /]) {
        expect(logged.filter((line) => pattern.test(line)), `log lines with ${pattern}`).toEqual([]);
        expect(atRest.filter(({ text }) => pattern.test(text)).map(({ where }) => where), `columns with ${pattern}`).toEqual([]);
      }
      expect(logged.filter((line) => /XPT[0-9a-f]{8}/.test(line)), "pull tokens in the log").toEqual([]);
      expect(logged.filter((line) => new RegExp(`(?<![\\w.-])${glucose}(?![\\w-])`).test(line)), "glucose in the log").toEqual([]);
    } finally {
      await run.close();
    }
  }, 60_000);

  it("[E7] [OA-15] no token, client secret, password or key is in a reply of the API, an error, JSON, an inspection of what runs, the environment or a global", async () => {
    const run = await startTestApp();
    try {
      const as = run.people.patient;
      for (const vendor of ["dexcom", "garmin", "strava"] as const) await connect(run, as, vendor, { person: "ana" });
      await run.runJobs();
      const rows = await run.db.asOwner<{ patient_id: string; connection_id: string; provider: string }>(
        "select k.patient_id, k.connection_id, c.provider from credentials k join connections c on c.patient_id = k.patient_id and c.id = k.connection_id",
      );
      expect(rows).toHaveLength(3);
      const secrets = [TEST_PASSWORD, "dexcom-test-simulator", "garmin-test-simulator", "strava-test-simulator", "ab".repeat(32), Buffer.from("ab".repeat(32), "hex").toString("base64url")];
      const errors: unknown[] = [];
      for (const { patient_id: patientId, connection_id: connectionId, provider } of rows) {
        const ref = { organizationId: run.people.organizationId, patientId, connectionId };
        const row = await run.app.sync.database.withOrganization(ref.organizationId, (tx) => readTokens(tx, ref));
        secrets.push(openAccess(run.app.sync, ref, row).open(), openRefresh(run.app.sync, ref, row)!.open());
        await run.db.asOwner("update credentials set expires_at = to_timestamp(0) where connection_id = $1", [connectionId]);
        const connection = await run.app.sync.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, patientId, connectionId));
        for (const fault of [{ kind: "server_error", status: 500, at: "any" }, { kind: "token_revoked", person: "ana" }] as const) {
          run.sim.control.setFault(provider as SimVendor, fault);
          errors.push(await tokenSource(run.app.sync, connection).accessToken().catch((error: unknown) => error));
          run.clock.advance(61_000);
        }
        run.sim.control.setFault(provider as SimVendor, null);
        // Its text cut: the vault's own error.
        await run.db.asOwner("update credentials set refresh_sealed = left(refresh_sealed, -2) where connection_id = $1", [connectionId]);
        errors.push(await tokenSource(run.app.sync, connection).accessToken().catch((error: unknown) => error));
      }
      expect(errors.map((error) => error instanceof IsletError)).toEqual(Array.from({ length: 9 }, () => true));

      const { paths } = (await run.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, Record<string, unknown>> }>();
      // A live page's stream does not end.
      const urls = Object.entries(paths).filter(([path, methods]) => "get" in methods && !path.includes("live")).map(([path]) => path);
      expect(urls.length).toBeGreaterThan(15);
      const replies: string[] = [];
      for (const url of urls) {
        const asked = url.replace("{patientId}", "me").replace("{connectionId}", rows[0]!.connection_id).replace("{provider}", "dexcom").replaceAll(/\{\w+\}/g, "1");
        const answer = await run.request({ as, method: "GET", url: asked });
        replies.push(JSON.stringify(answer.headers) + answer.body);
      }
      expect(replies.filter((reply) => reply.includes(rows[0]!.connection_id)).length).toBeGreaterThan(0);
      const deep = { depth: 8, showHidden: true, maxArrayLength: 500, maxStringLength: 20_000 };
      const sinks: Record<string, string> = {
        replies: replies.join("\n"), errors: inspect(errors, deep), json: JSON.stringify(errors), stacks: errors.map((error) => String((error as Error).stack)).join("\n"),
        app: inspect([run.app, run.config], deep), environment: inspect(process.env, { maxStringLength: null }), 
        // The runner's own globals answer to an inspection with calls of theirs.
        globals: inspect(Object.getOwnPropertyNames(globalThis).filter((name) => !/vitest/i.test(name)).map((name) => Reflect.get(globalThis, name) as unknown), { ...deep, depth: 4, customInspect: false }),
      };
      for (const [sink, text] of Object.entries(sinks)) {
        expect(text.length, sink).toBeGreaterThan(100);
        for (const [index, secret] of secrets.entries()) expect(text.includes(secret), `secret ${index} in ${sink}`).toBe(false);
        expect(text, sink).not.toMatch(/sim[ar]t_[0-9a-f-]{36}_\d+_/);
      }
    } finally {
      await run.close();
    }
  }, 60_000);

});
