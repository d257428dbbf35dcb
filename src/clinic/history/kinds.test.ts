/** Who writes what into a clinical history. */
import { describe, expect, it } from "vitest";
import { NotPermitted } from "../../errors.ts";
import { audienceFor, ENTRY_KINDS, holdMayAdd, holdMayChange, type EntryKind } from "./kinds.ts";

const clinician = { userId: "c", isClinician: true };
const person = { userId: "p", isClinician: false };
const mayAdd = (who: typeof clinician): EntryKind[] => ENTRY_KINDS.filter((kind) => {
  try {
    holdMayAdd(who, kind);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(NotPermitted);
    return false;
  }
});

describe("the kinds of a clinical history", () => {
  it("are all written by clinicians, and three of them said by people", () => {
    expect(mayAdd(clinician)).toEqual([...ENTRY_KINDS]);
    expect(mayAdd(person)).toEqual(["condition", "medication", "allergy"]);
  });

  it("let a clinician correct what the person said, and the person nothing that a clinician wrote", () => {
    expect(() => holdMayChange(clinician, { isSelfReported: true })).not.toThrow();
    expect(() => holdMayChange(person, { isSelfReported: true })).not.toThrow();
    expect(() => holdMayChange(person, { isSelfReported: false })).toThrow(NotPermitted);
  });

  it("show people what they say of themselves, whatever they ask for", () => {
    expect([audienceFor(person, "care_team"), audienceFor(clinician, "care_team"), audienceFor(clinician, undefined)]).toEqual(["shared", "care_team", "shared"]);
  });
});
