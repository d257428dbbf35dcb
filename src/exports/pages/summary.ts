/** Page one: ranges, metrics, the ambulatory profile and the last fourteen days. */
import { agpChart } from "#charts/agp-chart.ts";
import { dailyProfile, hoursOfDay } from "#charts/daily-profile.ts";
import { DRAWN_MG_DL } from "#charts/glucose-scale.ts";
import type { Band } from "#charts/palette.ts";
import { rangeBar } from "#charts/range-bar.ts";
import { type Box, line, type Shape, text } from "#charts/scene.ts";
import { textWidth, wrapped } from "#charts/text-width.ts";
import type { ReportDay } from "../report-types.ts";
import type { Say } from "../words.ts";
import { type Body, HEADING, heading, placed, sentenceBox, type View } from "./view.ts";

const TOP = 176;
const GAP = 12;
const SENTENCE = HEADING + 74;
const HIGHEST_DAY = 170;
const SHOWN_DAYS = 14;
const PER_ROW = 7;

export function summaryPages(view: View): Body[] {
  const { width, height } = view.size;
  const left = Math.round(width * 0.58);
  const room = height - TOP - 2 * GAP;
  // Where a sentence stands for the profile, the days have its room.
  const dailyHeight = view.data.profile.lack ? room - SENTENCE : HEADING + 2 * (Math.min(74, (height - TOP) * 0.14) + 13);
  const profile = { x: 0, y: TOP + GAP, width, height: room - dailyHeight };
  return [[
    ...rangesShapes(view, { x: 0, y: 0, width: left, height: TOP }),
    ...metricsShapes(view, { x: left + 18, y: 0, width: width - left - 18, height: TOP }),
    ...profileShapes(view, profile),
    ...dailyShapes(view, { x: 0, y: height - dailyHeight, width, height: dailyHeight }),
  ]];
}

export function bandNames(say: Say): Record<Band, string> {
  return { veryLow: say("band.veryLow"), low: say("band.low"), target: say("band.target"), high: say("band.high"), veryHigh: say("band.veryHigh") };
}

function rangesShapes({ data, say, writer }: View, box: Box): Shape[] {
  const note = say(data.preset.name === "pregnancy" ? "ranges.notePregnancy" : data.preset.name === "older" ? "ranges.noteOlder" : "ranges.note");
  const inner = { x: box.x, y: box.y + HEADING, width: box.width, height: box.height - HEADING };
  const { shares } = data.numbers;
  if (data.lack || !shares) return [...heading(box, say("ranges.title")), ...sentenceBox(inner, say(`lack.${data.lack ?? "under_24_hours"}`))];
  const words = { title: say("ranges.title"), bands: bandNames(say), below: say("ranges.below"), above: say("ranges.above"), goal: say("ranges.goal") };
  const scene = rangeBar({ shares, limits: data.preset.limits["mg/dL"], goals: data.preset.goals, words, writer }, inner);
  return [...heading(box, say("ranges.title"), note), placed(scene, inner)];
}

interface Metric {
  readonly name: string;
  readonly value: string;
  /** Under the name: goal, remark, or why there is no value. */
  readonly note: string;
}

function metricsShapes(view: View, box: Box): Shape[] {
  const rows = view.data.lack ? metricsOfWear(view) : [...metricsOfGlucose(view), ...metricsOfWear(view)];
  const pitch = (box.height - HEADING) / 6;
  return [
    ...heading(box, view.say("metrics.title")),
    ...rows.flatMap(({ name, value, note }, index) => {
      const y = box.y + HEADING + index * pitch;
      return [
        text({ x: box.x, y: y + 9 }, name, { size: 8.5, ink: "text" }),
        ...wrapped(note, box.width, 7.2).slice(0, 1).map((words) => text({ x: box.x, y: y + 18.5 }, words, { size: 7.2, ink: "muted" })),
        text({ x: box.x + box.width, y: y + 11 }, value, { size: 11.5, ink: "text", isBold: true, align: "end" }),
        ...(index === rows.length - 1 ? [] : [line({ x: box.x, y: y + pitch - 2.5 }, { x: box.x + box.width, y: y + pitch - 2.5 }, { stroke: "grid", strokeWidth: 0.5 })]),
      ];
    }),
  ];
}

function metricsOfGlucose({ data, say, writer }: View): Metric[] {
  const { gmi, variability, numbers, preset } = data;
  const goal = (value: string | null, key: "metrics.goalBelow" | "metrics.goalAtMost"): string => (value === null ? "" : say(key, { value }));
  return [
    {
      name: say("metrics.mean"), value: numbers.mean === null ? "–" : writer.glucoseWithUnit(numbers.mean),
      note: goal(preset.meanGoalMgDl === null ? null : `${writer.threshold(preset.meanGoalMgDl)} ${writer.unit}`, "metrics.goalBelow"),
    },
    "lack" in gmi
      ? { name: say("metrics.gmi"), value: "–", note: say(`lack.${gmi.lack}`) }
      : {
          name: say("metrics.gmi"), value: writer.percent(gmi.percent, 1),
          note: [`${writer.number(gmi.mmolMol)} mmol/mol`, goal(preset.gmiGoalPercent === null ? null : writer.percent(preset.gmiGoalPercent), "metrics.goalBelow")].filter(Boolean).join(" · "),
        },
    "lack" in variability
      ? { name: say("metrics.cv"), value: "–", note: say(`lack.${variability.lack}`) }
      : { name: say("metrics.cv"), value: writer.percent(variability.cvPercent, 1), note: goal(preset.cvGoalPercent === null ? null : writer.percent(preset.cvGoalPercent), "metrics.goalAtMost") },
  ];
}

