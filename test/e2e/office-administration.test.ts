/** The administration of the office in a real browser: each section in four looks, and each section's main task. Requirement D6. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret, TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { openPage } from "./portal-kit.ts";
import { areasOf, expectSound, LOOKS, openOffice, settled, type OfficePage } from "./office-kit.ts";

const SECTIONS = ["staff", "organization", "keys", "webhooks", "vendors", "inbox", "audit", "consents", "retention"] as const;
let islet: RunningIslet;
let browser: Browser;
let receiver: Server;
const received: { readonly type: string; readonly signature: string }[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      received.push({ type: (JSON.parse(body) as { type: string }).type, signature: String(request.headers["webhook-signature"]) });
      response.writeHead(204).end();
    });
  }).listen(0, "127.0.0.1");
  [islet, browser] = await Promise.all([startIslet({ environment: { ISLET_PRIVATE_ADDRESSES: "on" } }), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  receiver.close();
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const open = (section: string): Promise<OfficePage> => openOffice(browser, islet, { who: "admin", path: `/administration/${section}` });

describe("each section of the administration", () => {
  for (const look of LOOKS) {
    it(`is sound: ${look.name}`, { timeout: 240_000 }, async () => {
      const office = await openOffice(browser, islet, { ...look, who: "admin", path: "/administration" });
      for (const section of SECTIONS) {
        await office.page.goto(`${islet.origin}/office/administration/${section}`);
        await expectSound(office, `administration ${section} ${look.name}`);
      }
      await office.close();
    });
  }

  it("is for admins alone", { timeout: 60_000 }, async () => {
    const { page, close } = await openOffice(browser, islet, { who: "clinician" });
    expect(await areasOf(page)).toEqual(["Today", "Patients", "Appointments", "Clinic settings"]);
    await close();
  });
});

describe("staff", () => {
  it("are invited, made, told apart by name, edited and blocked; a name that is taken shows at its field", { timeout: 120_000 }, async () => {
    const { page, faults, close } = await open("staff");
    await page.getByTestId("invite").click();
    await page.getByTestId("invite-whom").fill("new.colleague@example.org");
    await page.getByTestId("confirm").click();
    await page.getByRole("rowheader", { name: "new.colleague@example.org" }).waitFor();

    await page.getByTestId("make").click();
    await page.getByTestId("make-displayName").fill("Nora Nueva");
    await page.getByTestId("make-email").fill("clinician@demo.islet");
    await page.getByTestId("confirm").click();
    await page.getByText("There is an account with this e-mail address already.").waitFor();
    expect(await page.getByTestId("make-email").getAttribute("aria-invalid")).toBe("true");
    await page.getByTestId("make-email").fill("");
    await page.getByTestId("make-username").fill("nora.nueva");
    await page.getByTestId("confirm").click();
    expect((await page.getByTestId("secret").textContent())!.length).toBeGreaterThan(12);
    await page.getByTestId("once-close").click();

    const row = page.getByTestId("person").filter({ hasText: "Nora Nueva" });
    await row.getByRole("button", { name: "Block Nora Nueva" }).click();
    await page.getByTestId("confirm").click();
    await row.getByRole("button", { name: "Unblock Nora Nueva" }).waitFor();
    await row.getByRole("button", { name: "Edit Nora Nueva" }).click();
    await page.getByLabel("Name", { exact: false }).first().fill("Nora Mayor");
    await page.getByTestId("confirm").click();
    await page.getByTestId("person").filter({ hasText: "Nora Mayor" }).waitFor();
    // Refusals are what the test provokes.
    expect(faults.filter((fault) => !/409|Conflict/.test(fault))).toEqual([]);
    await close();
  });
});

describe("webhooks", () => {
  it("a system is added, its secret shown once, a test arrives signed, is seen in the log and sent again", { timeout: 120_000 }, async () => {
    const { page, faults, close } = await open("webhooks");
    await page.getByTestId("add-endpoint").click();
    await page.getByTestId("endpoint-url").fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    await page.getByTestId("endpoint-description").fill("The record");
    await page.getByTestId("confirm").click();
    expect(await page.getByTestId("secret").textContent()).toMatch(/^whsec_/);
    await page.getByTestId("once-close").click();
    await page.getByRole("link", { name: "The record" }).click();
    await page.getByTestId("trial").click();
    await expect.poll(() => received.map(({ type }) => type), { timeout: 15_000 }).toEqual(["endpoint.trial"]);
    expect(received[0]!.signature).toMatch(/^v1,/);
    await page.getByTestId("refresh-log").click();
    await page.getByTestId("delivery").filter({ hasText: "delivered" }).waitFor();
    await page.getByTestId("delivery").getByRole("button").click();
    await page.getByTestId("replay").click();
    await expect.poll(() => received.length, { timeout: 15_000 }).toBe(2);
    await page.getByTestId("edit-endpoint").click();
    await page.getByTestId("endpoint-description").fill("The hospital's record");
    await page.getByTestId("confirm").click();
    await page.getByRole("heading", { level: 1, name: "The hospital's record" }).waitFor();
    await page.getByTestId("pause").click();
    await page.getByText("Paused").waitFor();
    await expectSound({ page, faults, close }, "administration webhooks one");
    await close();
  });
});

describe("settings", () => {
  it("of the organization are saved; who comes late with an older page is told", { timeout: 120_000 }, async () => {
    const { page, close } = await open("organization");
    const other = await open("organization");
    await page.getByTestId("organization-name").fill("Clínica del Sol");
    await page.getByTestId("save").click();
    await page.getByText("Saved.").waitFor();
    await other.page.getByTestId("organization-phone").fill("+34 600 000 000");
    await other.page.getByTestId("save").click();
    await other.page.getByText(/Somebody else has changed this meanwhile/).waitFor();
    await other.close();
    await close();
  });

  it("a consent text is looked at before it is published in both languages", { timeout: 120_000 }, async () => {
    const { page, close } = await open("consents");
    await page.getByTestId("publish-research").click();
    await page.getByTestId("text-en").fill("I agree that my data may be given to research of the clinic.");
    await page.getByTestId("text-es").fill("Acepto que mis datos se cedan a investigaciones de la clínica.");
    await page.getByTestId("confirm").click();
    await page.getByText("I agree that my data may be given to research of the clinic.").waitFor();
    await page.getByTestId("confirm").click();
    await page.getByText("Version 2").waitFor();
    await close();
  });
});

describe("operation", () => {
  it("the audit log says that it is whole, and is searched by action", { timeout: 120_000 }, async () => {
    const { page, close } = await open("audit");
    await settled(page);
    expect(await page.getByTestId("chain").textContent()).toContain("The log is what was written");
    await page.getByTestId("audit-action").fill("session.opened");
    await page.getByTestId("audit-search").click();
    await expect.poll(async () => new Set(await page.getByTestId("audit-line").locator("td:nth-child(3)").allTextContents())).toEqual(new Set(["session.opened"]));
    await close();
  });

  it("vendors say what they lack; a replay of the inbox needs a reason", { timeout: 120_000 }, async () => {
    const { page, close } = await open("vendors");
    await settled(page);
    expect(await page.getByTestId("vendor").count()).toBeGreaterThan(10);
    await page.goto(`${islet.origin}/office/administration/inbox`);
    await page.getByTestId("order-replay").click();
    await page.getByLabel("Vendor (id)").fill("dexcom");
    expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
    await page.getByTestId("replay-reason").fill("a mended mapping");
    await page.getByTestId("confirm").click();
    await page.getByText("Ordered: it is done in the background.").waitFor();
    await close();
  });
});

/** Sets an authenticator app up for whoever is signed in on the page, at the form that asks for one. */
async function setUpFactor(page: Page): Promise<void> {
  await page.getByTestId("totp-add").click();
  await page.getByTestId("totp-begin").click();
  const secret = (await page.getByTestId("totp-secret").innerText()).trim();
  await page.getByTestId("totp-code").fill(new TOTP({ secret: Secret.fromBase32(secret) }).generate());
  await page.getByTestId("totp-confirm").click();
  await page.getByTestId("once-done").click();
}

