import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR_MS, localDay, MINUTE_MS } from "#units/time.ts";
import { ambulatoryProfile } from "#glucose/patterns/agp.ts";
import { cleanSeries } from "#glucose/series.ts";
import { agpBins, type AgpBin } from "./agp-bins.ts";
import { agpChart, runsAroundDay } from "./agp-chart.ts";
import { dailyProfile, dayPath, dayPoints } from "./daily-profile.ts";
import { eventBox, eventStrip } from "./event-strip.ts";
import { limitLabels, yOf } from "./glucose-scale.ts";
import { monthCalendar, toneOf, weeksOfMonth } from "./month-calendar.ts";
import { BANDS, contrast, INKS } from "./palette.ts";
import { bandBoxes, rangeBar, spanText } from "./range-bar.ts";
import type { Scene, Shape, TextShape } from "./scene.ts";
import { shareText, wholePercents } from "./shares.ts";
import { escaped, toSvg } from "./svg.ts";
import { fitted, textWidth, wrapped } from "./text-width.ts";
import { weekOverlay } from "./week-overlay.ts";
import { createWriter } from "./writer.ts";

const LIMITS = { veryLow: 54, low: 70, high: 180, veryHigh: 250 };
const EN = createWriter({ unit: "mg/dL", language: "en" });
const ES = createWriter({ unit: "mmol/L", language: "es" });
const HIGHEST_FIRST = BANDS.toReversed();

const flat = (shapes: readonly Shape[]): Shape[] => shapes.flatMap((shape) => (shape.kind === "group" ? flat(shape.shapes) : [shape]));
const texts = ({ shapes }: Pick<Scene, "shapes">): TextShape[] => flat(shapes).filter((shape) => shape.kind === "text");
const said = (scene: Scene): string[] => texts(scene).map(({ text }) => text);

describe("the palette", () => {
  it("keeps bands, lines and curves at 3:1 off white, and words at 4.5:1", () => {
    const lines = [...BANDS, "targetLine", "bandEdge", "median", "rule"] as const;
    expect(lines.filter((ink) => contrast(INKS[ink], "#ffffff") < 3)).toEqual([]);
    expect((["text", "muted"] as const).filter((ink) => contrast(INKS[ink], INKS.sunken) < 4.5)).toEqual([]);
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 9);
  });
});

describe("whole percents", () => {
  it("put what rounding leaves over into High", () => {
    expect(wholePercents({ veryLow: 0.4, low: 1.4, target: 70.4, high: 20.4, veryHigh: 7.4 })).toEqual({ veryLow: 0, low: 1, target: 70, high: 22, veryHigh: 7 });
    expect(wholePercents({ veryLow: 0.6, low: 1.6, target: 70.6, high: 20.6, veryHigh: 6.6 })).toEqual({ veryLow: 1, low: 2, target: 71, high: 19, veryHigh: 7 });
  });

  it("round halves to the even neighbour", () => {
    expect(wholePercents({ veryLow: 0.5, low: 1.5, target: 70.5, high: 27.5, veryHigh: 0 })).toEqual({ veryLow: 0, low: 2, target: 70, high: 28, veryHigh: 0 });
  });

  it("stay as rounded where High has nothing to give", () => {
    expect(wholePercents({ veryLow: 24.6, low: 24.6, target: 50.8, high: 0, veryHigh: 0 })).toEqual({ veryLow: 25, low: 25, target: 51, high: 0, veryHigh: 0 });
  });

  it("add up to 100 whatever the readings, wherever High can take it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }).filter((counts) => counts[3]! > 0.05 * counts.reduce((a, b) => a + b, 0)), (counts) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const shares = Object.fromEntries(BANDS.map((band, index) => [band, (100 * counts[index]!) / total])) as Record<(typeof BANDS)[number], number>;
        expect(Object.values(wholePercents(shares)).reduce((sum, share) => sum + share, 0)).toBe(100);
      }),
    );
  });

  it("say of little that it is some", () => {
    expect([shareText(0.3, 0, EN.percent), shareText(0, 0, EN.percent), shareText(0.3, 0, ES.percent)]).toEqual(["<1%", "0%", "<1\u00a0%"]);
  });
});

