/**
 * Webhooks acknowledged a second (checked, committed, answered) against the emptiest route of the same server (/health) in the same run, with 128
 * connections of a load process beside it. Every delivery is different; all must be found in the inbox afterwards.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { layGround } from "./ground.ts";

const ROUNDS = 3;
const SECONDS = 4;

interface Load {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly acknowledged: number;
}

export async function benchAck(): Promise<Figure[]> {
  const ground = await layGround();
  const server = await ground.app.server({ isReady: () => true, simulator: null });
  await server.listen({ port: ground.port, host: "127.0.0.1" });
  try {
    await load(ground.port, "/webhooks/garmin", 1); // warm-up
    const before = await countDeliveries(ground);
    const acks: Load[] = [];
    const empties: Load[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      empties.push(await load(ground.port, "/health", SECONDS));
      acks.push(await load(ground.port, "/webhooks/garmin", SECONDS));
    }
    const stored = (await countDeliveries(ground)) - before;
    const acknowledged = acks.reduce((total, each) => total + each.acknowledged, 0);
    return [
      told("ack: webhooks acknowledged", median(acks.map((each) => each.perSecond)), "/s"),
      told("ack: p99 at 128 connections", median(acks.map((each) => each.p99Ms)), "ms"),
      told("ack: empty route (/health), same run", median(empties.map((each) => each.perSecond)), "/s"),
      atLeast("ack: acknowledged against the empty route", median(acks.map((each, index) => each.perSecond / empties[index]!.perSecond)), 0.7),
      told("ack: answers that were no 200", [...acks, ...empties].reduce((total, each) => total + each.errors, 0), ""),
      // A load that is cut off may have been stored without its answer being read; the other way round would be a loss.
      told("ack: acknowledged and not stored", Math.max(0, acknowledged - stored), ""),
    ];
  } finally {
    server.server.closeAllConnections();
    await server.close();
    await ground.close();
  }
}

async function countDeliveries(ground: Awaited<ReturnType<typeof layGround>>): Promise<number> {
  const rows = await ground.database.asSystem((tx) => tx.query<{ count: string }>("select count(*) as count from deliveries where via = 'webhook'"));
  return Number(rows[0]!.count);
}

/** Runs the load in a process of its own, so that it does not take the server's turn. */
async function load(port: number, path: string, seconds: number): Promise<Load> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("ack-load.ts", import.meta.url)), String(port), path, String(seconds)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return JSON.parse(text) as Load;
}
