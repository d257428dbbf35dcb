/** `islet samples`: the store of samples, recounted and folded. Never prints a value. */
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config.ts";
import { createLog } from "../log.ts";
import { DRIVERS } from "#drivers/index.ts";
import { foldSettled } from "#samples/store/fold.ts";
import { verifySamples } from "#samples/store/verify.ts";
import type { CommandIo } from "./io.ts";
import { findPatient, openPlace, type Place } from "./place.ts";

export interface SamplesOptions {
  readonly patient?: string;
  readonly json?: boolean;
}

async function atPlace(work: (place: Place) => Promise<number>): Promise<number> {
  const place = await openPlace(loadConfig(DRIVERS), createLog("error"));
  try {
    return await work(place);
  } finally {
    await place.close();
  }
}

/** Recounts every block, beside a running Islet. 1 when one is not what it should be. Throws NotFound for an unknown patient. */
export async function runSamplesVerify(options: SamplesOptions, io: CommandIo): Promise<number> {
  return atPlace(async ({ database }) => {
    const found = await verifySamples(database, {
      ...(options.patient === undefined ? {} : { patient: await findPatient(database, options.patient) }),
      onFault: (fault) => io.stderr(options.json ? `${JSON.stringify(fault)}\n` : `patient ${fault.patientId}, series ${fault.seriesId}, ${fault.day}: ${fault.fault}\n`),
    });
    if (options.json) io.stdout(`${JSON.stringify(found)}\n`);
    else {
      const each = found.packedSamples === 0 ? "" : `, ${(found.blockBytes / found.packedSamples).toFixed(2)} bytes a sample`;
      io.stdout(`${found.blocks} blocks of ${found.patients} patients hold ${found.packedSamples} samples${each}; ${found.rows} samples rest as rows. ${found.faults === 0 ? "All is well" : `${found.faults} blocks are wrong`}.\n`);
    }
    return found.faults === 0 ? 0 : 1;
  });
}

/** Folds all days that have settled, however old: the daily look goes back a month only. */
export async function runSamplesFold(io: CommandIo): Promise<number> {
  return atPlace(async ({ database }) => {
    const days = await foldSettled(database, { nowMs: systemClock.now() });
    io.stdout(`${days} days were folded.\n`);
    return 0;
  });
}
