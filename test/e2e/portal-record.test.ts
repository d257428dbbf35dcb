/** A patient's health record, care team and readings in a real browser, and what somebody else may do there; every look of the pages. Requirements D3, D5. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, LOOKS, settled } from "./office-kit.ts";
import { openPage, signIn } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
let patientId: string;
let clinicianId: string;

type Caller = <T>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<T>;
let patient: Caller;
let clinician: Caller;
let admin: Caller;

/** The API as a program uses it, for somebody of the demo. */
async function callerOf(who: "patient" | "clinician" | "admin"): Promise<Caller> {
  const reply = await fetch(`${islet.origin}/api/v1/tokens`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: `${who}@demo.islet`, password: islet.demoPassword }) });
  const { accessToken } = (await reply.json()) as { accessToken: string };
  return async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> => {
    const answer = await fetch(`${islet.origin}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${accessToken}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  };
}

const share = (scope: "view" | "manage"): Promise<unknown> => patient("PATCH", `/patients/${patientId}/grants/${clinicianId}`, { scope, until: null });

/** What a clinic writes in the course of things. */
async function writeAsClinician(): Promise<void> {
  const at = `/patients/${patientId}`;
  await clinician("POST", `${at}/conditions`, { name: "Diabetes mellitus, type 1", onset: "2009-03-03", code: { system: "ICD-10", code: "E10.9" }, note: "Found at school.\nNo ketoacidosis." });
  await clinician("POST", `${at}/conditions`, { name: "Fracture of the left wrist", status: "resolved", onset: "2017-08-01", end: "2017-10-12" });
  await clinician("POST", `${at}/medications`, { name: "Insulin glargine 100 U/mL", medicationKind: "basal_insulin", dose: "18 U at bedtime", from: "2021-02-01", reason: "Basal need" });
  await clinician("POST", `${at}/procedures`, { name: "Fundus photograph of both eyes", date: "2026-02-11" });
  await clinician("POST", `${at}/notes`, { text: "Talked about nights.\nNext visit in June.", noteKind: "visit", date: "2026-03-02", audience: "shared" });
  await clinician("POST", `${at}/notes`, { text: "For the team alone.", noteKind: "other", audience: "care_team" });
  await clinician("POST", `${at}/documents`, { title: "Laboratory of March", documentKind: "lab", date: "2026-03-01", audience: "shared", file: { name: "laboratory.pdf", mediaType: "application/pdf", base64: Buffer.from(pdf(ONE_PAGE)).toString("base64") } });
  await clinician("POST", `${at}/care-team`, { userId: clinicianId, role: "physician", roleWords: "Endocrinology", isMainContact: true });
}

beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
  [patient, clinician, admin] = [await callerOf("patient"), await callerOf("clinician"), await callerOf("admin")];
  clinicianId = (await clinician<{ userId: string }>("GET", "/me")).userId;
  patientId = (await patient<{ data: { id: string }[] }>("GET", "/patients")).data[0]!.id;
  const { version } = await admin<{ version: number }>("GET", "/organization");
  await admin("PATCH", "/organization", { mealLabels: { en: { LUNCH: "Midday meal" }, es: { LUNCH: "Comida" } }, contact: { phone: "+34 600 000 000", email: null, website: "https://clinic.example" } }, { "if-match": `"${version}"` });
  await share("manage");
  await writeAsClinician();
}, 120_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const card = (page: Page, id: string) => page.getByTestId(id);

describe("a patient's health record", () => {
  it("[D5] shows what the clinic wrote for them, by whom and when, and nothing that is the team's alone", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await page.getByRole("link", { name: "Record" }).click();
    await settled(page);
    const conditions = await card(page, "conditions").innerText();
    for (const said of ["Diabetes mellitus, type 1", "Since 3 Mar 2009", "ICD-10 E10.9", "No ketoacidosis.", "Written by Robin Demo", "Earlier (1)"]) expect(conditions).toContain(said);
    expect(await card(page, "medications").innerText()).toContain("18 U at bedtime");
    expect(await card(page, "notes").innerText()).toContain("Next visit in June.");
    expect(await page.locator("main").innerText()).not.toContain("For the team alone.");
    const team = await card(page, "care-team").innerText();
    for (const said of ["Robin Demo", "main contact", "Physician · Endocrinology", "May look, add and change since", "+34 600 000 000"]) expect(team).toContain(said);
    expect(await card(page, "conditions").getByTestId("entry-change").count()).toBe(0);
    const download = page.waitForEvent("download");
    await page.getByTestId("document-open").click();
    expect((await download).suggestedFilename()).toBe("laboratory.pdf");
    expect(faults).toEqual([]);
    await close();
  });

  it("[D5] takes their own words: written, changed with both versions told, taken out and put back", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/record`);
    await settled(page);
    const allergies = card(page, "allergies");
    expect(await allergies.innerText()).toContain("That is not the same as having none.");
    await page.getByTestId("allergies-add").click();
    await page.getByTestId("field-substance").fill("Penicillin");
    await page.getByTestId("field-reaction").fill("Rash");
    await page.getByTestId("entry-save").click();
    await allergies.getByText("Written by you").waitFor();
    await allergies.getByTestId("entry-change").click();
    await page.getByTestId("field-severity").selectOption("moderate");
    await page.getByTestId("entry-save").click();
    await allergies.getByText("Rash · moderate").waitFor();
    await allergies.getByTestId("entry-versions").click();
    await allergies.getByTestId("versions").getByText("Version 1").waitFor();
    await allergies.getByTestId("entry-take-out").click();
    await allergies.getByTestId("entry-put-back").waitFor();
    await expect.poll(() => allergies.getByTestId("entry").count()).toBe(0);
    await allergies.getByTestId("entry-put-back").click();
    await allergies.getByTestId("entry").waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it("shows what a clinician writes without a reload", { timeout: 60_000 }, async () => {
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/record`);
    await settled(page);
    await clinician("POST", `/patients/${patientId}/procedures`, { name: "Foot examination" });
    await card(page, "procedures").getByText("Foot examination").waitFor();
    await close();
  });
});

describe("a patient's care team", () => {
  it("[D5] is kept by the person: somebody is left out, named again, and given other words", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/record`);
    await settled(page);
    const team = card(page, "care-team");
    await team.getByTestId("member-end").click();
    await page.getByTestId("member-end-confirm").click();
    await team.getByText("Has access, without a role").waitFor();
    await page.getByTestId("member-add").click();
    expect(await page.getByTestId("member-save").isDisabled()).toBe(true);
    await page.getByTestId("member-user").selectOption({ label: "Robin Demo" });
    await page.getByTestId("member-role").selectOption("educator");
    await page.getByTestId("member-save").click();
    await team.getByText("Diabetes educator").waitFor();
    await team.getByTestId("member-place").click();
    await page.getByTestId("member-role-words").fill("Pump school");
    await page.getByTestId("member-main").check();
    await page.getByTestId("member-save").click();
    await team.getByText("Diabetes educator · Pump school").waitFor();
    await team.getByText("main contact").waitFor();
    expect(faults).toEqual([]);
    await close();
  });
});

