/** Deflated bytes → bytes, a bounded piece at a time. */
import { createInflateRaw } from "node:zlib";
import type { ByteReader } from "./bytes.ts";
import { Damaged } from "./limits.ts";

/** Of packed data: they become 16 MiB at most before anybody looks. */
const INPUT_BYTES = 16 * 1024;
const OUTPUT_BYTES = 64 * 1024;

/** Counted while unpacking; the header of an archive may say anything. */
export interface Unpacked {
  packedBytes: number;
  unpackedBytes: number;
}

/**
 * Inflates what the reader gives, to the end of the deflated data, and puts back what lies behind it. `packedLength` null: it is found by the data
 * alone. Throws Damaged.
 */
export async function* inflate(reader: ByteReader, packedLength: number | null, counts: Unpacked): AsyncGenerator<Uint8Array> {
  const engine = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  const state: { output: Uint8Array[]; isEnded: boolean; failure: Error | null; wake: () => void } = { output: [], isEnded: false, failure: null, wake: () => {} };
  engine.on("data", (bytes: Uint8Array) => state.output.push(bytes));
  engine.on("end", () => {
    state.isEnded = true;
    state.wake();
  });
  engine.on("error", (error) => {
    state.failure = error;
    state.wake();
  });
  const run = (act: (done: () => void) => void): Promise<void> => new Promise((resolve) => {
    state.wake = resolve;
    act(resolve);
  });
  let fedBytes = 0;
  try {
    while (!state.isEnded) {
      const left = packedLength === null ? Number.POSITIVE_INFINITY : packedLength - fedBytes;
      const piece = left > 0 ? await reader.next(Math.min(left, INPUT_BYTES)) : null;
      if (piece) {
        fedBytes += piece.length;
        // Behind the end of the data the engine never calls back: it ends.
        await run((done) => engine.write(piece, done));
      } else if (left > 0) throw new Damaged("The archive ends in the middle of a file.");
      // It says whether the data was at its end.
      else await run(() => engine.end());
      if (state.failure) throw new Damaged("The packed data is damaged.", { cause: state.failure });
      const unused = fedBytes - engine.bytesWritten;
      if (state.isEnded && piece && unused > 0) reader.unread(piece.subarray(piece.length - unused));
      counts.packedBytes = fedBytes - (state.isEnded ? unused : 0);
      const ready = state.output;
      state.output = [];
      for (const bytes of ready) counts.unpackedBytes += bytes.length;
      yield* ready;
    }
    if (packedLength !== null && counts.packedBytes < packedLength) throw new Damaged("The packed data ends before its stated length.");
  } finally {
    engine.destroy();
  }
}
