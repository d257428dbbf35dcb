/** Time in ranges as a standing bar: five bands that read in black and white, with their limits, shares, goals, and brackets around what is below and above. */
import { BAND_DIRECTIONS, hatch } from "./hatch.ts";
import { limitValues, type Limits } from "./glucose-scale.ts";
import { BANDS, type Band } from "./palette.ts";
import { type Box, line, polyline, rect, type Scene, type Shape, type Size, text } from "./scene.ts";
import { type BandShares, shareText, wholePercents } from "./shares.ts";
import { spread } from "./spread.ts";
import type { RangeGoals } from "#glucose/range-presets.ts";
import type { Writer } from "./writer.ts";

export interface RangeBarWords {
  readonly title: string;
  readonly bands: Readonly<Record<Band, string>>;
  readonly below: string;
  readonly above: string;
  /** "goal" before a comparison. */
  readonly goal: string;
}

export interface RangeBarInput {
  /** Percent of readings, unrounded. */
  readonly shares: BandShares;
  readonly limits: Limits;
  readonly goals: RangeGoals;
  readonly words: RangeBarWords;
  readonly writer: Writer;
}

export interface BandBox extends Box {
  readonly band: Band;
}

const MINUTES_PER_DAY = 1440;
const GAP = 2;
/** So that a band of little, or of nothing, is seen to be there. */
const LEAST_HEIGHT = 7;
/** Room of a band's two lines of words. */
const ROW = 23;

const BAR = { x: 30, width: 38 } as const;
const NAMES_X = 84;
const BRACKET_WIDTH = 74;

/** The bands that a set of ranges knows, highest first. */
export function bandsOf(limits: Limits): Band[] {
  return BANDS.filter((band) => band !== "veryHigh" || limits.veryHigh !== null).toReversed();
}

/**
 * Boxes of the bands, highest on top. Each is as high as its share, but at least `least` high at the cost of the higher ones; heights and gaps add up to the
 * height of the box.
 */
export function bandBoxes(shares: BandShares, bands: readonly Band[], box: Box, least = LEAST_HEIGHT): BandBox[] {
  const room = box.height - GAP * (bands.length - 1);
  const total = bands.reduce((sum, band) => sum + shares[band], 0) || 1;
  const natural = bands.map((band) => (shares[band] / total) * room);
  const missing = natural.reduce((sum, height) => sum + Math.max(0, least - height), 0);
  const spare = natural.reduce((sum, height) => sum + Math.max(0, height - least), 0);
  let y = box.y;
  return bands.map((band, index) => {
    const own = natural[index]!;
    const height = own <= least || spare <= 0 ? Math.max(own, least) : own - (missing * (own - least)) / spare;
    const placed = { band, x: box.x, y, width: box.width, height };
    y += height + GAP;
    return placed;
  });
}

/** The picture of time in ranges. Works from about 270 × 130 points upwards. */
export function rangeBar(input: RangeBarInput, size: Size): Scene {
  const bands = bandsOf(input.limits);
  const boxes = bandBoxes(input.shares, bands, { x: BAR.x, y: 6, width: BAR.width, height: size.height - 12 });
  const rows = spread(boxes.map(({ y, height }) => y + height / 2), ROW, { from: 11, to: size.height - 12 });
  const whole = wholePercents(input.shares);
  const { words, writer } = input;
  return {
    ...size,
    title: words.title,
    description: bands.map((band) => `${words.bands[band]} ${shareText(input.shares[band], whole[band], writer.percent)}`).join(", "),
    shapes: [
      ...boxes.flatMap((box) => bandShapes(box, input.shares[box.band] > 0)),
      ...boundaryLabels(boxes, input),
      ...boxes.flatMap((box, index) => rowShapes(box, rows[index]!, { ...input, whole, width: size.width })),
      ...bracketShapes(bands, rows, { ...input, whole, width: size.width }),
    ],
  };
}

/** A band without readings stays, pale: it is known to be empty. */
function bandShapes(box: BandBox, isPresent: boolean): Shape[] {
  if (!isPresent) return [rect(box, { fill: "sunken", stroke: "rule", strokeWidth: 0.5 })];
  const direction = BAND_DIRECTIONS[box.band];
  return [rect(box, { fill: box.band }), ...(direction ? [hatch(box, direction, { spacing: 4.5, ink: "decal", width: 0.6 })] : [])];
}

function boundaryLabels(boxes: readonly BandBox[], { limits, writer }: RangeBarInput): Shape[] {
  const values = limitValues(limits).toReversed();
  const wanted = boxes.slice(1).map(({ y }) => y - GAP / 2);
  const places = spread(wanted, 8.5, { from: 6, to: Infinity });
  return values.map((value, index) => text({ x: BAR.x - 4, y: places[index]! + 2.6 }, writer.threshold(value), { size: 7.5, ink: "muted", align: "end" }));
}

