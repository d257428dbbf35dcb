/** Whether an uploaded file may be kept: its size, its type by content, what it holds, and what a virus scanner says. docs/uploads.md. */
import { createHash } from "node:crypto";
import { UploadRefused } from "../errors.ts";
import type { Scan } from "./clamav.ts";
import { contentType } from "./content.ts";
import { createInspect, type Inspect } from "./inspect-thread.ts";
import { safeName } from "./safe-name.ts";
import { UPLOAD_TYPES, type UploadType } from "./types.ts";

export interface UploadAsked {
  /** As the sender names it; null where it has no name. */
  readonly name: string | null;
  /** `Content-Type` of the file; parameters are passed over. Null where the sender does not say: then its content alone does. */
  readonly declaredType: string | null;
  readonly accept: readonly UploadType[];
  readonly mostBytes: number;
}

/** A file that may be kept. Stored under a random name, never under `safeName`, and served with `Content-Disposition: attachment` and `nosniff`. */
export interface CheckedUpload {
  readonly type: UploadType;
  readonly mediaType: string;
  /** Lower-case, without the dot. */
  readonly extension: string;
  readonly safeName: string;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Throws UploadRefused with what to do instead; Unavailable where it cannot be checked now. */
export type CheckUpload = (bytes: Uint8Array, asked: UploadAsked) => Promise<CheckedUpload>;

/** Types that senders give to any file, and older names of ours. */
const UNTOLD = new Set(["", "application/octet-stream", "binary/octet-stream"]);
const OTHER_NAMES: ReadonlyMap<string, UploadType> = new Map([
  ["image/jpg", "jpeg"], ["image/pjpeg", "jpeg"], ["image/x-png", "png"], ["image/apng", "png"], ["application/x-pdf", "pdf"], ["application/csv", "csv"], ["text/plain", "csv"],
  // What Windows says of a CSV file where Excel is installed.
  ["application/vnd.ms-excel", "csv"],
]);

export interface Uploads {
  readonly check: CheckUpload;
  /** Only what a virus scanner says, for files that are read whole by a reader of their own. Throws UploadRefused, Unavailable. */
  readonly refuseInfected: (bytes: Uint8Array) => Promise<void>;
}

/** @param scan null: no virus scanner is set up. */
export function createUploads({ scan, inspect = createInspect() }: { readonly scan: Scan | null; readonly inspect?: Inspect }): Uploads {
  const refuseInfected = async (bytes: Uint8Array): Promise<void> => {
    if (scan && (await scan(bytes)) === "infected") throw new UploadRefused("file_infected", "A virus scanner knows the file as malicious: do not open it, and do not send it.");
  };
  const check: CheckUpload = async (bytes, { name, declaredType, accept, mostBytes }) => {
    if (bytes.length === 0) throw new UploadRefused("file_empty", "The file is empty: choose the file again.");
    if (bytes.length > mostBytes) throw new UploadRefused("file_too_large", `The file is larger than ${sizeText(mostBytes)}: send a smaller one.`);
    const type = await contentType(bytes);
    if (type === null || !accept.includes(type)) throw new UploadRefused("file_type", `Such a file is not taken here: send ${listOf(accept)}.`);
    if (!isDeclared(declaredType, type)) throw new UploadRefused("file_type", `The file says that it is of another type than it is: it is ${listOf([type])}. Save it under its own type, or send another.`);
    const named = safeName(name, type);
    await inspect(bytes, type);
    await refuseInfected(bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { type, mediaType: UPLOAD_TYPES[type].mediaType, extension: named.slice(named.lastIndexOf(".") + 1), safeName: named, bytes, sha256 };
  };
  return { check, refuseInfected };
}

function isDeclared(declaredType: string | null, type: UploadType): boolean {
  const declared = (declaredType ?? "").split(";")[0]!.trim().toLowerCase();
  return UNTOLD.has(declared) || declared === UPLOAD_TYPES[type].mediaType || OTHER_NAMES.get(declared) === type;
}

function listOf(types: readonly UploadType[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(types.map((type) => type.toUpperCase()));
}

function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)} MB` : `${Math.floor(bytes / 1024)} kB`;
}
