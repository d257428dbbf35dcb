/** Which source of a metric is believed before which, and why. Pure: the same facts give the same order, whoever wrote first. */
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Series } from "../store/series.ts";

/** Names sources: all that fit every field given. */
export interface SourceSelector {
  readonly provider?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly deviceId?: string | undefined;
}

/** What a person wants: the named sources first, in this order, and some not at all. */
export interface SourceRule {
  readonly order: readonly SourceSelector[];
  readonly exclude: readonly SourceSelector[];
}

/** Of one metric, or of all that have none of their own. */
export type RuleScope = MetricName | "all";

/** What a series' own samples say about it. */
export interface SourceFacts {
  /** Typical length of its newest intervals, typical pause between its newest instants; null where too few are known. */
  readonly spacingMs: number | null;
  /** Its first sample; null where it does not matter. */
  readonly firstMs: number | null;
}

/** All that an order is made of, of one patient. */
export interface Ranking {
  readonly rules: ReadonlyMap<RuleScope, SourceRule>;
  readonly facts: ReadonlyMap<string, SourceFacts>;
  /** Time of each series' newest sample. */
  readonly newest: ReadonlyMap<string, number>;
}

/** How values come to us: from the maker of the device, through somebody who gathers others' data, typed by a person, or from a file. */
export type SourcePath = "direct" | "hub" | "typed" | "import";

/**
 * Providers that hand on what others measured. They round, delay, leave out, and cannot be asked again for what they lost; the maker's own
 * connection is believed before them. Phones' health stores hand on watches' and sensors' data; Strava and Terra what was uploaded to them;
 * Nightscout and Tidepool what an uploader read from a sensor or pump; Dexcom Share is the follower's copy of what Dexcom's own API has.
 */
const HUBS: ReadonlySet<string> = new Set([
  "apple-health", "health-connect", "samsung-health", "terra", "nightscout", "tidepool", "strava", "dexcom-share",
]);

const PATHS: readonly SourcePath[] = ["direct", "hub", "typed", "import"];

export function pathOf({ provider, connectionId }: Pick<Series, "provider" | "connectionId">): SourcePath {
  if (provider === "manual") return "typed";
  if (connectionId === null) return "import";
  return HUBS.has(provider) ? "hub" : "direct";
}

/** The smaller, the better. */
export function pathRank(source: Pick<Series, "provider" | "connectionId">): number {
  return PATHS.indexOf(pathOf(source));
}

/** What puts a source before the next one (the last of several: behind the one before it). */
export type PlaceReason = "only_source" | "own_order" | "measured_within_the_day" | "direct" | "more_detailed" | "still_measuring" | "newer_device" | "by_name";

export interface RankedSource {
  readonly series: Series;
  readonly reason: PlaceReason;
}

/** Spacings that count as alike: a sensor of five minutes is no more detailed for measuring every 299 seconds. Upper bounds. */
const BANDS_MS: readonly number[] = [2_000, 30_000, 1.5 * MINUTE_MS, 7.5 * MINUTE_MS, 20 * MINUTE_MS, 1.5 * HOUR_MS, 6 * HOUR_MS, 36 * HOUR_MS];

/** A source is over when another has measured on for longer than this. */
const OVER_AFTER_MS = 7 * DAY_MS;

/** How often somebody steps on the scales says nothing of the scales. */
const OCCASIONAL: ReadonlySet<MetricName> = new Set(["glucose_meter", "ketone", "blood_pressure_systolic", "blood_pressure_diastolic", "body_temperature"]);

/** Whether each value is a measurement of its own, taken when a person wants one, and not one of a steady row. */
export function isOccasional(metric: MetricName): boolean {
  return METRICS[metric].aggregate === "last" || OCCASIONAL.has(metric);
}

/**
 * The rule that a metric goes by: its own (the vendor's rate of glucose goes with the glucose), else the one of all; null where there is none. A
 * rule of its own replaces the one of all.
 */
export function ruleOf(rules: Ranking["rules"], metric: MetricName): { readonly scope: RuleScope; readonly rule: SourceRule } | null {
  for (const scope of metric === "glucose_trend_rate" ? ([metric, "glucose", "all"] as const) : ([metric, "all"] as const)) {
    const rule = rules.get(scope);
    if (rule) return { scope, rule };
  }
  return null;
}

