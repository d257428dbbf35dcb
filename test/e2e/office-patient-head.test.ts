/** What a patient's page of the office says beside the numbers, and the patient's requests, in a real browser against the real process. Requirements D3, D6. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PatientList } from "#web/client/types.ts";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { openOffice, send, settled } from "./office-kit.ts";
import { accessibilityFaults, apiSession, connect, openPage, signIn } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
/** The demo's own patient. */
let alex: string;
/** An invented one with readings of many days. */
let hugo: string;

beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet({ environment: { ISLET_DEMO_PATIENTS: "7" } }), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const text = (page: Page, testId: string): Promise<string> => page.getByTestId(testId).first().innerText();
const at = async (page: Page, path: string): Promise<void> => {
  await page.goto(`${islet.origin}/office/patients/${path}`);
  await settled(page);
};

/** The demo's patient does something on their own pages. */
async function asPatient(work: (page: Page) => Promise<unknown>): Promise<void> {
  const { page, close } = await openPage(browser);
  await signIn(page, islet);
  await page.getByTestId("preferences-open").waitFor();
  await work(page);
  await close();
}

it("has somebody to show: the demo's patient connects a sensor and asks for an appointment", { timeout: 150_000 }, async () => {
  await asPatient(async (page) => {
    await connect(page, islet, "dexcom");
    await send(page, "/patients/me/appointments", { motives: ["DUDAS"], otherMotive: "About the sensor" });
  });
  const clinician = await apiSession(islet, "clinician@demo.islet");
  const idOf = async (name: string): Promise<string | undefined> => (await clinician.get<PatientList>("/patients?limit=200")).data.find(({ displayName }) => displayName === name)?.id;
  await expect.poll(() => idOf("Hugo Modelo"), { timeout: 60_000, interval: 500 }).toBeTruthy();
  [alex, hugo] = [(await idOf("Alex Demo"))!, (await idOf("Hugo Modelo"))!];
  await expect.poll(async () => (await clinician.get<{ reading: object | null }>(`/patients/${hugo}/glucose/latest`)).reading, { timeout: 60_000, interval: 500 }).toBeTruthy();
});

