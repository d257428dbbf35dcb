/** The office's frame in a real browser against the real process: who gets in, words, units, looks, and the end of a session. Requirement D6. */
import { Secret, TOTP } from "otpauth";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { areasOf, chooseLanguage, expectSound, LOOKS, openOffice, settled } from "./office-kit.ts";
import { openPage } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

describe("the office's page", () => {
  it("allows no script and no style but its own, and the styles of its components by a nonce of this one answer", async () => {
    const answers = await Promise.all([0, 1].map(() => fetch(`${islet.origin}/office/patients/any`)));
    const nonces = await Promise.all(answers.map(async (answer) => {
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const policy = answer.headers.get("content-security-policy")!;
      const [, nonce] = /style-src 'self' 'nonce-([A-Za-z0-9+/]{22}==)'/.exec(policy)!;
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain("unsafe");
      expect(await answer.text()).toContain(`<meta name="style-nonce" content="${nonce}" />`);
      return nonce;
    }));
    expect(nonces[0]).not.toBe(nonces[1]);
    expect((await fetch(`${islet.origin}/`)).headers.get("content-security-policy")).toContain("style-src 'self';");
  });

  it("is for staff: a patient is sent to the portal", async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${islet.origin}/office`);
    await page.getByTestId("sign-in-email").fill("patient@demo.islet");
    await page.getByTestId("sign-in-password").fill(islet.demoPassword);
    await page.getByTestId("sign-in-submit").click();
    await page.getByRole("link", { name: "To the portal" }).waitFor();
    expect(await areasOf(page)).toEqual([]);
    await close();
  });

  for (const look of LOOKS) {
    it(`is sound: ${look.name}`, { timeout: 60_000 }, async () => {
      const office = await openOffice(browser, islet, look);
      await expectSound(office, `frame ${look.name}`);
      await office.close();
    });
  }

  it("keeps language and unit with the account, and the appearance with the browser", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet);
    await page.getByTestId("unit").click();
    await expect.poll(() => page.getByTestId("unit").textContent()).toBe("mmol/L");
    await chooseLanguage(page, "es");
    await page.getByRole("button", { name: /claro y oscuro/i }).click();
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.reload();
    await settled(page);
    expect(await page.locator("html").getAttribute("lang")).toBe("es");
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    expect(await page.getByTestId("unit").textContent()).toBe("mmol/L");
    await page.getByTestId("unit").click();
    await expect.poll(() => page.getByTestId("unit").textContent()).toBe("mg/dL");
    await chooseLanguage(page, "en");
    expect(faults).toEqual([]);
    await close();
  });
});

describe("signing in at the office", () => {
  it("warns two minutes before a session ends for want of its person, and lets them stay", { timeout: 60_000 }, async () => {
    const office = await openOffice(browser, islet);
    const { page } = office;
    await page.clock.install();
    await page.reload();
    await settled(page);
    await page.clock.fastForward("12:00");
    expect(await page.getByTestId("idle-warning").count()).toBe(0);
    await page.clock.fastForward("01:30");
    await page.getByTestId("idle-warning").waitFor();
    await page.getByTestId("idle-stay").click();
    await page.getByTestId("idle-warning").waitFor({ state: "detached" });
    await office.close();
  });

  it("asks for the second factor where there is one; a session that has ended is signed in anew over the page, which stays", { timeout: 90_000 }, async () => {
    const { page, close } = await openOffice(browser, islet, { who: "admin" });
    const secret = await page.evaluate(async (password) => {
      const send = async (path: string, body: unknown, token: string) => (await (await fetch(`/api/v1${path}`, { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": token }, body: JSON.stringify(body) })).json()) as Record<string, string>;
      const { csrfToken } = (await (await fetch("/api/v1/session")).json()) as { csrfToken: string };
      const proof = await send("/session/proof", { password }, csrfToken);
      return send("/me/second-factors/totp", { name: "Phone" }, proof["csrfToken"]!);
    }, islet.demoPassword);
    const totp = new TOTP({ secret: Secret.fromBase32(secret["secret"]!) });
    const confirmed = await page.evaluate(async ({ id, code }) => {
      const { csrfToken } = (await (await fetch("/api/v1/session")).json()) as { csrfToken: string };
      return (await fetch(`/api/v1/me/second-factors/totp/${id}/confirm`, { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": csrfToken }, body: JSON.stringify({ code }) })).status;
    }, { id: secret["id"]!, code: totp.generate() });
    expect(confirmed).toBe(200);

    // Ended elsewhere: the next thing that is asked for tells.
    await page.context().clearCookies();
    await page.getByTestId("unit").click();
    await page.getByTestId("sign-in-again").waitFor();
    await page.getByTestId("sign-in-password").fill(islet.demoPassword);
    await page.getByTestId("sign-in-submit").click();
    await page.getByTestId("second-code").fill(totp.generate({ timestamp: Date.now() + 30_000 }));
    await page.getByTestId("second-submit").click();
    await page.getByTestId("sign-in-again").waitFor({ state: "detached" });
    await page.getByTestId("unit").click();
    await expect.poll(() => page.getByTestId("unit").textContent()).toBe("mmol/L");
    await close();
  });
});
