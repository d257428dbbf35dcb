/** The ambulatory glucose profile: median, middle half and 5–95 % of all days, over one day. */
import type { AgpBin } from "./agp-bins.ts";
import { ribbon, smooth } from "./curves.ts";
import { DRAWN_MG_DL, limitLabels, limitLines, type Limits, targetBox, yOf } from "./glucose-scale.ts";
import { type Box, line, type Point, rect, type Scene, type Shape, type Size, text } from "./scene.ts";
import { spread } from "./spread.ts";
import { textWidth } from "./text-width.ts";
import type { Writer } from "./writer.ts";

export interface AgpWords {
  readonly title: string;
  readonly description: string;
  readonly median: string;
  readonly middleHalf: string;
  readonly most: string;
  /** Says that values above the top edge stand on it. */
  readonly clamped: string;
}

export interface AgpChartInput {
  /** In mg/dL, in the order of the day and evenly spaced; null where no day has readings. */
  readonly bins: readonly (AgpBin | null)[];
  readonly limits: Limits;
  readonly words: AgpWords;
  readonly writer: Writer;
  /** False where the page says beside the picture what its parts are, and that values stand at the edge. */
  readonly hasKey?: boolean;
}

type Percentile = "p05" | "p25" | "p50" | "p75" | "p95";

const DAY_MINUTES = 1440;
const LABELS: readonly (readonly [Percentile, number])[] = [["p95", 95], ["p75", 75], ["p50", 50], ["p25", 25], ["p05", 5]];

/** The profile's picture. Hours without readings stay open; readings beyond 350 mg/dL (19.4 mmol/L) stand at the edge, and a line says so. */
export function agpChart(input: AgpChartInput, size: Size): Scene {
  const { limits, words, writer, bins, hasKey = true } = input;
  const box = { x: 30, y: 16, width: size.width - 30 - 34, height: size.height - 16 - 16 };
  const pieces = runsAroundDay(bins);
  return {
    ...size,
    title: words.title,
    description: words.description,
    shapes: [
      rect(box, { fill: "surface" }),
      rect(targetBox(box, limits), { fill: "targetFill" }),
      ...pieces.flatMap((piece) => bandAreas(piece, box)),
      ...hourLines(box),
      ...limitLines(box, limits),
      ...pieces.flatMap((piece) => bandLines(piece, box)),
      rect(box, { stroke: "rule", strokeWidth: 0.6 }),
      ...limitLabels(box.x, box, limits, { writer, size: 7.5 }),
      text({ x: box.x, y: 8 }, writer.unit, { size: 7.5, ink: "muted", align: "end" }),
      ...(hasKey ? legend(box, words, writer) : []),
      ...percentLabels(pieces, box, writer),
      ...hourLabels(box),
      ...(hasKey && isClamped(bins) ? [text({ x: box.x + box.width, y: 8.6 }, words.clamped, { size: 6.8, ink: "muted", align: "end" })] : []),
    ],
  };
}

/** Whether a percentile lies above the upper edge. */
export const isClamped = (bins: readonly (AgpBin | null)[]): boolean => bins.some((bin) => bin !== null && bin.p95 > DRAWN_MG_DL.max);

/** A stretch of hours with readings, with a point at each end of it where the stretch begins or ends between two hours. */
export type Piece = readonly (Readonly<Record<Percentile, number>> & { readonly minute: number })[];

/**
 * Stretches of the day without an empty bin. A stretch is drawn to the edges of its first and last bin; at midnight the two bins around it meet.
 */
export function runsAroundDay(bins: readonly (AgpBin | null)[]): Piece[] {
  const width = DAY_MINUTES / bins.length;
  const [first, last] = [bins[0], bins[bins.length - 1]];
  const midnight = first && last ? between(first, last) : null;
  const pieces: Piece[] = [];
  for (let from = 0; from < bins.length; from++) {
    if (bins[from] === null) continue;
    const run: AgpBin[] = [];
    while (from < bins.length && bins[from]) run.push(bins[from++]!);
    const [start, end] = [run[0]!, run[run.length - 1]!];
    const opening = start === first && midnight ? midnight : start;
    const closing = end === last && midnight ? midnight : end;
    pieces.push([{ ...opening, minute: start.minute - width / 2 }, ...run, { ...closing, minute: end.minute + width / 2 }]);
  }
  return pieces;
}

