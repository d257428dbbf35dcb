import { useId } from "react";
import { type Band, bandOf } from "#web/charts/ranges.ts";
import type { Thresholds } from "#web/charts/curve-drawing.ts";
import { glucoseDomain, glucoseTicks, withoutCrowding } from "#web/charts/ticks.ts";
import type { GlucoseOfDays } from "../day-data.ts";
import type { Entry } from "../entries.ts";
import { type Frame, linePath, placesIn } from "../layout.ts";
import type { View } from "../viewport.ts";

export interface GlucoseLaneProps {
  /** Of the plot: lines reach over its edge to the next reading, the axis' numbers stand outside. */
  readonly clipId: string;
  readonly frame: Frame;
  readonly view: View;
  readonly glucose: GlucoseOfDays;
  /** Finger-sticks. */
  readonly meters: readonly Entry[];
  /** mg/dL. */
  readonly thresholds: Thresholds;
  readonly formatLimit: (mgDl: number) => string;
}

/** With more readings in view than this, only those out of range have a mark: the others are the line. */
const MOST_MARKS = 130;
const BAND_VARIABLES: Readonly<Record<Band, string>> = { veryLow: "var(--band-very-low)", low: "var(--band-low)", target: "var(--band-target)", high: "var(--band-high)", veryHigh: "var(--band-very-high)" };
/** With more than this, marks would be a smear: the line and the limits beside it tell the bands. */
const MOST_MARKED = 1_500;
/** Besides its colour each band has its shape, drawn from its middle: triangles point where glucose is, the outer bands are the larger ones with a bar. */
export const BAND_SHAPES: Readonly<Record<Band, string>> = {
  veryLow: "m-5-4.5h10v1.5h-10zm.5 3h9l-4.5 6.5z", low: "m-4-3h8l-4 7z", target: "m-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0z", high: "m-4 3h8l-4-7z", veryHigh: "m-5 3h10v1.5h-10zm.5-1.5h9l-4.5-6.5z",
};

/** Glucose as a line in the colours of its bands over the target, with marks of the bands' shapes. */
export function GlucoseLane({ clipId, frame, view, glucose, meters, thresholds, formatLimit }: GlucoseLaneProps) {
  const id = useId();
  const { top, height } = frame.lanes.glucose;
  const { times, values, breaks } = glucose;
  const places = placesIn(times, view);
  const max = values.slice(places.from, places.to).reduce((most, value) => Math.max(most, value), thresholds.veryHigh);
  const domain = glucoseDomain(thresholds, max, 0);
  const yOf = (mgDl: number): number => top + height - ((mgDl - domain.min) / (domain.max - domain.min)) * height;
  const point = (place: number): readonly [number, number] => [frame.xOf(times[place]!), yOf(values[place]!)];
  const [veryLow, low, high, veryHigh, ...above] = glucoseTicks(thresholds, max) as [number, number, number, number, ...number[]];
  const ticks = withoutCrowding([low, high, veryHigh, ...above, veryLow], (value) => -yOf(value), 14);
  const isSparse = places.to - places.from <= MOST_MARKS;
  // One path a band: a picture of hundreds of elements is slow to move.
  const marks: Partial<Record<Band, string>> = {};
  for (let place = places.from; place < places.to; place += 1) {
    const band = bandOf(values[place]!, thresholds);
    const [x, y] = point(place);
    if (x < frame.left || x > frame.right) continue;
    if (isSparse || isAlone(place, breaks) || (band !== "target" && places.to - places.from <= MOST_MARKED)) marks[band] = `${marks[band] ?? ""}M${x.toFixed(1)} ${y.toFixed(1)}${BAND_SHAPES[band]}`;
  }
  return (
    <g>
      <rect x={frame.left} y={yOf(high)} width={frame.right - frame.left} height={yOf(low) - yOf(high)} className="day-target" />
      {ticks.map((value) => (
        <g key={value}>
          <line x1={frame.left} x2={frame.right} y1={yOf(value)} y2={yOf(value)} className={value === low || value === high ? "day-limit" : "day-grid"} />
          <text x={frame.left - 6} y={yOf(value) + 4} textAnchor="end" className="day-tick">{formatLimit(value)}</text>
        </g>
      ))}
      <linearGradient id={id} gradientUnits="userSpaceOnUse" x1="0" x2="0" y1={top} y2={top + height}>
        {stops(thresholds, (value) => Math.min(Math.max((yOf(value) - top) / height, 0), 1)).map(([at, band], index) => (
          // The two colours of an edge stand at one place, in order.
          // oxlint-disable-next-line react/no-array-index-key
          <stop key={index} offset={at} style={{ stopColor: BAND_VARIABLES[band] }} />
        ))}
      </linearGradient>
      {breaks === null ? null : <path d={linePath(places, point, (place) => breaks.has(place))} className="day-line" clipPath={`url(#${clipId})`} stroke={`url(#${id})`} />}
      {(Object.entries(marks) as [Band, string][]).map(([band, path]) => <path key={band} d={path} className={`day-mark day-mark-${band}`} />)}
      {meters.filter(({ amount, atMs }) => amount !== null && atMs >= view.fromMs && atMs <= view.toMs).map(({ id: meterId, atMs, amount }) => (
        <path key={meterId} d="M0-6L6 0L0 6L-6 0Z" transform={`translate(${frame.xOf(atMs).toFixed(1)} ${yOf(amount!).toFixed(1)})`} className="day-meter" />
      ))}
    </g>
  );
}

/** A reading without neighbours has no line that would show it. */
const isAlone = (place: number, breaks: ReadonlySet<number> | null): boolean => breaks === null || (breaks.has(place) && breaks.has(place + 1));

function stops({ veryHigh, high, low, veryLow }: Thresholds, share: (value: number) => number): [number, Band][] {
  return [
    [0, "veryHigh"], [share(veryHigh), "veryHigh"], [share(veryHigh), "high"], [share(high), "high"], [share(high), "target"], [share(low), "target"], [share(low), "low"],
    [share(veryLow), "low"], [share(veryLow), "veryLow"], [1, "veryLow"],
  ];
}
