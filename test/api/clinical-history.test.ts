/** The clinical history: versions with authors, who reads what, entered in error and given back, documents, the care team. D5, D6; issue "Clinical history". */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import type { CareTeamMember, ClinicalDocument, ClinicalNote, Condition, Medication } from "../../src/api/schemas.ts";
import { createUser } from "#people/accounts/accounts.ts";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { iso, MINUTE, problemOf } from "./kit.ts";

let test: TestApp;
let follower: Person;
beforeAll(async () => {
  test = await startTestApp();
  const { organizationId } = test.people;
  const email = "follower@history.example";
  const { userId } = await createUser(test.db.database, { organizationId, email, password: TEST_PASSWORD, displayName: "Follower", roles: ["follower"], zone: "UTC" });
  follower = { email, userId, patientId: null, token: await test.signIn(email) };
});
afterAll(() => test.close());
beforeEach(async () => {
  const { organizationId, patient, clinician } = test.people;
  await test.db.asOwner("truncate clinical_entries, clinical_versions, care_team_members, changes");
  for (const who of [clinician, follower]) {
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'manage') on conflict (patient_id, user_id) do update set scope = 'manage'", [organizationId, patient.patientId, who.userId]);
  }
});

interface List<T> { readonly data: T[]; readonly nextCursor: string | null }

function call(as: Person, method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, more: { payload?: object; ifMatch?: number } = {}): Promise<LightMyRequestResponse> {
  return test.request({
    as, method, url: `/api/v1/patients/${test.people.patient.patientId}${path}`, ...(more.payload ? { payload: more.payload } : {}), headers: more.ifMatch === undefined ? {} : { "if-match": `"${more.ifMatch}"` },
  });
}
async function write<T>(as: Person, path: string, payload: object): Promise<T> {
  const answer = await call(as, "POST", path, { payload });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json<T>();
}
const list = async <T>(as: Person, path: string): Promise<T[]> => (await call(as, "GET", path)).json<List<T>>().data;

