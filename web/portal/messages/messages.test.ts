import { describe, expect, it } from "vitest";
import { en as appointmentsEn } from "./appointments/en.ts";
import { es as appointmentsEs } from "./appointments/es.ts";
import { en as pagesEn } from "./en.ts";
import { es as pagesEs } from "./es.ts";
import { en as peopleEn } from "./people/en.ts";
import { es as peopleEs } from "./people/es.ts";
import { en as readingsEn } from "./readings/en.ts";
import { es as readingsEs } from "./readings/es.ts";
import { en as recordEn } from "./record/en.ts";
import { es as recordEs } from "./record/es.ts";
import { createTranslate, type MessageKey } from "./translate.ts";

const catalogues = [pagesEn, peopleEn, appointmentsEn, readingsEn, recordEn];
const en = { ...pagesEn, ...peopleEn, ...appointmentsEn, ...readingsEn, ...recordEn };
const es = { ...pagesEs, ...peopleEs, ...appointmentsEs, ...readingsEs, ...recordEs };

const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}", "!../messages/**"], { query: "?raw", import: "default", eager: true });
const text = Object.values(sources).join("\n");
const keys = Object.keys(en) as (keyof typeof en)[];
const placeholders = (message: string): string[] => [...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").toSorted();
const isUsed = (key: string): boolean => text.includes(`"${key}"`) || text.includes(`"${key.replace(/\.(one|other)$/, "")}"`);

describe("the message catalogues", () => {
  it("have the same keys, none empty", () => {
    expect(Object.keys(sources).length, "the pages were really read").toBeGreaterThan(25);
    expect(Object.keys(es)).toEqual(keys);
    expect(keys, "no key is in two catalogues").toHaveLength(catalogues.flatMap((catalogue) => Object.keys(catalogue)).length);
    for (const catalogue of [en, es]) expect(Object.entries(catalogue).filter(([, message]) => message.trim() === "")).toEqual([]);
  });

  it("fill in the same values in every language", () => {
    const different = keys.filter((key) => placeholders(en[key]).join() !== placeholders(es[key]).join());
    expect(different).toEqual([]);
  });

  it("have no message that no page uses", () => {
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it("have both forms of every message that counts", () => {
    const bases = keys.filter((key) => key.endsWith(".one")).map((key) => key.slice(0, -4));
    expect(bases.length).toBeGreaterThan(3);
    expect(bases.filter((base) => !keys.includes(`${base}.other` as (typeof keys)[number]))).toEqual([]);
  });

  it("are translated: no sentence is the same in both", () => {
    expect(keys.filter((key) => en[key] === es[key] && / [a-z]+ [a-z]+/i.test(en[key].replace(/\{\w+\}/g, "")))).toEqual([]);
  });

  it("are the only place with words: no page has text of its own", () => {
    const own = Object.entries(sources).flatMap(([file, source]) =>
      [...source.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+[.…]?)\s*<\/|(?:aria-label|title|placeholder|alt)="([^"]+)"/g)].map((match) => `${file}: ${match[1] ?? match[2]}`),
    );
    expect(own).toEqual([]);
  });

  it("never promise what a product that is no medical device must not", () => {
    for (const catalogue of [en, es]) {
      expect(Object.values(catalogue).filter((message) => /\b(detects?|prevents?|safe to|should inject|detecta|previene)\b/i.test(message))).toEqual([]);
    }
  });
});

describe("the translator", () => {
  const english = createTranslate({ locale: "en", messages: en });
  const spanish = createTranslate({ locale: "es", messages: es });

  it("fills in values and leaves a missing one visible", () => {
    expect(english("card.source", { source: "Garmin" })).toBe("Source: Garmin");
    expect(english("card.source")).toBe("Source: {source}");
  });

  it("chooses the plural and writes the count in the language", () => {
    expect(english("records.samples", { count: 1 })).toBe("1 measurement");
    expect(english("records.samples", { count: 12_000 })).toBe("12,000 measurements");
    expect(spanish("records.samples", { count: 0 })).toBe("0 mediciones");
    expect(spanish("records.samples", { count: 1_000_000 })).toBe("1.000.000 mediciones");
  });

  it("shows the key when a message is missing, rather than nothing", () => {
    expect(english("no.such.key" as MessageKey)).toBe("no.such.key");
  });
});
