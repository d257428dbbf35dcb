/** The table of docs/glucose.md: metric by metric, how many series agree and which do not. */
import { EXCEPTIONS } from "./exceptions.ts";
import { TOLERANCE, type Comparison } from "./compare.ts";

export const TABLE_BEGIN = "<!-- golden table: written by node scripts/golden-table.ts -->";
export const TABLE_END = "<!-- end of the golden table -->";

export function goldenTable(comparisons: readonly Comparison[]): string {
  const ids = [...new Set(comparisons.map(({ id }) => id))].toSorted();
  const metrics = new Map<string, Comparison[]>();
  for (const comparison of comparisons) metrics.set(groupOf(comparison.metric), [...(metrics.get(groupOf(comparison.metric)) ?? []), comparison]);
  const rows = [...metrics].map(([metric, found]) => {
    const equal = found.filter(({ result }) => result === "equal").length;
    const series = new Set(found.map(({ id }) => id)).size;
    const excepted = EXCEPTIONS.flatMap(({ mark }) => {
      const of = [...new Set(found.filter((each) => each.result === "excepted" && each.mark === mark).map(({ id }) => id))];
      return of.length === 0 ? [] : [`${of.join(", ")} (${mark})`];
    });
    return `| ${metric} | ${series} | ${equal} of ${found.length} | ${excepted.join("; ") || "none"} |`;
  });
  return [
    `${comparisons.length} numbers of ${ids.length} series and variants; relative tolerance ${TOLERANCE}; “equal” includes “no number” on both sides.`, "",
    "| metric | series | equal | not matched |", "|---|---|---|---|", ...rows, "",
    ...EXCEPTIONS.map(({ mark, reason }) => `- (${mark}) ${reason}`), "",
    `Series: ${ids.join(", ")}.`,
  ].join("\n");
}

/** Numbers of one family share a row. */
function groupOf(metric: string): string {
  if (metric.startsWith("cgmguru")) return `${metric.slice(9)} (cgmguru)`;
  if (metric.startsWith("quantile ")) return "quantiles 0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100";
  if (metric.startsWith("episodes")) return `${metric.split(".")[0]}: ${metric.split(".")[1]}, count, per day, mean duration, mean glucose`;
  if (metric.startsWith("rates, quantile")) return "rates of change over 15 min: quantiles";
  if (metric.startsWith("rates, bin")) return "rates of change over 15 min: histogram";
  if (metric === "rates, number") return "rates of change over 15 min: number";
  return metric;
}
