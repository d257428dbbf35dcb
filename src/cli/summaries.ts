/** `islet summaries`: whether what is kept of local days is what the samples say, and how to have it made anew. */
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config.ts";
import { createLog } from "../log.ts";
import { ownerOnlyProviders, remakeLines } from "#clinic/population/keep.ts";
import type { Database } from "#db/database.ts";
import { DRIVERS } from "#drivers/index.ts";
import { recomputePatient, verifyPatient } from "#summaries/recompute.ts";
import type { Owner } from "#summaries/store.ts";
import type { CommandIo } from "./io.ts";
import { findPatient, openPlace } from "./place.ts";

export interface SummariesOptions {
  /** Id, sign-in e-mail or `demo`; everybody unless given. */
  readonly patient?: string;
  readonly json?: boolean;
}

/** Prints what differs, by patient, metric and date and never with a value. Exit codes: 0 all is well, 1 something differs. */
export async function runSummariesVerify(options: SummariesOptions, io: CommandIo): Promise<number> {
  return atPatients(options, async (database, owner) => {
    const { isBehind, days, differences } = await verifyPatient(database, owner);
    const differ = differences.map(({ metric, date }) => ({ metric, date }));
    if (options.json) io.stdout(`${JSON.stringify({ patientId: owner.patientId, isBehind, days, differ })}\n`);
    else {
      io.stdout(`${owner.patientId}  ${days} days, ${differ.length} differ${isBehind ? " (changes still wait to be summarized: try again)" : ""}\n`);
      for (const { metric, date } of differ) io.stdout(`  ${date}  ${metric}\n`);
    }
    return differ.length === 0 || isBehind;
  });
}

/** Makes the summaries from scratch, and the clinic's line of them. Days are told from the samples meanwhile. */
export async function runSummariesRecompute(options: SummariesOptions, io: CommandIo): Promise<number> {
  return atPatients(options, async (database, owner) => {
    const startedMs = systemClock.now();
    await recomputePatient(database, owner);
    await remakeLines({ database, clock: systemClock, hiddenProviders: ownerOnlyProviders(DRIVERS) }, owner.organizationId, [owner.patientId]);
    const seconds = (systemClock.now() - startedMs) / 1000;
    io.stdout(options.json ? `${JSON.stringify({ patientId: owner.patientId, seconds })}\n` : `${owner.patientId}  made anew in ${seconds.toFixed(1)} s\n`);
    return true;
  });
}

async function atPatients(options: SummariesOptions, work: (database: Database, owner: Owner) => Promise<boolean>): Promise<number> {
  const place = await openPlace(loadConfig(DRIVERS), createLog("error"));
  try {
    const owners = options.patient === undefined
      ? await place.database.asSystem((tx) => tx.query<Owner>(`select organization_id as "organizationId", id as "patientId" from patients order by id`))
      : [await findPatient(place.database, options.patient)];
    let isWell = true;
    for (const { organizationId, patientId } of owners) isWell = (await work(place.database, { organizationId, patientId })) && isWell;
    return isWell ? 0 : 1;
  } finally {
    await place.close();
  }
}
