/**
 * Text of export.xml → the elements below its root, each whole with its children, and nothing known of what they mean. saxes parses: it is
 * strict, knows XML's five entities and no others, and of the libraries measured (sax 40, saxes 106, htmlparser2 74, sax-wasm 40 MB/s) it is the quickest.
 */
import { SaxesParser } from "saxes";
import type { ImportProblem } from "../types.ts";
import { MAX_LISTED_PROBLEMS } from "../problems.ts";
import { type AppleLimits, Damaged, NotAnExport, unsafe } from "./limits.ts";
import { Prolog } from "./prolog.ts";

/** An element with all that it holds. Texts between tags mean nothing in an export and are left out. */
export interface AppleElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly AppleElement[];
  /** Line of its start tag's end, 1-based. */
  readonly line: number;
}

const ROOT = "HealthData";

/** What XML forbids and iOS writes all the same, in names that people give. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g;

/** Faults within a value: the tag around it is what it is. */
const HARMLESS: ReadonlySet<string> = new Set([
  "disallowed character.", "undefined entity.", "malformed character entity.", "disallowed character in entity name.", "empty entity name.",
]);
/** Faults between tags: the next tag is not touched by them. */
const BETWEEN_TAGS = /^(?:unexpected close tag|text data outside|the string "\]\]>")/;

interface OpenElement extends AppleElement {
  readonly children: OpenElement[];
}

export class ElementParser {
  readonly #limits: AppleLimits;
  readonly #parser = new SaxesParser({ xmlns: false, position: false, forceXMLVersion: true, defaultXMLVersion: "1.0" });
  readonly #prolog = new Prolog();
  /**
   * Open elements below the root, as the parser sees them. Null: its tag was malformed, so that perhaps it never ends; it holds nothing, and
   * what follows belongs to what holds it.
   */
  readonly #open: (OpenElement | null)[] = [];
  /** Those that were read well. */
  readonly #sound: OpenElement[] = [];
  #ready: AppleElement[] = [];
  #problems: ImportProblem[] = [];
  #listed = 0;
  #faults = 0;
  #rootState: "before" | "in" | "behind" = "before";
  /** The root was closed by something else than its own end tag. */
  #isBroken = false;
  #isTagFaulty = false;
  #isLeftOut = false;
  #descendants = 0;
  #elementStart = 0;
  /** Where the parser last came to the end of a tag. */
  #lastMark = 0;

  constructor(limits: AppleLimits) {
    this.#limits = limits;
    this.#parser.on("error", ({ message }) => this.#fault(message));
    this.#parser.on("opentag", ({ name, attributes }) => this.#start(name, attributes));
    this.#parser.on("closetag", () => this.#end());
  }

  get ready(): number {
    return this.#ready.length;
  }

  /** Whether the root was seen, by which an export is known. */
  get isExport(): boolean {
    return this.#rootState !== "before";
  }

  /** Whether the root was closed: nothing behind it counts. */
  get isComplete(): boolean {
    return this.#rootState === "behind";
  }

  /** Throws NotAnExport, Damaged where the XML is broken beyond reading, InvalidInput beyond the limits. */
  write(text: string): void {
    if (this.isComplete) return;
    const passed = this.#prolog.pass(text);
    this.#parse(passed);
  }

  /** The text is at its end. Throws like `write`; Damaged when that is in the middle. */
  end(): void {
    if (!this.isComplete) this.#parse(this.#prolog.end());
    if (this.#rootState === "before") throw new NotAnExport();
    if (!this.isComplete || this.#isBroken) throw new Damaged("The file ends in the middle.");
  }

  /** What is ready, once. */
  take(): { readonly elements: readonly AppleElement[]; readonly problems: readonly ImportProblem[] } {
    const [elements, problems] = [this.#ready, this.#problems];
    this.#ready = [];
    this.#problems = [];
    return { elements, problems };
  }

  /** The line reached. */
  get line(): number {
    return this.#parser.line;
  }

  #parse(text: string): void {
    if (text === "") return;
    this.#parser.write(text.replace(FORBIDDEN, ""));
    if (!this.isComplete && this.#parser.position - this.#lastMark > this.#limits.maxMarkup) {
      throw this.#rootState === "before" ? new NotAnExport() : unsafe(`Line ${this.line} of the export is longer than any that Apple writes.`);
    }
  }

  #start(name: string, attributes: Record<string, string>): void {
    const { position, line } = this.#parser;
    this.#lastMark = position;
    if (this.#rootState === "behind") return;
    if (this.#rootState === "before") {
      if (name !== ROOT) throw new NotAnExport();
      this.#rootState = "in";
      return;
    }
    const element: OpenElement | null = this.#isTagFaulty ? null : { name, attributes, children: [], line };
    this.#isTagFaulty = false;
    this.#open.push(element);
    if (!element) return;
    const parent = this.#sound.at(-1);
    if (!parent) {
      this.#elementStart = position;
      this.#descendants = 0;
      this.#isLeftOut = false;
    } else if (!this.#isLeftOut) {
      this.#descendants += 1;
      const { maxDescendants, maxElement } = this.#limits;
      this.#isLeftOut = this.#descendants > maxDescendants || position - this.#elementStart > maxElement;
      if (this.#isLeftOut) this.#sound[0]!.children.length = 0;
      else parent.children.push(element);
    }
    this.#sound.push(element);
    if (this.#sound.length >= this.#limits.maxDepth) throw unsafe("The export's elements lie too deep within one another.");
  }

  #end(): void {
    this.#lastMark = this.#parser.position;
    if (this.#rootState !== "in") return;
    const element = this.#open.pop();
    if (element === undefined) this.#rootState = "behind";
    if (!element) return;
    this.#sound.pop();
    if (this.#sound.length > 0) return;
    if (!this.#isLeftOut) this.#ready.push(element);
    else this.#list(element.line, "an element larger than any that Apple writes; it was left out");
  }

  #fault(message: string): void {
    if (this.#rootState === "before") throw new NotAnExport();
    if (this.#rootState === "behind") {
      this.#isBroken ||= message.startsWith("unmatched closing tag");
      return;
    }
    this.#list(this.line, "no well-formed XML");
    if (++this.#faults > this.#limits.maxFaults) throw new Damaged("The XML is broken too often.");
    if (!HARMLESS.has(message) && !BETWEEN_TAGS.test(message)) this.#isTagFaulty = true;
  }

  #list(line: number, reason: string): void {
    if (++this.#listed <= MAX_LISTED_PROBLEMS) this.#problems.push({ line, reason, kind: "row" });
  }
}