function metricsOfWear({ data, say, writer }: View): Metric[] {
  const withReadings = data.days.filter((day) => day.numbers.readings > 0).length;
  return [
    { name: say("metrics.active"), value: data.activePercent === null ? "–" : writer.percent(data.activePercent, 1), note: say("metrics.goalAtLeast", { value: writer.percent(70) }) },
    { name: say("metrics.days"), value: say("metrics.daysOf", { days: writer.number(withReadings), all: writer.number(data.days.length) }), note: "" },
    { name: say("metrics.readings"), value: writer.number(data.numbers.readings), note: data.cadenceMinutes === null ? "" : say("metrics.every", { minutes: writer.number(data.cadenceMinutes) }) },
  ];
}

/** Says of a picture that what lies higher stands at its edge. */
function clampedText({ say, writer }: View): string {
  return say("profile.clamped", { limit: `${writer.threshold(DRAWN_MG_DL.max)} ${writer.unit}` });
}

function profileShapes(view: View, box: Box): Shape[] {
  const { data, say, writer } = view;
  const inner = { x: box.x, y: box.y + HEADING, width: box.width, height: box.height - HEADING };
  const { bins, lack } = data.profile;
  if (lack) return [...heading(box, say("profile.title")), ...sentenceBox(inner, say(`lack.${lack}`))];
  const median = (hour: number): string | null => (bins[hour] ? writer.glucoseWithUnit(bins[hour].p50) : null);
  const [night, noon, evening] = [median(3), median(12), median(20)];
  const description = night !== null && noon !== null && evening !== null
    ? say("profile.description", { days: writer.number(data.days.length), night, noon, evening }) : say("profile.descriptionThin");
  const words = {
    title: say("profile.title"), description, median: say("profile.median"), middleHalf: say("profile.middleHalf"), most: say("profile.most"),
    clamped: clampedText(view),
  };
  return [...heading(box, say("profile.title"), say("profile.note")), placed(agpChart({ bins, limits: data.preset.limits["mg/dL"], words, writer }, inner), inner)];
}

function dailyShapes(view: View, box: Box): Shape[] {
  const { data, say } = view;
  const shown = data.days.slice(-SHOWN_DAYS);
  const isClamped = shown.some(({ numbers }) => (numbers.max ?? 0) > DRAWN_MG_DL.max);
  const note = [
    ...(data.days.length > SHOWN_DAYS ? [say("daily.noteLast")] : isClamped ? [] : [say("daily.note")]), ...(isClamped ? [`${clampedText(view)}.`] : []),
  ].join(" ");
  const rows = Math.max(data.profile.lack ? 1 : 2, Math.ceil(shown.length / PER_ROW));
  const cell = { width: box.width / PER_ROW, height: Math.min(HIGHEST_DAY, (box.height - HEADING) / rows) };
  return [
    ...heading(box, say("daily.title"), note),
    ...shown.flatMap((day, index) => {
      const [column, row] = [index % PER_ROW, Math.floor(index / PER_ROW)];
      return dayShapes(view, day, { x: box.x + column * cell.width + 2.5, y: box.y + HEADING + row * cell.height, width: cell.width - 5, height: cell.height });
    }),
  ];
}

function dayShapes({ data, say, writer }: View, day: ReportDay, box: Box): Shape[] {
  const plot = { x: box.x, y: box.y + 11, width: box.width, height: box.height - 13 };
  const hours = hoursOfDay(day);
  const name = `${writer.dayAndDate(day.date)}${hours === 24 ? "" : ` · ${say("daily.hours", { hours: writer.number(hours, Number.isInteger(hours) ? 0 : 1) })}`}`;
  const share = day.numbers.shares?.target;
  const shareWords = share === undefined ? "" : writer.percent(share);
  const size = Math.min(7.2, (7.2 * (box.width - 5)) / textWidth(`${name}${shareWords}`, 7.2));
  return [
    text({ x: box.x, y: box.y + 8.3 }, name, { size, ink: "text" }),
    ...(share === undefined ? [] : [text({ x: box.x + box.width, y: box.y + 8.3 }, shareWords, { size, ink: "muted", align: "end" })]),
    ...dailyProfile(day, plot, { zone: data.zone, limits: data.preset.limits["mg/dL"], cadenceMinutes: data.cadenceMinutes }),
    ...(share === undefined ? [text({ x: plot.x + plot.width / 2, y: plot.y + 10 }, say("daily.none"), { size: 7.2, ink: "muted", align: "middle" })] : []),
  ];
}
