/**
 * The chain of the audit log, as read by whoever verifies it: a second reading of what `migrations/0016-audit.sql` writes, so that neither is
 * believed for itself. Pure. Faults PR-07; ASVS 16.4.2.
 */
import { createHash } from "node:crypto";

/** Chain of the entries that belong to no organization. */
export const NO_ORGANIZATION = "00000000-0000-0000-0000-000000000000";

/** An entry as it rests: every field as the text that is hashed. */
export type StoredEntry = Readonly<Record<EntryField, string | null>>;

/** In the order in which they are hashed. `at` is microseconds since 1970. */
export const ENTRY_FIELDS = [
  "id", "organization_id", "at", "actor_kind", "actor_user_id", "actor_role", "actor_key_id", "action", "patient_id", "object_type", "object_id", "outcome",
  "purpose", "request_id", "session_ref", "address_hash", "network", "agent",
] as const;
export type EntryField = (typeof ENTRY_FIELDS)[number];

/** What stands first in every entry's text; another order or set of fields takes another name. */
const FORM = "islet-audit-1";

/** The text of an entry that is hashed: each field with its length in bytes in front, a hyphen for none, so that no two entries have one text. */
export function canonicalText(entry: StoredEntry): string {
  return `${FORM};${ENTRY_FIELDS.map((name) => fieldText(entry[name])).join("")}`;
}

function fieldText(value: string | null): string {
  return value === null ? "-;" : `${Buffer.byteLength(value)}:${value};`;
}

/** What a chain's first entry is linked to. */
export function genesisHash(chain: string): Buffer {
  return createHash("sha256").update(`islet audit chain ${chain}`).digest();
}

/** The hash of a link: SHA-256 of the hash before it and the entry's text. */
export function linkHash(previous: Uint8Array, entry: StoredEntry): Buffer {
  return createHash("sha256").update(previous).update(canonicalText(entry)).digest();
}
