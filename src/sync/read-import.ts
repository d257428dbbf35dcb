/** A stored import file → records, by the settings that were chosen when it came. Pure. */
import type { VendorRecord } from "#driver/records.ts";
import { readGlucoseFile, recordsOf } from "#imports/read-file.ts";
import type { ImportResult } from "#imports/types.ts";
import type { GlucoseUnit } from "#units/glucose.ts";

/** How to read a file; kept as the delivery's resource, so that a replay reads it alike. */
export interface ImportSettings {
  readonly zone: string;
  readonly unit: GlucoseUnit | null;
}

export function importResource(settings: ImportSettings): string {
  return `glucose-file;${settings.zone};${settings.unit ?? ""}`;
}

/** Throws InvalidInput for an unusable file, and for one that holds several people. */
export function readImport(delivery: { readonly resource: string | null; readonly body: Buffer }): { records: readonly VendorRecord[]; file: ImportResult } {
  const [, zone = "UTC", unit = ""] = (delivery.resource ?? "").split(";");
  const file = readGlucoseFile(delivery.body, { zone, ...(unit ? { unit: unit as GlucoseUnit } : {}) });
  return { records: recordsOf(file), file };
}
