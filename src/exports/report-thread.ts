/** Reports are drawn in a thread of their own: half a second of work that nobody else's request should wait for. */
import { Worker } from "node:worker_threads";
import type { ReportData } from "./report-types.ts";
import type { ReportOptions } from "./report.ts";

/** What the thread answers. */
export type ThreadAnswer = { readonly bytes: Uint8Array } | { readonly error: string };

/** Ends of reports that are being drawn; the next one begins after them. One at a time leaves a core for everybody else. */
let last: Promise<unknown> = Promise.resolve();

/** The PDF of `renderReport`, drawn in a thread, one after the other. Throws Error where the thread fails; `signal` ends it. */
export function renderInThread(data: ReportData, options: ReportOptions, signal: AbortSignal): Promise<Uint8Array> {
  const drawn = last.then(() => draw(data, options, signal));
  // The next one begins also where this one fails; who asked for it is told.
  last = drawn.catch(() => undefined);
  return drawn;
}

async function draw(data: ReportData, options: ReportOptions, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const worker = new Worker(new URL("./report-worker.ts", import.meta.url), { workerData: { data, options } });
  const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("The report is not wanted any more."));
  signal.addEventListener("abort", end, { once: true });
  worker.once("message", (answer: ThreadAnswer) => ("bytes" in answer ? resolve(answer.bytes) : reject(new Error(answer.error))));
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`The thread that draws reports ended with code ${code}.`)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", end);
    await worker.terminate();
  }
}
