/** The glucose report of the last 90 days with readings, as PDF. A person without glucose gets none. */
import { presetOf } from "#exports/presets.ts";
import { reportData } from "#exports/report-data.ts";
import { renderInThread } from "#exports/report-thread.ts";
import { REPORT_PAGES } from "#exports/report.ts";
import { inMeasuredUnit } from "#glucose/measured-unit.ts";
import { cleanSeries } from "#glucose/series.ts";
import { readMetric, readNewest } from "#samples/read.ts";
import { flagNames } from "#samples/store/flags.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { zoneAt } from "#units/zones.ts";
import { VERSION } from "../../../version.ts";
import type { PackagePart, PackageSource } from "../parts.ts";

const DAYS = 90;
const MOST_READINGS = 400_000;

export const reportPart: PackagePart = {
  name: "report",
  count: async (source) => ((await newestMs(source)) === null ? 0 : 1),
  async *files(source) {
    const lastMs = await newestMs(source);
    if (lastMs === null) return;
    yield {
      path: "derived/glucose-report.pdf", mediaType: "application/pdf", schema: null,
      async *content(count) {
        yield await render(source, lastMs);
        count(1);
      },
    };
  },
};

async function newestMs({ read, subject, context }: PackageSource): Promise<number | null> {
  const toMs = context.sync.clock.now();
  const { samples } = await read((tx) => readNewest(tx, { patientId: subject.patientId, metric: "glucose", toMs, count: 1, withinMs: 30 * MINUTE_MS }));
  return samples.startMs.at(-1) ?? null;
}

async function render({ read, subject, zones, displayName, locale, context, signal }: PackageSource, lastMs: number): Promise<Uint8Array> {
  const { samples, sources } = await read((tx) => readMetric(tx, {
    patientId: subject.patientId, metric: "glucose", fromMs: lastMs - DAYS * DAY_MS, toMs: lastMs + 1, resolution: "raw", zone: zones, limit: MOST_READINGS,
  }));
  const outOfRange = Int8Array.from(samples.flags, (bits) => {
    const flags = flagNames(bits);
    return flags.includes("below_range") ? -1 : flags.includes("above_range") ? 1 : 0;
  });
  const series = inMeasuredUnit(cleanSeries({ timesMs: samples.startMs, values: samples.values, outOfRange }));
  const data = reportData(series, {
    zone: zoneAt(zones, lastMs), preset: presetOf("standard"), days: DAYS, person: displayName, source: { names: [...new Set(sources.map(({ provider }) => provider))], file: null, duplicates: "mean" },
  });
  return renderInThread(data, { unit: "mg/dL", language: locale, paper: "a4", pages: REPORT_PAGES, generatedMs: context.sync.clock.now(), version: VERSION }, signal);
}
