/** Shapes of what the organization's own systems are told (docs/outgoing-webhooks.md). */
import { z } from "zod";
import { EVENT_KINDS } from "#live/webhooks-out/message.ts";
import { instant, plainText, uuid } from "./common.ts";

const kinds = z.array(z.enum(EVENT_KINDS)).min(1).max(EVENT_KINDS.length).describe("What to be told of; a message's type is the kind and `.changed`.");
const url = z.string().min(1).max(2_000).describe("https, to a public address; whole, with path and query.");
const description = plainText.trim().max(200);

export const webhookEndpoint = z.object({
  id: uuid, url: z.string(), description: z.string(), kinds: z.array(z.enum(EVENT_KINDS)),
  state: z.enum(["active", "paused", "disabled"]).describe("`disabled`: it said that it is gone, or has failed for three days; nothing is kept for it."),
  disabledReason: z.enum(["gone", "failing"]).nullable(), failures: z.number().int().describe("In a row."), failingSince: instant.nullable(), createdAt: instant,
  oldSecretUntil: instant.nullable().describe("Until then messages are signed with the secret before the present one, too."),
});
export const webhookEndpointList = z.object({ data: z.array(webhookEndpoint) });
export const webhookEndpointRequest = z.strictObject({ url, description: description.default(""), kinds });
export const webhookEndpointPatch = z.strictObject({
  url, description, kinds, state: z.enum(["active", "paused"]).describe("`active` also brings back one that was disabled; what waits for a paused one is kept."),
}).partial();
const secret = z.string().describe("Shown this once: `whsec_` and 32 bytes in base64, as Standard Webhooks has it.");
export const webhookEndpointMade = webhookEndpoint.extend({ secret });
export const webhookSecretMade = z.object({ secret, oldSecretUntil: instant });

export const webhookDeliveryState = z.enum(["pending", "delivered", "dead", "withheld"]).describe("`dead`: given up; `withheld`: the person does not share any more.");
export const webhookDelivery = z.object({
  id: z.string(), eventId: uuid.describe("`webhook-id` of the message, the same for every attempt."), type: z.string(), patientId: uuid.nullable().describe("Null: a trial."), state: webhookDeliveryState,
  attempts: z.number().int(), lastStatus: z.number().int().nullable(), lastError: z.string().nullable(), createdAt: instant, nextAttemptAt: instant.nullable(), endedAt: instant.nullable(),
});
export const webhookDeliveryList = z.object({ data: z.array(webhookDelivery), nextCursor: z.string().nullable() });
export const webhookDeliveryShown = webhookDelivery.extend({
  tries: z.array(z.object({ at: instant, ms: z.number().int(), status: z.number().int().nullable(), error: z.string().nullable() })),
  body: z.string().describe("What the message says: ids, kind, times and a count, never a value."),
});
export const webhookReplayRequest = z.strictObject({
  from: z.string().max(40).describe("Events made at or after this instant."), to: z.string().max(40).optional().describe("Made before; now where it is not said."),
  states: z.array(z.enum(["delivered", "dead"])).min(1).max(2).default(["dead"]),
});
export const webhookReplay = z.object({ replayed: z.number().int(), isAll: z.boolean().describe("False where there are more than are ordered at once: ask again.") });
