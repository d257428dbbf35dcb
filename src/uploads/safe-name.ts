/** Names of uploaded files, fit to be shown and to be offered when the file is downloaded. Never a path: what is stored has a random name. Pure. */
import { supportedExtensions } from "file-type";
import { UploadRefused } from "../errors.ts";
import { UPLOAD_TYPES, type UploadType } from "./types.ts";

/** With the extension, in UTF-8: file systems take 255, and a browser adds its own " (1)". */
const MOST_BYTES = 200;
const NAMELESS = "file";

/** C0 and C1 controls, marks that turn the direction of writing, and characters that nobody sees. Source: Unicode TR 36 §2.10, TR 9 §2. */
const UNSEEN = /[\p{Cc}\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu;
/** What some file system or shell takes for itself. */
const SPECIAL = /[<>:"|?*\\/]/g;
/** Names of devices, whatever extension follows. Source: Microsoft, Naming Files, Paths, and Namespaces. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=$|[\s.])/i;

/** What a browser or a shell would run or show as a page. file-type knows those that have a signature. */
const TEXTUAL = new Set([
  "asp", "aspx", "bat", "cmd", "com", "css", "hta", "htm", "html", "ics", "jar", "js", "json", "jsp", "mjs", "msi", "php", "phtml", "pl", "ps1", "py", "rb", "reg", "scr", "sh", "svg", "ts",
  "url", "vbs", "vcf", "wsf", "xht", "xhtml", "xml", "xsl",
]);

/**
 * The name without what leads elsewhere or deceives, and with the extension of the type: `../../a\u202Egpj.pdf` → `agpj.pdf`. At most 200 bytes in
 * UTF-8. Throws UploadRefused where the name has the extension of another type. ASVS 5.2.2, 5.3.2, 5.4.2; faults DA-05.
 */
export function safeName(name: string | null, type: UploadType): string {
  const [extension, ...others] = UPLOAD_TYPES[type].extensions as readonly [string, ...string[]];
  const last = (name ?? "").toWellFormed().normalize("NFC").replace(UNSEEN, "").split(/[/\\]/).at(-1)!;
  const dot = last.lastIndexOf(".");
  const given = dot < 0 ? "" : last.slice(dot + 1).trim().toLowerCase();
  const isOwn = given === extension || others.includes(given);
  if (!isOwn && (supportedExtensions.has(given) || TEXTUAL.has(given))) {
    throw new UploadRefused("file_extension", `The file's name ends like another type of file: give it the ending .${extension}, or send the file that belongs to the name.`);
  }
  const stem = (isOwn ? last.slice(0, dot) : last).replace(SPECIAL, "_").replace(/\s+/g, " ").replace(/^[\s.]+|[\s.]+$/g, "");
  const free = RESERVED.test(stem) ? `_${stem}` : stem;
  const ending = `.${isOwn ? given : extension}`;
  return `${shortened(free, MOST_BYTES - ending.length).trimEnd() || NAMELESS}${ending}`;
}

/** Whole characters, as people see them, of so many bytes at most. */
function shortened(text: string, mostBytes: number): string {
  let [bytes, end] = [0, 0];
  for (const { segment, index } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > mostBytes) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
