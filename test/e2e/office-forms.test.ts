/** What each form of the administration and of the clinic's settings sends, what it holds back, and what it says of a refusal. The server's part is played. Requirements D1, D6, R10. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_RULES, GROUPS, groupTitle, RULE_LIMITS, RULE_NAMES, ruleOf, ruleWords } from "#clinic/population/rules.ts";
import type { Operations } from "#web/client/operations.d.ts";
import { launchBrowser } from "../kit/browser.ts";
import { openFakeOffice, Refusal, type Answers, type FakeAsked, type FakeOffice } from "../kit/fake-office.ts";

const AT = "2026-10-15T12:00:00Z";
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);
afterAll(() => browser.close());

/** Opens a page, does, and gives what was written meanwhile. */
async function writesOf(asked: FakeAsked, act: (page: Page, office: FakeOffice) => Promise<void>): Promise<readonly (readonly [string, unknown])[]> {
  const office = await openFakeOffice(browser, asked);
  await act(office.page, office);
  await office.close();
  return office.writes.map(({ name, body }) => [name, body] as const);
}

const confirm = (page: Page): Promise<void> => page.getByTestId("confirm").click();
const gone = (page: Page): Promise<void> => page.getByRole("dialog").waitFor({ state: "detached" });

const ana: Operations["get /users"]["reply"]["data"][number] = {
  id: "u1", email: "ana@example.org", isEmailVerified: true, username: null, nationalId: null, displayName: "Ana Prueba", givenName: null, familyName: null, hospitalAccount: null, tidepoolAccount: null,
  roles: ["clinician"], patientId: null, createdAt: AT, blockedAt: null, mustChangePassword: false,
};
const STAFF: Answers = { "get /users": { data: [ana], nextCursor: null }, "get /invitations": { data: [] } };
const staff = (answers: Answers, locale: "en" | "es" = "en"): FakeAsked => ({ path: "/administration/staff", answers: { ...STAFF, ...answers }, locale });

describe("staff", () => {
  it("[D1] are invited with their roles and language; an address that is taken is said at its field, in the reader's words", async () => {
    const writes = await writesOf(staff({ "post /invitations": new Refusal(409, "email_taken") }, "es"), async (page) => {
      await page.getByTestId("invite").click();
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("invite-whom").fill(" ben@example.org ");
      await page.getByRole("checkbox", { name: "Administración" }).check();
      await confirm(page);
      await page.getByText("Ya hay una cuenta con este correo electrónico.").waitFor();
      expect(await page.getByTestId("invite-whom").getAttribute("aria-invalid")).toBe("true");
    });
    expect(writes).toEqual([["post /invitations", { email: "ben@example.org", roles: ["clinician", "admin"], locale: "es" }]]);
  });

  it("[D1] are made by what was typed alone; an account needs a name, something to sign in by and a role; its password is shown once", async () => {
    const made = { ...ana, id: "u2", initialPassword: "correct-horse-battery" };
    const writes = await writesOf(staff({ "post /users": made as never }), async (page) => {
      await page.getByTestId("make").click();
      await page.getByTestId("make-displayName").fill("Ben Nuevo");
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("make-username").fill("ben ");
      await page.getByLabel("Clinician").uncheck();
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByRole("checkbox", { name: "Admin" }).check();
      await confirm(page);
      expect(await page.getByTestId("secret").textContent()).toBe("correct-horse-battery");
      await page.getByTestId("once-close").click();
      await gone(page);
      expect(await page.content()).not.toContain("correct-horse-battery");
    });
    expect(writes).toEqual([["post /users", { displayName: "Ben Nuevo", username: "ben", roles: ["admin"] }]]);
  });

  it("[D1] are edited: roles are sent where they are others, with a warning; the last admin is told apart from a field", async () => {
    const writes = await writesOf(staff({ "patch /users/{id}": ana }), async (page, { answer }) => {
      const edit = page.getByRole("button", { name: "Edit Ana Prueba" });
      await edit.click();
      await page.getByLabel("Username").fill("ana");
      await confirm(page);
      await gone(page);
      answer({ "patch /users/{id}": new Refusal(409, "last_admin") });
      await edit.click();
      await page.getByLabel("Admin", { exact: true }).check();
      await page.getByText("Other roles sign this person out everywhere.").waitFor();
      await confirm(page);
      await page.getByText("This is the organization's last admin").waitFor();
    });
    const names = { displayName: "Ana Prueba", nationalId: null };
    expect(writes).toEqual([["patch /users/{id}", { ...names, username: "ana" }], ["patch /users/{id}", { ...names, username: null, roles: ["clinician", "admin"] }]]);
  });

  it("[D1] are blocked after a word on what that does, and unblocked", async () => {
    const writes = await writesOf(staff({ "post /users/{id}/block": { ...ana, blockedAt: AT }, "post /users/{id}/unblock": ana }), async (page, { answer }) => {
      await page.getByRole("button", { name: "Block Ana Prueba" }).click();
      await page.getByText("They are signed out everywhere at once").waitFor();
      answer({ "get /users": { data: [{ ...ana, blockedAt: AT }], nextCursor: null } });
      await confirm(page);
      await page.getByRole("button", { name: "Unblock Ana Prueba" }).click();
      await confirm(page);
      await gone(page);
    });
    expect(writes.map(([name]) => name)).toEqual(["post /users/{id}/block", "post /users/{id}/unblock"]);
  });
});

