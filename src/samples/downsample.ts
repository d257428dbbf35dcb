/**
 * Fewer points of a line that look like all of it: largest triangle, three buckets. Every point is one that was measured. Pure.
 * Source: Sveinn Steinarsson, "Downsampling Time Series for Visual Representation", University of Iceland 2013, section 4.2.
 */
import { EMPTY_LINE, joinLines, pick, type Line } from "./line.ts";

/** Samples farther apart than this are not joined by a line: as long as the charts' own rule. */
export const GAP_MS = 30 * 60_000;

/**
 * Places of at most `points` points, ascending: the first, the last, and of each bucket between them the one that makes the largest triangle with
 * the point chosen before and the mean of the bucket after. All places where there are no more than `points`; `points` is 2 or more.
 */
export function largestTriangles(times: Float64Array, values: Float64Array, points: number): Uint32Array {
  const count = values.length;
  if (count <= points) return Uint32Array.from({ length: count }, (_, place) => place);
  const places = new Uint32Array(points);
  const width = (count - 2) / (points - 2);
  const edge = (bucket: number): number => Math.min(Math.floor(bucket * width) + 1, count);
  let chosen = 0;
  for (let bucket = 0; bucket < points - 2; bucket += 1) {
    const nextEnd = edge(bucket + 2);
    const next = meanOf(times, values, edge(bucket + 1), nextEnd);
    const [time, value] = [times[chosen]!, values[chosen]!];
    let largest = -1;
    for (let place = edge(bucket), end = edge(bucket + 1); place < end; place += 1) {
      // Twice the area; the half of all changes no order.
      const area = Math.abs((time - next.time) * (values[place]! - value) - (time - times[place]!) * (next.value - value));
      if (area > largest) [largest, chosen] = [area, place];
    }
    places[bucket + 1] = chosen;
  }
  places[points - 1] = count - 1;
  return places;
}

function meanOf(times: Float64Array, values: Float64Array, from: number, end: number): { readonly time: number; readonly value: number } {
  let [time, value] = [0, 0];
  for (let place = from; place < end; place += 1) {
    time += times[place]!;
    value += values[place]!;
  }
  return { time: time / (end - from), value: value / (end - from) };
}

export interface Thinned {
  readonly line: Line;
  /** Places where a new stretch begins after a gap: nothing was measured before them, and no line leads to them. Null where hardly anything is closer together. */
  readonly breaks: Uint32Array | null;
}

export interface Thinner {
  /** The next samples of the line. */
  add(line: Line): void;
  take(): Thinned;
}

/** Samples that are held at most, for each point asked for, and at least in all: finer than this no screen tells the difference. */
const HELD_A_POINT = 32;
const HELD_AT_LEAST = 65_536;
/** A line with more stretches than a part of its samples has no stretches worth the name: a scale, a mood. */
const FEWEST_IN_STRETCH = 4;

/**
 * Thins a line that comes part by part to `points` points, in memory that its length does not change. Each stretch between gaps is thinned by itself,
 * by its share of the samples, and keeps its ends. A line beyond what is held is first brought down to the lowest and highest of few samples each.
 */
export function createThinner(points: number): Thinner {
  const most = Math.max(points * HELD_A_POINT, HELD_AT_LEAST);
  let held: Held[] = [];
  let size = 0;
  let seen = 0;
  let stretch = 0;
  let lastMs = Number.NaN;
  let shift = 0;

  const join = (): Held => {
    if (held.length === 1) return held[0]!;
    const whole: Held = { line: joinLines(held.map(({ line }) => line)), ordinals: new Float64Array(size), stretches: new Uint32Array(size) };
    let at = 0;
    for (const { ordinals, stretches } of held) {
      whole.ordinals.set(ordinals, at);
      whole.stretches.set(stretches, at);
      at += ordinals.length;
    }
    return whole;
  };

  return {
    add: (line) => {
      const count = line.values.length;
      if (count === 0) return;
      const [ordinals, stretches] = [new Float64Array(count), new Uint32Array(count)];
      for (let place = 0; place < count; place += 1) {
        const startMs = line.startMs[place]!;
        if (startMs - lastMs > GAP_MS) stretch += 1;
        ordinals[place] = seen;
        stretches[place] = stretch;
        seen += 1;
        const endMs = line.endMs[place]!;
        lastMs = Number.isNaN(endMs) ? startMs : Math.max(startMs, endMs);
      }
      held.push({ line, ordinals, stretches });
      size += count;
      if (size <= most * 2) return;
      const hasStretches = (stretch + 1) * FEWEST_IN_STRETCH * 2 <= most;
      // As coarse as before first: what is new must not become coarser than what is old.
      let whole = extremes(join(), 2 ** shift, hasStretches);
      while (whole.ordinals.length > most) {
        shift += 1;
        whole = extremes(whole, 2 ** shift, hasStretches);
      }
      held = [whole];
      size = whole.ordinals.length;
    },
    take: () => (size === 0 ? { line: EMPTY_LINE, breaks: new Uint32Array(0) } : thin(join(), points)),
  };
}

