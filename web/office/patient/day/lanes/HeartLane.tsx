import type { Series } from "../day-data.ts";
import { type Frame, linePath, placesIn } from "../layout.ts";
import type { View } from "../viewport.ts";

export interface HeartLaneProps {
  /** Of the plot. */
  readonly clipId: string;
  readonly frame: Frame;
  readonly view: View;
  readonly heart: Series;
  /** Of each value. */
  readonly stepMs: number;
}

/** Heart rate as a line between its lowest and highest in view, whose numbers stand at the edge. Gaps stay open. */
export function HeartLane({ clipId, frame, view, heart: { times, values }, stepMs }: HeartLaneProps) {
  const { top, height } = frame.lanes.heart;
  const places = placesIn(times, view);
  if (places.to === places.from) return null;
  const shown = values.slice(places.from, places.to);
  const low = shown.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = shown.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const yOf = (value: number): number => top + height - 4 - ((value - low) / Math.max(high - low, 1)) * (height - 8);
  // Half an hour, or two and a half values of a coarse series.
  const longestMs = Math.max(1_800_000, 2.5 * stepMs);
  return (
    <g>
      <path d={linePath(places, (place) => [frame.xOf(times[place]!), yOf(values[place]!)], (place) => times[place]! - times[place - 1]! > longestMs)} className="day-heart" clipPath={`url(#${clipId})`} />
      <text x={frame.left - 6} y={yOf(high) + 4} textAnchor="end" className="day-tick">{Math.round(high)}</text>
      {high - low > 5 ? <text x={frame.left - 6} y={yOf(low) + 4} textAnchor="end" className="day-tick">{Math.round(low)}</text> : null}
    </g>
  );
}