describe("keys", () => {
  it("are revoked once somebody has read whose and that it cannot be taken back", async () => {
    const key = { id: "k1", name: "Warehouse", owner: { id: "u1", name: "Ana Prueba", roles: ["admin"] }, scopes: ["read"], isOwnOnly: false, createdAt: AT, expiresAt: AT, lastUsedAt: null };
    const writes = await writesOf({ path: "/administration/keys", answers: { "get /organization/api-keys": { data: [key], nextCursor: null } as never, "delete /organization/api-keys/{keyId}": null } }, async (page) => {
      await page.getByRole("button", { name: "Revoke “Warehouse” of Ana Prueba" }).click();
      await page.getByText("It cannot be taken back").waitFor();
      await confirm(page);
      await gone(page);
    });
    expect(writes).toEqual([["delete /organization/api-keys/{keyId}", null]]);
  });
});

describe("the organization", () => {
  const organization: Operations["get /organization"]["reply"] = {
    id: "o", name: "A clinic", locale: "es", glucoseUnit: "mg/dL", zone: "Europe/Madrid", contact: { email: null, phone: null, website: null }, mealLabels: {}, notices: { patients: null, staff: null }, staffSecondFactor: "optional", version: 3,
    changedAt: AT,
  };

  it("is sent as what was changed alone, of the version that was seen; who was slower keeps what was typed and is told", async () => {
    const office = await openFakeOffice(browser, { path: "/administration/organization", answers: { "get /organization": organization, "patch /organization": new Refusal(412, "changed_meanwhile", { detail: "Somebody else has changed this meanwhile." }) } });
    await office.page.getByTestId("organization-phone").fill("600 000 000");
    await office.page.getByTestId("save").click();
    await office.page.getByText("Somebody else has changed this meanwhile.").waitFor();
    expect(await office.page.getByTestId("organization-phone").inputValue()).toBe("600 000 000");
    expect(office.writes.map(({ body, ifMatch }) => [body, ifMatch])).toEqual([[{ contact: { email: null, phone: "600 000 000", website: null } }, '"3"']]);
    await office.close();
  });

  it("says at which field a refusal is", async () => {
    await writesOf({ path: "/administration/organization", answers: { "get /organization": organization, "patch /organization": new Refusal(400, "invalid_input", { detail: "There is no such time zone.", errors: [{ pointer: "/body/zone", detail: "an IANA name" }] }) } }, async (page) => {
      await page.getByTestId("organization-zone").fill("Mars/Base");
      await page.getByTestId("save").click();
      await page.getByText("There is no such time zone.").waitFor();
      expect(await page.getByTestId("organization-zone").getAttribute("aria-invalid")).toBe("true");
    });
  });
});