describe("the writer", () => {
  it("writes numbers in the unit and the language", () => {
    expect([EN.glucoseWithUnit(112.4), ES.glucoseWithUnit(112.4), EN.number(12_345.5, 1), ES.number(12_345.5, 1)]).toEqual(["112 mg/dL", "6,2 mmol/L", "12,345.5", "12.345,5"]);
    expect([EN.percent(71.25, 1), ES.percent(71.25, 1)]).toEqual(["71.2%", "71,2\u00a0%"]);
    expect([EN.number(-0.2), EN.number(0.5), EN.number(1.5)]).toEqual(["0", "0", "2"]);
  });

  it("writes limits as guidelines print them", () => {
    expect([54, 63, 70, 140, 154, 180, 250, 350].map(ES.threshold)).toEqual(["3,0", "3,5", "3,9", "7,8", "8,6", "10,0", "13,9", "19,4"]);
    expect([ES.justBelow(70), ES.justAbove(180), EN.justBelow(70), EN.justAbove(180)]).toEqual(["3,8", "10,1", "69", "181"]);
  });

  it("writes days and durations", () => {
    expect([EN.dayAndDate("2026-03-02"), ES.dayAndDate("2026-03-02"), ES.month("2026-03-01")]).toEqual(["Mon 2 Mar", "lun, 2 mar", "marzo de 2026"]);
    expect([EN.duration(5), EN.duration(60), EN.duration(432)].map((text) => text.replaceAll("\u00a0", " "))).toEqual(["5 min", "1 h", "7 h 12 min"]);
  });
});

describe("text without a page", () => {
  it("is as wide as its letters, with accents or without", () => {
    expect(textWidth("00", 10)).toBeCloseTo(9.94, 9);
    expect(textWidth("ñandú", 9)).toBe(textWidth("nandu", 9));
    expect(textWidth("", 9)).toBe(0);
  });

  it("is cut with an ellipsis and broken at spaces", () => {
    expect(fitted("short", 100, 9)).toBe("short");
    const cut = fitted("a very long name indeed", 50, 9);
    expect(cut.endsWith("…") && textWidth(cut, 9) <= 50).toBe(true);
    expect(wrapped("one two three", textWidth("one two", 9), 9)).toEqual(["one two", "three"]);
  });
});

describe("the bar of ranges", () => {
  const words = { title: "Time in ranges", bands: { veryLow: "Very low", low: "Low", target: "In range", high: "High", veryHigh: "Very high" }, below: "Below", above: "Above", goal: "goal" };
  const goals = { target: 70, below: 4, veryLow: 1, above: 25, veryHigh: 5 };
  const shares = { veryLow: 0.4, low: 2.6, target: 67, high: 25, veryHigh: 5 };

  it("gives each band the height of its share, and no band less than can be seen", () => {
    const box = { x: 0, y: 0, width: 10, height: 108 };
    const boxes = bandBoxes({ veryLow: 10, low: 10, target: 50, high: 20, veryHigh: 10 }, HIGHEST_FIRST, box);
    expect(boxes.map(({ band, y, height }) => [band, y, height])).toEqual([["veryHigh", 0, 10], ["high", 12, 20], ["target", 34, 50], ["low", 86, 10], ["veryLow", 98, 10]]);
    const thin = bandBoxes({ veryLow: 0, low: 0, target: 100, high: 0, veryHigh: 0 }, HIGHEST_FIRST, box);
    expect(thin.map(({ height }) => height)).toEqual([7, 7, 72, 7, 7]);
  });

  it("fills its box for any shares", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 5, maxLength: 5 }).filter((counts) => counts.some((count) => count > 0)), (counts) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const of = Object.fromEntries(BANDS.map((band, index) => [band, (100 * counts[index]!) / total])) as Record<(typeof BANDS)[number], number>;
        const last = bandBoxes(of, HIGHEST_FIRST, { x: 0, y: 0, width: 10, height: 150 }).at(-1)!;
        expect(last.y + last.height).toBeCloseTo(150, 6);
      }),
    );
  });

  it("says names, spans, shares, goals, and what is below and above together", () => {
    const scene = rangeBar({ shares, limits: LIMITS, goals, words, writer: EN }, { width: 300, height: 150 });
    for (const words of ["Very high", ">250 mg/dL  ·  goal <5%", "25%", "67%", "Above", "30%", "goal <25%", "Below", "3%", "<1%", "goal <4%", "54–69 mg/dL"]) expect(said(scene)).toContain(words);
    expect(scene.description).toBe("Very high 5%, High 25%, In range 67%, Low 3%, Very low <1%");
  });

  it("draws a pattern on every band but the target, and a band without readings pale", () => {
    const scene = rangeBar({ shares: { ...shares, veryLow: 0, low: 3 }, limits: LIMITS, goals, words, writer: EN }, { width: 300, height: 150 });
    expect(flat(scene.shapes).filter((shape) => shape.kind === "path" && shape.stroke === "decal").length).toBe(3);
    expect(flat(scene.shapes).some((shape) => shape.kind === "rect" && shape.fill === "veryLow")).toBe(false);
  });

  it("knows sets of ranges without very high", () => {
    const limits = { veryLow: 54, low: 63, high: 140, veryHigh: null };
    expect(spanText("high", limits, ES)).toBe(">7,8 mmol/L");
    expect(said(rangeBar({ shares: { ...shares, high: 30, veryHigh: 0 }, limits, goals, words, writer: ES }, { width: 300, height: 150 }))).not.toContain("Very high");
  });
});