describe("a patient's readings", () => {
  it("[D5] are added with the clinic's word for the type and the sample, deleted, and brought back in either way", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await page.getByRole("link", { name: "Readings" }).click();
    await settled(page);
    const rows = page.getByTestId("reading");
    expect(await rows.count()).toBe(0);
    await page.getByTestId("add-reading").click();
    await page.getByTestId("reading-save").click();
    await page.getByText("Write a number, such as 104.").waitFor();
    await page.getByTestId("reading-value").fill("5.6");
    await page.getByTestId("unit-doubt").getByRole("button", { name: "Yes, mmol/L" }).click();
    await page.getByTestId("reading-type").selectOption({ label: "Midday meal" });
    await page.getByTestId("reading-more").click();
    await page.getByTestId("reading-relation").selectOption("before");
    await page.getByTestId("reading-sample").selectOption("capillary_whole_blood");
    await page.getByTestId("reading-note").fill("after the stairs");
    await page.getByTestId("reading-save").click();
    await rows.waitFor();
    const text = await rows.innerText();
    for (const said of ["101 mg/dL", "In range", "Midday meal · before eating · Capillary blood (finger-stick)", "«after the stairs»", "typed"]) expect(text).toContain(said);

    await page.getByTestId("reading-delete").click();
    await page.getByTestId("reading-undo").click();
    await rows.waitFor();
    await page.getByTestId("reading-delete").click();
    await page.getByTestId("deleted-readings").locator("summary").click();
    await page.getByTestId("reading-bring-back").click();
    await rows.waitFor();
    expect(await page.getByTestId("deleted-readings").count()).toBe(0);

    await page.getByTestId("readings-type").selectOption("DINNER");
    await page.getByText("There are no readings of this type in these two weeks.").waitFor();
    await page.getByTestId("readings-type").selectOption("LUNCH");
    await rows.waitFor();
    await page.getByTestId("readings-earlier").click();
    await page.getByTestId("empty").waitFor();
    await page.getByTestId("readings-later").click();
    await rows.waitFor();
    expect(await page.getByTestId("readings-later").isDisabled()).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("a patient's many readings", () => {
  it("[D5] come a hundred at a time; one of a later page is deleted and brought back in its place", { timeout: 60_000 }, async () => {
    const lastMs = Date.now() - 20 * DAY_MS;
    await patient("POST", `/patients/${patientId}/readings`, { readings: Array.from({ length: 130 }, (_, index) => ({ at: new Date(lastMs - index * 30 * MINUTE_MS).toISOString(), value: 90 + (index % 40), unit: "mg/dL" })) });
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/readings`);
    await page.getByTestId("readings-earlier").click();
    const rows = page.getByTestId("reading");
    await expect.poll(() => rows.count()).toBe(100);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => rows.count()).toBe(130);
    await page.getByTestId("reading-delete").last().click();
    await expect.poll(() => rows.count()).toBe(129);
    await page.getByTestId("reading-undo").click();
    await expect.poll(() => rows.count()).toBe(130);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("somebody else's pages", () => {
  it("[D3] let whoever may manage ask for an appointment for them; whoever may only look is told why not", { timeout: 90_000 }, async () => {
    await share("manage");
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet, "clinician@demo.islet");
    await page.goto(`${islet.origin}/appointments?patient=${patientId}`);
    await page.getByText("Ask for an appointment for Alex Demo").waitFor();
    await page.getByTestId("motive-questions").check();
    await page.getByTestId("ask-submit").click();
    await page.getByText("Alex Demo is number 1 in the line.").waitFor();
    await page.getByTestId("request-cancel").click();
    await page.getByTestId("request-cancel-yes").click();
    await page.getByTestId("ask").waitFor();

    await share("view");
    await page.reload();
    await settled(page);
    await page.getByTestId("may-not-ask").waitFor();
    expect(await page.getByTestId("ask").count()).toBe(0);
    await page.goto(`${islet.origin}/readings?patient=${patientId}`);
    await page.getByTestId("may-not-add").waitFor();
    expect([await page.getByTestId("add-reading").count(), await page.getByTestId("reading-delete").count()]).toEqual([0, 0]);
    await page.goto(`${islet.origin}/record?patient=${patientId}`);
    await page.getByRole("link", { name: "Back office" }).first().waitFor();
    expect(await page.getByTestId("allergies-add").count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
    await share("manage");
  });
});

describe("somebody who manages for another", () => {
  it("[D3] [D5] writes as that person, adds readings in their own name, and asks for appointments", { timeout: 90_000 }, async () => {
    await patient("POST", `/patients/${patientId}/grants`, { email: "admin@demo.islet", scope: "manage", until: null });
    const [offer] = (await admin<{ data: { id: string }[] }>("GET", "/me/grant-offers")).data;
    await admin("POST", `/me/grant-offers/${offer!.id}`, { decision: "accept" });
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet, "admin@demo.islet");
    await page.goto(`${islet.origin}/record?patient=${patientId}`);
    await settled(page);
    await page.getByTestId("medications-add").click();
    await page.getByTestId("field-name").fill("Metformin 850 mg");
    await page.getByTestId("entry-save").click();
    const mine = page.getByTestId("medications").getByTestId("entry").filter({ hasText: "Metformin 850 mg" });
    await mine.getByText("said for Alex Demo").waitFor();
    await mine.getByText("Written by you").waitFor();
    await page.getByRole("link", { name: "Readings" }).click();
    await page.getByTestId("add-reading").click();
    await page.getByTestId("reading-value").fill("143");
    await page.getByTestId("reading-save").click();
    await page.getByTestId("reading").filter({ hasText: "143 mg/dL" }).getByText("entered by Kim Demo").waitFor();
    await page.getByRole("link", { name: "Clinic" }).click();
    await page.getByText("Ask for an appointment for Alex Demo").waitFor();
    expect(faults).toEqual([]);
    await close();
  });
});

describe("the pages", () => {
  beforeAll(async () => {
    const latex = { substance: "Latex", reaction: "Hives" };
    const { id } = await patient<{ id: string }>("POST", `/patients/${patientId}/allergies`, latex);
    await patient("PUT", `/patients/${patientId}/allergies/${id}`, { ...latex, severity: "mild" }, { "if-match": '"1"' });
    await patient("POST", `/patients/${patientId}/readings`, { readings: [{ at: new Date().toISOString(), value: 62, unit: "mg/dL", type: "LUNCH", mealRelation: "before", sampleType: "capillary_whole_blood" }] });
  });

  for (const { name, theme, locale, isPhone } of LOOKS) {
    it(`are sound: ${name}`, { timeout: 120_000 }, async () => {
      await patient("PATCH", "/me", { locale });
      const portal = await openPage(browser, { colorScheme: theme, viewport: isPhone ? { width: 390, height: 844 } : { width: 1280, height: 900 }, reducedMotion: "reduce" });
      const { page } = portal;
      await signIn(page, islet);
      await page.goto(`${islet.origin}/record`);
      await settled(page);
      await page.locator("details").first().locator("summary").click();
      await card(page, "allergies").getByTestId("entry-versions").first().click();
      await page.getByTestId("versions").waitFor();
      await expectSound(portal, `portal record ${name}`);
      await page.getByTestId("medications-add").click();
      await expectSound(portal, `portal record form ${name}`);
      await page.goto(`${islet.origin}/record`);
      await page.getByTestId("member-add").click();
      await expectSound(portal, `portal record member ${name}`);
      await page.goto(`${islet.origin}/readings`);
      await page.getByTestId("reading").first().waitFor();
      await expectSound(portal, `portal readings ${name}`);
      await page.getByTestId("add-reading").click();
      await page.getByTestId("reading-value").fill("5.6");
      await page.getByTestId("reading-more").click();
      await page.getByTestId("unit-doubt").waitFor();
      await expectSound(portal, `portal readings form ${name}`);
      for (const path of ["", "appointments"]) {
        await page.goto(`${islet.origin}/${path}`);
        await expectSound(portal, `portal ${path || "today"} ${name}`);
      }
      await portal.close();
    });
  }
});