describe("webhooks", () => {
  const endpoint: Operations["get /webhook-endpoints/{endpointId}"]["reply"] = {
    id: "e1", url: "https://record.example.org/hook", description: "The record", kinds: ["samples"], state: "active", disabledReason: null, failures: 0, failingSince: null, createdAt: AT, oldSecretUntil: null,
  };

  it("are added after a fresh proof where the server asks for one, with what was typed before; the secret is shown once", async () => {
    let isProved = false;
    const answers: Answers = {
      "get /webhook-endpoints": { data: [] }, "post /webhook-endpoints": () => (isProved ? ({ ...endpoint, secret: "whsec_x" } as never) : new Refusal(403, "proof_required")),
      "post /session/proof": ({ body }) => {
        if ((body as { password: string }).password !== "right") return new Refusal(400, "wrong_password");
        isProved = true;
        return { provenAt: AT, expiresAt: AT, csrfToken: "next", accessToken: null };
      },
    };
    const writes = await writesOf({ path: "/administration/webhooks", answers }, async (page) => {
      await page.getByTestId("add-endpoint").click();
      await page.getByTestId("endpoint-url").fill("https://record.example.org/hook");
      await page.getByLabel("Sleep").check();
      await confirm(page);
      await page.getByTestId("proof-password").fill("wrong");
      await page.getByRole("dialog").last().getByTestId("confirm").click();
      await page.getByText("That is not your password.").waitFor();
      await page.getByTestId("proof-password").fill("right");
      await page.getByRole("dialog").last().getByTestId("confirm").click();
      expect(await page.getByTestId("secret").textContent()).toBe("whsec_x");
    });
    const told = { url: "https://record.example.org/hook", description: "", kinds: ["samples", "sleep"] };
    expect(writes.filter(([name]) => name === "post /webhook-endpoints")).toEqual([["post /webhook-endpoints", told], ["post /webhook-endpoints", told]]);
  });

  it("are changed without their address where it is the same; removed after a word", async () => {
    const answers: Answers = {
      "get /webhook-endpoints": { data: [endpoint] }, "get /webhook-endpoints/{endpointId}": endpoint, "get /webhook-endpoints/{endpointId}/deliveries": { data: [], nextCursor: null },
      "patch /webhook-endpoints/{endpointId}": endpoint, "delete /webhook-endpoints/{endpointId}": null,
    };
    const writes = await writesOf({ path: "/administration/webhooks/e1", answers }, async (page) => {
      await page.getByTestId("edit-endpoint").click();
      await page.getByTestId("endpoint-description").fill("The hospital");
      await confirm(page);
      await gone(page);
      await page.getByTestId("pause").click();
      await page.getByRole("button", { name: "Remove" }).click();
      await page.getByText("the log of what it was sent is deleted").waitFor();
      await confirm(page);
      await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
    });
    expect(writes).toEqual([
      ["patch /webhook-endpoints/{endpointId}", { description: "The hospital", kinds: ["samples"] }], ["patch /webhook-endpoints/{endpointId}", { state: "paused" }], ["delete /webhook-endpoints/{endpointId}", null],
    ]);
  });
});

describe("the inbox", () => {
  it("[W5] is asked for the state of the address, tries again, and makes records again only with a reason and something to make them of", async () => {
    const dead = { id: "7", provider: "dexcom", via: "pull", resource: null, state: "dead", attempts: 5, lastError: "invalid_payload", receivedAt: AT, processedAt: null, nextTryAt: null, bytes: 9, patientId: null, problemCount: 0, mappingVersion: null } as const;
    const answers: Answers = { "get /inbox/counts": { data: [] }, "get /inbox/deliveries": { data: [dead], nextCursor: null }, "post /inbox/deliveries/{id}/retry": { ...dead, problems: [], causedBy: null } as never, "post /inbox/replays": { id: "1" } as never };
    const writes = await writesOf({ path: "/administration/inbox?state=failed", answers }, async (page, { reads }) => {
      await page.getByRole("button", { name: "Try delivery 7 again" }).click();
      expect(reads.filter(({ name }) => name === "get /inbox/deliveries").every(({ query }) => query["state"] === "failed")).toBe(true);
      await page.getByTestId("order-replay").click();
      await page.getByTestId("replay-reason").fill("a mended mapping");
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByLabel("Received from").fill("2026-10-15T14:00");
      await page.getByTestId("replay-reason").fill("no");
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("replay-reason").fill(" a mended mapping ");
      await confirm(page);
      await gone(page);
    });
    expect(writes).toEqual([["post /inbox/deliveries/{id}/retry", null], ["post /inbox/replays", { from: "2026-10-15T12:00:00.000Z", reason: "a mended mapping" }]]);
  });
});

