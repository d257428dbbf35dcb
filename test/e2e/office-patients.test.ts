/** The list of patients and the day's overview in a real browser: found, filtered, ordered, tagged, reviewed by keyboard, invited, blocked, copied as text, and sound in every look. Requirements D1, D3, D6. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { expectSound, LOOKS, openOffice, settled, type OfficePage } from "./office-kit.ts";
import { accessibilityFaults } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet({ environment: { ISLET_DEMO_PATIENTS: "5" } }), launchBrowser()]);
  // The demo's patients come one after the other, and then ask for appointments.
  const { ask } = await signedIn("clinician");
  await vi.waitFor(async () => expect(await ask("GET", "/clinic/patients?appointment=created")).toMatchObject({ total: 2 }), { timeout: 180_000, interval: 1_000 });
  // Their numbers are made a moment later, and a page that was opened before does not look again by itself.
  await vi.waitFor(async () => {
    const { data } = (await ask("GET", "/clinic/patients")) as { data: { readonly to: string | null }[] };
    expect(data.filter(({ to }) => to !== null)).toHaveLength(5);
  }, { timeout: 60_000, interval: 500 });
}, 240_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

/** The API as somebody of the demo. */
async function signedIn(who: "clinician" | "admin"): Promise<{ ask: (method: string, path: string, body?: object) => Promise<unknown> }> {
  const send = async (method: string, path: string, body: object | undefined, token: string): Promise<unknown> => {
    const headers = { ...(body ? { "content-type": "application/json" } : {}), ...(token === "" ? {} : { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${islet.origin}/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return answer.status === 204 ? null : answer.json();
  };
  const { accessToken } = (await send("POST", "/tokens", { email: `${who}@demo.islet`, password: islet.demoPassword }, "")) as { accessToken: string };
  return { ask: (method, path, body) => send(method, path, body, accessToken) };
}

/** A dialog or drawer hinders nobody; the page behind it is out of reach. */
async function expectSoundOnTop({ page, faults }: OfficePage, name: string): Promise<void> {
  await page.locator(".MuiModal-root").getByRole("heading").first().waitFor();
  await expect.poll(() => page.locator(".MuiModal-root .MuiSkeleton-root").count()).toBe(0);
  const folder = process.env["ISLET_SHOTS"];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  expect(await accessibilityFaults(page), name).toEqual([]);
  expect(faults, name).toEqual([]);
}

const names = (page: Page): Promise<string[]> => page.locator("[data-patient-link]").allTextContents();

describe("the list of patients", () => {
  for (const look of LOOKS) {
    it(`is sound, and so is the day's overview: ${look.name}`, { timeout: 120_000 }, async () => {
      const office = await openOffice(browser, islet, { ...look, path: "/patients" });
      await office.page.locator("[data-patient-link]").first().waitFor();
      await office.page.getByTestId("filters").click();
      await office.page.getByTestId("filter-wearBelow").waitFor();
      await expectSound(office, `patients ${look.name}`);
      await office.page.getByTestId("filters").click();
      await office.page.getByTestId("invite-patient").click();
      await office.page.getByTestId("invite-whom").waitFor();
      await expectSoundOnTop(office, `invite ${look.name}`);
      await office.page.keyboard.press("Escape");
      await office.page.locator("[data-patient]").filter({ hasText: "Berta Muestra" }).getByRole("button", { name: /overview|resumen/i }).click();
      await office.page.getByTestId("drawer-days").waitFor();
      await expectSoundOnTop(office, `overview ${look.name}`);
      await office.page.keyboard.press("Escape");
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

  it("[D3] is filtered by the open request, in the table, the address and the file", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients?appointment=pending,created&sort=appointment" });
    await page.getByTestId("filter-chips").getByText("Appointment: Pending, With details").waitFor();
    await expect.poll(() => names(page).then(({ length }) => length)).toBe(4);
    expect(await page.locator("[data-patient]").first().textContent()).toMatch(/(Pending|With details) · \d+ \w+ ago/);
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByTestId("csv").click()]);
    const lines = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain("appointment,appointment_requested_at,appointment_since");
    await page.getByTestId("filters").click();
    await page.getByRole("combobox", { name: "Appointment" }).click();
    for (const name of ["Pending", "With details", "No open request"]) await page.getByRole("option", { name }).click();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).toContain("appointment=none");
    await page.getByTestId("filter-chips").getByText("Appointment: No open request").waitFor();
    await expect.poll(() => page.locator("[data-patient]").getByText(/Pending|Accepted|With details/).count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it("keeps the filter by request in a saved view", { timeout: 60_000 }, async () => {
    const { page, close } = await openOffice(browser, islet, { path: "/patients?appointment=accepted" });
    await page.getByTestId("views").click();
    await page.getByRole("menuitem", { name: "Save these filters" }).click();
    await page.getByLabel("Name of the view").fill("Accepted");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByTestId("filter-chips").getByRole("button", { name: "Reset filters" }).click();
    await expect.poll(() => page.url()).not.toContain("appointment");
    await page.getByTestId("views").click();
    await page.getByRole("menuitem", { name: /^Accepted/ }).click();
    await expect.poll(() => names(page).then(({ length }) => length)).toBe(1);
    expect(page.url()).toContain("appointment=accepted");
    await page.locator("[data-patient]").getByRole("link", { name: "Accepted" }).click();
    await page.waitForURL(/\/office\/appointments\/[0-9a-f-]{36}/);
    await close();
  });

  it("shows the days one below the other beside the list, and copies the overview as text", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients?days=30" });
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: islet.origin });
    const name = "Berta Muestra";
    const row = page.locator("[data-patient]").filter({ hasText: name });
    await row.getByRole("button", { name: `Overview of ${name}` }).click();
    await page.getByTestId("drawer-days").locator("path").first().waitFor({ state: "attached" });
    expect(await page.getByTestId("drawer-days").locator("path").count()).toBeGreaterThan(6);
    await page.getByTestId("drawer-days").getByText("View as a table").click();
    expect(await page.getByTestId("drawer-days").locator("tbody tr").count()).toBeLessThanOrEqual(14);
    await page.getByTestId("copy-overview").click();
    await page.getByTestId("copy-outcome").getByText("Copied.").waitFor();
    const text = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(text.split("\n")[0]).toBe(name);
    for (const part of ["30 days: ", "In range: ", "Mean: ", "mg/dL", "GMI: ", "CV: ", "Sensor use: ", "Low episodes: ", "Change: ", "Listed for", "no diagnosis"]) expect(text).toContain(part);
    expect(text).not.toMatch(/undefined|null|NaN|%\{/);
    expect(faults).toEqual([]);
    await close();
  });

  it("[D1] invites a patient by e-mail or by a link to hand over, says what is wrong at its field, and withdraws", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet, { path: "/patients" });
    const whom = page.getByTestId("invite-whom");
    await page.getByTestId("invite-patient").click();
    await whom.fill("no address");
    await page.getByTestId("confirm").click();
    await page.getByText("This is no e-mail address.").waitFor();
    expect(await whom.getAttribute("aria-invalid")).toBe("true");
    await whom.fill("somebody.new@example.org");
    await page.getByTestId("confirm").click();
    await page.getByText("The invitation is on its way to somebody.new@example.org.").waitFor();
    await page.getByTestId("invite-patient").click();
    await page.getByTestId("open-invitations").getByText("somebody.new@example.org").waitFor();
    await page.getByRole("button", { name: "Withdraw the invitation for somebody.new@example.org" }).click();
    await page.getByTestId("open-invitations").waitFor({ state: "detached" });
    await page.getByTestId("invite-by").getByRole("combobox").click();
    await page.getByRole("option", { name: "National id" }).click();
    await whom.fill("12345678A");
    await page.getByTestId("confirm").click();
    await page.getByText("This is no national id").waitFor();
    await whom.fill("12345678Z");
    await page.getByTestId("confirm").click();
    expect(await page.getByTestId("secret").textContent()).toMatch(/\/invitation#/);
    expect(page.url()).not.toContain("1234");
    await page.getByTestId("once-close").click();
    // The browser itself tells of each refusal.
    expect(faults.filter((fault) => !fault.includes("400"))).toEqual([]);
    await close();
  });

  it("[D1] offers blocking to admins alone: asked first, undone at once, marked in the list; and in the administration's accounts", { timeout: 120_000 }, async () => {
    const plain = await openOffice(browser, islet, { path: "/patients" });
    await plain.page.locator("[data-patient-link]").first().waitFor();
    expect(await plain.page.getByTestId("row-menu").count()).toBe(0);
    await plain.close();
    const { ask } = await signedIn("admin");
    const { data } = (await ask("GET", "/users?role=clinician")) as { data: { id: string }[] };
    await ask("PATCH", `/users/${data[0]!.id}`, { roles: ["clinician", "admin"] });

    const office = await openOffice(browser, islet, { path: "/patients" });
    const { page, faults } = office;
    const row = page.locator("[data-patient]").filter({ hasText: "Berta Muestra" });
    await row.getByTestId("row-menu").click();
    await page.getByRole("menuitem", { name: "Block the account" }).click();
    await page.getByText("Every session of theirs ends at once").waitFor();
    await expectSoundOnTop(office, "block");
    await page.getByTestId("confirm").click();
    await row.getByTestId("blocked").waitFor();
    await expectSound(office, "blocked");
    await page.getByTestId("blocking-undo").click();
    await row.getByTestId("blocked").waitFor({ state: "detached" });

    await page.goto(`${islet.origin}/office/administration/accounts`);
    await page.getByTestId("account").first().waitFor();
    await page.getByTestId("accounts-search").fill("berta mues");
    await page.getByTestId("accounts-search").press("Enter");
    await expect.poll(() => page.getByTestId("account").count()).toBe(1);
    expect(page.url()).not.toContain("berta");
    await page.getByRole("button", { name: "Block the account of Berta Muestra" }).click();
    await page.getByTestId("confirm").click();
    await page.getByTestId("account").getByText("Blocked").waitFor();
    await page.getByRole("button", { name: "Unblock the account of Berta Muestra" }).click();
    await page.getByTestId("confirm").click();
    await page.getByTestId("account").getByText("Active").waitFor();
    expect(faults).toEqual([]);
    await office.close();
    await ask("PATCH", `/users/${data[0]!.id}`, { roles: ["clinician"] });
  });

  for (const look of LOOKS) {
    it(`the administration's accounts are sound: ${look.name}`, { timeout: 60_000 }, async () => {
      const office = await openOffice(browser, islet, { ...look, who: "admin", path: "/administration/accounts" });
      await office.page.getByTestId("account").first().waitFor();
      await expectSound(office, `accounts ${look.name}`);
      await office.close();
    });
  }
});