function between(one: AgpBin, other: AgpBin): Record<Percentile, number> {
  const half = (name: Percentile): number => (one[name] + other[name]) / 2;
  return { p05: half("p05"), p25: half("p25"), p50: half("p50"), p75: half("p75"), p95: half("p95") };
}

const along = (piece: Piece, name: Percentile, box: Box): Point[] => piece.map((each) => ({ x: box.x + (each.minute / DAY_MINUTES) * box.width, y: yOf(each[name], box) }));

function bandAreas(piece: Piece, box: Box): Shape[] {
  return [
    { kind: "path", d: ribbon(along(piece, "p95", box), along(piece, "p05", box)), fill: "outerBand" },
    { kind: "path", d: ribbon(along(piece, "p75", box), along(piece, "p25", box)), fill: "innerBand" },
  ];
}

function bandLines(piece: Piece, box: Box): Shape[] {
  const edge = (name: Percentile, dash?: readonly number[]): Shape =>
    ({ kind: "path", d: smooth(along(piece, name, box)), stroke: "bandEdge", strokeWidth: 0.7, ...(dash ? { dash } : {}) });
  return [
    edge("p95", [3, 2]), edge("p05", [3, 2]), edge("p75"), edge("p25"),
    { kind: "path", d: smooth(along(piece, "p50", box)), stroke: "median", strokeWidth: 2 },
  ];
}

function hourLines(box: Box): Shape[] {
  return hoursOf(3).slice(1, -1).map((hour) => {
    const x = box.x + (hour / 24) * box.width;
    return line({ x, y: box.y }, { x, y: box.y + box.height }, { stroke: "grid", strokeWidth: 0.5 });
  });
}

/** Every three hours, on narrow pictures every six. */
function hourLabels(box: Box): Shape[] {
  const pitch = (box.width * 3) / 24;
  return hoursOf(pitch > textWidth("00:00", 7.5) + 6 ? 3 : 6).map((hour) =>
    text({ x: box.x + (hour / 24) * box.width, y: box.y + box.height + 10 }, `${String(hour % 24).padStart(2, "0")}:00`, { size: 7.5, ink: "muted", align: "middle" }),
  );
}

const hoursOf = (step: number): number[] => Array.from({ length: 24 / step + 1 }, (_, index) => index * step);

/** Names of the percentiles at the right end, where the last stretch reaches it. */
function percentLabels(pieces: readonly Piece[], box: Box, writer: Writer): Shape[] {
  const end = pieces[pieces.length - 1]?.at(-1);
  if (!end || end.minute < DAY_MINUTES) return [];
  const places = spread(LABELS.map(([name]) => yOf(end[name], box)), 8, { from: box.y + 2, to: box.y + box.height - 2 });
  return LABELS.map(([name, percent], index) =>
    text({ x: box.x + box.width + 5, y: places[index]! + 2.6 }, writer.percent(percent), { size: 7.5, ink: name === "p50" ? "text" : "muted", isBold: name === "p50" }),
  );
}

function legend(box: Box, words: AgpWords, writer: Writer): Shape[] {
  const entries: readonly (readonly [string, (x: number) => Shape[]])[] = [
    [words.median, (x) => [line({ x, y: 6 }, { x: x + 14, y: 6 }, { stroke: "median", strokeWidth: 2 })]],
    [`${words.middleHalf} (25–${writer.percent(75)})`, (x) => [rect({ x, y: 2.5, width: 14, height: 7 }, { fill: "innerBand", stroke: "bandEdge", strokeWidth: 0.7 })]],
    [`${words.most} (5–${writer.percent(95)})`, (x) => [rect({ x, y: 2.5, width: 14, height: 7 }, { fill: "outerBand", stroke: "bandEdge", strokeWidth: 0.7, dash: [3, 2] })]],
  ];
  let x = box.x + 8;
  return entries.flatMap(([label, key]) => {
    const shapes = [...key(x), text({ x: x + 18, y: 8.6 }, label, { size: 7.5, ink: "muted" })];
    x += 18 + textWidth(label, 7.5) + 16;
    return shapes;
  });
}