describe("the audit log", () => {
  it("[R10] is searched by what was typed, once it is asked, and by the patient of a line", async () => {
    const patientId = "00000000-0000-4000-8000-000000000002";
    const line = { id: "1", at: AT, action: "patient.view", outcome: "done", purpose: "care", actor: { kind: "user", id: "u1", name: "Ana Prueba", roles: ["clinician"], keyId: null }, patientId, objectType: null, objectId: null, requestId: null, session: null, address: null, network: null, agent: null };
    const answers = { "get /audit": { data: [line], nextCursor: null }, "get /audit/chain": { isWhole: true, links: 1, findings: [], checkedSince: AT } } as unknown as Answers;
    await writesOf({ path: "/administration/audit", answers }, async (page, { reads }) => {
      const asked = (): unknown[] => reads.filter(({ name }) => name === "get /audit").map(({ query }) => query);
      await page.getByTestId("audit-action").fill("Password.");
      await page.getByTestId("audit-from").fill("2026-10-15T14:00");
      expect(asked()).toEqual([{}]);
      await page.getByTestId("audit-search").click();
      await expect.poll(asked).toEqual([{}, { action: "password.", from: "2026-10-15T12:00:00.000Z" }]);
      await page.getByRole("button", { name: patientId.slice(0, 8) }).click();
      await expect.poll(() => asked().at(-1)).toEqual({ patient: patientId });
    });
  });
});

describe("consent texts", () => {
  it("are looked at before they are published, in both languages, and not where nothing is other than before", async () => {
    const text = { purpose: "research", version: 1, texts: { en: "I agree to research of the clinic.", es: "Acepto la investigación de la clínica." }, validFrom: null, state: "present" } as const;
    const writes = await writesOf({ path: "/administration/consents", answers: { "get /consent-texts/history": { data: [text] }, "post /consent-texts": text as never } }, async (page) => {
      await page.getByTestId("publish-research").click();
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("text-es").fill("Corto.");
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("text-es").fill("Acepto que la clínica investigue. ");
      await confirm(page);
      await page.getByRole("button", { name: "Back to the text" }).waitFor();
      await confirm(page);
      await gone(page);
    });
    expect(writes).toEqual([["post /consent-texts", { purpose: "research", texts: { en: text.texts.en, es: "Acepto que la clínica investigue." } }]]);
  });
});

describe("retention", () => {
  it("is made shorter only by writing for how many years, and longer at once", async () => {
    const asked: FakeAsked = { path: "/administration/retention", answers: { "get /privacy/retention": { keepMeasurementsYears: 10, classes: [] }, "patch /privacy/retention": { keepMeasurementsYears: 7, classes: [] } } };
    const writes = await writesOf(asked, async (page, { answer }) => {
      const years = page.getByRole("spinbutton", { name: "Years" });
      const save = page.getByRole("button", { name: "Save" });
      for (const text of ["0", "151", "2.5", ""]) {
        await years.fill(text);
        expect(await save.isDisabled(), text).toBe(true);
      }
      await years.fill("7");
      await save.click();
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("confirm-typed").fill("70");
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByTestId("confirm-typed").fill("7");
      answer({ "get /privacy/retention": { keepMeasurementsYears: 7, classes: [] } });
      await confirm(page);
      await gone(page);
      await expect.poll(() => save.isDisabled()).toBe(true);
      await years.fill("12");
      await save.click();
    });
    expect(writes).toEqual([["patch /privacy/retention", { keepMeasurementsYears: 7 }], ["patch /privacy/retention", { keepMeasurementsYears: 12 }]]);
  });
});

describe("putting a patient off", () => {
  it("[D6] sends the beginning of a day of the patient and the reason; a refusal is said in the dialog, which stays, and is not the next patient's", async () => {
    const line = (id: string, displayName: string) => ({ id, displayName, zone: "Pacific/Auckland", ranges: null, group: "low", flags: [{ group: "low", title: { en: "Low", es: "Bajo" }, value: 6, threshold: 4, isLowData: false }], lastReview: null, tags: [] });
    const attention = { groups: [{ group: "low", title: { en: "Low", es: "Bajo" }, rule: { en: "Rule.", es: "Regla." }, count: 2, snoozed: 0, patients: [line("p1", "Ana Prueba"), line("p2", "Ben Prueba")] }], ungrouped: 0, snoozed: 0 };
    const answers = { "get /clinic/attention": attention, "post /patients/{patientId}/reviews": new Refusal(400, "invalid_input", { detail: "The end of the snooze lies in the past, or too far ahead." }) } as unknown as Answers;
    const office = await openFakeOffice(browser, { path: "", roles: ["clinician"], answers });
    const { page, writes } = office;
    const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    await page.getByRole("button", { name: "Put off: Ana Prueba" }).click();
    await page.getByText("Until then not listed for: Low.").waitFor();
    await page.getByTestId("put-off-until").fill(day);
    await page.getByTestId("put-off-reason").fill(" on\nholiday ");
    await confirm(page);
    await page.getByRole("dialog").getByText("The end of the snooze lies in the past").waitFor();
    expect(await page.getByTestId("put-off-reason").inputValue()).toBe(" on holiday ");
    const { path, body } = writes[0]!;
    const { until, reason } = (body as { snooze: { until: string; reason: string } }).snooze;
    expect([path, reason]).toEqual(["/patients/p1/reviews", "on holiday"]);
    expect(new Intl.DateTimeFormat("sv", { timeZone: "Pacific/Auckland", dateStyle: "short", timeStyle: "medium" }).format(new Date(until))).toBe(`${day} 00:00:00`);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Put off: Ben Prueba" }).click();
    await page.getByText("Put off Ben Prueba").waitFor();
    expect(await page.getByText("The end of the snooze lies in the past").count()).toBe(0);
    await office.close();
  });
});

