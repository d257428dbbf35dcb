import { describe, expect, it } from "vitest";
import { METRICS } from "#units/metrics.ts";
import { createFormatter, SHOWN_METRICS, type ShownMetric } from "./format.ts";

const en = createFormatter({ unit: "mg/dL", locale: "en", zone: "Europe/Madrid" });
const es = createFormatter({ unit: "mmol/L", locale: "es", zone: "America/Argentina/Buenos_Aires" });
/** Intl uses no-break spaces; what counts here are the words. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

describe("glucose", () => {
  it("has no decimals in mg/dL and one in mmol/L, with the unit's name and the language's comma", () => {
    expect(en.glucoseWithUnit(112.4)).toBe("112 mg/dL");
    expect(es.glucoseWithUnit(6.25)).toMatch(/^6,[23] mmol\/L$/);
    expect(es.glucose(10)).toBe("10,0");
  });

  it("says a change with its sign and unit, and no sign for none", () => {
    expect(en.glucoseDelta(4)).toBe("+4 mg/dL");
    expect(en.glucoseDelta(-12)).toBe("-12 mg/dL");
    expect(es.glucoseDelta(4)).toBe("+0,2 mmol/L");
    expect(en.glucoseDelta(0)).toBe("0 mg/dL");
  });

  it("keeps a reply's own unit while another one is on its way", () => {
    expect(es.glucoseWithUnit(112, "mg/dL")).toBe("112 mg/dL");
  });

  it("follows the unit as a single value, too: a finger-stick of 126 mg/dL is 7.0 mmol/L", () => {
    expect(en.glucoseOfMgDl(126)).toBe("126 mg/dL");
    expect(es.glucoseOfMgDl(126)).toBe("7,0 mmol/L");
  });
});

describe("other numbers", () => {
  it("carry the word of their unit in the language", () => {
    expect(en.metric("resting_heart_rate", 52)).toBe("52 bpm");
    expect(es.metric("resting_heart_rate", 52)).toBe("52 lpm");
    expect(en.metric("vo2max_running", 49.26)).toBe("49.3 ml/kg/min");
    expect(en.metric("stress", 34.4)).toBe("34");
    expect(en.metric("steps", 12_194)).toBe("12,194");
    expect(es.metric("steps", 12_194)).toBe("12.194");
  });

  it("agree with the vocabulary in decimals and unit", () => {
    const wordOf: Readonly<Record<string, string>> = { "mL/kg/min": "ml/kg/min", "/min": "bpm", "{count}": "", "{score}": "" };
    for (const metric of Object.keys(SHOWN_METRICS) as ShownMetric[]) {
      const { unit, decimals } = METRICS[metric];
      expect(SHOWN_METRICS[metric].decimals, metric).toBe(decimals);
      expect(en.metricUnit(metric) ?? "", metric).toBe(wordOf[unit] ?? unit);
    }
  });

  it("round percentages so that little is not shown as nothing", () => {
    expect([72.4, 0.5, 0.31, 0.049, 0.012, 0].map((value) => en.percent(value))).toEqual(["72%", "1%", "0.3%", "0.05%", "0.01%", "0%"]);
    expect(plain(es.percent(72.4))).toBe("72 %");
    expect(plain(es.percentExact(6.54, 1))).toBe("6,5 %");
  });

  it("say durations in hours and minutes", () => {
    expect([0, 20, 59 * 60, 3_600, 26_040].map((seconds) => en.duration(seconds))).toEqual(["0 min", "< 1 min", "59 min", "1 h", "7 h 14 min"]);
    expect(en.duration(3_599)).toBe("1 h");
  });

  it("say distance, pace and amounts", () => {
    expect(en.kilometres(9_240)).toBe("9.2 km");
    expect(es.kilometres(124_100)).toBe("124 km");
    expect(en.pace(331)).toBe("5:31 min/km");
    expect(en.pace(299.7)).toBe("5:00 min/km");
    expect(es.amount(4.5, "U")).toBe("4,5 U");
    expect(en.amount(45, "g")).toBe("45 g");
    expect(en.amount(3, null)).toBe("3");
  });
});

describe("times", () => {
  const instant = Date.parse("2026-03-12T23:30:00Z");

  it("are of the person's zone, on a 24-hour clock", () => {
    expect(en.time(instant)).toBe("00:30");
    expect(es.time(instant)).toBe("20:30");
    expect(en.date(instant)).toContain("13 Mar");
    expect(plain(es.date(instant))).toContain("12 mar");
  });

  it("never shift a calendar day", () => {
    expect(en.day("2026-03-12")).toContain("12 Mar");
    expect(plain(es.shortDay("2026-03-12"))).toBe("12 mar");
  });

  it("count ages up from seconds to days, by minutes until two hours", () => {
    expect([0, 42, 180, 96 * 60, 7_200, 3 * 86_400].map((age) => plain(en.agoLong(age)))).toEqual([
      "0 seconds ago", "42 seconds ago", "3 minutes ago", "96 minutes ago", "2 hours ago", "3 days ago",
    ]);
    expect(plain(es.agoLong(180))).toBe("hace 3 minutos");
    expect(plain(en.ago(-5)), "a clock that runs ahead is no future").toMatch(/^0 sec/);
  });
});
