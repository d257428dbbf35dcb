/** Small webhooks with fresh readings, accepted and processed, against COPY of as many rows into a narrow table in the same run. */
import pg from "pg";
import { digestOf } from "#inbox/inbox.ts";
import { drainInbox } from "#sync/process.ts";
import { copyIn } from "./copy-in.ts";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { layGround, type Ground } from "./ground.ts";
import { addPeople } from "./people.ts";

const PEOPLE = 200;
const DELIVERIES = 2_000;
/** Heart rates of a quarter of an hour, one every fifteen seconds: a small push of Garmin's. */
const READINGS = 60;
const ROUNDS = 3;
const TOGETHER = 200;

export async function streamIngest(): Promise<Figure[]> {
  const ground = await layGround();
  const owner = new pg.Client({ connectionString: ground.ownerUrl });
  await owner.connect();
  try {
    await addPeople(ground, PEOPLE);
    const nowMs = Math.floor(Date.now() / 900_000) * 900_000;
    await round(ground, nowMs - 40 * 900_000, 400); // warm-up
    const speeds: number[] = [];
    const copies: number[] = [];
    for (let number = 0; number < ROUNDS; number += 1) {
      speeds.push(await round(ground, nowMs - (ROUNDS - number) * 12 * 900_000, DELIVERIES));
      copies.push(await copied(owner, DELIVERIES * READINGS));
    }
    return [
      told("stream: samples of small webhooks, accepted and stored", median(speeds), "samples/s"),
      told("stream: COPY of as many rows, same run", median(copies), "samples/s"),
      atLeast("stream: small webhooks against COPY", median(speeds.map((speed, index) => speed / copies[index]!)), 0.5),
    ];
  } finally {
    await owner.end();
    await ground.close();
  }
}

/** Samples a second from the first webhook's arrival to the last one's commit. */
async function round(ground: Ground, fromMs: number, count: number): Promise<number> {
  const { sync } = ground.app;
  const begun = performance.now();
  for (let at = 0; at < count; at += TOGETHER) {
    await Promise.all(Array.from({ length: Math.min(TOGETHER, count - at) }, (_, index) => {
      const body = Buffer.from(push(at + index, fromMs));
      return sync.inbox.accept({ provider: "garmin", via: "webhook", resource: null, body, headers: {}, owner: null, causedBy: null, dedupeKey: digestOf("body", body) });
    }));
  }
  const stored = await drainInbox(sync, new AbortController().signal);
  if (stored.samples < count * READINGS) throw new Error(`Only ${stored.samples} samples came of ${count} deliveries.`);
  return stored.samples / ((performance.now() - begun) / 1000);
}

function push(index: number, fromMs: number): string {
  const startMs = fromMs + Math.floor(index / PEOPLE) * 900_000;
  const rates = Object.fromEntries(Array.from({ length: READINGS }, (_, place) => [place * 15, 60 + ((index + place) % 60)]));
  return JSON.stringify({
    dailies: [{
      userId: `account-${index % PEOPLE}`, summaryId: `stream-${startMs}-${index}`, calendarDate: new Date(startMs).toISOString().slice(0, 10),
      startTimeInSeconds: startMs / 1000, startTimeOffsetInSeconds: 3_600, durationInSeconds: 900, timeOffsetHeartRateSamples: rates,
    }],
  });
}

async function copied(owner: pg.Client, count: number): Promise<number> {
  await owner.query("drop table if exists bench_stream");
  await owner.query("create table bench_stream (series_id bigint, start_at timestamptz, value double precision, delivery_id bigint, primary key (series_id, start_at))");
  const rows = Array.from({ length: count }, (_, index) => index);
  const seconds = await copyIn(owner, "bench_stream", rows, (index) => `${index % PEOPLE},${new Date(1_700_000_000_000 + Math.floor(index / PEOPLE) * 15_000).toISOString()},${60 + (index % 60)},1`);
  return count / seconds;
}
