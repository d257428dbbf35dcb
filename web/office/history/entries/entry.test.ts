import { expect, it } from "vitest";
import { CODE_FIELDS, faultsOf, type FormField, refusedFields } from "./entry.ts";

const FIELDS: readonly FormField[] = [{ name: "name", label: "history.name", kind: "text", isRequired: true }, { name: "onset", label: "history.onset", kind: "date" }, { name: "end", label: "history.end", kind: "date" }, ...CODE_FIELDS];

it("says by field what is missing, that half a code is none, and that an end lies before its beginning", () => {
  expect(faultsOf(FIELDS, { name: " ", code: "E10", onset: "2026-03-02", end: "2026-03-01" })).toEqual({ name: "history.faultRequired", codeSystem: "history.faultCode", end: "history.faultDates" });
  expect(faultsOf(FIELDS, { name: "A", codeSystem: "ICD-10", onset: "2026-03-02", end: "2026-03-02" })).toEqual({ code: "history.faultCode" });
  expect(faultsOf(FIELDS, { name: "A", codeSystem: "ICD-10", code: "E10", onset: "", end: "2026-03-02" })).toEqual({});
  // A form without such fields is not held to them.
  expect(faultsOf(FIELDS.slice(0, 1), { name: "A", code: "E10" })).toEqual({});
});

it("finds the fields that the server points at", () => {
  expect(refusedFields(["/body/onset", "/body/code/system", "/body/code/code"])).toEqual(["onset", "codeSystem", "code"]);
});
