/** Files for the history: how large one is in words, and its bytes as the API takes them. */
import type { Formatter } from "#web/language/format.ts";

/** The server takes no more (src/api/clinical-documents.ts). */
export const MOST_BYTES = 8 * 1024 * 1024;
export const ACCEPTED = "application/pdf,image/jpeg,image/png";

export function sizeText(bytes: number, f: Pick<Formatter, "number">): string {
  return bytes >= 1024 * 1024 ? `${f.number(bytes / 1024 / 1024, 1)} MB` : `${f.number(Math.max(1, bytes / 1024))} kB`;
}

/** @throws DOMException where the file cannot be read. */
export async function base64Of(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result as string));
    reader.addEventListener("error", () => reject(reader.error ?? new DOMException("The file cannot be read.", "NotReadableError")));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
