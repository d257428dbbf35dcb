/** The sheet of ASVS 5.0 is whole, says what the tests show, and its summary is fresh. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LEVEL_1, LEVEL_2 } from "./asvs/ids.ts";
import { read, ROOT } from "./asvs/files.ts";
import { allIds, count, idsInTitles, readSheet, sheetDocument, titlesIn, VERDICTS } from "./asvs/sheet.ts";

const rows = readSheet();
/** Of level 3, which the sheet leaves out, and met all the same. */
const ABOVE: readonly string[] = ["5.2.6"];
const byId = new Map(rows.map((row) => [row.id, row]));

describe("docs/asvs.csv", () => {
  it("decides every requirement of level 1 and 2 once, in order", () => {
    expect([LEVEL_1.length, LEVEL_2.length]).toEqual([70, 176]);
    expect(rows.map(({ id, level }) => [id, level])).toEqual([...allIds()]);
    expect(rows.filter(({ verdict }) => !(VERDICTS as readonly string[]).includes(verdict))).toEqual([]);
  });

  it("says why, of each, in a sentence", () => {
    expect(rows.filter(({ note }) => note.length < 4 || !note.endsWith(".")).map(({ id, note }) => `${id}: ${note}`)).toEqual([]);
  });

  it("names for what is met tests that exist, one of which says so in its title", () => {
    const tagged = idsInTitles();
    const wrong: string[] = [];
    for (const { id, tests, shownBy } of rows.filter(({ verdict }) => verdict === "met")) {
      const missing = tests.filter((file) => !/\.test\.tsx?$/.test(file) || !existsSync(ROOT + file));
      const isShown = shownBy === "" ? tests.some((file) => tagged.get(id)?.includes(file)) : tests.some((file) => existsSync(ROOT + file) && titlesIn(file).some((title) => title.includes(shownBy)));
      if (tests.length === 0 || missing.length > 0 || !isShown) wrong.push(`${id}: ${missing.join(" ") || `no title with "${shownBy || `[ASVS ${id}]`}"`}`);
    }
    expect(wrong).toEqual([]);
  });

  it("names no test for what is not met or does not apply", () => {
    expect(rows.filter(({ verdict, tests, shownBy }) => verdict !== "met" && (tests.length > 0 || shownBy !== "")).map(({ id }) => id)).toEqual([]);
  });

  it("agrees with the ids in tests' titles, both ways", () => {
    const wrong: string[] = [];
    for (const [id, files] of idsInTitles()) {
      if (ABOVE.includes(id)) continue;
      const row = byId.get(id);
      if (row?.verdict !== "met") wrong.push(`${files.join(" ")}: [ASVS ${id}] is ${row?.verdict ?? "no requirement"}`);
      else wrong.push(...files.filter((file) => !row.tests.includes(file)).map((file) => `${id} does not name ${file}`));
    }
    expect(wrong).toEqual([]);
  });

  it("has nine in ten met of what applies", () => {
    expect(count(rows).share).toBeGreaterThanOrEqual(0.9);
  });
});

describe("docs/asvs.md", () => {
  it("is what the sheet makes of it", () => {
    expect(read("docs/asvs.md")).toBe(sheetDocument());
  });

  it("can be caught: a title of another requirement, or a test that is gone, would not pass", () => {
    expect(titlesIn("test/asvs.test.ts")).toContain("is what the sheet makes of it");
    expect(titlesIn("test/asvs.test.ts").some((title) => title.includes("of what applies, and more"))).toBe(false);
    expect(count([{ id: "1.1.1", level: "2", verdict: "not_met", tests: [], shownBy: "", note: "x." }])).toEqual({ met: 0, not_met: 1, not_applicable: 0, share: 0 });
  });
});