describe("what the head says beside the numbers", () => {
  const target = (page: Page): Promise<string> => text(page, "target");
  const choose = async (page: Page, label: string, option: string): Promise<void> => {
    await page.getByRole("combobox", { name: label }).last().click();
    await page.getByRole("option", { name: option }).click();
  };

  it("[D6] sets a target with author and time, which the page's ranges go by until the address names others", { timeout: 90_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet);
    await at(page, `${hugo}?days=30`);
    expect(await target(page)).toBe("Standard 70–180 mg/dL");
    expect(await text(page, "target-author")).toContain("Nobody has chosen one");
    await page.getByTestId("target-change").click();
    await choose(page, "Ranges and goals", "Own ranges");
    await page.getByTestId("target-high").fill("60");
    await page.getByTestId("target-own-goals").check();
    await page.getByTestId("target-goal-target").fill("120");
    await page.getByTestId("target-save").click();
    await page.getByText("Not below the one before it.").waitFor();
    await page.getByText("A number from 0 to 100.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("target-high").fill("160");
    await page.getByTestId("target-goal-target").fill("65");
    await page.getByTestId("target-save").click();
    await expect.poll(() => target(page)).toBe("Own ranges 70–160 mg/dL · own goals");
    expect(await text(page, "target-author")).toMatch(/^Set by Robin Demo, /);
    await settled(page);
    expect(await text(page, "goals")).toMatch(/^Own ranges · Goals of this patient: in range at least 65%/);
    expect(await page.locator("main").innerText()).toContain("161–250");
    // The target of the page needs no word in its address; another choice does, also the standard one.
    expect(new URL(page.url()).searchParams.get("preset")).toBeNull();
    await choose(page, "Ranges and goals", "Standard");
    await expect.poll(() => new URL(page.url()).searchParams.get("preset")).toBe("standard");
    await page.reload();
    await settled(page);
    expect(await text(page, "goals")).toMatch(/^Standard · Goals: in range at least 70%/);
    await choose(page, "Ranges and goals", "Own ranges");
    await expect.poll(() => new URL(page.url()).searchParams.get("preset")).toBeNull();
    for (const tab of ["overlay", "calendar", "episodes", "day"]) {
      await page.getByTestId(`tab-${tab}`).click();
      await settled(page);
    }
    expect(faults).toEqual([]);
    await close();
  });

  it("[D6] puts the clinic's tags on and takes them off", { timeout: 60_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet);
    await send(page, "/tags", { name: "Pump", color: 2 });
    await at(page, hugo);
    expect(await text(page, "patient-tags")).not.toContain("Pump");
    await page.getByTestId("tags-change").click();
    // Nothing is shown as done before it is.
    await page.getByTestId("tag-Pump").click();
    await expect.poll(() => page.getByTestId("tag-Pump").isChecked()).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("tags-close").click();
    await page.reload();
    await settled(page);
    expect(await text(page, "patient-tags")).toContain("Pump");
    await page.getByTestId("tags-change").click();
    await page.getByTestId("tag-Pump").click();
    await expect.poll(() => page.getByTestId("tag-Pump").isChecked()).toBe(false);
    await page.getByTestId("tags-close").click();
    await expect.poll(() => text(page, "patient-tags")).not.toContain("Pump");
    expect(faults).toEqual([]);
    await close();
  });

  it("[D6] hides the national id until it is asked for, and again; says conditions and consents", { timeout: 90_000 }, async () => {
    const admin = await openOffice(browser, islet, { who: "admin" });
    const { data } = await admin.page.evaluate<{ data: { id: string; email: string }[] }>("fetch('/api/v1/users?email=patient@demo.islet').then((answer) => answer.json())");
    await send(admin.page, `/users/${data[0]!.id}`, { nationalId: "12345678Z" }, "PATCH");
    await admin.close();
    const { page, faults, close } = await openOffice(browser, islet);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await at(page, alex);
    expect(await page.locator("main").innerText()).not.toContain("12345678Z");
    expect(asked.some((path) => path.endsWith("/identity"))).toBe(false);
    await page.getByTestId("identity-show").click();
    await expect.poll(() => text(page, "national-id")).toBe("12345678Z");
    await page.getByTestId("identity-hide").click();
    await expect.poll(() => page.getByTestId("national-id").count()).toBe(0);
    expect(await text(page, "consents")).toContain("Sharing: given");
    await page.getByTestId("consents").click();
    await page.getByTestId("consent-list").getByText(/Fetching from Dexcom: given \(/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });
});

describe("the patient's requests", () => {
  it("[D3] stand in a tab of their own, are opened beside it and moved on, and follow what the patient does", { timeout: 90_000 }, async () => {
    const { page, faults, close } = await openOffice(browser, islet);
    await at(page, `${alex}/appointments`);
    const cards = page.getByTestId("patient-requests").getByTestId("request");
    expect(await cards.count()).toBe(1);
    expect(await cards.first().innerText()).toContain("About the sensor");
    await cards.first().getByRole("link").click();
    await page.getByTestId("request-whole").waitFor();
    expect(new URL(page.url()).pathname).toMatch(new RegExp(`/office/patients/${alex}/appointments/[0-9a-f-]{36}$`));
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByTestId("open-accept").click();
    await page.getByTestId("request-whole").getByText("Accepted").first().waitFor();
    await page.getByTestId("request-close").click();
    await expect.poll(() => cards.first().getAttribute("data-state")).toBe("accepted");
    expect(new URL(page.url()).pathname).toBe(`/office/patients/${alex}/appointments`);
    const clinician = await apiSession(islet, "clinician@demo.islet");
    const { data } = await clinician.get<{ data: { id: string }[] }>(`/appointments?patientId=${alex}&state=all`);
    await asPatient((patient) => send(patient, `/patients/me/appointments/${data[0]!.id}/details`, { insulinType: "glargine" }));
    // Without a reload.
    await expect.poll(() => cards.first().getAttribute("data-state"), { timeout: 20_000 }).toBe("created");
    await cards.first().getByTestId("move-resolve").click();
    await page.getByTestId("resolution-text").fill("Words of a clinician.");
    await page.getByTestId("resolution-send").click();
    await page.getByText("Version 1 by Robin Demo").waitFor();
    await at(page, `${hugo}/appointments`);
    expect(faults).toEqual([]);
    await close();
  });
});
