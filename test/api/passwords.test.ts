/** Recovering, checking and changing passwords. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import type { OutgoingMail } from "#mail/transport.ts";
import { takeMails, tokenIn } from "#test/kit/accounts.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { MINUTE, problemOf } from "./kit.ts";

const NEXT = "another long passphrase";
let test: TestApp;
let token: string;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.asOwner("truncate sign_in_failures, account_links, mails");
  await test.db.asOwner("update users set password_hash = (select password_hash from users where email = $2) where email = $1", [test.people.patient.email, test.people.stranger.email]);
  token = await test.signIn(test.people.patient.email);
});

const call = (method: "GET" | "POST" | "PUT", path: string, payload?: object, bearer?: string): Promise<LightMyRequestResponse> =>
  test.request({ method, url: `/api/v1${path}`, ...(payload ? { payload } : {}), headers: { host: "evil.example", ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) } });
const recover = (identifier: string): Promise<LightMyRequestResponse> => call("POST", "/password-recoveries", { identifier });
const mails = (): Promise<OutgoingMail[]> => takeMails(test.app.mail);
const canSignIn = async (password: string): Promise<boolean> => (await call("POST", "/session", { identifier: test.people.patient.email, password })).statusCode === 200;

describe("recovering a password [D1]", () => {
  it("goes by a link in the mail: once, within half an hour, ends every session and signs nobody in [AU-19]", async () => {
    expect((await recover(test.people.patient.email)).statusCode).toBe(202);
    const [mail] = await mails();
    expect(mail).toMatchObject({ to: test.people.patient.email, subject: "Choose a new password" });
    const link = tokenIn(mail);
    // The host is ours, whatever the request said, and the token stands where no server sees it.
    expect(mail!.text).toContain(`${test.origin}/recover#${link}`);
    expect(mail!.text).not.toContain("evil.example");
    const answer = await call("PUT", "/password-recoveries", { token: link, password: NEXT });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await call("GET", "/me", undefined, token)).statusCode).toBe(401);
    expect([await canSignIn(TEST_PASSWORD), await canSignIn(NEXT)]).toEqual([false, true]);
    expect(problemOf(await call("PUT", "/password-recoveries", { token: link, password: `${NEXT} again` })).code).toBe("link_invalid");
    expect((await mails()).map(({ subject }) => subject)).toEqual(["Your password was changed"]);
  });

  it("ends after thirty minutes, and with another link that was used [AU-19]", async () => {
    await recover(test.people.patient.email);
    await recover(test.people.patient.email);
    const [first, second] = (await mails()).map(tokenIn);
    test.clock.advance(30 * MINUTE - 1);
    expect((await call("PUT", "/password-recoveries", { token: second, password: NEXT })).statusCode).toBe(204);
    expect((await call("PUT", "/password-recoveries", { token: first, password: `${NEXT} again` })).statusCode).toBe(400);
    await recover(test.people.patient.email);
    const late = (await mails()).map((mail) => (mail.subject === "Choose a new password" ? tokenIn(mail) : "")).find(Boolean);
    test.clock.advance(30 * MINUTE);
    expect((await call("PUT", "/password-recoveries", { token: late, password: `${NEXT} again` })).statusCode).toBe(400);
  });

  it("of two who use the link at once lets one [AU-19]", async () => {
    await recover(test.people.patient.email);
    const link = tokenIn((await mails())[0]);
    const answers = await Promise.all([1, 2, 3, 4].map((n) => call("PUT", "/password-recoveries", { token: link, password: `${NEXT} number ${n}` })));
    expect(answers.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1);
  });

  it("keeps the link when the password was refused", async () => {
    await recover(test.people.patient.email);
    const link = tokenIn((await mails())[0]);
    expect(problemOf(await call("PUT", "/password-recoveries", { token: link, password: "short" }))).toMatchObject({ code: "weak_password", errors: [{ pointer: "/body/password" }] });
    expect((await call("PUT", "/password-recoveries", { token: link, password: NEXT })).statusCode).toBe(204);
  });

  it("answers and writes alike for nobody, a blocked account and one without a confirmed address, and mails none of them [AU-03]", async () => {
    await test.db.asOwner("update users set email_verified_at = null where email = $1", [test.people.clinician.email]);
    await test.db.asOwner("update users set blocked_at = now() where email = $1", [test.people.stranger.email]);
    const answers = [];
    for (const identifier of [test.people.patient.email, "nobody@example.org", "12345678Z", test.people.clinician.email, test.people.stranger.email, "\u0000\u0000\u0000"]) answers.push(await recover(identifier));
    await test.db.asOwner("update users set blocked_at = null, email_verified_at = now()");
    for (const answer of answers) expect([answer.statusCode, answer.body]).toEqual([202, answers[0]!.body]);
    expect(await test.db.asOwner("select count(*)::int as n from account_links")).toEqual([{ n: 6 }]);
    expect((await mails()).map(({ to }) => to)).toEqual([test.people.patient.email]);
  });

  it("fills nobody's inbox: three mails an hour", async () => {
    for (let turn = 0; turn < 6; turn += 1) expect((await recover(test.people.patient.email)).statusCode).toBe(202);
    expect(await mails()).toHaveLength(3);
  });

  it("lets the person in where strangers have slowed the account [AU-01]", async () => {
    for (let turn = 0; turn < 12; turn += 1) await canSignIn("wrong");
    expect(await canSignIn(TEST_PASSWORD)).toBe(false);
    await recover(test.people.patient.email);
    await call("PUT", "/password-recoveries", { token: tokenIn((await mails())[0]), password: NEXT });
    const answer = await test.server.inject({ method: "POST", url: "/api/v1/session", payload: { identifier: test.people.patient.email, password: NEXT }, remoteAddress: "192.0.2.77" });
    expect(answer.statusCode).toBe(200);
  });

  it("leaves no token in the database as it is, before and after", async () => {
    await recover(test.people.patient.email);
    const rests = JSON.stringify([await test.db.asOwner("select *, encode(token_hash, 'escape') as hash from account_links"), await test.db.asOwner("select * from mails")]);
    const link = tokenIn((await mails())[0]);
    expect(rests).not.toContain(link);
    expect(await test.db.asOwner("select state, to_address, link_sealed, mail_values from mails")).toEqual([{ state: "sent", to_address: null, link_sealed: null, mail_values: null }]);
  });
});

describe("one's own password", () => {
  it("is changed by the present one, ends the other sessions and is told [AU-08] [D1]", async () => {
    const other = await test.signIn(test.people.patient.email);
    expect(problemOf(await call("POST", "/me/password", { currentPassword: "wrong", newPassword: NEXT }, token)).code).toBe("wrong_password");
    expect(problemOf(await call("POST", "/me/password", { currentPassword: TEST_PASSWORD, newPassword: TEST_PASSWORD }, token)).code).toBe("weak_password");
    expect(problemOf(await call("POST", "/me/password", { currentPassword: TEST_PASSWORD, newPassword: "patient patient patient" }, token)).code).toBe("weak_password");
    const begun = await test.request({ method: "POST", url: "/api/v1/session", payload: { identifier: test.people.patient.email, password: TEST_PASSWORD } });
    const headers = { cookie: begun.cookies.map(({ name, value }) => `${name}=${value}`).join("; "), "x-csrf-token": begun.json<{ csrfToken: string }>().csrfToken };
    const browser = (method: "GET" | "POST", url: string, payload?: object) => test.request({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });
    await mails();
    expect((await browser("POST", "/me/password", { currentPassword: TEST_PASSWORD, newPassword: NEXT })).statusCode).toBe(204);
    expect((await browser("GET", "/me")).statusCode).toBe(200);
    expect((await call("GET", "/me", undefined, token)).statusCode).toBe(401);
    expect((await call("GET", "/me", undefined, other)).statusCode).toBe(401);
    expect((await mails()).map(({ subject }) => subject)).toEqual(["Your password was changed"]);
    expect(await canSignIn(NEXT)).toBe(true);
  });

  it("can be checked, but not guessed by whoever holds the session", async () => {
    const check = (password: string): Promise<LightMyRequestResponse> => call("POST", "/me/password/check", { password }, token);
    expect((await check(TEST_PASSWORD)).json()).toEqual({ matches: true });
    for (let turn = 0; turn < 10; turn += 1) expect((await check("wrong")).json()).toEqual({ matches: false });
    const refused = await check(TEST_PASSWORD);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    // Nobody's sign-in is slowed by it.
    expect(await canSignIn(TEST_PASSWORD)).toBe(true);
  });
});
