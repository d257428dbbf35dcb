/** Sharing and emergency access over the API. Requirement D1, R10; faults AU-08, AU-14, PR-11. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import type { Role } from "#people/sessions/sessions.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { give, iso, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

let test: TestApp;
let second: Person;
let friend: Person;
let admin: Person;

async function person(name: string, role: Role): Promise<Person> {
  const email = `${name}@sharing.example`;
  const { userId, patientId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: name, roles: [role], zone: "UTC" });
  return { email, userId, patientId, token: await test.signIn(email) };
}

beforeAll(async () => {
  test = await startTestApp();
  await give(test, test.people.patient, { records: readings([100, 110], NOW_MS - MINUTE) });
  second = await person("second", "clinician");
  friend = await person("friend", "follower");
  admin = await person("admin", "admin");
});
afterAll(() => test.close());

const look = async (who: Person): Promise<number> => (await test.request({ as: who, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId!}/glucose/latest` })).statusCode;
const share = (payload: object, as = test.people.patient, patientId = "me") => test.request({ as, method: "POST", url: `/api/v1/patients/${patientId}/grants`, payload });
const listOf = async () => (await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/grants" })).json<{ data: { userId: string; scope: string; kind: string; until: string | null }[]; offers: { id: string; email: string }[] }>();
const audited = async (action: string): Promise<number> => (await test.db.asOwner("select 1 from audit_log where action = $1", [action])).length;

describe("sharing", () => {
  it("[D1] lets a clinician in at once and shuts them out at once, and keeps who did it [AU-08]", async () => {
    expect(await look(second)).toBe(404);
    const given = await share({ userId: second.userId, scope: "view" });
    expect(given.statusCode).toBe(201);
    expect(given.json()).toMatchObject({ grant: { userId: second.userId, displayName: "second", scope: "view", kind: "shared", until: null }, offer: null });
    expect(await look(second)).toBe(200);
    expect((await test.request({ as: test.people.patient, method: "DELETE", url: `/api/v1/patients/me/grants/${second.userId}` })).statusCode).toBe(204);
    expect(await look(second)).toBe(404);
    expect([await audited("grant.given"), await audited("grant.ended")]).toEqual([1, 1]);
  });

  it("ends by itself at its end [AU-14]", async () => {
    expect((await share({ userId: second.userId, scope: "view", until: "2020-01-01T00:00:00Z" })).statusCode).toBe(400);
    expect((await share({ userId: second.userId, scope: "view", until: "2090-01-01T00:00:00Z" })).json()).toMatchObject({ grant: { until: "2090-01-01T00:00:00.000Z" } });
    expect(await look(second)).toBe(200);
    await test.db.asOwner("update grants set valid_to = now() - interval '1 second' where user_id = $1", [second.userId]);
    expect(await look(second)).toBe(404);
  });

  it("answers an e-mail address alike whether it has an account or not, and gives nothing until its owner accepts [AU-03]", async () => {
    const known = await share({ email: "Friend@Sharing.Example", scope: "view" });
    const unknown = await share({ email: "nobody@sharing.example", scope: "view" });
    const bare = (body: { offer: object }): object => ({ ...body, offer: { ...body.offer, id: "", email: "", offeredAt: "", expiresAt: "" } });
    expect([known.statusCode, unknown.statusCode]).toEqual([201, 201]);
    expect(bare(known.json())).toEqual(bare(unknown.json()));
    expect(await look(friend)).toBe(404);
    const offers = (await test.request({ as: friend, method: "GET", url: "/api/v1/me/grant-offers" })).json<{ data: { id: string; from: string }[] }>().data;
    expect(offers).toMatchObject([{ from: "patient", scope: "view" }]);
    // Another's offer is nobody's.
    const url = `/api/v1/me/grant-offers/${offers[0]!.id}`;
    expect((await test.request({ as: second, method: "POST", url, payload: { decision: "accept" } })).statusCode).toBe(404);
    expect((await test.request({ as: friend, method: "POST", url, payload: { decision: "accept" } })).statusCode).toBe(204);
    expect((await test.request({ as: friend, method: "POST", url, payload: { decision: "accept" } })).statusCode).toBe(404);
    expect(await look(friend)).toBe(200);
    expect((await listOf()).offers.map(({ email }) => email)).toEqual(["nobody@sharing.example"]);
  });

  it("is given up by who holds it, once", async () => {
    const url = `/api/v1/patients/${test.people.patient.patientId!}/my-grant`;
    expect((await test.request({ as: friend, method: "DELETE", url })).statusCode).toBe(204);
    expect((await test.request({ as: friend, method: "DELETE", url })).statusCode).toBe(404);
    expect(await look(friend)).toBe(404);
  });

  it("takes an offer back, and lets a declined one go", async () => {
    const [waiting] = (await listOf()).offers;
    expect((await test.request({ as: test.people.patient, method: "DELETE", url: `/api/v1/patients/me/grant-offers/${waiting!.id}` })).statusCode).toBe(204);
    const { offer } = (await share({ email: friend.email, scope: "upload" })).json<{ offer: { id: string } }>();
    expect((await test.request({ as: friend, method: "POST", url: `/api/v1/me/grant-offers/${offer.id}`, payload: { decision: "decline" } })).statusCode).toBe(204);
    expect((await listOf()).offers).toEqual([]);
    expect(await look(friend)).toBe(404);
  });

  it("lets whoever manages share for looking, not for managing, and nobody widen a right of their own [AU-15]", async () => {
    const { patient } = test.people;
    const { offer } = (await share({ email: friend.email, scope: "manage" })).json<{ offer: { id: string } }>();
    await test.request({ as: friend, method: "POST", url: `/api/v1/me/grant-offers/${offer.id}`, payload: { decision: "accept" } });
    expect((await share({ userId: second.userId, scope: "view" }, friend, patient.patientId!)).statusCode).toBe(201);
    expect(problemOf(await share({ userId: second.userId, scope: "manage" }, friend, patient.patientId!)).code).toBe("not_permitted");
    const own = await test.request({ as: friend, method: "PATCH", url: `/api/v1/patients/${patient.patientId!}/grants/${friend.userId}`, payload: { scope: "upload" } });
    expect(own.statusCode).toBe(403);
    const changed = await test.request({ as: patient, method: "PATCH", url: `/api/v1/patients/me/grants/${friend.userId}`, payload: { scope: "view", until: null } });
    expect(changed.json()).toMatchObject({ grant: { scope: "view" } });
    expect((await share({ userId: second.userId, scope: "view" }, friend, patient.patientId!)).statusCode).toBe(403);
  });

  it("knows no clinician of another organization, no patient as a clinician, and no field that was not asked for [AU-13] [AU-15]", async () => {
    const { patient, foreigner, stranger } = test.people;
    for (const userId of [foreigner.userId, stranger.userId, patient.userId, "everybody"]) expect((await share({ userId, scope: "view" })).statusCode, userId).toBe(404);
    expect((await share({ userId: second.userId, scope: "view", patientId: stranger.patientId })).statusCode).toBe(400);
    const { data } = (await test.request({ as: patient, method: "GET", url: "/api/v1/clinicians" })).json<{ data: { displayName: string }[] }>();
    expect(data.map(({ displayName }) => displayName)).toEqual(["clinician", "second"]);
  });
});

describe("emergency access", () => {
  const open = (as: Person, patientId = test.people.stranger.patientId!) =>
    test.request({ as, method: "POST", url: "/api/v1/break-glass", payload: { patientId, reason: "emergency", explanation: "Found unconscious, no relatives present." } });
  const sees = async (who: Person): Promise<number> => (await test.request({ as: who, method: "GET", url: `/api/v1/patients/${test.people.stranger.patientId!}/glucose/latest` })).statusCode;

  it("opens a patient of the own organization to look, for some hours, in the audit log and in the person's sight [PR-11]", async () => {
    expect(await sees(second)).toBe(404);
    const opened = await open(second);
    expect(opened.statusCode).toBe(201);
    expect(opened.json()).toMatchObject({ patientName: "stranger", userName: "second", reason: "emergency", reviewedAt: null });
    expect(await sees(second)).toBe(200);
    expect((await test.request({ as: second, method: "POST", url: `/api/v1/patients/${test.people.stranger.patientId!}/readings`, payload: { readings: [{ at: iso(NOW_MS), value: 100, unit: "mg/dL" }] } })).statusCode).toBe(403);
    const theirs = await test.request({ as: test.people.stranger, method: "GET", url: "/api/v1/patients/me/grants" });
    expect(theirs.json()).toMatchObject({ data: [{ userId: second.userId, kind: "break_glass", until: (opened.json<{ until: string }>()).until }] });
    expect(await audited("break_glass.opened")).toBe(1);
    expect((await open(second)).statusCode).toBe(409);
    await test.db.asOwner("update grants set valid_to = now() - interval '1 second' where kind = 'break_glass'");
    expect(await sees(second)).toBe(404);
  });

  it("is no way to another organization, tells foreign from missing by nothing, and is for clinicians alone", async () => {
    const foreign = await open(second, test.people.foreigner.patientId!);
    const missing = await open(second, "00000000-0000-4000-8000-000000000000");
    const bare = (answer: typeof foreign): object => ({ ...problemOf(answer), trace_id: "" });
    expect(foreign.statusCode).toBe(404);
    expect(bare(foreign)).toEqual(bare(missing));
    for (const who of [test.people.patient, friend, admin]) expect((await open(who)).statusCode).toBe(403);
    const short = await test.request({ as: second, method: "POST", url: "/api/v1/break-glass", payload: { patientId: test.people.stranger.patientId, reason: "emergency", explanation: "   urgent   " } });
    expect(short.statusCode).toBe(400);
  });

  it("is reviewed by an admin, once", async () => {
    const list = async () => (await test.request({ as: admin, method: "GET", url: "/api/v1/break-glass" })).json<{ data: { id: string; verdict: string | null; explanation: string }[] }>().data;
    const [access] = await list();
    expect(access).toMatchObject({ verdict: null, explanation: "Found unconscious, no relatives present." });
    const review = () => test.request({ as: admin, method: "POST", url: `/api/v1/break-glass/${access!.id}/review`, payload: { verdict: "justified" } });
    expect((await review()).json()).toMatchObject({ verdict: "justified", reviewedAt: expect.any(String) as string });
    expect((await review()).statusCode).toBe(409);
    expect((await test.request({ as: second, method: "GET", url: "/api/v1/break-glass" })).statusCode).toBe(403);
  });

  it("is refused after five in a day", async () => {
    const once = async (): Promise<number> => {
      await test.db.asOwner("update grants set valid_to = now() - interval '1 second' where kind = 'break_glass'");
      return (await open(second)).statusCode;
    };
    for (const expected of [201, 201, 201, 201, 429]) expect(await once()).toBe(expected);
    await test.db.asOwner("update break_glass_accesses set begun_at = begun_at - interval '1 day'");
    expect(await once()).toBe(201);
  });
});
