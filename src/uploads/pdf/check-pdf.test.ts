/** PDFs as programs write them, and as nobody should open them. */
import { deflateSync } from "node:zlib";
import { PDFDocument } from "pdfkit";
import { describe, expect, it } from "vitest";
import type { UploadRefusal } from "../../errors.ts";
import { ascii, deflated, ONE_PAGE, pdf, stream } from "../test-kit.ts";
import { INSPECT_LIMITS } from "../types.ts";
import { checkPdf } from "./check-pdf.ts";

const check = (bytes: Buffer): Promise<void> => checkPdf(bytes, INSPECT_LIMITS);
const page = (entries: string): Record<number, string> => ({ ...ONE_PAGE, 3: `<< /Type /Page /Parent 2 0 R ${entries} >>` });
const catalogue = (entries: string): Record<number, string> => ({ ...ONE_PAGE, 1: `<< /Type /Catalog /Pages 2 0 R ${entries} >>` });

/** Catalogue and pages inside an object stream, named by a cross-reference stream with rows packed as differences. */
function modern(inside = ""): Buffer {
  const bodies = [ONE_PAGE[1]!, ONE_PAGE[2]!, ONE_PAGE[3]!, inside || "null"];
  const heads = bodies.map((_, index) => `${index + 1} ${bodies.slice(0, index).reduce((sum, each) => sum + each.length + 1, 0)}`).join(" ");
  const header = ascii("%PDF-1.5\n");
  const holder = Buffer.concat([ascii("5 0 obj\n"), deflated(`/Type /ObjStm /N 4 /First ${heads.length + 1}`, `${heads} ${bodies.join(" ")}`), ascii("\nendobj\n")]);
  const place = header.length + holder.length;
  const rows = [[0, 0, 0, 255], [2, 0, 5, 0], [2, 0, 5, 1], [2, 0, 5, 2], [2, 0, 5, 3], [1, header.length >> 8, header.length & 255, 0], [1, place >> 8, place & 255, 0]];
  const packed = deflateSync(Buffer.from(rows.flatMap((row, index) => [2, ...row.map((byte, column) => (byte - (rows[index - 1]?.[column] ?? 0)) & 255)])));
  const places = stream(`/Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>`, packed);
  return Buffer.concat([header, holder, ascii("6 0 obj\n"), places, ascii(`\nendobj\nstartxref\n${place}\n%%EOF`)]);
}

/** As pdfkit writes it, which writes our reports. */
async function written(pages: number, pdfVersion: string): Promise<Buffer> {
  const info = { Title: "Visit", Author: "", Subject: "", Creator: "Islet", CreationDate: new Date(0), ModDate: new Date(0) };
  const document = new PDFDocument({ size: [595, 842], margin: 0, font: null, lang: "en", displayTitle: true, autoFirstPage: false, pdfVersion, info });
  const pieces: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on("data", (piece) => pieces.push(piece)).on("end", resolve).on("error", reject);
  });
  for (let index = 0; index < pages; index += 1) document.addPage().rect(10, 10, index, 20).fill();
  document.end();
  await ended;
  return Buffer.concat(pieces);
}

