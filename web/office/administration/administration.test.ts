/** What the administration's forms say and ask. */
import { describe, expect, it } from "vitest";
import { ApiError } from "#web/client/errors.ts";
import type { OrganizationShown } from "#web/client/operations.d.ts";
import { auditQuery, NO_FILTER } from "./audit-filter.ts";
import { draftOf, patchOf } from "./organization-draft.ts";
import { fieldOf } from "./staff/fields.ts";

const refused = (code: string, fields: readonly string[] = []) => new ApiError({ kind: "problem", status: 409, code, fields });

describe("a refusal", () => {
  it("stands at the field that it is about", () => {
    expect(fieldOf(refused("email_taken"), ["email", "username"])).toBe("email");
    expect(fieldOf(refused("national_id_taken"), ["nationalId"])).toBe("nationalId");
    expect(fieldOf(refused("invalid_input", ["/body/username"]), ["email", "username"])).toBe("username");
    expect(fieldOf(refused("invalid_input", ["/body/roles/0"]), ["email", "username"])).toBeNull();
    expect(fieldOf(refused("last_admin"), ["email"])).toBeNull();
    expect(fieldOf(null, ["email"])).toBeNull();
  });
});

const found: OrganizationShown = {
  id: "o", name: "A clinic", locale: "es", glucoseUnit: "mg/dL", zone: "Europe/Madrid", contact: { email: null, phone: "600", website: null }, mealLabels: { es: { LUNCH: "Comida" } },
  notices: { patients: { en: "Closed.", es: "Cerrado." }, staff: null }, staffSecondFactor: "optional", version: 3, changedAt: "2026-10-15T12:00:00Z",
};

describe("an organization's settings", () => {
  it("as they are, are no change", () => expect(patchOf(found, draftOf(found))).toBeNull());

  it("send what was changed alone, and without a word where a field was emptied", () => {
    const draft = draftOf(found);
    expect(patchOf(found, { ...draft, name: " Clínica " })).toEqual({ name: "Clínica" });
    expect(patchOf(found, { ...draft, phone: " " })).toEqual({ contact: { email: null, phone: null, website: null } });
    expect(patchOf(found, { ...draft, meals: { ...draft.meals, es: { ...draft.meals.es, LUNCH: "" } } })).toEqual({ mealLabels: { en: {}, es: {} } });
    expect(patchOf(found, { ...draft, notices: { ...draft.notices, patients: { en: "", es: "" } } })).toEqual({ notices: { patients: null, staff: null } });
  });
});

describe("a search of the audit log", () => {
  it("asks for what was typed alone, instants with their zone", () => {
    expect(auditQuery(NO_FILTER)).toEqual({});
    expect(auditQuery({ ...NO_FILTER, action: " Password. ", outcome: "refused", patient: "ABC" })).toEqual({ action: "password.", outcome: "refused", patient: "abc" });
    const from = "2026-10-15T12:00";
    expect(auditQuery({ ...NO_FILTER, from })).toEqual({ from: new Date(from).toISOString() });
  });
});
