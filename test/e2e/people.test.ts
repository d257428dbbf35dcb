/** What a person does about themselves, in a real browser against the real process: an account by mail, a second factor, sharing, a package. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { accessibilityFaults, openPage, signIn } from "./portal-kit.ts";

const SHOTS = process.env["ISLET_SHOTS"];
const PASSWORD = "quiet river under seven lanterns";
const STEP_MS = 30_000;

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

/** For looking at while pages are made; nothing is kept where no folder is named. */
async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expect.poll(() => page.getByTestId("skeleton").count(), { timeout: 15_000 }).toBe(0);
}

/** The link of the newest mail to somebody that leads to this page. */
async function mailedLink(to: string, page: string): Promise<string> {
  let link = "";
  await expect.poll(async () => {
    const folder = join(islet.folder, "mail");
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith(".eml"))) {
      const text = (await readFile(join(folder, name), "utf8")).replace(/=\r?\n/g, "").replaceAll("=3D", "=");
      if (!text.includes(to)) continue;
      link = new RegExp(`https?://[^\\s"<>]+/${page}#[A-Za-z0-9_-]+`).exec(text)?.[0] ?? link;
    }
    return link;
  }, { timeout: 20_000 }).not.toBe("");
  return link;
}

async function typePassword(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto(`${islet.origin}/`);
  await page.getByTestId("sign-in-email").fill(email);
  await page.getByTestId("sign-in-password").fill(password);
  await page.getByTestId("sign-in-submit").click();
}

async function prove(page: Page, password: string): Promise<void> {
  await page.getByTestId("proof-password").fill(password);
  await page.getByTestId("proof-submit").click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByTestId("account-menu-open").click();
  await page.getByTestId("menu-sign-out").click();
  await page.getByTestId("sign-in-email").waitFor();
}

/** The code of an authenticator app; one step ahead, so that it is not the one that was used already. */
const codeOf = (secret: string, steps = 0): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * STEP_MS });

async function register(page: Page, email: string): Promise<void> {
  await page.goto(`${islet.origin}/register`);
  await page.getByTestId("register-name").fill("Nadia Ejemplo");
  await page.getByTestId("register-email").fill(email);
  await page.getByTestId("register-submit").click();
  await page.getByTestId("link-done").waitFor();
  const link = await mailedLink(email, "register");
  await page.goto(link);
  await page.getByTestId("new-password").waitFor();
}

