/** What a person typed: checked whole, stored as a delivery, and taken the same path as everything else while they wait. */
import type { MappingProblem } from "#driver/records.ts";
import { digestOf } from "#inbox/inbox.ts";
import { NOTHING } from "#ingest/ingest.ts";
import { InvalidInput } from "../errors.ts";
import type { SyncContext } from "./context.ts";
import { processClaimed } from "./process.ts";

const MANUAL = "manual";

export interface TypedOutcome {
  readonly deliveryId: string;
  /** False when the very same was sent before: nothing was added. */
  readonly isNew: boolean;
  /** Records that were new or changed. */
  readonly stored: number;
  readonly problems: readonly MappingProblem[];
}

/** Throws InvalidInput (422), with nothing stored, when nothing of it can be used; a ConfigError where typing is switched off. */
export async function storeTypedNow(
  context: SyncContext, owner: { readonly organizationId: string; readonly patientId: string },
  given: { readonly resource: string; readonly payload: unknown; readonly zone: string },
): Promise<TypedOutcome> {
  const { driver } = context.providers.require(MANUAL);
  const { records, problems } = driver.map(given.resource, given.payload, { receivedMs: context.clock.now(), zone: given.zone });
  if (records.length === 0) {
    throw new InvalidInput("None of these readings can be stored.", {
      httpStatus: 422, issues: problems.slice(0, 50).map(({ path, reason }) => ({ pointer: path, detail: reason })),
    });
  }
  const body = Buffer.from(JSON.stringify(given.payload));
  const { id, claimed } = await context.inbox.acceptAndClaim({
    provider: MANUAL, via: "push", resource: given.resource, body, headers: {}, owner: { ...owner, connectionId: null }, causedBy: null,
    dedupeKey: digestOf(owner.patientId, "\0", given.resource, "\0", body),
  });
  const stored = claimed ? await processClaimed(context, claimed, { signal: new AbortController().signal }) : NOTHING;
  return { deliveryId: id, isNew: claimed !== null, stored: stored.samples + stored.treatments, problems };
}
