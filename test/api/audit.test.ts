/** The audit log as people meet it: what a request leaves, what an admin finds, what a person sees of who looked. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { hasWords } from "../../src/api/access-words.ts";
import type { AuditLineShown, PatientAccess } from "../../src/api/schemas.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { give, iso, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

let test: TestApp;
let admin: Person;

beforeAll(async () => {
  test = await startTestApp();
  await give(test, test.people.patient, { records: readings([100, 110, 123], NOW_MS - MINUTE) });
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email: "admin@example.org", password: TEST_PASSWORD, displayName: "Ada Min", roles: ["admin"], zone: "UTC" });
  admin = { email: "admin@example.org", userId, patientId: null, token: await test.signIn("admin@example.org") };
});
afterAll(() => test.close());

const newest = async (): Promise<Record<string, unknown>> => (await test.db.asOwner("select * from audit_log order by id desc limit 1"))[0]!;
const look = (as: Person, path: string, options: { headers?: Record<string, string>; remoteAddress?: string } = {}) =>
  test.request({ as, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}${path}`, ...options });
const search = async (query = "", as = admin) => {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/audit${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ data: AuditLineShown[]; nextCursor: string | null }>();
};

describe("what a request leaves in the audit log", () => {
  it("says who, as what, why, from where and by which session and request, and no address, token or value", async () => {
    const { clinician, patient } = test.people;
    const answer = await look(clinician, "/glucose/latest", { remoteAddress: "203.0.113.77", headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" } });
    const entry = await newest();
    expect(entry).toMatchObject({
      organization_id: test.people.organizationId, actor_kind: "user", actor_user_id: clinician.userId, actor_role: "clinician", action: "patient.view", patient_id: patient.patientId,
      object_type: "route", object_id: "/api/v1/patients/:patientId/glucose/latest", outcome: "done", purpose: "care", request_id: answer.headers["x-request-id"], network: "203.0.113.0/24", agent: "firefox",
    });
    expect(entry["session_ref"]).toMatch(/^[0-9a-f]{16}$/);
    expect(entry["address_hash"]).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(entry)).not.toMatch(/203\.0\.113\.77|Mozilla|\b123\b/);
    expect(JSON.stringify(entry)).not.toContain(clinician.token);
  });

  it("is exactly one line of a look for each read of another's data, whichever route [PR-08]", async () => {
    const { clinician } = test.people;
    const { paths } = (await test.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, Record<string, { "x-access"?: { who: string; scope?: string } }>> }>();
    const reads = Object.entries(paths).filter(([path, { get }]) => get?.["x-access"]?.who === "patient" && get["x-access"].scope === "view" && !path.endsWith("/live")).map(([path]) => path);
    expect(reads.length).toBeGreaterThan(20);
    for (const path of reads) {
      const query = /\/(?:metrics|stream|latest)$/.test(path) && !/glucose|sleeps/.test(path) ? "?metrics=glucose" : path.endsWith("score-versions") ? "?metric=readiness" : path.endsWith("provenance") ? `?metric=glucose&at=${iso(NOW_MS - MINUTE)}` : "";
      const url = path.replace("/api/v1/patients/{patientId}", "").replace("{table}", "statistics").replace(/\{connectionId\}/, test.people.organizationId).replace(/\{\w+\}/, "1") + query;
      const answer = await look(clinician, url);
      const entries = await test.db.asOwner("select 1 from audit_log where request_id = $1 and action like 'patient.%'", [answer.headers["x-request-id"]]);
      // What is not there is not seen: the patient was reached all the same, or the transaction was undone with its line.
      if (answer.statusCode < 400) expect(entries, `${url} ${answer.statusCode}`).toHaveLength(1);
      else expect([404, 422], `${url} ${answer.body}`).toContain(answer.statusCode);
    }
  });
});

describe("an admin", () => {
  it("finds entries by actor, patient, action, outcome and time, newest first, page by page; the search is in the log", async () => {
    const { clinician, patient, stranger } = test.people;
    await look(clinician, "/sleeps");
    await look(stranger, "/sleeps");
    const refused = await search(`?patient=${patient.patientId}&outcome=refused&action=patient.`);
    expect(refused.data).toMatchObject([{ action: "patient.view", outcome: "refused", actor: { id: stranger.userId, name: "stranger", kind: "user", roles: ["patient"] }, patientId: patient.patientId }]);
    expect(await newest()).toMatchObject({ action: "audit.searched", actor_user_id: admin.userId, patient_id: patient.patientId, purpose: "administration" });

    const all = await search(`?action=patient.&actor=${clinician.userId}&limit=200`);
    expect(all.data.length).toBeGreaterThan(10);
    expect(all.nextCursor).toBeNull();
    const paged: AuditLineShown[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { data: AuditLineShown[]; nextCursor: string | null } = await search(`?action=patient.&actor=${clinician.userId}&limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`);
      paged.push(...page.data);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all.data);
    expect((await search("?action=patient.view&to=2020-01-01T00:00:00Z")).data).toEqual([]);
  });

  it("finds nothing of another organization, and nobody else may search", async () => {
    const { foreigner, clinician, patient } = test.people;
    await test.request({ as: foreigner, method: "GET", url: `/api/v1/patients/${patient.patientId}/sleeps` });
    expect((await search(`?actor=${foreigner.userId}`)).data).toEqual([]);
    for (const as of [clinician, patient, foreigner]) {
      expect((await test.request({ as, method: "GET", url: "/api/v1/audit" })).statusCode).toBe(403);
    }
    const answer = await test.request({ as: admin, method: "GET", url: "/api/v1/audit?actor=me" });
    expect(problemOf(answer)).toMatchObject({ status: 400, errors: [{ pointer: "/querystring/actor" }] });
  });
});

describe("a person", () => {
  it("sees who looked at what, grouped by hour, in their language, and not their own looks or looks in vain", async () => {
    const { patient, clinician, stranger } = test.people;
    await test.db.asOwner("begin; set local session_replication_role = replica; delete from audit_links; delete from audit_heads; delete from audit_log; commit");
    await look(patient, "/glucose/latest");
    await look(stranger, "/glucose/latest");
    for (let n = 0; n < 3; n += 1) await look(clinician, "/glucose/latest");
    await look(clinician, "/glucose/statistics");
    await look(clinician, "/sleeps");
    await test.db.asOwner("update audit_log set at = date_trunc('hour', at) + interval '1 minute'");
    await test.db.asOwner("update audit_log set at = at - interval '3 hours' where object_id like '%/sleeps'");
    const answer = await test.request({ as: patient, method: "GET", url: "/api/v1/patients/me/accesses", headers: { "accept-language": "es" } });
    const { data } = answer.json<{ data: PatientAccess[] }>();
    const who = { id: clinician.userId, name: "clinician", roles: ["clinician"], isProgram: false };
    expect(data).toMatchObject([
      { who, organization: "A clinic", action: "viewed", topic: "glucose", what: "Miró la glucosa", purpose: "care", times: 4 },
      { who, action: "viewed", topic: "sleeps", what: "Miró el sueño", times: 1 },
    ]);
    const first = (await test.request({ as: patient, method: "GET", url: "/api/v1/patients/me/accesses?limit=1" }));
    const { nextCursor, data: page } = first.json<{ data: PatientAccess[]; nextCursor: string }>();
    expect(page).toMatchObject([{ what: "Looked at glucose" }]);
    const next = await test.request({ as: patient, method: "GET", url: `/api/v1/patients/me/accesses?limit=1&cursor=${nextCursor}` });
    expect(next.json()).toMatchObject({ data: [{ what: "Looked at sleep" }], nextCursor: null });
    const since = await test.request({ as: patient, method: "GET", url: `/api/v1/patients/me/accesses?from=${encodeURIComponent(data[0]!.first)}` });
    expect(since.json<{ data: PatientAccess[] }>().data).toHaveLength(1);
  });

  it("reads words of its own for every part of the routes", async () => {
    const { paths } = (await test.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, unknown> }>();
    const topics = new Set(Object.keys(paths).flatMap((path) => /^\/api\/v1\/patients\/(?:\{patientId\}\/)?([a-z-]+)/.exec(path)?.[1] ?? []));
    expect([...topics].filter((topic) => !hasWords(topic))).toEqual([]);
  });
});
