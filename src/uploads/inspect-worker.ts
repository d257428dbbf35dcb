/** The thread in which a file is inspected: one file, and it ends. */
import { parentPort, workerData } from "node:worker_threads";
import { UploadRefused } from "../errors.ts";
import { inspect } from "./inspect.ts";
import type { InspectAnswer, InspectOrder } from "./inspect-thread.ts";

const { bytes, type, limits } = workerData as InspectOrder;
let answer: InspectAnswer;
try {
  await inspect(bytes, type, limits);
  answer = { outcome: "taken" };
} catch (error) {
  answer = error instanceof UploadRefused ? { outcome: "refused", code: error.code, message: error.message } : { outcome: "failed" };
}
// The other side is the thread that began this one, and no window with an origin.
// oxlint-disable-next-line require-post-message-target-origin
parentPort!.postMessage(answer);
