/** What an administrator is told at first sight, counted from what the vendors' and the inbox's pages show. Pure. */
import type { InboxCounts, VendorStanding } from "#web/client/operations.d.ts";

/** Of connections, those first that somebody has to do something about. The ended ones are no news. */
export const STANDINGS = ["error", "needs_reauthorization", "limited", "active"] as const;

export function connectionsBy(vendors: readonly VendorStanding[]): Record<(typeof STANDINGS)[number], number> {
  const count = (status: string): number => vendors.reduce((sum, { connections }) => sum + (connections[status] ?? 0), 0);
  return { error: count("error"), needs_reauthorization: count("needs_reauthorization"), limited: count("limited"), active: count("active") };
}

/** Vendors in use that do not do well now. */
export function inTrouble(vendors: readonly VendorStanding[]): VendorStanding[] {
  return vendors.filter(({ health, connections }) => Object.keys(connections).length > 0 && (health === "failing" || health === "resting" || health === "held"));
}

type Counts = InboxCounts["data"];
const isWaiting = ({ state }: Counts[number]): boolean => state === "pending" || state === "processing" || state === "failed";

export function inboxOf(counts: Counts): { readonly waiting: number; readonly failed: number; readonly dead: number; readonly oldestAt: string | null } {
  const sum = (lines: Counts): number => lines.reduce((all, { count }) => all + count, 0);
  const oldest = counts.filter(isWaiting).map(({ oldestAt }) => oldestAt).toSorted((one, other) => Date.parse(one) - Date.parse(other));
  return { waiting: sum(counts.filter(isWaiting)), failed: sum(counts.filter(({ state }) => state === "failed")), dead: sum(counts.filter(({ state }) => state === "dead")), oldestAt: oldest[0] ?? null };
}
