/** A patient's way through the appointment queue in a real browser, with the clinic on the other side; every look of the page. Requirements D3, D4. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, openOffice } from "./office-kit.ts";
import { openPage, signIn } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const LOOKS = [{ colorScheme: "light", viewport: { width: 1280, height: 900 } }, { colorScheme: "dark", viewport: { width: 390, height: 844 } }] as const;

/** The state that the page shows in its heading. */
const stateOf = (page: Page) => page.getByTestId("request").getByRole("heading", { level: 2 }).first();

describe("a patient's appointment", () => {
  it("[D3] [D4] is asked for, accepted, told in detail with a PDF, and answered, each side without a reload", { timeout: 120_000 }, async () => {
    const portal = await openPage(browser);
    const { page } = portal;
    await signIn(page, islet);
    await page.goto(`${islet.origin}/appointments`);
    await page.getByTestId("emergency").waitFor();
    await page.getByTestId("motive-ketosis").check();
    await page.getByTestId("emergency-now").waitFor();
    await page.getByTestId("motive-questions").check();
    await page.getByTestId("ask-submit").click();
    await expect.poll(() => stateOf(page).textContent()).toBe("Waiting for an answer");
    expect(await page.getByTestId("request-position").textContent()).toContain("number 1");
    await page.getByTestId("emergency-now").waitFor();

    const office = await openOffice(browser, islet, { path: "/appointments" });
    await office.page.getByTestId("call-now").waitFor();
    await office.page.getByTestId("move-accept").click();
    await expect.poll(() => stateOf(page).textContent()).toBe("Accepted: tell the details");
    await page.getByTestId("file-add").setInputFiles({ name: "control data.pdf", mimeType: "application/pdf", buffer: pdf(ONE_PAGE) });
    await page.getByRole("link", { name: "control data.pdf" }).waitFor();
    await page.getByTestId("file-add").setInputFiles({ name: "program.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ no PDF at all") });
    await page.getByText("This is no PDF that can be taken").waitFor();
    await page.getByTestId("detail-glucoseObjective").fill("6.5");
    expect(await page.getByTestId("details-submit").isDisabled()).toBe(true);
    await page.getByTestId("detail-glucoseObjective").fill("110");
    await page.getByTestId("detail-insulinType").fill("Glargine");
    await page.getByTestId("detail-dose").fill("18 U at night");
    await page.getByTestId("details-submit").click();
    await expect.poll(() => stateOf(page).textContent()).toBe("Waiting for the clinic's words");

    await office.page.getByTestId("move-resolve").click();
    await office.page.getByText("18 U at night").waitFor();
    const download = office.page.waitForEvent("download");
    await office.page.getByRole("link", { name: "control data.pdf" }).click();
    expect((await download).suggestedFilename()).toBe("control data.pdf");
    await office.page.getByTestId("resolution-text").fill("Let us look at your nights together.");
    await office.page.getByTestId("resolution-send").click();
    await page.getByText("Let us look at your nights together.").waitFor();
    await page.getByText("Robin Demo's own words. Islet computes no dose.").waitFor();
    await page.getByTestId("ask").waitFor();
    // What the server refused is what the browser complains of.
    expect([...portal.faults, ...office.faults].filter((fault) => !/status of 415/.test(fault))).toEqual([]);
    await Promise.all([portal.close(), office.close()]);
  });

  for (const look of LOOKS) {
    it(`is sound on a ${look.viewport.width} px page, ${look.colorScheme}: asking, and waiting`, { timeout: 90_000 }, async () => {
      const portal = await openPage(browser, { ...look, reducedMotion: "reduce" });
      const { page } = portal;
      await signIn(page, islet);
      await page.goto(`${islet.origin}/appointments`);
      await page.getByTestId("ask").waitFor();
      await page.getByTestId("motive-hypoglycaemia").check();
      await page.getByTestId("motive-severe").check();
      await expectSound(portal, `portal appointments ask ${look.colorScheme}`);
      await page.getByTestId("ask-submit").click();
      await page.getByTestId("request-position").waitFor();
      await expectSound(portal, `portal appointments waiting ${look.colorScheme}`);
      await page.getByTestId("request-cancel").click();
      await page.getByTestId("request-cancel-yes").click();
      await page.getByTestId("ask").waitFor();
      await portal.close();
    });
  }
});
