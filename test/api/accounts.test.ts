/** Registering, being invited, changing one's address, giving an account up. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { runErasure } from "#privacy/erasure/run.ts";
import { createUser } from "#people/accounts/accounts.ts";
import type { OutgoingMail } from "#mail/transport.ts";
import { takeMails, tokenIn } from "#test/kit/accounts.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { DAY, problemOf } from "./kit.ts";

const PASSWORD = "a passphrase of my own";
let test: TestApp;
let folder: string;
let admin: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "islet-accounts-"));
  test = await startTestApp({ env: { ISLET_DATA_DIR: folder } });
  await createUser(test.db.database, { organizationId: test.people.organizationId, email: "kim@example.org", password: TEST_PASSWORD, displayName: "Kim", roles: ["admin"], zone: "UTC" });
  admin = await test.signIn("kim@example.org");
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => test.db.asOwner("truncate sign_in_failures, mails"));

const call = (method: "GET" | "POST" | "DELETE", path: string, payload?: object, bearer?: string): Promise<LightMyRequestResponse> =>
  test.request({ method, url: `/api/v1${path}`, ...(payload ? { payload } : {}), headers: bearer ? { authorization: `Bearer ${bearer}` } : {} });
const mails = (): Promise<OutgoingMail[]> => takeMails(test.app.mail);
const signIn = async (identifier: string, password: string): Promise<number> => (await call("POST", "/session", { identifier, password })).statusCode;

describe("registering by oneself [D1]", () => {
  const register = (email: string): Promise<LightMyRequestResponse> => call("POST", "/registrations", { email, displayName: "Nuria", locale: "es", zone: "Europe/Madrid" });

  it("is refused until it is said to which of several organizations people belong", async () => {
    expect((await register("nuria@example.org")).statusCode).toBe(403);
  });

  describe("where one may", () => {
    let open: TestApp;
    beforeAll(async () => {
      open = await startTestApp({ env: { ISLET_REGISTRATION: "open" } });
      await open.db.asOwner("update users set organization_id = $1", [open.people.organizationId]);
      await open.db.asOwner("update patients set organization_id = $1", [open.people.organizationId]);
      await open.db.asOwner("delete from sessions where organization_id <> $1", [open.people.organizationId]);
      await open.db.asOwner("delete from consents where organization_id <> $1", [open.people.organizationId]);
      await open.db.asOwner("update audit_log set organization_id = $1 where organization_id is not null", [open.people.organizationId]);
      await open.db.asOwner("delete from organizations where id <> $1", [open.people.organizationId]);
    });
    afterAll(() => open.close());
    const post = (path: string, payload: object): Promise<LightMyRequestResponse> => open.request({ method: "POST", url: `/api/v1${path}`, payload });
    const ask = (email: string): Promise<LightMyRequestResponse> => post("/registrations", { email, displayName: "Nuria", givenName: "Nuria", locale: "es", zone: "Europe/Madrid" });

    it("makes a patient once the address is confirmed, with the password that its owner chooses then", async () => {
      expect((await ask("Nuria@Example.org")).statusCode).toBe(202);
      expect(await open.db.asOwner("select 1 from users where email = 'nuria@example.org'")).toEqual([]);
      const [mail] = await takeMails(open.app.mail);
      expect(mail).toMatchObject({ to: "nuria@example.org", subject: "Confirme su correo electrónico" });
      const token = tokenIn(mail);
      expect(problemOf(await post("/registrations/confirm", { token, password: "nuria" })).code).toBe("weak_password");
      const made = await post("/registrations/confirm", { token, password: PASSWORD });
      expect(made.statusCode).toBe(201);
      expect(made.json<{ patientId: string | null }>().patientId).not.toBeNull();
      expect((await post("/session", { identifier: "nuria@example.org", password: PASSWORD })).json()).toMatchObject({ roles: ["patient"], preferences: { locale: "es", zone: "Europe/Madrid" } });
      expect(problemOf(await post("/registrations/confirm", { token, password: PASSWORD })).code).toBe("link_invalid");
    });

    it("answers alike for an address that has an account, and tells its mailbox alone [AU-03]", async () => {
      const [known, unknown] = [await ask(open.people.patient.email), await ask("somebody.new@example.org")];
      expect([known.statusCode, known.body]).toEqual([unknown.statusCode, unknown.body]);
      const sent = await takeMails(open.app.mail);
      expect(sent.map(({ to, subject }) => [to, subject])).toEqual([[open.people.patient.email, "Ya tiene una cuenta"], ["somebody.new@example.org", "Confirme su correo electrónico"]]);
      expect(sent[0]!.text).not.toContain("#");
    });

    it("takes roles from nobody, and ends after a day [AU-15]", async () => {
      await post("/registrations", { email: "climber@example.org", displayName: "Climber", roles: ["admin"], role: "admin", organizationId: crypto.randomUUID(), isAdmin: true });
      const token = tokenIn((await takeMails(open.app.mail))[0]);
      open.clock.advance(DAY);
      expect((await post("/registrations/confirm", { token, password: PASSWORD, roles: ["admin"] })).statusCode).toBe(400);
      await post("/registrations", { email: "climber@example.org", displayName: "Climber", roles: ["admin"] });
      await post("/registrations/confirm", { token: tokenIn((await takeMails(open.app.mail))[0]), password: PASSWORD, roles: ["admin"] });
      expect(await open.db.asOwner("select roles from users where email = 'climber@example.org'")).toEqual([{ roles: ["patient"] }]);
    });

    it("refuses what is no single address, before a mail is written", async () => {
      for (const email of ["a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org", "Ana <ana@example.org>", "ana@localhost", "@example.org", "ana@example.org;b@example.org"]) {
        expect((await ask(email)).statusCode, email).toBe(400);
      }
      expect(await takeMails(open.app.mail)).toEqual([]);
    });
  });

  it("is refused where the operator has switched it off", async () => {
    const closed = await startTestApp({ env: { ISLET_REGISTRATION: "invitation" } });
    try {
      expect((await closed.request({ method: "POST", url: "/api/v1/registrations", payload: { email: "x@example.org", displayName: "X" } })).statusCode).toBe(403);
    } finally {
      await closed.close();
    }
  });
});

describe("an invitation", () => {
  interface Made { readonly id: string; readonly link: string | null }
  const invite = async (more: object): Promise<Made> => (await call("POST", "/invitations", { roles: ["clinician"], ...more }, admin)).json<Made>();
  const accept = (token: string, more: object = {}): Promise<LightMyRequestResponse> => call("POST", "/invitations/accept", { token, password: PASSWORD, displayName: "Invited", ...more });

  it("makes the account that its maker fixed, once, with a confirmed address [AU-20]", async () => {
    expect((await invite({ email: "Doc@Example.org" })).link).toBeNull();
    const token = tokenIn((await mails())[0]);
    expect((await call("POST", "/invitations/look", { token })).json()).toEqual({ organization: "A clinic", roles: ["clinician"], email: "doc@example.org", needsNationalId: false });
    expect((await accept(token, { roles: ["admin"], organizationId: crypto.randomUUID() })).statusCode).toBe(201);
    expect(await test.db.asOwner("select roles, organization_id, email_verified_at is not null as verified from users where email = 'doc@example.org'")).toEqual([{ roles: ["clinician"], organization_id: test.people.organizationId, verified: true }]);
    expect(await signIn("doc@example.org", PASSWORD)).toBe(200);
    expect(problemOf(await accept(token, { email: "doc@example.org" })).code).toBe("link_invalid");
  });

  it("is for its address alone, and a guess is told nothing [AU-20]", async () => {
    await invite({ email: "only.me@example.org" });
    const token = tokenIn((await mails())[0]);
    const wrong = [await accept(token, { email: "somebody.else@example.org" }), await accept("A".repeat(43)), await accept(`${token.slice(0, -1)}_`)];
    for (const answer of wrong) expect({ ...problemOf(answer), trace_id: "" }).toEqual({ ...problemOf(wrong[0]!), trace_id: "", code: "link_invalid" });
    expect((await accept(token)).statusCode).toBe(201);
  });

  it("by DNI is handed over, and is for whoever has that DNI [AU-20] [D1]", async () => {
    const { link } = await invite({ nationalId: "11111111H", roles: ["patient"] });
    const token = link!.split("#")[1]!;
    expect(await mails()).toEqual([]);
    expect((await accept(token)).statusCode).toBe(400);
    expect((await accept(token, { nationalId: "22222222J" })).statusCode).toBe(400);
    expect((await accept(token, { nationalId: "11.111.111-h" })).statusCode).toBe(201);
    expect(await signIn("11111111H", PASSWORD)).toBe(200);
  });

  it("ends after seven days, when it is withdrawn, and with the right of who made it [AU-20]", async () => {
    const { id } = await invite({ email: "withdrawn@example.org" });
    const token = tokenIn((await mails())[0]);
    expect((await call("DELETE", `/invitations/${id}`, undefined, admin)).statusCode).toBe(204);
    expect((await call("DELETE", `/invitations/${id}`, undefined, admin)).statusCode).toBe(404);
    expect((await accept(token)).statusCode).toBe(400);
    await invite({ email: "later@example.org" });
    const second = tokenIn((await mails())[0]);
    await test.db.asOwner("update users set roles = '{clinician}' where email = 'kim@example.org'");
    expect((await accept(second)).statusCode).toBe(400);
    await test.db.asOwner("update users set roles = '{admin}' where email = 'kim@example.org'");
    test.clock.advance(7 * DAY);
    expect((await accept(second)).statusCode).toBe(400);
    admin = await test.signIn("kim@example.org");
    expect((await call("GET", "/invitations", undefined, admin)).json<{ data: { id: string; withdrawnAt: string | null }[] }>().data.find((each) => each.id === id)!.withdrawnAt).not.toBeNull();
  });
});

describe("a clinician's invitation", () => {
  let clinician: string;
  const invite = (payload: object, by = clinician): Promise<LightMyRequestResponse> => call("POST", "/invitations", payload, by);
  const seen = async (by: string): Promise<string[]> => (await call("GET", "/invitations", undefined, by)).json<{ data: { id: string }[] }>().data.map(({ id }) => id);
  beforeAll(async () => {
    await createUser(test.db.database, { organizationId: test.people.organizationId, email: "noor@example.org", password: TEST_PASSWORD, displayName: "Noor", roles: ["clinician"], zone: "UTC" });
    clinician = await test.signIn("noor@example.org");
  });

  it("makes a patient of the clinician's own organization, whoever is said to be invited where [D1] [D6]", async () => {
    expect((await invite({ email: "new.patient@example.org", roles: ["patient", "patient"], organizationId: crypto.randomUUID() })).statusCode).toBe(201);
    const token = tokenIn((await mails())[0]);
    expect((await call("POST", "/invitations/look", { token })).json()).toMatchObject({ roles: ["patient"], organization: "A clinic" });
    const made = await call("POST", "/invitations/accept", { token, password: PASSWORD, displayName: "New patient" });
    expect([made.statusCode, made.json<{ patientId: string | null }>().patientId]).toEqual([201, expect.any(String)]);
    expect(await test.db.asOwner("select roles, organization_id from users where email = 'new.patient@example.org'")).toEqual([{ roles: ["patient"], organization_id: test.people.organizationId }]);
  });

  it("is refused for every other role, also beside that of a patient, with what to do [AU-20]", async () => {
    for (const roles of [["clinician"], ["admin"], ["follower"], ["patient", "admin"], ["patient", "clinician"]]) {
      const refused = await invite({ email: "climber@example.org", roles });
      expect(refused.statusCode, roles.join()).toBe(403);
      expect(problemOf(refused)).toMatchObject({ code: "not_permitted", detail: expect.stringContaining("Ask an admin") as string });
    }
    expect(await test.db.asOwner("select 1 from invitations where email = 'climber@example.org'")).toEqual([]);
  });

  it("is seen and withdrawn by who made it, and by admins, and by no colleague", async () => {
    await createUser(test.db.database, { organizationId: test.people.organizationId, email: "ole@example.org", password: TEST_PASSWORD, displayName: "Ole", roles: ["clinician"], zone: "UTC" });
    const colleague = await test.signIn("ole@example.org");
    const { id, link } = (await invite({ nationalId: "33333333P", roles: ["patient"] })).json<{ id: string; link: string }>();
    expect(await seen(clinician)).toContain(id);
    expect(await seen(admin)).toContain(id);
    expect(await seen(colleague)).toEqual([]);
    expect((await call("DELETE", `/invitations/${id}`, undefined, colleague)).statusCode).toBe(404);
    expect((await call("DELETE", `/invitations/${id}`, undefined, clinician)).statusCode).toBe(204);
    expect((await call("POST", "/invitations/look", { token: link.split("#")[1]! })).statusCode).toBe(400);
  });

  it("is worth what its maker's right is worth: nothing once the clinician is blocked or is none any more [AU-20]", async () => {
    await invite({ email: "late.patient@example.org", roles: ["patient"] });
    const token = tokenIn((await mails())[0]);
    const looks = async (): Promise<number> => (await call("POST", "/invitations/look", { token })).statusCode;
    expect(await looks()).toBe(200);
    await test.db.asOwner("update users set blocked_at = now() where email = 'noor@example.org'");
    expect(await looks()).toBe(400);
    await test.db.asOwner("update users set blocked_at = null, roles = '{follower}' where email = 'noor@example.org'");
    expect(await looks()).toBe(400);
    await test.db.asOwner("update users set roles = '{clinician}' where email = 'noor@example.org'");
    expect(await looks()).toBe(200);
    // What an admin had invited to goes with the admin's role.
    await test.db.asOwner("update invitations set roles = '{clinician}' where email = 'late.patient@example.org'");
    expect(await looks()).toBe(400);
  });
});

describe("another e-mail address [D1]", () => {
  it("takes a password, a link to the new one, and can be taken back from the old one for a week", async () => {
    const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email: "old@example.org", password: TEST_PASSWORD, displayName: "Mover", roles: ["clinician"], zone: "UTC" });
    const token = await test.signIn("old@example.org");
    const ask = (email: string, password = TEST_PASSWORD): Promise<LightMyRequestResponse> => call("POST", "/me/email", { email, password }, token);
    expect(problemOf(await ask("new@example.org", "wrong")).code).toBe("wrong_password");
    expect((await ask("New@example.org")).statusCode).toBe(202);
    const [mail] = await mails();
    expect(mail!.to).toBe("new@example.org");
    expect(await signIn("new@example.org", TEST_PASSWORD)).toBe(401);
    expect((await call("POST", "/email-addresses/confirm", { token: tokenIn(mail) })).statusCode).toBe(204);
    expect([await signIn("new@example.org", TEST_PASSWORD), await signIn("old@example.org", TEST_PASSWORD)]).toEqual([200, 401]);
    const [notice] = await mails();
    expect(notice!.to).toBe("old@example.org");
    const undo = await call("POST", "/email-addresses/undo", { token: tokenIn(notice) });
    expect(undo.statusCode).toBe(204);
    // Whoever changed it knew the password: it opens nothing any more.
    expect([await signIn("new@example.org", TEST_PASSWORD), await signIn("old@example.org", TEST_PASSWORD), (await call("GET", "/me", undefined, token)).statusCode]).toEqual([401, 401, 401]);
    const recovery = (await mails()).find(({ subject }) => subject === "Choose a new password");
    expect(recovery!.to).toBe("old@example.org");
    await test.request({ method: "PUT", url: "/api/v1/password-recoveries", payload: { token: tokenIn(recovery), password: PASSWORD } });
    expect(await signIn("old@example.org", PASSWORD)).toBe(200);
    expect(await test.db.asOwner("select action from audit_log where object_id = $1 and action like 'email.%' order by id", [userId])).toEqual([{ action: "email.change_asked" }, { action: "email.changed" }, { action: "email.change_undone" }]);
  });

  it("that is somebody's is answered alike, and cannot be taken [AU-03]", async () => {
    const token = await test.signIn(test.people.patient.email);
    const [taken, free] = [await call("POST", "/me/email", { email: test.people.stranger.email, password: TEST_PASSWORD }, token), await call("POST", "/me/email", { email: "quite.free@example.org", password: TEST_PASSWORD }, token)];
    expect([taken.statusCode, taken.body]).toEqual([free.statusCode, free.body]);
    expect((await mails()).map(({ subject }) => subject)).toEqual(["You already have an account", "Confirm your new e-mail address"]);
  });
});

describe("giving up an account [D1]", () => {
  it("leaves of somebody who is no patient the id and nothing else", async () => {
    const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email: "leaver@example.org", password: TEST_PASSWORD, displayName: "Canary Leaver", roles: ["clinician"], zone: "UTC" });
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [test.people.organizationId, test.people.patient.patientId, userId]);
    const token = await test.signIn("leaver@example.org");
    expect(problemOf(await call("POST", "/me/deletion", { password: "wrong" }, token)).code).toBe("wrong_password");
    expect((await call("POST", "/me/deletion", { password: TEST_PASSWORD }, token)).json()).toEqual({ outcome: "deleted" });
    expect((await call("GET", "/me", undefined, token)).statusCode).toBe(401);
    expect(await signIn("leaver@example.org", TEST_PASSWORD)).toBe(401);
    expect(JSON.stringify(await test.db.asOwner("select * from users"))).not.toMatch(/leaver/i);
    expect(await test.db.asOwner("select 1 from grants where user_id = $1 and valid_to = 'infinity'", [userId])).toEqual([]);
    expect((await call("GET", `/users/${userId}`, undefined, admin)).statusCode).toBe(404);
    // The address is free again.
    expect((await call("POST", "/users", { displayName: "New", email: "leaver@example.org", roles: ["clinician"] }, admin)).statusCode).toBe(201);
  });

  it("of a patient goes with the record, whose erasure is ordered once and can be undone until it begins [PR-01]", async () => {
    const { stranger, organizationId } = test.people;
    const token = await test.signIn(stranger.email);
    const erasures = async () => (await call("GET", "/patients/me/erasures", undefined, token)).json<{ data: { id: string; state: string }[] }>().data;
    expect(problemOf(await call("POST", "/me/deletion", { password: "wrong" }, token)).code).toBe("wrong_password");
    expect(await erasures()).toEqual([]);
    expect((await call("POST", "/me/deletion", { password: TEST_PASSWORD }, token)).json()).toEqual({ outcome: "erasure_ordered" });
    expect(await erasures()).toMatchObject([{ state: "waiting", reason: "account_closed" }]);
    expect(problemOf(await call("POST", "/me/deletion", { password: TEST_PASSWORD }, token)).code).toBe("erasure_asked");
    expect((await call("GET", "/me", undefined, token)).statusCode, "until it begins").toBe(200);
    expect((await call("DELETE", `/patients/me/erasures/${(await erasures())[0]!.id}`, undefined, token)).statusCode).toBe(204);
    await call("POST", "/me/deletion", { password: TEST_PASSWORD }, token);
    const waiting = (await erasures()).find(({ state }) => state === "waiting");
    test.clock.advance(72 * 3_600_000);
    expect(await runErasure(test.app.privacy, waiting!.id, { signal: AbortSignal.timeout(60_000) })).toBe("done");
    expect(await test.db.asOwner("select 1 from users where id = $1", [stranger.userId])).toEqual([]);
    expect(await test.db.asOwner("select actor_user_id, organization_id from audit_log where action = 'erasure.asked' and object_id = $1", [waiting!.id])).toEqual([{ actor_user_id: stranger.userId, organization_id: organizationId }]);
  });

  it("is refused to the last admin", async () => {
    expect(problemOf(await call("POST", "/me/deletion", { password: TEST_PASSWORD }, admin)).code).toBe("last_admin");
  });
});
