/** Names that strangers give to files. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UploadRefused } from "../errors.ts";
import { safeName } from "./safe-name.ts";
import { UPLOAD_TYPE_NAMES } from "./types.ts";

describe("a file's name", () => {
  it.each([
    ["report.pdf", "report.pdf"], ["Informe médico (2).PDF", "Informe médico (2).pdf"], ["../../etc/passwd", "passwd.pdf"], ["..\\..\\boot.pdf", "boot.pdf"], ["C:\\Users\\nora\\labs.pdf", "labs.pdf"],
    ["a\0b.pdf", "ab.pdf"], ["line\r\nbreak\u0085.pdf", "linebreak.pdf"], ["invoice\u202Efdp.pdf", "invoicefdp.pdf"], ["\u2066x\u2069\u200F.pdf", "x.pdf"], ["\uFEFFmark.pdf", "mark.pdf"],
    ["CON.pdf", "_CON.pdf"], ["nul", "_nul.pdf"], ["com1.x.pdf", "_com1.x.pdf"], ["LPT\u00b9.pdf", "_LPT\u00b9.pdf"], ["console.pdf", "console.pdf"], ["", "file.pdf"], [null, "file.pdf"],
    ["...", "file.pdf"], [" . hidden. .pdf", "hidden.pdf"], [".pdf", "file.pdf"], ['a"b<c>d|e?f*g:h.pdf', "a_b_c_d_e_f_g_h.pdf"], ["Dr. Lopez", "Dr. Lopez.pdf"], ["visit 12.03.2026", "visit 12.03.2026.pdf"], ["\ud800x.pdf", "\ufffdx.pdf"],
  ])("%j becomes %j [DA-05]", (given, expected) => {
    expect(safeName(given, "pdf")).toBe(expected);
  });

  it("is cut at whole characters where it is too long for file systems [DA-05]", () => {
    expect(safeName(`${"a".repeat(300)}.pdf`, "pdf")).toBe(`${"a".repeat(196)}.pdf`);
    const families = safeName(`${"👩‍👩‍👧‍👦".repeat(300)}.png`, "png");
    expect(Buffer.byteLength(families)).toBeLessThanOrEqual(200);
    expect(families.replace(".png", "").split("👩‍👩‍👧‍👦").every((rest) => rest === "")).toBe(true);
  });

  it.each(["invoice.exe", "page.html", "photo.png", "macro.docx", "x.svg", "run.sh", "a.pdf.js"])("%s is refused for a PDF [DA-05]", (name) => {
    expect(() => safeName(name, "pdf")).toThrow(UploadRefused);
  });

  it("is always one that can stand in a header and a folder, and stays as it is when it is cleaned again", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.constantFrom(...UPLOAD_TYPE_NAMES), (name, type) => {
      let cleaned: string;
      try {
        cleaned = safeName(name, type);
      } catch (error) {
        return error instanceof UploadRefused && error.code === "file_extension";
      }
      // oxlint-disable-next-line no-control-regex
      return !/[\u0000-\u001f\u007f-\u009f/\\<>:"|?*\u202a-\u202e\u2066-\u2069]/.test(cleaned) && Buffer.byteLength(cleaned) <= 200 && !/^[.\s]|[.\s]$/.test(cleaned) && safeName(cleaned, type) === cleaned;
    }), { seed: 7, numRuns: 2_000 });
  });
});
