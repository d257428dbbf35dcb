/** Rows of a file → rows at an instant. */
import { offsetMinutesAt } from "#units/time.ts";
import { Groups } from "./groups.ts";
import type { Problems } from "./problems.ts";
import { type DateClues, decideDateOrder, type FileTime, readTime } from "./times.ts";
import type { Entry, FileRow, ImportOptions } from "./types.ts";
import { placeWallTimes, type WallRow } from "./wall-clock.ts";

export interface PlaceOptions extends ImportOptions {
  readonly dates?: DateClues | undefined;
}

export interface PlacedRow {
  readonly row: FileRow;
  readonly ms: number;
  readonly offsetMinutes: number;
}

interface WallTimeOf {
  readonly index: number;
  readonly wallMs: number;
}

/**
 * Places every row it can, in file order; the others become problems. Throws InvalidInput when the file's dates can be read two
 * ways (see `decideDateOrder`).
 */
export function placeRows(rows: readonly FileRow[], options: PlaceOptions, problems: Problems): PlacedRow[] {
  const order = decideDateOrder(textsOf(rows), options.dateOrder, options.dates);
  const placed: (PlacedRow | null)[] = [];
  // Clocks are followed per person and device: another device's rows say nothing about this one's.
  const groups = new Groups<{ zone: string; times: WallTimeOf[] }>();
  for (const [index, row] of rows.entries()) {
    const time = readTime(row.time, order);
    placed.push(typeof time === "string" ? null : atInstant(row, time, options.zone));
    if (typeof time === "string") problems.add(row.line, time);
    else if (time.kind === "wall") {
      const zone = time.zone ?? options.zone;
      const group = groups.of([row.subject, zone, row.device?.id ?? ""], () => ({ zone, times: [] }));
      group.times.push({ index, wallMs: time.wallMs });
    }
  }
  for (const { zone, times } of groups.all()) {
    const places = placeWallTimes(times.map(({ index, wallMs }) => wallRow(rows[index]!, wallMs)), zone);
    for (const [position, { index }] of times.entries()) {
      const place = places[position];
      const row = rows[index]!;
      if (place) placed[index] = { row, ...place };
      else problems.add(row.line, `the clocks in ${zone} skip this time (they go forward); check the time zone`);
    }
  }
  return placed.filter((row) => row !== null);
}

function* textsOf(rows: readonly FileRow[]): Iterable<string> {
  for (const { time } of rows) yield time.text;
}

function atInstant(row: FileRow, time: FileTime, zone: string): PlacedRow | null {
  if (time.kind === "wall") return null;
  return { row, ms: time.ms, offsetMinutes: time.offsetMinutes ?? offsetMinutesAt(row.time.zone ?? zone, time.ms) };
}

function wallRow({ content, counter }: FileRow, wallMs: number): WallRow {
  return {
    wallMs,
    ...about(content),
    ...(counter ? { counter } : {}),
  };
}

function about(content: Entry): Pick<WallRow, "kind" | "content"> {
  switch (content.entry) {
    // A reading that gives way is of a kind of its own: beside another one of its minute it is no sign of a repeated hour.
    case "glucose": return { kind: content.givesWay ? `${content.metric} giving way` : content.metric, content: content.text };
    case "number": return { kind: content.metric, content: `${content.value}` };
    default: return { kind: content.kind, content: `${content.amount} ${content.text}` };
  }
}
