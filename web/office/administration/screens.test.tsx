/** What each screen of the administration shows of what the server answers: buttons by state and by who looks, words for nothing and for what went wrong, never a secret. */
import { describe, expect, it } from "vitest";
import type { InboxDelivery, OrganizationShown, UserShown, VendorStanding, WebhookEndpoint } from "#web/client/operations.d.ts";
import { AREAS } from "../areas.tsx";
import { Audit } from "./Audit.tsx";
import { ConsentTexts } from "./ConsentTexts.tsx";
import { Inbox } from "./Inbox.tsx";
import { Keys } from "./Keys.tsx";
import { OrganizationSettings } from "./OrganizationSettings.tsx";
import { Retention } from "./Retention.tsx";
import { Vendors } from "./Vendors.tsx";
import { buttonsIn, Screen } from "./parts/draw-for-tests.tsx";
import { Staff } from "./staff/Staff.tsx";
import { Webhooks } from "./webhooks/Webhooks.tsx";

const AT = "2026-10-15T12:00:00Z";

describe("the menu", () => {
  it("[D6] leads clinicians to their patients and the clinic's settings, admins to the administration, and both to the queue", () => {
    const of = (role: "clinician" | "admin"): string[] => AREAS.filter(({ roles }) => roles.includes(role)).map(({ path }) => path);
    expect(of("clinician")).toEqual(["", "patients", "appointments", "clinic"]);
    expect(of("admin")).toEqual(["", "appointments", "administration"]);
  });
});

const person = (change: Partial<UserShown>): UserShown => ({
  id: "u1", email: "ana@example.org", isEmailVerified: true, username: null, nationalId: null, displayName: "Ana Prueba", givenName: null, familyName: null, hospitalAccount: null, tidepoolAccount: null,
  roles: ["clinician"], patientId: null, createdAt: AT, blockedAt: null, mustChangePassword: false, ...change,
});
const invitation = { id: "i1", email: "new@example.org", roles: ["clinician"], expiresAt: AT, createdAt: AT, acceptedAt: null, withdrawnAt: null } as const;

describe("staff", () => {
  const screen = (users: UserShown[], invitations: object[] = []) => new Screen().page("get /users", { query: { role: "clinician" } }, { data: users, nextCursor: null })
    .answer("get /invitations", {}, { data: invitations } as never);

  it("[D1] are edited and blocked, blocked ones unblocked; nobody blocks themselves", () => {
    const html = screen([person({}), person({ id: "u2", displayName: "Blas Bloqueado", blockedAt: AT }), person({ id: "me", displayName: "Kim Yo" })]).draw(<Staff />);
    const buttons = buttonsIn(html);
    for (const name of ["Edit Ana Prueba", "Block Ana Prueba", "Unblock Blas Bloqueado", "Edit Kim Yo"]) expect(buttons).toContain(name);
    for (const name of ["Block Kim Yo", "Unblock Kim Yo", "Block Blas Bloqueado", "Unblock Ana Prueba"]) expect(buttons).not.toContain(name);
    expect(html).toContain("Blocked");
  });

  it("[D1] with several names to sign in by are shown with all of them, and who must change the password", () => {
    const html = screen([person({ username: "ana", nationalId: "12345678Z", mustChangePassword: true })]).draw(<Staff />);
    for (const words of ["ana@example.org", "12345678Z", "Must change password", "15 Oct 2026"]) expect(html).toContain(words);
  });

  it("says why nobody is there and what to do; open invitations can be withdrawn, accepted ones are none", () => {
    expect(screen([]).draw(<Staff />)).toContain("Invite somebody: they choose their own password.");
    expect(screen([]).draw(<Staff />, { locale: "es" })).toContain("Invite a alguien: elegirá su propia contraseña.");
    const html = screen([], [invitation, { ...invitation, id: "i2", email: "old@example.org", acceptedAt: AT }]).draw(<Staff />);
    expect(html).toContain("new@example.org");
    expect(html).not.toContain("old@example.org");
    expect(buttonsIn(html)).toContain("Withdraw");
  });

  it("says what went wrong with a way to ask again", () => {
    const html = new Screen().refuse("get /users", { query: { role: "clinician" } }, 503, "unavailable").answer("get /invitations", {}, { data: [] }).draw(<Staff />);
    expect(html).toContain("That did not work (unavailable).");
    expect(buttonsIn(html)).toContain("Try again");
  });
});

