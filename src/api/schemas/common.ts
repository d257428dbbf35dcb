/** What the shapes of all topics share. */
import { z } from "zod";
import { METRIC_NAMES, type MetricName } from "#units/metrics.ts";

/** Text as people type it, in one line: no control character, which the database or a log could not hold. */
export const plainText = z.string().regex(/^[^\p{Cc}\p{Cs}]*$/u, "no control characters");
export const instant = z.string().describe("RFC 3339 instant in UTC, e.g. 2026-03-02T06:30:00.000Z");
export const uuid = z.string().regex(/^[0-9a-f-]{36}$/);
export const glucoseUnit = z.enum(["mg/dL", "mmol/L"]);
export const metricName = z.enum(METRIC_NAMES as [MetricName, ...MetricName[]]);
/** Seconds; null where the vendor did not say. */
export const seconds = z.number().nullable();
