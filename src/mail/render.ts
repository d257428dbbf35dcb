/** A mail's words made into text and minimal HTML. Whatever is filled in stays text: escaped, of one line, short (faults DA-03). Pure. */
import { formatInstant } from "#units/time.ts";
import { TEMPLATES, type MailLocale, type MailTemplate } from "./templates.ts";

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface MailWords {
  readonly template: MailTemplate;
  readonly locale: MailLocale;
  readonly values: Readonly<Record<string, string>>;
  /** Where the mail leads; null where it leads nowhere. */
  readonly link: string | null;
}

const LONGEST_VALUE = 200;
const FOOT = {
  en: "Islet is informational only, not a medical device. Nobody reads replies to this mail.",
  es: "Islet es solo informativo, no un producto sanitario. Nadie lee las respuestas a este correo.",
};

export function renderMail({ template, locale, values, link }: MailWords): RenderedMail {
  const words = TEMPLATES[template][locale];
  const filled = (line: string): string => line.replace(/\{(\w+)\}/g, (_place, name: string) => oneLine(values[name] ?? ""));
  const parts: { readonly text: string; readonly html: string }[] = words.lines.map((line) => {
    if (line === "{link}") return { text: link ?? "", html: link === null ? "" : `<a href="${escapeHtml(link)}">${escapeHtml(link)}</a>` };
    return { text: filled(line), html: escapeHtml(filled(line)) };
  });
  return {
    subject: filled(words.subject),
    text: `${[...parts.map(({ text }) => text), `-- \n${FOOT[locale]}`].join("\n\n")}\n`,
    html: `<!doctype html><html lang="${locale}"><meta charset="utf-8"><title>${escapeHtml(filled(words.subject))}</title><body>${
      parts.map(({ html }) => `<p>${html}</p>`).join("")}<hr><p><small>${escapeHtml(FOOT[locale])}</small></p></body></html>\n`,
  };
}

/** A time as mails tell it. */
export function mailTime(ms: number): string {
  return `${formatInstant(ms).slice(0, 16).replace("T", " ")} UTC`;
}

/** Line ends begin headers, and other control characters hide things. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, LONGEST_VALUE);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** One plain address, in which no header, second recipient or display name can hide. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>,;:"'()[\]\\\p{Cc}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}][\p{L}\p{N}-]{0,61}[\p{L}\p{N}]$/u.test(text);
}