const organization: OrganizationShown = {
  id: "o", name: "Clínica del Sol", locale: "es", glucoseUnit: "mg/dL", zone: "Europe/Madrid", contact: { email: "hola@example.org", phone: null, website: null }, mealLabels: { es: { LUNCH: "Comida" } },
  notices: { patients: { en: "Closed.", es: "Cerrado." }, staff: null }, staffSecondFactor: "optional", version: 3, changedAt: AT,
};

describe("the organization", () => {
  it("stands in its fields; nothing is saved before something is changed", () => {
    const html = new Screen().answer("get /organization", {}, organization).draw(<OrganizationSettings />);
    for (const value of ["Clínica del Sol", "hola@example.org", "Comida", "Europe/Madrid"]) expect(html).toContain(`value="${value}"`);
    expect(html).toContain("Cerrado.");
    expect(/<button[^>]*disabled=""[^>]*data-testid="save"/.test(html)).toBe(true);
  });

  it("says who may see it to whoever may not", () => {
    expect(new Screen().refuse("get /organization", {}, 403, "not_permitted").draw(<OrganizationSettings />)).toContain("You may not see this.");
    expect(new Screen().refuse("get /organization", {}, 403, "not_permitted").draw(<OrganizationSettings />, { locale: "es" })).toContain("No puede ver esto.");
  });
});

describe("keys", () => {
  it("are told by name, owner and scope, each to be revoked; one of an admin's scope stands out", () => {
    const key = { id: "k1", name: "Warehouse", owner: { id: "u1", name: "Ana Prueba", roles: ["admin"] }, scopes: ["read", "admin"], isOwnOnly: false, createdAt: AT, expiresAt: AT, lastUsedAt: null };
    const html = new Screen().page("get /organization/api-keys", {}, { data: [key], nextCursor: "more" } as never).draw(<Keys />);
    expect(buttonsIn(html)).toEqual(["Revoke “Warehouse” of Ana Prueba", "Show more"]);
    for (const words of ["Never", "15 Oct 2026", "MuiChip-colorWarning"]) expect(html).toContain(words);
    expect(new Screen().page("get /organization/api-keys", {}, { data: [], nextCursor: null }).draw(<Keys />)).toContain("Nobody has a key.");
  });
});

const endpoint = (change: Partial<WebhookEndpoint>): WebhookEndpoint => ({
  id: "e1", url: "https://record.example.org/hooks/in?token=secret", description: "The record", kinds: ["samples", "sleep"], state: "active", disabledReason: null, failures: 0, failingSince: null, createdAt: AT,
  oldSecretUntil: null, ...change,
});
const LOG = { path: { endpointId: "e1" }, query: {} };