describe("a second factor that the organization requires", () => {
  it("is required by an admin who has one; whoever has none sets one up at the door, and goes on", { timeout: 180_000 }, async () => {
    const { page, close } = await open("organization");
    await page.getByTestId("factor").getByRole("combobox").click();
    await page.getByRole("option", { name: "Required" }).click();
    await page.getByTestId("save").click();
    await page.getByText("Set up a second factor of your own first").waitFor();
    await page.goto(`${islet.origin}/account`);
    await setUpFactor(page);
    await page.goto(`${islet.origin}/office/administration/organization`);
    await page.getByTestId("factor").getByRole("combobox").click();
    await page.getByRole("option", { name: "Required" }).click();
    await page.getByTestId("save").click();
    await page.getByText("Saved.").waitFor();
    await close();

    const clinician = await openPage(browser);
    await clinician.page.goto(`${islet.origin}/office`);
    await clinician.page.getByTestId("sign-in-email").fill("clinician@demo.islet");
    await clinician.page.getByTestId("sign-in-password").fill(islet.demoPassword);
    await clinician.page.getByTestId("sign-in-submit").click();
    await clinician.page.getByTestId("must-add-factor").waitFor();
    await setUpFactor(clinician.page);
    await clinician.page.getByTestId("language").waitFor();
    await clinician.close();
  });
});
