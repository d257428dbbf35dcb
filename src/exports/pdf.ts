/** Scenes on paper: vectors and selectable text, fonts embedded and subset. The same scenes and facts give the same bytes. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PDFDocument } from "pdfkit";
import { INKS } from "#charts/palette.ts";
import type { Paint, Scene, Shape, TextShape } from "#charts/scene.ts";

export interface PdfFacts {
  readonly title: string;
  readonly subject: string;
  readonly author: string;
  /** BCP 47. */
  readonly language: string;
  /** Islet and its version. */
  readonly creator: string;
  readonly createdMs: number;
}

const FONTS = {
  regular: "@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf",
  bold: "@expo-google-fonts/source-sans-3/600SemiBold/SourceSans3_600SemiBold.ttf",
} as const;

const read = new Map<string, Uint8Array>();

/** The bytes of one of the report's fonts. */
export function fontBytes(name: keyof typeof FONTS): Uint8Array {
  let bytes = read.get(name);
  if (!bytes) read.set(name, (bytes = readFileSync(fileURLToPath(import.meta.resolve(FONTS[name])))));
  return bytes;
}

/** A PDF with one page a scene; all scenes of the same size, at least one. */
export async function toPdf(pages: readonly Scene[], facts: PdfFacts): Promise<Uint8Array> {
  const [first] = pages;
  if (!first) throw new RangeError("A PDF needs a page.");
  const created = new Date(facts.createdMs);
  // A font given here and registered once more below would be opened anew for every text.
  const document = new PDFDocument({
    size: [first.width, first.height], margin: 0, font: null, lang: facts.language, displayTitle: true, autoFirstPage: false, pdfVersion: "1.7",
    info: { Title: facts.title, Author: facts.author, Subject: facts.subject, Creator: facts.creator, CreationDate: created, ModDate: created },
  });
  const bytes = collected(document);
  document.registerFont("regular", fontBytes("regular")).registerFont("bold", fontBytes("bold"));
  for (const page of pages) {
    document.addPage();
    draw(document, page.shapes);
  }
  document.end();
  return bytes;
}

function collected(document: PDFDocument): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  document.on("data", (chunk) => chunks.push(chunk));
  document.on("end", () => resolve(Buffer.concat(chunks)));
  document.on("error", reject);
  return promise;
}

function draw(document: PDFDocument, shapes: readonly Shape[]): void {
  for (const shape of shapes) {
    if (shape.kind === "group") {
      document.save().translate(shape.x, shape.y);
      draw(document, shape.shapes);
      document.restore();
    } else if (shape.kind === "text") drawText(document, shape);
    else if (shape.kind === "rect") paint(document.rect(shape.x, shape.y, shape.width, shape.height), shape);
    else if (shape.d !== "") paint(document.path(shape.d), shape);
  }
}

function paint(document: PDFDocument, { fill, stroke, strokeWidth, dash }: Paint): void {
  if (fill) document.fillColor(INKS[fill]);
  if (stroke) {
    document.strokeColor(INKS[stroke]).lineWidth(strokeWidth ?? 1).lineJoin("round");
    if (dash) document.dash(dash, { phase: 0 });
    else document.undash();
  }
  if (fill && stroke) document.fillAndStroke();
  else if (fill) document.fill();
  else document.stroke();
}

function drawText(document: PDFDocument, { x, y, text, size, ink, isBold, align }: TextShape): void {
  if (text === "") return;
  document.font(isBold ? "bold" : "regular").fontSize(size).fillColor(INKS[ink]);
  const width = align === "end" || align === "middle" ? document.widthOfString(text) : 0;
  document.text(text, x - (align === "middle" ? width / 2 : width), y, { lineBreak: false, baseline: "alphabetic" });
}
