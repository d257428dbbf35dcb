/** How the parts of a period are told: days, nights, weekdays. */
import { dayParts, type DayParts, type WholeDayStatistics } from "#glucose/patterns/day-parts.ts";
import type { PartStatistics } from "#glucose/patterns/part-statistics.ts";
import { scaleOf, type Measured } from "./glucose-period.ts";
import type { GlucosePart, GlucoseParts } from "./schemas.ts";

/** Parts of the readings, in the unit they were measured in. */
export function partsOf({ series, zone, asked }: Measured): DayParts {
  return dayParts(series, zone, { bounds: asked.preset.bounds });
}

export function tellParts({ night, day, weekdays, weekend }: DayParts, measured: Pick<Measured, "series" | "asked">): GlucoseParts {
  const scale = scaleOf(measured);
  const whole = (part: WholeDayStatistics): GlucoseParts["weekend"] => ({ ...tellPart(part, scale), gmi: part.gmiPercent, gmiReason: part.gmiReason });
  return { night: tellPart(night, scale), day: tellPart(day, scale), weekdays: whole(weekdays), weekend: whole(weekend) };
}

/** @param scale from the unit of the series to the asked one. */
export function tellPart(part: PartStatistics, scale: number): GlucosePart {
  const { readings, days, mean, sd, cvPercent, min, max, timeInRanges, reason } = part;
  return {
    readings, days, mean: scaled(mean, scale), sd: scaled(sd, scale), cv: cvPercent, min: scaled(min, scale), max: scaled(max, scale),
    ranges: timeInRanges?.ranges ?? null, tbr: timeInRanges?.tbr ?? null, tar: timeInRanges?.tar ?? null, reason,
  };
}

export function scaled(value: number | null, scale: number): number | null {
  return value === null ? null : value * scale;
}
