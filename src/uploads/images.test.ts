/** Images that become larger than they look. */
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { checkImage } from "./images.ts";
import { ascii, gif, jpeg, png, webp } from "./test-kit.ts";
import { INSPECT_LIMITS } from "./types.ts";

const frameControl = ["fcTL", Buffer.alloc(26)] as const;

describe("an image", () => {
  it("is taken where it is whole and of a size", async () => {
    await checkImage(png({ width: 6_000, height: 4_000 }), "png", INSPECT_LIMITS);
    await checkImage(png({ chunks: [["iCCP", Buffer.concat([ascii("sRGB\0\0"), deflateSync(Buffer.alloc(3_000))])], ["iTXt", ascii("XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>")]] }), "png", INSPECT_LIMITS);
    await checkImage(jpeg({ width: 4_032, height: 3_024 }), "jpeg", INSPECT_LIMITS);
    await checkImage(webp({ width: 640, height: 480, frames: 3 }), "webp", INSPECT_LIMITS);
    await checkImage(gif({ frames: 20, comment: "made by hand" }), "gif", INSPECT_LIMITS);
    await checkImage(Buffer.concat([gif(), Buffer.from([0, 0, 10])]), "gif", INSPECT_LIMITS);
  });

  it.each([
    ["a PNG of 100,000 × 100,000", png({ width: 100_000, height: 100_000 }), "png"],
    ["a PNG that moves", png({ width: 4_000, height: 4_000, chunks: [frameControl, frameControl, frameControl] }), "png"],
    ["a PNG whose text unpacks to 20 MB", png({ chunks: [["zTXt", Buffer.concat([ascii("Comment\0\0"), deflateSync(Buffer.alloc(20_000_000))])]] }), "png"],
    ["a PNG whose other text does", png({ chunks: [["iTXt", Buffer.concat([ascii("Comment\0\u0001\0en\0Comment\0"), deflateSync(Buffer.alloc(20_000_000))])]] }), "png"],
    ["a JPEG of 65,000 × 65,000", jpeg({ width: 65_000, height: 65_000 }), "jpeg"],
    ["a WebP of 16,384 × 16,384", webp({ width: 16_384, height: 16_384 }), "webp"],
    ["a GIF of 65,535 × 65,535", gif({ width: 65_535, height: 65_535 }), "gif"],
    ["a GIF of 2,000 frames", gif({ frames: 2_000 }), "gif"],
    ["a WebP of 100 large frames", webp({ width: 1_000, height: 1_000, frames: 100 }), "webp"],
  ] as const)("is refused: %s [DA-04] [ASVS 5.2.6]", async (_, bytes, type) => {
    await expect(checkImage(bytes, type, INSPECT_LIMITS)).rejects.toMatchObject({ code: "image_too_large", httpStatus: 422 });
  });

  it.each([
    ["PNG", png().subarray(0, 40), "png"], ["PNG without an end", png().subarray(0, png().length - 12), "png"], ["GIF", gif().subarray(0, gif().length - 3), "gif"], ["WebP", webp({ frames: 2 }).subarray(0, 50), "webp"], ["JPEG", jpeg().subarray(0, 20), "jpeg"],
  ] as const)("that was cut off is refused: %s", async (_, bytes, type) => {
    await expect(checkImage(bytes, type, INSPECT_LIMITS)).rejects.toMatchObject({ code: "file_damaged" });
  });

  it.each([["png", png()], ["gif", gif()], ["webp", webp()]] as const)("is refused with something behind it: %s [DA-05]", async (type, bytes) => {
    await expect(checkImage(Buffer.concat([bytes, ascii("#!/bin/sh")]), type, INSPECT_LIMITS)).rejects.toMatchObject({ code: "file_ambiguous" });
  });
});
