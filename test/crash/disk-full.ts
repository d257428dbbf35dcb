/**
 * A disk that really fills up (faults ST-07). Needs a small file system of its own as the temporary folder, which only root can make, so it
 * is run by hand (docs/reliability.md):
 *
 *   mount -t tmpfs -o size=400m none DIR; TMPDIR=DIR node test/crash/disk-full.ts; umount DIR
 */
import { open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "#db/leftover.ts";
import { reckonDeliveries, reckonEffects } from "./check.ts";
import { startLoad, type Load } from "./load.ts";
import { pause } from "./postgres.ts";
import { seeded } from "../kit/random.ts";
import { makeWorld, type World } from "./world.ts";

const LARGEST_BYTES = 2 * 1024 ** 3;
const FULL_FOR_MS = 15_000;
const HEALED_WITHIN_MS = 60_000;
const MEBIBYTE = Buffer.alloc(1024 * 1024);

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** Writes until there is not one page left. */
async function fill(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    for (let bytes = MEBIBYTE.length; bytes >= 4_096; ) {
      const isWritten = await file.write(MEBIBYTE, 0, bytes).then(() => true, () => false);
      if (!isWritten) bytes /= 2;
    }
  } finally {
    await file.close();
  }
}

async function until(isSo: () => boolean, complaint: string): Promise<number> {
  const startedMs = performance.now();
  while (!isSo()) {
    if (performance.now() - startedMs > HEALED_WITHIN_MS) throw new Error(complaint);
    await pause(10);
  }
  return (performance.now() - startedMs) / 1_000;
}

async function play(world: World, load: Load): Promise<void> {
  await until(() => load.acked.size > 500, "nothing was acknowledged at the beginning");
  const filler = join(tmpdir(), "filler");
  const endMs = performance.now() + FULL_FOR_MS;
  await fill(filler);
  const before = { acked: load.acked.size, refused: load.answers.get(503) ?? 0 };
  while (performance.now() < endMs) {
    // What the server frees in between, it shall not have.
    await fill(filler);
    await pause(100);
  }
  const [postmaster] = await world.cluster.pids();
  tell(`full for ${FULL_FOR_MS / 1_000} s: ${(load.answers.get(503) ?? 0) - before.refused} answers 503, ${load.acked.size - before.acked} acknowledged (in what room was left), the database ${isAlive(postmaster!) ? "lived" : "ended"}`);
  await rm(filler);
  if (!isAlive(postmaster!)) await world.cluster.start();
  const acked = load.acked.size;
  tell(`room again: first 2xx after ${(await until(() => load.acked.size > acked, "no 2xx after there was room again")).toFixed(2)} s`);
}

const { bsize, blocks } = await statfs(tmpdir());
if (bsize * blocks > LARGEST_BYTES) throw new Error(`${tmpdir()} has ${Math.round((bsize * blocks) / 1024 ** 2)} MiB: give a file system of its own, of 2 GiB at most, as TMPDIR.`);
const world = await makeWorld(seeded(1));
const load = startLoad({ port: world.port, clients: 32, random: seeded(2), first: 0, perSecond: 400 });
await play(world, load);
await load.finish();
const deliveries = await reckonDeliveries(world, load);
const effects = await reckonEffects(world);
tell(`acknowledged ${deliveries.acknowledged}, lost ${deliveries.lost}, twice ${deliveries.duplicates}; unfinished ${effects.unfinished}, missing ${effects.missing}; ended by themselves: ${[...world.api.crashes, ...world.worker!.crashes].length}`);
await world.close();
process.exitCode = deliveries.lost + deliveries.duplicates + effects.unfinished + effects.missing + world.api.crashes.length === 0 ? 0 : 1;
