/**
 * The glucose library as one module: series, metrics, episodes, ambulatory profile. Typed arrays in, plain objects out; no clock, no I/O, any runtime. Patterns
 * over days and data quality have an entry of their own (`patterns/index.ts`). Inside Islet rooms import the files themselves.
 */
export * from "./active-percent.ts";
export * from "./analyze.ts";
export * from "./consensus.ts";
export * from "./distribution.ts";
export * from "./episodes/all-episodes.ts";
export * from "./episodes/detect.ts";
export * from "./episodes/extended-highs.ts";
export * from "./gmi.ts";
export * from "./grid.ts";
export * from "./local-times.ts";
export * from "./range-presets.ts";
export * from "./patterns/agp.ts";
export * from "./ranges.ts";
export * from "./reasons.ts";
export * from "./risk/blood-glucose-risk.ts";
export * from "./risk/glycemia-risk-index.ts";
export * from "./risk/grade.ts";
export * from "./risk/indexes.ts";
export * from "./rounding.ts";
export * from "./series.ts";
export * from "./statistics.ts";
export * from "./summary.ts";
export * from "./trend.ts";
export * from "./variability/grid-variability.ts";
export * from "./variability/mage.ts";
export * from "./variability/sd-family.ts";
export * from "./wear.ts";
