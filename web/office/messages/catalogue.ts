/** The office's words: each area brings its own, in a file for each language; a language is fetched when it is first wanted. */
import type { Locale } from "#web/client/types.ts";
import type { all } from "./en/all.ts";

export type MessageKey = keyof typeof all;
/** Of one language: ours, and what react-admin says itself. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

const fetched = new Map<Locale, Promise<Catalogue>>();

/** The same promise for each call, so that a component can wait for it with `use`. One that failed is asked for again the next time. */
export function loadWords(locale: Locale): Promise<Catalogue> {
  const known = fetched.get(locale);
  if (known) return known;
  const asked = (locale === "es" ? import("./es/all.ts") : import("./en/all.ts")).then(({ all }): Catalogue => all);
  asked.catch(() => fetched.delete(locale));
  fetched.set(locale, asked);
  return asked;
}
