/** Colours for canvases, read from the page's CSS variables, so that light and dark are decided in one place. */
import { useSyncExternalStore } from "react";
import type { Band } from "./ranges.ts";

export interface ChartPalette {
  readonly bands: Readonly<Record<Band, string>>;
  readonly targetFill: string;
  readonly targetLine: string;
  readonly grid: string;
  readonly text: string;
  readonly surface: string;
  readonly ribbon: string;
  readonly carbohydrates: string;
  readonly insulin: string;
  readonly workout: string;
}

const VARIABLES = {
  veryLow: "--band-very-low", low: "--band-low", target: "--band-target", high: "--band-high", veryHigh: "--band-very-high",
  targetFill: "--target-fill", targetLine: "--target-line", grid: "--grid", text: "--text-muted", surface: "--surface",
  ribbon: "--ribbon", carbohydrates: "--mark-carbohydrates", insulin: "--mark-insulin", workout: "--mark-workout",
} as const;

let cached: { readonly fingerprint: string; readonly palette: ChartPalette } | null = null;

function readPalette(): ChartPalette {
  const style = getComputedStyle(document.documentElement);
  const values = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]),
  ) as Record<keyof typeof VARIABLES, string>;
  const fingerprint = JSON.stringify(values);
  if (cached?.fingerprint === fingerprint) return cached.palette;
  const { veryLow, low, target, high, veryHigh, ...rest } = values;
  cached = { fingerprint, palette: { bands: { veryLow, low, target, high, veryHigh }, ...rest } };
  return cached.palette;
}

function onThemeChange(listener: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  query.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    query.removeEventListener("change", listener);
  };
}

/** The palette in force; null while rendering outside a browser. */
export function usePalette(): ChartPalette | null {
  return useSyncExternalStore(onThemeChange, readPalette, () => null);
}