describe("the ambulatory profile", () => {
  const bin = (hour: number, p50: number): AgpBin => ({ minute: hour * 60 + 30, count: 10, p05: p50 - 40, p25: p50 - 20, p50, p75: p50 + 20, p95: p50 + 40 });
  const full = Array.from({ length: 24 }, (_, hour) => bin(hour, 100 + hour));
  const words = { title: "Profile", description: "…", median: "Median", middleHalf: "Half", most: "Most", clamped: "clamped" };

  it("smooths the percentiles of each hour around the day", () => {
    const times = [0, 1, 2, 3].flatMap((hour) => [0, 1, 2].map((day) => (day * 24 + hour) * HOUR_MS)).toSorted((a, b) => a - b);
    const bins = agpBins(ambulatoryProfile(cleanSeries({ timesMs: times, values: times.map((ms) => 100 + 10 * ((ms / HOUR_MS) % 24)) }), "UTC"));
    expect(bins.slice(0, 5).map((each) => each && Math.round(each.p50 * 1000) / 1000)).toEqual([102, 110, 120, 128, null]);
    expect(bins[1]).toMatchObject({ minute: 90, count: 3 });
  });

  it("meets itself at midnight, and stays open at hours without readings", () => {
    const [piece] = runsAroundDay(full);
    expect([piece![0], piece!.at(-1)].map((end) => [end!.minute, end!.p50])).toEqual([[0, 111.5], [1440, 111.5]]);
    const open = runsAroundDay(full.map((each, hour) => (hour === 5 || hour === 23 ? null : each)));
    expect(open.map((run) => [run[0]!.minute, run.at(-1)!.minute])).toEqual([[0, 300], [360, 1380]]);
    expect(open[0]![0]!.p50).toBe(100);
    expect(runsAroundDay(Array.from({ length: 24 }, () => null))).toEqual([]);
  });

  it("has marks every three hours, limits in the unit, and names its percentiles", () => {
    const scene = agpChart({ bins: full, limits: LIMITS, words, writer: ES }, { width: 500, height: 200 });
    expect(said(scene).filter((text) => /^\d\d:00$/.test(text))).toEqual(["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"]);
    for (const words of ["3,0", "3,9", "10,0", "13,9", "19,4", "50\u00a0%", "95\u00a0%", "mmol/L"]) expect(said(scene)).toContain(words);
    expect(said(scene)).not.toContain("clamped");
  });

  it("holds values at the edge, and says so", () => {
    const scene = agpChart({ bins: full.map((each) => ({ ...each, p95: 400 })), limits: LIMITS, words, writer: EN }, { width: 500, height: 200 });
    expect(said(scene)).toContain("clamped");
    expect(yOf(400, { y: 10, height: 100 })).toBe(10);
    expect(yOf(10, { y: 10, height: 100 })).toBe(110);
  });

  it("keeps the labels of limits apart", () => {
    const places = texts({ shapes: limitLabels(30, { x: 30, y: 0, width: 100, height: 60 }, LIMITS, { writer: EN, size: 7 }) }).map(({ y }) => y);
    expect(places.every((y, index) => index === 0 || y - places[index - 1]! >= 6.6)).toBe(true);
  });
});

