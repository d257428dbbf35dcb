import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { MAX_ROWS } from "./csv.ts";
import { IMPORT_FORMATS } from "./detect.ts";
import { MAX_LISTED_PROBLEMS } from "./problems.ts";
import { readGlucoseFile } from "./read-file.ts";

const read = (text: string, zone = "UTC") => readGlucoseFile(new TextEncoder().encode(text), { zone });
const refusal = (text: string, zone?: string): InvalidInput => {
  try {
    read(text, zone);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error("The file was taken.");
};

const settled = (bytes: Uint8Array): boolean => {
  try {
    return readGlucoseFile(bytes, { zone: "Europe/Madrid" }).rows > 0;
  } catch (error) {
    return error instanceof InvalidInput;
  }
};

describe("what cannot be imported is refused in one sentence", () => {
  it("names the columns found and those needed when one is missing", () => {
    const { message, code } = refusal("id,time,weight\np,2026-03-02T06:30:00,80\n");
    expect(message).toContain('"id", "time", "weight"');
    expect(message).toContain("a glucose column (gl, glucose, sgv, value …)");
    expect(message).toContain("Dexcom Clarity export");
    expect(code).toBe("file_format");
  });

  it("does not take a first row of data for column names, and repeats none of it", () => {
    expect(refusal("Nora,2026-03-02T06:30:00,112\nNora,2026-03-02T06:35:00,113\n").message).not.toMatch(/Nora|112/);
  });

  it("does not take an export with kinds of rows of its own for a plain table", () => {
    expect(refusal("Device Timestamp,Record Type,Glucose (mg/dL),time\n2026-03-02 06:30,1,112,2026-03-02 06:30\n").code).toBe("file_format");
  });

  it.each(['{"glucose": 1}', '[{"sgv": 1}]', "<html><body>time,gl</body></html>", '<?xml version="1.0"?><a/>'])("refuses %s as no CSV", (text) => {
    expect(refusal(text)).toMatchObject({ code: "file_format", httpStatus: 415 });
  });

  it("explains a file without a usable row by its lines, without values", () => {
    const error = refusal("time,gl\n2026-02-30T06:30:00,112\n2026-03-02T06:30:00,abc\n");
    expect(error.message).toBe("None of the file's 2 rows can be used. The first problem: line 2, there is no such date or time.");
    expect(error.issues).toEqual([
      { pointer: "line 2", detail: "there is no such date or time" },
      { pointer: "line 3", detail: "the glucose value is no number" },
    ]);
  });

  it("says so when there are column names only", () => {
    expect(refusal("time,gl\n").message).toBe("The file has column names but no rows of data.");
  });

  it("refuses an unknown zone", () => {
    expect(refusal("time,gl\n2026-03-02T06:30:00,112\n", "Mars/Base").message).toContain("Mars/Base");
  });

  it("refuses more rows than the limit with 413", () => {
    expect(refusal(`time,gl\n${"x,\n".repeat(MAX_ROWS + 1)}`)).toMatchObject({ code: "file_too_large", httpStatus: 413 });
  });
});

describe("what is wrong with a part of a file", () => {
  it("keeps the rows before a quotation mark that is never closed", () => {
    const result = read('time,gl\n2026-03-02T06:30:00,112\n2026-03-02T06:35:00,"113\n2026-03-02T06:40:00,114\n');
    expect([...result.readings[0]!.values]).toEqual([112]);
    expect(result.problems).toMatchObject([{ line: 3, reason: expect.stringContaining("never closed") as string }]);
  });

  it("counts lines as an editor does, over blank lines, line breaks in quotes and mixed line ends", () => {
    const result = read('time,gl,note\r\n2026-03-02T06:30:00,112,"two\nlines"\n\n\n2026-03-02T06:35:00,x,\r\n2026-03-02T06:40:00,y,');
    expect(result.problems.map(({ line }) => line)).toEqual([6, 7]);
  });

  it("lists a bounded number of problems and counts all", () => {
    const result = read(`time,gl\n2026-03-02T06:30:00,112\n${"2026-03-02T06:35:00,x\n".repeat(1_500)}`);
    expect(result.problems).toHaveLength(MAX_LISTED_PROBLEMS);
    expect(result.problemCount).toBe(1_500);
  });
});

describe("whatever the bytes", () => {
  it("gives a result or a typed refusal for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => settled(bytes)), { seed: 1, numRuns: 500 });
  });

  it("gives a result or a typed refusal for any rows below a header", () => {
    const cell = fc.oneof(
      fc.constantFrom("112", "6,2", "Low", "2026-10-25T02:30:00", "03/04/2026 5:00 PM", '"', "", "-", "1e9", "NaN", "p", "mmol/L", "1772433000", "+02:00"),
      fc.string({ maxLength: 8 }),
    );
    const header = fc.constantFrom("id,time,gl", "time;glucose;unit", "date\ttime\tsgv", "utc,utc_offset,tz,gl_mmol", "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Glucose Value (mg/dL)");
    const rows = fc.array(fc.tuple(fc.array(cell, { maxLength: 6 }), fc.constantFrom(",", ";", "\t")).map(([cells, delimiter]) => cells.join(delimiter)), { maxLength: 20 });
    fc.assert(fc.property(header, rows, (first, rest) => settled(new TextEncoder().encode([first, ...rest].join("\n")))), { seed: 2, numRuns: 1_000 });
  });
});

it("has formats with different ids, the particular ones first", () => {
  expect(IMPORT_FORMATS.map(({ id }) => id)).toEqual(["clarity-csv", "libreview-csv", "readings-csv", "glucose-csv"]);
});
