/** A short run of `npm run test:fuzz`, the same every time. */
import { describe, expect, it } from "vitest";
import { DRIVERS } from "#drivers/index.ts";
import { corpusOf, fuzzWebhook, isRead } from "./webhooks.ts";

const BODIES = 3_000;
const webhooks = DRIVERS.flatMap((driver) => (driver.webhook ? [{ name: driver.id, driver: { ...driver, webhook: driver.webhook } }] : []));

describe.each(webhooks)("the webhook of $name", ({ driver }) => {
  it("begins with bodies that it reads", () => {
    const read = corpusOf(driver).filter((body) => isRead(driver, body));
    expect(read.length).toBeGreaterThan(0);
  });

  it(`[WH-02] [WH-03] [WH-12] [WH-16] neither crashes nor hangs nor believes in ${BODIES} mutated bodies`, () => {
    const { crashes, slowestMs, believed, wrong, read } = fuzzWebhook(driver, { bodies: BODIES, seed: 20_261_121 });
    expect({ crashes, believed, wrong }).toEqual({ crashes: [], believed: 0, wrong: [] });
    expect(slowestMs).toBeLessThan(1_000);
    // Mutations that all were refused would prove little.
    expect(read).toBeGreaterThan(BODIES / 100);
  });
});
