/** What a browser fetches of the office, gzipped as the server sends it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Of all that one person's browser can be made to fetch, in KB. */
export const MOST_OFFICE_KB = 450;

export interface OfficeBundle {
  /** Scripts and styles in KB (1,024 bytes): before anybody has signed in; until the list of patients is shown; of every page in one language, the heavier; the same in both languages. */
  readonly signInKb: number;
  readonly listKb: number;
  readonly oneLanguageKb: number;
  readonly everythingKb: number;
}

/** An import that is fetched with its file. */
const STATIC = /(?:from|import)"\.\/([\w.-]+\.js)"/g;
const ANY = /([\w.-]+\.(?:js|css))/g;

/** Of the pages that were built last; null where none were. All files are found from the office's page on, by what each names. */
export function officeBundle(): OfficeBundle | null {
  const built = fileURLToPath(new URL("../web/dist", import.meta.url));
  const entry = `${built}/office/index.html`;
  if (!existsSync(entry)) return null;
  const named = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, file]) => file!).filter((file) => existsSync(`${built}/assets/${file}`));
  const read = (file: string): string => readFileSync(`${built}/assets/${file}`, "utf8");
  const reach = (from: Iterable<string>, pattern: RegExp): Set<string> => {
    const found = new Set(from);
    for (const file of found) for (const next of named(read(file), pattern)) found.add(next);
    return found;
  };
  const weight = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + gzipSync(read(file), { level: 9 }).length, 0) / 1024;
  const first = reach(named(readFileSync(entry, "utf8"), /assets\/([\w.-]+\.(?:js|css))/g), STATIC);
  const all = reach(first, ANY);
  // Files of words alone: `en` and `es` of the portal, `all` of each folder of the office's.
  const languages = [...all].filter((file) => /^(?:all|en|es)-/.test(file));
  const spanish = languages.filter((file) => /[áéíóúñ¿]/.test(read(file)));
  const english = languages.filter((file) => !spanish.includes(file));
  const everythingKb = weight(all);
  const list = reach([...first, ...[...all].filter((file) => /^(?:Frame|PatientArea)-/.test(file))], STATIC);
  return { signInKb: weight(first), listKb: weight([...list, ...spanish.filter((file) => !list.has(file))]), oneLanguageKb: everythingKb - Math.min(weight(english), weight(spanish)), everythingKb };
}
