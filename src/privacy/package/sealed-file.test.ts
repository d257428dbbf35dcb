import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { VaultRefused } from "../../errors.ts";
import { openStream, sealStream } from "./sealed-file.ts";

const seal = { key: Buffer.alloc(32, 7), id: "one" };
const prefix = Buffer.alloc(7, 3);
const PIECE = 64 * 1024 + 16;
const HEAD = 13;

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const all = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const sealed = (bytes: Buffer, size = 10_000): Promise<Buffer> => all(sealStream(chunked(bytes, size), seal, prefix));
const opened = (bytes: Buffer, size = 9_999, with_ = seal): Promise<Buffer> => all(openStream(chunked(bytes, size), with_));

describe("a sealed file", () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 300_001])("opens as it was, of %i bytes, whatever the chunks", async (length) => {
    const plain = randomBytes(length);
    for (const size of [7_001, 65_536, 400_000]) {
      const file = await sealed(plain, size);
      expect(file.equals(await sealed(plain))).toBe(true);
      expect((await opened(file, size)).equals(plain)).toBe(true);
    }
  });

  it("shows nothing of what is in it", async () => {
    expect((await sealed(Buffer.from("glucose 123".repeat(50)))).includes("glucose")).toBe(false);
  });

  it("is refused when a bit was changed, a piece swapped, left out, repeated or cut off, and under another key or name [PR-06]", async () => {
    const file = await sealed(randomBytes(200_000));
    const piece = (n: number): Buffer => file.subarray(HEAD + n * PIECE, HEAD + (n + 1) * PIECE);
    const head = file.subarray(0, HEAD);
    const flipped = Buffer.from(file);
    flipped[HEAD + 70_000]! ^= 1;
    const broken: Record<string, Buffer> = {
      flipped, swapped: Buffer.concat([head, piece(1), piece(0), piece(2), piece(3)]), "left out": Buffer.concat([head, piece(0), piece(2), piece(3)]),
      repeated: Buffer.concat([head, piece(0), piece(0), piece(1), piece(2), piece(3)]), "cut at a piece": Buffer.concat([head, piece(0), piece(1)]),
      "cut in a piece": file.subarray(0, 100_000), "cut in the head": file.subarray(0, 5), "of another kind": Buffer.concat([Buffer.from("PK3456"), file.subarray(6)]),
    };
    for (const [name, bytes] of Object.entries(broken)) await expect(opened(bytes), name).rejects.toThrow(VaultRefused);
    await expect(opened(file, 9_999, { ...seal, id: "two" })).rejects.toThrow(VaultRefused);
    await expect(opened(file, 9_999, { ...seal, key: Buffer.alloc(32, 8) })).rejects.toThrow(VaultRefused);
  });
});
