/** What a document must not hold: whatever runs, starts something, brings other files along or sends something away. Source: ISO 32000-1 §12.6, §12.7.8, §13; faults DA-04. */
import { UploadRefused } from "../../errors.ts";
import { isDictionary, type PdfFile } from "./file.ts";
import { Name, valuesOf, type Dictionary, type Value } from "./parse.ts";

const SCRIPT = "runs a script";
const STARTS = "starts another program or opens another file";
const CARRIES = "carries other files";
const PLAYS = "plays films, sounds or 3D scenes";
const SENDS = "sends what is typed into it elsewhere";

/** Names that are refused wherever they stand: as a key, as a kind of action or annotation, or as an object of their own that another refers to. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["JavaScript", SCRIPT], ["JS", SCRIPT], ["XFA", "holds a form that runs a script"], ["Launch", STARTS], ["GoToE", STARTS], ["EmbeddedFile", CARRIES], ["EmbeddedFiles", CARRIES], ["EF", CARRIES],
  ["FileAttachment", CARRIES], ["RichMedia", PLAYS], ["RichMediaContent", PLAYS], ["RichMediaExecute", PLAYS], ["Rendition", PLAYS], ["SubmitForm", SENDS], ["ImportData", SENDS],
]);

/** Kinds of actions that a document may take when it is opened: showing a place in itself. */
const HARMLESS = new Set(["GoTo"]);

/** Throws UploadRefused naming what the document does. All revisions of all objects count. */
export function refuseActive(file: PdfFile): void {
  for (const trailer of file.trailers) {
    if (hasKey(trailer, "Encrypt")) throw new UploadRefused("pdf_encrypted", "The PDF is protected: remove its password and restrictions, or print it to a new PDF, and send that.");
  }
  for (const revisions of file.objects.values()) for (const value of revisions) refuseIn(file, value);
  for (const trailer of file.trailers) refuseIn(file, trailer);
}

function refuseIn(file: PdfFile, root: Value): void {
  const open: Value[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value instanceof Name) refuseName(value.text);
    else if (isDictionary(value)) {
      for (const [key, held] of value) {
        const name = key.split("\0")[0]!;
        refuseName(name);
        if (name === "OpenAction" && file.every(held).some((action) => !isHarmless(file, action))) throw active("does something by itself when it is opened");
        if (name === "AA" && file.every(held).some((events) => hasActions(file, events))) throw active("does something by itself");
        open.push(held);
      }
    } else if (Array.isArray(value)) for (const each of value as readonly Value[]) open.push(each);
  }
}

function refuseName(name: string): void {
  const reason = REFUSED.get(name);
  if (reason !== undefined) throw active(reason);
}

function active(what: string): UploadRefused {
  return new UploadRefused("pdf_active", `The PDF ${what}: print it to a new PDF and send that.`);
}

/** A place in the document, or going there; nothing that follows it. */
function isHarmless(file: PdfFile, action: Value): boolean {
  if (!isDictionary(action)) return action === null || Array.isArray(action) || action instanceof Name || action === "";
  const kinds = valuesOf(action, "S").flatMap((kind) => file.every(kind));
  return kinds.length > 0 && kinds.every((kind) => kind instanceof Name && HARMLESS.has(kind.text)) && !hasKey(action, "Next");
}

/** Whether any event of the dictionary has an action: a resource may bear the name `AA`, too. */
function hasActions(file: PdfFile, events: Value): boolean {
  return isDictionary(events) && [...events.values()].some((event) => file.every(event).some((action) => isDictionary(action) && hasKey(action, "S")));
}

function hasKey(dictionary: Dictionary, key: string): boolean {
  return valuesOf(dictionary, key).some((value) => value !== null);
}
