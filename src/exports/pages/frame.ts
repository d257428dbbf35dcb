/** Head and foot of every page: whose, which period, made when and by what, and the notice. */
import { group, line, type Scene, type Shape, type Size, text } from "#charts/scene.ts";
import { fitted } from "#charts/text-width.ts";
import { type Body, daysText, localTime, type View } from "./view.ts";

export interface FrameOptions {
  readonly paper: Size;
  readonly generatedMs: number;
  readonly version: string;
}

const MARGIN = 34;
const HEAD = 38;
const FOOT = 24;

/** Room for a page's body. */
export function bodySize(paper: Size): Size {
  return { width: paper.width - 2 * MARGIN, height: paper.height - 2 * MARGIN - HEAD - FOOT };
}

/** A whole page as a scene. */
export function framed(view: View, body: Body, place: { readonly page: number; readonly pages: number }, options: FrameOptions): Scene {
  const { data, say, writer } = view;
  const { paper } = options;
  return {
    ...paper,
    title: say("report.title"),
    description: say("report.page", { page: writer.number(place.page), pages: writer.number(place.pages) }),
    shapes: [
      group({ x: MARGIN, y: MARGIN }, head(view)),
      group({ x: MARGIN, y: MARGIN + HEAD }, body),
      group({ x: MARGIN, y: paper.height - MARGIN - FOOT }, foot(view, { ...options, ...place, zone: data.zone })),
    ],
  };
}

function head({ data, say, writer, size }: View): Shape[] {
  const { firstDate, lastDate } = data.period;
  const period = `${say("report.period", { from: writer.date(firstDate), to: writer.date(lastDate) })} · ${daysText(say, writer, data.days.length)}`;
  const person = fitted(data.person ?? say("report.noName"), size.width * 0.48, 11, true);
  return [
    text({ x: 0, y: 12 }, say("report.title"), { size: 14, ink: "text", isBold: true }),
    text({ x: 0, y: 24 }, writer.unit, { size: 8.5, ink: "muted" }),
    text({ x: size.width, y: 11 }, person, { size: 11, ink: data.person === null ? "muted" : "text", isBold: data.person !== null, align: "end" }),
    text({ x: size.width, y: 24 }, period, { size: 8.5, ink: "text", align: "end" }),
    line({ x: 0, y: 30 }, { x: size.width, y: 30 }, { stroke: "text", strokeWidth: 1 }),
  ];
}

function foot({ say, writer, size }: View, { generatedMs, version, page, pages, zone }: FrameOptions & { readonly page: number; readonly pages: number; readonly zone: string }): Shape[] {
  const { date, time } = localTime(zone, generatedMs);
  return [
    line({ x: 0, y: 6 }, { x: size.width, y: 6 }, { stroke: "rule", strokeWidth: 0.6 }),
    text({ x: 0, y: 15.5 }, say("report.notice"), { size: 8, ink: "text", isBold: true }),
    text({ x: 0, y: 24 }, say("report.made", { time: `${writer.date(date)} ${time}`, version, zone }), { size: 7.2, ink: "muted" }),
    text({ x: size.width, y: 15.5 }, say("report.page", { page: writer.number(page), pages: writer.number(pages) }), { size: 8, ink: "text", align: "end" }),
  ];
}
