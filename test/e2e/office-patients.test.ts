/** The list of patients and the day's overview in a real browser: found, filtered, ordered, tagged, reviewed by keyboard, and sound in every look. Requirement D6. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, LOOKS, openOffice, settled } from "./office-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 240_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const names = (page: Page): Promise<string[]> => page.locator("[data-patient-link]").allTextContents();

describe("the list of patients", () => {
  for (const look of LOOKS) {
    it(`is sound, and so is the day's overview: ${look.name}`, { timeout: 120_000 }, async () => {
      const office = await openOffice(browser, islet, { ...look, path: "/patients" });
      await office.page.locator("[data-patient-link]").first().waitFor();
      await office.page.getByTestId("filters").click();
      await office.page.getByTestId("filter-wearBelow").waitFor();
      await expectSound(office, `patients ${look.name}`);
      await office.page.goto(`${islet.origin}/office`);
      await office.page.getByTestId("attention").waitFor();
      await expectSound(office, `today ${look.name}`);
      await office.close();
    });
  }

  it("keeps filters in the address and not whom somebody looks for, and says why nothing is shown", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients" });
    const [name] = await (await page.locator("[data-patient-link]").first().waitFor(), names(page));
    await page.getByTestId("filters").click();
    await page.getByTestId("filter-noDataDays").fill("3000");
    await page.getByTestId("filter-chips").waitFor();
    await expect.poll(() => page.url()).toContain("noDataDays=3000");
    await page.reload();
    await page.getByTestId("filter-chips").getByRole("button", { name: "Reset filters" }).click();
    await expect.poll(() => names(page)).toContain(name);
    await page.getByTestId("search").fill("nobody of this name");
    await page.getByTestId("search").press("Enter");
    await page.getByTestId("empty").waitFor();
    expect(page.url()).not.toContain("nobody");
    await page.getByTestId("empty").getByRole("button", { name: "Clear the search" }).click();
    await expect.poll(() => names(page)).toContain(name);
    await page.getByTestId("sort-timeInRange").click();
    await expect.poll(() => page.url()).toContain("sort=timeInRange&order=asc");
    expect(faults).toEqual([]);
    await close();
  });

  it("is gone through by keyboard: reviewed, undone, opened", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients" });
    await page.locator("[data-patient-link]").first().waitFor();
    await page.getByTestId("patients-table").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("r");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    await page.locator("[data-patient-link]").first().focus();
    await page.keyboard.press("o");
    await page.getByTestId("mark-reviewed").waitFor();
    expect(page.url()).toContain("overview=");
    await page.keyboard.press("Escape");
    await page.getByTestId("mark-reviewed").waitFor({ state: "hidden" });
    await page.locator("[data-patient-link]").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/office\/patients\/[0-9a-f-]{36}/);
    await settled(page);
    expect(faults).toEqual([]);
    await close();
  });

  it("puts a tag on those who are selected, and takes it back", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients" });
    await page.locator("[data-patient-link]").first().waitFor();
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.getByTestId("bulk-tag").click();
    await page.getByLabel("New tag").fill("Pump");
    await page.getByRole("button", { name: "Make the tag" }).click();
    await page.getByRole("button", { name: "Put on: Pump" }).click();
    await page.locator("[data-patient]").first().getByText("Pump").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.locator("[data-patient]").getByText("Pump").count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });
});
