import { describe, expect, it } from "vitest";
import { textWidth } from "#charts/text-width.ts";
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { fontBytes } from "./pdf.ts";
import { readPdf, type ReadPdf } from "./pdf-test-kit.ts";
import { madeUpData, madeUpSeries, START_MS } from "./report-test-kit.ts";
import { REPORT_PAGES, renderReport, type ReportOptions } from "./report.ts";
import type { ReportData } from "./report-types.ts";
import { WORDS } from "./words.ts";

const OPTIONS: ReportOptions = { unit: "mg/dL", language: "en", paper: "a4", pages: REPORT_PAGES, generatedMs: Date.parse("2026-04-01T09:30:00Z"), version: "9.8.7" };

async function render(data: ReportData, options: Partial<ReportOptions> = {}): Promise<ReadPdf> {
  return readPdf(await renderReport(data, { ...OPTIONS, ...options }));
}

const allText = ({ pages }: ReadPdf): string => pages.map(({ texts }) => texts.join("\n")).join("\n\n");

describe("a report [D5] [E9]", () => {
  it("has a page for each part, on the paper asked for", async () => {
    const pdf = await render(madeUpData(14));
    expect(pdf.pages.length).toBe(8);
    expect(pdf.pages.map(({ width, height }) => [width, height])).toEqual(Array.from({ length: 8 }, () => [595.28, 841.89]));
    for (const [index, title] of (["ranges.title", "weeks.title", "calendar.title", "episodes.title"] as const).entries()) expect(pdf.pages[index]!.texts).toContain(WORDS.en[title]);
    const letter = await render(madeUpData(14), { paper: "letter", pages: ["summary"] });
    expect(letter.pages.map(({ width, height }) => [width, height])).toEqual([[612, 792]]);
  });

  it.each(["en", "es"] as const)("says on each page whose it is, of when, made when and by what, and that it is no advice (%s) [E10]", async (language) => {
    const person = "Żaneta Łęcka-Παππά Юрьевна";
    const { pages } = await render(madeUpData(30, { person, zone: "Europe/Madrid", days: 30 }), { language });
    expect(pages.length).toBeGreaterThan(7);
    for (const [index, { texts }] of pages.entries()) {
      expect(texts).toContain(person);
      expect(texts).toContain(WORDS[language]["report.notice"]);
      expect(texts).toContain(language === "en" ? "3 Mar 2026 – 1 Apr 2026 · 30 days" : "3 mar 2026 – 1 abr 2026 · 30 días");
      expect(texts).toContain(language === "en" ? "Made 1 Apr 2026 11:30 · Islet 9.8.7 · Times in Europe/Madrid" : "Generado 1 abr 2026 11:30 · Islet 9.8.7 · Horas de Europe/Madrid");
      expect(texts).toContain(language === "en" ? `Page ${index + 1} of ${pages.length}` : `Página ${index + 1} de ${pages.length}`);
    }
  });

  it("has no glyph that its fonts lack, and both fonts within", async () => {
    const pdf = await render(madeUpData(14, { person: "ÁÉÍÓÚÑ ąćęłńóśźż ΑΩαω АЯая ßøåőű" }), { language: "es", unit: "mmol/L" });
    expect(allText(pdf)).not.toContain("\ufffd");
    expect(allText(pdf)).toContain("ÁÉÍÓÚÑ ąćęłńóśźż ΑΩαω АЯая ßøåőű");
    expect(pdf.fonts.map((name) => name.replace(/^[A-Z]{6}\+/, "")).toSorted()).toEqual(["SourceSans3-Regular", "SourceSans3-SemiBold"]);
    expect(pdf.fonts.every((name) => /^[A-Z]{6}\+/.test(name)), "subsets").toBe(true);
    expect(pdf.embedded.toSorted()).toEqual(pdf.fonts.toSorted());
  });

  it("gives the same bytes for the same data and time, and says what it is", async () => {
    const [one, other] = [await renderReport(madeUpData(14), OPTIONS), await renderReport(madeUpData(14), OPTIONS)];
    expect(Buffer.compare(one, other)).toBe(0);
    const { info, language } = readPdf(one);
    expect(info).toMatchObject({ Title: "CGM report with ambulatory profile", Author: "Islet", Creator: "Islet 9.8.7", CreationDate: "D:20260401093000Z" });
    expect(language).toBe("en-GB");
    expect((await render(madeUpData(14), { language: "es", pages: ["summary"] })).language).toBe("es");
  });

  it("shows each unit everywhere and the other one nowhere on page one", async () => {
    const mmol = allText(await render(madeUpData(14), { unit: "mmol/L", pages: ["summary", "weeks", "calendar"] }));
    expect(mmol).toContain("8.9 mmol/L");
    expect(mmol).toContain("3.9–10.0 mmol/L");
    expect(mmol).not.toContain("mg/dL");
    const es = allText(await render(madeUpData(14), { unit: "mmol/L", language: "es", pages: ["summary"] }));
    expect(es).toContain("8,9 mmol/L");
    expect(es).toContain("objetivo <8,6 mmol/L");
    expect(allText(await render(madeUpData(14), { pages: ["summary"] }))).not.toContain("mmol/L");
  });

  it("states ranges with goals, average, GMI, CV and sensor use", async () => {
    const { texts } = (await render(madeUpData(14), { pages: ["summary"] })).pages[0]!;
    for (const words of ["160 mg/dL", "goal <154 mg/dL", "7.1%", "55 mmol/mol · goal <7%", "44.2%", "goal ≤36%", "100.0%", "14 of 14", "4,032", "70–180 mg/dL  ·  goal >70%", "goal <25%", "goal <4%"]) {
      expect(texts).toContain(words);
    }
  });

  it("takes the goals of older people and of pregnancies, and names none where there are none", async () => {
    const older = (await render(madeUpData(14, { preset: "older" }), { pages: ["summary"] })).pages[0]!.texts;
    expect(older).toContain("70–180 mg/dL  ·  goal >50%");
    expect(older).not.toContain("goal <154 mg/dL");
    const pregnancy = (await render(madeUpData(14, { preset: "pregnancy" }), { pages: ["summary"] })).pages[0]!.texts;
    expect(pregnancy).toContain("63–140 mg/dL  ·  goal >70%");
    expect(pregnancy).toContain(">140 mg/dL");
    expect(pregnancy).not.toContain("Very high");
  });

  it("counts no very high episodes where the ranges know none, and says what is implausible in the unit of the report", async () => {
    const pregnancy = allText(await render(madeUpData(14, { preset: "pregnancy" }), { unit: "mmol/L", pages: ["episodes", "sources"] }));
    expect(pregnancy).toMatch(/High: \d+\. Lows stand/);
    expect(pregnancy).toContain("Below 1.1 or above 33.3 mmol/L, kept");
    expect(allText(await render(madeUpData(14), { pages: ["episodes"] }))).toMatch(/of them very high: \d+\./);
  });

  it("keeps a note on one line of each page, in both languages and on both papers", async () => {
    for (const language of ["en", "es"] as const) {
      for (const paper of ["a4", "letter"] as const) {
        for (const preset of ["standard", "older", "pregnancy"] as const) {
          const text = allText(await render(madeUpData(14, { preset }), { language, paper, pages: ["summary", "weeks", "calendar", "episodes"] }));
          expect(text.split("\n").filter((line) => line.includes("…")), `${language} ${paper} ${preset}`).toEqual([]);
        }
      }
    }
  });
});

