/** Vendors that end, and vendors that go away and come back: whole connections against a cloud that counts its calls. */
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Driver } from "#driver/types.ts";
import { startTestServer } from "#http/test-kit.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import { QUEUES } from "#sync/context.ts";
import { refreshNow } from "#sync/refresh-sweep.ts";
import { sweep } from "#sync/schedule.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { IsletError } from "../src/errors.ts";
import { fakeVendor, GLUCOSE, type FakeVendor } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const { signal } = new AbortController();
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function groundOf(vendor: FakeVendor, options: { baseUrl?: string } = {}): Promise<Ground> {
  const ground = await layGround([vendor.driver], options);
  open.push(ground);
  return ground;
}

/** A minute passes, or several: the sweep, then what it sent. Gives how many jobs that was. */
async function minute(ground: Ground, minutes = 1): Promise<number> {
  ground.clock.advance(minutes * MINUTE_MS);
  ground.jobs.length = 0;
  await sweep(ground.context);
  const jobs = ground.jobs.filter(({ queue }) => queue === QUEUES.healthSync || queue === QUEUES.tokenRefresh);
  for (const { queue, data } of jobs) {
    const ref = data as unknown as ConnectionRef;
    const work = queue === QUEUES.healthSync ? syncConnection(ground.context, ref, { signal }) : refreshNow(ground.context, ref);
    await Promise.resolve(work).catch((error: unknown) => expect(error).toBeInstanceOf(IsletError));
  }
  return jobs.length;
}

describe("a vendor that has ended its service", () => {
  const ends = { delivery: "poll", historyLimitDays: null, latencySeconds: 0, endedOn: "2026-10-16", successor: "google" } as unknown as Driver["capabilities"];

  it("[VA-17] retires its connections with the day, tells the person once, keeps what came, and is asked no more", async () => {
    const vendor = fakeVendor({ change: { capabilities: ends } });
    const ground = await groundOf(vendor);
    const ref = await ground.link(await ground.addPatient("loyal"), "loyal-user");
    await syncConnection(ground.context, ref, { signal });
    const status = async () => (await ground.db.asOwner("select status, status_code, next_sync_at, cursors <> '{}' as has_cursors from connections where id = $1", [ref.connectionId]))[0];
    expect(await status()).toMatchObject({ status: "active" });
    const changes = async () => (await ground.db.asOwner("select 1 from changes where connection_id = $1 and kind = 'connection'", [ref.connectionId])).length;
    const [asked, told] = [vendor.asked.length, await changes()];

    ground.clock.advance(DAY_MS);
    expect(await minute(ground)).toBeGreaterThan(0);
    expect(await status()).toEqual({ status: "retired", status_code: "vendor_ended", next_sync_at: null, has_cursors: true });
    // No storm: a day of sweeps finds nothing to do, and whoever still holds a job for it does nothing.
    let jobs = 0;
    for (let hour = 0; hour < 24; hour += 1) {
      ground.clock.advance(HOUR_MS);
      jobs += await minute(ground);
    }
    expect(jobs).toBe(0);
    expect(await syncConnection(ground.context, ref, { signal, askAll: true })).toMatchObject({ wasRun: false });
    expect(vendor.asked).toHaveLength(asked);
    expect(await changes()).toBe(told + 1);
    expect(await ground.db.asOwner("select action from audit_log where object_id = $1 order by id", [ref.connectionId])).toEqual([{ action: "connection.made" }, { action: "connection.retired" }]);
  });

  it("[VA-17] that announces its end serves until that day", async () => {
    const vendor = fakeVendor({ change: { capabilities: ends } });
    const ground = await groundOf(vendor);
    const ref = await ground.link(await ground.addPatient("early"), "early-user");
    ground.clock.advance(12 * HOUR_MS - 1);
    expect(await syncConnection(ground.context, ref, { signal })).toMatchObject({ wasRun: true });
    ground.clock.advance(1);
    expect(await syncConnection(ground.context, ref, { signal })).toMatchObject({ wasRun: false });
  });
});

describe("a vendor that is away for two hours", () => {
  const PEOPLE = 10;
  const LIMIT = { requests: 4, perSeconds: 60, scope: "app", source: "made up" } as const;

  it("[QU-04, VA-03] hears little while it is away, no more than it allows when it is back, and everybody's data is whole then", async () => {
    const resource = { ...GLUCOSE, pull: { ...GLUCOSE.pull!, everySeconds: 900, backfillDays: 1 } };
    const pull: Driver["pull"] = async function* (call, request) {
      if (!("window" in request)) return;
      const { body } = await call.fetch("/data", { query: { from: request.window.fromMs, to: request.window.toMs } });
      yield { resource: request.resource, body };
    };
    const vendor = fakeVendor({ resources: [resource], change: { rateLimits: [LIMIT], pull } });
    let isAway = false;
    const callsAt: number[] = [];
    const cloud = await startTestServer((response: ServerResponse, request) => {
      callsAt.push(ground.clock.now());
      if (isAway) {
        response.writeHead(503).end();
        return;
      }
      const query = new URL(request.url, "http://cloud").searchParams;
      const [fromMs, toMs] = [Number(query.get("from")), Number(query.get("to"))];
      const times: number[] = [];
      for (let at = Math.ceil(fromMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS; at < toMs; at += 5 * MINUTE_MS) times.push(at);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(times.map((at) => ({ record: "sample", metric: "glucose", startMs: at, value: 100, offsetMinutes: 60 }))));
    });
    open.push(cloud);
    const ground = await groundOf(vendor, { baseUrl: cloud.baseUrl });
    for (let each = 0; each < PEOPLE; each += 1) await ground.link(await ground.addPatient(`person-${each}`), `user-${each}`);
    for (let each = 0; each < 5; each += 1) await minute(ground);
    const statuses = async () => (await ground.db.asOwner<{ status: string; n: string }>("select status, count(*) as n from connections group by status")).map(({ status, n }) => [status, Number(n)]);
    expect(await statuses()).toEqual([["active", PEOPLE]]);

    isAway = true;
    const [awayFromMs, before] = [ground.clock.now(), callsAt.length];
    while (ground.clock.now() < awayFromMs + 2 * HOUR_MS) await minute(ground, 3);
    // Some twenty failed requests of four attempts open the circuit; then one request tries now and then.
    expect(callsAt.length - before).toBeLessThan(120);
    const lastHour = callsAt.filter((at) => at > awayFromMs + HOUR_MS);
    expect(lastHour.length).toBeLessThanOrEqual(8 * 4);

    isAway = false;
    const backMs = ground.clock.now();
    while (ground.clock.now() < backMs + 25 * MINUTE_MS) await minute(ground);
    const perWindow = new Map<number, number>();
    for (const at of callsAt.filter((each) => each >= backMs)) perWindow.set(Math.floor(at / 60_000), (perWindow.get(Math.floor(at / 60_000)) ?? 0) + 1);
    expect(Math.max(...perWindow.values())).toBeLessThanOrEqual(LIMIT.requests);
    expect(await statuses()).toEqual([["active", PEOPLE]]);
    const [gaps] = await ground.db.ofSamples<{ patients: string; widest: number }>(
      `select count(distinct patient_id) as patients, max(extract(epoch from start_at - before))::float8 as widest from (
         select patient_id, start_at, lag(start_at) over (partition by patient_id order by start_at) as before from samples) t`,
    );
    expect(Number(gaps!.patients)).toBe(PEOPLE);
    expect(gaps!.widest).toBe(300);
  }, 60_000);
});
