/** The shape of a band beside its colour: a triangle down for low, a dot for in range, a triangle up for high. Drawn, since not every font has such signs. */
import type { MessageKey } from "../../messages/catalogue.ts";
import type { Band } from "#web/language/readings.ts";

const SHAPES: Readonly<Record<Band, string>> = { low: "M1 2h10L6 11z", target: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9z", high: "M1 10h10L6 1z" };

export const BAND_WORDS: Readonly<Record<Band, MessageKey>> = { low: "history.bandLow", target: "history.bandTarget", high: "history.bandHigh" };

export const bandColour = (band: Band): string => `var(--band-${band})`;

/** Says nothing by itself: a word stands beside it. */
export function BandShape({ band }: { readonly band: Band }) {
  return <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" data-band={band} style={{ display: "inline-block" }}><path d={SHAPES[band]} fill={bandColour(band)} /></svg>;
}