describe("a day", () => {
  const zone = "Europe/Madrid";
  const day = (date: string, times: readonly number[], values: readonly number[]) => {
    const window = localDay(zone, date)!;
    return { date, ...window, timesMs: Float64Array.from(times, (hours) => window.fromMs + hours * HOUR_MS), values: Float64Array.from(values) };
  };
  const box = { x: 0, y: 0, width: 100, height: 320 };

  it("is drawn true when clocks change: noon of a 23-hour day is eleven hours after midnight", () => {
    const spring = day("2026-03-29", [11.5], [100]);
    expect(spring.toMs - spring.fromMs).toBe(23 * HOUR_MS);
    expect(dayPoints(spring, box)[0]!.x).toBe(50);
    const noon = flat(dailyProfile(spring, box, { zone, limits: LIMITS, cadenceMinutes: 5 })).find((shape) => shape.kind === "path" && shape.stroke === "grid");
    expect(noon).toMatchObject({ d: "M47.83 0L47.83 320" });
  });

  it("leaves gaps open and shows a reading alone", () => {
    const gapped = day("2026-03-02", [0, 0.25, 0.5, 12, 18, 18.25], [100, 100, 100, 100, 100, 100]);
    expect(dayPath(gapped, box, 30 * MINUTE_MS).split("M").length - 1).toBe(3);
    expect(dayPath(gapped, box, 30 * MINUTE_MS)).toContain("M49.5 250L50.5 250");
  });
});

describe("a week", () => {
  it("draws a line a day, each told apart from the others, and a key", () => {
    const monday = Date.parse("2026-03-02T00:00:00Z");
    const days = Array.from({ length: 7 }, (_, index) => {
      const fromMs = monday + index * 24 * HOUR_MS;
      return index === 3 ? null : { date: `2026-03-0${index + 2}`, fromMs, toMs: fromMs + 24 * HOUR_MS, timesMs: Float64Array.of(fromMs, fromMs + 5 * MINUTE_MS), values: Float64Array.of(100, 110) };
    });
    const scene = weekOverlay({ days, zone: "UTC", limits: LIMITS, cadenceMinutes: 5, words: { title: "Week", description: "" }, writer: EN }, { width: 300, height: 150 });
    expect(said(scene).filter((text) => /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/.test(text))).toEqual(["Mon", "Tue", "Wed", "Fri", "Sat", "Sun"]);
    // Key and curve of each day are drawn alike; no two days are.
    const styles = flat(scene.shapes).filter((shape) => shape.kind === "path" && shape.strokeWidth !== undefined && shape.strokeWidth >= 0.7 && !["grid", "rule"].includes(shape.stroke!));
    expect(new Set(styles.map((shape) => JSON.stringify({ ...shape, d: "" }))).size).toBeGreaterThanOrEqual(6);
  });
});

describe("a month", () => {
  it("begins its weeks on Monday", () => {
    const weeks = weeksOfMonth("2026-03");
    expect(weeks.length).toBe(6);
    expect([weeks[0]!.filter(Boolean), weeks[5]!.filter(Boolean)]).toEqual([["2026-03-01"], ["2026-03-30", "2026-03-31"]]);
    expect(weeksOfMonth("2027-02").map((week) => week.filter(Boolean).length)).toEqual([7, 7, 7, 7]);
  });

  it("tells days by tone: the goal, twenty points below it, the rest; and those with too few readings", () => {
    const tones = [[70, 100], [69.9, 100], [49.9, 100], [90, 69.9], [null, 0]].map(([inTargetPercent, activePercent]) => toneOf({ inTargetPercent: inTargetPercent!, activePercent: activePercent! }, 70));
    expect(tones).toEqual(["good", "fair", "other", "thin", "none"]);
    expect(toneOf(undefined, 70)).toBe("none");
    expect(toneOf({ inTargetPercent: 55, activePercent: 100 }, 50)).toBe("good");
  });

  it("writes the share in each day of the period and hatches the thin ones", () => {
    const days = new Map([["2026-03-02", { inTargetPercent: 71.6, activePercent: 98 }], ["2026-03-03", { inTargetPercent: 80, activePercent: 20 }], ["2026-03-04", { inTargetPercent: null, activePercent: 0 }]]);
    const scene = monthCalendar({ month: "2026-03", days, goalPercent: 70, words: { description: "" }, writer: EN }, { width: 210, height: 146 });
    expect(said(scene).filter((text) => /%|–/.test(text))).toEqual(["72%", "80%", "–"]);
    expect(flat(scene.shapes).filter((shape) => shape.kind === "path" && shape.stroke === "thinDay").length).toBe(1);
  });

  it("gives a day the tone of the number printed in it", () => {
    const days = new Map([["2026-03-02", { inTargetPercent: 69.6, activePercent: 98 }]]);
    const scene = monthCalendar({ month: "2026-03", days, goalPercent: 70, words: { description: "" }, writer: EN }, { width: 210, height: 146 });
    expect(said(scene)).toContain("70%");
    expect(flat(scene.shapes).some((shape) => shape.kind === "rect" && shape.fill === "goodDay")).toBe(true);
  });
});

