/** Numbers as tables: the period with its nights and days, the hours, and each day. */
import { bandsOf, spanText } from "#charts/range-bar.ts";
import { shareText, wholePercents } from "#charts/shares.ts";
import type { Writer } from "#charts/writer.ts";
import type { Shape } from "#charts/scene.ts";
import type { Numbers, ReportDay } from "../report-types.ts";
import { metricsPage } from "./metrics.ts";
import { bandNames } from "./summary.ts";
import { type Column, rowsIn, table } from "./table.ts";
import { type Body, HEADING, heading, type View } from "./view.ts";

/** Rows stand closer on the shorter paper, so that two weeks fit one page on either. */
const rowOf = ({ size }: View): number => (size.height > 700 ? 11.4 : 10.3);

export function statisticsPages(view: View): Body[] {
  const { say, size } = view;
  const { width } = size;
  const period = table({ x: 0, y: HEADING }, periodColumns(view), periodRows(view), rowOf(view));
  const hoursY = period.bottom + 14;
  const hours = table({ x: 0, y: hoursY + HEADING }, hourColumns(view), view.data.hours.map(({ hour, numbers }) => hourRow(hour, numbers, view)), rowOf(view));
  const first: Shape[] = [
    ...heading({ x: 0, y: 0, width }, say("statistics.title"), view.writer.unit), ...period.shapes,
    ...heading({ x: 0, y: hoursY, width }, say("statistics.hours"), view.writer.unit), ...hours.shapes,
  ];
  return [...withDays(view, first, hours.bottom + 14), metricsPage(view)];
}

function periodColumns({ say, size }: View): Column[] {
  const width = size.width / 5;
  return [
    { title: say("statistics.measure"), width: width * 2 },
    ...(["statistics.all", "statistics.night", "statistics.day"] as const).map((key) => ({ title: say(key), width, align: "end" as const })),
  ];
}

const shown = (value: number | null, write: (value: number) => string): string => (value === null ? "–" : write(value));
const span = (from: number | null, to: number | null, write: (value: number) => string): string => (from === null || to === null ? "–" : `${write(from)}–${write(to)}`);

function periodRows(view: View): string[][] {
  const { data, say, writer } = view;
  const limits = data.preset.limits["mg/dL"];
  const tight = data.preset.tightHigh;
  const columns = [data.numbers, data.night, data.daytime];
  const row = (name: string, of: (numbers: Numbers) => string): string[] => [name, ...columns.map(of)];
  const percent = (value: number): string => writer.percent(value, 1);
  return [
    row(say("metrics.readings"), ({ readings }) => writer.number(readings)),
    row(say("statistics.mean"), ({ mean }) => shown(mean, writer.glucoseFine)),
    row(say("statistics.sd"), ({ sd }) => shown(sd, writer.glucoseFine)),
    row(say("statistics.cv"), ({ cvPercent }) => shown(cvPercent, percent)),
    row(say("statistics.median"), ({ median }) => shown(median, writer.glucose)),
    row(say("statistics.quartiles"), ({ p25, p75 }) => span(p25, p75, writer.glucose)),
    row(say("statistics.extremes"), ({ min, max }) => span(min, max, writer.glucose)),
    ...bandsOf(limits).map((band) => row(`${bandNames(say)[band]} (${spanText(band, limits, writer)})`, ({ shares }) => shown(shares && shares[band], percent))),
    ...(tight ? [row(say("statistics.tight", { from: writer.threshold(limits.low), to: `${writer.threshold(tight["mg/dL"])} ${writer.unit}` }), ({ tightPercent }) => shown(tightPercent, percent))] : []),
  ];
}

function hourColumns({ say, size }: View): Column[] {
  const titles = [say("metrics.readings"), say("statistics.median"), say("statistics.middle"), say("statistics.percentiles"), say("band.low"), say("band.target"), say("band.high")];
  const first = size.width * 0.16;
  return [{ title: say("statistics.hour"), width: first }, ...titles.map((title) => ({ title, width: (size.width - first) / titles.length, align: "end" as const }))];
}

function hourRow(hour: number, numbers: Numbers, { writer }: View): string[] {
  const clock = (at: number): string => `${String(at).padStart(2, "0")}:00`;
  return [
    `${clock(hour)}–${clock(hour + 1)}`, writer.number(numbers.readings), shown(numbers.median, writer.glucose), span(numbers.p25, numbers.p75, writer.glucose),
    span(numbers.p05, numbers.p95, writer.glucose), ...threeShares(numbers, writer),
  ];
}

/** Below, within and above the target as whole percents that add up. */
function threeShares({ shares }: Numbers, writer: Writer): string[] {
  if (!shares) return ["–", "–", "–"];
  const whole = wholePercents(shares);
  return [
    shareText(shares.veryLow + shares.low, whole.veryLow + whole.low, writer.percent), shareText(shares.target, whole.target, writer.percent),
    shareText(shares.high + shares.veryHigh, whole.high + whole.veryHigh, writer.percent),
  ];
}

/** The days below what the first page has where all of them fit there, else on pages of their own; the latest first. */
function withDays(view: View, first: readonly Shape[], y: number): Body[] {
  const { data, size } = view;
  const days = data.days.toReversed();
  if (days.length <= rowsIn(size.height - y - HEADING, rowOf(view))) return [[...first, ...daysShapes(view, days, y)]];
  const perPage = rowsIn(size.height - HEADING, rowOf(view));
  const pages: Body[] = [first];
  for (let next = 0; next < days.length; next += perPage) pages.push(daysShapes(view, days.slice(next, next + perPage), 0));
  return pages;
}

function daysShapes(view: View, days: readonly ReportDay[], y: number): Shape[] {
  const rows = days.map((day) => dayRow(day, view));
  return [
    ...heading({ x: 0, y, width: view.size.width }, view.say("statistics.days"), view.writer.unit),
    ...table({ x: 0, y: y + HEADING }, dayColumns(view), rows, rowOf(view)).shapes,
  ];
}

function dayColumns({ say, size }: View): Column[] {
  const titles = [
    say("metrics.readings"), say("statistics.active"), say("statistics.mean"), say("statistics.cv"), say("statistics.extremes"), say("band.low"), say("band.target"), say("band.high"),
  ];
  const widths = [0.085, 0.09, 0.08, 0.2, 0.16, 0.075, 0.095, 0.075];
  return [{ title: say("statistics.date"), width: size.width * 0.14 }, ...titles.map((title, index) => ({ title, width: size.width * widths[index]!, align: "end" as const }))];
}

function dayRow({ date, numbers, activePercent }: ReportDay, { writer }: View): string[] {
  return [
    writer.dayAndDate(date), writer.number(numbers.readings), shown(activePercent, (value) => writer.percent(value)), shown(numbers.mean, writer.glucose),
    shown(numbers.cvPercent, (value) => writer.percent(value, 1)), span(numbers.min, numbers.max, writer.glucose), ...threeShares(numbers, writer),
  ];
}