describe("an entry", () => {
  const dated = { name: "Type 1 diabetes", code: { system: "ICD-10", code: "E10" }, onset: "1998-02-28", note: "since school\nfamily: none" };

  it("is told with who wrote it and when, its dates as dates, to the clinician and the person alike", async () => {
    const { clinician, patient } = test.people;
    const made = await write<Condition>(clinician, "/conditions", dated);
    expect(made).toMatchObject({
      ...dated, end: null, status: "active", version: 1, audience: "shared", isSelfReported: false, createdAt: iso(test.clock.now()), createdBy: { userId: clinician.userId, name: "clinician", isPatient: false },
      enteredInErrorAt: null,
    });
    expect(await list(patient, "/conditions")).toEqual([made]);
    expect((await call(patient, "GET", `/conditions/${made.id}`)).json()).toEqual(made);
    const [row] = await test.db.asOwner<{ onset: string }>("select fields ->> 'onset' as onset from clinical_entries");
    expect(row!.onset).toBe("1998-02-28");
  });

  it("keeps every version with its author, and refuses a change by who saw an older one with 412", async () => {
    const { clinician, patient } = test.people;
    const made = await write<Medication>(patient, "/medications", { name: "Metformin", medicationKind: "oral", dose: "850 mg morning and evening" });
    expect(made).toMatchObject({ isSelfReported: true, createdBy: { isPatient: true } });
    test.clock.advance(MINUTE);
    const change = { name: "Metformin", medicationKind: "oral", dose: "1000 mg morning and evening", status: "active" };
    const changed = await call(clinician, "PUT", `/medications/${made.id}`, { payload: change, ifMatch: 1 });
    expect([changed.statusCode, changed.headers.etag]).toEqual([200, '"2"']);
    const late = await call(patient, "PUT", `/medications/${made.id}`, { payload: { ...change, status: "stopped" }, ifMatch: 1 });
    expect(late.statusCode).toBe(412);
    expect(late.json()).toMatchObject({ code: "changed_meanwhile", changed: { version: 2, by: "clinician", at: iso(test.clock.now()) } });
    expect((await call(patient, "PUT", `/medications/${made.id}`, { payload: change })).statusCode).toBe(400);
    const versions = await list<Record<string, unknown>>(patient, `/medications/${made.id}/versions`);
    expect(versions.map(({ version, deed, dose, author }) => [version, deed, dose, (author as { name: string }).name])).toEqual([
      [2, "changed", "1000 mg morning and evening", "clinician"], [1, "written", "850 mg morning and evening", "patient"],
    ]);
  });

  it("is changed once by two who write at the same moment", async () => {
    const { clinician, patient } = test.people;
    const { id } = await write<Condition>(patient, "/conditions", { name: "Asthma" });
    const answers = await Promise.all([clinician, patient, follower].map((who) => call(who, "PUT", `/conditions/${id}`, { payload: { name: "Asthma, allergic" }, ifMatch: 1 })));
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    expect(await list(patient, `/conditions/${id}/versions`)).toHaveLength(2);
  });

  it("that was entered in error is kept, out of sight, and given back", async () => {
    const { clinician, patient } = test.people;
    const { id } = await write<Condition>(clinician, "/conditions", { name: "Mistaken" });
    expect((await call(clinician, "DELETE", `/conditions/${id}?reason=somebody_else`)).json()).toMatchObject({ version: 2, enteredInErrorAt: iso(test.clock.now()) });
    expect((await call(clinician, "DELETE", `/conditions/${id}`)).json()).toMatchObject({ version: 2 });
    expect(await list(patient, "/conditions")).toEqual([]);
    expect(await list(patient, "/conditions?includeErrors=true")).toHaveLength(1);
    const change = await call(clinician, "PUT", `/conditions/${id}`, { payload: { name: "Other" }, ifMatch: 2 });
    expect([change.statusCode, problemOf(change).code]).toEqual([409, "entered_in_error"]);
    expect((await call(clinician, "POST", `/conditions/${id}/restore`)).json()).toMatchObject({ version: 3, enteredInErrorAt: null });
    expect((await list<{ deed: string; errorReason: string | null }>(clinician, `/conditions/${id}/versions`)).map(({ deed, errorReason }) => [deed, errorReason])).toEqual([["restored", null], ["entered_in_error", "somebody_else"], ["written", null]]);
  });

  it.each<[string, string, object]>([
    ["a day that is none", "/conditions", { name: "x", onset: "2025-02-29" }], ["a time for a date", "/conditions", { name: "x", onset: "2025-02-28T00:00:00Z" }], ["an end before the onset", "/conditions", { name: "x", onset: "2025-02-28", end: "2025-02-27" }],
    ["no name", "/medications", { medicationKind: "oral" }], ["a control character", "/allergies", { substance: "a\u0000b" }], ["an unknown status", "/allergies", { substance: "a", status: "maybe" }],
    ["an end before the beginning", "/medications", { name: "x", medicationKind: "oral", from: "2025-02-02", to: "2025-01-02" }],
  ])("is refused for %s", async (_, path, payload) => {
    expect((await call(test.people.clinician, "POST", path, { payload })).statusCode).toBe(400);
  });

  it("is filtered by status and read page by page", async () => {
    const { clinician, patient } = test.people;
    for (let index = 0; index < 5; index += 1) {
      await write(clinician, "/allergies", { substance: `Substance ${index}`, status: index % 2 ? "resolved" : "active" });
      test.clock.advance(1_000);
    }
    expect((await list<{ substance: string }>(patient, "/allergies?status=resolved")).map(({ substance }) => substance)).toEqual(["Substance 3", "Substance 1"]);
    const seen: string[] = [];
    for (let path = "/allergies?limit=2"; ; ) {
      const { data, nextCursor } = (await call(patient, "GET", path)).json<List<{ substance: string }>>();
      seen.push(...data.map(({ substance }) => substance));
      if (nextCursor === null) break;
      path = `/allergies?limit=2&cursor=${encodeURIComponent(nextCursor)}`;
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((index) => `Substance ${index}`));
  });

  it("is told of in the change feed and the audit log, without a word of it", async () => {
    const { id } = await write<Condition>(test.people.clinician, "/conditions", { name: "Retinopathy" });
    expect(await test.db.asOwner("select kind, metric, count from changes")).toEqual([{ kind: "clinical", metric: null, count: 1 }]);
    const [entry] = await test.db.asOwner<object>("select * from audit_log where object_id = $1", [id]);
    expect(entry).toMatchObject({ action: "clinical_entry.written", actor_user_id: test.people.clinician.userId, patient_id: test.people.patient.patientId, object_type: "condition" });
    expect(JSON.stringify(entry)).not.toContain("Retinopathy");
  });
});

