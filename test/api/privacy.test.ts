/** What admins see to: legal holds and how long things are kept. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";

let test: TestApp;
let admin: Person;
beforeAll(async () => {
  test = await startTestApp();
  const { organizationId } = test.people;
  const email = "admin@example.org";
  const { userId } = await createUser(test.db.database, { organizationId, email, password: "correct horse battery", displayName: "admin", roles: ["admin"], zone: "UTC" });
  admin = { email, userId, patientId: null, token: (await test.app.api.sessions.open({ userId, organizationId }, "bearer")).token };
});
afterAll(() => test.close());

const ask = (as: Person, method: "GET" | "POST" | "PATCH" | "DELETE", path: string, payload?: object) => test.request({ as, method, url: `/api/v1/privacy${path}`, ...(payload ? { payload } : {}) });

describe("legal holds", () => {
  it("are placed and lifted by admins, once at a time, on patients of their own organization, and audited", async () => {
    const { patient, foreigner, clinician } = test.people;
    const wish = { patientId: patient.patientId, reason: "litigation" };
    expect((await ask(clinician, "POST", "/holds", wish)).statusCode).toBe(403);
    expect((await ask(admin, "POST", "/holds", { ...wish, patientId: foreigner.patientId })).statusCode).toBe(404);
    expect((await ask(admin, "POST", "/holds", { ...wish, reason: "because" })).statusCode).toBe(400);
    const placed = await ask(admin, "POST", "/holds", wish);
    expect(placed.statusCode).toBe(201);
    const { id } = placed.json<{ id: string }>();
    expect((await ask(admin, "POST", "/holds", wish)).statusCode).toBe(409);
    expect((await ask(admin, "GET", "/holds")).json<{ data: object[] }>().data).toMatchObject([{ id, reason: "litigation", placedBy: admin.userId, liftedAt: null }]);
    expect((await ask(admin, "DELETE", `/holds/${id}`)).statusCode).toBe(204);
    expect((await ask(admin, "DELETE", `/holds/${id}`)).statusCode).toBe(404);
    expect((await ask(admin, "POST", "/holds", wish)).statusCode).toBe(201);
    const actions = await test.db.asOwner<{ action: string }>("select action from audit_log where action like 'legal_hold.%' order by id");
    expect(actions.map(({ action }) => action)).toEqual(["legal_hold.placed", "legal_hold.lifted", "legal_hold.placed"]);
  });
});

describe("keeping", () => {
  it("is told class by class, and measurements have an end only where an admin sets one", async () => {
    const told = (await ask(admin, "GET", "/retention")).json<{ keepMeasurementsYears: number | null; classes: { name: string }[] }>();
    expect(told.keepMeasurementsYears).toBeNull();
    expect(told.classes.map(({ name }) => name)).toContain("raw_webhooks");
    expect((await ask(admin, "PATCH", "/retention", { keepMeasurementsYears: 0 })).statusCode).toBe(400);
    expect((await ask(admin, "PATCH", "/retention", { keepMeasurementsYears: 10 })).json()).toMatchObject({ keepMeasurementsYears: 10 });
    expect(await test.db.asOwner("select keep_measurements_years as years from organizations order by 1 nulls last")).toEqual([{ years: 10 }, { years: null }]);
    expect((await ask(admin, "PATCH", "/retention", { keepMeasurementsYears: null })).json()).toMatchObject({ keepMeasurementsYears: null });
  });
});
