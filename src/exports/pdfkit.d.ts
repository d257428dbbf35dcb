/** The part of pdfkit that reports use; the package brings no types. */
declare module "pdfkit" {
  interface PdfOptions {
    readonly size: readonly [number, number];
    readonly margin: number;
    /** Null: none is loaded but those that are registered. */
    readonly font: null;
    readonly lang: string;
    readonly displayTitle: boolean;
    readonly autoFirstPage: boolean;
    readonly pdfVersion: string;
    readonly info: { readonly Title: string; readonly Author: string; readonly Subject: string; readonly Creator: string; readonly CreationDate: Date; readonly ModDate: Date };
  }

  export class PDFDocument {
    constructor(options: PdfOptions);
    on(event: "data", listener: (chunk: Uint8Array) => void): this;
    on(event: "end", listener: () => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    addPage(): this;
    end(): void;
    registerFont(name: string, font: Uint8Array): this;
    font(name: string): this;
    fontSize(size: number): this;
    widthOfString(text: string): number;
    text(text: string, x: number, y: number, options: { readonly lineBreak: boolean; readonly baseline: "alphabetic" }): this;
    save(): this;
    restore(): this;
    translate(x: number, y: number): this;
    path(d: string): this;
    rect(x: number, y: number, width: number, height: number): this;
    lineWidth(width: number): this;
    lineJoin(join: "round"): this;
    dash(length: readonly number[], options: { readonly phase: number }): this;
    undash(): this;
    fillColor(colour: string): this;
    strokeColor(colour: string): this;
    fill(): this;
    stroke(): this;
    fillAndStroke(): this;
  }
}