describe("who writes and reads", () => {
  it("people say of themselves conditions, medications and allergies; the rest and what clinicians wrote is for clinicians", async () => {
    const { clinician, patient } = test.people;
    for (const who of [patient, follower]) {
      for (const [path, payload] of [["/notes", { text: "x", noteKind: "call" }], ["/procedures", { name: "x" }], ["/documents", { title: "x", documentKind: "lab", file: { base64: "JVBERi0=" } }]] as const) {
        expect((await call(who, "POST", path, { payload })).statusCode, path).toBe(403);
      }
    }
    const { id } = await write<Condition>(clinician, "/conditions", { name: "Neuropathy" });
    for (const answer of [await call(patient, "PUT", `/conditions/${id}`, { payload: { name: "None" }, ifMatch: 1 }), await call(patient, "DELETE", `/conditions/${id}`), await call(follower, "DELETE", `/conditions/${id}`)]) {
      expect(answer.statusCode).toBe(403);
    }
    expect(await list(patient, `/conditions/${id}/versions`)).toHaveLength(1);
  });

  it("a note for the care team is there for clinicians alone: not for the person, nor who follows them, by any route or version", async () => {
    const { clinician, patient } = test.people;
    const kept = await write<ClinicalNote>(clinician, "/notes", { text: "Speak of\nnight shifts.", noteKind: "visit", date: "2026-10-14" });
    const shared = await write<ClinicalNote>(clinician, "/notes", { text: "We meet again in May.", noteKind: "call", audience: "shared", isPinned: true });
    expect(kept.audience).toBe("care_team");
    expect((await list<ClinicalNote>(clinician, "/notes")).map(({ id }) => id)).toEqual([shared.id, kept.id]);
    for (const who of [patient, follower]) {
      expect((await list<ClinicalNote>(who, "/notes")).map(({ id }) => id)).toEqual([shared.id]);
      for (const [method, path] of [["GET", ""], ["GET", "/versions"], ["DELETE", ""], ["POST", "/restore"]] as const) expect((await call(who, method, `/notes/${kept.id}${path}`)).statusCode, `${method} ${path}`).toBe(404);
    }
    // Shared later: what was written before for the team alone stays the team's.
    await call(clinician, "PUT", `/notes/${kept.id}`, { payload: { text: "Night shifts: let us talk.", noteKind: "visit", audience: "shared" }, ifMatch: 1 });
    expect((await list<{ version: number }>(patient, `/notes/${kept.id}/versions`)).map(({ version }) => version)).toEqual([2]);
    expect(await list(clinician, `/notes/${kept.id}/versions`)).toHaveLength(2);
  });

  it("row-level security keeps it so below the application, also for a clinician's own record", async () => {
    const { clinician, patient, organizationId } = test.people;
    await write(clinician, "/notes", { text: "For the team", noteKind: "visit" });
    const seen = (userId: string, patientId: string | null) => test.db.database.withPerson({ organizationId, userId, patientId }, (tx) => tx.query("select 1 from clinical_entries union all select 1 from clinical_versions"));
    expect(await seen(clinician.userId, null)).toHaveLength(2);
    expect(await seen(patient.userId, patient.patientId)).toEqual([]);
    expect(await seen(follower.userId, null)).toEqual([]);
    expect(await seen(clinician.userId, patient.patientId)).toEqual([]);
    await expect(test.db.database.withOrganization(organizationId, (tx) => tx.query("update clinical_versions set fields = '{}'"))).rejects.toThrow(/permission denied/);
    await expect(test.db.database.withPerson({ organizationId, userId: clinician.userId, patientId: null }, (tx) => tx.query("delete from clinical_entries"))).rejects.toThrow(/permission denied/);
  });
});

