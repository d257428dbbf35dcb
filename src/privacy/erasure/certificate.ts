/** What a person is given when their data is gone: what was removed, how much of it, and when. Nothing in it leads back to them. */
import { formatInstant } from "#units/time.ts";

export interface Certificate {
  readonly erasureId: string;
  readonly askedMs: number;
  readonly begunMs: number;
  readonly doneMs: number;
  /** Rows erased, by table, and files. */
  readonly counts: Readonly<Record<string, number>>;
}

const WORDS = {
  en: {
    title: "CERTIFICATE OF ERASURE", asked: "Asked for", begun: "Begun", done: "Done", what: "Erased", kept: "Kept",
    keptText: "who did what, without a value and by random ids that lead to nobody any more, and keyed digests of your accounts at vendors, so that what they send later is refused. Backups made before are cleaned when they are restored.",
  },
  es: {
    title: "CERTIFICADO DE BORRADO", asked: "Pedido", begun: "Empezado", done: "Terminado", what: "Borrado", kept: "Se conserva",
    keptText: "quién hizo qué, sin ningún valor y con identificadores aleatorios que ya no llevan a nadie, y resúmenes con clave de tus cuentas en los fabricantes, para rechazar lo que envíen después. Las copias de seguridad anteriores se limpian al restaurarlas.",
  },
} as const;

/** The certificate as text. */
export function certificateText({ erasureId, askedMs, begunMs, doneMs, counts }: Certificate, locale: "en" | "es"): string {
  const words = WORDS[locale];
  const rows = Object.entries(counts).filter(([, count]) => count > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${name.replaceAll("_", " ").padEnd(28)} ${count}`);
  return [
    `${words.title}  ${erasureId}`, "", `${words.asked}: ${formatInstant(askedMs)}`, `${words.begun}: ${formatInstant(begunMs)}`, `${words.done}: ${formatInstant(doneMs)}`, "", `${words.what}:`, ...rows, "",
    `${words.kept}: ${words.keptText}`, "",
  ].join("\n");
}
