/** How large an image becomes when it is opened, by what its headers say; no pixel is unpacked. ASVS 5.2.6. */
import { imageSize } from "image-size";
import { UploadRefused } from "../errors.ts";
import { countInflated } from "./inflated.ts";
import type { InspectLimits, UploadType } from "./types.ts";

export type ImageType = Extract<UploadType, "png" | "jpeg" | "webp" | "gif">;

/** Unpacked text and colour profiles of a PNG; no camera writes a megabyte. */
const MOST_TEXT_BYTES = 8 * 1024 * 1024;

/** Throws UploadRefused where there is no end to the image, where something lies behind it, and where it is too large to open. */
export async function checkImage(bytes: Uint8Array, type: ImageType, limits: InspectLimits): Promise<void> {
  const { width, height } = sizeOf(bytes);
  const frames = type === "jpeg" ? 1 : await FRAMES[type](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (frames > limits.mostFrames || width * height * Math.max(1, frames) > limits.mostPixels) {
    throw new UploadRefused("image_too_large", `The image is larger than ${limits.mostPixels / 1_000_000} megapixels, all its frames together: make it smaller and send that.`);
  }
}

/** Pixels by the header. Throws UploadRefused where it does not say. */
export function sizeOf(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  let size: { width: number; height: number };
  try {
    size = imageSize(bytes);
  } catch (error) {
    throw new UploadRefused("file_damaged", DAMAGED, { cause: error });
  }
  if (!(size.width > 0 && size.height > 0)) throw damaged();
  return size;
}

const DAMAGED = "The image is damaged: open it, save it anew and send that.";

function damaged(): UploadRefused {
  return new UploadRefused("file_damaged", DAMAGED);
}

function refuseBehind(buffer: Buffer, end: number): void {
  // Some programs end a file with a zero or a line.
  if (buffer.subarray(end).some((byte) => byte !== 0 && byte !== 10 && byte !== 13)) {
    throw new UploadRefused("file_ambiguous", "Something else lies behind the image: open it, save it anew and send that.");
  }
}

const FRAMES: Readonly<Record<Exclude<ImageType, "jpeg">, (buffer: Buffer) => Promise<number>>> = { png: framesOfPng, gif: async (buffer) => framesOfGif(buffer), webp: async (buffer) => framesOfWebp(buffer) };

/** Source: PNG Third Edition §5 (chunks), §11.3.2.3 and §11.3.3 (packed profile and text), §11.3.6 (acTL, fcTL). */
async function framesOfPng(buffer: Buffer): Promise<number> {
  let [frames, textBytes] = [0, 0];
  for (let at = 8; at + 12 <= buffer.length; ) {
    const length = buffer.readUInt32BE(at);
    const name = buffer.toString("latin1", at + 4, at + 8);
    const end = at + 12 + length;
    if (end > buffer.length) throw damaged();
    if (name === "fcTL") frames += 1;
    if (name === "iCCP" || name === "zTXt" || name === "iTXt") textBytes += await countInflated(packedText(name, buffer.subarray(at + 8, at + 8 + length)), MOST_TEXT_BYTES);
    if (textBytes > MOST_TEXT_BYTES) throw new UploadRefused("image_too_large", "The text inside the image unpacks to more than any program writes: save it anew and send that.");
    if (name === "IEND") {
      refuseBehind(buffer, end);
      return frames;
    }
    at = end;
  }
  throw damaged();
}

/** Behind a keyword and its zero: a method, and in iTXt whether it is packed, the method and two texts. */
function packedText(name: "iCCP" | "zTXt" | "iTXt", data: Buffer): Uint8Array {
  const behindKeyword = data.indexOf(0) + 1;
  if (behindKeyword === 0) return data.subarray(0, 0);
  if (name !== "iTXt") return data.subarray(behindKeyword + 1);
  if (data[behindKeyword] !== 1) return data.subarray(0, 0);
  const behindLanguage = data.indexOf(0, behindKeyword + 2) + 1;
  const behindTranslation = behindLanguage === 0 ? 0 : data.indexOf(0, behindLanguage) + 1;
  return behindTranslation === 0 ? data.subarray(0, 0) : data.subarray(behindTranslation);
}

/** Source: GIF89a §15–27. */
function framesOfGif(buffer: Buffer): number {
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1));
  const byteAt = (at: number): number => {
    const byte = buffer[at];
    if (byte === undefined) throw damaged();
    return byte;
  };
  const behindBlocks = (from: number): number => {
    let at = from;
    for (let length = byteAt(at); length > 0; length = byteAt(at)) at += 1 + length;
    return at + 1;
  };
  let frames = 0;
  for (let at = 13 + tableBytes(byteAt(10)); ; ) {
    const kind = byteAt(at);
    if (kind === 0x21) at = behindBlocks(at + 2);
    else if (kind === 0x2c) {
      frames += 1;
      at = behindBlocks(at + 10 + tableBytes(byteAt(at + 9)) + 1);
    } else if (kind === 0x3b) {
      refuseBehind(buffer, at + 1);
      return frames;
    } else throw damaged();
  }
}

/** Source: RFC 9649 §2.3–2.7. */
function framesOfWebp(buffer: Buffer): number {
  const end = 8 + buffer.readUInt32LE(4);
  if (end > buffer.length) throw damaged();
  refuseBehind(buffer, end + (end % 2));
  let frames = 0;
  for (let at = 12; at + 8 <= end; ) {
    if (buffer.toString("latin1", at, at + 4) === "ANMF") frames += 1;
    const length = buffer.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
    if (at > end + 1) throw damaged();
  }
  return frames;
}
