/** The API and the resources of the page about readings; fetched with it. */
import { useMemo } from "react";
import type { Span } from "#web/client/api.ts";
import type { ResourceSpec } from "#web/client/cache.ts";
import { createReadingsApi, type MeterReading, type ReadingsApi, type WithdrawnList } from "#web/client/readings.ts";
import { addDays, DAY_MS, localDay } from "#units/time.ts";
import { useData } from "./data.tsx";
import { firstPage } from "./parts/PagedList.tsx";

/** What the live feed says of readings that come in, and of those that are taken back. */
const TAGS = ["treatment", "metric:glucose_meter"] as const;

export const WINDOW_DAYS = 14;

export function useReadings(): ReadingsApi {
  const { api } = useData();
  return useMemo(() => createReadingsApi(api.requester), [api]);
}

/** The days of two weeks: from the midnight that begins the first to the one that ends `last`. What is newest may be ahead of our clock, as meters are. */
export function windowOf(zone: string, { last, today }: { readonly last: string; readonly today: string }): Span {
  const fromMs = localDay(zone, addDays(last, 1 - WINDOW_DAYS))?.fromMs ?? 0;
  const toMs = localDay(zone, last)?.toMs ?? fromMs + WINDOW_DAYS * DAY_MS;
  return { fromMs, toMs: last >= today ? toMs + DAY_MS : toMs };
}

export interface ReadingsShown {
  readonly span: Span;
  readonly type: string | undefined;
}

const askedOf = ({ fromMs, toMs }: Span) => ({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });

export const readingsOf = (readings: ReadingsApi, patientId: string, { span, type }: ReadingsShown): ResourceSpec<Awaited<ReturnType<typeof firstPage<MeterReading>>>> => ({
  key: `${patientId}/readings/${span.fromMs}/${span.toMs}/${type ?? ""}`, tags: TAGS, load: (signal) => firstPage(span, (of) => readings.list(patientId, { ...askedOf(of), type, signal })),
});
export const moreReadings = (readings: ReadingsApi, patientId: string, { span, type, cursor }: ReadingsShown & { readonly cursor: string }) =>
  readings.list(patientId, { ...askedOf(span), type, cursor });
export const takenBackOf = (readings: ReadingsApi, patientId: string): ResourceSpec<WithdrawnList> => ({
  key: `${patientId}/readings/taken-back`, tags: TAGS, load: (signal) => readings.takenBack(patientId, signal),
});