describe("a person who comes by themselves", () => {
  it("registers, opens the link of the mail, is told why a password is refused, and signs in [AU-04] [AU-07]", async () => {
    const { page, faults, close } = await openPage(browser);
    await register(page, "nadia@example.org");
    expect(page.url(), "the secret is out of the address at once").toBe(`${islet.origin}/register`);
    expect(await page.evaluate("history.length")).toBeLessThan(6);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("new-password").fill("password12345678");
    await page.getByTestId("choose-password-submit").click();
    await expect.poll(() => page.getByTestId("password-fault").innerText()).toContain("cannot be used");
    await page.getByTestId("new-password-show").click();
    expect(await page.getByTestId("new-password").getAttribute("type")).toBe("text");
    await page.getByTestId("new-password").fill(PASSWORD);
    await page.getByTestId("choose-password-submit").click();
    await page.getByTestId("link-done").waitFor();
    await typePassword(page, "nadia@example.org");
    await page.getByTestId("account-menu-open").waitFor();
    expect(faults.filter((fault) => !fault.includes("400"))).toEqual([]);
    await close();
  }, 60_000);

  it("adds an authenticator app, keeps the recovery codes, and signs in by password and code, or by a recovery code once [AU-17]", async () => {
    const { page, close } = await openPage(browser);
    await register(page, "tomas@example.org");
    await page.getByTestId("new-password").fill(PASSWORD);
    await page.getByTestId("choose-password-submit").click();
    await page.getByTestId("link-done").waitFor();
    await typePassword(page, "tomas@example.org");
    await page.getByTestId("account-menu-open").waitFor();
    await page.goto(`${islet.origin}/account`);
    await page.getByTestId("totp-add").click();
    await page.getByTestId("totp-begin").click();
    if (await page.getByTestId("proof-dialog").isVisible()) await prove(page, PASSWORD);
    const secret = (await page.getByTestId("totp-secret").innerText()).trim();
    await page.locator("img.qr").waitFor();
    expect(await page.evaluate("document.querySelector('img.qr').naturalWidth"), "the picture is let in by the page's policy").toBeGreaterThan(0);
    await shot(page, "totp");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("totp-code").fill(codeOf(secret));
    await page.getByTestId("totp-confirm").click();
    await page.getByTestId("recovery-codes").waitFor();
    const codes = await page.getByTestId("recovery-codes").locator("code").allInnerTexts();
    expect(codes.length).toBeGreaterThanOrEqual(8);
    await shot(page, "recovery-codes");
    await page.getByTestId("once-done").click();
    await page.getByTestId("factor-totp").waitFor();
    await signOut(page);

    await typePassword(page, "tomas@example.org");
    await page.getByTestId("second-code").fill("000000");
    await page.getByTestId("second-submit").click();
    await expect.poll(() => page.getByRole("alert").first().innerText()).toContain("not right");
    expect(await accessibilityFaults(page)).toEqual([]);
    await shot(page, "second-step");
    await page.getByTestId("second-code").fill(codeOf(secret, 1));
    await page.getByTestId("second-submit").click();
    await page.getByTestId("account-menu-open").waitFor();
    await signOut(page);

    await typePassword(page, "tomas@example.org");
    await page.getByRole("radio", { name: "Recovery code" }).check();
    await page.getByTestId("second-recovery").fill(codes[0]!);
    await page.getByTestId("second-submit").click();
    await page.getByTestId("account-menu-open").waitFor();
    await page.goto(`${islet.origin}/account`);
    await expect.poll(() => page.getByTestId("recovery-left").innerText()).toContain(String(codes.length - 1));
    await close();
  }, 90_000);

  it("makes a passkey and signs in with it alone", async () => {
    const { page, close } = await openPage(browser);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    await typePassword(page, "nadia@example.org");
    await page.getByTestId("account-menu-open").waitFor();
    await page.goto(`${islet.origin}/account`);
    await page.getByTestId("passkey-add").click();
    await page.getByTestId("passkey-make").click();
    if (await page.getByTestId("proof-dialog").isVisible()) await prove(page, PASSWORD);
    await page.getByTestId("recovery-codes").waitFor();
    await page.getByTestId("once-done").click();
    await page.getByTestId("factor-passkey").waitFor();
    await signOut(page);
    await page.getByTestId("sign-in-passkey").click();
    await page.getByTestId("account-menu-open").waitFor();
    await close();
  }, 60_000);

  it("chooses a new password by a recovery link, which works once", async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${islet.origin}/recover`);
    await page.getByTestId("recover-identifier").fill("tomas@example.org");
    await page.getByTestId("recover-submit").click();
    await page.getByTestId("link-done").waitFor();
    const link = await mailedLink("tomas@example.org", "recover");
    await page.goto(link);
    await page.getByTestId("new-password").fill("nine green kettles whistle softly");
    await page.getByTestId("choose-password-submit").click();
    await page.getByTestId("link-done").waitFor();
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByTestId("new-password").fill("nine green kettles whistle again");
    await page.getByTestId("choose-password-submit").click();
    await expect.poll(() => page.getByTestId("password-fault").innerText()).toContain("does not work any more");
    await typePassword(page, "tomas@example.org", "nine green kettles whistle softly");
    await page.getByTestId("second-step").waitFor();
    await close();
  }, 60_000);
});

describe("links of mails", () => {
  it("change an address, and take it back", async () => {
    const { page, close } = await openPage(browser);
    await register(page, "paula@example.org");
    await page.getByTestId("new-password").fill(PASSWORD);
    await page.getByTestId("choose-password-submit").click();
    await page.getByTestId("link-done").waitFor();
    await typePassword(page, "paula@example.org");
    await page.getByTestId("account-menu-open").waitFor();
    await page.goto(`${islet.origin}/account`);
    await page.getByTestId("email-change").click();
    await page.getByTestId("email-new").fill("paula.new@example.org");
    await page.getByTestId("email-password").fill(PASSWORD);
    await page.getByTestId("email-submit").click();
    await page.getByTestId("email-dialog").waitFor({ state: "detached" });
    for (const [to, path] of [["paula.new@example.org", "verify"], ["paula@example.org", "email-undo"]] as const) {
      await page.goto(await mailedLink(to, path));
      await page.getByTestId("link-press").click();
      await page.getByTestId("link-done").waitFor();
      expect(page.url()).toBe(`${islet.origin}/${path}`);
    }
    expect(await mailedLink("paula@example.org", "recover")).toContain("#");
    await typePassword(page, "paula@example.org");
    await expect.poll(() => page.getByRole("alert").first().innerText(), { message: "the password opens nothing any more" }).toContain("not right");
    await close();
  }, 90_000);

  it("let somebody in who was invited, with the role of the invitation", async () => {
    const post = async (path: string, body: unknown, token = ""): Promise<{ accessToken: string }> => {
      const reply = await fetch(`${islet.origin}/api/v1${path}`, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }) } });
      expect(reply.ok, path).toBe(true);
      return (await reply.json()) as { accessToken: string };
    };
    const { accessToken } = await post("/tokens", { email: "admin@demo.islet", password: islet.demoPassword });
    await post("/invitations", { roles: ["clinician"], email: "irene@example.org" }, accessToken);
    const { page, close } = await openPage(browser);
    await page.goto(await mailedLink("irene@example.org", "invitation"));
    await page.getByTestId("invitation-name").fill("Irene Guardia");
    expect(await page.locator("main").innerText()).toContain("Your role: Clinician.");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("new-password").fill(PASSWORD);
    await page.getByTestId("invitation-submit").click();
    await page.getByTestId("link-done").waitFor();
    await typePassword(page, "irene@example.org");
    await expect.poll(() => page.locator("main").innerText()).toContain("Nobody has shared data with you yet.");
    await page.goto(`${islet.origin}/account`);
    await page.getByTestId("account-delete").waitFor();
    await close();
  }, 60_000);
});

describe("a person's own matters", () => {
  it("are proved before what is grave: a key is made, shown once, and revoked; other devices are signed out", async () => {
    const other = await openPage(browser);
    await signIn(other.page, islet);
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/account`);
    await settled(page);
    await page.getByTestId("api-key-make").click();
    await page.getByTestId("api-key-name").fill("My app");
    await page.getByTestId("api-key-submit").click();
    await expect.poll(async () => (await page.getByTestId("proof-dialog").isVisible()) || (await page.getByTestId("api-key-shown").isVisible())).toBe(true);
    if (await page.getByTestId("proof-dialog").isVisible()) await prove(page, islet.demoPassword);
    expect(await page.getByTestId("api-key-shown").locator("code").innerText()).toMatch(/^islet_/);
    await page.getByTestId("once-done").click();
    await page.getByTestId("api-key-revoke").click();
    await expect.poll(() => page.getByTestId("api-key").count()).toBe(0);
    await page.getByTestId("devices-end-others").click();
    await expect.poll(() => page.getByTestId("device-session").count()).toBe(1);
    await other.page.goto(`${islet.origin}/trends`);
    await other.page.getByTestId("sign-in-email").waitFor();
    await other.close();
    await close();
  }, 60_000);

  it("are hidden when nobody is there any more; before that one can stay [AU-21]", async () => {
    const { page, close } = await openPage(browser);
    await page.clock.install();
    await signIn(page, islet);
    await settled(page);
    await page.clock.fastForward("28:30");
    await page.getByTestId("idle-warning").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("idle-stay").click();
    await page.clock.runFor(2_000);
    await expect.poll(() => page.getByTestId("idle-warning").count()).toBe(0);
    await page.clock.fastForward("31:00");
    await page.getByTestId("sign-in-again").waitFor();
    await close();
  }, 60_000);

  it("tell who has looked, and end an access at once", async () => {
    const clinician = await openPage(browser);
    await signIn(clinician.page, islet, "clinician@demo.islet");
    await settled(clinician.page);
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/sharing`);
    await settled(page);
    expect(await page.getByTestId("grant").innerText()).toContain("Robin Demo");
    await expect.poll(() => page.getByTestId("access").first().innerText()).toMatch(/Robin Demo[\s\S]*Looked at/);
    await page.getByTestId("grant-end").click();
    await page.getByTestId("grant-end-confirm").click();
    await expect.poll(() => page.getByTestId("grant").count()).toBe(0);
    await clinician.page.goto(`${islet.origin}/`);
    await expect.poll(() => clinician.page.locator("main").innerText()).toContain("Nobody has shared data with you yet.");
    await page.getByTestId("share-open").click();
    await page.getByTestId("share-clinician").selectOption({ label: "Robin Demo" });
    await page.getByTestId("scope-upload").check();
    await page.getByTestId("share-length").selectOption("30");
    await shot(page, "share");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("share-submit").click();
    await expect.poll(() => page.getByTestId("grant").innerText()).toContain("Can look and add measurements");
    await clinician.page.reload();
    await expect.poll(() => clinician.page.locator("body").innerText()).toContain("Alex Demo");
    await clinician.close();
    await close();
  }, 60_000);

  it("are offered by e-mail, accepted by whoever owns the address, and given up", async () => {
    const olga = await openPage(browser);
    await register(olga.page, "olga@example.org");
    await olga.page.getByTestId("new-password").fill(PASSWORD);
    await olga.page.getByTestId("choose-password-submit").click();
    await olga.page.getByTestId("link-done").waitFor();
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/sharing`);
    await page.getByTestId("share-open").click();
    await page.getByRole("radio", { name: "Somebody else" }).check();
    await page.getByTestId("share-email").fill("olga@example.org");
    await page.getByTestId("share-submit").click();
    await page.getByTestId("grant-offer").waitFor();
    await typePassword(olga.page, "olga@example.org");
    await olga.page.getByTestId("account-menu-open").waitFor();
    await olga.page.goto(`${islet.origin}/sharing`);
    expect(await olga.page.getByTestId("offers-to-me").innerText()).toContain("Alex Demo");
    await shot(olga.page, "offer");
    await olga.page.getByTestId("offer-accept").click();
    await olga.page.getByTestId("patient-choice").selectOption({ label: "Alex Demo" });
    await olga.page.getByTestId("my-grant-end").click();
    await expect.poll(() => olga.page.getByTestId("patient-choice").count()).toBe(0);
    await page.reload();
    await settled(page);
    expect(await page.getByTestId("grants").innerText()).not.toContain("Nadia Ejemplo");
    await olga.close();
    await close();
  }, 60_000);

  it("fit into a package that is asked for, followed and downloaded [PR-05]", async () => {
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/privacy`);
    await settled(page);
    await page.getByTestId("package-ask").click();
    await page.getByTestId("package-download").waitFor({ timeout: 40_000 });
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("package-download").click()]);
    const bytes = await readFile(await download.path());
    expect(download.suggestedFilename()).toMatch(/^islet-.*\.zip$/);
    expect(bytes.subarray(0, 2).toString()).toBe("PK");
    await page.getByTestId("package-give-up").click();
    await expect.poll(() => page.getByTestId("package-ready").count()).toBe(0);
    await close();
  }, 90_000);

  it("are agreed to and withdrawn in the words that count, and everything can be deleted until it begins", async () => {
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/privacy`);
    await settled(page);
    const research = page.getByTestId("consent-research");
    await research.getByTestId("consent-give").click();
    await expect.poll(() => research.getByTestId("consent-state").innerText()).toBe("Agreed");
    await research.getByTestId("consent-withdraw").click();
    await expect.poll(() => research.getByTestId("consent-state").innerText()).toBe("Withdrawn");
    await page.getByTestId("erase-open").click();
    await page.getByTestId("erase-confirm").fill("yes");
    await page.getByTestId("erase-submit").click();
    await expect.poll(() => page.getByRole("alert").first().innerText()).toContain("not the word");
    await shot(page, "erase");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("erase-confirm").fill("ERASE");
    await page.getByTestId("erase-submit").click();
    await page.getByTestId("erase-pending").waitFor();
    await page.getByTestId("erase-undo").click();
    await page.getByTestId("erase-open").waitFor();
    await close();
  }, 60_000);
});

