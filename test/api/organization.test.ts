/** An organization's settings, what everybody in it knows of it, and the keys of its people. Requirement D6. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

let test: TestApp;
let admin: Person;
beforeAll(async () => {
  test = await startTestApp();
  const email = "admin@example.org";
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "Ada Admin", roles: ["admin"], zone: "UTC" });
  admin = { email, userId, patientId: null, token: await test.signIn(email) };
});
afterAll(() => test.close());

const get = (as: Person, path: string) => test.request({ as, method: "GET", url: `/api/v1/organization${path}` });
const patch = (payload: object, ifMatch?: string) => test.request({ as: admin, method: "PATCH", url: "/api/v1/organization", payload, ...(ifMatch === undefined ? {} : { headers: { "if-match": ifMatch } }) });
const etag = async (): Promise<string> => String((await get(admin, "")).headers["etag"]);

describe("an organization's settings", () => {
  it("begin with Islet's own, and keep what an admin changes, audited", async () => {
    const before = await get(admin, "");
    expect(before.json()).toMatchObject({
      name: "A clinic", locale: "en", glucoseUnit: "mg/dL", contact: { email: null, phone: null, website: null }, mealLabels: {}, notices: { patients: null, staff: null }, staffSecondFactor: "optional", version: 1,
    });
    expect(before.headers["etag"]).toBe('"1"');
    const wish = {
      name: "Clínica del Sol", locale: "es", glucoseUnit: "mmol/L", zone: "Europe/Madrid", contact: { email: "hola@sol.example", phone: "+34 600 000 000", website: "https://sol.example" },
      mealLabels: { es: { LUNCH: "Comida", SNACK: "Almuerzo" } }, notices: { patients: { en: "Closed in August.", es: "Cerrado en agosto." }, staff: null },
    };
    const changed = await patch(wish, '"1"');
    expect(changed.statusCode, changed.body).toBe(200);
    expect(changed.json()).toMatchObject({ ...wish, version: 2 });
    expect(changed.headers["etag"]).toBe('"2"');
    const entries = await test.db.asOwner<{ text: string }>("select row_to_json(a)::text as text from audit_log a where action = 'organization.changed'");
    expect(entries).toHaveLength(1);
    expect(entries[0]!.text).not.toMatch(/Sol|Comida|agosto/);
  });

  it("are changed by who has seen them alone: 400 without If-Match, 412 with who it was", async () => {
    expect(problemOf(await patch({ name: "x" }))).toMatchObject({ status: 400 });
    expect(problemOf(await patch({ name: "x" }, '"one"'))).toMatchObject({ status: 400, errors: [{ pointer: "/headers/if-match" }] });
    const late = await patch({ name: "x" }, '"1"');
    expect(problemOf(late)).toMatchObject({ status: 412, code: "changed_meanwhile" });
    expect(late.json()).toMatchObject({ changed: { version: 2, by: "Ada Admin" } });
  });

  it.each([
    { zone: "Mars/Olympus" }, { locale: "fr" }, { glucoseUnit: "mg" }, { mealLabels: { es: { AYUNO: "Ayuno" } } }, { mealLabels: { fr: {} } }, { contact: { email: "no address", phone: null, website: null } },
    { contact: { email: null, phone: null, website: "javascript:alert(1)" } }, { name: "" }, { name: "a\u0000b" }, { notices: { patients: { en: "One language." }, staff: null } }, { keepMeasurementsYears: 1 },
  ])("refuse %j", async (wish) => expect(problemOf(await patch(wish, await etag())).status).toBe(400));

  it("are what new accounts begin with, and told to everybody as far as it concerns them", async () => {
    const made = await test.request({ as: admin, method: "POST", url: "/api/v1/users", payload: { username: "newcomer", displayName: "New", roles: ["clinician"] } });
    expect(made.statusCode, made.body).toBe(201);
    expect(await test.db.asOwner("select glucose_unit as unit from users where username = 'newcomer'")).toEqual([{ unit: "mmol/L" }]);
    const profile = (await get(test.people.patient, "/profile")).json<{ mealLabels: { es: Record<string, string>; en: Record<string, string> } }>();
    expect(profile).toMatchObject({ name: "Clínica del Sol", glucoseUnit: "mmol/L", contact: { phone: "+34 600 000 000" }, notice: { es: "Cerrado en agosto." } });
    expect(profile.mealLabels.es).toEqual({ BREAKFAST: "Desayuno", LUNCH: "Comida", SNACK: "Almuerzo", DINNER: "Cena", EXERCISE: "Ejercicio", OTHER_MEALS: "Otras comidas", OTHER: "Otro" });
    expect(profile.mealLabels.en["LUNCH"]).toBe("Lunch");
    expect((await get(test.people.clinician, "/profile")).json()).toMatchObject({ notice: null });
    const me = async (as: Person) => (await test.request({ as, method: "GET", url: "/api/v1/me" })).json<{ organization: object }>().organization;
    expect(await me(test.people.patient)).toEqual({ id: test.people.organizationId, name: "Clínica del Sol", notice: { en: "Closed in August.", es: "Cerrado en agosto." } });
    expect(await me(test.people.clinician)).not.toHaveProperty("notice");
    expect((await get(test.people.foreigner, "/profile")).json()).toMatchObject({ name: "Another clinic" });
    expect(problemOf(await get(test.people.clinician, "")).status).toBe(403);
  });
});

describe("keys of an organization's people", () => {
  it("are listed for admins with whose they are and when they were used, never with what opens; another organization's are not there", async () => {
    const make = async (as: Person, scopes: string[]) => {
      const { token } = await test.app.api.sessions.open({ userId: as.userId, organizationId: as === test.people.foreigner ? (await foreignOrganization()) : test.people.organizationId }, "bearer");
      const made = await test.request({ as: { ...as, token }, method: "POST", url: "/api/v1/api-keys", payload: { name: `Key of ${as.email}`, scopes } });
      expect(made.statusCode, made.body).toBe(201);
      return made.json<{ id: string; key: string }>();
    };
    const [mine, theirs, foreign] = [await make(admin, ["admin"]), await make(test.people.patient, ["data:read"]), await make(test.people.foreigner, ["data:read"])];
    await test.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${theirs.key}` } });
    const listed = await get(admin, "/api-keys");
    expect(listed.json<{ data: { id: string }[] }>().data.map(({ id }) => id)).toEqual([theirs.id, mine.id]);
    expect(listed.json()).toMatchObject({ data: [{ name: "Key of patient@example.org", owner: { id: test.people.patient.userId, name: "patient", roles: ["patient"] }, scopes: ["data:read"], isOwnOnly: true, lastUsedAt: new Date(test.clock.now()).toISOString() }, { lastUsedAt: null }], nextCursor: null });
    for (const { key } of [mine, theirs]) expect(listed.body).not.toContain(key.split("_").at(-1)!);
    const page = (await get(admin, "/api-keys?limit=1")).json<{ data: { id: string }[]; nextCursor: string }>();
    expect((await get(admin, `/api-keys?limit=1&cursor=${encodeURIComponent(page.nextCursor)}`)).json()).toMatchObject({ data: [{ id: mine.id }], nextCursor: null });

    const remove = (id: string) => test.request({ as: admin, method: "DELETE", url: `/api/v1/organization/api-keys/${id}` });
    expect((await remove(theirs.id)).statusCode).toBe(204);
    expect((await test.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${theirs.key}` } })).statusCode).toBe(401);
    expect(problemOf(await remove(theirs.id)).status).toBe(404);
    expect(problemOf(await remove(foreign.id)).status).toBe(404);
    expect(problemOf(await remove("no-id")).status).toBe(404);
    expect(await test.db.asOwner("select actor_user_id as by from audit_log where action = 'api_key.revoked' and object_id = $1", [theirs.id])).toEqual([{ by: admin.userId }]);
  });
});

async function foreignOrganization(): Promise<string> {
  return (await test.db.asOwner<{ id: string }>("select organization_id as id from users where id = $1", [test.people.foreigner.userId]))[0]!.id;
}

describe("what admins see of texts and of the log", () => {
  it("texts: every version, those to come and those of the past", async () => {
    const publish = (validFrom?: string) => test.request({ as: admin, method: "POST", url: "/api/v1/consent-texts", payload: { purpose: "research", texts: { en: "Words that ask for research.", es: "Palabras que piden investigar." }, ...(validFrom ? { validFrom } : {}) } });
    expect((await publish()).statusCode).toBe(201);
    const future = new Date(Date.now() + 400 * 86_400_000).toISOString();
    expect((await publish(future)).statusCode).toBe(201);
    const history = (await test.request({ as: admin, method: "GET", url: "/api/v1/consent-texts/history" })).json<{ data: { purpose: string; version: number; state: string; validFrom: string | null }[] }>();
    expect(history.data.filter(({ purpose }) => purpose === "research")).toMatchObject([{ version: 3, validFrom: future }, { version: 2, state: "present" }, { version: 1, state: "past", validFrom: null }]);
    expect(history.data.find(({ purpose }) => purpose === "storage")).toMatchObject({ version: 1, state: "present" });
  });

  it("the log: whether it is what was written; an entry that was changed shows", async () => {
    const chain = async () => (await test.request({ as: admin, method: "GET", url: "/api/v1/audit/chain" })).json<{ isWhole: boolean; links: number; findings: { kind: string }[] }>();
    const before = await chain();
    expect(before).toMatchObject({ isWhole: true, findings: [] });
    expect(before.links).toBeGreaterThan(3);
    await test.db.asOwner("alter table audit_log disable trigger all");
    await test.db.asOwner("update audit_log set action = 'user.read' where id = (select max(id) from audit_log where organization_id = $1 and action = 'organization.changed')", [test.people.organizationId]);
    await test.db.asOwner("alter table audit_log enable trigger all");
    expect(await chain()).toMatchObject({ isWhole: false, findings: [{ kind: "edit" }] });
  });
});
