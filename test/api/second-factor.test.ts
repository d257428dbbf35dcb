/** Second factors: authenticator apps, passkeys and recovery codes, from being set up to being asked for. Faults AU-17, AU-18; requirement D7. */
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { codeAt } from "#people/second-factor/totp.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { createAuthenticator, type Authenticator } from "#test/kit/authenticator.ts";
import { problemOf } from "./kit.ts";

const MINUTE = 60_000;
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

interface Someone {
  readonly email: string;
  readonly userId: string;
  token: string;
}
let people = 0;
let ana: Someone;
/** A person of one's own for each test. */
beforeEach(async () => {
  test.clock.advance(MINUTE);
  const email = `ana${(people += 1)}@factor.example`;
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "Ana", roles: ["patient"], zone: "UTC" });
  ana = { email, userId, token: await test.signIn(email) };
});

const call = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, payload?: object, token: string | null = ana.token): Promise<LightMyRequestResponse> =>
  test.request({ method, url: `/api/v1${path}`, ...(payload ? { payload } : {}), headers: token ? { authorization: `Bearer ${token}` } : {} } satisfies InjectOptions);
const signIn = (path = "/session"): Promise<LightMyRequestResponse> => call("POST", path, { email: ana.email, password: TEST_PASSWORD }, null);
interface Step {
  readonly secondFactor: { readonly challengeId: string; readonly methods: string[]; readonly passkeyOptions: { challenge: string } | null };
}
const stepOf = async (path = "/session"): Promise<Step["secondFactor"]> => (await signIn(path)).json<Step>().secondFactor;
const answer = (payload: object): Promise<LightMyRequestResponse> => call("POST", "/session/second-factor", payload, null);

/** Sets up an authenticator app; gives its secret and the recovery codes. */
async function addApp(): Promise<{ id: string; secret: string; codes: string[] }> {
  const made = (await call("POST", "/me/second-factors/totp", { name: "Phone" })).json<{ id: string; secret: string }>();
  const confirmed = await call("POST", `/me/second-factors/totp/${made.id}/confirm`, { code: codeAt(made.secret, test.clock.now()) });
  expect(confirmed.statusCode).toBe(200);
  // The code that proved it is used.
  test.clock.advance(MINUTE);
  return { ...made, codes: confirmed.json<{ recoveryCodes: string[] }>().recoveryCodes };
}

const told = (challenge: string, changes: { origin?: string; rpId?: string } = {}) => ({ challenge, origin: test.origin, rpId: "127.0.0.1", ...changes });

async function addPasskey(authenticator: Authenticator, wrong: Parameters<typeof told>[1] = {}): Promise<LightMyRequestResponse> {
  const { challengeId, options } = (await call("POST", "/me/second-factors/passkeys/options")).json<{ challengeId: string; options: { challenge: string } }>();
  return call("POST", "/me/second-factors/passkeys", { challengeId, name: "Key", response: authenticator.register(told(options.challenge, wrong)) });
}

