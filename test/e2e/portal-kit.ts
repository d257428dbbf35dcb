/** What the end-to-end tests do as a person would: sign in, accept the notice, connect a vendor. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import type { RunningIslet } from "../kit/process.ts";

/** A page in a browser profile of its own. What goes wrong on it is collected. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<{ page: Page; faults: string[]; close: () => Promise<void> }> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // The first question for the session of a stranger is answered with 401, which browsers print.
    if (message.type() === "error" && !message.text().includes("401")) faults.push(`console: ${message.text()}`);
  });
  return { page, faults, close: () => context.close() };
}

export async function signIn(page: Page, islet: RunningIslet, email = "patient@demo.islet"): Promise<void> {
  await page.goto(`${islet.origin}/`);
  await page.getByTestId("sign-in-email").fill(email);
  await page.getByTestId("sign-in-password").fill(islet.demoPassword);
  await page.getByTestId("sign-in-submit").click();
  await page.getByTestId("notice-accept").click();
}

/** Presses the vendor's button, goes to its consent page, ticks every box and agrees. Ends on the page the vendor leads back to. */
export async function connect(page: Page, islet: RunningIslet, vendor: string): Promise<void> {
  await page.goto(`${islet.origin}/connections`);
  await page.getByTestId(`connect-${vendor}`).click();
  await expect.poll(() => page.getByTestId("disclosure").textContent()).toBeTruthy();
  if (await fillCredentials(page, islet, vendor)) return;
  await page.getByTestId("connect-continue").click();
  if (await pairPhone(page, islet, vendor)) return;
  await page.waitForURL(new RegExp(`/sim/${vendor}/`));
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: /^(allow|authorize|agree|save|connect)/i }).first().click();
  await page.waitForURL(/\/connections\?connected=/);
}

/** Fills in what the simulated cloud's front page shows of its people; false where the vendor has a page of its own. */
async function fillCredentials(page: Page, islet: RunningIslet, vendor: string): Promise<boolean> {
  const fields = await page.locator("[data-testid^=credential-]").all();
  if (fields.length === 0) return false;
  const state = (await (await fetch(`${islet.origin}/sim/control/state`)).json()) as { people: { userName: string; password: string; keys: Record<string, string>; facts: Record<string, Record<string, string | number>> }[] };
  const [person] = state.people;
  const known: Readonly<Record<string, string>> = {
    email: person!.userName, username: person!.userName, password: person!.password, token: String(person!.facts[vendor]?.["accessToken"] ?? person!.keys[vendor] ?? ""), url: "https://simulated.example",
  };
  for (const field of fields) {
    const name = await field.getAttribute("name");
    if (name !== null && known[name]) await field.fill(known[name]);
  }
  await page.getByTestId("connect-continue").click();
  await page.getByTestId(`connection-${vendor}`).waitFor();
  return true;
}

/** Pairs the simulated phone that the dialog offers; false where the vendor is no phone. */
async function pairPhone(page: Page, islet: RunningIslet, vendor: string): Promise<boolean> {
  const code = page.getByTestId("pairing-code");
  await Promise.race([code.waitFor(), page.waitForURL(/\/sim\//)]);
  if (!page.url().startsWith(`${islet.origin}/connections`)) return false;
  const text = (await code.textContent())?.trim() ?? "";
  const phone = await page.context().newPage();
  await phone.goto(`${islet.origin}/sim/${vendor}/phone`);
  await phone.locator("input[name=code]").fill(text);
  await phone.getByRole("button", { name: /pair/i }).click();
  await phone.waitForLoadState();
  await phone.close();
  await page.getByTestId("pairing-done").click();
  await page.getByTestId(`connection-${vendor}`).waitFor();
  return true;
}

/** Violations of accessibility rules on the page as it stands. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  return violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join("; ")}`);
}

/** Asks Islet's simulated clouds for something, as a person would from their page. */
export async function simulator(islet: RunningIslet, path: string, body: unknown): Promise<unknown> {
  const isText = typeof body === "string";
  const reply = await fetch(`${islet.origin}/sim/control/${path}`, {
    method: "POST", headers: { "content-type": isText ? "text/csv" : "application/json" }, body: isText ? body : JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`the simulator answered ${reply.status}: ${await reply.text()}`);
  return reply.json();
}

export interface ApiSession {
  get<T>(path: string): Promise<T>;
}

/** The API as a program uses it. */
export async function apiSession(islet: RunningIslet, email = "patient@demo.islet"): Promise<ApiSession> {
  const reply = await fetch(`${islet.origin}/api/v1/tokens`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email, password: islet.demoPassword }),
  });
  const { accessToken } = (await reply.json()) as { accessToken: string };
  return {
    get: async <T>(path: string) => {
      const answer = await fetch(`${islet.origin}/api/v1${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as T;
    },
  };
}
