/** What a system can be told of, in the order of the form. */
import type { WebhookEndpoint } from "#web/client/operations.d.ts";

export type Kind = WebhookEndpoint["kinds"][number];
export const KINDS = ["samples", "sleep", "workout", "treatment", "connection", "appointment", "clinical", "sources", "zone"] as const satisfies readonly Kind[];