export function fits(selector: SourceSelector, source: Pick<Series, "provider" | "connectionId" | "deviceId">): boolean {
  return (["provider", "connectionId", "deviceId"] as const).every((field) => selector[field] === undefined || selector[field] === source[field]);
}

export function isExcluded(rule: SourceRule | undefined, source: Pick<Series, "provider" | "connectionId" | "deviceId">): boolean {
  return rule?.exclude.some((selector) => fits(selector, source)) ?? false;
}

/** Place in the person's own order; all that it does not name come after it, alike. */
export function ownPlace(rule: SourceRule | undefined, source: Pick<Series, "provider" | "connectionId" | "deviceId">): number {
  const place = rule?.order.findIndex((selector) => fits(selector, source)) ?? -1;
  return place < 0 ? Number.POSITIVE_INFINITY : place;
}

/** What decides, in this order; of two sources the one with the smaller number is better. */
const CRITERIA: readonly Exclude<PlaceReason, "only_source" | "by_name">[] = [
  "own_order", "measured_within_the_day", "direct", "more_detailed", "still_measuring", "newer_device",
];

/**
 * Ranks the series of one metric, best first: the person's own order; what was measured within the day before a vendor's totals of a day;
 * the maker's own connection before a hub, that before what was typed or imported; more detailed before less; one that still measures
 * before one that has ended; the newer device before the older; else by name, so that the order never hangs on who wrote first.
 * Excluded ones are absent. `series` must be of one metric.
 */
export function explainSources(series: readonly Series[], ranking: Ranking): RankedSource[] {
  const metric = series[0]?.metric;
  if (metric === undefined) return [];
  const rule = ruleOf(ranking.rules, metric)?.rule;
  const usable = series.filter((each) => !isExcluded(rule, each));
  const lastMs = usable.reduce((latest, { id }) => Math.max(latest, ranking.newest.get(id) ?? Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY);
  const ranked = usable
    .map((each) => {
      const name = [each.provider, each.deviceId, each.connectionId ?? "", each.id.padStart(20, "0")].join("\n");
      return { each, marks: marksOf(each, { ranking, rule, lastMs }), name };
    })
    .toSorted((a, b) => difference(a.marks, b.marks)?.by ?? (a.name < b.name ? -1 : 1));
  return ranked.map(({ each, marks }, place) => {
    const neighbour = ranked[place + 1] ?? ranked[place - 1];
    return { series: each, reason: neighbour ? (difference(marks, neighbour.marks)?.criterion ?? "by_name") : "only_source" };
  });
}

function marksOf(series: Series, about: { ranking: Ranking; rule: SourceRule | undefined; lastMs: number }): readonly number[] {
  const { ranking, rule, lastMs } = about;
  const facts = ranking.facts.get(series.id);
  const hasDetail = !isOccasional(series.metric) && !series.isDayTotal;
  return [
    ownPlace(rule, series), Number(series.isDayTotal), pathRank(series), hasDetail ? bandOf(facts?.spacingMs ?? null) : 0,
    Number((ranking.newest.get(series.id) ?? Number.NEGATIVE_INFINITY) < lastMs - OVER_AFTER_MS), -(facts?.firstMs ?? 0),
  ];
}

function difference(one: readonly number[], other: readonly number[]): { readonly by: number; readonly criterion: PlaceReason } | null {
  const place = one.findIndex((mark, index) => mark !== other[index]);
  return place < 0 ? null : { by: one[place]! < other[place]! ? -1 : 1, criterion: CRITERIA[place]! };
}

/** Unknown counts as the least detailed. */
function bandOf(spacingMs: number | null): number {
  const band = spacingMs === null ? -1 : BANDS_MS.findIndex((most) => spacingMs <= most);
  return band < 0 ? BANDS_MS.length : band;
}

/**
 * The sources that a reply of one metric is made of, best first. A vendor's totals of a day are among them where days are asked for, or
 * where there is nothing finer at all; they never mix with what was measured within the day (day-totals.ts).
 */
export function rankSources(series: readonly Series[], ranking: Ranking, resolution: string): Series[] {
  const ranked = explainSources(series, ranking).map((each) => each.series);
  if (resolution === "1d" || ranked.every((each) => each.isDayTotal)) return ranked;
  return ranked.filter((each) => !each.isDayTotal);
}
