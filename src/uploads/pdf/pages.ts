/** The tree of pages: that it ends, and is of a size. Source: ISO 32000-1 §7.7.3. */
import { UploadRefused } from "../../errors.ts";
import { isDictionary, type PdfFile } from "./file.ts";
import { Name, Reference, tooComplex, valuesOf, type Dictionary, type Value } from "./parse.ts";

/** Nodes that may be passed for each page that a document may have: revisions tell pages again. */
const VISITS_A_PAGE = 4;

/** One step down the tree: a value, and the objects that lead to it. */
interface Step {
  readonly value: Value;
  readonly above: Above | null;
}
interface Above {
  readonly number: number;
  readonly depth: number;
  readonly above: Above | null;
}

/** Counts pages by walking, whatever `Count` says; all revisions of a node are walked. Throws UploadRefused. Faults DA-04. */
export function countPages(file: PdfFile): number {
  const roots = file.trailers.flatMap((trailer) => valuesOf(trailer, "Root")).flatMap((root) => file.every(root)).filter(isDictionary);
  // Without a trailer that can be read, viewers look for the catalogue.
  const catalogues = roots.length > 0 ? roots : [...file.objects.values()].flat().filter((value) => isDictionary(value) && isOf(file, value, "Catalog")).filter(isDictionary);
  const open: Step[] = catalogues.flatMap((catalogue) => valuesOf(catalogue, "Pages")).map((value) => ({ value, above: null }));
  let [pages, visits] = [0, 0];
  const seen = new Set<number>();
  for (let step = open.pop(); step; step = open.pop()) {
    if (++visits > file.limits.mostPages * VISITS_A_PAGE) throw tooManyPages(file);
    const above = stepInto(file, step);
    for (const node of file.every(step.value)) {
      if (!isDictionary(node)) continue;
      const kids = valuesOf(node, "Kids").flatMap((value) => file.every(value)).flatMap((value) => (Array.isArray(value) ? (value as readonly Value[]) : []));
      if (kids.length > file.limits.mostPages * VISITS_A_PAGE) throw tooManyPages(file);
      if (kids.length > 0) for (const value of kids) open.push({ value, above });
      else if (!isOf(file, node, "Pages")) pages += isNew(seen, step.value) ? 1 : 0;
      if (pages > file.limits.mostPages) throw tooManyPages(file);
    }
  }
  if (pages === 0) throw new UploadRefused("file_damaged", "The PDF has no page that can be found: print it to a new PDF and send that.");
  return pages;
}

function stepInto(file: PdfFile, { value, above }: Step): Above | null {
  if (!(value instanceof Reference)) return above;
  const { number } = value;
  for (let each = above; each; each = each.above) if (each.number === number) throw tooComplex("has pages that lead back to themselves");
  const depth = (above?.depth ?? 0) + 1;
  if (depth > file.limits.mostDepth) throw tooComplex("nests its pages deeper than any document");
  return { number, depth, above };
}

function isNew(seen: Set<number>, value: Value): boolean {
  if (!(value instanceof Reference)) return true;
  const isFirst = !seen.has(value.number);
  seen.add(value.number);
  return isFirst;
}

function isOf(file: PdfFile, node: Dictionary, type: string): boolean {
  return valuesOf(node, "Type").flatMap((value) => file.every(value)).some((value) => value instanceof Name && value.text === type);
}

function tooManyPages(file: PdfFile): UploadRefused {
  return tooComplex(`has more than ${file.limits.mostPages} pages`);
}
