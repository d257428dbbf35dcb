/** The translator of the office, for our components and react-admin's frame: flat keys, `%{name}` filled in, `one |||| many` by `smart_count`. */
import type { I18nProvider } from "ra-core";
import type { Locale } from "#web/client/types.ts";
import type { Catalogue } from "./catalogue.ts";

type Values = Readonly<Record<string, string | number | undefined>>;

const PLURAL = "||||";
const GAP = /%\{(\w+)\}/g;

/** A key that there is no text for is told as its default (`_`), else as itself: a text that somebody else has worded goes through unchanged. */
export function translate(words: Catalogue, locale: Locale, key: string, values: Values = {}): string {
  const text = (words as Readonly<Record<string, string | undefined>>)[key];
  if (text === undefined) return typeof values["_"] === "string" ? values["_"] : key;
  const count = values["smart_count"];
  const forms = text.split(PLURAL);
  const form = forms.length > 1 && typeof count === "number" && new Intl.PluralRules(locale).select(count) !== "one" ? forms[1]! : forms[0]!;
  // A gap without a value stays visible, so that a test or a reader notices.
  return form.trim().replace(GAP, (gap, name: string) => (values[name] === undefined ? gap : String(values[name])));
}

export interface I18nOrder {
  readonly locale: Locale;
  /** Of that language, fetched already. */
  readonly words: Catalogue;
  readonly load: (locale: Locale) => Promise<Catalogue>;
  /** Keeps the choice. */
  readonly save: (locale: Locale) => Promise<void>;
}

export function createI18n(order: I18nOrder): I18nProvider {
  let { locale, words } = order;
  return {
    translate: (key: string, values?: unknown) => translate(words, locale, key, values as Values | undefined),
    changeLocale: async (chosen: string) => {
      words = await order.load(chosen as Locale);
      locale = chosen as Locale;
      await order.save(locale);
    },
    getLocale: () => locale,
    getLocales: () => [{ locale: "en", name: "English" }, { locale: "es", name: "Español" }],
  };
}
