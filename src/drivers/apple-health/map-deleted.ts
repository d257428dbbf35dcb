/**
 * What Health deleted. A workout or a treatment is found by its UUID; a sample by its time alone, so a bridge sends the whole of a stretch again and
 * says that it is complete. Pure. Source: docs/drivers/apple-health.md, our push shape.
 */
import type { Replacement } from "#driver/records.ts";
import { DAY_MS } from "#units/time.ts";
import type { MetricName } from "#units/metrics.ts";
import { instantOf, type MapJob } from "./map-place.ts";
import { METRICS_OF, TREATMENT_TYPES } from "./quantities.ts";
import * as schema from "./schema.ts";

const LONGEST_MS = 400 * DAY_MS;

interface Deletion {
  readonly job: MapJob;
  /** Of the same body, as sent. */
  readonly complete: unknown;
}

export function withdraw(item: unknown, path: string, { job, complete }: Deletion): void {
  const deleted = job.mapping.item(schema.deleted, item, path);
  if (!deleted) return;
  const type = plain(deleted.type);
  if (isWorkout(type)) job.mapping.add({ record: "withdrawal", of: "workout", vendorId: deleted.id });
  else if (TREATMENT_TYPES.includes(type) && type !== "BloodGlucose") job.mapping.add({ record: "withdrawal", of: "treatment", vendorId: deleted.id });
  else if (METRICS_OF.has(type) || type === "SleepAnalysis") {
    if (type === "BloodGlucose") job.mapping.add({ record: "withdrawal", of: "treatment", vendorId: deleted.id });
    if (complete === undefined || complete === null) job.mapping.problem(path, "a deleted sample is found by its time: send its stretch again as complete");
  }
}

/** Null, and a problem, where the stretch is none, or where something in it was refused: what was not understood is not to be deleted. */
export function replacementOf(item: unknown, path: string, { job, hasProblems }: { readonly job: MapJob; readonly hasProblems: boolean }): Replacement | null {
  const complete = job.mapping.item(schema.complete, item, path);
  if (!complete) return null;
  const [from, to] = [instantOf(complete.from, job.context), instantOf(complete.to, job.context)];
  if (!from || !to || to.ms <= from.ms || to.ms - from.ms > LONGEST_MS) {
    job.mapping.problem(path, "no possible stretch of at most 400 days");
    return null;
  }
  if (hasProblems) {
    job.mapping.problem(path, "nothing was deleted, for something in the body was refused");
    return null;
  }
  const types = complete.types ? new Set(complete.types.map(plain)) : null;
  const has = (type: string): boolean => types === null || types.has(type);
  // A metric or a kind of record is complete when all that feeds it is.
  const feeding = new Map<MetricName, string[]>();
  for (const [type, metrics] of METRICS_OF) for (const metric of metrics) feeding.set(metric, [...(feeding.get(metric) ?? []), type]);
  return {
    fromMs: from.ms, toMs: to.ms, dayTotals: "never", metrics: [...feeding].filter(([, all]) => all.every(has)).map(([metric]) => metric),
    of: [
      ...(has("SleepAnalysis") ? (["sleep"] as const) : []),
      ...((types === null || [...types].some(isWorkout)) && has("MindfulSession") ? (["workout"] as const) : []),
      ...(TREATMENT_TYPES.every(has) ? (["treatment"] as const) : []),
    ],
  };
}

const plain = (type: string): string => type.replace(/^HK(?:Quantity|Category)TypeIdentifier/, "");
const isWorkout = (type: string): boolean => /^(?:HK)?Workout/i.test(type) || type === "MindfulSession";