describe("every page about people", () => {
  it("has no accessibility faults, no sideways scrolling and no script faults, in both themes and languages, on a phone and a desk", async () => {
    for (const [colorScheme, width, locale] of [["light", 1280, "en-GB"], ["dark", 360, "es-ES"], ["light", 320, "es-ES"], ["dark", 1280, "en-GB"]] as const) {
      const { page, faults, close } = await openPage(browser, { colorScheme, locale, viewport: { width, height: 800 } });
      const look = async (path: string): Promise<void> => {
        const where = `${path} ${colorScheme} ${width}`;
        expect(await accessibilityFaults(page), where).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), where).toBeLessThanOrEqual(0);
        await shot(page, `${path.replace("/", "") || "sign-in"}-${colorScheme}-${width}`);
      };
      for (const path of ["/", "/recover", "/register", "/verify", "/invitation", "/email-undo"]) {
        await page.goto(islet.origin + path);
        await settled(page);
        await look(path);
      }
      await signIn(page, islet);
      await page.getByTestId("preferences-open").click();
      await page.getByRole("radio", { name: locale === "es-ES" ? "Español" : "English" }).check();
      await expect.poll(() => page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
      for (const path of ["/account", "/sharing", "/privacy"]) {
        await page.goto(islet.origin + path);
        await settled(page);
        await look(path);
      }
      await page.getByTestId("account-menu-open").click();
      await look("/privacy-menu");
      expect(faults).toEqual([]);
      await close();
    }
  }, 240_000);
});