interface Held {
  readonly line: Line;
  /** Which sample of the whole line each is. */
  readonly ordinals: Float64Array;
  /** Which stretch between gaps it lies in. */
  readonly stretches: Uint32Array;
}

/** The lowest and the highest of every so many samples of the whole line, and its ends. */
function extremes({ line, ordinals, stretches }: Held, width: number, hasStretches: boolean): Held {
  const { values } = line;
  const marks = hasStretches ? stretches : new Uint32Array(stretches.length);
  const last = ordinals.length - 1;
  const places = new Uint32Array(ordinals.length);
  let kept = 1;
  for (let from = 1; from < last; ) {
    const [bucket, mark] = [Math.floor(ordinals[from]! / width), marks[from]];
    let [low, high, end] = [from, from, from + 1];
    while (end < last && Math.floor(ordinals[end]! / width) === bucket && marks[end] === mark) {
      if (values[end]! < values[low]!) low = end;
      if (values[end]! > values[high]!) high = end;
      end += 1;
    }
    places[kept] = Math.min(low, high);
    if (low !== high) places[kept + 1] = Math.max(low, high);
    kept += low === high ? 1 : 2;
    from = end;
  }
  places[kept] = last;
  const chosen = places.subarray(0, kept + 1);
  const few: Held = { line: pick(line, chosen), ordinals: new Float64Array(chosen.length), stretches: new Uint32Array(chosen.length) };
  for (let index = 0; index < chosen.length; index += 1) {
    few.ordinals[index] = ordinals[chosen[index]!]!;
    few.stretches[index] = stretches[chosen[index]!]!;
  }
  return few;
}

function thin({ line, stretches }: Held, points: number): Thinned {
  const count = stretches.length;
  const begins: number[] = [0];
  for (let place = 1; place < count; place += 1) if (stretches[place] !== stretches[place - 1]) begins.push(place);
  const isBroken = begins.length > 1;
  if (isBroken && begins.length * FEWEST_IN_STRETCH > count) return { line: pick(line, largestTriangles(line.startMs, line.values, points)), breaks: null };
  const places = isBroken && begins.length * 2 <= points ? ofStretches(line, begins, points) : largestTriangles(line.startMs, line.values, points);
  const breaks: number[] = [];
  for (let index = 1; index < places.length; index += 1) if (stretches[places[index]!] !== stretches[places[index - 1]!]) breaks.push(index);
  return { line: places.length === count ? line : pick(line, places), breaks: Uint32Array.from(breaks) };
}

/** Each stretch gets its ends, and of the other points its share. */
function ofStretches(line: Line, begins: readonly number[], points: number): Uint32Array {
  const lengths = begins.map((begin, index) => (begins[index + 1] ?? line.values.length) - begin);
  const inner = lengths.map((length) => Math.max(0, length - 2));
  const ends = lengths.reduce((sum, length) => sum + Math.min(2, length), 0);
  const share = Math.min(1, (points - ends) / Math.max(1, inner.reduce((sum, each) => sum + each, 0)));
  const places: number[] = [];
  begins.forEach((begin, index) => {
    const end = begin + lengths[index]!;
    const few = Math.min(2, lengths[index]!) + Math.floor(inner[index]! * share);
    for (const place of largestTriangles(line.startMs.subarray(begin, end), line.values.subarray(begin, end), few)) places.push(begin + place);
  });
  return Uint32Array.from(places);
}
