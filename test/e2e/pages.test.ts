/** Every page of the portal: usable by anybody, on a phone and a desk, in both languages and themes, with data and without. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { accessibilityFaults, connect, openPage, signIn } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const PAGES = ["/", "/trends", "/readings", "/record", "/appointments", "/connections"];

async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expect.poll(() => page.getByTestId("skeleton").count(), { timeout: 15_000 }).toBe(0);
}

/** Width of what sticks out to the right; a page may not scroll sideways. */
const overflow = (page: Page): Promise<number> => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** Every colour of the stylesheet as it is in force. */
const colours = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(`(() => {
    const style = getComputedStyle(document.documentElement);
    const names = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules]).filter((rule) => rule.selectorText === ":root").flatMap((rule) => [...rule.style]);
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name)]));
  })()`);

describe("the portal", () => {
  it("lets a person sign in with the keyboard alone, and tells wrong words kindly", async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${islet.origin}/`);
    await page.getByTestId("sign-in-email").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("sign-in-email").focus();
    await page.keyboard.type("patient@demo.islet");
    await page.keyboard.press("Tab");
    await page.keyboard.type("not the password");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").first().waitFor();
    expect(await page.getByRole("alert").first().innerText()).toContain("not right");
    expect(await page.getByTestId("sign-in-email").inputValue()).toBe("patient@demo.islet");
    await close();
  }, 40_000);

  it("says what to do while nothing is connected", async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await settled(page);
    expect(await page.locator("main").innerText()).toContain("Connect a device");
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  }, 40_000);

  it("answers a page it does not know with its own, and what is no page with 404", async () => {
    const { page, close } = await openPage(browser);
    const reply = await page.goto(`${islet.origin}/api/v1/nothing`);
    expect(reply?.status()).toBe(404);
    expect((await page.goto(`${islet.origin}/assets/nothing.js`))?.status()).toBe(404);
    expect((await page.goto(`${islet.origin}/trends`))?.status()).toBe(200);
    await close();
  });

  it("has no accessibility faults, no sideways scrolling and no script faults on any page, in both themes, on a phone and a desk", async () => {
    const first = await openPage(browser);
    await signIn(first.page, islet);
    await connect(first.page, islet, "dexcom");
    await connect(first.page, islet, "garmin");
    await first.page.goto(`${islet.origin}/`);
    await first.page.getByTestId("current-value").first().waitFor();
    await first.page.getByTestId("sleep-duration").waitFor({ timeout: 30_000 });
    await first.close();
    for (const [colorScheme, width] of [["light", 1280], ["dark", 360], ["light", 320]] as const) {
      const { page, faults, close } = await openPage(browser, { colorScheme, viewport: { width, height: 800 } });
      await signIn(page, islet);
      for (const path of PAGES) {
        await page.goto(islet.origin + path);
        await settled(page);
        const where = `${path} ${colorScheme} ${width}`;
        expect(await accessibilityFaults(page), where).toEqual([]);
        expect(await overflow(page), where).toBeLessThanOrEqual(0);
      }
      expect(faults).toEqual([]);
      await close();
    }
  }, 180_000);

  it("gives a chosen appearance the very colours of a device of that kind", async () => {
    const light = await openPage(browser, { colorScheme: "light" });
    const dark = await openPage(browser, { colorScheme: "dark" });
    for (const { page } of [light, dark]) {
      await page.goto(`${islet.origin}/`);
      await page.getByTestId("sign-in-email").waitFor();
    }
    const ofLight = await colours(light.page);
    const ofDark = await colours(dark.page);
    expect(Object.keys(ofLight).filter((name) => ofLight[name] !== ofDark[name]).length).toBeGreaterThan(30);
    await light.page.getByRole("radio", { name: "Dark" }).check();
    await expect.poll(() => colours(light.page)).toEqual(ofDark);
    await dark.page.getByRole("radio", { name: "Light" }).check();
    await expect.poll(() => colours(dark.page)).toEqual(ofLight);
    await light.close();
    await dark.close();
  }, 40_000);

  it("speaks Spanish from the first page on", async () => {
    const { page, close } = await openPage(browser, { locale: "es-AR" });
    await page.goto(`${islet.origin}/`);
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("es");
    await page.getByTestId("sign-in-email").waitFor();
    expect(await page.locator("body").innerText()).toMatch(/contraseña/i);
    await close();
  });

  it("shows a clinician the patient that was granted, and nobody else's", async () => {
    const { page, close } = await openPage(browser);
    await signIn(page, islet, "clinician@demo.islet");
    await settled(page);
    await page.getByTestId("current-value").first().waitFor({ timeout: 15_000 });
    expect(await page.locator("body").innerText()).toContain("Alex Demo");
    await close();
  }, 40_000);

  it("shows an old value as old", async () => {
    const { page, close } = await openPage(browser);
    await page.route("**/glucose/latest", async (route) => {
      const reply = await route.fetch();
      const latest = (await reply.json()) as { reading: { at: string; ageSeconds: number; isStale: boolean } };
      const at = new Date(Date.parse(latest.reading.at) - 40 * 60_000).toISOString();
      await route.fulfill({ response: reply, json: { ...latest, reading: { ...latest.reading, at, ageSeconds: latest.reading.ageSeconds + 2_400, isStale: true } } });
    });
    await signIn(page, islet);
    await page.getByTestId("current-stale").waitFor({ timeout: 15_000 });
    await close();
  }, 40_000);
});
