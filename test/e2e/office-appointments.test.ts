/** The appointment queue in a real browser: both themes, phone and desktop, both languages; a clinician's day with it, and two clinicians at once. Requirements D3, D6. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, LOOKS, openOffice } from "./office-kit.ts";
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

describe("the office's appointments", () => {
  it("appear by themselves on an empty board, as the demo's patients ask", { timeout: 180_000 }, async () => {
    const office = await openOffice(browser, islet, { path: "/appointments" });
    await office.page.getByTestId("call-now").first().waitFor({ timeout: 150_000 });
    await office.close();
  });

  for (const look of LOOKS) {
    it(`are sound, board, request and settings: ${look.name}`, { timeout: 90_000 }, async () => {
      const office = await openOffice(browser, islet, { ...look, path: "/appointments" });
      const { page } = office;
      await page.getByTestId("request").first().waitFor();
      await expectSound(office, `appointments ${look.name}`);
      if (look.isPhone) await page.getByRole("tab").nth(2).click();
      await page.locator("[data-testid=request][data-state=created] a").first().click();
      await page.getByTestId("resolution-form").waitFor();
      await expectSound(office, `appointment ${look.name}`);
      await page.getByTestId("request-close").click();
      await page.getByTestId("queue-settings").click();
      await page.getByTestId("queue-capacity").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(office.faults).toEqual([]);
      await office.close();
    });
  }

  it("[D3] are accepted, denied and resolved; another clinician's board shows it by itself, and who was slower hears who was faster", { timeout: 90_000 }, async () => {
    const [one, two] = [await openOffice(browser, islet, { path: "/appointments" }), await openOffice(browser, islet, { path: "/appointments" })];
    const card = (page: typeof one.page, name: string) => page.getByTestId("request").filter({ hasText: name });
    expect(await one.page.getByTestId("column-pending").getByTestId("request").first().textContent()).toContain("Call now");
    await card(one.page, "Berta Muestra").getByTestId("move-accept").click();
    await one.page.getByTestId("column-accepted").getByText("Berta Muestra").waitFor();
    // Without a reload.
    await two.page.getByTestId("column-accepted").getByText("Berta Muestra").waitFor();
    // What the second sees is old when they act: the line is held back from hearing of it.
    await two.page.route("**/api/v1/appointments?**", (route) => route.abort());
    await two.page.route("**/api/v1/clinic/live", (route) => route.abort());
    await card(one.page, "Jonas Sample").getByTestId("move-deny").click();
    await one.page.getByTestId("deny-reason").fill("Please write to us instead.");
    await one.page.getByTestId("confirm").click();
    await card(one.page, "Jonas Sample").waitFor({ state: "detached" });
    await card(two.page, "Jonas Sample").getByTestId("move-accept").click();
    await two.page.getByText(/Nothing was done: Robin Demo was faster/).waitFor();
    await card(one.page, "Elena Maqueta").getByTestId("move-resolve").click();
    await one.page.getByTestId("resolution-text").fill("Words of a clinician.\nIn two lines.");
    await one.page.getByTestId("resolution-send").click();
    await one.page.getByText("Version 1 by Robin Demo").waitFor();
    await one.page.getByTestId("request-close").click();
    await one.page.getByTestId("column-ended").getByText("Elena Maqueta").waitFor();
    await Promise.all([one.close(), two.close()]);
  });

  it("[D3] the queue is made smaller, cleared by whoever writes its number, and brought back", { timeout: 90_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/appointments", who: "admin" });
    expect(await page.getByTestId("request").count()).toBe(0);
    await page.getByTestId("queue-settings").click();
    await page.getByTestId("queue-capacity").fill("3");
    await page.getByTestId("confirm").click();
    await expect.poll(() => page.getByTestId("queue-use").textContent()).toMatch(/of 3 places taken/);
    const [, active] = /^(\d+) of/.exec((await page.getByTestId("queue-use").textContent())!)!;
    await page.getByTestId("queue-clear").click();
    await page.getByTestId("confirm-typed").fill(`${active!}0`);
    expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
    await page.getByTestId("confirm-typed").fill(active!);
    await page.getByTestId("confirm").click();
    await expect.poll(() => page.getByTestId("queue-use").textContent()).toBe("0 of 3 places taken");
    await page.getByTestId("queue-undo").click();
    await expect.poll(() => page.getByTestId("queue-use").textContent()).toBe(`${active!} of 3 places taken`);
    expect(faults).toEqual([]);
    await close();
  });
});
