/** A patient's readings, clinical history, documents and care team in a real browser against the real process. D5, D6; issue "Clinical history". */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, LOOKS, openOffice, settled } from "./office-kit.ts";

let islet: RunningIslet;
let browser: Browser;
let patientId: string;

/** What the clinician's API answers. */
async function ask<T>(path: string, token: string): Promise<T> {
  return (await (await fetch(`${islet.origin}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T;
}

beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet({ environment: { ISLET_DEMO_PATIENTS: "1" } }), launchBrowser()]);
  const answer = await fetch(`${islet.origin}/api/v1/tokens`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: "clinician@demo.islet", password: islet.demoPassword }) });
  const { accessToken } = (await answer.json()) as { accessToken: string };
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

describe("the clinical history", () => {
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
