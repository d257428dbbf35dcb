/** Users as admins make, find, change and block them; and what nobody else may. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

interface User {
  readonly id: string; readonly email: string | null; readonly username: string | null; readonly nationalId: string | null; readonly displayName: string; readonly roles: string[];
  readonly patientId: string | null; readonly blockedAt: string | null; readonly mustChangePassword: boolean; readonly initialPassword?: string | null;
}

let test: TestApp;
let admin: Person;
beforeAll(async () => {
  test = await startTestApp();
  admin = await person("kim@example.org", ["admin"]);
});
afterAll(() => test.close());

async function person(email: string, roles: ("admin" | "clinician")[]): Promise<Person> {
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: email.split("@")[0]!, roles, zone: "UTC" });
  return { email, userId, patientId: null, token: await test.signIn(email) };
}

const call = (method: "GET" | "POST" | "PATCH", path: string, payload?: object, as: Person | null = admin): Promise<LightMyRequestResponse> =>
  test.request({ ...(as ? { as } : {}), method, url: `/api/v1${path}`, ...(payload ? { payload } : {}) });
const signIn = (identifier: string, password: string): Promise<LightMyRequestResponse> => call("POST", "/session", { identifier, password }, null);
let made = 0;
const make = async (more: object = {}): Promise<User> => {
  made += 1;
  const answer = await call("POST", "/users", { displayName: `Person ${made}`, username: `person.${made}`, roles: ["clinician"], ...more });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<User>();
};

describe("an account made by an admin [D1] [D2]", () => {
  it("signs in by DNI, username or e-mail, however they are written, and must change the password that somebody else knows", async () => {
    const user = await make({ nationalId: "12.345.678-z", email: "Lucia@Example.org", givenName: "Lucía", familyName: "Ortiz", hospitalAccount: "H-77", tidepoolAccount: "lucia@tidepool", roles: ["patient"] });
    expect(user).toMatchObject({ nationalId: "12345678Z", email: "lucia@example.org", isEmailVerified: false, givenName: "Lucía", familyName: "Ortiz", hospitalAccount: "H-77", tidepoolAccount: "lucia@tidepool", roles: ["patient"], mustChangePassword: true });
    expect(user.patientId).not.toBeNull();
    for (const identifier of ["12345678Z", "12.345.678-z", " 12345678 z", "LUCIA@example.org", user.username!, user.username!.toUpperCase()]) {
      const answer = await signIn(identifier, user.initialPassword!);
      expect(answer.statusCode, identifier).toBe(200);
      expect(answer.json()).toMatchObject({ userId: user.id, mustChangePassword: true });
    }
  });

  it("rests with a national id that nobody can read from the database", async () => {
    const user = await make({ nationalId: "X1234567L" });
    const rows = await test.db.asOwner("select encode(national_id_index, 'hex') as index, national_id_sealed from users where id = $1", [user.id]);
    expect(JSON.stringify(await test.db.asOwner("select * from users"))).not.toContain("1234567");
    expect(rows[0]).toMatchObject({ national_id_sealed: expect.stringMatching(/^v1\./) as string });
  });

  it("is refused for a wrong DNI letter, a weak password, and a name that is taken", async () => {
    expect(problemOf(await call("POST", "/users", { displayName: "X", nationalId: "12345678A", roles: ["patient"] })).errors).toEqual([{ pointer: "/body/nationalId", detail: expect.stringContaining("letter") as string }]);
    expect(problemOf(await call("POST", "/users", { displayName: "X", username: "x.x", password: "passwordpassword", roles: ["admin"] })).code).toBe("weak_password");
    expect((await call("POST", "/users", { displayName: "X", roles: ["admin"] })).statusCode).toBe(400);
    const first = await make({ email: "taken@example.org", nationalId: "Y1234567X" });
    for (const again of [{ email: "TAKEN@example.org" }, { username: first.username }, { nationalId: "y-1234567-x" }]) {
      expect((await call("POST", "/users", { displayName: "X", username: `other.${made}`, roles: ["clinician"], ...again })).statusCode, JSON.stringify(again)).toBe(409);
    }
  });
});

describe("finding users [D1]", () => {
  it("goes by DNI, username, e-mail, role and whether they are blocked", async () => {
    const user = await make({ nationalId: "Z1234567R", email: "marta@example.org", roles: ["patient"] });
    const find = async (query: string): Promise<string[]> => (await call("GET", `/users?${query}`)).json<{ data: User[] }>().data.map(({ id }) => id);
    for (const query of ["dni=z1234567r", `username=${user.username}`, "email=Marta@example.org"]) expect(await find(query), query).toEqual([user.id]);
    expect(await find("dni=12345679S")).toEqual([]);
    for (const query of ["dni=1234%00", "username=a%00b", "email=%00"]) expect((await call("GET", `/users?${query}`)).statusCode, query).toBe(400);
    expect(await find("role=admin")).toEqual([admin.userId]);
    await call("POST", `/users/${user.id}/block`);
    expect(await find("blocked=true")).toEqual([user.id]);
    expect((await call("GET", `/users/${user.id}`)).json()).toMatchObject({ nationalId: "Z1234567R", blockedAt: expect.any(String) as string });
  });

  it("finds a text in names without regard to accents and case, at the beginning of addresses and usernames, and whole national ids, and no address holds it", async () => {
    const user = await make({ displayName: "José Ángel Niño", nationalId: "44444444A", email: "jose.angel@example.org", username: "jangel", roles: ["patient"] });
    const find = async (text: string, more: object = {}): Promise<string[]> => (await call("POST", "/users/search", { text, ...more })).json<{ data: User[] }>().data.map(({ id }) => id);
    for (const text of ["angel ni", "JOSÉ", "nino", "Jose.Angel@", "JANG", "44.444.444-a"]) expect(await find(text), text).toEqual([user.id]);
    for (const text of ["4444", "angel@example.org", "%", "_", "nobody"]) expect(await find(text), text).toEqual([]);
    expect([await find("jose", { role: "admin" }), await find("jose", { isBlocked: true }), await find("jose", { role: "patient", isBlocked: false })]).toEqual([[], [], [user.id]]);
    expect(await find("foreigner")).toEqual([]);
    for (const bad of [{ text: " " }, { text: "a\u0000b" }, { text: "a", name: "b" }, {}]) expect((await call("POST", "/users/search", bad)).statusCode, JSON.stringify(bad)).toBe(400);
    const first = (await call("POST", "/users/search", { text: "e", limit: 1 })).json<{ data: User[]; nextCursor: string }>();
    expect(first.nextCursor).not.toContain(first.data[0]!.displayName);
    expect((await call("POST", "/users/search", { text: "e", limit: 1, cursor: first.nextCursor })).json<{ data: User[] }>().data[0]!.id).not.toBe(first.data[0]!.id);
    expect((await call("POST", "/users/search", { text: "o", limit: 1, cursor: first.nextCursor })).statusCode).toBe(400);
  });

  it("goes page by page, each user once, with a cursor of this very list", async () => {
    const all = (await call("GET", "/users?limit=200")).json<{ data: User[] }>().data.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { data: User[]; nextCursor: string | null } = (await call("GET", `/users?limit=2${cursor ? `&cursor=${cursor}` : ""}`)).json();
      paged.push(...page.data.map(({ id }) => id));
      if (page.nextCursor) expect((await call("GET", `/users?limit=2&role=admin&cursor=${page.nextCursor}`)).statusCode).toBe(400);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);
    expect(paged.length).toBeGreaterThan(5);
  });

  it("shows nobody of another organization, and a foreign user is a missing one [AU-13]", async () => {
    const answers = await Promise.all([test.people.foreigner.userId, crypto.randomUUID(), "nobody"].map((id) => call("GET", `/users/${id}`)));
    for (const answer of answers) expect({ ...problemOf(answer), instance: "", trace_id: "" }).toEqual({ ...problemOf(answers[0]!), instance: "", trace_id: "", status: 404 });
    for (const [method, path] of [["PATCH", ""], ["POST", "/block"], ["POST", "/unblock"]] as const) expect((await call(method, `/users/${test.people.foreigner.userId}${path}`, {})).statusCode, path).toBe(404);
    expect((await call("GET", "/users?email=foreigner@example.org")).json()).toEqual({ data: [], nextCursor: null });
  });
});

describe("blocking [D1]", () => {
  it("ends every session at once, and says nothing at the next sign-in [AU-08]", async () => {
    const user = await person("blocked.soon@example.org", ["clinician"]);
    expect((await call("GET", "/me", undefined, user)).statusCode).toBe(200);
    expect((await call("POST", `/users/${user.userId}/block`)).statusCode).toBe(200);
    expect((await call("GET", "/me", undefined, user)).statusCode).toBe(401);
    expect(problemOf(await signIn(user.email, TEST_PASSWORD)).detail).toBe(problemOf(await signIn("nobody@example.org", TEST_PASSWORD)).detail);
    expect((await call("POST", `/users/${user.userId}/unblock`)).json()).toMatchObject({ blockedAt: null });
    expect((await signIn(user.email, TEST_PASSWORD)).statusCode).toBe(200);
    // The session from before stays ended.
    expect((await call("GET", "/me", undefined, user)).statusCode).toBe(401);
  });
});

describe("changing a user", () => {
  it("changes names; other roles end the sessions [AU-08] [AU-09]", async () => {
    const user = await person("riser@example.org", ["clinician"]);
    expect((await call("PATCH", `/users/${user.userId}`, { displayName: "Rosa Riser", givenName: "Rosa", hospitalAccount: "H-1" })).json()).toMatchObject({ displayName: "Rosa Riser", givenName: "Rosa", hospitalAccount: "H-1", roles: ["clinician"] });
    expect((await call("GET", "/me", undefined, user)).statusCode).toBe(200);
    expect((await call("PATCH", `/users/${user.userId}`, { roles: ["clinician", "admin"] })).json()).toMatchObject({ roles: ["clinician", "admin"] });
    expect((await call("GET", "/me", undefined, user)).statusCode).toBe(401);
    await call("PATCH", `/users/${user.userId}`, { roles: ["clinician"] });
  });

  it("takes nothing but what is named, and refuses the rest [AU-15]", async () => {
    const user = await make();
    const before = await test.db.asOwner("select * from users where id = $1", [user.id]);
    for (const bad of [
      { password: "a password of an admin" }, { organizationId: test.people.foreigner.userId }, { blockedAt: null }, { email: "x@example.org" }, { isAdmin: true }, { id: admin.userId }, { patientId: admin.userId },
      { roles: ["root"] }, { roles: "admin" }, { passwordHash: "x" }, { emailVerifiedAt: "2026-01-01T00:00:00Z" }, { displayName: { $ne: 1 } }, JSON.parse('{"__proto__":{"roles":["admin"]}}') as object,
    ]) {
      expect([200, 400], JSON.stringify(bad)).toContain((await call("PATCH", `/users/${user.id}`, bad)).statusCode);
      expect(await test.db.asOwner("select * from users where id = $1", [user.id]), JSON.stringify(bad)).toEqual(before);
    }
  });

  it("never leaves an organization without an admin, also when two take each other's role", async () => {
    for (const [method, path, payload] of [["PATCH", "", { roles: ["clinician"] }], ["POST", "/block", {}]] as const) {
      expect(problemOf(await call(method, `/users/${admin.userId}${path}`, payload)).code, path).toBe("last_admin");
    }
    const second = await person("second.admin@example.org", ["admin"]);
    const answers = await Promise.all([call("PATCH", `/users/${second.userId}`, { roles: ["clinician"] }), call("PATCH", `/users/${admin.userId}`, { roles: ["clinician"] }, second)]);
    expect(answers.map(({ statusCode }) => statusCode)).toContain(200);
    const admins = await test.db.asOwner("select id from users where 'admin' = any(roles) and organization_id = $1", [test.people.organizationId]);
    expect(admins.length).toBeGreaterThanOrEqual(1);
    await test.db.asOwner("update users set roles = '{admin}' where id = $1", [admin.userId]);
    admin = { ...admin, token: await test.signIn(admin.email) };
  });

  it("makes a patient of whoever becomes one, and takes no record by a change of roles", async () => {
    const user = await make();
    const patient = (await call("PATCH", `/users/${user.id}`, { roles: ["patient", "clinician"] })).json<User>();
    expect(patient.patientId).not.toBeNull();
    expect((await call("PATCH", `/users/${user.id}`, { roles: ["clinician"] })).statusCode).toBe(409);
  });

  it("leaves a line in the audit log, with ids alone", async () => {
    const user = await make({ nationalId: "99999999R" });
    await call("PATCH", `/users/${user.id}`, { displayName: "Canary Displayname" });
    await call("POST", `/users/${user.id}/block`);
    const rows = await test.db.asOwner<{ action: string }>("select * from audit_log where object_id = $1 order by id", [user.id]);
    expect(rows.map(({ action }) => action)).toEqual(["user.made", "user.changed", "user.blocked"]);
    expect(JSON.stringify(await test.db.asOwner("select * from audit_log"))).not.toMatch(/Canary|99999999/);
  });
});
