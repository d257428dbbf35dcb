/**
 * What people are asked, in which words. Texts come with Islet, in English and Spanish; an organization may publish its own in their place. A text never
 * changes: other words are another version, and everybody is asked again.
 */
import { createHash } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { vendorOf, type Purpose } from "./states.ts";

export type ConsentLocale = "en" | "es";
export type TextsByLocale = Readonly<Record<ConsentLocale, string>>;

/** What a text may be about: a purpose, or all vendors that have no text of their own. */
export type TextPurpose = Purpose | "vendor";

export interface ConsentText {
  readonly purpose: TextPurpose;
  readonly version: number;
  readonly texts: TextsByLocale;
  /** Epoch milliseconds; null for what came with Islet. */
  readonly validFromMs: number | null;
}

/** `{vendor}` stands for the vendor that the purpose names. */
const DEFAULT_TEXTS: readonly ConsentText[] = [
  {
    purpose: "storage", version: 1, validFromMs: null, texts: {
      en: "I want Islet to keep my health data on this server, so that I can look at them: what I type, what my devices and connected services send, and the files that I import. I can withdraw this at any time; then nothing new is stored, and what is stored stays until I have it erased.",
      es: "Quiero que Islet guarde mis datos de salud en este servidor para poder consultarlos: lo que escribo, lo que envían mis dispositivos y los servicios conectados, y los archivos que importo. Puedo retirarlo en cualquier momento; entonces no se guarda nada nuevo, y lo guardado permanece hasta que pida borrarlo.",
    },
  },
  {
    purpose: "sharing", version: 1, validFromMs: null, texts: {
      en: "I want the people whom I choose, such as my clinic, to see my health data here for as long as I let them. I see who looked and when. I can end one person's access, or withdraw this and end everybody's, at any time.",
      es: "Quiero que las personas que yo elija, como mi clínica, vean aquí mis datos de salud mientras se lo permita. Veo quién ha mirado y cuándo. Puedo terminar el acceso de una persona, o retirar esto y terminar el de todas, en cualquier momento.",
    },
  },
  {
    purpose: "research", version: 1, validFromMs: null, texts: {
      en: "I agree that my health data, without my name and contact details and under a number in their place, may be given to research that this organization approves. I can withdraw this at any time; what was given before cannot be called back.",
      es: "Acepto que mis datos de salud, sin mi nombre ni mis datos de contacto y con un número en su lugar, se cedan a investigaciones que esta organización apruebe. Puedo retirarlo en cualquier momento; lo cedido antes no se puede recuperar.",
    },
  },
  {
    purpose: "vendor", version: 1, validFromMs: null, texts: {
      en: "I want Islet to fetch my data from {vendor} and keep them here. {vendor} learns that this Islet reads them. I can disconnect, or withdraw this, at any time; then nothing more is fetched.",
      es: "Quiero que Islet obtenga mis datos de {vendor} y los guarde aquí. {vendor} sabe que este Islet los lee. Puedo desconectar, o retirar esto, en cualquier momento; entonces no se obtiene nada más.",
    },
  },
];

export function hashOfText(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

export function hashesOf({ texts }: ConsentText): Buffer[] {
  return Object.values(texts).map(hashOfText);
}

/** The words as a person reads them. @param vendorName of the vendor that the purpose names */
export function wordsOf({ texts }: ConsentText, locale: ConsentLocale, vendorName: string | null): string {
  return vendorName === null ? texts[locale] : texts[locale].replaceAll("{vendor}", vendorName);
}

interface TextRow {
  purpose: TextPurpose; version: number; locale: ConsentLocale; text: string; valid_from: number;
}

/** Every text that holds now in the transaction's organization: its own, else that of Islet. */
export async function presentTexts(tx: Tx): Promise<ReadonlyMap<TextPurpose, ConsentText>> {
  const rows = await tx.query<TextRow>(
    `select purpose, version, locale, text, valid_from from consent_texts t
     where version = (select max(l.version) from consent_texts l where l.purpose = t.purpose and l.valid_from <= now())`,
  );
  const present = new Map<TextPurpose, ConsentText>(DEFAULT_TEXTS.map((text) => [text.purpose, text]));
  for (const [purpose, own] of Map.groupBy(rows, (row) => row.purpose)) {
    const texts = Object.fromEntries(own.map(({ locale, text }) => [locale, text])) as Record<ConsentLocale, string>;
    present.set(purpose, { purpose, version: own[0]!.version, texts, validFromMs: own[0]!.valid_from });
  }
  return present;
}

export interface PublishedText extends ConsentText {
  /** `next`: from its day on; `past`: in its place there is a later one. */
  readonly state: "present" | "next" | "past";
}

/** Every text that the organization has published, and those that came with Islet where they still hold: by purpose, the newest first. */
export async function publishedTexts(tx: Tx, nowMs: number): Promise<PublishedText[]> {
  const present = await presentTexts(tx);
  const rows = await tx.query<TextRow>("select purpose, version, locale, text, valid_from from consent_texts order by purpose, version desc, locale");
  const own = [...Map.groupBy(rows, ({ purpose, version }) => `${purpose} ${version}`).values()].map((group): PublishedText => {
    const { purpose, version, valid_from: validFromMs } = group[0]!;
    const texts = Object.fromEntries(group.map(({ locale, text }) => [locale, text])) as Record<ConsentLocale, string>;
    return { purpose, version, texts, validFromMs, state: present.get(purpose)?.version === version ? "present" : validFromMs > nowMs ? "next" : "past" };
  });
  const shipped = DEFAULT_TEXTS.map((text): PublishedText => ({ ...text, state: present.get(text.purpose)?.version === text.version ? "present" : "past" }));
  return [...own, ...shipped].toSorted((a, b) => (a.purpose < b.purpose ? -1 : a.purpose > b.purpose ? 1 : b.version - a.version));
}

/** The text that asks for a purpose: a vendor's own, else that for all vendors. */
export function textFor(present: ReadonlyMap<TextPurpose, ConsentText>, purpose: Purpose): ConsentText {
  return present.get(purpose) ?? present.get(vendorOf(purpose) === null ? purpose : "vendor")!;
}

export interface NewText {
  readonly organizationId: string;
  readonly userId: string;
  readonly purpose: TextPurpose;
  readonly texts: TextsByLocale;
  /** Epoch milliseconds; null: at once. */
  readonly validFromMs: number | null;
}

/** Publishes the next version of a text; gives its number. */
export async function publishText(tx: Tx, { organizationId, userId, purpose, texts, validFromMs }: NewText): Promise<number> {
  // Two that publish at once take turns.
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`consent text ${organizationId} ${purpose}`]);
  const [last] = await tx.query<{ version: number | null }>("select max(version) as version from consent_texts where purpose = $1", [purpose]);
  const shipped = DEFAULT_TEXTS.find((text) => text.purpose === purpose)?.version ?? DEFAULT_TEXTS.find((text) => text.purpose === "vendor")!.version;
  const version = Math.max(last?.version ?? 0, shipped) + 1;
  for (const locale of ["en", "es"] as const) {
    await tx.query(
      `insert into consent_texts (organization_id, purpose, version, locale, text, hash, valid_from, published_by)
       values ($1, $2, $3, $4, $5, $6, coalesce(to_timestamp($7::float8 / 1000), now()), $8)`,
      [organizationId, purpose, version, locale, texts[locale], hashOfText(texts[locale]), validFromMs, userId],
    );
  }
  return version;
}
