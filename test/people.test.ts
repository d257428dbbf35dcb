/** Accounts: making them, and the demo's people. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createUser, type NewUser } from "#people/accounts/accounts.ts";
import { DEMO_EMAILS, DEMO_PATIENT_NAME, ensureDemoPeople } from "#people/demo.ts";
import { hashPassword, passwordMatches } from "#people/sign-in/passwords.ts";
import { createHashing } from "#people/sign-in/hashing.ts";
import { createSignIn } from "#people/sign-in/sign-in.ts";
import { testIdentities } from "./kit/accounts.ts";
import { createTestClock } from "./kit/clock.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.asOwner("truncate organizations, users, patients, grants, sessions cascade"));

describe("a password", () => {
  it("matches itself and nothing else, to its last letter, however long [AU-04]", async () => {
    const long = `${"x".repeat(100)} with spaces, ünïcode and 🚀`;
    const hash = await hashPassword(long);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwordMatches(hash, long)).toBe(true);
    for (const other of [long.slice(0, -1), `${long} `, long.toUpperCase(), "", "x".repeat(72)]) expect(await passwordMatches(hash, other)).toBe(false);
    expect(await passwordMatches(null, long)).toBe(false);
  });

  it("is the same however its letters were composed", async () => {
    expect(await passwordMatches(await hashPassword("contrase\u00f1a larga"), "contrasen\u0303a larga")).toBe(true);
  });

  it("is salted anew each time", async () => {
    expect(await hashPassword("the same")).not.toBe(await hashPassword("the same"));
  });
});

describe("an account", () => {
  const user = async (more: Partial<NewUser> = {}): Promise<NewUser> => {
    const [organization] = await db.asOwner<{ id: string }>("insert into organizations (name) values ('A clinic') returning id");
    return { organizationId: organization!.id, email: "Ana@Example.org", password: "long enough to keep", displayName: "Ana", roles: ["patient"], zone: "Europe/Madrid", ...more };
  };

  it("of a patient has a patient record with the person's zone, one of a clinician has none", async () => {
    const { patientId } = await createUser(db.database, await user());
    expect(await db.asOwner("select zone, display_name from patients where id = $1", [patientId])).toEqual([{ zone: "Europe/Madrid", display_name: "Ana" }]);
    expect(await createUser(db.database, await user({ email: "robin@example.org", roles: ["clinician"] }))).toMatchObject({ patientId: null });
    expect(await db.asOwner("select email from users order by email")).toEqual([{ email: "ana@example.org" }, { email: "robin@example.org" }]);
  });

  it("is refused for an address that is taken, in any spelling and organization, and leaves nothing behind", async () => {
    await createUser(db.database, await user());
    await expect(createUser(db.database, await user({ email: "ANA@example.ORG" }))).rejects.toMatchObject({ code: "email_taken" });
    expect(await db.asOwner("select 1 from patients")).toHaveLength(1);
  });

  it("is refused for a short password or an unknown zone", async () => {
    await expect(createUser(db.database, await user({ password: "short" }))).rejects.toMatchObject({ code: "weak_password" });
    await expect(createUser(db.database, await user({ zone: "Mars/Olympus" }))).rejects.toMatchObject({ code: "invalid_input" });
    expect(await db.asOwner("select 1 from users")).toEqual([]);
  });
});

describe("the demo's people", () => {
  const people = () => db.asOwner<{ email: string; id: string }>("select email, id from users order by email");
  const canSignIn = async (password: string): Promise<boolean[]> => {
    const signIn = createSignIn({ database: db.database, clock: createTestClock(), hashing: createHashing(), identities: testIdentities() });
    return Promise.all(Object.values(DEMO_EMAILS).map((identifier) => signIn.withPassword({ identifier, password, address: "127.0.0.1" }).then(() => true, () => false)));
  };

  it("are a patient, a clinician who may see that patient, and an admin, made once", async () => {
    await ensureDemoPeople(db.database, "demo-password", "Europe/Madrid");
    const first = await people();
    expect(first.map(({ email }) => email)).toEqual([DEMO_EMAILS.admin, DEMO_EMAILS.clinician, DEMO_EMAILS.patient]);
    expect(await db.asOwner("select p.display_name, u.email, g.scope from grants g join patients p on p.id = g.patient_id join users u on u.id = g.user_id")).toEqual([
      { display_name: DEMO_PATIENT_NAME, email: DEMO_EMAILS.clinician, scope: "view" },
    ]);
    expect(await canSignIn("demo-password")).toEqual([true, true, true]);
    await ensureDemoPeople(db.database, "demo-password", "America/New_York");
    expect(await people()).toEqual(first);
    expect(await db.asOwner("select 1 from organizations")).toHaveLength(1);
  });

  it("are completed by the next start when one was cut off, wherever it was", async () => {
    for (const cut of ["delete from grants", "delete from users where 'admin' = any(roles)", "delete from users where not 'patient' = any(roles)"]) {
      await db.asOwner("truncate organizations, users, patients, grants, sessions cascade");
      await ensureDemoPeople(db.database, "demo-password", "UTC");
      if (!cut.includes("grants")) await db.asOwner("delete from grants");
      await db.asOwner("delete from users where 'admin' = any(roles)");
      await db.asOwner(cut);
      await ensureDemoPeople(db.database, "demo-password", "UTC");
      expect(await people(), cut).toHaveLength(3);
      expect(await db.asOwner("select 1 from grants"), cut).toHaveLength(1);
      expect(await db.asOwner("select 1 from organizations"), cut).toHaveLength(1);
    }
  });

  it("can be signed in as by the password that is printed, also with a database older than the data folder", async () => {
    await ensureDemoPeople(db.database, "an older password", "UTC");
    await ensureDemoPeople(db.database, "demo-password", "UTC");
    expect(await canSignIn("demo-password")).toEqual([true, true, true]);
    expect(await canSignIn("an older password")).toEqual([false, false, false]);
  });

  it("do not get back a grant that was taken away", async () => {
    await ensureDemoPeople(db.database, "demo-password", "UTC");
    await db.asOwner("delete from grants");
    await ensureDemoPeople(db.database, "demo-password", "UTC");
    expect(await db.asOwner("select 1 from grants")).toEqual([]);
  });
});
