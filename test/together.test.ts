/** Many deliveries in one transaction end as one after the other would: same rows, same announcements, and each answers for itself. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import type { VendorRecord } from "#driver/records.ts";
import type { WebhookEvent } from "#driver/types.ts";
import { claimDeliveries, claimThese } from "#inbox/claims.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import { disconnect } from "#sync/disconnect.ts";
import { processTogether } from "#sync/process-together.ts";
import { drainInbox, processClaimed, processNow } from "#sync/process.ts";
import { fakeVendor, reading, type FakeVendor } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

let ground: Ground;
let vendor: FakeVendor;
let people = 0;
beforeAll(async () => {
  vendor = fakeVendor({
    webhook: { maxBytes: 1_000_000, isSigned: true, verify: () => undefined, parse: (body) => ({ events: body as WebhookEvent[], problems: [] }) },
  });
  ground = await layGround([vendor.driver]);
});
afterAll(() => ground.close());

const { signal } = new AbortController();

async function connect(): Promise<ConnectionRef & { account: string; userId: string }> {
  people += 1;
  const person = await ground.addPatient(`person-${people}`);
  return { ...(await ground.link(person, `account-${people}`)), account: `account-${people}`, userId: person.userId };
}

const put = (owner: ConnectionRef | null, body: unknown, resource: string | null = "readings"): Promise<string> =>
  ground.context.inbox
    .accept({ provider: "fake", via: owner ? "pull" : "webhook", resource, body: Buffer.from(JSON.stringify(body)), headers: {}, owner, causedBy: null, dedupeKey: null })
    .then(({ id }) => id);

const statesOf = async (ids: readonly string[]): Promise<string[]> =>
  (await ground.db.asOwner<{ state: string }>("select state from deliveries where id = any($1) order by id", [ids])).map(({ state }) => state);

/** All that rests of a connection, without ids and times of storing; deliveries by their place among those of the connection. */
async function restOf({ connectionId }: ConnectionRef, ids: readonly string[]): Promise<unknown> {
  const place = "array_position($2::bigint[], delivery_id)";
  const of = (text: string) => ground.db.ofSamples(text, [connectionId, ids]);
  return {
    samples: await of(`select s.metric, s.device_id, s.device_name, s.is_day_total, x.start_at, x.end_at, x.value, x.offset_minutes, x.flags, ${place} as place
      from samples x join series s on s.id = x.series_id where s.connection_id = $1 order by 1, 2, 4, 5`),
    sleeps: await of(`select vendor_key, start_at, end_at, offset_minutes, is_nap, details, withdrawn_at is not null as is_gone, ${place} as place from sleeps where connection_id = $1 order by 1`),
    workouts: await of(`select vendor_key, start_at, end_at, sport, details, withdrawn_at is not null as is_gone, ${place} as place from workouts where connection_id = $1 order by 1`),
    treatments: await of(`select vendor_key, start_at, kind, details, withdrawn_at is not null as is_gone, ${place} as place from treatments where connection_id = $1 order by 1`),
  };
}

const AT = Date.UTC(2026, 2, 2);
const instant = fc.integer({ min: 0, max: 5 }).map((step) => AT + step * 300_000);
const vendorId = fc.constantFrom("a", "b", null);
const offsetMinutes = fc.constantFrom(60, 120, null);
const record: fc.Arbitrary<VendorRecord> = fc.oneof(
  fc.record({
    record: fc.constant("sample" as const), metric: fc.constantFrom("glucose" as const, "heart_rate" as const), startMs: instant, value: fc.integer({ min: 50, max: 200 }), offsetMinutes,
    device: fc.constantFrom({ id: "d1" }, { id: "d1", name: "Sensor" }, { id: "d2" }), flags: fc.constantFrom([], ["manual" as const]),
  }),
  fc.record({ record: fc.constant("sleep" as const), vendorId, startMs: instant, offsetMinutes, isNap: fc.boolean(), score: fc.integer({ min: 1, max: 99 }) })
    .map((sleep) => ({ ...sleep, endMs: sleep.startMs + 3_600_000, stages: [] }) as unknown as VendorRecord),
  fc.record({ record: fc.constant("workout" as const), vendorId, startMs: instant, offsetMinutes, sport: fc.constantFrom("running" as const, "cycling" as const) })
    .map((workout) => ({ ...workout, endMs: workout.startMs + 600_000 }) as unknown as VendorRecord),
  fc.record({ record: fc.constant("treatment" as const), vendorId, atMs: instant, offsetMinutes, kind: fc.constantFrom("carbohydrates" as const, "note" as const), amount: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ record: fc.constant("withdrawal" as const), of: fc.constantFrom("sleep" as const, "workout" as const, "treatment" as const), vendorId: fc.constantFrom("a", "b") }),
);

