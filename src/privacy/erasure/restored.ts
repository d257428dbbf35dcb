/** After a restore: whoever was erased since that backup was made is erased again, before anybody sees them (faults PR-04). */
import type { PrivacyContext } from "../context.ts";
import { readList } from "./list.ts";
import { runErasure } from "./run.ts";

/** Runs at every start, before the server listens. What does not come to its end here (a vendor is away) goes on by the sweep. Gives how many came back. */
export async function eraseRestored(context: PrivacyContext, signal: AbortSignal): Promise<number> {
  const { database, clock, log } = context.sync;
  const listed = await readList(context);
  if (listed.length === 0) return 0;
  const back = await database.asSystem((tx) => tx.query<{ organization_id: string; id: string; user_id: string | null }>(
    `select organization_id, id, user_id from patients p where id = any($1::uuid[])
       and not exists (select 1 from erasures e where e.patient_id = p.id and e.state = 'running')`, [listed.map(({ patientId }) => patientId)],
  ));
  for (const { organization_id: organizationId, id: patientId, user_id: userId } of back) {
    const id = await database.asSystem(async (tx) => {
      // A wish that the backup still holds as waiting was carried out since.
      await tx.query("update erasures set state = 'undone', undone_at = to_timestamp($2::float8 / 1000) where patient_id = $1 and state = 'waiting'", [patientId, clock.now()]);
      const [row] = await tx.query<{ id: string }>(
        `insert into erasures (organization_id, patient_id, user_id, reason, asked_at, begins_at, next_at)
         values ($1, $2, $3, 'restored_backup', to_timestamp($4::float8 / 1000), to_timestamp($4::float8 / 1000), to_timestamp($4::float8 / 1000)) returning id`,
        [organizationId, patientId, userId, clock.now()],
      );
      return row!.id;
    });
    log.warn({ erasure: id }, "a restored backup held somebody who was erased since: they are erased again");
    await runErasure(context, id, { signal });
  }
  return back.length;
}
