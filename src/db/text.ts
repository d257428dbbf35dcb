/** Strangers' text on its way into the database. PostgreSQL refuses a NUL anywhere and half a surrogate pair in JSON; one bad title must not cost a delivery. */
import { createHash } from "node:crypto";

/** Longer keys do not fit an index entry. */
const LONGEST_KEY = 200;

/** The text with U+FFFD for what PostgreSQL cannot hold. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** JSON whose strings, names included, PostgreSQL can hold. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // JSON.stringify writes both as escapes; most values have none, and are done.
  return /\\u(?:0000|d[89a-f])/i.test(json) ? JSON.stringify(cleaned(value)) : json;
}

/** The text as (part of) a key: an overlong one is cut and told apart by its digest. */
export function keyText(text: string): string {
  const storable = storableText(text);
  if (storable.length <= LONGEST_KEY) return storable;
  return `${storable.slice(0, 100).toWellFormed()}#${createHash("sha256").update(storable).digest("hex")}`;
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storableText(name), cleaned(member)]));
}
