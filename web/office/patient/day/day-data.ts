/** What a stretch of days holds: glucose, heart rate and steps as series, and what was entered, slept and done. */
import { useMemo } from "react";
import { DAY_MS } from "#units/time.ts";
import type { Reply } from "#web/client/operation-client.ts";
import type { Sleep, Treatment, Workout } from "#web/client/types.ts";
import { useOperation } from "../../data/queries.ts";
import { usePatient } from "../patient.ts";
import type { View } from "./viewport.ts";

/** More readings than this are thinned by the server; every point was measured. */
const MOST_POINTS = 3_000;
/** Entries of more days than this would lie upon one another. */
const LONGEST_WITH_ENTRIES_MS = 15 * DAY_MS;
const MOST_ENTRIES = 500;

export interface Series {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface GlucoseOfDays extends Series {
  readonly flags: readonly (readonly string[])[] | null;
  /** Places that no line leads to; null where readings stand alone. */
  readonly breaks: ReadonlySet<number> | null;
}

export interface DayData {
  /** mg/dL. */
  readonly glucose: GlucoseOfDays;
  readonly heart: Series;
  readonly steps: Series;
  /** Of each value of heart and steps. */
  readonly stepMs: number;
  readonly treatments: readonly Treatment[];
  readonly sleeps: readonly Sleep[];
  readonly workouts: readonly Workout[];
  /** False over so many days that entries are not asked for. */
  readonly hasEntries: boolean;
}

type Resolution = "5m" | "15m" | "1h" | "1d";
const STEPS: readonly (readonly [Resolution, stepMs: number, upToMs: number])[] = [
  ["5m", 300_000, 4 * DAY_MS], ["15m", 900_000, 10 * DAY_MS], ["1h", 3_600_000, 40 * DAY_MS], ["1d", DAY_MS, Number.POSITIVE_INFINITY],
];

/** The coarser, the longer the stretch. */
export function resolutionOf({ fromMs, toMs }: View): { readonly resolution: Resolution; readonly stepMs: number } {
  const [resolution, stepMs] = STEPS.find(([, , upToMs]) => toMs - fromMs <= upToMs)!;
  return { resolution, stepMs };
}

/** @param loaded whole days, so that the same is asked for while somebody moves a little */
export function useDayData(loaded: View) {
  const { path } = usePatient();
  const span = { from: new Date(loaded.fromMs).toISOString(), to: new Date(loaded.toMs).toISOString() };
  const { resolution, stepMs } = resolutionOf(loaded);
  const hasEntries = loaded.toMs - loaded.fromMs <= LONGEST_WITH_ENTRIES_MS;
  const glucose = useOperation("get /patients/{patientId}/metrics", { path, query: { ...span, metrics: "glucose", points: MOST_POINTS } });
  const vitals = useOperation("get /patients/{patientId}/metrics", { path, query: { ...span, metrics: "heart_rate,steps", resolution } });
  const records = { path, query: { ...span, limit: MOST_ENTRIES } };
  const treatments = useOperation("get /patients/{patientId}/treatments", records, { isEnabled: hasEntries });
  const sleeps = useOperation("get /patients/{patientId}/sleeps", { path, query: { ...span, limit: 200, resolved: "true" } }, { isEnabled: hasEntries });
  const workouts = useOperation("get /patients/{patientId}/workouts", { path, query: { ...span, limit: 200, resolved: "true" } }, { isEnabled: hasEntries });
  const data = useMemo((): DayData => ({
    glucose: glucoseOf(glucose.data), heart: seriesOf(vitals.data, "heart_rate"), steps: seriesOf(vitals.data, "steps"), stepMs, hasEntries,
    treatments: hasEntries ? (treatments.data?.data ?? []) : [], sleeps: hasEntries ? (sleeps.data?.data ?? []) : [], workouts: hasEntries ? (workouts.data?.data ?? []) : [],
  }), [glucose.data, vitals.data, treatments.data, sleeps.data, workouts.data, stepMs, hasEntries]);
  // What the picture cannot do without; the others come to their lanes, or their failure is told.
  const failed = [vitals, treatments, sleeps, workouts].find(({ error }) => error !== null) ?? null;
  return { glucose, data, failed };
}

type Metrics = Reply<"get /patients/{patientId}/metrics">;

function seriesOf(reply: Metrics | undefined, metric: "heart_rate" | "steps"): Series {
  const series = reply?.series.find((each) => each.metric === metric);
  return { times: series?.times ?? [], values: series?.values ?? [] };
}

function glucoseOf(reply: Metrics | undefined): GlucoseOfDays {
  const series = reply?.series.find(({ metric }) => metric === "glucose");
  if (!series) return { times: [], values: [], flags: null, breaks: null };
  return { times: series.times, values: series.values, flags: series.flags, breaks: series.breaks ? new Set(series.breaks) : null };
}
