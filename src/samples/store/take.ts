/** Taking one sample away and giving it back: a person's doing, where vendors only ever send. */
import type { Tx } from "#db/database.ts";
import { holdBlocks, putBlocks } from "./blocks.ts";
import { dayFrom, dayOf, mergeSamples, samplesOf, type Sample } from "./day.ts";
import { takeHotSample } from "./hot.ts";
import { holdSeries } from "./series.ts";

/** Takes the sample of a series that begins at an instant, in whichever form it rests. Null where there is none. */
export async function takeSample(
  tx: Tx, owner: { readonly organizationId: string; readonly patientId: string }, { seriesId, startMs }: { readonly seriesId: string; readonly startMs: number },
): Promise<Sample | null> {
  const key = { patientId: owner.patientId, seriesId, dayMs: dayOf(startMs) };
  await holdSeries(tx, [key]);
  const hot = await takeHotSample(tx, owner.patientId, seriesId, startMs);
  const [block] = await holdBlocks(tx, [key]);
  const samples = block ? samplesOf(block.samples) : [];
  const packed = samples.filter((sample) => sample.startMs === startMs);
  if (packed.length > 0) await putBlocks(tx, owner.organizationId, [{ ...key, samples: dayFrom(samples.filter((sample) => sample.startMs !== startMs)) }]);
  return mergeSamples(packed, hot ? [hot] : []).samples[0] ?? null;
}
