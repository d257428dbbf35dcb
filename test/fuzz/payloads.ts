/** What a driver's mapping does with mutated answers of its vendor: records that can be, problems, or a typed refusal. */
import type { Driver } from "#driver/types.ts";
import { IsletError } from "#errors.ts";
import { parseJson } from "#sync/payload.ts";
import { seeded } from "../kit/random.ts";
import { mutated } from "./mutate.ts";
import { faultOfRecord } from "./record-fault.ts";
import { CONTEXT, fixturesOf, type FuzzResult } from "./webhooks.ts";

interface Answer {
  readonly resource: string;
  readonly body: Uint8Array;
}

/** Every fixture with each resource that makes records of it. */
export function answersOf(driver: Driver): Answer[] {
  return driver.resources.filter(({ format }) => format === "json").flatMap(({ name: resource }) =>
    fixturesOf(driver).flatMap((body) => (recordsOf(driver, { resource, body }).length > 0 ? [{ resource, body }] : [])));
}

function recordsOf(driver: Driver, { resource, body }: Answer): readonly ReturnType<Driver["map"]>["records"][number][] {
  try {
    return driver.map(resource, parseJson(body), CONTEXT).records;
  } catch (error) {
    if (error instanceof IsletError) return [];
    throw error;
  }
}

/** Sends so many mutated answers of a seed through the mapping; `read` counts those that gave records. */
export function fuzzMapping(driver: Driver, options: { readonly bodies: number; readonly seed: number }): FuzzResult {
  const random = seeded(options.seed);
  const answers = answersOf(driver);
  const result = { provider: driver.id, bodies: options.bodies, read: 0, crashes: [] as string[], slowestMs: 0, believed: 0, wrong: [] as string[] };
  for (let number = 0; number < options.bodies && answers.length > 0; number += 1) {
    const { resource, body } = answers[Math.floor(random() * answers.length)]!;
    const changed = { resource, body: mutated(random, [body]) };
    const begun = performance.now();
    try {
      const records = recordsOf(driver, changed);
      if (records.length > 0) result.read += 1;
      for (const fault of records.map(faultOfRecord)) if (fault !== null) result.wrong.push(`${resource} ${number}: ${fault}`);
    } catch (error) {
      result.crashes.push(`${resource} ${number}: ${error instanceof Error ? (error.stack ?? "").split("\n").slice(0, 2).join("") : String(error)}`.slice(0, 240));
    }
    result.slowestMs = Math.max(result.slowestMs, performance.now() - begun);
  }
  return result;
}