describe("a strip of episodes", () => {
  const day = { date: "2026-03-02", fromMs: 0, toMs: 24 * HOUR_MS };
  const lane = { x: 0, y: 0, width: 240, height: 4 };

  it("shows the part of an episode that falls on the day", () => {
    expect(eventBox({ startMs: 6 * HOUR_MS, endMs: 8 * HOUR_MS }, day, lane)).toEqual({ x: 60, y: 0, width: 20, height: 4 });
    expect(eventBox({ startMs: -HOUR_MS, endMs: HOUR_MS }, day, lane)).toEqual({ x: 0, y: 0, width: 10, height: 4 });
    expect(eventBox({ startMs: 24 * HOUR_MS, endMs: 25 * HOUR_MS }, day, lane)).toBeNull();
    expect(eventBox({ startMs: 24 * HOUR_MS - 1, endMs: 25 * HOUR_MS }, day, lane)).toEqual({ x: 239, y: 0, width: 1, height: 4 });
  });

  it("puts highs above lows on the day's line", () => {
    const events = [{ startMs: 0, endMs: HOUR_MS, band: "low" as const }, { startMs: 0, endMs: HOUR_MS, band: "veryHigh" as const }];
    const boxes = flat(eventStrip({ days: [day], events, words: { title: "", description: "" }, writer: EN }, { width: 300, height: 40 }).shapes).filter((shape) => shape.kind === "rect");
    expect(boxes.find(({ fill }) => fill === "veryHigh")!.y).toBeLessThan(boxes.find(({ fill }) => fill === "low")!.y);
  });
});

describe("SVG text", () => {
  const scene: Scene = {
    width: 10.123, height: 5, title: 'A "title" & more', description: "<b>", shapes: [
      { kind: "group", x: 1, y: 2, shapes: [{ kind: "rect", x: 0, y: 0, width: 2, height: 2, fill: "low" }] },
      { kind: "path", d: "M0 0L1 1", stroke: "text", strokeWidth: 0.5, dash: [2, 1] },
      { kind: "text", x: 1, y: 1, text: "<script>'1'", size: 8, ink: "muted", isBold: true, align: "end" },
    ],
  };

  it("names the picture, escapes what people wrote, and has no inline style", () => {
    const svg = toSvg(scene);
    expect(svg).toContain("<title>A &quot;title&quot; &amp; more</title><desc>&lt;b&gt;</desc>");
    expect(svg).toContain("&lt;script&gt;&#39;1&#39;</text>");
    expect(svg).not.toMatch(/style=|<script|\son\w+=/);
    expect(svg).toContain('viewBox="0 0 10.12 5"');
  });

  it("gives each colour as attribute and as class", () => {
    const svg = toSvg(scene);
    expect(svg).toContain('class="fill-low" fill="#f0400e"');
    expect(svg).toContain('class="stroke-text" fill="none" stroke="#14201d" stroke-width="0.5"');
    expect(svg).toContain('stroke-dasharray="2 1"');
    expect(svg).toContain('text-anchor="end"');
  });

  it("leaves out characters that XML cannot hold", () => {
    expect(escaped("a\u0000b\u001fc\td")).toBe("abc\td");
  });
});
