/** Shapes of how vendors stand, for admins. */
import { z } from "zod";
import { instant } from "./common.ts";

export const vendorStanding = z.object({
  id: z.string(), displayName: z.string(), isConfigured: z.boolean(), isSimulated: z.boolean(),
  missingSettings: z.array(z.string()).describe("Names of settings that the operator has still to set; never values."), documentation: z.string().describe("The page that says how, in Islet's documents."),
  delivery: z.enum(["poll", "webhook-ping", "webhook-push", "device-push", "typed"]), endedOn: z.string().nullable().describe("From then on the vendor serves it no more."),
  health: z.enum(["good", "failing", "resting", "held", "unknown"]).describe("`resting`: it failed for everybody and is left alone; `held`: it wants no call before a time; `unknown`: not called within the hour."),
  quietUntil: instant.nullable(), lastCalls: z.object({ made: z.number().int(), failed: z.number().int(), at: instant }).nullable().describe("How the last calls ended, twenty at most."),
  limits: z.array(z.object({
    requests: z.number().int(), perSeconds: z.number().int(), scope: z.enum(["app", "connection"]), source: z.string().describe("Where the vendor says so."),
    left: z.number().int().describe("Of the present window; of a limit by connection, those of whoever has fewest."), endsAt: instant.nullable(),
  })),
  connections: z.record(z.string(), z.number().int()).describe("Of this organization, by status."), lastSyncAt: instant.nullable(),
  subscription: z.object({ kind: z.enum(["none", "by_hand", "of_app", "of_connections"]), isMade: z.boolean().nullable(), since: instant.nullable() }),
});
export const vendorStandingList = z.object({ data: z.array(vendorStanding) });
