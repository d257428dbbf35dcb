/** What the end-to-end tests of the office do as a clinician or an administrator would. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import type { RunningIslet } from "../kit/process.ts";
import { accessibilityFaults, openPage } from "./portal-kit.ts";

/** For looking at while pages are made; nothing is kept where no folder is named. */
const SHOTS = process.env["ISLET_SHOTS"];
const DESKTOP = { width: 1366, height: 900 };
const PHONE = { width: 390, height: 844 };
/** Reflow without scrolling sideways (WCAG 1.4.10). */
const NARROWEST_PX = 320;

export interface OfficeAsked {
  readonly who?: "clinician" | "admin";
  readonly theme?: "light" | "dark";
  readonly locale?: "en" | "es";
  readonly isPhone?: boolean;
  /** Below /office. */
  readonly path?: string;
}

export interface OfficePage {
  readonly page: Page;
  /** What went wrong on the page: script errors and the browser's own complaints. */
  readonly faults: string[];
  readonly close: () => Promise<void>;
}

/** A signed-in browser on a page of the office. */
export async function openOffice(browser: Browser, islet: RunningIslet, { who = "clinician", theme = "light", locale = "en", isPhone = false, path = "" }: OfficeAsked = {}): Promise<OfficePage> {
  const opened = await openPage(browser, { colorScheme: theme, viewport: isPhone ? PHONE : DESKTOP, reducedMotion: "reduce" });
  const { page } = opened;
  await page.goto(`${islet.origin}/office${path}`);
  await page.getByTestId("sign-in-email").fill(`${who}@demo.islet`);
  await page.getByTestId("sign-in-password").fill(islet.demoPassword);
  await page.getByTestId("sign-in-submit").click();
  await page.getByTestId("language").waitFor();
  await settled(page);
  if ((await page.locator("html").getAttribute("lang")) !== locale) await chooseLanguage(page, locale);
  return opened;
}

/** By the menu in the bar; the choice is the account's, not the browser's. */
export async function chooseLanguage(page: Page, locale: "en" | "es"): Promise<void> {
  await page.getByTestId("language").getByRole("button").click();
  await page.getByRole("menuitem", { name: locale === "es" ? "Español" : "English" }).click();
  await expect.poll(() => page.locator("html").getAttribute("lang")).toBe(locale);
}

/** The areas that the menu leads to. */
export function areasOf(page: Page): Promise<string[]> {
  return page.getByRole("navigation").getByRole("link").allTextContents();
}

/** Waits until the page has its heading and nothing on it is still to come. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await expect.poll(() => page.locator("[data-testid=skeleton], .MuiSkeleton-root, [aria-busy=true]").count(), { timeout: 20_000 }).toBe(0);
}

/** What whoever is signed in on this page does by the API. */
export async function send<T>(page: Page, path: string, body: unknown, method = "POST"): Promise<T> {
  const { status, reply } = await page.evaluate<{ status: number; reply: T }>(`(async () => {
    const { csrfToken } = await (await fetch("/api/v1/session")).json();
    const headers = { "content-type": "application/json", "x-csrf-token": csrfToken };
    const answer = await fetch(${JSON.stringify(`/api/v1${path}`)}, { method: ${JSON.stringify(method)}, headers, body: ${JSON.stringify(JSON.stringify(body))} });
    return { status: answer.status, reply: await answer.json().catch(() => null) };
  })()`);
  expect(status, `${method} ${path}`).toBeLessThan(300);
  return reply;
}

/** Nothing hinders anybody: no violation of accessibility rules, nothing wider than the window, also where it is narrowest, and the browser complained of nothing. */
export async function expectSound({ page, faults }: OfficePage, name: string): Promise<void> {
  await settled(page);
  if (SHOTS) {
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }
  expect(await accessibilityFaults(page), name).toEqual([]);
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: NARROWEST_PX, height: size.height });
  await expect.poll(() => page.evaluate<number>("document.documentElement.scrollWidth"), { message: `${name}: width at ${NARROWEST_PX} px` }).toBeLessThanOrEqual(NARROWEST_PX);
  await page.setViewportSize(size);
  expect(faults, name).toEqual([]);
}

/** The four ways in which each screen is looked at: both themes, phone and desktop, both languages. */
export const LOOKS: readonly (Required<Pick<OfficeAsked, "theme" | "locale" | "isPhone">> & { readonly name: string })[] = [
  { name: "desktop light English", theme: "light", locale: "en", isPhone: false },
  { name: "desktop dark Spanish", theme: "dark", locale: "es", isPhone: false },
  { name: "phone light Spanish", theme: "light", locale: "es", isPhone: true },
  { name: "phone dark English", theme: "dark", locale: "en", isPhone: true },
];
