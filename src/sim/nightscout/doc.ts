/** A stored document, and how it looks through each version of the API. vendors/nightscout.md, Document fields. */

import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hexOf, uuidOf } from "../people/rng.ts";

export interface Doc {
  /** 24 hexadecimal digits. */
  readonly id: string;
  /** Given by programs that write through version 3. */
  readonly identifier: string | null;
  /** When it is about: the first sort key of its collection. */
  readonly atMs: number;
  /** When it came into the site. */
  readonly writtenMs: number;
  readonly deletedMs: number | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface DocParts {
  readonly kind: string;
  readonly atMs: number;
  /** Tells two documents of one instant apart. */
  readonly mark?: string;
  readonly writtenMs?: number;
  readonly deletedMs?: number | null;
  /** Written through version 3. */
  readonly isV3?: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Makes documents whose ids are the same at each call. */
export function docsOf(context: CloudContext, person: Person): (parts: DocParts) => Doc {
  return ({ kind, atMs, mark = "", writtenMs = atMs, deletedMs = null, isV3 = false, body }) => {
    const of = [context.seed, "nightscout", person.who.id, kind, Math.floor(atMs), mark] as const;
    return { id: hexOf(24, ...of), identifier: isV3 ? uuidOf(...of) : null, atMs, writtenMs, deletedMs, body };
  };
}

/** What has come in by now. What was deleted through version 3 is kept and marked; through version 1 it is gone. */
export function isStored({ identifier, writtenMs, deletedMs }: Doc, nowMs: number): boolean {
  return writtenMs <= nowMs && (identifier !== null || !isDeleted({ deletedMs }, nowMs));
}

export function isDeleted({ deletedMs }: Pick<Doc, "deletedMs">, nowMs: number): boolean {
  return deletedMs !== null && deletedMs <= nowMs;
}

/** The server's own times; documents of old uploaders have none. */
function serverTimes(doc: Doc, nowMs: number): Record<string, unknown> {
  if (doc.identifier === null) return {};
  return {
    identifier: doc.identifier, srvCreated: doc.writtenMs, srvModified: srvModifiedOf(doc, nowMs), subject: "uploader",
    ...(isDeleted(doc, nowMs) ? { isValid: false } : { isValid: true }),
  };
}

export function srvModifiedOf(doc: Doc, nowMs: number): number {
  return isDeleted(doc, nowMs) ? (doc.deletedMs ?? doc.writtenMs) : doc.writtenMs;
}

export function asV1(doc: Doc, nowMs: number): Record<string, unknown> {
  return { _id: doc.id, ...serverTimes(doc, nowMs), ...doc.body };
}

/** Never with `_id`; a document of version 1 shows it as its identifier. */
export function asV3(doc: Doc, nowMs: number): Record<string, unknown> {
  return { identifier: doc.id, ...serverTimes(doc, nowMs), ...doc.body };
}
