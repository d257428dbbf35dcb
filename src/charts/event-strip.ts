/** Episodes on a strip: a line a day, a block where glucose was low or high. */
import { BAND_DIRECTIONS, hatch } from "./hatch.ts";
import type { Band } from "./palette.ts";
import { type Box, line, rect, type Scene, type Shape, type Size, text } from "./scene.ts";
import type { Writer } from "./writer.ts";

export interface StripDay {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StripEvent {
  readonly startMs: number;
  readonly endMs: number;
  /** How far it went. */
  readonly band: Exclude<Band, "target">;
}

export interface StripInput {
  readonly days: readonly StripDay[];
  readonly events: readonly StripEvent[];
  readonly words: { readonly title: string; readonly description: string };
  readonly writer: Writer;
}

/** The part of an event that falls on a day, on the day's line; null where none does. An event over midnight has a part on either. */
export function eventBox({ startMs, endMs }: Pick<StripEvent, "startMs" | "endMs">, { fromMs, toMs }: Pick<StripDay, "fromMs" | "toMs">, lane: Box): Box | null {
  const [start, end] = [Math.max(startMs, fromMs), Math.min(endMs, toMs)];
  if (end <= start) return null;
  const scale = lane.width / (toMs - fromMs);
  const width = Math.max(1, (end - start) * scale);
  return { x: Math.min(lane.x + (start - fromMs) * scale, lane.x + lane.width - width), y: lane.y, width, height: lane.height };
}

/** The strip. Lows fill the lower half of a day's line, highs the upper one, so that they differ in place, too. */
export function eventStrip({ days, events, words, writer }: StripInput, size: Size): Scene {
  const [left, top] = [52, 12];
  const plot = { x: left, y: top, width: size.width - left, height: size.height - top };
  const pitch = plot.height / Math.max(1, days.length);
  const isLabelled = (index: number): boolean => pitch >= 7 || index % Math.ceil(7 / pitch) === 0;
  return {
    ...size,
    title: words.title,
    description: words.description,
    shapes: [
      ...[0, 3, 6, 9, 12, 15, 18, 21, 24].flatMap((hour): Shape[] => {
        const x = plot.x + (hour / 24) * plot.width;
        return [
          line({ x, y: plot.y }, { x, y: plot.y + plot.height }, { stroke: "grid", strokeWidth: 0.5 }),
          text({ x, y: 8 }, String(hour % 24).padStart(2, "0"), { size: 6.8, ink: "muted", align: hour === 24 ? "end" : "middle" }),
        ];
      }),
      ...days.flatMap((day, index) => {
        const y = plot.y + index * pitch;
        const lane = { x: plot.x, y: y + pitch * 0.12, width: plot.width, height: pitch * 0.76 };
        return [
          line({ x: plot.x, y: y + pitch }, { x: plot.x + plot.width, y: y + pitch }, { stroke: "grid", strokeWidth: 0.3 }),
          ...(isLabelled(index) ? [text({ x: plot.x - 5, y: y + pitch / 2 + 2.3 }, writer.dayAndDate(day.date), { size: Math.min(6.8, Math.max(5.5, pitch)), ink: "muted", align: "end" })] : []),
          ...events.flatMap((event) => eventShapes(event, day, lane)),
        ];
      }),
      rect(plot, { stroke: "rule", strokeWidth: 0.5 }),
    ],
  };
}

function eventShapes(event: StripEvent, day: StripDay, lane: Box): Shape[] {
  const isHigh = event.band === "high" || event.band === "veryHigh";
  const half = lane.height / 2;
  const box = eventBox(event, day, { ...lane, y: isHigh ? lane.y : lane.y + half, height: half });
  if (!box) return [];
  const direction = BAND_DIRECTIONS[event.band];
  return [rect(box, { fill: event.band }), ...(direction && half > (direction === "horizontal" ? 9 : 3) ? [hatch(box, direction, { spacing: 3, ink: "decal", width: 0.4 })] : [])];
}
