/** Packages of everything, erasures, legal holds, retention. */
import { z } from "zod";
import { instant, uuid } from "./common.ts";

export const dataExport = z.object({
  id: uuid, state: z.enum(["waiting", "running", "ready", "failed", "gone"]).describe("`gone`: fetched long ago, given up, or over its 24 hours."),
  progress: z.number().min(0).max(1), error: z.string().nullable(), askedAt: instant, readyAt: instant.nullable(), expiresAt: instant.nullable(),
  bytes: z.number().int().nullable(), sha256: z.string().nullable().describe("Of the ZIP."), files: z.number().int().nullable(), rows: z.number().int().nullable(),
});
export const dataExportList = z.object({ data: z.array(dataExport) });
export const dataExportWish = z.object({ locale: z.enum(["en", "es"]).optional().describe("Language of the report in it; the README is in both.") });

export const erasure = z.object({
  id: uuid, state: z.enum(["waiting", "running", "done", "undone"]), reason: z.string(), askedAt: instant, beginsAt: instant.describe("Until then it can be undone."),
  undoneAt: instant.nullable(), isOnHold: z.boolean().describe("A legal hold stands against it: it begins when that is lifted."),
});
export const erasureList = z.object({ data: z.array(erasure) });
export const erasureWish = z.object({ confirm: z.string().max(400).describe("Your display name as it is shown to you, or the word ERASE (BORRAR).") });

export const holdReason = z.enum(["litigation", "authority", "incident", "safety"]);
export const legalHold = z.object({ id: uuid, patientId: uuid, reason: holdReason, placedAt: instant, placedBy: uuid.nullable(), liftedAt: instant.nullable() });
export const legalHoldList = z.object({ data: z.array(legalHold) });
export const legalHoldWish = z.object({ patientId: uuid, reason: holdReason });

export const retention = z.object({
  keepMeasurementsYears: z.number().int().nullable().describe("After how many years measurements are deleted; null: never."),
  classes: z.array(z.object({ name: z.string(), what: z.string(), keeps: z.string() })),
});
export const retentionPatch = z.object({ keepMeasurementsYears: z.number().int().min(1).max(150).nullable() });
