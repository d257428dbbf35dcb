/**
 * Deliveries parsed and stored a second by one worker process: small Garmin pushes of many people wait in the inbox, and are claimed, mapped,
 * stored and announced. Every one must have become its samples afterwards.
 */
import { DAY_MS } from "#units/time.ts";
import { createUser } from "#people/accounts.ts";
import { digestOf } from "#inbox/inbox.ts";
import { drainInbox } from "#sync/process.ts";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { layGround, type Ground } from "./ground.ts";

const PEOPLE = 200;
const DELIVERIES = 10_000;
const ROUNDS = 3;
const FIRST_DAY_MS = Date.UTC(2020, 0, 1);

export async function benchProcess(): Promise<Figure[]> {
  const ground = await layGround();
  try {
    await addPeople(ground);
    await round(ground, 0, 1_000); // warm-up
    const speeds: number[] = [];
    const emptied: number[] = [];
    for (let number = 1; number <= ROUNDS; number += 1) {
      const { perSecond, seconds } = await round(ground, number, DELIVERIES);
      speeds.push(perSecond);
      emptied.push(seconds);
    }
    const [left] = await ground.database.asSystem((tx) => tx.query<{ count: number }>("select count(*)::int as count from deliveries where state <> 'done' or problems <> '[]'"));
    return [
      { ...atLeast("process: deliveries parsed and stored, one worker", median(speeds), 3_000), unit: "/s" },
      told("process: a backlog of 10,000 emptied in", median(emptied), "s"),
      told("process: deliveries that were not done, or had problems", left!.count, ""),
    ];
  } finally {
    await ground.close();
  }
}

async function addPeople({ database, connection: { organizationId } }: Ground): Promise<void> {
  for (let number = 0; number < PEOPLE; number += 1) {
    const { patientId } = await createUser(database, {
      organizationId, email: `bench-${number}@example.org`, password: "correct horse battery", displayName: `Bench ${number}`, roles: ["patient"], zone: "Europe/Madrid",
    });
    await database.withOrganization(organizationId, async (tx) => {
      const account = `account-${number}`;
      const [row] = await tx.query<{ id: string }>(
        "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'garmin', 'active', $3) returning id", [organizationId, patientId, account],
      );
      await tx.query("insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) values ('garmin', $1, $2, $3, $4)", [
        account, organizationId, patientId, row!.id,
      ]);
    });
  }
}

async function round(ground: Ground, number: number, count: number): Promise<{ perSecond: number; seconds: number }> {
  const { sync } = ground.app;
  for (let at = 0; at < count; at += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - at) }, (_, index) => {
      const body = Buffer.from(JSON.stringify(push(number, at + index)));
      return sync.inbox.accept({ provider: "garmin", via: "webhook", resource: null, body, headers: {}, owner: null, causedBy: null, dedupeKey: digestOf("body", body) });
    }));
  }
  const begun = performance.now();
  const stored = await drainInbox(sync, new AbortController().signal);
  const seconds = (performance.now() - begun) / 1000;
  if (stored.samples < count) throw new Error(`Only ${stored.samples} samples came of ${count} deliveries.`);
  return { perSecond: count / seconds, seconds };
}

/** A day's summary of one person, as Garmin pushes it. */
function push(round: number, index: number): object {
  const day = Math.floor(index / PEOPLE) + round * 200;
  const startMs = FIRST_DAY_MS + day * DAY_MS;
  return {
    dailies: [{
      userId: `account-${index % PEOPLE}`, summaryId: `bench-${round}-${index}`, calendarDate: new Date(startMs).toISOString().slice(0, 10),
      startTimeInSeconds: startMs / 1000 - 3_600, startTimeOffsetInSeconds: 3_600, durationInSeconds: 86_400, steps: 1_000 + (index % 20_000),
    }],
  };
}
