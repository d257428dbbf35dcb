/** Shapes of the audit log, and of what a person sees of it. */
import { z } from "zod";
import { DEED_NAMES } from "../access-words.ts";
import { instant, uuid } from "./common.ts";

const purpose = z.enum(["care", "support", "break_glass", "own", "research", "account", "administration", "system"]);

export const patientAccess = z.object({
  who: z.object({
    id: uuid.nullable(), name: z.string().nullable().describe("Null where the account is gone, and for programs."),
    roles: z.array(z.string()).describe("Those that they had then."), isProgram: z.boolean().describe("An app with an API key."),
  }),
  organization: z.string().nullable(),
  action: z.enum(DEED_NAMES), topic: z.string().nullable(), what: z.string().describe("In the language that the reader's browser prefers."),
  purpose: purpose.nullable(), first: instant, last: instant, times: z.number().int().describe("How often within the hour."),
});
export const patientAccessList = z.object({ data: z.array(patientAccess), nextCursor: z.string().nullable() });

export const auditOutcome = z.enum(["done", "refused", "failed"]);
export const auditLine = z.object({
  id: z.string(), at: instant, action: z.string(), outcome: auditOutcome, purpose: purpose.nullable(),
  actor: z.object({ kind: z.string().nullable(), id: uuid.nullable(), name: z.string().nullable(), roles: z.array(z.string()), keyId: uuid.nullable() }),
  patientId: uuid.nullable(), objectType: z.string().nullable(), objectId: z.string().nullable(), requestId: z.string().nullable(),
  session: z.string().nullable().describe("Tells entries of one session together; no token."),
  address: z.string().nullable().describe("Keyed hash: tells addresses apart, not which."), network: z.string().nullable(), agent: z.string().nullable(),
});
export const auditLineList = z.object({ data: z.array(auditLine), nextCursor: z.string().nullable() });

export const auditChain = z.object({
  checkedSince: instant, links: z.number().int().describe("Entries that were computed anew and are as they were written."), anchors: z.number().int(),
  isWhole: z.boolean().describe("Nothing was changed, removed or put in since."), findings: z.array(z.object({ kind: z.string(), entryId: z.string().nullable(), detail: z.string() })),
});

export type PatientAccess = z.infer<typeof patientAccess>;
export type AuditLineShown = z.infer<typeof auditLine>;
