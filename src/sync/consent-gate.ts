/** Asked before anything of a person is taken in or fetched: whether they still want it kept (faults PR-10). */
import type { Tx } from "#db/database.ts";
import { refuseStopped, requireConsent, stoppedAmong } from "#people/consent/consents.ts";
import type { Connection, ConnectionRef } from "./connections.ts";
import { CONSENT_MISSING } from "./consent-stops.ts";
import type { SyncContext } from "./context.ts";

/** Throws ConsentMissing where the person withdrew storage: nothing that they type or send is taken. */
export async function refuseUnwanted(context: Pick<SyncContext, "database">, { organizationId, patientId }: { readonly organizationId: string; readonly patientId: string }): Promise<void> {
  await context.database.withOrganization(organizationId, (tx) => requireConsent(tx, patientId, "storage"));
}

/** The same for what a connection brings, where somebody waits for the answer. */
export async function refuseUnwantedBy(tx: Tx, { patientId, provider }: Pick<Connection, "patientId" | "provider">): Promise<void> {
  await refuseStopped(tx, patientId, provider);
}

/** Whether the person wants what a connection brings no more; where nobody waits. */
export async function isUnwanted(tx: Tx, { patientId, provider }: Pick<Connection, "patientId" | "provider">): Promise<boolean> {
  return (await stoppedAmong(tx, [{ patientId, provider }]))(patientId, provider);
}

/** Lets a connection rest that something else has made due again: consent alone wakes it. */
export async function rest(tx: Tx, ref: ConnectionRef): Promise<void> {
  await tx.query("update connections set next_sync_at = null, status_code = $3 where patient_id = $1 and id = $2 and disconnected_at is null", [ref.patientId, ref.connectionId, CONSENT_MISSING]);
}
