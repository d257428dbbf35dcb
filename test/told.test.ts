/** What people are told by mail when something happens to their data or their sessions without them. Faults PR-05, PR-11, AU-07. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runDataExport } from "#privacy/jobs.ts";
import { takeMails } from "./kit/accounts.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "./kit/app.ts";

let test: TestApp;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "islet-told-"));
  test = await startTestApp({ env: { ISLET_DATA_DIR: folder, ISLET_EXPORTS_DIR: join(folder, "exports") }, sessionLives: {} });
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => takeMails(test.app.mail));

const post = (as: Person | null, path: string, payload: object) => test.request({ ...(as ? { as } : {}), method: "POST", url: `/api/v1${path}`, payload });
const told = async () => (await takeMails(test.app.mail)).map(({ to, subject }) => [to, subject]);

describe("a person is written to", () => {
  it("when a clinician opens their data in an emergency, in the person's language and without saying why [PR-11]", async () => {
    const { stranger, clinician } = test.people;
    await test.db.asOwner("update users set locale = 'es' where id = $1", [stranger.userId]);
    const opened = await post(clinician, "/break-glass", { patientId: stranger.patientId, reason: "emergency", explanation: "Found unconscious, no relatives present." });
    expect(opened.statusCode, opened.body).toBe(201);
    const [mail, ...more] = await takeMails(test.app.mail);
    expect(mail).toMatchObject({ to: stranger.email, subject: "Se han abierto sus datos por una emergencia" });
    expect(mail!.text).toContain("A clinic");
    expect(mail!.text).not.toMatch(/unconscious|\{/);
    expect(more).toEqual([]);
    expect(await test.db.asOwner("select distinct purpose from audit_log where action = 'break_glass.opened'")).toEqual([{ purpose: "break_glass" }]);
  });

  it("when a refresh token was used twice, once for each time [AU-07]", async () => {
    const { patient } = test.people;
    const first = (await post(null, "/tokens", { email: patient.email, password: TEST_PASSWORD })).json<{ refreshToken: string }>();
    const refresh = async (): Promise<number> => (await post(null, "/tokens", { grant: "refresh_token", refreshToken: first.refreshToken })).statusCode;
    await takeMails(test.app.mail);
    expect(await refresh()).toBe(200);
    test.clock.advance(60_000);
    expect(await refresh()).toBe(401);
    expect(await told()).toEqual([[patient.email, "A program was signed out of your account"]]);
    expect(await refresh(), "there is no session any more").toBe(401);
    expect(await told()).toEqual([]);
  });

  it("when a package is ready, and only whoever asked for it [PR-05]", async () => {
    const { patient } = test.people;
    const token = await test.signIn(patient.email);
    const asked = await post({ ...patient, token }, "/patients/me/data-exports", { locale: "en" });
    expect(asked.statusCode, asked.body).toBe(202);
    for (let job = test.jobs.shift(); job; job = test.jobs.shift()) if (job.queue === "data-export") await runDataExport(test.app.privacy, job.data, AbortSignal.timeout(60_000));
    expect(await told()).toEqual([[patient.email, "Your data is ready"]]);
  });

  it("never at an address that nobody has proved", async () => {
    const { stranger, clinician } = test.people;
    await test.db.asOwner("update users set email_verified_at = null where id = $1", [stranger.userId]);
    await test.db.asOwner("update grants set valid_to = now() - interval '1 second' where user_id = $1", [clinician.userId]);
    const token = await test.signIn(clinician.email);
    const opened = await post({ ...clinician, token }, "/break-glass", { patientId: stranger.patientId, reason: "emergency", explanation: "Found unconscious, no relatives present." });
    expect(opened.statusCode, opened.body).toBe(201);
    expect(await told()).toEqual([]);
  });
});