describe("the clinic's settings", () => {
  const rules = (version: number, changed: Partial<typeof DEFAULT_RULES> = {}): Operations["get /clinic/attention-rules"]["reply"] => {
    const numbers = { ...DEFAULT_RULES, ...changed };
    return {
      rules: numbers, defaults: DEFAULT_RULES, limits: RULE_NAMES.map((name) => ({ name, least: RULE_LIMITS[name][0], most: RULE_LIMITS[name][1] })),
      groups: GROUPS.map((group) => ({ group, title: groupTitle(group), rule: ruleWords(group, numbers), by: ruleOf(group) })), updatedAt: null, updatedBy: null, updatedByName: null, version,
    };
  };

  it("[D6] send of the rules what differs, of the version that was seen; after a conflict the one that there is now", async () => {
    const office = await openFakeOffice(browser, { path: "/clinic/rules", roles: ["clinician"], answers: {
      "get /clinic/attention-rules": rules(7, { lowPercent: 6 }), "patch /clinic/attention-rules": new Refusal(412, "changed_meanwhile", { changed: { version: 8, by: "Dr Ruiz", at: AT } }),
    } });
    const { page, writes, answer } = office;
    await page.getByTestId("default-lowPercent").click();
    await page.getByTestId("number-highPercent").fill("30,5");
    answer({ "get /clinic/attention-rules": rules(8, { lowPercent: 5 }) });
    await page.getByTestId("save-rules").click();
    await page.getByText("Nothing was saved: Dr Ruiz changed the rules meanwhile").waitFor();
    await page.getByTestId("rule-low").getByText("Now: 5 %.").waitFor();
    answer({ "patch /clinic/attention-rules": rules(9, { highPercent: 30.5 }) });
    await page.getByTestId("save-rules").click();
    await page.getByTestId("rules-conflict").waitFor({ state: "detached" });
    const body = { lowPercent: null, highPercent: 30.5 };
    expect(writes.map((sent) => [sent.body, sent.ifMatch])).toEqual([[body, '"7"'], [body, '"8"']]);
    await office.close();
  });

  it("[D6] send of a tag what is other than before; one too many is said in the dialog", async () => {
    const tag = { id: "t1", name: "Pump", color: 3, patients: 2 };
    const writes = await writesOf({ path: "/clinic/tags", roles: ["clinician"], answers: { "get /tags": { data: [tag] }, "patch /tags/{tagId}": tag, "post /tags": new Refusal(409, "too_many_tags", { detail: "A clinic has 50 tags at most: delete one first." }), "delete /tags/{tagId}": null } }, async (page) => {
      await page.getByRole("button", { name: "Edit the tag Pump" }).click();
      expect(await page.getByTestId("confirm").isDisabled()).toBe(true);
      await page.getByLabel("Red").check();
      await confirm(page);
      await gone(page);
      await page.getByTestId("make-tag").click();
      await page.getByTestId("tag-name").fill("  Study ");
      await confirm(page);
      await page.getByText("A clinic has 50 tags at most").waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Delete the tag Pump" }).click();
      await page.getByText("2 patients of the clinic carry it and lose it").waitFor();
      await confirm(page);
      await gone(page);
    });
    expect(writes).toEqual([["patch /tags/{tagId}", { color: 4 }], ["post /tags", { name: "Study", color: 1 }], ["delete /tags/{tagId}", null]]);
  });
});
