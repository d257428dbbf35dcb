import { describe, expect, it } from "vitest";
import { allows, purposeOf, stateOf, vendorOf, type ConsentState, type Purpose } from "./states.ts";

const [old, english, spanish] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)];

describe("what a decision is worth", () => {
  it("is given while its text is a present one, in whichever language it was read", () => {
    expect(stateOf(null, [english, spanish])).toBe("none");
    expect(stateOf({ decision: "given", textHash: spanish }, [english, spanish])).toBe("given");
    expect(stateOf({ decision: "given", textHash: old }, [english, spanish])).toBe("outdated");
    expect(stateOf({ decision: "withdrawn", textHash: english }, [english, spanish])).toBe("withdrawn");
    expect(stateOf({ decision: "unrecorded", textHash: null }, [english, spanish])).toBe("unrecorded");
  });

  it.each<[Purpose, readonly ConsentState[]]>([
    ["storage", ["none", "unrecorded", "given", "outdated"]], ["sharing", ["unrecorded", "given", "outdated"]], ["vendor:dexcom", ["unrecorded", "given", "outdated"]], ["research", ["given"]],
  ])("lets %s be done in these states alone: %s", (purpose, states) => {
    const all: ConsentState[] = ["none", "unrecorded", "given", "outdated", "withdrawn"];
    expect(all.filter((state) => allows(purpose, state))).toEqual(states);
  });

  it("is about a purpose that there is", () => {
    expect(["storage", "vendor:dexcom", "vendor:", "vendor:A b", "marketing", ""].map(purposeOf)).toEqual(["storage", "vendor:dexcom", null, null, null, null]);
    expect([vendorOf("storage"), vendorOf("vendor:apple-health")]).toEqual([null, "apple-health"]);
  });
});
