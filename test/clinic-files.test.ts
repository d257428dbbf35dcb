/** Files of the clinic: kept apart and sealed, opened for their own patient alone, counted against a patient's room, noise without the patient's key. D4; faults PR-01. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attachmentHeaders, dropFile, keepFile, listFiles, openFile } from "#clinic/files/files.ts";
import { openContent, sealContent } from "#vault/content.ts";
import type { Tx } from "#db/database.ts";
import { ONE_PAGE, pdf, stream } from "#uploads/test-kit.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_CLINICAL_FILES_MB: "1" } });
});
afterAll(() => test.close());

const BYTES = pdf(ONE_PAGE);
const inClinic = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => test.db.database.withOrganization(test.people.organizationId, work);
const keep = async (who: Person, bytes: Uint8Array = BYTES, name = "control data.pdf"): Promise<string> => {
  const checked = await test.app.api.uploads.check(bytes, { name, declaredType: "application/pdf", accept: ["pdf"], mostBytes: 2 * 1024 * 1024 });
  return inClinic((tx) => keepFile(test.app.api, tx, { organizationId: test.people.organizationId, patientId: who.patientId!, checked, purpose: "control_data", createdBy: who.userId }));
};

describe("files of the clinic", () => {
  it("[D4] come back byte for byte, and rest as noise", async () => {
    const { patient } = test.people;
    const fileId = await keep(patient);
    const file = await inClinic((tx) => openFile(test.app.api, tx, { patientId: patient.patientId!, fileId }));
    expect(file.bytes.equals(BYTES)).toBe(true);
    expect(file).toMatchObject({ safeName: "control data.pdf", mediaType: "application/pdf", sizeBytes: BYTES.length, createdMs: test.clock.now(), createdBy: patient.userId });
    const [row] = await test.db.asOwner<{ content_sealed: Buffer; key_sealed: string }>("select content_sealed, key_sealed from clinical_file_contents where file_id = $1", [fileId]);
    expect(row!.content_sealed.includes("%PDF")).toBe(false);
    expect(row!.key_sealed).toMatch(/^v2\./);
  });

  it("are not there for another patient, for what is no id, and after they were removed", async () => {
    const { patient, stranger } = test.people;
    const fileId = await keep(patient);
    const open = (patientId: string, id: string): Promise<unknown> => inClinic((tx) => openFile(test.app.api, tx, { patientId, fileId: id }));
    for (const [patientId, id] of [[stranger.patientId!, fileId], [patient.patientId!, randomUUID()], [patient.patientId!, "' or true --"]] as const) {
      await expect(open(patientId, id)).rejects.toMatchObject({ code: "not_found", message: "There is no such file." });
    }
    await expect(inClinic((tx) => dropFile(tx, { patientId: stranger.patientId!, fileId }))).rejects.toMatchObject({ code: "not_found" });
    await inClinic((tx) => dropFile(tx, { patientId: patient.patientId!, fileId }));
    await expect(open(patient.patientId!, fileId)).rejects.toMatchObject({ code: "not_found" });
    expect((await inClinic((tx) => listFiles(tx, patient.patientId!))).map(({ id }) => id)).not.toContain(fileId);
  });

  it("do not open once the patient's data key is destroyed, in no copy of the database [PR-01]", async () => {
    const { stranger } = test.people;
    const fileId = await keep(stranger);
    await test.db.asOwner("delete from patient_keys where patient_id = $1", [stranger.patientId]);
    await expect(inClinic((tx) => openFile(test.app.api, tx, { patientId: stranger.patientId!, fileId }))).rejects.toMatchObject({ code: "vault_refused" });
  });

  it("are refused where they would be more than one patient may have, also two at once", async () => {
    const { stranger } = test.people;
    await test.db.asOwner("delete from clinical_file_contents where patient_id = $1", [stranger.patientId]);
    await test.db.asOwner("delete from clinical_files where patient_id = $1", [stranger.patientId]);
    const large = pdf({ ...ONE_PAGE, 4: stream("", Buffer.alloc(700 * 1024, "a")) });
    const tried = await Promise.allSettled([keep(stranger, large), keep(stranger, large)]);
    expect(tried.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(tried.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "files_full" } });
  });

  it("are seen by the person as names and sizes, their bytes by no person's transaction", async () => {
    const { patient, stranger, organizationId } = test.people;
    await keep(patient);
    const asPerson = (who: Person, sql: string) => test.db.database.withPerson({ organizationId, userId: who.userId, patientId: who.patientId }, (tx) => tx.query(sql));
    expect((await asPerson(patient, "select id from clinical_files")).length).toBeGreaterThan(0);
    expect(await asPerson(stranger, `select id from clinical_files where patient_id = '${patient.patientId!}'`)).toEqual([]);
    await expect(asPerson(patient, "select 1 from clinical_file_contents")).rejects.toThrow(/permission denied/);
  });
});

describe("sealed content", () => {
  const key = Buffer.alloc(32, 7);
  const sealed = sealContent(Buffer.from("plain"), { key, fileId: "a" }, Buffer.alloc(12, 1));
  it("opens as itself alone: not as another file, with another key, changed or cut off", () => {
    expect(openContent(sealed, { key, fileId: "a" }).toString()).toBe("plain");
    const refusals: (() => unknown)[] = [
      () => openContent(sealed, { key, fileId: "b" }), () => openContent(sealed, { key: Buffer.alloc(32, 8), fileId: "a" }),
      () => openContent(sealed.subarray(0, 20), { key, fileId: "a" }), () => openContent(sealed.subarray(0, -1), { key, fileId: "a" }),
    ];
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      refusals.push(() => openContent(changed, { key, fileId: "a" }));
    }
    for (const refusal of refusals) expect(refusal).toThrow(/sealed file/);
  });

  it("is served as something to save, under a name that breaks out of no header", () => {
    const headers = attachmentHeaders({ safeName: "Año «1»'; x=\".pdf", mediaType: "application/pdf", sizeBytes: 3 });
    expect(headers["content-disposition"]).toBe("attachment; filename=\"A_o__1____x__.pdf\"; filename*=UTF-8''A%C3%B1o%20%C2%AB1%C2%BB%27%3B%20x%3D%22.pdf");
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "content-type": "application/pdf", "cache-control": "no-store" });
  });
});
