/**
 * Shapes of Nightscout's answers. Documents are whatever an uploader wrote, so they are narrowed field by field where they are read.
 * Source: vendors/nightscout.md, v1 endpoints, v3 endpoints and Document fields.
 */
import { z } from "zod";
import { ProviderContractBroken } from "#errors.ts";

/** Any document of any collection, unchecked. */
export type Row = Readonly<Record<string, unknown>>;

export interface Rows {
  readonly items: readonly unknown[];
  /** JSON pointer of the list. */
  readonly path: string;
  /** Which stretch of time it is the whole of, where that is known. */
  readonly window: AskedWindow | null;
}

/** A page of treatments says what it was asked for (api.ts). Without `to` it was asked for to the present and beyond. */
export interface AskedWindow {
  readonly from: number;
  readonly to: number | null;
}

/** `status.json`: enough of it to know a Nightscout by. */
export const siteStatus = z.looseObject({ status: z.union([z.string(), z.number()]), version: z.string().nullish().catch(null) });

const envelope = z.looseObject({});
const window = z.looseObject({ from: z.int(), to: z.int().nullable() });

/**
 * The documents of an answer: a bare list (version 1), `result` (version 3) or `rows` (a page of ours); one document alone, bare or in `result`, is
 * a list of one. Throws ProviderContractBroken when there is none.
 */
export function readRows(payload: unknown, what: string): Rows {
  if (Array.isArray(payload)) return { items: payload as unknown[], path: "", window: null };
  const parsed = envelope.safeParse(payload);
  if (parsed.success) {
    const asked = window.safeParse(parsed.data);
    for (const name of ["rows", "result"]) {
      const items = parsed.data[name];
      if (name === "result" && isDocument(items)) return { items: [items], path: "/result", window: null };
      if (Array.isArray(items)) return { items: items as unknown[], path: `/${name}`, window: name === "rows" && asked.success ? asked.data : null };
    }
    if (isDocument(payload)) return { items: [payload], path: "", window: null };
  }
  throw new ProviderContractBroken(`The answer to Nightscout's ${what} is no list.`, "$");
}

/** What no envelope has: a kind and a time. */
function isDocument(value: unknown): boolean {
  if (!isRow(value) || Array.isArray(value["rows"]) || Array.isArray(value["result"])) return false;
  return ["eventType", "type", "sgv"].some((name) => value[name] !== undefined) && ["created_at", "date", "dateString", "mills"].some((name) => value[name] !== undefined);
}

export function isRow(item: unknown): item is Row {
  return typeof item === "object" && item !== null && !Array.isArray(item);
}

/** Words as they were written, without the characters no database text can hold; undefined when there are none. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.replaceAll("\u0000", "").toWellFormed().trim();
  return text === "" ? undefined : text;
}