interface RowInput extends RangeBarInput {
  readonly whole: BandShares;
  readonly width: number;
}

function rowShapes(box: BandBox, rowY: number, { shares, whole, limits, goals, words, writer, width }: RowInput): Shape[] {
  const { band } = box;
  const goal = goalText(goals[band === "low" || band === "high" ? "below" : band], band === "target" ? ">" : "<", { words, writer });
  const right = width - BRACKET_WIDTH;
  const isTarget = band === "target";
  const details = [spanText(band, limits, writer), ...(band === "low" || band === "high" || goal === null ? [] : [goal])].join("  ·  ");
  const centre = { x: BAR.x + BAR.width + 2, y: box.y + box.height / 2 };
  return [
    { kind: "path", d: polyline([centre, { x: centre.x + 4, y: centre.y }, { x: NAMES_X - 6, y: rowY }, { x: NAMES_X - 3, y: rowY }]), stroke: "rule", strokeWidth: 0.5 },
    text({ x: NAMES_X, y: rowY - 0.5 }, words.bands[band], { size: 9, ink: "text", isBold: true }),
    text({ x: NAMES_X, y: rowY + 8 }, details, { size: 7.2, ink: "muted" }),
    text({ x: right, y: rowY - 0.5 }, shareText(shares[band], whole[band], writer.percent), { size: isTarget ? 12 : 9.5, ink: "text", isBold: true, align: "end" }),
    text({ x: right, y: rowY + 8 }, writer.duration((shares[band] / 100) * MINUTES_PER_DAY), { size: 7.2, ink: "muted", align: "end" }),
  ];
}

/** `54–69 mg/dL`, `>250 mg/dL`. */
export function spanText(band: Band, limits: Limits, writer: Writer): string {
  const { unit, threshold, justBelow, justAbove } = writer;
  switch (band) {
    case "veryLow": return `<${threshold(limits.veryLow)} ${unit}`;
    case "low": return `${threshold(limits.veryLow)}–${justBelow(limits.low)} ${unit}`;
    case "target": return `${threshold(limits.low)}–${threshold(limits.high)} ${unit}`;
    case "high": return limits.veryHigh === null ? `>${threshold(limits.high)} ${unit}` : `${justAbove(limits.high)}–${threshold(limits.veryHigh)} ${unit}`;
    default: return limits.veryHigh === null ? "" : `>${threshold(limits.veryHigh)} ${unit}`;
  }
}

function goalText(goal: number | null, comparison: "<" | ">", { words, writer }: { readonly words: RangeBarWords; readonly writer: Writer }): string | null {
  return goal === null ? null : `${words.goal} ${comparison}${writer.percent(goal)}`;
}

/** One bracket around the rows above the target, one around those below, each with what they add up to. */
function bracketShapes(bands: readonly Band[], rows: readonly number[], input: RowInput): Shape[] {
  const at = bands.indexOf("target");
  const { words, goals } = input;
  return [
    ...bracket(rows.slice(0, at), bands.slice(0, at), { ...input, name: words.above, goal: goals.above }),
    ...bracket(rows.slice(at + 1), bands.slice(at + 1), { ...input, name: words.below, goal: goals.below }),
  ];
}

function bracket(rows: readonly number[], bands: readonly Band[], { shares, whole, width, words, writer, name, goal }: RowInput & { readonly name: string; readonly goal: number | null }): Shape[] {
  const [x, top, bottom] = [width - BRACKET_WIDTH + 6, rows[0]! - 8, rows[rows.length - 1]! + 9];
  const sum = (of: BandShares): number => bands.reduce((total, band) => total + of[band], 0);
  const goalLine = goalText(goal, "<", { words, writer });
  const middle = (top + bottom) / 2;
  const lines = goalLine === null ? 2 : 3;
  const first = middle - (lines - 1) * 4.5 + 2.5;
  return [
    { kind: "path", d: polyline([{ x, y: top }, { x: x + 4, y: top }, { x: x + 4, y: bottom }, { x, y: bottom }]), stroke: "rule", strokeWidth: 0.8 },
    line({ x: x + 4, y: middle }, { x: x + 7, y: middle }, { stroke: "rule", strokeWidth: 0.8 }),
    text({ x: x + 10, y: first }, name, { size: 7.2, ink: "muted" }),
    text({ x: x + 10, y: first + 10.5 }, shareText(sum(shares), sum(whole), writer.percent), { size: 10.5, ink: "text", isBold: true }),
    ...(goalLine === null ? [] : [text({ x: x + 10, y: first + 19.5 }, goalLine, { size: 7.2, ink: "muted" })]),
  ];
}