describe("webhooks", () => {
  it("are listed by name and host, without what else stands in the address, with their state in words", () => {
    const html = new Screen().answer("get /webhook-endpoints", {}, { data: [endpoint({}), endpoint({ id: "e2", description: "", state: "disabled", disabledReason: "gone" })] }).draw(<Webhooks />);
    for (const words of ["The record", "record.example.org", "Measurements, Sleep", "Off: it said that it is gone"]) expect(html).toContain(words);
    expect(html).not.toContain("token=secret");
    expect(new Screen().answer("get /webhook-endpoints", {}, { data: [] }).draw(<Webhooks />, { locale: "es" })).toContain("Añada uno");
  });

  it("are tested only while they are on, paused and resumed; the log says how each message went", () => {
    const one = (change: Partial<WebhookEndpoint>, data: object[] = []) => new Screen().answer("get /webhook-endpoints/{endpointId}", { path: { endpointId: "e1" } }, endpoint(change))
      .page("get /webhook-endpoints/{endpointId}/deliveries", LOG, { data, nextCursor: null } as never).draw(<Webhooks />, { path: "/e1" });
    expect(one({})).toMatch(/<button(?![^>]*disabled="")[^>]*data-testid="trial"/);
    expect(buttonsIn(one({}))).toContain("Pause");
    const paused = one({ state: "paused" });
    expect(paused).toMatch(/<button[^>]*disabled=""[^>]*data-testid="trial"/);
    expect(buttonsIn(paused)).toContain("Resume");
    expect(one({ state: "disabled", disabledReason: "failing", failingSince: AT })).toContain("Once it works again, resume it");
    expect(one({ oldSecretUntil: AT })).toContain("The secret before the present one holds until");
    const delivery = { id: "9", type: "samples.changed", state: "dead", attempts: 12, createdAt: AT, nextAttemptAt: null, lastStatus: 500, lastError: "server_error" };
    const html = one({}, [delivery]);
    for (const words of ["samples.changed", "given up", "500 server_error"]) expect(html).toContain(words);
    expect(buttonsIn(html)).toContain("Open samples.changed 9");
  });
});

const vendor = (change: Partial<VendorStanding>): VendorStanding => ({
  id: "dexcom", displayName: "Dexcom", isConfigured: true, isSimulated: false, missingSettings: [], documentation: "docs/drivers/dexcom.md", delivery: "poll", endedOn: null, health: "good", quietUntil: null,
  lastCalls: { made: 20, failed: 4, at: AT }, limits: [{ requests: 60_000, perSeconds: 3_600, scope: "app", source: "docs", left: 59_000, endsAt: null }], connections: { active: 3, error: 1 }, lastSyncAt: AT,
  subscription: { kind: "none", isMade: null, since: null }, ...change,
});

describe("vendors", () => {
  const draw = (data: VendorStanding[], path = "/", locale: "en" | "es" = "en"): string => new Screen().answer("get /vendors", {}, { data }).draw(<Vendors />, { path, locale });

  it("[W6] say how they do in words, how their calls ended, and what is left of their limits in the reader's numbers", () => {
    const html = draw([vendor({ health: "resting", quietUntil: AT })]);
    for (const words of ["Left alone", "4 of the last 20 calls failed", "59,000 of 60,000 calls left in 1 h", "active: 3 · failing: 1", "Not called until"]) expect(html).toContain(words);
    expect(draw([vendor({ endedOn: "2026-11-02" })], "/", "es")).toContain("a partir del 2 nov 2026");
  });

  it("that are not set up name the settings, and nothing of their health", () => {
    const html = draw([vendor({ isConfigured: false, missingSettings: ["DEXCOM_CLIENT_SECRET"], connections: {}, lastCalls: null })]);
    for (const words of ["Not set up", "DEXCOM_CLIENT_SECRET", "No connection here."]) expect(html).toContain(words);
    expect(html).not.toContain("MuiLinearProgress");
  });

  it("are chosen by the address, which the day's overview leads to", () => {
    const both = [vendor({}), vendor({ id: "oura", displayName: "Oura", connections: {} })];
    expect(draw(both, "/?show=used")).not.toContain("Oura");
    expect(draw(both, "/?show=nonsense")).toContain("Oura");
    expect(draw(both, "/?show=missing")).toContain("No vendor is like that.");
  });
});

const delivery = (change: Partial<InboxDelivery>): InboxDelivery => ({
  id: "7", provider: "dexcom", via: "webhook", resource: null, state: "dead", attempts: 5, lastError: "invalid_payload", receivedAt: AT, processedAt: null, nextTryAt: null, bytes: 12_345, patientId: null, problemCount: 0,
  mappingVersion: null, ...change,
});

