/** Episodes of low and high glucose: on a strip, and as a list with the latest first. */
import { eventStrip } from "#charts/event-strip.ts";
import type { Shape } from "#charts/scene.ts";
import type { ReportEpisode } from "../report-types.ts";
import { bandNames } from "./summary.ts";
import { type Column, rowsIn, table } from "./table.ts";
import { type Body, HEADING, heading, localTime, paragraph, placed, sentenceBox, type View } from "./view.ts";

/** The strip shows at most so many days, each at most so high. */
const STRIP = { days: 92, most: 330, perDay: 13 } as const;
/** Older ones are in the CSV table. */
const MOST_LISTED = 250;

export function episodesPages(view: View): Body[] {
  const { data, say, writer, size } = view;
  const top = [...heading({ x: 0, y: 0, width: size.width }, say("episodes.title"), say("episodes.note"))];
  if (data.episodes.length === 0) return [[...top, ...sentenceBox({ x: 0, y: HEADING + 4, width: size.width, height: 120 }, say("episodes.none"))]];
  const days = data.days.slice(-STRIP.days);
  const strip = { width: size.width, height: 14 + Math.min(STRIP.most, days.length * STRIP.perDay) };
  const count = (bands: readonly string[]): string => writer.number(data.episodes.filter(({ band }) => bands.includes(band)).length);
  const sentences = [
    say(data.preset.limits["mg/dL"].veryHigh === null ? "episodes.countsHigh" : "episodes.counts", { low: count(["low", "veryLow"]), veryLow: count(["veryLow"]), high: count(["high", "veryHigh"]), veryHigh: count(["veryHigh"]) }),
    say("episodes.stripLow"),
    ...(days.length < data.days.length ? [say("episodes.stripLast", { days: writer.number(days.length) })] : []),
  ];
  const words = { title: say("episodes.title"), description: say("episodes.description", { count: writer.number(data.episodes.length), days: writer.number(data.days.length) }) };
  const intro = paragraph({ x: 0, y: HEADING }, sentences.join(" "), { width: size.width });
  const stripY = intro.bottom + 8;
  const firstPage: Shape[] = [...top, ...intro.shapes, placed(eventStrip({ days, events: data.episodes, words, writer }, strip), { x: 0, y: stripY })];
  return listed(view, firstPage, stripY + strip.height + 14);
}

function listed(view: View, firstPage: readonly Shape[], firstY: number): Body[] {
  const { data, say, writer, size } = view;
  const latest = data.episodes.toReversed().slice(0, MOST_LISTED);
  const rows = latest.map((episode) => rowOf(episode, view));
  const columns = columnsOf(view);
  const hidden = data.episodes.length - latest.length;
  const pages: Body[] = [];
  let [shapes, y] = [[...firstPage], firstY];
  for (let next = 0; next < rows.length; ) {
    const fitting = rows.slice(next, next + Math.max(next === 0 ? 0 : 1, rowsIn(size.height - y - 14)));
    const drawn = table({ x: 0, y }, columns, fitting);
    if (fitting.length > 0) shapes.push(...drawn.shapes);
    next += fitting.length;
    if (next === rows.length && hidden > 0) shapes.push(...paragraph({ x: 0, y: drawn.bottom + 2 }, say("episodes.more", { count: writer.number(hidden) }), { width: size.width, size: 8 }).shapes);
    pages.push(shapes);
    [shapes, y] = [heading({ x: 0, y: 0, width: size.width }, say("episodes.title")), HEADING];
  }
  return pages;
}

function columnsOf({ say, writer, size }: View): Column[] {
  const share = (part: number): number => size.width * part;
  return [
    { title: say("episodes.start"), width: share(0.2) },
    { title: say("episodes.kind"), width: share(0.11) },
    { title: say("episodes.length"), width: share(0.13), align: "end" },
    { title: `${say("episodes.extreme")} (${writer.unit})`, width: share(0.205), align: "end" },
    { title: `${say("episodes.mean")} (${writer.unit})`, width: share(0.13), align: "end" },
    { title: `  ${say("episodes.remark")}`, width: share(0.225) },
  ];
}

function rowOf({ startMs, endMs, band, extreme, mean, isCut }: ReportEpisode, { data, say, writer }: View): string[] {
  const { date, time } = localTime(data.zone, startMs);
  return [
    `${writer.dayAndDate(date)} ${time}`, bandNames(say)[band], writer.duration((endMs - startMs) / 60_000), writer.glucose(extreme), writer.glucose(mean),
    isCut ? `  ${say("episodes.cut")}` : "",
  ];
}
