/** PDFs that a patient adds to a request for an appointment: checked, kept, fetched by both sides, removed. Requirement D4; ASVS 5.2, 5.4. */
import { randomUUID } from "node:crypto";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deflated, ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
afterEach(async () => {
  for (const table of ["appointment_events", "appointment_files", "appointment_details", "appointment_resolutions", "appointments"]) await test.db.asOwner(`delete from ${table}`);
});

type Answer = LightMyRequestResponse;
const OWN = "/api/v1/patients/me/appointments";
const LINE = "/api/v1/appointments";
const call = (as: Person, method: "GET" | "POST" | "DELETE", url: string, ...[payload, version]: [payload?: object | undefined, version?: number]): Promise<Answer> =>
  test.request({ as, method, url, ...(payload ? { payload } : {}), ...(version === undefined ? {} : { headers: { "if-match": `"${version}"` } }) });
/** Asked by the patient and accepted. */
async function accepted(): Promise<string> {
  const { id } = (await call(test.people.patient, "POST", OWN, {})).json<{ appointment: { id: string } }>().appointment;
  expect((await call(test.people.clinician, "POST", `${LINE}/${id}/accept`, undefined, 1)).statusCode).toBe(200);
  return id;
}

describe("control data [D4]", () => {
  const send = (as: Person, id: string, payload: Buffer, ...[type = "application/pdf", name = "glucosa.pdf"]: [type?: string, name?: string]): Promise<Answer> =>
    test.request({ as, method: "POST", url: `${OWN}/${id}/control-data?name=${encodeURIComponent(name)}`, payload, headers: { "content-type": type } });

  it("is kept, told to both sides, fetched as an attachment, removed until the request is resolved", async () => {
    const { patient, clinician, stranger, foreigner } = test.people;
    const id = await accepted();
    const bytes = pdf(ONE_PAGE);
    const added = await send(patient, id, bytes, "application/pdf", "Glucosa «marzo».pdf");
    expect([added.statusCode, added.json()]).toMatchObject([201, { name: "Glucosa «marzo».pdf", mediaType: "application/pdf", sizeBytes: bytes.length }]);
    const fileId = added.json<{ id: string }>().id;
    for (const url of [`${OWN}/${id}/control-data/${fileId}`, `${LINE}/${id}/control-data/${fileId}`]) {
      const file = await call(url.startsWith(OWN) ? patient : clinician, "GET", url);
      expect([file.statusCode, file.rawPayload.equals(bytes)]).toEqual([200, true]);
      expect(file.headers).toMatchObject({ "x-content-type-options": "nosniff", "content-type": "application/pdf", "cache-control": "no-store" });
      expect(file.headers["content-disposition"]).toMatch(/^attachment; /);
    }
    expect((await call(clinician, "GET", `${LINE}/${id}`)).json()).toMatchObject({ controlData: [{ id: fileId }] });
    expect((await call(stranger, "GET", `${OWN}/${id}/control-data/${fileId}`)).statusCode).toBe(404);
    expect((await call(foreigner, "GET", `/api/v1/patients/${patient.patientId!}/appointments/${id}/control-data/${fileId}`)).statusCode).toBe(404);
    expect((await call(clinician, "GET", `${LINE}/${id}/control-data/${randomUUID()}`)).statusCode).toBe(404);
    const opened = await test.db.asOwner<{ action: string }>("select action from audit_log where object_id = $1 order by id", [fileId]);
    expect(opened.map(({ action }) => action)).toEqual(["clinical_file.added", "clinical_file.opened", "clinical_file.opened"]);
    expect((await call(patient, "DELETE", `${OWN}/${id}/control-data/${fileId}`)).statusCode).toBe(204);
    expect(await test.db.asOwner("select 1 from clinical_file_contents where file_id = $1", [fileId])).toEqual([]);
    const kept = (await send(patient, id, bytes)).json<{ id: string }>().id;
    await call(patient, "POST", `${OWN}/${id}/details`, {});
    await call(clinician, "POST", `${LINE}/${id}/resolution`, { text: "Words." }, 3);
    expect(problemOf(await call(patient, "DELETE", `${OWN}/${id}/control-data/${kept}`)).code).toBe("illegal_move");
  });

  it("is refused as another type, with scripts in it, too large, or one too many", async () => {
    const { patient } = test.people;
    const id = await accepted();
    const refusal = async (answer: Promise<Answer>): Promise<[number, string]> => {
      const got = await answer;
      return [got.statusCode, problemOf(got).code];
    };
    expect(await refusal(send(patient, id, Buffer.from("MZ not a PDF")))).toEqual([415, "file_type"]);
    expect(await refusal(send(patient, id, pdf(ONE_PAGE), "image/png"))).toEqual([415, "file_type"]);
    const script = { ...ONE_PAGE, 1: "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>" };
    expect(await refusal(send(patient, id, pdf(script)))).toEqual([422, "pdf_active"]);
    expect(await refusal(send(patient, id, Buffer.alloc(10 * 1024 * 1024 + 1)))).toEqual([413, "too_large"]);
    for (let count = 0; count < 10; count += 1) expect((await send(patient, id, pdf({ ...ONE_PAGE, 4: deflated("", `page ${count}`) }))).statusCode).toBe(201);
    expect(await refusal(send(patient, id, pdf(ONE_PAGE)))).toEqual([409, "too_many_files"]);
  });
});
