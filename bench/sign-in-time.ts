/**
 * `npm run bench -- sign-in-time`: whether the time of a refused sign-in tells that there is such an account. Welch's t of known against unknown names, turn by turn in random
 * order; below 4.5 nothing is told (faults AU-03; the bound of test-vector leakage assessment). `--turns N` for each kind, 5,000 by default; stops after ten minutes.
 */
import { randomInt } from "node:crypto";
import { atMost, median, told, type Figure } from "./figure.ts";
import { layGround } from "./ground.ts";

const TURNS = 5_000;
const BUDGET_MS = 600_000;
/** The slowest of each kind were held up by something else: the same share of both is left out. */
const KEPT_SHARE = 0.9;

export async function benchSignInTime(options: readonly string[]): Promise<Figure[]> {
  const turns = options.includes("--turns") ? Number(options[options.indexOf("--turns") + 1]) : TURNS;
  const ground = await layGround();
  try {
    const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
    const endMs = performance.now() + BUDGET_MS;
    const attempt = async (kind: "known" | "unknown"): Promise<void> => {
      const identifier = kind === "known" ? ground.email : "bench-nobody@example.org";
      // Guessing is slowed after ten tries; a slowed one costs no hash and would be measured in place of it.
      await ground.database.asSystem((tx) => tx.query("delete from sign_in_failures"));
      const startedMs = performance.now();
      await ground.app.api.signIn.withPassword({ identifier, password: "not the password", address: "192.0.2.1" }).catch(() => undefined);
      times[kind].push(performance.now() - startedMs);
    };
    for (let turn = 0; turn < turns && performance.now() < endMs; turn += 1) {
      const [first, second] = randomInt(2) === 0 ? (["known", "unknown"] as const) : (["unknown", "known"] as const);
      await attempt(first);
      await attempt(second);
    }
    const [known, unknown] = [usual(times.known), usual(times.unknown)];
    return [
      told("attempts of each kind", times.known.length, "attempts"), told("refused sign-in, known account, median", median(known), "ms"),
      told("refused sign-in, unknown account, median", median(unknown), "ms"), atMost("difference of the medians", Math.abs(median(known) - median(unknown)), "ms", 5),
      atMost("Welch's t, known against unknown", Math.abs(welch(known, unknown)), "", 4.5),
    ];
  } finally {
    await ground.close();
  }
}

function usual(times: readonly number[]): number[] {
  return times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length * KEPT_SHARE));
}

function welch(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: readonly number[], middle: number): number => values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const [ma, mb] = [mean(a), mean(b)];
  return (ma - mb) / Math.sqrt(variance(a, ma) / a.length + variance(b, mb) / b.length);
}
