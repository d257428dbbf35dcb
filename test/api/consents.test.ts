/** Consent as people meet it: asked, decided, taken back, and what is refused without it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import type { ConsentList, Provider } from "../../src/api/schemas.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { decide } from "#test/kit/consent.ts";
import { give, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

let test: TestApp;
let admin: Person;
/** A patient who was never asked anything. */
let fresh: Person;

async function person(name: string, role: "patient" | "admin"): Promise<Person> {
  const email = `${name}@example.org`;
  const { userId, patientId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: name, roles: [role], zone: "UTC" });
  return { email, userId, patientId, token: await test.signIn(email) };
}

beforeAll(async () => {
  test = await startTestApp();
  admin = await person("admin", "admin");
  fresh = await person("fresh", "patient");
  await give(test, test.people.patient, { records: readings(Array.from({ length: 400 }, () => 110), NOW_MS - MINUTE) });
});
afterAll(() => test.close());

const consents = async (as: Person, patientId = "me", headers: Record<string, string> = {}): Promise<ConsentList> => {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/${patientId}/consents`, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<ConsentList>();
};
const post = (as: Person, payload: object, patientId = "me") => test.request({ as, method: "POST", url: `/api/v1/patients/${patientId}/consents`, payload });
const stateOf = async (as: Person, purpose: string): Promise<string | undefined> => (await consents(as)).data.find((each) => each.purpose === purpose)?.state;
const idsOf = (who: Person) => ({ organizationId: test.people.organizationId, patientId: who.patientId!, userId: who.userId });
const missing = (purpose: string) => ({ status: 403, code: "consent_missing", errors: [{ pointer: `/consents/${purpose}` }] });

describe("a person's consents", () => {
  it("are asked for in their language, purpose by purpose and vendor by vendor, and were never given by anybody else", async () => {
    const { data, history } = await consents(fresh, "me", { "accept-language": "es" });
    expect(history).toEqual([]);
    expect(data.map(({ purpose }) => purpose).slice(0, 3)).toEqual(["storage", "sharing", "research"]);
    expect(new Set(data.map(({ state }) => state))).toEqual(new Set(["none"]));
    expect(data[0]!.text).toMatchObject({ version: 1, locale: "es", text: expect.stringContaining("Quiero que Islet guarde") as string, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    const dexcom = data.find(({ purpose }) => purpose === "vendor:dexcom")!;
    expect(dexcom).toMatchObject({ vendor: "Dexcom" });
    expect(dexcom.text.text).toContain("obtenga mis datos de Dexcom");
  });

  it("are written down with text, time, person and way, kept in full, and audited", async () => {
    expect(problemOf(await post(fresh, { purpose: "research", decision: "given" }))).toMatchObject({ status: 400, errors: [{ pointer: "/body/version" }] });
    expect(problemOf(await post(fresh, { purpose: "research", decision: "given", version: 2 }))).toMatchObject({ status: 409, code: "consent_outdated" });
    expect(problemOf(await post(fresh, { purpose: "marketing", decision: "withdrawn" }))).toMatchObject({ status: 400 });
    expect(problemOf(await post(fresh, { purpose: "vendor:nobody", decision: "withdrawn" }))).toMatchObject({ status: 404 });
    const given = (await post(fresh, { purpose: "research", decision: "given", version: 1, locale: "es" })).json<ConsentList>();
    expect(given.data.find(({ purpose }) => purpose === "research")).toMatchObject({ state: "given" });
    await post(fresh, { purpose: "research", decision: "given", version: 1 });
    const { history } = (await post(fresh, { purpose: "research", decision: "withdrawn" })).json<ConsentList>();
    expect(history).toMatchObject([
      { purpose: "research", decision: "withdrawn", by: { id: fresh.userId, name: "fresh", isOnBehalf: false }, via: "api" },
      { purpose: "research", decision: "given", version: 1, locale: "es", textHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    const [row] = await test.db.asOwner("select address_hash, request_id from consents where patient_id = $1 order by id desc limit 1", [fresh.patientId]);
    expect(row).toMatchObject({ address_hash: expect.stringMatching(/^[0-9a-f]{32}$/) as string, request_id: expect.any(String) as string });
    expect(await test.db.asOwner("select action, object_id, purpose from audit_log where actor_user_id = $1 and action like 'consent.%' order by id", [fresh.userId])).toEqual([
      { action: "consent.given", object_id: "research", purpose: "own" }, { action: "consent.withdrawn", object_id: "research", purpose: "own" },
    ]);
  });

  it("are nobody's to change or remove, and of one's own patients alone to be read", async () => {
    const { organizationId } = test.people;
    for (const statement of ["update consents set decision = 'given'", "delete from consents", "truncate consents", "update consent_texts set text = 'other words that ask'", "delete from consent_texts"]) {
      await expect(test.db.database.withOrganization(organizationId, (tx) => tx.query(statement)), statement).rejects.toThrow(/permission denied/);
    }
    const { stranger, patient } = test.people;
    const seen = await test.db.database.withPerson({ organizationId, userId: stranger.userId, patientId: stranger.patientId }, (tx) => tx.query<{ patient_id: string }>("select distinct patient_id from consents"));
    expect(seen).toEqual([{ patient_id: stranger.patientId }]);
    expect((await test.request({ as: stranger, method: "GET", url: `/api/v1/patients/${patient.patientId}/consents` })).statusCode).toBe(404);
  });

  it("may be decided by who manages for the person, which shows", async () => {
    const { organizationId, clinician } = test.people;
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'manage')", [organizationId, fresh.patientId, clinician.userId]);
    expect(problemOf(await post(clinician, { purpose: "sharing", decision: "given", version: 1 }, fresh.patientId!)), "not what lets them in themselves").toMatchObject(missing("sharing"));
    await post(fresh, { purpose: "sharing", decision: "given", version: 1 });
    expect((await post(clinician, { purpose: "storage", decision: "given", version: 1 }, fresh.patientId!)).statusCode).toBe(200);
    expect((await consents(fresh)).history[0]).toMatchObject({ purpose: "storage", decision: "given", by: { name: "clinician", isOnBehalf: true } });
  });
});

describe("texts", () => {
  it("are published by admins alone, in both languages, and everybody is asked again", async () => {
    const texts = { en: "Other words that ask for research, in English.", es: "Otras palabras que piden investigar, en español." };
    const publish = (as: Person, payload: object = { purpose: "research", texts }) => test.request({ as, method: "POST", url: "/api/v1/consent-texts", payload });
    await post(fresh, { purpose: "research", decision: "given", version: 1 });
    expect((await publish(fresh)).statusCode).toBe(403);
    expect(problemOf(await publish(admin, { purpose: "research", texts: { en: texts.en } })).status).toBe(400);
    expect((await publish(admin)).statusCode).toBe(201);
    expect(await stateOf(fresh, "research")).toBe("outdated");
    await post(fresh, { purpose: "research", decision: "given", version: 2 });
    expect(await stateOf(fresh, "research")).toBe("given");
    const [latest] = (await consents(fresh)).history;
    expect(latest).toMatchObject({ version: 2, decision: "given" });
    const later = await publish(admin, { purpose: "research", texts, validFrom: "2100-01-01T00:00:00Z" });
    expect(later.json<{ data: { purpose: string; version: number }[] }>().data.find(({ purpose }) => purpose === "research")).toMatchObject({ version: 2 });
    expect(await stateOf(fresh, "research")).toBe("given");
    // Another organization keeps the words that came with Islet.
    const elsewhere = await test.request({ as: test.people.foreigner, method: "GET", url: "/api/v1/consent-texts" });
    expect(elsewhere.json<{ data: { purpose: string; version: number; validFrom: string | null }[] }>().data.find(({ purpose }) => purpose === "research")).toMatchObject({ version: 1, validFrom: null });
    expect(await test.db.asOwner("select actor_user_id, object_id from audit_log where action = 'consent_text.published' order by id")).toEqual([
      { actor_user_id: admin.userId, object_id: "research/2" }, { actor_user_id: admin.userId, object_id: "research/3" },
    ]);
  });

  it("may be a vendor's own, in place of the one for all", async () => {
    const texts = { en: "Dexcom alone is asked in these words.", es: "Solo para Dexcom se pregunta así." };
    await test.request({ as: admin, method: "POST", url: "/api/v1/consent-texts", payload: { purpose: "vendor:dexcom", texts } });
    const providers = (await test.request({ as: fresh, method: "GET", url: "/api/v1/providers" })).json<{ data: Provider[] }>().data;
    const of = (id: string) => providers.find((provider) => provider.id === id)!.consent;
    expect(of("dexcom")).toEqual({ version: 2, text: texts.en });
    expect(of("oura")).toEqual({ version: 1, text: expect.stringContaining("from Oura") as string });
  });
});

describe("without consent", () => {
  const connect = (as: Person, provider: string, more: object = {}) => test.request({ as, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider, ...more } });

  it("no vendor is connected; the request may bring it along, to the present words", async () => {
    expect(problemOf(await connect(fresh, "oura"))).toMatchObject(missing("vendor:oura"));
    expect(problemOf(await connect(fresh, "oura", { consent: { version: 7 } }))).toMatchObject({ status: 409, code: "consent_outdated" });
    expect(await test.db.asOwner("select 1 from oauth_states where patient_id = $1", [fresh.patientId])).toEqual([]);
    expect((await connect(fresh, "oura", { consent: { version: 1, locale: "es" } })).statusCode).toBe(201);
    expect((await consents(fresh)).history[0]).toMatchObject({ purpose: "vendor:oura", decision: "given", locale: "es" });
    expect((await connect(fresh, "oura")).statusCode).toBe(201);
    await post(fresh, { purpose: "vendor:oura", decision: "withdrawn" });
    expect(problemOf(await connect(fresh, "oura"))).toMatchObject(missing("vendor:oura"));
  });

  it("to storage nothing is taken that is typed, uploaded or connected [PR-10]", async () => {
    const { stranger } = test.people;
    const type = () => test.request({ as: stranger, method: "POST", url: "/api/v1/patients/me/readings", payload: { readings: [{ at: "2026-10-15T10:00:00Z", value: 104, unit: "mg/dL" }] } });
    const upload = () => test.request({ as: stranger, method: "POST", url: "/api/v1/patients/me/imports", headers: { "content-type": "text/csv" }, payload: "time,gl\n2026-10-15T09:00:00Z,101\n" });
    await post(stranger, { purpose: "storage", decision: "withdrawn" });
    for (const refused of [await type(), await upload(), await connect(stranger, "dexcom"), await connect(stranger, "dexcom", { consent: { version: 2 } })]) {
      expect(problemOf(refused)).toMatchObject(missing("storage"));
    }
    expect(await test.db.asOwner("select 1 from deliveries where patient_id = $1", [stranger.patientId])).toEqual([]);
    await post(stranger, { purpose: "storage", decision: "given", version: 1 });
    expect([(await type()).statusCode, (await upload()).statusCode]).toEqual([201, 200]);
  });

  it("to sharing nobody else takes a report or a table along; one's own is one's own [R10] [E10]", async () => {
    const { patient, clinician } = test.people;
    const exportsOf = (as: Person) => Promise.all(["report.pdf", "tables/statistics"].map((what) => test.request({ as, method: "GET", url: `/api/v1/patients/${patient.patientId}/glucose/${what}` })));
    for (const answer of await exportsOf(clinician)) expect(answer.statusCode).toBe(200);
    await post(patient, { purpose: "sharing", decision: "withdrawn" });
    for (const answer of await exportsOf(clinician)) expect(problemOf(answer)).toMatchObject(missing("sharing"));
    for (const answer of await exportsOf(patient)) expect(answer.statusCode).toBe(200);
    await decide(test.db, idsOf(patient), "sharing", "given");
    for (const answer of await exportsOf(clinician)) expect(answer.statusCode).toBe(200);
  });

  it("every report that is taken along stands in the audit log, one's own, too", async () => {
    const { patient, clinician } = test.people;
    for (const as of [patient, clinician]) {
      const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/${patient.patientId}/glucose/tables/statistics?days=3` });
      expect(answer.statusCode).toBe(200);
      const entries = await test.db.asOwner("select actor_user_id, purpose, patient_id from audit_log where action = 'report.exported' and request_id = $1", [answer.headers["x-request-id"]]);
      expect(entries).toEqual([{ actor_user_id: as.userId, purpose: as === patient ? "own" : "care", patient_id: patient.patientId }]);
    }
  });
});
