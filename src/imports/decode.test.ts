import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { decodeText, MAX_FILE_BYTES } from "./decode.ts";

const text = "id,time,gl\nJürgen,2026-01-01T00:00:00,100\n";
const utf8 = (content: string): Uint8Array => new TextEncoder().encode(content);
const bytes = (...parts: (number[] | Uint8Array)[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const utf16 = (content: string, isLittle: boolean): Uint8Array => {
  const result = new Uint8Array(content.length * 2);
  const view = new DataView(result.buffer);
  for (let i = 0; i < content.length; i++) view.setUint16(i * 2, content.charCodeAt(i), isLittle);
  return result;
};

describe("decoding a file", () => {
  it.each([
    ["UTF-8", utf8(text), "utf-8"],
    ["UTF-8 with a byte-order mark", bytes([0xef, 0xbb, 0xbf], utf8(text)), "utf-8"],
    ["UTF-8 with two marks", bytes([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], utf8(text)), "utf-8"],
    ["UTF-8 with a doubly encoded mark", utf8(`ï»¿${text}`), "utf-8"],
    ["UTF-8 with a mark and a doubly encoded one", bytes([0xef, 0xbb, 0xbf], utf8(`ï»¿${text}`)), "utf-8"],
    ["UTF-16 little endian with a mark", bytes([0xff, 0xfe], utf16(text, true)), "utf-16le"],
    ["UTF-16 big endian with a mark", bytes([0xfe, 0xff], utf16(text, false)), "utf-16be"],
    ["UTF-16 little endian without a mark", utf16(text, true), "utf-16le"],
    ["UTF-16 big endian without a mark", utf16(text, false), "utf-16be"],
    ["Latin-1", Uint8Array.from(text, (character) => character.charCodeAt(0)), "windows-1252"],
  ] as const)("reads %s", (_, content, encoding) => {
    expect(decodeText(content)).toEqual({ text, encoding });
  });

  it.each([
    ["a spreadsheet", bytes([0x50, 0x4b, 0x03, 0x04], utf8("xl/workbook.xml")), "file_not_text"],
    ["a packed file", bytes([0x1f, 0x8b], utf8("…")), "file_not_text"],
    ["binary data", bytes(utf8("abc"), [0, 0, 7, 1, 0, 0, 0], utf8("def")), "file_not_text"],
    ["an empty file", new Uint8Array(), "file_empty"],
    ["nothing but a mark and spaces", bytes([0xef, 0xbb, 0xbf], utf8(" \n\n")), "file_empty"],
  ] as const)("refuses %s in a sentence", (_, content, code) => {
    const refused = (): unknown => decodeText(content);
    expect(refused).toThrow(InvalidInput);
    expect(refused).toThrow(expect.objectContaining({ code, message: expect.stringMatching(/^The file is .*\.$/) as string }));
  });

  it("refuses more than 200 MB with 413", () => {
    const large = { length: MAX_FILE_BYTES + 1 } as Uint8Array;
    expect(() => decodeText(large)).toThrow(expect.objectContaining({ httpStatus: 413 }));
  });
});
