/** Trouble that a test or a person can switch on, one at a time for each cloud. */

import { z } from "zod";
import type { Answer, Door } from "./exchange.ts";
import type { SimVendor } from "./options.ts";

const times = z.number().int().positive().optional();
/** Which doors are hit; "data" unless said. Consent pages never fail. */
const at = z.enum(["data", "token", "any"]).optional();

export const faultSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("slow"), ms: z.number().int().min(0).max(120_000), times, at }),
  z.object({ kind: z.literal("rate_limited"), retryAfterSeconds: z.number().int().min(0).optional(), times, at }),
  z.object({ kind: z.literal("server_error"), status: z.number().int().min(500).max(599), times, at }),
  z.object({ kind: z.literal("malformed"), times, at }),
  z.object({ kind: z.literal("truncated"), times, at }),
  z.object({ kind: z.literal("invalid_grant"), times }),
  z.object({ kind: z.literal("token_revoked"), person: z.string() }),
  z.object({ kind: z.literal("token_expired") }),
]);

/**
 * `times` ends the fault after so many calls; without it the fault stays until cleared. `token_revoked` and `token_expired`
 * happen at once and leave nothing switched on.
 */
export type SimFault = z.infer<typeof faultSchema>;
export type LastingFault = Exclude<SimFault, { kind: "token_revoked" | "token_expired" }>;

export interface Faults {
  set(vendor: SimVendor, fault: LastingFault | null): void;
  current(vendor: SimVendor): LastingFault | null;
  /** The fault that meets a call at this door, counted down. */
  take(vendor: SimVendor, door: Door): LastingFault | null;
}

export function createFaults(): Faults {
  const active = new Map<SimVendor, { fault: LastingFault; left: number }>();
  return {
    set(vendor, fault) {
      if (fault) active.set(vendor, { fault, left: fault.times ?? Infinity });
      else active.delete(vendor);
    },
    current: (vendor) => active.get(vendor)?.fault ?? null,
    take(vendor, door) {
      const met = active.get(vendor);
      if (!met || door === "page" || !hits(met.fault, door)) return null;
      met.left -= 1;
      if (met.left <= 0) active.delete(vendor);
      return met.fault;
    },
  };
}

function hits(fault: LastingFault, door: Door): boolean {
  if (fault.kind === "invalid_grant") return door === "token";
  return fault.at === "any" || door === (fault.at ?? "data");
}

/** A good answer gone bad on the way: a 200 whose body is no JSON (nor the file it should be), or only the first half of it. */
export function spoil(answer: Answer, kind: "malformed" | "truncated"): Answer {
  if (answer.status >= 300) return answer;
  const { body } = answer;
  if (kind === "truncated") return { ...answer, body: body.slice(0, Math.max(1, Math.floor(body.length / 2))) };
  return { ...answer, body: typeof body === "string" ? '{"records":[{"value":,]' : body.map((byte) => byte ^ 0x5a) };
}
