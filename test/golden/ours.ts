/** Our numbers under the names of references.ts. */
import { activePercentOfDays } from "#glucose/active-percent.ts";
import { analyze, type GlucoseAnalysis } from "#glucose/analyze.ts";
import { distributionOf, quantileOf } from "#glucose/distribution.ts";
import { findEpisodes, summarizeEpisodes, type EpisodeSummary } from "#glucose/episodes/all-episodes.ts";
import { uGmiPercent } from "#glucose/gmi.ts";
import { timeGrid, wallGrid, type TimeGrid } from "#glucose/grid.ts";
import { percentAbove, percentBelow, percentWithin } from "#glucose/ranges.ts";
import { mValue } from "#glucose/risk/indexes.ts";
import { quantiles } from "#glucose/statistics.ts";
import { conga, modd, rateHistogram, ratesOfChange } from "#glucose/variability/grid-variability.ts";
import type { GoldenSeries } from "./series.ts";

/** Everything that is compared, of one series in mg/dL. */
export function ourNumbers({ series, zone }: GoldenSeries): Map<string, number | null> {
  const analysis = analyze(series, { zone, grid: "iglu" });
  const numbers = new Map<string, number | null>(plainNumbers(analysis));
  const readings = distributionOf(series.values);
  const set = (name: string, value: number | null): unknown => numbers.set(name, value);
  for (const share of [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100]) set(`quantile ${share}`, quantileOf(readings, share / 100));
  set("activePercent of 14 days", activePercentOfDays(series.timesMs, series.cadenceMinutes, 14));
  set("range", analysis.max! - analysis.min!);
  set("quartile1", quantileOf(readings, 0.25));
  set("quartile3", quantileOf(readings, 0.75));
  for (const limit of [140, 180, 250]) set(`above ${limit}`, percentAbove(series.values, limit));
  for (const limit of [54, 63, 70]) set(`below ${limit}`, percentBelow(series.values, limit));
  for (const [low, high] of [[63, 140], [70, 140], [70, 180]] as const) set(`in ${low}–${high}`, percentWithin(series.values, low, high));
  set("mValue r=100", mValue(readings, { reference: 100 }));
  set("cgmguru: hyperExtended.count", analysis.episodes?.hyperExtended.count ?? null);
  set("cgmguru: hypoLevel1.count", analysis.episodes?.hypoLevel1.count ?? null);
  set("cgmguru: hyperLevel2.count", analysis.episodes?.hyperLevel2.count ?? null);
  set("cgmguru: uGmi", uGmiPercent(analysis.mean!));
  set("cgmguru: activePercent", analysis.activePercent);
  const [time, wall] = [timeGrid(series, zone, { kind: "iglu" }), wallGrid(series, zone, { kind: "iglu" })];
  for (const hours of [1, 2, 4, 6]) set(`conga ${hours}`, time && conga(time, hours));
  for (const lag of [2, 7]) set(`modd lag ${lag}`, wall && modd(wall, lag));
  if (time) onTime(time, set);
  return numbers;
}

function plainNumbers(analysis: GlucoseAnalysis): [string, number | null][] {
  return Object.entries(analysis).flatMap(([name, value]): [string, number | null][] => {
    if (value === null || typeof value === "number") return [[name, value]];
    if (name === "mage") return Object.entries(analysis.mage).map(([kind, height]) => [`mage.${kind}`, height]);
    if (name === "episodes") return episodeNumbers("episodes", analysis.episodes!);
    return [];
  });
}

function episodeNumbers(prefix: string, summaries: Readonly<Record<string, EpisodeSummary>>): [string, number | null][] {
  return Object.entries(summaries).flatMap(([kind, summary]) => Object.entries(summary).map(([name, value]): [string, number | null] => [`${prefix}.${kind}.${name}`, value as number | null]));
}

function onTime(time: TimeGrid, set: (name: string, value: number | null) => unknown): void {
  for (const [prefix, startMinutes, endMinutes] of [["episodes 20/30", 20, 30], ["episodes 120", 120, 15]] as const) {
    const lists = findEpisodes(time, { unit: "mg/dL", startMinutes, endMinutes });
    for (const [name, value] of episodeNumbers(prefix, summarizeEpisodes(lists, time))) set(name, value);
  }
  const rates = ratesOfChange(time);
  set("rates, number", rates.length);
  for (const [bin, count] of rateHistogram(rates).entries()) set(`rates, bin ${bin}`, count);
  for (const share of [0, 5, 25, 50, 75, 95, 100]) set(`rates, quantile ${share}`, quantiles(rates, [share / 100])[0]!);
}
