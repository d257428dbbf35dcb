/** Places for labels that must not stand on one another. */

/**
 * Ascending places at least `gap` apart, each as near to where it is wanted as its neighbours allow, within `[from, to]`. Wanted places must be ascending.
 * Where there is no room for all at that gap they stand evenly.
 */
export function spread(wanted: readonly number[], gap: number, { from, to }: { readonly from: number; readonly to: number }): number[] {
  if (wanted.length === 0) return [];
  const needed = gap * (wanted.length - 1);
  if (needed > to - from) return wanted.map((_, index) => from + ((to - from) * index) / Math.max(1, wanted.length - 1));
  const places = [...wanted];
  for (let index = 0; index < places.length; index++) places[index] = Math.max(places[index]!, index === 0 ? from : places[index - 1]! + gap);
  for (let index = places.length - 1; index >= 0; index--) places[index] = Math.min(places[index]!, index === places.length - 1 ? to : places[index + 1]! - gap);
  return places;
}