describe("a report of little data", () => {
  it("says why there is no profile and no GMI, instead of drawing them", async () => {
    const data = madeUpData(5);
    expect(data.gmi).toEqual({ lack: "under_14_days" });
    expect(data.profile.lack).toBe("under_7_days");
    const { texts } = (await render(data, { pages: ["summary"] })).pages[0]!;
    expect(texts).toContain(WORDS.en["lack.under_14_days"]);
    expect(texts.join(" ")).toContain(WORDS.en["lack.under_7_days"]);
    expect(texts.some((words) => words.includes("mmol/mol"))).toBe(false);
  });

  it("names no share of less than a day of readings", async () => {
    const data = madeUpData(1, {}, madeUpSeries(1, { valueAt: (ms) => (ms < 23 * HOUR_MS ? 120 : null) }));
    expect(data.lack).toBe("under_24_hours");
    const { texts } = (await render(data, { pages: ["summary"] })).pages[0]!;
    expect(texts.join(" ")).toContain("fewer than 24 hours of readings");
    expect(texts).not.toContain("Average glucose");
  });

  it("prints every page of a single reading and of two weeks with one gap", async () => {
    const single = madeUpData(1, {}, madeUpSeries(1, { valueAt: (ms) => (ms === 0 ? 120 : null) }));
    expect(allText(await render(single))).not.toMatch(/NaN|undefined|Infinity|\{\w+\}/);
    const gapped = madeUpData(14, {}, madeUpSeries(14, { valueAt: (ms) => (ms < 2 * DAY_MS || ms >= 13 * DAY_MS ? 120 : null) }));
    expect(gapped.days.length).toBe(14);
    expect(gapped.gaps).toEqual([{ fromMs: START_MS + 2 * DAY_MS - 5 * MINUTE_MS, toMs: START_MS + 13 * DAY_MS }]);
    expect(allText(await render(gapped, { language: "es" }))).not.toMatch(/NaN|undefined|Infinity|\{\w+\}/);
  });
});

describe("a report of much data", () => {
  it("prints a year with all pages", async () => {
    const data = madeUpData(366, { days: 366 });
    expect(data.days.length).toBe(366);
    const { pages } = await render(data);
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.at(-1)!.texts).toContain("How the numbers are made");
  });
});

describe("the widths that charts measure by", () => {
  it("are those of the report's fonts", async () => {
    const fontkit = await openFonts();
    for (const [name, isBold] of [["regular", false], ["bold", true]] as const) {
      const font = fontkit(fontBytes(name));
      const wrong: string[] = [];
      for (let code = 32; code < 127; code++) {
        const character = String.fromCodePoint(code);
        if (Math.abs(textWidth(character, 1000, isBold) - font(code)) > 1) wrong.push(character);
      }
      expect(wrong).toEqual([]);
      expect(textWidth("ñ", 1000, isBold)).toBeCloseTo(font(0xf1), 0);
    }
  });
});

/** Advance widths by way of a document, as reports are drawn. */
async function openFonts(): Promise<(bytes: Uint8Array) => (code: number) => number> {
  const { PDFDocument } = await import("pdfkit");
  return (bytes) => {
    const document = new PDFDocument({
      size: [100, 100], margin: 0, font: null, lang: "en", displayTitle: true, autoFirstPage: false, pdfVersion: "1.7",
      info: { Title: "", Author: "", Subject: "", Creator: "", CreationDate: new Date(0), ModDate: new Date(0) },
    });
    document.registerFont("tested", bytes).font("tested").fontSize(1000);
    return (code) => document.widthOfString(String.fromCodePoint(code));
  };
}

it("covers whole local days up to the last one with readings", () => {
  const data = madeUpData(30);
  expect([data.period.firstDate, data.period.lastDate]).toEqual([addDays("2026-03-31", -13), "2026-03-31"]);
});
