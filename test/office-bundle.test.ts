/** What the office weighs, as it was built: `npm run build` first. */
import { describe, expect, it } from "vitest";
import { MOST_OFFICE_KB, officeBundle } from "../bench/bundle.ts";

describe("the pages of the office", () => {
  it("weigh no more than they may, in one language with every page opened, and little before the sign-in", () => {
    const bundle = officeBundle();
    if (!bundle) throw new Error("web/dist holds no office: run `npm run build` before this test.");
    expect(bundle.oneLanguageKb).toBeLessThanOrEqual(MOST_OFFICE_KB);
    expect(bundle.signInKb).toBeLessThan(110);
    // The count itself finds what it should: the parts are less than the whole, and words of a language weigh something.
    expect(bundle.listKb).toBeGreaterThan(bundle.signInKb);
    expect(bundle.oneLanguageKb).toBeGreaterThan(bundle.listKb);
    expect(bundle.everythingKb).toBeGreaterThan(bundle.oneLanguageKb + 10);
  });
});
