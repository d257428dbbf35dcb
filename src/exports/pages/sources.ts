/** Where the numbers come from: source, what cleaning did, gaps, and how the numbers are made. */
import { longestStep } from "#charts/daily-profile.ts";
import type { Shape } from "#charts/scene.ts";
import { MINUTE_MS } from "#units/time.ts";
import { table } from "./table.ts";
import { type Body, HEADING, heading, localTime, paragraph, type View } from "./view.ts";

const SHOWN_GAPS = 10;
const SHOWN_FINDINGS = 8;
/** What cleaning counts as implausible (`cleanSeries`). */
const PLAUSIBLE_MG_DL = { min: 20, max: 600 } as const;

export function sourcesPages(view: View): Body[] {
  const { say, size } = view;
  const { width } = size;
  const facts = table({ x: 0, y: HEADING }, [{ title: "", width: width * 0.42 }, { title: "", width: width * 0.58 }], factRows(view));
  const gaps = gapShapes(view, facts.bottom + 18);
  const found = findingShapes(view, gaps.bottom + 18);
  let y = found.bottom + 18;
  const shapes: Shape[] = [...facts.shapes, ...heading({ x: 0, y: 0, width }, say("sources.title")), ...gaps.shapes, ...found.shapes, ...heading({ x: 0, y, width }, say("sources.how"))];
  y += HEADING;
  for (const sentence of howSentences(view)) {
    const drawn = paragraph({ x: 0, y }, sentence, { width });
    shapes.push(...drawn.shapes);
    y = drawn.bottom + 4;
  }
  return [shapes];
}

function factRows({ data, say, writer }: View): string[][] {
  const { file, cleaning, names, duplicates } = data.source;
  return [
    [say("sources.names"), names.join(", ")],
    ...(file
      ? [
          [say("sources.format"), say(`format.${file.format}`)],
          [say("sources.unit"), say(`sources.unit.${file.unitSource}`, { unit: file.unit })],
          [say("sources.rows"), writer.number(file.rows)],
          [say("sources.unusable"), writer.number(file.unusableRows)],
        ]
      : []),
    [say("sources.given"), writer.number(cleaning.given)],
    [say("sources.duplicates"), say(`sources.duplicates.${duplicates}`, { count: writer.number(cleaning.duplicates) })],
    [say("sources.clamped"), say("sources.clampedBoth", { low: writer.number(cleaning.clampedLow), high: writer.number(cleaning.clampedHigh) })],
    [say("sources.implausible", { low: writer.glucose(PLAUSIBLE_MG_DL.min), high: writer.glucoseWithUnit(PLAUSIBLE_MG_DL.max) }), writer.number(cleaning.implausible)],
    [say("sources.invalid"), writer.number(cleaning.invalid)],
    [say("sources.kept"), writer.number(cleaning.kept)],
    [say("sources.cadence"), data.cadenceMinutes === null ? say("sources.cadenceUnknown") : writer.duration(data.cadenceMinutes)],
    [say("sources.active"), data.activePercent === null ? "–" : writer.percent(data.activePercent, 1)],
  ];
}

function gapShapes({ data, say, writer, size }: View, y: number): { shapes: Shape[]; bottom: number } {
  const { width } = size;
  const minutes = writer.number(longestStep(data.cadenceMinutes) / MINUTE_MS);
  const sentence = data.gaps.length === 0 ? say("sources.noGaps", { minutes }) : say("sources.gapCount", { count: writer.number(data.gaps.length), minutes });
  const intro = paragraph({ x: 0, y: y + HEADING }, sentence, { width });
  const shapes = [...heading({ x: 0, y, width }, say("sources.gaps")), ...intro.shapes];
  if (data.gaps.length === 0) return { shapes, bottom: intro.bottom };
  const at = (ms: number): string => {
    const { date, time } = localTime(data.zone, ms);
    return `${writer.dayAndDate(date)} ${time}`;
  };
  const longest = data.gaps.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)).slice(0, SHOWN_GAPS);
  const columns = [
    { title: say("sources.gapFrom"), width: width * 0.3 }, { title: say("sources.gapTo"), width: width * 0.3 }, { title: say("sources.gapLength"), width: width * 0.2, align: "end" as const },
  ];
  const drawn = table({ x: 0, y: intro.bottom + 4 }, columns, longest.map(({ fromMs, toMs }) => [at(fromMs), at(toMs), writer.duration((toMs - fromMs) / MINUTE_MS)]));
  return { shapes: [...shapes, ...drawn.shapes], bottom: drawn.bottom };
}

function findingShapes(view: View, y: number): { shapes: Shape[]; bottom: number } {
  const { data, say, writer, size } = view;
  const title = heading({ x: 0, y, width: size.width }, say("findings.title"));
  if (data.findings.length === 0) {
    const none = paragraph({ x: 0, y: y + HEADING }, say("findings.none"), { width: size.width });
    return { shapes: [...title, ...none.shapes], bottom: none.bottom };
  }
  const at = (ms: number): string => {
    const { date, time } = localTime(data.zone, ms);
    return `${writer.dayAndDate(date)} ${time}`;
  };
  const columns = [
    { title: say("findings.kind"), width: size.width * 0.4 }, { title: say("findings.from"), width: size.width * 0.23 }, { title: say("findings.to"), width: size.width * 0.23 },
    { title: say("findings.count"), width: size.width * 0.14, align: "end" as const },
  ];
  // Warnings first; a list of every flat stretch of a year helps nobody.
  const told = data.findings.toSorted((a, b) => Number(b.severity === "warning") - Number(a.severity === "warning")).slice(0, SHOWN_FINDINGS);
  const drawn = table({ x: 0, y: y + HEADING }, columns, told.map(({ kind, fromMs, toMs, count }) => [say(`finding.${kind}`), at(fromMs), at(toMs), writer.number(count)]));
  return { shapes: [...title, ...drawn.shapes], bottom: drawn.bottom };
}

function howSentences({ data, say }: View): string[] {
  return [
    say("sources.how.ranges"), say("sources.how.gmi"), say("sources.how.cv"), say("sources.how.profile"), say("sources.how.goals"), say("sources.how.zone", { zone: data.zone }),
  ];
}
