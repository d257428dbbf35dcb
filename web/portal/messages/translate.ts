/** Picks a message of the catalogue, chooses the plural and fills in the gaps. */
import type { Locale } from "#web/client/types.ts";
import type { en } from "./en.ts";
import type { en as appointments } from "./appointments/en.ts";
import type { en as people } from "./people/en.ts";
import type { en as readings } from "./readings/en.ts";
import type { en as record } from "./record/en.ts";

type CatalogueKey = keyof typeof en;
type PeopleKey = keyof typeof people;
type AppointmentKey = keyof typeof appointments;
type ReadingKey = keyof typeof readings;
type RecordKey = keyof typeof record;
type BaseOf<Key, All> = Key extends `${infer Base}.other` ? (`${Base}.one` extends All ? Base : never) : never;
type PluralKey = BaseOf<CatalogueKey, CatalogueKey> | BaseOf<PeopleKey, PeopleKey>;

/**
 * What a page may ask for: a message, or the base of a `.one` / `.other` pair (then `count` is needed). Those of the pages about people are there below
 * `PeopleWords` alone, those about appointments below `AppointmentWords`, and so with the other catalogues of their own.
 */
export type MessageKey = CatalogueKey | PeopleKey | AppointmentKey | ReadingKey | RecordKey | PluralKey;

/** Values to fill in. Numbers with a unit come as text from the formatter; only `count` is a bare number. */
export type MessageValues = Readonly<Record<string, string | number>>;

export type Translate = (key: MessageKey, values?: MessageValues) => string;

/** All messages of one language. */
export interface Catalogue {
  readonly locale: Locale;
  readonly messages: Readonly<Record<CatalogueKey, string>>;
}

/** Fetches one language; the other one stays on the server until it is wanted. */
export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  return { locale, messages: locale === "es" ? (await import("./es.ts")).es : (await import("./en.ts")).en };
}

/** The messages of one language. A placeholder without a value stays visible, so that a test or a reader notices. */
export function createTranslate({ locale, messages }: Catalogue): Translate {
  const texts: Readonly<Record<string, string | undefined>> = messages;
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  return (key, values = {}) => {
    const count = values["count"];
    const message = texts[key] ?? texts[`${key}.${typeof count === "number" ? pairOf(plural, count) : "other"}`] ?? key;
    return message.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
      const value = values[name];
      return value === undefined ? placeholder : typeof value === "number" ? number.format(value) : value;
    });
  };
}

/** Spanish also has "many" (for a million); our pairs do not need it. */
const pairOf = (plural: Intl.PluralRules, count: number): "one" | "other" => (plural.select(count) === "one" ? "one" : "other");
