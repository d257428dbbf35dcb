/** What time tells about a signature: nothing. Two samples are compared by Welch's t, after what the machine delayed was cut off. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkHmac } from "#driver/verify.ts";

const SAMPLES = 10_000;
/** Beyond this t nobody speaks of chance (faults WH-04). */
const SUSPICIOUS = 4.5;
const SECRET = "secret-of-the-app";
const BODY = "{}";
const TRUE = createHmac("sha256", SECRET).update(BODY).digest("hex");
const other = (letter: string): string => (letter === "0" ? "1" : "0");
/** Right but for its last letter, and wrong from its first on. */
const NEARLY = TRUE.slice(0, -1) + other(TRUE.at(-1)!);
const WRONG = TRUE.split("").map(other).join("");

interface Moments {
  readonly mean: number;
  readonly varianceOfMean: number;
}

function momentsOf(times: number[]): Moments {
  const kept = times.toSorted((a, b) => a - b).slice(0, Math.floor(times.length * 0.8));
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1);
  return { mean, varianceOfMean: variance / kept.length };
}

/** By turns, so that a slow moment of the machine meets both. */
function welchT(run: (given: string) => void): number {
  const times: Record<string, number[]> = { [NEARLY]: [], [WRONG]: [] };
  for (let turn = -500; turn < SAMPLES; turn += 1) {
    for (const given of turn % 2 === 0 ? [NEARLY, WRONG] : [WRONG, NEARLY]) {
      const begun = process.hrtime.bigint();
      run(given);
      if (turn >= 0) times[given]!.push(Number(process.hrtime.bigint() - begun));
    }
  }
  const [nearly, wrong] = [momentsOf(times[NEARLY]!), momentsOf(times[WRONG]!)];
  return Math.abs(nearly.mean - wrong.mean) / Math.sqrt(nearly.varianceOfMean + wrong.varianceOfMean);
}

/** How it must not be done: it goes on for as long as the letters are right. */
function stopsEarly(given: string): boolean {
  for (let turn = 0; turn < 20; turn += 1) {
    for (let at = 0; at < TRUE.length; at += 1) if (given.charCodeAt(at) !== TRUE.charCodeAt(at)) break;
  }
  return given === TRUE;
}

describe("a signature that is refused", () => {
  it("takes no longer for being nearly right, as far as ten thousand tries can tell [WH-04]", () => {
    const refused = (given: string): void => {
      try {
        checkHmac({ algorithm: "sha256", encoding: "hex", given, signed: [BODY], secrets: [SECRET] });
      } catch {
        return;
      }
      throw new Error("a false signature was taken");
    };
    expect(() => checkHmac({ algorithm: "sha256", encoding: "hex", given: TRUE, signed: [BODY], secrets: [SECRET] })).not.toThrow();
    // One of many thousand runs would go wrong by chance; a leak goes wrong each time.
    expect(Math.min(welchT(refused), welchT(refused))).toBeLessThan(SUSPICIOUS);
  }, 60_000);

  it("would be told by the same test where letters were compared until the first wrong one", () => {
    expect(welchT(stopsEarly)).toBeGreaterThan(SUSPICIOUS);
  }, 60_000);
});
