/** Of two readings of one instant and device, one may be the lesser: a scan beside the value that its sensor stored by itself. */
import { Groups } from "./groups.ts";
import type { GlucoseValue } from "./read-values.ts";

/**
 * The values with null for those that give way to another one of the same person, metric, device and instant, and how many these are.
 * Neither is a conflict: both are sound, and the one kept does not depend on the order of the file.
 */
export function withoutGivenWay(
  values: readonly (GlucoseValue | null)[],
): { readonly values: readonly (GlucoseValue | null)[]; readonly gaveWay: number } {
  if (!values.some((value) => value?.entry.givesWay)) return { values, gaveWay: 0 };
  const instants = new Groups<Set<number>>();
  const instantsOf = ({ placed: { row }, entry }: GlucoseValue): Set<number> =>
    instants.of([row.subject, entry.metric, row.device?.id ?? ""], () => new Set());
  for (const value of values) if (value && !value.entry.givesWay) instantsOf(value).add(value.placed.ms);
  let gaveWay = 0;
  const kept = values.map((value) => {
    if (!value?.entry.givesWay || !instantsOf(value).has(value.placed.ms)) return value;
    gaveWay++;
    return null;
  });
  return { values: kept, gaveWay };
}
