/** The frame of the office: words, pages over cursors, what the browser remembers. */
import english from "ra-language-english";
import { describe, expect, it } from "vitest";
import { CursorPages } from "./data/cursor-pages.ts";
import { ours as en } from "./messages/en/all.ts";
import { ours as es } from "./messages/es/all.ts";
import { spanish } from "./messages/es/react-admin.ts";

const gaps = (text: string): string[] => [...text.matchAll(/%\{(\w+)\}/g)].map(([, name]) => name!).toSorted();

function* texts(value: object, path = ""): Generator<[string, string]> {
  for (const [key, each] of Object.entries(value) as [string, string | object][]) {
    if (typeof each === "string") yield [`${path}${key}`, each];
    else yield* texts(each, `${path}${key}.`);
  }
}

describe("the words", () => {
  it("fill the same gaps in both languages, and have a plural in both or in none", () => {
    expect(Object.keys(en).length).toBeGreaterThan(30);
    for (const [key, text] of Object.entries(en) as [keyof typeof en, string][]) {
      expect(gaps(es[key]), key).toEqual(gaps(text));
      expect(es[key].includes("||||"), key).toBe(text.includes("||||"));
      expect(es[key].trim(), key).not.toBe("");
    }
  });

  it("of react-admin itself are all there in Spanish, without a gap that nobody fills", () => {
    const ours = new Map(texts(spanish));
    for (const [key, text] of texts(english)) {
      expect(ours.get(key), key).toBeTypeOf("string");
      for (const gap of gaps(ours.get(key)!)) expect(gaps(text), key).toContain(gap);
    }
  });
});

describe("pages by number over cursors", () => {
  const lines = Array.from({ length: 23 }, (_, index) => index);
  const server = (asked: (string | undefined)[]) => (cursor: string | undefined) => {
    asked.push(cursor);
    const from = Number(cursor ?? 0);
    return Promise.resolve({ data: lines.slice(from, from + 10), nextCursor: from + 10 < lines.length ? String(from + 10) : null });
  };

  it("go on with the cursor of the page before, and fetch what lies between where a page is asked for at once", async () => {
    const pages = new CursorPages();
    const asked: (string | undefined)[] = [];
    expect((await pages.read("a", 3, server(asked)))?.data).toEqual([20, 21, 22]);
    expect(asked).toEqual([undefined, "10", "20"]);
    expect((await pages.read("a", 2, server(asked)))?.data).toEqual(lines.slice(10, 20));
    expect(asked.slice(3)).toEqual(["10"]);
  });

  it("end where the list ends, and begin anew with the first page and with another list", async () => {
    const pages = new CursorPages();
    const asked: (string | undefined)[] = [];
    expect(await pages.read("a", 4, server(asked))).toBeNull();
    await pages.read("a", 1, server(asked));
    await pages.read("b", 2, server(asked));
    expect(asked.slice(3)).toEqual([undefined, undefined, "10"]);
  });
});