describe("an authenticator app", () => {
  it("[AU-17] counts once its first code was given, and is then asked for at every sign-in", async () => {
    const made = await call("POST", "/me/second-factors/totp", { name: "Phone" });
    expect(made.statusCode).toBe(201);
    const { id, secret, uri, qrSvg } = made.json<{ id: string; secret: string; uri: string; qrSvg: string }>();
    expect(new URL(uri).searchParams.get("secret")).toBe(secret);
    expect(qrSvg).toMatch(/^<svg /);
    expect((await signIn()).json()).toHaveProperty("csrfToken");
    expect(problemOf(await call("POST", `/me/second-factors/totp/${id}/confirm`, { code: "000000" })).code).toBe("wrong_code");
    const confirmed = await call("POST", `/me/second-factors/totp/${id}/confirm`, { code: codeAt(secret, test.clock.now()) });
    expect(confirmed.json<{ recoveryCodes: string[] }>().recoveryCodes).toHaveLength(10);
    const step = await signIn();
    expect(step.statusCode).toBe(200);
    expect(step.headers["set-cookie"]).toBeUndefined();
    expect(step.json()).toMatchObject({ secondFactor: { methods: ["totp", "recovery_code"], passkeyOptions: null } });
    test.clock.advance(MINUTE);
    const { challengeId } = step.json<Step>().secondFactor;
    const done = await answer({ challengeId, code: codeAt(secret, test.clock.now()) });
    expect(done.json()).toMatchObject({ userId: ana.userId });
    expect(String(done.headers["set-cookie"])).toContain("__Host-islet_session=");
    expect(await test.db.asOwner("select 1 from second_factors where secret_sealed like '%' || $1 || '%'", [secret])).toEqual([]);
  });

  it("[AU-17] takes a code once, of its own step and the two beside it", async () => {
    const { secret } = await addApp();
    const code = codeAt(secret, test.clock.now());
    expect((await answer({ challengeId: (await stepOf()).challengeId, code })).statusCode).toBe(200);
    expect((await answer({ challengeId: (await stepOf()).challengeId, code })).statusCode).toBe(401);
    test.clock.advance(10 * MINUTE);
    expect((await answer({ challengeId: (await stepOf()).challengeId, code: codeAt(secret, test.clock.now() - MINUTE) })).statusCode).toBe(401);
    expect((await answer({ challengeId: (await stepOf()).challengeId, code: codeAt(secret, test.clock.now() + 30_000) })).statusCode).toBe(200);
  });

  it("[AU-17] takes five tries at a step, and after ten wrong ones waits whatever step it is", async () => {
    const { secret } = await addApp();
    const good = (): string => codeAt(secret, test.clock.now());
    const { challengeId } = await stepOf();
    for (let turn = 0; turn < 5; turn += 1) expect((await answer({ challengeId, code: "000000" })).statusCode).toBe(401);
    expect(problemOf(await answer({ challengeId, code: good() })).detail).toBe("This step is over: sign in anew.");
    const second = await stepOf();
    for (let turn = 0; turn < 5; turn += 1) await answer({ challengeId: second.challengeId, code: "000000" });
    const slowed = await stepOf();
    expect((await answer({ challengeId: slowed.challengeId, code: good() })).statusCode).toBe(401);
    test.clock.advance(20 * MINUTE);
    expect((await answer({ challengeId: (await stepOf()).challengeId, code: good() })).statusCode).toBe(200);
  });

  it("[AU-17] belongs to its person: a step of one is not answered by another's code, and ends after five minutes", async () => {
    const mine = await addApp();
    const first = ana;
    const email = `eve${people}@factor.example`;
    const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "Eve", roles: ["patient"], zone: "UTC" });
    ana = { email, userId, token: await test.signIn(email) };
    const theirs = await addApp();
    ana = first;
    const { challengeId } = await stepOf();
    expect((await answer({ challengeId, code: codeAt(theirs.secret, test.clock.now()) })).statusCode).toBe(401);
    test.clock.advance(5 * MINUTE + 1);
    expect((await answer({ challengeId, code: codeAt(mine.secret, test.clock.now()) })).statusCode).toBe(401);
  });

  it("[AU-17] is asked of programs, too, and of whoever has a new password", async () => {
    const { secret } = await addApp();
    const { challengeId } = await stepOf("/tokens");
    const tokens = await call("POST", "/tokens/second-factor", { challengeId, code: codeAt(secret, test.clock.now()) }, null);
    expect(tokens.json()).toMatchObject({ tokenType: "Bearer" });
    await test.db.asOwner("update users set password_changed_at = now() where id = $1", [ana.userId]);
    expect(await stepOf()).toMatchObject({ methods: ["totp", "recovery_code"] });
  });

  it("[AU-17] is changed only by whoever proved lately to be the person", async () => {
    const { id } = await addApp();
    test.clock.advance(20 * MINUTE);
    for (const [method, path, payload] of [
      ["POST", "/me/second-factors/totp", { name: "Other" }], ["DELETE", `/me/second-factors/${id}`, undefined], ["POST", "/me/recovery-codes", undefined], ["POST", "/me/second-factors/passkeys/options", undefined],
    ] as const) expect(problemOf(await call(method, path, payload)).code, path).toBe("proof_required");
    const renewed = await call("POST", "/session/proof", { password: TEST_PASSWORD });
    const token = renewed.json<{ accessToken: string }>().accessToken;
    expect((await call("DELETE", `/me/second-factors/${id}`, undefined, token)).statusCode).toBe(204);
    expect((await call("GET", "/me/second-factors", undefined, token)).json()).toEqual({ data: [], recoveryCodesLeft: 0 });
    expect((await signIn()).json()).toHaveProperty("csrfToken");
  });
});

describe("a recovery code", () => {
  it("[AU-17] is good once, as it is typed, and new ones take the place of the old", async () => {
    const { codes } = await addApp();
    expect((await answer({ challengeId: (await stepOf()).challengeId, recoveryCode: codes[0]!.toLowerCase().replaceAll("-", " ") })).statusCode).toBe(200);
    expect((await answer({ challengeId: (await stepOf()).challengeId, recoveryCode: codes[0]! })).statusCode).toBe(401);
    expect((await call("GET", "/me/second-factors")).json()).toMatchObject({ recoveryCodesLeft: 9 });
    const next = (await call("POST", "/me/recovery-codes")).json<{ codes: string[] }>().codes;
    expect(next).toHaveLength(10);
    expect((await answer({ challengeId: (await stepOf()).challengeId, recoveryCode: codes[1]! })).statusCode).toBe(401);
    expect((await answer({ challengeId: (await stepOf()).challengeId, recoveryCode: next[0]! })).statusCode).toBe(200);
    expect(await test.db.asOwner("select 1 from audit_log where action = 'recovery_code.used' and actor_user_id = $1", [ana.userId])).toHaveLength(2);
  });
});

