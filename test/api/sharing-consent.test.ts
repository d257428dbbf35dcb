/** Consent to sharing: who else sees a person's data sees them while the person shares, and no longer. Requirements D1, R10; faults AU-13, PR-10, PR-11. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import type { Role } from "#people/sessions/sessions.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { decide } from "#test/kit/consent.ts";
import { give, iso, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

let test: TestApp;
let fresh: Person;
let helper: Person;
let other: Person;

async function person(name: string, role: Role): Promise<Person> {
  const email = `${name}@consenting.example`;
  const { userId, patientId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: name, roles: [role], zone: "UTC" });
  return { email, userId, patientId, token: await test.signIn(email) };
}

beforeAll(async () => {
  test = await startTestApp();
  await give(test, test.people.patient, { records: readings([100, 110], NOW_MS - MINUTE) });
  fresh = await person("fresh", "patient");
  helper = await person("helper", "follower");
  other = await person("other", "clinician");
});
afterAll(() => test.close());

const MISSING = { status: 403, code: "consent_missing", errors: [{ pointer: "/consents/sharing" }] };
const call = (as: Person, method: "GET" | "POST" | "DELETE" | "PATCH", path: string, payload?: object) => test.request({ as, method, url: `/api/v1${path}`, ...(payload ? { payload } : {}) });
const decides = (who: Person, decision: "given" | "withdrawn") => decide(test.db, { organizationId: test.people.organizationId, userId: who.userId, patientId: who.patientId! }, "sharing", decision);
const share = (payload: object, as = fresh, patientId = "me") => call(as, "POST", `/patients/${patientId}/grants`, payload);
const listed = async (as: Person): Promise<string[][]> =>
  Promise.all(["/patients", "/patients/summaries"].map(async (path) => (await call(as, "GET", path)).json<{ data: { id: string }[] }>().data.map(({ id }) => id)));

describe("without consent to sharing", () => {
  it("[R10] nobody else reads, sends or lists, and whoever holds no grant learns nothing of it [AU-13] [PR-10]", async () => {
    const { patient, clinician } = test.people;
    const id = patient.patientId!;
    await test.db.asOwner("update grants set scope = 'upload' where user_id = $1", [clinician.userId]);
    const sends = () => call(clinician, "POST", `/patients/${id}/readings`, { readings: [{ at: iso(NOW_MS), value: 100, unit: "mg/dL" }] });
    const reads = ["glucose/latest", "glucose/statistics", "grants", "consents", "glucose/tables/statistics", "live", "changes"];
    expect(await listed(clinician)).toEqual([[id], [id]]);
    expect((await sends()).statusCode).toBe(201);
    await decides(patient, "withdrawn");
    const before = await call(other, "GET", `/patients/${id}/glucose/latest`);
    for (const what of reads) {
      expect(problemOf(await call(clinician, "GET", `/patients/${id}/${what}`)), what).toMatchObject(MISSING);
      expect((await call(other, "GET", `/patients/${id}/${what}`)).statusCode, what).toBe(404);
    }
    expect(before.statusCode).toBe(404);
    expect(problemOf(await sends())).toMatchObject(MISSING);
    expect(await listed(clinician)).toEqual([[], []]);
    expect(await listed(patient)).toEqual([[id], [id]]);
    const noted = await test.db.asOwner("select outcome from audit_log where actor_user_id = $1 and patient_id = $2 order by id desc limit 1", [clinician.userId, id]);
    expect(noted).toEqual([{ outcome: "refused" }]);
    await decides(patient, "given");
    expect(await listed(clinician)).toEqual([[id], [id]]);
    expect((await sends()).statusCode, "the same reading once more").toBe(200);
  });

  it("[D1] whoever holds a grant may still give it up", async () => {
    const { stranger } = test.people;
    await share({ userId: other.userId, scope: "view" }, stranger);
    await decides(stranger, "withdrawn");
    expect(problemOf(await call(other, "GET", `/patients/${stranger.patientId!}/days/2026-01-01`)).status).not.toBe(200);
    expect((await call(other, "DELETE", `/patients/${stranger.patientId!}/my-grant`)).statusCode).toBe(204);
    await decides(stranger, "given");
  });

  it("an emergency is one all the same, also for who holds a grant, and every entry says so [PR-11]", async () => {
    const { patient, clinician } = test.people;
    const id = patient.patientId!;
    const open = () => call(clinician, "POST", "/break-glass", { patientId: id, reason: "emergency", explanation: "Found unconscious, no relatives present." });
    expect((await open()).statusCode).toBe(409);
    await decides(patient, "withdrawn");
    expect((await open()).statusCode).toBe(201);
    const [{ id: last }] = await test.db.asOwner<{ id: number }>("select max(id) as id from audit_log") as [{ id: number }];
    for (const what of ["glucose/latest", "glucose/tables/statistics"]) expect((await call(clinician, "GET", `/patients/${id}/${what}`)).statusCode, what).toBe(200);
    expect(await listed(clinician)).toEqual([[id], [id]]);
    const entries = await test.db.asOwner("select action, purpose from audit_log where id > $1 and patient_id = $2 order by id", [last, id]);
    expect(entries).toEqual([
      { action: "patient.view", purpose: "break_glass" }, { action: "patient.view", purpose: "break_glass" }, { action: "report.exported", purpose: "break_glass" }, { action: "patient.view", purpose: "break_glass" },
    ]);
    await test.db.asOwner("update grants set valid_to = now() - interval '1 second' where user_id = $1", [clinician.userId]);
    expect((await call(clinician, "GET", `/patients/${id}/glucose/latest`)).statusCode).toBe(404);
    await decides(patient, "given");
  });
});

describe("giving a grant", () => {
  it("[R10] is consent to sharing, with the text that the person read, and none without it", async () => {
    expect(problemOf(await share({ userId: other.userId, scope: "view" }))).toMatchObject(MISSING);
    expect(problemOf(await share({ userId: other.userId, scope: "view", consent: { version: 9 } }))).toMatchObject({ status: 409, code: "consent_outdated" });
    expect(await test.db.asOwner("select 1 from grants where patient_id = $1", [fresh.patientId])).toEqual([]);
    expect((await share({ userId: other.userId, scope: "view", consent: { version: 1, locale: "es" } })).statusCode).toBe(201);
    expect((await call(other, "GET", `/patients/${fresh.patientId!}/glucose/statistics`)).statusCode).toBe(200);
    const { history } = (await call(fresh, "GET", "/patients/me/consents")).json<{ history: object[] }>();
    expect(history).toMatchObject([{ purpose: "sharing", decision: "given", version: 1, locale: "es", by: { id: fresh.userId, isOnBehalf: false }, via: "api" }]);
  });

  it("is not consented to by who manages for the person, and an offer is taken only while they share", async () => {
    const { offer } = (await share({ email: helper.email, scope: "manage" })).json<{ offer: { id: string } }>();
    const answer = () => call(helper, "POST", `/me/grant-offers/${offer.id}`, { decision: "accept" });
    await decides(fresh, "withdrawn");
    expect(problemOf(await answer())).toMatchObject(MISSING);
    await decides(fresh, "given");
    expect((await answer()).statusCode).toBe(204);
    const wanted = { userId: test.people.clinician.userId, scope: "view" };
    expect(problemOf(await share({ ...wanted, consent: { version: 1 } }, helper, fresh.patientId!)).code).toBe("not_permitted");
    expect((await share(wanted, helper, fresh.patientId!)).statusCode).toBe(201);
    await decides(fresh, "withdrawn");
    expect(problemOf(await share(wanted, helper, fresh.patientId!))).toMatchObject(MISSING);
  });
});
