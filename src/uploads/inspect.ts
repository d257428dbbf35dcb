/** What a file holds, followed no further than its limits. Runs in a thread of its own: `inspect-thread.ts`. */
import { refuseAmbiguous } from "./content.ts";
import { checkImage } from "./images.ts";
import { checkPdf } from "./pdf/check-pdf.ts";
import type { InspectLimits, UploadType } from "./types.ts";

/** Throws UploadRefused for what must not be kept. @param type by its content. */
export async function inspect(bytes: Uint8Array, type: UploadType, limits: InspectLimits): Promise<void> {
  refuseAmbiguous(bytes, type);
  if (type === "pdf") await checkPdf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits);
  else if (type !== "csv") await checkImage(bytes, type, limits);
}
