import { describe, expect, it } from "vitest";
import { readFileSync, globSync } from "node:fs";
import { sayIn, WORDS, type WordKey } from "./words.ts";

const keys = Object.keys(WORDS.en) as WordKey[];
const placeholders = (words: string): string[] => [...words.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).toSorted();

describe("the words of a report", () => {
  it("are there in both languages, none empty, with the same places to fill in", () => {
    expect(Object.keys(WORDS.es)).toEqual(keys);
    expect(keys.filter((key) => WORDS.en[key].trim() === "" || WORDS.es[key].trim() === "")).toEqual([]);
    expect(keys.filter((key) => placeholders(WORDS.en[key]).join() !== placeholders(WORDS.es[key]).join())).toEqual([]);
  });

  it("are translated: no sentence is the same in both", () => {
    expect(keys.filter((key) => WORDS.en[key] === WORDS.es[key] && / [a-z]+ [a-z]+/i.test(WORDS.en[key].replace(/\{\w+\}/g, "")))).toEqual([]);
  });

  it("are all used", () => {
    const files = globSync("src/exports/**/*.ts", { exclude: ["**/*.test.ts", "**/words.ts"] });
    const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
    expect(files.length).toBeGreaterThan(12);
    // Keys with a part filled in: `lack.${…}`, `format.${…}`, `sources.unit.${…}`, `sources.duplicates.${…}`.
    const isUsed = (key: string): boolean => text.includes(`"${key}"`) || text.includes(`\`${key.slice(0, key.lastIndexOf(".") + 1)}\${`);
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it("promise nothing that only a medical device may, and name no other report's marks", () => {
    const bold = keys.filter((key) => /\b(detects?|diagnose|prevents?|should inject|detecta|previene|AGP)\b/i.test(`${WORDS.en[key]} ${WORDS.es[key]}`) && key !== "report.notice");
    expect(bold).toEqual([]);
  });

  it("leave a place visible that nothing fills", () => {
    expect(sayIn("es")("report.page", { page: "2" })).toBe("Página 2 de {pages}");
  });
});
