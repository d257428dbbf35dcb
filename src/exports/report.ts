/** A report as PDF. */
import type { Size } from "#charts/scene.ts";
import { createWriter, type ReportLanguage } from "#charts/writer.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { calendarPages } from "./pages/calendar.ts";
import { episodesPages } from "./pages/episodes.ts";
import { bodySize, framed } from "./pages/frame.ts";
import { sourcesPages } from "./pages/sources.ts";
import { statisticsPages } from "./pages/statistics.ts";
import { summaryPages } from "./pages/summary.ts";
import type { Body, View } from "./pages/view.ts";
import { weeksPages } from "./pages/weeks.ts";
import { toPdf } from "./pdf.ts";
import type { ReportData } from "./report-types.ts";
import { sayIn } from "./words.ts";

export const REPORT_PAGES = ["summary", "weeks", "calendar", "episodes", "statistics", "sources"] as const;
export type ReportPage = (typeof REPORT_PAGES)[number];

/** In points. */
export const PAPERS = { a4: { width: 595.28, height: 841.89 }, letter: { width: 612, height: 792 } } as const satisfies Record<string, Size>;
export type Paper = keyof typeof PAPERS;

export interface ReportOptions {
  readonly unit: GlucoseUnit;
  readonly language: ReportLanguage;
  readonly paper: Paper;
  /** Printed in the order of REPORT_PAGES; at least one. */
  readonly pages: readonly ReportPage[];
  /** UTC epoch milliseconds; stands on every page. */
  readonly generatedMs: number;
  /** Version of Islet; stands on every page. */
  readonly version: string;
}

const BODIES: Readonly<Record<ReportPage, (view: View) => Body[]>> = {
  summary: summaryPages, weeks: weeksPages, calendar: calendarPages, episodes: episodesPages, statistics: statisticsPages, sources: sourcesPages,
};

/**
 * The report's PDF. The same data and options give the same bytes: nothing is read from a clock or drawn by chance. Informational: every page carries the
 * notice. Throws RangeError where no page is asked for.
 */
export async function renderReport(data: ReportData, options: ReportOptions): Promise<Uint8Array> {
  const { unit, language, generatedMs, version } = options;
  const say = sayIn(language);
  const paper = PAPERS[options.paper];
  const view: View = { data, say, writer: createWriter({ unit, language }), size: bodySize(paper) };
  const bodies = REPORT_PAGES.filter((page) => options.pages.includes(page)).flatMap((page) => BODIES[page](view));
  const scenes = bodies.map((body, index) => framed(view, body, { page: index + 1, pages: bodies.length }, { paper, generatedMs, version }));
  return toPdf(scenes, {
    title: say("report.title"), subject: say("report.notice"), author: "Islet", language: language === "en" ? "en-GB" : "es",
    creator: `Islet ${version}`, createdMs: generatedMs,
  });
}
