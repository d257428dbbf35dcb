/** A short run of `npm run test:fuzz` over answers, the same every time. */
import { describe, expect, it } from "vitest";
import { DRIVERS } from "#drivers/index.ts";
import { fuzzMapping } from "./payloads.ts";

const BODIES = 400;

describe.each(DRIVERS.map((driver) => ({ name: driver.id, driver })))("the mapping of $name", ({ driver }) => {
  it(`[VA-04] [VA-05] [DA-08] makes of ${BODIES} mutated answers only records that can be`, () => {
    const { crashes, wrong, read } = fuzzMapping(driver, { bodies: BODIES, seed: 20_261_121 });
    expect({ crashes, wrong }).toEqual({ crashes: [], wrong: [] });
    expect(read).toBeGreaterThan(BODIES / 20);
  });
});
