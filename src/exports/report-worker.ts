/** The thread in which a report is drawn: one report, and it ends. */
import { parentPort, workerData } from "node:worker_threads";
import type { ReportData } from "./report-types.ts";
import type { ThreadAnswer } from "./report-thread.ts";
import { renderReport, type ReportOptions } from "./report.ts";

const { data, options } = workerData as { readonly data: ReportData; readonly options: ReportOptions };
let answer: ThreadAnswer;
try {
  answer = { bytes: await renderReport(data, options) };
} catch (error) {
  answer = { error: error instanceof Error ? error.message : "unknown failure" };
}
// The other side is the thread that began this one, and no window with an origin.
// oxlint-disable-next-line require-post-message-target-origin
parentPort!.postMessage(answer);
