/** What a clinic sets for itself, and its day at a glance, in a real browser: rules, tags, putting patients off, requests of today, how connections do. Requirement D6. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { areasOf, expectSound, LOOKS, openOffice, settled } from "./office-kit.ts";
import { accessibilityFaults } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet({ environment: { ISLET_DEMO_PATIENTS: "9" } }), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const firstToPutOff = (page: Page) => page.getByTestId("attention-patient").filter({ has: page.getByTestId("put-off") }).first();

describe("the clinic's settings and the day at a glance", () => {
  it("[D6] lists by itself who gave details and waits for an answer, with motives, each a link to the request", { timeout: 200_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet);
    await expect.poll(() => page.getByTestId("created").count(), { timeout: 180_000 }).toBe(2);
    const first = page.getByTestId("created").first();
    expect(await first.locator(".MuiChip-root").allTextContents()).toContain("Hyperglycaemia");
    await first.getByRole("link").click();
    await page.getByTestId("resolution-form").waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  for (const look of LOOKS) {
    it(`are sound: ${look.name}`, { timeout: 180_000 }, async () => {
      const office = await openOffice(browser, islet, { ...look, path: "/clinic" });
      const { page } = office;
      await page.getByTestId("rule-veryLow").waitFor();
      await expectSound(office, `clinic rules ${look.name}`);
      await page.goto(`${islet.origin}/office/clinic/tags`);
      await settled(page);
      await expectSound(office, `clinic tags ${look.name}`);
      await page.getByTestId("make-tag").click();
      await page.getByTestId("tag-name").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.goto(`${islet.origin}/office`);
      await page.getByTestId("attention").waitFor();
      await expectSound(office, `today clinician ${look.name}`);
      await firstToPutOff(page).getByTestId("put-off").click();
      await page.getByTestId("put-off-reason").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(office.faults).toEqual([]);
      await office.close();
      const admin = await openOffice(browser, islet, { ...look, who: "admin" });
      await admin.page.getByTestId("today-vendors").waitFor();
      await expectSound(admin, `today admin ${look.name}`);
      await admin.close();
    });
  }
});

describe("attention rules", () => {
  it("[D6] say what they would be while they are typed, refuse what no group could hold, are saved and given back", { timeout: 90_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/clinic/rules" });
    const low = page.getByTestId("rule-low");
    await page.getByTestId("number-lowPercent").fill("6");
    expect(await low.textContent()).toContain("6 % or more of readings below 70 mg/dL");
    await page.getByTestId("number-lowPercent").fill("60");
    expect(await page.getByTestId("number-lowPercent").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByTestId("save-rules").isDisabled()).toBe(true);
    await page.getByTestId("number-lowPercent").fill("6.5");
    await page.getByTestId("save-rules").click();
    await page.getByTestId("rules-changed").waitFor();
    await page.reload();
    await expect.poll(() => page.getByTestId("number-lowPercent").inputValue()).toBe("6.5");
    await page.goto(`${islet.origin}/office`);
    await page.getByTestId("group-low").getByText("6.5 % or more of readings below 70 mg/dL").waitFor();
    await page.getByRole("link", { name: "Change the rules" }).click();
    await page.getByTestId("default-lowPercent").click();
    await page.getByTestId("save-rules").click();
    await expect.poll(() => page.getByTestId("number-lowPercent").inputValue()).toBe("4");
    expect(faults).toEqual([]);
    await close();
  });

  it("tell who comes late who was faster, and keep what was typed beside what it is now", { timeout: 90_000 }, async () => {
    const [one, two] = [await openOffice(browser, islet, { path: "/clinic/rules" }), await openOffice(browser, islet, { path: "/clinic/rules" })];
    await two.page.getByTestId("number-noDataDays").waitFor();
    await one.page.getByTestId("number-noDataDays").fill("5");
    await one.page.getByTestId("save-rules").click();
    await one.page.getByText("Saved.").waitFor();
    await two.page.getByTestId("number-noDataDays").fill("7");
    await two.page.getByTestId("save-rules").click();
    await two.page.getByTestId("rules-conflict").getByText("changed the rules meanwhile").waitFor();
    await two.page.getByTestId("rule-noData").getByText("Now: 5 days.").waitFor();
    expect(await two.page.getByTestId("number-noDataDays").inputValue()).toBe("7");
    await two.page.getByTestId("save-rules").click();
    await two.page.getByText("Saved.").waitFor();
    await two.page.getByTestId("all-defaults").click();
    await two.page.getByTestId("save-rules").click();
    await expect.poll(() => two.page.getByTestId("number-noDataDays").inputValue()).toBe("3");
    await Promise.all([one.close(), two.close()]);
  });

  it("are the clinicians' own", { timeout: 60_000 }, async () => {
    const { page, close } = await openOffice(browser, islet, { who: "admin" });
    expect(await areasOf(page)).toEqual(["Today", "Appointments", "Administration"]);
    await close();
  });
});

describe("tags", () => {
  it("[D6] are made, renamed and recoloured; a name that is taken is said at its field; who deletes one reads how many carry it", { timeout: 120_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/clinic/tags" });
    const make = async (name: string): Promise<void> => {
      await page.getByTestId("make-tag").click();
      await page.getByTestId("tag-name").fill(name);
      await page.getByTestId("confirm").click();
    };
    await make("Bomba");
    const row = (name: string) => page.getByTestId("tag").filter({ hasText: name });
    await row("Bomba").waitFor();
    await make("bomba");
    await page.getByText("There is a tag of this name already.").waitFor();
    expect(await page.getByTestId("tag-name").getAttribute("aria-invalid")).toBe("true");
    await page.getByRole("button", { name: "Cancel" }).click();
    await row("Bomba").getByRole("button", { name: "Edit the tag Bomba" }).click();
    await page.getByTestId("tag-name").fill("Bomba de insulina");
    await page.getByLabel("Plum").check();
    await page.getByTestId("confirm").click();
    await row("Bomba de insulina").waitFor();

    await page.goto(`${islet.origin}/office/patients`);
    await page.locator("[data-patient-link]").first().waitFor();
    await page.getByRole("checkbox", { name: /^Select (?!all)/ }).first().check();
    await page.getByTestId("bulk-tag").click();
    await page.getByRole("button", { name: "Put on: Bomba de insulina" }).click();
    await page.getByText("put on 1").waitFor();
    await page.goto(`${islet.origin}/office/clinic/tags`);
    await row("Bomba de insulina").getByRole("link", { name: /Show those whom I see/ }).click();
    await expect.poll(() => page.locator("[data-patient-link]").count()).toBe(1);
    await page.goBack();
    await row("Bomba de insulina").getByRole("button", { name: "Delete the tag Bomba de insulina" }).click();
    await page.getByText("1 patient of the clinic carries it and loses it").waitFor();
    await page.getByTestId("confirm").click();
    await expect.poll(() => row("Bomba de insulina").count()).toBe(0);
    expect(faults.filter((fault) => !/409|Conflict/.test(fault))).toEqual([]);
    await close();
  });
});

describe("who needs a look first", () => {
  it("[D6] is put off with a reason and a day, taken back at once, put off again and shown again", { timeout: 120_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet);
    await page.getByTestId("attention").waitFor();
    const name = (await firstToPutOff(page).getByRole("link").textContent())!;
    const listed = () => page.getByTestId("attention-patient").filter({ hasText: name });
    const putOff = async (): Promise<void> => {
      await listed().first().getByTestId("put-off").click();
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("put-off-reason").fill("Seen on Monday");
      await page.getByRole("button", { name: "14 days" }).click();
      await page.getByTestId("confirm").click();
      await expect.poll(() => listed().count()).toBe(0);
    };
    await listed().first().getByTestId("put-off").click();
    await page.getByTestId("put-off-until").fill("2020-01-01");
    await page.getByTestId("put-off-reason").fill("Seen on Monday");
    expect(await page.getByTestId("put-off-until").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Cancel" }).click();
    await putOff();
    await page.getByTestId("put-off-now").getByText("Seen on Monday").waitFor();
    await page.getByTestId("undo-review").click();
    await listed().first().waitFor();
    expect(await page.getByTestId("put-off-now").count()).toBe(0);
    await putOff();
    await expectSound({ page, faults, close }, "today with who is put off");
    await page.getByTestId("put-off-now").getByTestId("show-again").click();
    await listed().first().waitFor();
    expect(faults).toEqual([]);
    await close();
  });
});

describe("the overview beside the list", () => {
  it("[D6] puts a patient off, too, and takes it back", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients" });
    await page.locator("[data-patient]").filter({ hasText: "Berta Muestra" }).getByRole("button", { name: /overview/i }).click();
    await page.getByTestId("overview").getByTestId("put-off").click();
    await page.getByTestId("put-off-reason").fill("Seen on Monday");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("confirm").click();
    await page.getByTestId("overview").getByText(/Put off until .*: Seen on Monday/).waitFor();
    await page.getByTestId("undo-review").click();
    await page.getByTestId("overview").getByText(/Seen on Monday/).waitFor({ state: "detached" });
    expect(faults).toEqual([]);
    await close();
  });
});

describe("the day at a glance", () => {
  it("leads an admin to the vendors in use and to what waits in the inbox", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { who: "admin" });
    await page.getByTestId("today-vendors").getByRole("link", { name: "Active" }).click();
    await settled(page);
    expect(page.url()).toContain("/administration/vendors?show=used");
    await page.goBack();
    await page.getByTestId("today-inbox").getByRole("link", { name: "Of these failed" }).click();
    await settled(page);
    expect(await page.getByTestId("inbox-state").textContent()).toContain("failed, tried again");
    expect(faults).toEqual([]);
    await close();
  });
});
