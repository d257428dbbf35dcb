/** The report over the API: PDF and tables of what is stored. */
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "../../src/api/notice.ts";
import type { VendorRecord } from "#driver/records.ts";
import { readPdf, type ReadPdf } from "#exports/pdf-test-kit.ts";
import { TABLES } from "#exports/tables.ts";
import { analyze } from "#glucose/analyze.ts";
import { cleanSeries } from "#glucose/series.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { DAY, give, iso, makeConnection, MINUTE, NOW_MS, problemOf } from "./kit.ts";

const ZONE = "Europe/Madrid";
/** Sixteen days and a bit up to now; the last three are the person's newest. */
const COUNT = 16 * 288;
const timesMs = Array.from({ length: COUNT }, (_, i) => NOW_MS - MINUTE - (COUNT - 1 - i) * 5 * MINUTE);
const values = timesMs.map((_, i) => Math.round(140 + 70 * Math.sin(i / 31) + 15 * Math.sin(i / 7)));

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
  const dexcom = await makeConnection(test, test.people.patient, "dexcom");
  const records = timesMs.map((startMs, i): VendorRecord => ({ record: "sample", metric: "glucose", startMs, value: values[i]!, offsetMinutes: 120 }));
  await give(test, test.people.patient, { records, connectionId: dexcom, provider: "dexcom" });
});
afterAll(() => test.close());

const ask = (path: string, headers: Record<string, string> = {}) => test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/glucose/${path}`, headers });
async function report(query = "", headers: Record<string, string> = {}): Promise<ReadPdf> {
  const answer = await ask(`report.pdf${query}`, headers);
  expect(answer.statusCode).toBe(200);
  return readPdf(answer.rawPayload);
}

describe("the report [D5] [E9]", () => {
  it("comes as a PDF to keep, with name, source, period and the notice", async () => {
    const answer = await ask("report.pdf?pages=all");
    expect(answer.headers).toMatchObject({ "content-type": "application/pdf", "x-content-type-options": "nosniff" });
    expect(answer.headers["content-disposition"]).toMatch(/^attachment; filename="glucose-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.pdf"$/);
    expect(answer.headers[NOTICE_HEADER]).toBe(GLUCOSE_NOTICE);
    const { pages } = readPdf(answer.rawPayload);
    expect(pages.length).toBeGreaterThanOrEqual(8);
    for (const page of pages) expect(page.texts).toContain("For information only. Not for diagnosis or for decisions about treatment.");
    expect(pages.flatMap(({ texts }) => texts).join(" ")).toContain("Dexcom");
  });

  it("is in the language, unit and on the paper asked for; the browser's language by default", async () => {
    const spanish = await report("?unit=mmol/L&paper=letter", { "accept-language": "es-AR,es;q=0.9" });
    expect(spanish.pages[0]).toMatchObject({ width: 612, height: 792 });
    expect(spanish.pages[0]!.texts).toContain("Informe de MCG con perfil ambulatorio");
    expect(spanish.pages[0]!.texts.join(" ")).toContain("mmol/L");
    expect((await report("?lang=en", { "accept-language": "es" })).pages[0]!.texts).toContain("CGM report with ambulatory profile");
  });

  it("is not drawn again for whoever has it", async () => {
    const first = await ask("report.pdf");
    expect((await ask("report.pdf", { "if-none-match": first.headers["etag"] as string })).statusCode).toBe(304);
  });

  it("draws several at once, one after the other, each its own", async () => {
    const all = await Promise.all([7, 10, 14].map((days) => report(`?days=${days}`)));
    expect(all.map(({ pages }) => pages[0]!.texts.find((text) => text.includes(" days"))?.replace(/.*· /, ""))).toEqual(["7 days", "10 days", "14 days"]);
  });

  it.each([
    ["report.pdf?pages=summary,agp", "pages"], ["report.pdf?zone=Mars/Base", "zone"], ["report.pdf?days=0", "days"], ["report.pdf?to=yesterday", "to"], ["report.pdf?preset=children", "preset"],
    ["tables/statistics?unit=grams", "unit"],
  ])("says what is wrong with %s", async (path, pointer) => {
    const answer = await ask(path);
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).errors?.[0]?.pointer).toBe(`/querystring/${pointer}`);
  });

  it("says where there are no readings to report on", async () => {
    const answer = await ask(`report.pdf?to=${iso(NOW_MS - 900 * DAY)}`);
    expect(answer.statusCode).toBe(422);
    expect(problemOf(answer).code).toBe("report_empty");
  });
});

describe("the report's tables [D5]", () => {
  it.each(TABLES)("come as CSV: %s", async (table) => {
    const answer = await ask(`tables/${table}?days=14`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    const [header, ...rows] = parse(answer.body) as string[][];
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header!.length]));
  });

  it("hold the numbers of the library", async () => {
    const rows = parse((await ask("tables/metrics?days=14")).body, { columns: true }) as Record<string, string>[];
    const firstMs = Date.parse((parse((await ask("tables/daily?days=14")).body, { columns: true }) as Record<string, string>[])[0]!["date"]!) - 2 * 60 * MINUTE;
    const from = timesMs.findIndex((ms) => ms >= firstMs);
    const expected = analyze(cleanSeries({ timesMs: timesMs.slice(from), values: values.slice(from) }), { zone: ZONE });
    for (const name of ["lbgi", "modd", "gvp", "sdWsh"] as const) expect(Number(rows.find(({ metric }) => metric === name)!["value"]), name).toBeCloseTo(expected[name]!, 9);
    expect(Number(rows.find(({ metric }) => metric === "mage.average")!["value"])).toBeCloseTo(expected.mage.average!, 9);
  });

  it("are none where there is no such table", async () => {
    expect((await ask("tables/everything")).statusCode).toBe(400);
  });
});