describe("a passkey", () => {
  it("[AU-18] is made, signs in by itself and answers the second step", async () => {
    const key = createAuthenticator();
    const made = await addPasskey(key);
    expect(made.statusCode).toBe(201);
    expect(made.json<{ recoveryCodes: string[] }>().recoveryCodes).toHaveLength(10);
    const { challengeId, options } = (await call("POST", "/session/passkey/options", undefined, null)).json<{ challengeId: string; options: { challenge: string } }>();
    const alone = await call("POST", "/session/passkey", { challengeId, response: key.authenticate(told(options.challenge)) }, null);
    expect(alone.json()).toMatchObject({ userId: ana.userId });
    const step = await stepOf();
    expect(step.methods).toEqual(["passkey", "recovery_code"]);
    expect((await answer({ challengeId: step.challengeId, response: key.authenticate(told(step.passkeyOptions!.challenge)) })).json()).toMatchObject({ userId: ana.userId });
  });

  it("[AU-18] is refused for another origin or party, another kind of answer, without its person, with a wrong signature, a counter that goes back, and a challenge that was used", async () => {
    const key = createAuthenticator();
    await addPasskey(key);
    const begin = async () => (await call("POST", "/session/passkey/options", undefined, null)).json<{ challengeId: string; options: { challenge: string } }>();
    const tried = async (response: (challenge: string) => object): Promise<number> => {
      const { challengeId, options } = await begin();
      return (await call("POST", "/session/passkey", { challengeId, response: response(options.challenge) }, null)).statusCode;
    };
    expect(await tried((challenge) => key.authenticate(told(challenge, { origin: "https://islet.example" })))).toBe(401);
    expect(await tried((challenge) => key.authenticate(told(challenge, { rpId: "islet.example" })))).toBe(401);
    expect(await tried((challenge) => key.authenticate(told(challenge), { type: "webauthn.create" }))).toBe(401);
    expect(await tried((challenge) => key.authenticate(told(challenge), { flags: 0x01 }))).toBe(401);
    expect(await tried((challenge) => key.authenticate(told(challenge), { signature: Buffer.alloc(70, 1) }))).toBe(401);
    expect(await tried(() => key.authenticate(told(Buffer.alloc(32, 7).toString("base64url"))))).toBe(401);
    expect(await tried((challenge) => createAuthenticator().authenticate(told(challenge)))).toBe(401);
    expect(await tried((challenge) => key.authenticate(told(challenge)))).toBe(200);
    expect(await tried((challenge) => key.authenticate(told(challenge), { counter: 1 }))).toBe(401);
    const { challengeId, options } = await begin();
    const response = key.authenticate(told(options.challenge));
    expect((await call("POST", "/session/passkey", { challengeId, response }, null)).statusCode).toBe(200);
    expect((await call("POST", "/session/passkey", { challengeId, response }, null)).statusCode).toBe(401);
  });

  it("[AU-18] is nobody else's: not made by another's challenge, not kept twice, not an answer to another's step", async () => {
    const key = createAuthenticator(false);
    expect((await addPasskey(key, { origin: "https://islet.example" })).statusCode).toBe(400);
    expect((await addPasskey(key)).statusCode).toBe(201);
    expect(problemOf(await addPasskey(key)).code).toBe("passkey_known");
    const { challengeId, options } = (await call("POST", "/me/second-factors/passkeys/options")).json<{ challengeId: string; options: { challenge: string } }>();
    const other = await test.signIn(test.people.stranger.email);
    expect((await call("POST", "/me/second-factors/passkeys", { challengeId, response: createAuthenticator().register(told(options.challenge)) }, other)).statusCode).toBe(400);
    const first = ana;
    const email = `eva${people}@factor.example`;
    const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "Eva", roles: ["patient"], zone: "UTC" });
    ana = { email, userId, token: await test.signIn(email) };
    await addPasskey(createAuthenticator());
    const step = await stepOf();
    expect((await answer({ challengeId: step.challengeId, response: key.authenticate(told(step.passkeyOptions!.challenge)) })).statusCode).toBe(401);
    ana = first;
    // One that counts nothing, as those that are kept in an account, goes on working.
    for (let turn = 0; turn < 2; turn += 1) {
      const again = await stepOf();
      expect((await answer({ challengeId: again.challengeId, response: key.authenticate(told(again.passkeyOptions!.challenge)) })).statusCode).toBe(200);
    }
  });

  it("is renamed and removed by its owner alone", async () => {
    const { id } = (await addPasskey(createAuthenticator())).json<{ id: string }>();
    const other = await test.signIn(test.people.stranger.email);
    expect((await call("PATCH", `/me/second-factors/${id}`, { name: "Mine" }, other)).statusCode).toBe(404);
    expect((await call("DELETE", `/me/second-factors/${id}`, undefined, other)).statusCode).toBe(404);
    expect((await call("PATCH", `/me/second-factors/${id}`, { name: "Laptop" })).statusCode).toBe(204);
    expect((await call("GET", "/me/second-factors")).json()).toMatchObject({ data: [{ id, kind: "passkey", name: "Laptop", isConfirmed: true }] });
    expect((await call("DELETE", `/me/second-factors/${id}`)).statusCode).toBe(204);
  });
});
