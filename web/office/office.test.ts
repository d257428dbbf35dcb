/** The frame of the office: words, pages over cursors, what the browser remembers. */
import { describe, expect, it } from "vitest";
import { CursorPages } from "./data/cursor-pages.ts";
import { all as en } from "./messages/en/all.ts";
import { all as es } from "./messages/es/all.ts";
import { createI18n, translate } from "./messages/i18n.ts";

const gaps = (text: string): string[] => [...text.matchAll(/%\{(\w+)\}/g)].map(([, name]) => name!).toSorted();

describe("the words", () => {
  it("fill the same gaps in both languages, and have a plural in both or in none", () => {
    expect(Object.keys(en).length).toBeGreaterThan(30);
    for (const [key, text] of Object.entries(en) as [keyof typeof en, string][]) {
      expect(gaps(es[key]), key).toEqual(gaps(text));
      expect(es[key].includes("||||"), key).toBe(text.includes("||||"));
      expect(es[key].trim(), key).not.toBe("");
    }
  });

  it("are filled in, counted by the language's rule, and go through unchanged where they are no key", () => {
    const say = (locale: "en" | "es", key: string, values?: Record<string, string | number>): string => translate(locale === "en" ? en : es, locale, key, values);
    expect(say("en", "patients.selected", { smart_count: 1 })).toBe("1 selected");
    expect([1, 2].map((count) => say("en", "patients.total", { smart_count: count }))).toEqual(["1 patient", "2 patients"]);
    expect(say("es", "patients.selected", { smart_count: 3 })).toContain("3");
    expect(say("en", "shell.unit", { unit: "mg/dL" })).toBe("mg/dL: switch to %{other}");
    expect(say("en", "No such key: %{unit}", { unit: "mg/dL" })).toBe("No such key: %{unit}");
    expect(say("en", "no.such", { _: "Worded already" })).toBe("Worded already");
  });

  it("change with the language once its words are there, and the choice is kept", async () => {
    const saved: string[] = [];
    const i18n = createI18n({ locale: "en", words: en, load: () => Promise.resolve(es), save: (locale) => Promise.resolve(void saved.push(locale)) });
    expect([i18n.getLocale(), i18n.translate("ra.auth.logout")]).toEqual(["en", "Sign out"]);
    await i18n.changeLocale("es");
    expect([i18n.getLocale(), i18n.translate("ra.auth.logout"), saved]).toEqual(["es", "Cerrar sesión", ["es"]]);
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
