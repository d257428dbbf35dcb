/** A patient's readings, clinical history, documents and care team in a real browser against the real process. D5, D6; issue "Clinical history". */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, LOOKS, openOffice, settled } from "./office-kit.ts";
import { accessibilityFaults } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
let patientId: string;
let clinicianToken: string;

/** What the clinician's API answers. */
async function ask<T>(path: string, token: string): Promise<T> {
  return (await (await fetch(`${islet.origin}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T;
}

async function tokenOf(who: "clinician" | "admin"): Promise<string> {
  const answer = await fetch(`${islet.origin}/api/v1/tokens`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: `${who}@demo.islet`, password: islet.demoPassword }) });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet({ environment: { ISLET_DEMO_PATIENTS: "1" } }), launchBrowser()]);
  const accessToken = await tokenOf("clinician");
  clinicianToken = accessToken;
  // The demo's clinic comes up in the background.
  await vi.waitFor(async () => {
    const { data } = await ask<{ data: { id: string; displayName: string }[] }>("/patients", accessToken);
    patientId = data.find(({ displayName }) => displayName !== "Alex Demo")!.id;
    expect((await ask<{ data: object[] }>(`/patients/${patientId}/readings?days=30`, accessToken)).data.length).toBeGreaterThan(40);
  }, { timeout: 60_000, interval: 250 });
}, 120_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const TABS = ["readings", "history", "documents", "care-team"] as const;
const open = (tab: (typeof TABS)[number], look = {}) => openOffice(browser, islet, { ...look, path: `/patients/${patientId}/${tab}` });
const count = (page: Page, id: string): Promise<number> => page.getByTestId(id).count();

describe("a patient's page", () => {
  for (const look of LOOKS) {
    it(`is sound on each of these tabs: ${look.name}`, { timeout: 120_000 }, async () => {
      const office = await open("readings", look);
      for (const tab of TABS) {
        await office.page.goto(`${islet.origin}/office/patients/${patientId}/${tab}`);
        await expectSound(office, `history ${tab} ${look.name}`);
      }
      await office.close();
    });
  }
});

describe("readings", () => {
  it("stand as cards below their dates, five a row on a desktop and one on a phone, each with shape and word", { timeout: 60_000 }, async () => {
    for (const [isPhone, columns] of [[false, 5], [true, 1]] as const) {
      const { page, close } = await open("readings", { isPhone });
      await settled(page);
      const rows = await page.evaluate<number>("getComputedStyle(document.querySelector('[data-testid=reading]').parentElement).gridTemplateColumns.split(' ').length");
      // The menu takes room of a desktop of 1366 px; from 1200 px on there are five.
      expect(rows).toBe(columns);
        const card = page.getByTestId("reading").first();
      const band = await card.locator("svg[data-band]").getAttribute("data-band");
      expect(await card.textContent()).toContain({ low: "low", target: "in range", high: "high" }[band!]);
      await close();
    }
  });

  it("are added with the unit asked about, deleted, and brought back", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await open("readings");
    await settled(page);
    const before = await count(page, "reading");
    await page.getByTestId("add-reading").click();
    await page.getByTestId("reading-value").fill("5.6");
    await page.getByTestId("unit-doubt").waitFor();
    expect(await page.getByTestId("save-reading").isDisabled()).toBe(true);
    await page.getByTestId("unit-doubt").getByRole("button", { name: "mmol/L" }).click();
    await page.getByTestId("save-reading").click();
    await expect.poll(() => count(page, "reading")).toBe(before + 1);
    expect(await page.getByTestId("reading").first().textContent()).toContain("101 mg/dL");
    await page.getByTestId("delete-reading").first().click();
    await expect.poll(() => count(page, "reading")).toBe(before);
    await page.getByTestId("undo-delete").click();
    await expect.poll(() => count(page, "reading")).toBe(before + 1);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("readings beyond a page", () => {
  const shown = (page: Page): Promise<string | null> => page.getByTestId("readings-shown").textContent();

  it("[D5] come below those that are there, all of them, with the place kept through a deletion and a reload of the page's period", { timeout: 120_000 }, async () => {
    // Older than what the demo has, so that the days are known.
    const from = Date.UTC(new Date().getUTCFullYear() - 1, new Date().getUTCMonth() + 2, 1);
    const [first, end] = [new Date(from).toISOString().slice(0, 10), new Date(from + 60 * 86_400_000).toISOString().slice(0, 10)];
    const readings = Array.from({ length: 720 }, (_, index) => ({ at: new Date(from + 86_400_000 + index * 2 * 3_600_000 / 1.5).toISOString(), value: 80 + (index % 120), unit: "mg/dL", type: "LUNCH" }));
    const stored = await fetch(`${islet.origin}/api/v1/patients/${patientId}/readings`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${clinicianToken}` }, body: JSON.stringify({ readings }) });
    expect(stored.status).toBe(201);
    const { page, faults, close } = await open("readings");
    await page.getByRole("combobox", { name: "Period" }).click();
    await page.getByRole("option", { name: "Dates" }).click();
    await page.getByTestId("readings-first").fill(end);
    await page.getByTestId("readings-last").fill(first);
    await page.getByText("The last day lies before the first.").waitFor();
    await page.getByTestId("readings-first").fill(first);
    await page.getByTestId("readings-last").fill(end);
    await page.getByTestId("readings-show").click();
    await expect.poll(() => shown(page)).toBe("200 readings shown so far");
    await settled(page);
    for (const so of ["400 readings shown so far", "600 readings shown so far"]) {
      await page.getByTestId("readings-more").scrollIntoViewIfNeeded();
      // Days come into being as they come into sight.
      await page.waitForTimeout(300);
      const last = page.getByTestId("reading").nth((await count(page, "reading")) - 1);
      const place = async (): Promise<number> => (await last.boundingBox())!.y;
      const before = await place();
      const started = performance.now();
      await page.getByTestId("readings-more").click();
      await expect.poll(() => shown(page), { interval: 20 }).toBe(so);
      expect(performance.now() - started, `milliseconds until ${so}`).toBeLessThan(4_000);
      // Nobody is led away from where they read.
      expect(Math.abs((await place()) - before)).toBeLessThan(60);
    }
    await page.getByTestId("readings-more").click();
    await expect.poll(() => shown(page)).toBe("Those are all 720 readings.");
    expect(await count(page, "reading")).toBe(720);
    expect(await page.getByTestId("readings-more").count()).toBe(0);
    await page.getByTestId("delete-reading").last().click();
    await expect.poll(() => shown(page)).toBe("Those are all 719 readings.");
    await page.getByTestId("undo-delete").click();
    await expect.poll(() => shown(page)).toBe("Those are all 720 readings.");
    // To another tab and back, and through a reload.
    await page.getByTestId("tab-history").click();
    await settled(page);
    await page.getByTestId("tab-readings").click();
    await expect.poll(() => shown(page)).toBe("Those are all 720 readings.");
    await page.reload();
    await expect.poll(() => shown(page)).toBe("200 readings shown so far");
    expect(faults).toEqual([]);
    await close();
  });

  it("[D5] are called what the clinic calls its meals, wherever they are shown", { timeout: 60_000 }, async () => {
    const token = await tokenOf("admin");
    const organization = await fetch(`${islet.origin}/api/v1/organization`, { headers: { authorization: `Bearer ${token}` } });
    const changed = await fetch(`${islet.origin}/api/v1/organization`, {
      method: "PATCH", headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "if-match": organization.headers.get("etag")! }, body: JSON.stringify({ mealLabels: { en: { LUNCH: "Midday meal" } } }),
    });
    expect(changed.status).toBe(200);
    const { page, faults, close } = await open("readings");
    await settled(page);
    await page.getByRole("combobox", { name: "Type" }).click();
    await page.getByRole("option", { name: "Midday meal" }).click();
    await settled(page);
    await expect.poll(() => page.getByTestId("reading-type").first().textContent()).toBe("Midday meal");
    expect(new URL(page.url()).searchParams.get("readingsType")).toBe("LUNCH");
    await page.getByTestId("add-reading").click();
    await page.getByRole("combobox", { name: "Type" }).click();
    await page.getByRole("option", { name: "Midday meal" }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it("that cannot be are not stored, and said so where they were typed", { timeout: 60_000 }, async () => {
    const { page, close } = await open("readings");
    await settled(page);
    await page.getByTestId("add-reading").click();
    await page.getByTestId("save-reading").click();
    await page.getByText("A number, e.g. 104 or 5.8.").waitFor();
    await page.getByTestId("reading-value").fill("9000");
    await page.getByTestId("save-reading").click();
    await page.getByTestId("reading-refused").waitFor();
    await page.getByText("No meter shows that: is the unit right?").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await close();
  });
});