describe("documents", () => {
  const base64 = pdf(ONE_PAGE).toString("base64");
  const document = { title: "Laboratory", documentKind: "lab", date: "2026-10-01", file: { name: "../HbA1c results.pdf", mediaType: "application/pdf", base64 } };

  it("are checked, kept, told and given out as attachments alone; each opening is audited", async () => {
    const { clinician, patient } = test.people;
    const made = await write<ClinicalDocument>(clinician, "/documents", document);
    expect(made).toMatchObject({ title: "Laboratory", documentKind: "lab", date: "2026-10-01", audience: "shared", file: { mediaType: "application/pdf", sizeBytes: Buffer.from(base64, "base64").length } });
    expect(await list(patient, "/documents")).toEqual([made]);
    const answer = await call(patient, "GET", `/documents/${made.id}/file`);
    expect([answer.statusCode, answer.headers["content-type"], answer.headers["x-content-type-options"], answer.headers["cache-control"]]).toEqual([200, "application/pdf", "nosniff", "no-store"]);
    expect(answer.headers["content-disposition"]).toMatch(/^attachment; filename="[A-Za-z0-9._-]+\.pdf"/);
    expect(answer.rawPayload.toString("base64")).toBe(base64);
    expect(await test.db.asOwner("select 1 from audit_log where action = 'clinical_entry.file_opened' and object_id = $1", [made.id])).toHaveLength(1);
    const changed = await call(clinician, "PUT", `/documents/${made.id}`, { payload: { title: "Laboratory, October", documentKind: "lab", audience: "care_team" }, ifMatch: 1 });
    expect(changed.json()).toMatchObject({ version: 2, file: made.file });
    expect((await call(patient, "GET", `/documents/${made.id}/file`)).statusCode).toBe(404);
  });

  it.each<[string, object, number]>([
    ["a page of a browser", { base64: Buffer.from("<html><script>1</script></html>").toString("base64") }, 415],
    ["a picture that says it is a PDF", { mediaType: "application/pdf", base64: Buffer.from("89504e470d0a1a0a0000000d", "hex").toString("base64") }, 415],
    ["nothing", { base64: "" }, 422], ["no base64", { base64: "%%%%" }, 400],
  ])("are refused for %s, with nothing kept", async (_, file, status) => {
    const answer = await call(test.people.clinician, "POST", "/documents", { payload: { ...document, file } });
    expect(answer.statusCode).toBe(status);
    expect(await test.db.asOwner("select 1 from clinical_entries")).toEqual([]);
  });
});

describe("the care team", () => {
  const team = async (as: Person): Promise<CareTeamMember[]> => (await call(as, "GET", "/care-team")).json<{ data: CareTeamMember[] }>().data;

  it("is named by whoever manages, says who has access, and opens nothing", async () => {
    const { clinician, patient, organizationId } = test.people;
    const { userId } = await createUser(test.db.database, { organizationId, email: "ana@team.example", password: TEST_PASSWORD, displayName: "Ana Dietitian", roles: ["clinician"], zone: "UTC" });
    expect(await team(patient)).toEqual([expect.objectContaining({ id: null, user: { id: clinician.userId, name: "clinician" }, role: null, access: { scope: "manage", since: expect.any(String) as string } })]);
    const added = await call(patient, "POST", "/care-team", { payload: { userId, role: "dietitian", roleWords: "nutrición", isMainContact: true } });
    expect(added.statusCode).toBe(201);
    const [main, other] = await team(patient);
    expect([main, other?.id]).toEqual([expect.objectContaining({ user: { id: userId, name: "Ana Dietitian" }, role: "dietitian", roleWords: "nutrición", isMainContact: true, access: null }), null]);
    expect((await call({ ...clinician, token: await test.signIn("ana@team.example") }, "GET", "/care-team")).statusCode).toBe(404);
    const again = await call(clinician, "POST", "/care-team", { payload: { userId, role: "nurse" } });
    expect([again.statusCode, problemOf(again).code]).toEqual([409, "already_member"]);
    await call(clinician, "POST", "/care-team", { payload: { userId: clinician.userId, role: "physician", isMainContact: true } });
    expect((await team(patient)).map(({ user, isMainContact }) => [user.name, isMainContact])).toEqual([["clinician", true], ["Ana Dietitian", false]]);
    const { id } = (await team(patient))[1]!;
    expect((await call(clinician, "PATCH", `/care-team/${id!}`, { payload: { role: "other" } })).json()).toMatchObject({ data: [{}, { role: "other", roleWords: "nutrición" }] });
    expect((await call(patient, "DELETE", `/care-team/${id!}`)).json<{ data: object[] }>().data).toHaveLength(1);
    expect((await call(patient, "DELETE", `/care-team/${id!}`)).statusCode).toBe(404);
    expect((await test.db.asOwner<{ action: string }>("select action from audit_log where action like 'care_team.%' order by id")).map(({ action }) => action)).toEqual(["care_team.joined", "care_team.joined", "care_team.changed", "care_team.left"]);
  });

  it("takes clinicians of the organization alone, in the same words for anybody else", async () => {
    const { patient, foreigner, stranger } = test.people;
    const words = new Set<string>();
    for (const userId of [foreigner.userId, stranger.userId, "00000000-0000-4000-8000-000000000000"]) {
      const answer = await call(patient, "POST", "/care-team", { payload: { userId, role: "nurse" } });
      expect(answer.statusCode).toBe(404);
      words.add(problemOf(answer).detail);
    }
    expect(words.size).toBe(1);
  });
});
