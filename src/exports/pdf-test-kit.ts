/** Reads back what our PDFs say: pages, sizes, texts in the order drawn, facts. Enough for documents without encryption and object streams. */
import { inflateSync } from "node:zlib";

export interface PdfPage {
  readonly width: number;
  readonly height: number;
  /** Texts as they were drawn, one entry each. */
  readonly texts: readonly string[];
}

export interface ReadPdf {
  readonly pages: readonly PdfPage[];
  readonly info: Readonly<Record<string, string>>;
  readonly language: string | null;
  readonly fonts: readonly string[];
  /** Fonts whose program is in the file. */
  readonly embedded: readonly string[];
}

/** Characters as bytes, so that offsets and streams survive. */
const asLatin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

export function readPdf(bytes: Uint8Array): ReadPdf {
  const objects = new Map<number, string>();
  for (const match of asLatin1(bytes).matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) objects.set(Number(match[1]), match[2]!);
  const at = (id: string | undefined): string => objects.get(Number(id)) ?? "";
  const bodies = [...objects.values()];
  const catalogue = bodies.find((body) => body.includes("/Type /Catalog")) ?? "";
  const kids = /\/Kids \[([^\]]*)\]/.exec(bodies.find((body) => body.includes("/Type /Pages")) ?? "")?.[1] ?? "";
  const fontNames = bodies.flatMap((body) => /\/Type \/Font\n\/Subtype \/Type0\n\/BaseFont \/(\S+)/.exec(body)?.[1] ?? []);
  return {
    pages: [...kids.matchAll(/(\d+) 0 R/g)].map(([, id]) => readPage(at(id), at)),
    info: readInfo(bodies.find((body) => body.includes("/Producer")) ?? "", at),
    language: /\/Lang \(([^)]*)\)/.exec(catalogue)?.[1] ?? null,
    fonts: fontNames,
    embedded: bodies.flatMap((body) => /\/Type \/FontDescriptor\n\/FontName \/(\S+)[\s\S]*\/FontFile2 \d+ 0 R/.exec(body)?.[1] ?? []),
  };
}

type At = (id: string | undefined) => string;

function readInfo(body: string, at: At): Record<string, string> {
  return Object.fromEntries([...body.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, name, id]) => [name!, literal(at(id))]));
}

/** `(text)`, in UTF-16 where it begins with its mark. */
function literal(body: string): string {
  const inner = body.trim().replace(/^\(|\)$/g, "").replace(/\\([()\\nrt])/g, (_, character: string) => ({ n: "\n", r: "\r", t: "\t" })[character] ?? character);
  return inner.startsWith("\u00fe\u00ff") ? Buffer.from(inner.slice(2), "latin1").swap16().toString("utf16le") : inner;
}

function inflated(body: string): string {
  const from = body.indexOf("stream\n") + "stream\n".length;
  return asLatin1(inflateSync(Buffer.from(body.slice(from, body.lastIndexOf("\nendstream")), "latin1")));
}

function readPage(page: string, at: At): PdfPage {
  const [, , width, height] = /\/MediaBox \[(\S+) (\S+) (\S+) (\S+)\]/.exec(page)!.slice(1).map(Number) as [number, number, number, number];
  const resources = at(/\/Resources (\d+)/.exec(page)?.[1]);
  const maps = new Map([...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, id]) => [name!, unicodeMap(inflated(at(/\/ToUnicode (\d+)/.exec(at(id))?.[1])))]));
  const content = inflated(at(/\/Contents (\d+)/.exec(page)?.[1]));
  const texts: string[] = [];
  let map: ReadonlyMap<number, string> = new Map();
  for (const match of content.matchAll(/\/(F\d+) \S+ Tf|\[([^\]]*)\] TJ/g)) {
    if (match[1] !== undefined) map = maps.get(match[1])!;
    else texts.push(glyphs(match[2]!).map((glyph) => map.get(glyph) ?? "\ufffd").join(""));
  }
  return { width, height, texts };
}

const glyphs = (run: string): number[] => [...run.matchAll(/<([0-9a-f]*)>/g)].flatMap(([, hex]) => [...hex!.matchAll(/.{4}/g)].map(([digits]) => Number.parseInt(digits, 16)));

/** Glyph → text, from `beginbfrange` with lists, as pdfkit writes them. */
function unicodeMap(cmap: string): Map<number, string> {
  const map = new Map<number, string>();
  for (const [, from, list] of cmap.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g)) {
    for (const [index, [, hex]] of [...list!.matchAll(/<([0-9a-f ]*)>/g)].entries()) {
      map.set(Number.parseInt(from!, 16) + index, Buffer.from(hex!.replaceAll(" ", ""), "hex").swap16().toString("utf16le"));
    }
  }
  return map;
}
