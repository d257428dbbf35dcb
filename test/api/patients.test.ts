/** The list of patients: whom one may see, page by page. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Person, startTestApp, type TestApp } from "#test/kit/app.ts";
import { sharedBefore } from "#test/kit/consent.ts";
import { problemOf } from "./kit.ts";

let test: TestApp;
let otherClinician: string;
/** Twelve patients with three names between them, so that the order is decided by more than the name. */
const NAMES = ["Ana", "Ana", "Ána", "Bo", "Bo", "Bo", "Cy", "Cy", "Cy", "Cy", "Dí", "Ed & Söhne <b>"];

beforeAll(async () => {
  test = await startTestApp();
  const { organizationId, clinician } = test.people;
  for (const name of NAMES) {
    await test.db.asOwner(
      `with one as (insert into patients (organization_id, display_name) values ($1, $2) returning id)
       insert into grants (organization_id, patient_id, user_id, scope) select $1, id, $3, 'view' from one`,
      [organizationId, name, clinician.userId],
    );
  }
  await test.db.asOwner("insert into patients (organization_id, display_name) values ($1, 'Ungranted')", [organizationId]);
  await sharedBefore(test.db);
  otherClinician = test.people.stranger.token;
});
afterAll(() => test.close());

interface Page {
  readonly data: { id: string; displayName: string; isSelf: boolean }[];
  readonly nextCursor: string | null;
}

const list = (query = "", as = test.people.clinician) => test.request({ as, method: "GET", url: `/api/v1/patients${query}` });

describe("the list of patients", () => {
  it("shows a clinician those with a grant, a patient oneself, and a stranger nothing", async () => {
    const all = (await list("?limit=200")).json<Page>();
    expect(all.data.map(({ displayName }) => displayName).toSorted()).toEqual([...NAMES, "patient"].toSorted());
    expect(all.nextCursor).toBeNull();
    expect((await list("", test.people.patient)).json<Page>().data).toEqual([{ id: test.people.patient.patientId, displayName: "patient", zone: "Europe/Madrid", isSelf: true }]);
    expect((await test.request({ method: "GET", url: "/api/v1/patients" })).statusCode).toBe(401);
  });

  it("gives every patient once, whatever the size of a page, and follows Link as well as nextCursor", async () => {
    const whole = (await list("?limit=200")).json<Page>().data.map(({ id }) => id);
    for (const limit of [1, 2, 3, 5, 12, 13, 14]) {
      const seen: string[] = [];
      let next: string | null = `?limit=${limit}`;
      while (next !== null) {
        const answer = await list(next);
        const page = answer.json<Page>();
        expect(page.data.length).toBeLessThanOrEqual(limit);
        seen.push(...page.data.map(({ id }) => id));
        const link = /^<\/api\/v1\/patients(\?[^>]*)>; rel="next"$/.exec(String(answer.headers["link"] ?? ""))?.[1] ?? null;
        expect(link === null).toBe(page.nextCursor === null);
        next = link;
      }
      expect(seen, `pages of ${limit}`).toEqual(whole);
    }
  });

  it("puts no name into an address", async () => {
    const { nextCursor } = (await list("?limit=1")).json<Page>();
    expect(Buffer.from(nextCursor!.split(".")[0]!, "base64url").toString()).not.toMatch(/Ana|Ána/);
  });

  it("refuses a cursor that is forged, changed, of another list or no cursor at all", async () => {
    const { nextCursor } = (await list("?limit=2")).json<Page>();
    const [payload, signature] = nextCursor!.split(".") as [string, string];
    const forged = Buffer.from(JSON.stringify(["00000000-0000-0000-0000-000000000000"])).toString("base64url");
    for (const cursor of [`${forged}.${signature}`, payload, `${payload}.`, `${payload}.${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : "A"}`, `${payload}x.${signature}`, "x", "..", "%00", encodeURIComponent("' or 1=1")]) {
      const answer = await list(`?limit=2&cursor=${cursor}`);
      expect(answer.statusCode, cursor).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer).toBe("/querystring/cursor");
    }
    const elsewhere = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/sleeps?cursor=${nextCursor}` });
    expect(elsewhere.statusCode).toBe(400);
  });

  it("shows nobody more with somebody else's cursor", async () => {
    const { nextCursor } = (await list("?limit=1")).json<Page>();
    const answer = await test.request({ method: "GET", url: `/api/v1/patients?cursor=${nextCursor}`, headers: { authorization: `Bearer ${otherClinician}` } });
    expect(answer.json<Page>().data.every(({ isSelf }) => isSelf)).toBe(true);
  });

  it("refuses limits out of bounds and words", async () => {
    for (const limit of ["0", "-1", "201", "1e9", "1.5", "many", ""]) expect((await list(`?limit=${limit}`)).statusCode, limit).toBe(400);
  });
});

describe("one patient", () => {
  const look = (person: Person | undefined, id: string) => test.request({ ...(person ? { as: person } : {}), method: "GET", url: `/api/v1/patients/${id}` });

  it("is told with the right by which they are seen, to whoever holds it and to nobody else [R10]", async () => {
    const { patient, clinician, stranger, foreigner } = test.people;
    const id = patient.patientId!;
    expect((await look(patient, "me")).json()).toEqual({ id, displayName: "patient", zone: "Europe/Madrid", isSelf: true, access: { kind: "own", scope: "manage", until: null } });
    expect((await look(clinician, id)).json()).toMatchObject({ id, isSelf: false, access: { kind: "shared", scope: "view", until: null } });
    const refused = await Promise.all([look(stranger, id), look(foreigner, id), look(clinician, "00000000-0000-4000-8000-000000000000")]);
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404]);
    expect(new Set(refused.map((answer) => answer.json<{ detail: string }>().detail)).size).toBe(1);
  });

  it("opened in an emergency says so, and until when [PR-11]", async () => {
    const { clinician, stranger } = test.people;
    const id = stranger.patientId!;
    await test.db.asOwner("update users set roles = array['clinician'] where id = $1", [clinician.userId]);
    const opened = await test.request({ as: clinician, method: "POST", url: "/api/v1/break-glass", payload: { patientId: id, reason: "emergency", explanation: "Unconscious in the ward" } });
    expect(opened.statusCode, opened.body).toBe(201);
    const { access } = (await look(clinician, id)).json<{ access: { kind: string; scope: string; until: string } }>();
    expect(access).toEqual({ kind: "break_glass", scope: "view", until: opened.json<{ until: string }>().until });
  });
});
