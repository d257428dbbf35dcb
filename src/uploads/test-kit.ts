/** Small files for tests, and what is hostile about them, made here from their formats. */
import { crc32, deflateSync } from "node:zlib";

export function ascii(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A stream's dictionary and data; `entries` without the brackets. */
export function stream(entries: string, data: Buffer | string): Buffer {
  const bytes = typeof data === "string" ? ascii(data) : data;
  return Buffer.concat([ascii(`<< ${entries} /Length ${bytes.length} >>\nstream\n`), bytes, ascii("\nendstream")]);
}

export function deflated(entries: string, data: Buffer | string): Buffer {
  return stream(`${entries} /Filter /FlateDecode`, deflateSync(typeof data === "string" ? ascii(data) : data));
}

/** The three objects of a document of one empty page. */
export const ONE_PAGE: Readonly<Record<number, string>> = {
  1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", 3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
};

/** A PDF of these objects, by number, with a sound cross-reference table. `trailer` is added to it. */
export function pdf(objects: Readonly<Record<number, string | Buffer>>, trailer = ""): Buffer {
  const parts: Buffer[] = [ascii("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n")];
  let length = parts[0]!.length;
  const offsets: [number, number][] = [];
  for (const [number, body] of Object.entries(objects)) {
    const part = Buffer.concat([ascii(`${number} 0 obj\n`), typeof body === "string" ? ascii(body) : body, ascii("\nendobj\n")]);
    offsets.push([Number(number), length]);
    length += part.length;
    parts.push(part);
  }
  const rows = offsets.map(([number, offset]) => `${number} 1\n${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.concat([...parts, ascii(`xref\n0 1\n0000000000 65535 f \n${rows}trailer\n<< /Size ${offsets.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${length}\n%%EOF\n`)]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([ascii(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A grey PNG; its pixels are there only where it is small. `chunks` stand before them. */
export function png({ width = 2, height = 2, chunks = [] }: { width?: number; height?: number; chunks?: readonly (readonly [string, Buffer])[] } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc(Math.min((width + 1) * height, 1_000)));
  return Buffer.concat([ascii("\u0089PNG\r\n\u001a\n"), chunk("IHDR", header), ...chunks.map(([name, data]) => chunk(name, data)), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** A GIF of so many frames of one pixel, with a comment. */
export function gif({ width = 1, height = 1, frames = 1, comment = "" }: { width?: number; height?: number; frames?: number; comment?: string } = {}): Buffer {
  const screen = Buffer.alloc(7);
  screen.writeUInt16LE(width, 0);
  screen.writeUInt16LE(height, 2);
  screen[4] = 0x80;
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  const note = comment ? [Buffer.from([0x21, 0xfe, comment.length]), ascii(comment), Buffer.from([0])] : [];
  return Buffer.concat([ascii("GIF89a"), screen, Buffer.alloc(6), ...note, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** A JPEG's headers: what tells its size, and no picture. */
export function jpeg({ width = 4, height = 4 }: { width?: number; height?: number } = {}): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), ascii("JFIF\0\u0001\u0001\0\0\u0001\0\u0001\0\0"), frame, Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0xff, 0xd9]),
  ]);
}

/** A WebP without loss: its headers, and padding in place of a picture. */
export function webp({ width = 4, height = 4, frames = 0 }: { width?: number; height?: number; frames?: number } = {}): Buffer {
  const part = (name: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    return Buffer.concat([ascii(name), length, data, Buffer.alloc(data.length % 2)]);
  };
  const extended = Buffer.alloc(10);
  extended[0] = frames > 0 ? 2 : 0;
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([ascii("WEBP"), part("VP8X", extended), ...Array.from({ length: frames }, () => part("ANMF", Buffer.alloc(16)))]);
  return Buffer.concat([part("RIFF", body)]);
}

/** An archive of one stored file. */
export function zip(name = "a.txt", text = "hello"): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt32LE(text.length, 18);
  local.writeUInt32LE(text.length, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + text.length, 16);
  return Buffer.concat([local, ascii(name + text), central, ascii(name), end]);
}
