/** What a person typed: checked whole, stored as a delivery, and taken the same path as everything else while they wait. */
import type { MappingProblem } from "#driver/records.ts";
import { digestOf } from "#inbox/inbox.ts";
import { NOTHING } from "#ingest/ingest.ts";
import { keyOf } from "#ingest/write-records.ts";
import { InvalidInput } from "../errors.ts";
import { refuseUnwanted } from "./consent-gate.ts";
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
  /** By what the diary knows the meters' readings of it. */
  readonly readingKeys: readonly string[];
}

/** @param given `enteredBy`: the account of whoever sends it for the person; the same from somebody else is still the same. Throws InvalidInput (422), with nothing stored, when nothing of it can be used; a ConfigError where typing is switched off. */
export async function storeTypedNow(
  context: SyncContext, owner: { readonly organizationId: string; readonly patientId: string },
  given: { readonly resource: string; readonly payload: object; readonly zone: string; readonly enteredBy?: string },
): Promise<TypedOutcome> {
  const { driver } = context.providers.require(MANUAL);
  const { records, problems } = driver.map(given.resource, given.payload, { receivedMs: context.clock.now(), zone: given.zone });
  if (records.length === 0) {
    throw new InvalidInput("None of these readings can be stored.", {
      httpStatus: 422, issues: problems.slice(0, 50).map(({ path, reason }) => ({ pointer: path, detail: reason })),
    });
  }
  await refuseUnwanted(context, owner);
  const sent = JSON.stringify(given.payload);
  const body = given.enteredBy === undefined ? sent : JSON.stringify({ ...given.payload, enteredBy: given.enteredBy });
  const { id, claimed } = await context.inbox.acceptAndClaim({
    provider: MANUAL, via: "push", resource: given.resource, body: Buffer.from(body), headers: {}, owner: { ...owner, connectionId: null }, causedBy: null,
    dedupeKey: digestOf(owner.patientId, "\0", given.resource, "\0", Buffer.from(sent)),
  });
  const stored = claimed ? await processClaimed(context, claimed, { signal: new AbortController().signal }) : NOTHING;
  const readingKeys = records.flatMap((record) => (record.record === "treatment" && record.kind === "meter_glucose" ? [keyOf(record)] : []));
  return { deliveryId: id, isNew: claimed !== null, stored: stored.samples + stored.treatments, problems, readingKeys };
}