describe("the clinical history", () => {
  it("says by field what a form lacks", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await open("history", { isPhone: true });
    await settled(page);
    await page.getByTestId("add-conditions").click();
    await page.getByTestId("field-code").fill("E10");
    await page.getByTestId("field-onset").fill("2026-03-02");
    await page.getByTestId("field-end").fill("2026-03-01");
    await page.getByTestId("save-entry").click();
    for (const words of ["This is needed.", "A code needs both: its list and itself.", "The end lies before the beginning."]) await page.getByText(words).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("field-name").fill("Type 1 diabetes");
    await page.getByTestId("field-codeSystem").fill("ICD-10");
    await page.getByTestId("field-end").fill("");
    // What only the server knows is marked where it is, too.
    await page.getByTestId("field-note").fill("Pasted\u0001from elsewhere");
    await page.getByTestId("save-entry").click();
    await page.getByText("This cannot be: look it over.").waitFor();
    await page.getByTestId("field-note").fill("");
    await page.getByTestId("save-entry").click();
    await page.getByTestId("conditions").getByText("ICD-10 E10").waitFor();
    // What holds now stands in the head.
    await page.getByTestId("facts-open").click();
    await expect.poll(() => page.getByTestId("patient-conditions").textContent()).toContain("Type 1 diabetes");
    expect(faults.filter((fault) => !/400/.test(fault))).toEqual([]);
    await close();
  });

  it("is written, changed, shown with its versions, and marked as entered in error", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await open("history");
    await settled(page);
    const section = page.getByTestId("allergies");
    await page.getByTestId("add-allergies").click();
    await page.getByTestId("field-substance").fill("Latex");
    await page.getByTestId("save-entry").click();
    const entry = section.getByTestId("entry").filter({ hasText: "Latex" });
    await entry.waitFor();
    await entry.getByTestId("entry-change").click();
    await page.getByTestId("field-reaction").fill("wheals");
    await page.getByTestId("save-entry").click();
    await section.getByText("wheals").waitFor();
    await entry.getByTestId("entry-versions").click();
    await expect.poll(() => count(page, "version")).toBe(2);
    await page.getByRole("button", { name: "Close" }).click();
    await entry.getByTestId("entry-strike").click();
    await page.getByTestId("confirm").click();
    await expect.poll(() => entry.count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it("keeps what was typed where somebody else was faster, beside what they wrote", { timeout: 60_000 }, async () => {
    const { page, close } = await open("history");
    await settled(page);
    await page.getByTestId("add-procedures").click();
    await page.getByTestId("field-name").fill("Foot examination");
    await page.getByTestId("save-entry").click();
    const entry = page.getByTestId("procedures").getByTestId("entry").filter({ hasText: "Foot examination" });
    await entry.getByTestId("entry-change").click();
    const { data } = await ask<{ data: { id: string; name: string }[] }>(`/patients/${patientId}/procedures`, clinicianToken);
    const { id } = data.find(({ name }) => name === "Foot examination")!;
    const faster = await fetch(`${islet.origin}/api/v1/patients/${patientId}/procedures/${id}`, {
      method: "PUT", headers: { "content-type": "application/json", authorization: `Bearer ${clinicianToken}`, "if-match": '"1"' }, body: JSON.stringify({ name: "Foot examination", date: null, code: null, note: "Both feet." }),
    });
    expect(faster.status).toBe(200);
    await page.getByTestId("field-note").fill("The left foot.");
    await page.getByTestId("save-entry").click();
    await page.getByTestId("changed-meanwhile").getByText("Both feet.").waitFor();
    expect(await page.getByTestId("field-note").inputValue()).toBe("The left foot.");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("save-entry").click();
    await entry.getByText("The left foot.").waitFor();
    expect(await entry.getByTestId("entry-versions").textContent()).toBe("Version 3");
    await close();
  });

  it("takes a document and gives it out to be saved", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await open("documents");
    await settled(page);
    await page.getByTestId("add-documents").click();
    await page.getByTestId("document-input").setInputFiles({ name: "laboratory.pdf", mimeType: "application/pdf", buffer: pdf(ONE_PAGE) });
    await page.getByTestId("field-title").fill("Laboratory");
    await page.getByRole("combobox", { name: "Kind" }).click();
    await page.getByRole("option", { name: "Laboratory" }).click();
    await page.getByTestId("save-entry").click();
    await page.getByTestId("document-file").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("document-file").click()]);
    expect(download.suggestedFilename()).toBe("laboratory.pdf");
    expect(faults).toEqual([]);
    await close();
  });
});