describe("the inbox", () => {
  const draw = (data: InboxDelivery[], path = "/"): string => new Screen().answer("get /inbox/counts", {}, { data: [] })
    .page("get /inbox/deliveries", { query: { state: data[0]?.state ?? "dead" } }, { data, nextCursor: null }).draw(<Inbox />, { path });

  it("[W5] tries again what is dead or failed, and nothing else", () => {
    expect(buttonsIn(draw([delivery({})]))).toContain("Try delivery 7 again");
    expect(buttonsIn(draw([delivery({ state: "failed" })], "/?state=failed"))).toContain("Try delivery 7 again");
    expect(buttonsIn(draw([delivery({ state: "done", lastError: null })], "/?state=done"))).not.toContain("Try delivery 7 again");
    const html = draw([delivery({})]);
    for (const words of ["invalid_payload", "12,345 bytes", "webhook"]) expect(html).toContain(words);
  });

  it("says that nothing waits and nothing is dead", () => {
    const html = draw([]);
    for (const words of ["Nothing waits, and nothing is dead.", "No delivery is dead."]) expect(html).toContain(words);
  });
});

describe("the audit log", () => {
  const line = {
    id: "1", at: AT, action: "patient.view", outcome: "refused", purpose: "care", actor: { kind: "user", id: "u1", name: "Ana Prueba", roles: ["clinician", "owner"], keyId: null }, patientId: "00000000-0000-4000-8000-000000000002",
    objectType: "route", objectId: "/api/v1/patients", requestId: null, session: null, address: null, network: "192.0.2.0/24", agent: "safari",
  } as const;
  const chain = { isWhole: true, links: 62, findings: [], checkedSince: AT };
  const draw = (of: object, locale: "en" | "es" = "en"): string => new Screen().answer("get /audit/chain", {}, of as never).page("get /audit", { query: {} }, { data: [line], nextCursor: null } as never).draw(<Audit />, { locale });

  it("[R10] says whether it is what was written", () => {
    expect(draw(chain)).toContain("The log is what was written: 62 entries checked.");
    const broken = draw({ ...chain, isWhole: false, findings: [{ kind: "missing", entryId: "41", detail: "no entry" }] });
    for (const words of ["MuiAlert-colorError", "1 finding", "missing 41: no entry"]) expect(broken).toContain(words);
  });

  it("[R10] tells who, in what role and when of any year, and how it ended, in the reader's words", () => {
    for (const words of ["15 Oct 2026, 14:00", "Ana Prueba", "Clinician, owner", "refused", "192.0.2.0/24 · safari"]) expect(draw(chain)).toContain(words);
    expect(draw(chain, "es")).toContain("Personal sanitario, owner");
  });
});

describe("consent texts", () => {
  it("stand with all their versions in both languages, which is in force, and can be followed by a next one", () => {
    const text = (purpose: string, version: number, state: string) => ({ purpose, version, texts: { en: `English ${version}`, es: `Español ${version}` }, validFrom: version === 1 ? null : AT, state });
    const html = new Screen().answer("get /consent-texts/history", {}, { data: [text("research", 2, "present"), text("research", 1, "past"), text("vendor:dexcom", 1, "present")] } as never).draw(<ConsentTexts />);
    for (const words of ["Research", "Connecting dexcom", "Version 2", "in force", "past", "came with Islet", "English 2", "Español 1"]) expect(html).toContain(words);
    expect(buttonsIn(html).filter((name) => name === "Publish new version")).toHaveLength(2);
  });
});

describe("retention", () => {
  it("says what is kept how long, and saves nothing that is not changed", () => {
    const html = new Screen().answer("get /privacy/retention", {}, { keepMeasurementsYears: 7, classes: [{ name: "new_class", what: "something new", keeps: "seven years" }] }).draw(<Retention />);
    for (const words of ['value="7"', "seven years", "Nothing of a patient under a legal hold is deleted."]) expect(html).toContain(words);
    expect(html).toMatch(/<button[^>]*type="submit" disabled=""/);
    const spanish = new Screen().answer("get /privacy/retention", {}, { keepMeasurementsYears: null, classes: [{ name: "changes", what: "which stretches", keeps: "30 days" }] }).draw(<Retention />, { locale: "es" });
    expect(spanish).toContain("30 días");
    expect(spanish).not.toContain("30 days");
  });
});
