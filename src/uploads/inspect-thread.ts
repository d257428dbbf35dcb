/**
 * A stranger's file is inspected in a thread that has so much memory and so much time, and is ended when it takes more: whatever is in the file, nobody
 * else waits for it. ASVS 5.2.1; faults DA-04.
 */
import { Worker } from "node:worker_threads";
import { Unavailable, UploadRefused, type UploadRefusal } from "../errors.ts";
import { INSPECT_LIMITS, type InspectLimits, type UploadType } from "./types.ts";

export interface InspectOrder {
  readonly bytes: Uint8Array;
  readonly type: UploadType;
  readonly limits: InspectLimits;
}

export type InspectAnswer = { readonly outcome: "taken" } | { readonly outcome: "refused"; readonly code: UploadRefusal; readonly message: string } | { readonly outcome: "failed" };

/** What a thread may take. */
export interface ThreadLimits {
  /** Of the thread's heap, and of its buffers beside the file itself. */
  readonly memoryMegabytes: number;
  readonly timeMs: number;
  /** Threads at once, and files that may wait for one. */
  readonly atOnce: number;
  readonly waiting: number;
}

export const THREAD_LIMITS: ThreadLimits = { memoryMegabytes: 256, timeMs: 20_000, atOnce: 2, waiting: 20 };

const MEGABYTE = 1024 * 1024;
/** V8 holds its own heap; buffers lie beside it, and are looked at this often. */
const LOOK_EVERY_MS = 100;
/** Of the heap: what is fresh. */
const YOUNG_MEGABYTES = 32;

export type Inspect = (bytes: Uint8Array, type: UploadType) => Promise<void>;

/** Inspects files in threads. What it gives throws UploadRefused for what must not be kept, Unavailable where too many wait. */
export function createInspect(thread: ThreadLimits = THREAD_LIMITS, limits: InspectLimits = INSPECT_LIMITS): Inspect {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (bytes, type) => {
    if (running >= thread.atOnce) {
      if (waiting.length >= thread.waiting) throw new Unavailable("Too many files are being checked: try again shortly.", { retryAfterSeconds: 10 });
      // Whoever ends hands its place on.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      await inspectInThread({ bytes, type, limits }, thread);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

async function inspectInThread(order: InspectOrder, { memoryMegabytes, timeMs }: ThreadLimits): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<InspectAnswer>();
  const worker = new Worker(new URL("./inspect-worker.ts", import.meta.url), {
    workerData: order, env: {}, resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes - YOUNG_MEGABYTES, maxYoungGenerationSizeMb: YOUNG_MEGABYTES, stackSizeMb: 4 },
  });
  const stop = (cause?: unknown): void => reject(new UploadRefused("file_check_stopped", "The file took too much memory or time to check: print or save it to a new file and send that.", { cause }));
  worker.once("message", resolve);
  // Of a thread that nothing but the file runs in, memory is all that can fail.
  worker.once("error", stop);
  worker.once("exit", () => stop());
  const timer = setTimeout(stop, timeMs);
  const looks = setInterval(() => void holdMemory(worker, order.bytes.length + memoryMegabytes * MEGABYTE, stop), LOOK_EVERY_MS);
  try {
    const answer = await promise;
    if (answer.outcome === "refused") throw new UploadRefused(answer.code, answer.message);
    if (answer.outcome === "failed") throw new UploadRefused("file_check_stopped", "The file cannot be checked: print or save it to a new file and send that.");
  } finally {
    clearTimeout(timer);
    clearInterval(looks);
    await worker.terminate();
  }
}

async function holdMemory(worker: Worker, mostBytes: number, stop: () => void): Promise<void> {
  try {
    const { total_heap_size: heap, external_memory: buffers } = await worker.getHeapStatistics();
    if (heap + buffers > mostBytes) stop();
  } catch {
    // It has ended: its answer, or its end, tells more.
  }
}
