/** Numbers of risk and variability, and what episodes of each kind amount to. */
import type { Shape } from "#charts/scene.ts";
import { metricRows, type MetricRow, TOLD_KINDS } from "../metric-rows.ts";
import { type Column, table } from "./table.ts";
import { type Body, HEADING, heading, type View } from "./view.ts";

const GAP = 18;

/** One page; it follows the statistics. */
export function metricsPage(view: View): Body {
  const { say, size, data } = view;
  const width = (size.width - GAP) / 2;
  const rows = metricRows(data.analysis);
  const half = Math.ceil(rows.length / 2);
  const columns = columnsOf(view, width);
  const [left, right] = [rows.slice(0, half), rows.slice(half)].map((part, index) => table({ x: index * (width + GAP), y: HEADING }, columns, part.map((row) => metricRow(row, view)), 13));
  const below = Math.max(left!.bottom, right!.bottom) + 18;
  const kinds = table({ x: 0, y: below + HEADING }, kindColumns(view), kindRows(view), 13);
  const note: Shape[] = [...heading({ x: 0, y: 0, width: size.width }, say("analysis.title"), view.writer.unit), ...left!.shapes, ...right!.shapes];
  return [...note, ...heading({ x: 0, y: below, width: size.width }, say("analysis.episodes"), view.writer.unit), ...kinds.shapes];
}

function columnsOf({ say }: View, width: number): Column[] {
  return [{ title: say("statistics.measure"), width: width * 0.68 }, { title: say("analysis.value"), width: width * 0.32, align: "end" }];
}

function metricRow({ name, unit, value, reason }: MetricRow, { say, writer, data }: View): string[] {
  const label = say(`metric.${name}` as Parameters<View["say"]>[0]);
  if (value === null) return [label, say(`reason.${reason ?? "none_to_compare"}` as Parameters<View["say"]>[0])];
  if (unit === "percent") return [label, writer.percent(value, 1)];
  if (unit === "index") return [label, name === "gri" ? `${writer.number(value, 1)} (${data.analysis.griZone})` : writer.number(value, value < 10 ? 2 : 1)];
  const per = { glucose: "", perHour: "/h", perMinute: "/min" }[unit];
  return [label, `${writer.glucoseFine(value)}${per}`];
}

function kindColumns({ say, size }: View): Column[] {
  const titles = [say("analysis.count"), say("analysis.perDay"), say("analysis.duration"), say("analysis.glucose")];
  return [{ title: say("analysis.kind"), width: size.width * 0.36 }, ...titles.map((title) => ({ title, width: size.width * 0.16, align: "end" as const }))];
}

function kindRows({ data, say, writer }: View): string[][] {
  return TOLD_KINDS.map((kind) => {
    const of = data.analysis.episodes?.[kind];
    const shown = (value: number | null | undefined, write: (value: number) => string): string => (value == null ? "–" : write(value));
    return [
      say(`kind.${kind}`), shown(of?.count, (value) => writer.number(value)), shown(of?.perDay, (value) => writer.number(value, 2)),
      shown(of?.meanDurationMinutes, (value) => `${writer.number(value)} min`), shown(of?.meanGlucose, writer.glucoseFine),
    ];
  });
}
