/**
 * What stands before the first element. The document type declaration is cut out before any parser sees it: some versions of iOS write it
 * malformed, and nothing that it declares is ever to be expanded. Source: Apple Health facts, export.xml structure; faults DA-06.
 */
import { NotAnExport } from "./limits.ts";

/** Apple's has ten thousand characters. */
const LONGEST = 1024 * 1024;
const FIRST_LOOK = 1024;

export class Prolog {
  #text = "";
  #nextLook = FIRST_LOOK;
  #isPast = false;

  /** The text that a parser may see so far; empty while the prolog goes on. Throws NotAnExport for one without end. */
  pass(text: string): string {
    if (this.#isPast) return text;
    this.#text += text;
    if (this.#text.length < this.#nextLook) return "";
    return this.#look();
  }

  /** The rest, where the text ended within its prolog. */
  end(): string {
    return this.#isPast ? "" : this.#look() || this.#release(this.#text);
  }

  #look(): string {
    const cut = withoutDoctype(this.#text);
    if (cut !== null) return this.#release(cut);
    if (this.#text.length > LONGEST) throw new NotAnExport();
    // Doubled, so that many small pieces are not each searched from the beginning.
    this.#nextLook = this.#text.length * 2;
    return "";
  }

  #release(text: string): string {
    this.#isPast = true;
    this.#text = "";
    return text;
  }
}

/** The text without its document type declaration, lines kept; null when more of it is needed to tell. */
function withoutDoctype(text: string): string | null {
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at)) {
    if (text.startsWith("<?", at)) at = behind(text, "?>", at);
    else if (text.startsWith("<!--", at)) at = behind(text, "-->", at);
    else if (/^<!DOCTYPE/i.test(text.slice(at, at + 9))) {
      const end = doctypeEnd(text, at);
      if (end < 0) return null;
      const lines = text.slice(at, end).split("\n").length - 1;
      return text.slice(0, at) + "\n".repeat(lines) + text.slice(end);
    } else return text.length < at + 9 ? null : text;
    if (at < 0) return null;
  }
  return null;
}

/** The place behind the next `mark`, −1 when there is none yet. */
function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}

function doctypeEnd(text: string, from: number): number {
  const head = /[[>]/g;
  head.lastIndex = from;
  const found = head.exec(text);
  if (!found) return -1;
  if (found[0] === ">") return found.index + 1;
  // The inner declarations are not understood, only passed over: comments, and the bracket that closes them.
  const mark = /<!--|\]\s*>/g;
  mark.lastIndex = found.index;
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    if (match[0] !== "<!--") return match.index + match[0].length;
    const end = behind(text, "-->", match.index);
    if (end < 0) return -1;
    mark.lastIndex = end;
  }
  return -1;
}
