/** What a vendor says is left of a stretch of time: everything else that it sent of that stretch is gone there. */
import type { Tx } from "#db/database.ts";
import type { Replacement, VendorRecord, WithdrawalRecord } from "#driver/records.ts";
import type { SampleColumns } from "#samples/store/hot.ts";
import { deleteOthers } from "#samples/store/write.ts";
import { metricById, METRICS } from "#units/metrics.ts";
import type { Change } from "./changes.ts";
import type { IngestContext } from "./ingest.ts";
import { keyOf, TABLES } from "./write-records.ts";

/** Withdrawals of the records that are not left. Gives only such as no newer delivery has brought. */
export async function withdrawalsOf(tx: Tx, context: IngestContext, replaced: Replacement, left: readonly VendorRecord[]): Promise<WithdrawalRecord[]> {
  const withdrawals: WithdrawalRecord[] = [];
  for (const of of replaced.of) {
    const keys = left.flatMap((record) => (record.record === of ? [keyOf(record)] : []));
    const gone = await tx.query<{ vendor_key: string }>(
      `select vendor_key from ${TABLES[of]}
       where patient_id = $1 and provider = $2 and connection_id = $3 and withdrawn_at is null and delivery_id <= $4
         and start_at >= to_timestamp($5::float8 / 1000) and start_at < to_timestamp($6::float8 / 1000) and vendor_key <> all($7::text[])`,
      [context.patientId, context.provider, context.connectionId, context.deliveryId, replaced.fromMs, replaced.toMs, keys],
    );
    withdrawals.push(...gone.map(({ vendor_key: vendorId }): WithdrawalRecord => ({ record: "withdrawal", of, vendorId })));
  }
  return withdrawals;
}

/** Deletes the samples that are not left; gives a change for each series that lost some. */
export async function deleteGone(tx: Tx, context: IngestContext, replaced: Replacement, left: SampleColumns): Promise<Change[]> {
  if (replaced.metrics.length === 0 || context.connectionId === null) return [];
  const gone = await deleteOthers(
    tx, context,
    {
      connectionId: context.connectionId, metrics: replaced.metrics.map((metric) => METRICS[metric].id), fromMs: replaced.fromMs, toMs: replaced.toMs,
      isDayTotal: replaced.dayTotals === undefined ? null : replaced.dayTotals === "only", upToDelivery: context.deliveryId,
    },
    left,
  );
  return gone.flatMap(({ metric, count, fromMs, toMs }) => (metricById(metric) === null ? [] : [{ kind: "samples", metric, count, fromMs, toMs } as const]));
}