describe("a PDF", () => {
  it("is taken as programs write it", async () => {
    await check(pdf(ONE_PAGE));
    await check(modern());
    await check(await written(1, "1.3"));
    await check(await written(300, "1.7ext3"));
    await check(pdf({ ...ONE_PAGE, 4: stream("/Filter [/ASCII85Decode /FlateDecode]", "Gar8O~>"), 5: stream("/Filter /LZWDecode", Buffer.from([0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01])) }));
    await check(pdf(catalogue("/OpenAction [3 0 R /Fit] /Names << /Dests 4 0 R >>")));
    await check(pdf(catalogue("/OpenAction << /S /GoTo /D [3 0 R /Fit] >>")));
    await check(pdf(page("/Resources << /Font << /AA 4 0 R >> >> /Annots [<< /Subtype /Link /A << /S /URI /URI (https://clinic.example) >> >>]")));
  });

  it("is taken in a second revision, and as an image of its size packs it", async () => {
    const first = pdf(ONE_PAGE);
    const update = `3 0 obj\n${ONE_PAGE[3]!}\nendobj\nxref\n3 1\n${String(first.length).padStart(10, "0")} 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R /Prev ${first.lastIndexOf("xref\n0 1")} >>\nstartxref\n${first.length + ONE_PAGE[3]!.length + 16}\n%%EOF\n`;
    await check(Buffer.concat([first, ascii(update)]));
    await check(pdf({ ...ONE_PAGE, 4: deflated("/Subtype /Image /Width 2480 /Height 3508 /BitsPerComponent 8 /ColorSpace /DeviceGray", Buffer.alloc(2_480 * 3_508, 255)) }));
  });

  const cases: readonly [string, Buffer, UploadRefusal][] = [
    ["a script in a name tree", pdf(catalogue("/Names << /JavaScript 4 0 R >>")), "pdf_active"],
    ["a script when it is opened", pdf(catalogue("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")), "pdf_active"],
    ["a script with an escaped name", pdf(catalogue("/OpenAction << /S /J#61vaScript /J#53 (x) >>")), "pdf_active"],
    ["a script whose kind is an object of its own", pdf({ ...catalogue("/Outlines << /A << /S 4 0 R >> >>"), 4: "/JavaScript" }), "pdf_active"],
    ["a script in an object stream", modern("<< /S /JavaScript >>"), "pdf_active"],
    ["a script under a key that stands twice", pdf(page("/A << /S /URI /S /JavaScript >>")), "pdf_active"],
    ["a script in an array in a trailer", pdf(ONE_PAGE, "/X [[<< /JS (x) >>]]"), "pdf_active"],
    ["a program that is started", pdf(page("/Annots [<< /A << /S /Launch /F (cmd.exe) >> >>]")), "pdf_active"],
    ["a file inside", pdf({ ...catalogue("/Names << /EmbeddedFiles 4 0 R >>"), 4: "<< /Names [(a) << /EF << /F 5 0 R >> >>] >>" }), "pdf_active"],
    ["a film", pdf(page("/Annots [<< /Subtype /RichMedia >>]")), "pdf_active"],
    ["an XFA form", pdf(catalogue("/AcroForm << /XFA [] >>")), "pdf_active"],
    ["an address called when it is opened", pdf(catalogue("/OpenAction << /S /URI /URI (https://evil.example) >>")), "pdf_active"],
    ["one called after a place is shown", pdf(catalogue("/OpenAction << /S /GoTo /D [] /Next << /S /URI >> >>")), "pdf_active"],
    ["one called by an event of a page", pdf(page("/AA << /O << /S /URI >> >>")), "pdf_active"],
    ["a password", pdf(ONE_PAGE, "/Encrypt 4 0 R"), "pdf_encrypted"],
    ["an object stream that unpacks a thousandfold", pdf({ ...ONE_PAGE, 4: deflated("/Type /ObjStm /N 1 /First 4", Buffer.alloc(200_000_000, 32)) }), "pdf_too_complex"],
    ["a page's contents that do", pdf({ ...ONE_PAGE, 4: deflated("", Buffer.alloc(200_000_000, 32)) }), "pdf_too_complex"],
    ["contents that are packed twice", pdf({ ...ONE_PAGE, 4: stream("/Filter [/FlateDecode /FlateDecode]", deflateSync(deflateSync(Buffer.alloc(1_000)))) }), "pdf_too_complex"],
    ["contents packed behind text", pdf({ ...ONE_PAGE, 4: stream("/Filter [/ASCIIHexDecode /FlateDecode]", deflateSync(Buffer.alloc(200_000_000)).toString("hex")) }), "pdf_too_complex"],
    ["a small image of far more bytes", pdf({ ...ONE_PAGE, 4: deflated("/Subtype /Image /Width 10 /Height 10", Buffer.alloc(200_000_000)) }), "pdf_too_complex"],
    ["an image of 4 GB", pdf({ ...ONE_PAGE, 4: deflated("/Subtype /Image /Width 65536 /Height 65536 /BitsPerComponent 8", "x") }), "image_too_large"],
    ["one whose size is another object", pdf({ ...ONE_PAGE, 4: deflated("/Subtype /Image /Width 5 0 R /Height 5 0 R", "x"), 5: "65536" }), "image_too_large"],
    ["a million pages in one list", pdf({ ...ONE_PAGE, 2: `<< /Type /Pages /Count 1000000 /Kids [${"3 0 R ".repeat(1_000_000)}] >>` }), "pdf_too_complex"],
    ["10,000 pages", pdf({ ...ONE_PAGE, 2: `<< /Type /Pages /Kids [${Array.from({ length: 10_000 }, (_, index) => `${index + 10} 0 R`).join(" ")}] >>`, ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [index + 10, "<< /Type /Page >>"])) }), "pdf_too_complex"],
    ["pages that double at each of 40 levels", pdf({ ...ONE_PAGE, 2: "<< /Type /Pages /Kids [10 0 R] >>", ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [index + 10, `<< /Type /Pages /Kids [${index + 11} 0 R ${index + 11} 0 R] >>`])), 50: "<< /Type /Page >>" }), "pdf_too_complex"],
    ["pages that lead back", pdf({ ...ONE_PAGE, 2: "<< /Type /Pages /Kids [4 0 R] >>", 4: "<< /Type /Pages /Kids [3 0 R 2 0 R] >>" }), "pdf_too_complex"],
    ["brackets 100,000 deep", pdf({ ...ONE_PAGE, 4: "[".repeat(100_000) }), "pdf_too_complex"],
    ["300,000 objects", pdf({ ...ONE_PAGE, ...Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [index + 10, "0"])) }), "pdf_too_complex"],
    ["no page", pdf({ 1: "<< /Type /Catalog >>" }), "file_damaged"],
    ["no end", pdf(ONE_PAGE).subarray(0, 300), "file_damaged"],
    ["a stream without an end", Buffer.concat([pdf(ONE_PAGE), ascii("9 0 obj << /Length 9 >> stream\nabc\n%%EOF")]), "file_damaged"],
    ["a version that is none", Buffer.concat([ascii("%PDF-9.9\n"), pdf(ONE_PAGE).subarray(9)]), "file_damaged"],
    ["something behind its end", Buffer.concat([pdf(ONE_PAGE), ascii("MZ this is a program")]), "file_ambiguous"],
  ];
  it.each(cases)("is refused with %s [DA-04]", async (_, bytes, code) => {
    await expect(check(bytes)).rejects.toMatchObject({ code });
  }, 60_000);

  it("is refused where a cross-reference leads into data, and a second document is hidden in it [DA-05]", async () => {
    const script = "7 0 obj << /S /JavaScript >> endobj";
    const inside = pdf({ ...ONE_PAGE, 4: stream("", `${script}\n`) });
    const led = ascii(inside.toString("latin1").replace(/4 1\n\d{10}/, `4 1\n${String(inside.indexOf(script)).padStart(10, "0")}`));
    await expect(check(led)).rejects.toMatchObject({ code: "file_ambiguous" });
    const lost = ascii(inside.toString("latin1").replace(/4 1\n\d{10}/, "4 1\n0000000001"));
    await expect(check(lost)).rejects.toMatchObject({ code: "file_ambiguous" });
    const inText = Buffer.concat([pdf(ONE_PAGE), ascii("("), pdf(catalogue("/OpenAction << /S /JavaScript >>"))]);
    await expect(check(inText)).rejects.toMatchObject({ code: "file_ambiguous" });
  });

  it("is taken with a damaged cross-reference, which programs mend", async () => {
    await check(ascii(pdf(ONE_PAGE).toString("latin1").replace(/0000000\d\d\d 00000 n/g, "0000000002 00000 n")));
  });
});
