/** Patterns over days, and the quality of data, as one module beside the library's main one. */
export * from "../quality.ts";
export * from "./compare.ts";
export * from "./compression-lows.ts";
export * from "./day-parts.ts";
export * from "./fine-profile.ts";
export * from "./loess.ts";
export * from "./meal-summary.ts";
export * from "./meals.ts";
export * from "./nights.ts";
