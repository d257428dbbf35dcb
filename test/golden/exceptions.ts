/** Where a reference is not matched, and why. Each must be needed: the test fails when one is not. */

/** Metrics of how long and how fast: computed on instants, on days when clocks change, too (cgm-metrics §1). */
const BY_TIME = /^(conga|mag|gvp$|sdRoc$|rates|episodes|mage\.|pgs$|cgmguru)/;

export interface Exception {
  /** Letter under which the documents list it. */
  readonly mark: string;
  readonly ids: RegExp;
  readonly metrics: RegExp;
  readonly reason: string;
  /** How many numbers need it at least. */
  readonly least: number;
  /** The reference that must be matched instead; null where there is none. */
  readonly instead: ((id: string) => string) | null;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    mark: "a", ids: /^syn_dst_(fall|spring)_a@local$/, metrics: BY_TIME, least: 60, instead: (id) => id.replace("@local", "@utc"),
    reason: "On wall-clock slots the reference drops the hour that comes twice, and leaves a hole at the one that is skipped. What lasts is measured on instants here, and equals the reference run in UTC.",
  },
  {
    mark: "b", ids: /^syn_dups_a@raw$/, metrics: /./, least: 60, instead: null,
    reason: "The reference counts each row of an instant, averages them, or takes the last one, depending on the metric. Here one reading an instant is left before anything is computed; `@mean` and `@last` match.",
  },
  {
    mark: "c", ids: /^syn_n1_a$/, metrics: /^activePercent of 14 days$/, least: 1, instead: null,
    reason: "Of a single reading nobody knows how often the sensor reads; the reference says 0.",
  },
];

export function exceptionFor(id: string, metric: string): Exception | null {
  return EXCEPTIONS.find(({ ids, metrics }) => ids.test(id) && metrics.test(metric)) ?? null;
}