describe("deliveries stored together", () => {
  it("[R5] leave the same rows as one after the other, whatever they bring, also in another order of processing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(record, { maxLength: 6 }), { minLength: 2, maxLength: 8 }), async (payloads) => {
        const [alone, together] = [await connect(), await connect()];
        const [own, theirs]: [string[], string[]] = [[], []];
        for (const payload of payloads) {
          own.push(await put(alone, payload));
          theirs.push(await put(together, payload));
        }
        // The last half first: what is newer stands, whenever it is processed.
        const half = Math.floor(payloads.length / 2);
        for (const id of [...own.slice(half), ...own.slice(0, half)]) await processNow(ground.context, [id], signal);
        for (const part of [theirs.slice(half), theirs.slice(0, half)]) {
          const claimed = await ground.db.database.asSystem((tx) => claimThese(tx, part));
          const { left } = await processTogether(ground.context, claimed);
          if (part.length > 1) expect(left).toEqual([]);
          for (const delivery of left) await processClaimed(ground.context, delivery, { signal });
        }
        expect(new Set(await statesOf([...own, ...theirs]))).toEqual(new Set(["done"]));
        expect(await restOf(together, theirs)).toEqual(await restOf(alone, own));
      }),
      { seed: 20_261_121, numRuns: 20 },
    );
  }, 120_000);

  it("[W4] announce for each delivery what it changed, and nothing of what was known", async () => {
    const one = await connect();
    await put(one, [reading(AT, 100)]);
    await drainInbox(ground.context, signal);
    const ids = [await put(one, [reading(AT, 100)]), await put(one, [reading(AT + 300_000, 101), reading(AT + 600_000, 102)]), await put(one, [reading(AT + 900_000, 103)])];
    await drainInbox(ground.context, signal);
    expect(await ground.db.asOwner("select array_position($1::bigint[], delivery_id) as place, count, from_at, to_at from changes where delivery_id = any($1) order by id", [ids])).toEqual([
      { place: 2, count: 2, from_at: new Date(AT + 300_000), to_at: new Date(AT + 600_000) }, { place: 3, count: 1, from_at: new Date(AT + 900_000), to_at: new Date(AT + 900_000) },
    ]);
  });

  it("[WH-25] fail alone: neither a payload that cannot be mapped nor one of an ended connection holds up its neighbours", async () => {
    const [one, ended] = [await connect(), await connect()];
    const ids = [
      await put(one, [reading(AT, 100)]), await put(one, "no list"), await put(ended, [reading(AT, 90)]), await put(null, [{ account: one.account, kind: "data", resource: "readings", payload: [reading(AT + 300_000, 101)] }], null),
      await put(null, [{ account: "nobody", kind: "data", resource: "readings", payload: [] }], null),
    ];
    vendor.map = (_resource, payload) => {
      if (!Array.isArray(payload)) throw new TypeError("a bug of the driver");
      return payload as VendorRecord[];
    };
    const actor = { userId: ended.userId, organizationId: ended.organizationId } as Actor;
    await disconnect(ground.context, ended, { actor, erase: false });
    await drainInbox(ground.context, signal);
    expect(await statesOf(ids)).toEqual(["done", "failed", "ignored", "done", "unmatched"]);
    expect(await ground.db.ofSamples("select value from samples x join series s on s.id = x.series_id where s.connection_id = $1 order by start_at", [one.connectionId])).toEqual([{ value: 100 }, { value: 101 }]);
  });

  it("[QU-02] are undone together when one of their leases was lost, and what took over stands", async () => {
    const one = await connect();
    const ids = [await put(one, [reading(AT, 100)]), await put(one, [reading(AT, 101)])];
    const claimed = await ground.db.database.asSystem((tx) => claimDeliveries(tx, 10));
    await ground.db.asOwner("update deliveries set lease_id = gen_random_uuid() where id = $1", [ids[0]]);
    const { stored, left } = await processTogether(ground.context, claimed);
    expect([stored.samples, left.length]).toEqual([0, claimed.length]);
    expect(await ground.db.asOwner("select 1 from series where connection_id = $1", [one.connectionId])).toEqual([]);
  });
});
