import fc from "fast-check";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { toCsv } from "./csv.ts";
import { madeUpData } from "./report-test-kit.ts";
import { reportTables, TABLES } from "./tables.ts";

describe("CSV [D5]", () => {
  it("writes head and rows with commas and CRLF, quoting what needs it", () => {
    expect(toCsv({ columns: ["a", "b, c"], rows: [[1, 'say "hi"'], [null, "two\nlines"]] })).toBe('a,"b, c"\r\n1,"say ""hi"""\r\n,"two\nlines"\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1"])("puts an apostrophe before the text %j, which a spreadsheet would run", (text) => {
    expect((parse(toCsv({ columns: ["text"], rows: [[text]] })) as string[][])[1]).toEqual([`'${text}`]);
  });

  it("leaves numbers as they are, negative ones and all their digits", () => {
    expect(toCsv({ columns: ["n"], rows: [[-1.5], [0.1 + 0.2], [1e21]] })).toBe("n\r\n-1.5\r\n0.30000000000000004\r\n1e+21\r\n");
  });

  it("refuses a number that is none", () => {
    expect(() => toCsv({ columns: ["n"], rows: [[Number.NaN]] })).toThrow(RangeError);
  });

  it("gives back any texts that it was given, but for the apostrophe", () => {
    const texts = fc.array(fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(texts, (rows) => {
        const back = parse(toCsv({ columns: ["one", "two"], rows }), { bom: false }) as string[][];
        expect(back.slice(1).map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, "")))).toEqual(rows.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ""))));
      }),
    );
  });
});

describe("a report's tables", () => {
  const data = madeUpData(14);

  it("have a head with units, and in every row as many cells", () => {
    const tables = reportTables(data, "mmol/L");
    for (const name of TABLES) {
      const { columns, rows } = tables[name];
      expect(rows.length, name).toBeGreaterThan(0);
      expect(rows.every((row) => row.length === columns.length), name).toBe(true);
      expect(columns.join(), name).not.toContain("mg/dL");
      if (name === "metrics") expect(rows.map((row) => row[2]).filter((unit) => unit === "mmol/L" || unit === "mmol/L/h" || unit === "mmol/L/min").length).toBeGreaterThan(10);
      else if (name !== "statistics") expect(columns.some((column) => column.includes("mmol/L")), name).toBe(true);
    }
  });

  it("hold every metric with its unit, and the reason where it has no number", () => {
    const { columns, rows } = reportTables(data, "mg/dL").metrics;
    expect(columns).toEqual(["metric", "value", "unit", "missing because"]);
    const rowOf = (name: string) => rows.find((row) => row[0] === name);
    expect(rowOf("lbgi")).toEqual(["lbgi", data.analysis.lbgi, "", null]);
    expect(rowOf("mag")![2]).toBe("mg/dL/h");
    expect(rowOf("griZone")![1]).toMatch(/^[A-E]$/);
    for (const [, value, , reason] of rows) expect(value === null).toBe(reason !== null);
    expect(reportTables(data, "mg/dL")["episode-kinds"].rows.map(([kind]) => kind)).toContain("hyperExtended");
  });

  it("hold unrounded numbers in the unit asked for", () => {
    const [mgDl, mmolL] = [reportTables(data, "mg/dL"), reportTables(data, "mmol/L")];
    const mean = mgDl.statistics.columns.indexOf("mean (mg/dL)");
    expect(mgDl.statistics.rows[0]![mean]).toBe(data.numbers.mean);
    expect(mmolL.statistics.rows[0]![mean]).toBeCloseTo(data.numbers.mean! / 18.01559, 12);
    expect(mmolL.ranges.rows.map((row) => row.slice(0, 3))).toEqual([["very high", 13.9, null], ["high", 10, 13.9], ["in range", 3.9, 10], ["low", 3, 3.9], ["very low", null, 3]]);
    expect(mgDl.hourly.rows.length).toBe(24);
    expect(mgDl.daily.rows.length).toBe(14);
    expect(mgDl.profile.rows[0]!.slice(0, 2)).toEqual([30, 168]);
  });

  it("say why GMI is withheld, and leave it empty", () => {
    const { columns, rows } = reportTables(madeUpData(5), "mg/dL").statistics;
    expect(rows[0]![columns.indexOf("gmi (%)")]).toBeNull();
    expect(rows[0]!.at(-1)).toBe("under_14_days");
  });
});
