/** Bringing connections up to date: the three vendors' clouds end to end, and a made-up vendor for what clouds seldom do. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { request } from "undici";
import type { Resource } from "#driver/types.ts";
import { ProviderContractBroken, ProviderRefused, ProviderUnavailable, ReauthorizationRequired } from "../src/errors.ts";
import type { ConnectionRef, Cursor } from "#sync/connections.ts";
import { syncConnection, type SyncResult } from "#sync/sync-connection.ts";
import { sweep } from "#sync/schedule.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";
import { begin, callsFromHere, comeBack, connect, decide } from "./kit/connect.ts";
import { fakeVendor, GLUCOSE, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const { signal } = new AbortController();

interface Row {
  status: string; status_code: string | null; failures: number; cursors: Record<string, Cursor>; backfill_progress: number; epoch: number;
  next_sync_at: Date | null; last_sync_at: Date | null; sync_lease_id: string | null;
}

const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

/** A reading an hour in the asked window, on the hour. */
const hourly = (resource: string, window: { fromMs: number; toMs: number }) => {
  const times: number[] = [];
  for (let at = Math.ceil(window.fromMs / 3_600_000) * 3_600_000; at < window.toMs; at += 3_600_000) times.push(at);
  return page(resource, times.map((at) => reading(at, resource === "news" ? 100 : 150)));
};

describe("against the simulated clouds", () => {
  let test: TestApp;
  let patient: Person;
  beforeAll(async () => {
    test = await startTestApp();
    patient = test.people.patient;
  });
  afterAll(() => test.close());
  afterEach(() => {
    for (const vendor of ["dexcom", "garmin", "strava"] as const) test.sim.control.setFault(vendor, null);
  });

  const refOf = (as: Person, connectionId: string): ConnectionRef => ({ organizationId: test.people.organizationId, patientId: as.patientId!, connectionId });
  const sync = (ref: ConnectionRef, askAll = false): Promise<SyncResult> => syncConnection(test.app.sync, ref, { signal, askAll });
  const later = (ms: number): void => test.clock.advance(ms);
  const rowOf = async (connectionId: string): Promise<Row> => (await test.db.asOwner<Row>("select * from connections where id = $1", [connectionId]))[0]!;
  const numberOf = async (sql: string, values: unknown[]): Promise<number> => Number((await test.db.ofSamples<{ n: string }>(sql, values))[0]!.n);
  const samplesOf = (as: Person, metric: number) =>
    numberOf("select count(*) as n from samples join series on series.patient_id = samples.patient_id and series.id = series_id where samples.patient_id = $1 and metric = $2", [as.patientId, metric]);
  const deliveriesOf = (connectionId: string) => numberOf("select count(*) as n from deliveries where connection_id = $1", [connectionId]);

  /** What the cloud itself tells a client of its own, in windows that it allows. */
  async function askCloud(cloud: "dexcom" | "strava", person: string, paths: (page: number) => string | null): Promise<unknown[]> {
    const config = test.app.sync.providers.require(cloud).config;
    const redirect = `${test.origin}/oauth/${cloud}/callback`;
    const login = cloud === "dexcom" ? "/v3/oauth2/login?scope=offline_access" : "/oauth/authorize?scope=read,activity:read_all";
    const back = await decide(`${test.origin}/sim/${cloud}${login}&response_type=code&client_id=${config.clientId}&redirect_uri=${encodeURIComponent(redirect)}&state=s`, { person });
    const form = new URLSearchParams({ grant_type: "authorization_code", code: back.searchParams.get("code")!, redirect_uri: redirect, client_id: config.clientId, client_secret: config.clientSecret.open() });
    const token = await request(`${test.origin}/sim/${cloud}${cloud === "dexcom" ? "/v3/oauth2/token" : "/oauth/token"}`, {
      method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString(),
    });
    const { access_token: access } = (await token.body.json()) as { access_token: string };
    const found: unknown[] = [];
    for (let page = 0; ; page += 1) {
      const path = paths(page);
      if (path === null) return found;
      const answer = await request(`${test.origin}/sim/${cloud}${path}`, { headers: { authorization: `Bearer ${access}` } });
      const body = (await answer.body.json()) as { records?: unknown[] } | unknown[];
      found.push(...(Array.isArray(body) ? body : (body.records ?? [])));
    }
  }

  it("[E4] stores ninety days of Dexcom, as many readings as the cloud has, and moves each cursor over them", async () => {
    const nowMs = test.clock.now();
    const id = await connect(test, patient, "dexcom", { person: "ana" });
    const startedMs = performance.now();
    const { stored, wasRun } = await sync(refOf(patient, id));
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(wasRun).toBe(true);
    const cloud = await askCloud("dexcom", "ana", (page) =>
      page === 9 ? null : `/v3/users/self/egvs?startDate=${utc(nowMs - (page + 1) * 10 * DAY_MS)}&endDate=${utc(nowMs - page * 10 * DAY_MS)}`) as { systemTime: string; value: number | null }[];
    const times = new Set(cloud.filter(({ value }) => value !== null).map(({ systemTime }) => systemTime));
    expect(times.size).toBeGreaterThan(20_000);
    expect(await samplesOf(patient, METRICS.glucose.id)).toBe(times.size);
    const [notes] = await test.db.asOwner<{ shown: string; gone: string; never: string }>(
      `select count(*) filter (where withdrawn_at is null) as shown, count(*) filter (where withdrawn_at is not null and start_at > '-infinity') as gone,
              count(*) filter (where start_at = '-infinity') as never from treatments where patient_id = $1`, [patient.patientId],
    );
    expect(stored.treatments).toBe(Number(notes!.shown) + Number(notes!.gone));
    const row = await rowOf(id);
    expect(row).toMatchObject({ status: "active", status_code: null, failures: 0, backfill_progress: 1, sync_lease_id: null });
    expect(Object.keys(row.cursors).toSorted()).toEqual(["alerts", "calibrations", "devices", "egvs", "egvs_late", "events"]);
    expect(row.cursors["egvs"]).toMatchObject({ fromMs: nowMs - 90 * DAY_MS, throughMs: nowMs });
    expect(row.last_sync_at!.getTime()).toBe(nowMs);
    expect(row.next_sync_at!.getTime() - nowMs).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(row.next_sync_at!.getTime() - nowMs).toBeLessThan(6 * MINUTE_MS);
  });

  it("[E4] adds nothing a second time, and just the news later", async () => {
    const [{ id } = { id: "" }] = await test.db.asOwner<{ id: string }>("select id from connections where patient_id = $1 and provider = 'dexcom'", [patient.patientId]);
    const [before, deliveries] = [await samplesOf(patient, METRICS.glucose.id), await deliveriesOf(id)];
    expect((await sync(refOf(patient, id))).stored).toEqual({ samples: 0, sleeps: 0, workouts: 0, treatments: 0 });
    expect(await deliveriesOf(id)).toBe(deliveries);
    test.clock.advance(10 * MINUTE_MS);
    const { stored } = await sync(refOf(patient, id));
    expect(stored.samples).toBeGreaterThan(0);
    expect(await samplesOf(patient, METRICS.glucose.id) - before).toBeLessThanOrEqual(2);
    expect(await test.db.asOwner("select 1 from changes where patient_id = $1 and kind = 'samples' and count = 0", [patient.patientId])).toEqual([]);
  });

  it("stores next to nothing for polls that bring no news", async () => {
    const [{ id } = { id: "" }] = await test.db.asOwner<{ id: string }>("select id from connections where patient_id = $1 and provider = 'dexcom'", [patient.patientId]);
    await sync(refOf(patient, id), true);
    const before = await deliveriesOf(id);
    const calls = callsFromHere(test, "dexcom");
    for (let poll = 1; poll <= 12; poll += 1) {
      test.clock.advance(5 * MINUTE_MS);
      test.sim.control.configure({ delayMinutes: poll * 5 });
      await sync(refOf(patient, id));
    }
    test.sim.control.configure({ delayMinutes: 0 });
    expect(calls().filter(({ path }) => path.endsWith("/egvs"))).toHaveLength(12);
    expect(await deliveriesOf(id) - before).toBeLessThanOrEqual(3);
  });

  it("[W2] stores a year of Strava's activities, as many as the cloud lists", async () => {
    const nowMs = test.clock.now();
    const id = await connect(test, patient, "strava", { person: "liam" });
    await sync(refOf(patient, id));
    const after = Math.floor((nowMs - 365 * DAY_MS) / 1000);
    const listed = await askCloud("strava", "liam", (page) => (page === 3 ? null : `/api/v3/athlete/activities?after=${after}&per_page=200&page=${page + 1}`));
    expect(listed.length).toBeGreaterThan(50);
    expect(await numberOf("select count(*) as n from workouts where patient_id = $1 and withdrawn_at is null", [patient.patientId])).toBe(listed.length);
    expect(await rowOf(id)).toMatchObject({ status: "active", backfill_progress: 1 });
    expect((await sync(refOf(patient, id), true)).stored.workouts).toBe(0);
  });

  it("[W2, W3] asks Garmin once for ninety days, which come by webhook, and never polls it", async () => {
    const id = await connect(test, patient, "garmin", { person: "ana" });
    await sync(refOf(patient, id));
    expect(await rowOf(id)).toMatchObject({ status: "active", status_code: null, backfill_progress: 1, next_sync_at: null });
    expect(await samplesOf(patient, METRICS.steps.id)).toBe(0);
    test.clock.advance(5_000);
    const pushed = await test.sim.control.tick();
    expect(pushed.every(({ status }) => status === 200)).toBe(true);
    await test.runJobs();
    expect(await test.db.asOwner("select id, state, last_error from deliveries where connection_id = $1 and state <> 'done'", [id])).toEqual([]);
    const nights = await numberOf("select count(*) as n from sleeps where patient_id = $1 and not is_nap", [patient.patientId]);
    expect(nights).toBeGreaterThan(80);
    expect(nights).toBeLessThan(95);
    const days = await test.db.ofSamples<{ name: number; n: string }>(
      `select metric as name, count(*) as n from samples join series on series.patient_id = samples.patient_id and series.id = series_id
       where samples.patient_id = $1 and is_day_total group by metric`, [patient.patientId],
    );
    expect(days.length).toBeGreaterThan(3);
    for (const { n } of days) expect(Number(n)).toBeGreaterThan(80);
    const calls = callsFromHere(test, "garmin");
    expect((await sync(refOf(patient, id), true)).wasRun).toBe(true);
    expect(calls()).toEqual([]);
    // Ninety days of every type at once: on a busy machine that takes its time.
  }, 90_000);

  describe("in trouble", () => {
    let as: Person;
    let ref: ConnectionRef;
    beforeAll(async () => {
      as = test.people.stranger;
      ref = refOf(as, await connect(test, as, "dexcom", { person: "grace" }));
      await sync(ref);
    });
    const state = () => rowOf(ref.connectionId);

    it("[VA-14] renews an expired token once and goes on", async () => {
      later(10 * MINUTE_MS);
      const calls = callsFromHere(test, "dexcom");
      test.sim.control.setFault("dexcom", { kind: "token_expired" });
      expect((await sync(ref)).stored.samples).toBeGreaterThan(0);
      expect(calls().filter(({ path }) => path.endsWith("/token"))).toHaveLength(1);
      expect(await state()).toMatchObject({ status: "active", failures: 0 });
    });

    it("[VA-02] waits for a short 429 and comes back when told after a long one, without a failure", async () => {
      later(10 * MINUTE_MS);
      test.sim.control.setFault("dexcom", { kind: "rate_limited", retryAfterSeconds: 20, times: 1 });
      expect((await sync(ref)).stored.samples).toBeGreaterThan(0);
      later(10 * MINUTE_MS);
      test.sim.control.setFault("dexcom", { kind: "rate_limited", retryAfterSeconds: 900, times: 1 });
      const nowMs = test.clock.now();
      await expect(sync(ref)).rejects.toMatchObject({ code: "provider_rate_limited" });
      const row = await state();
      expect(row).toMatchObject({ status: "active", status_code: "provider_rate_limited", failures: 0, sync_lease_id: null });
      expect(row.next_sync_at!.getTime()).toBe(nowMs + 900_000);
      later(901_000);
      expect((await sync(ref)).stored.samples).toBeGreaterThan(0);
      expect(await state()).toMatchObject({ status: "active", status_code: null });
    });

    it("[E8] [OA-21] stays active through a short outage, shows an error after five tries, and recovers by itself without a hole", async () => {
      test.sim.control.setFault("dexcom", { kind: "server_error", status: 503 });
      const { throughMs } = (await state()).cursors["egvs"]!;
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        later(3 * 3_600_000);
        await expect(sync(ref)).rejects.toBeInstanceOf(ProviderUnavailable);
        expect(await state()).toMatchObject({ status: attempt < 5 ? "active" : "error", status_code: "provider_unavailable", failures: attempt });
      }
      expect((await state()).cursors["egvs"]!.throughMs).toBe(throughMs);
      test.sim.control.setFault("dexcom", null);
      later(3_600_000);
      await sync(ref);
      expect(await state()).toMatchObject({ status: "active", status_code: null, failures: 0 });
      const [gap] = await test.db.ofSamples<{ widest: number }>(
        `select max(extract(epoch from start_at - before))::float8 as widest from (
           select start_at, lag(start_at) over (order by start_at) as before from samples join series on series.patient_id = samples.patient_id and series.id = series_id
           where samples.patient_id = $1 and metric = 1 and start_at > to_timestamp($2::float8 / 1000)) t`, [as.patientId, throughMs - DAY_MS],
      );
      expect(gap!.widest).toBeLessThan(4 * 3_600);
    });

    it.each(["malformed", "truncated"] as const)("[VA-04] moves no cursor over a %s page", async (kind) => {
      later(DAY_MS);
      const before = (await state()).cursors;
      test.sim.control.setFault("dexcom", { kind });
      await expect(sync(ref)).rejects.toBeInstanceOf(ProviderContractBroken);
      const after = await state();
      for (const name of ["egvs", "events"]) expect(after.cursors[name]).toEqual(before[name]);
      expect(after).toMatchObject({ status: "active", status_code: "provider_contract" });
      test.sim.control.setFault("dexcom", null);
      later(3_600_000);
      expect((await sync(ref)).stored.samples).toBeGreaterThan(200);
    });

    it("[OA-20] [OA-22] asks the person after a second refusal a minute later, and not before", async () => {
      later(10 * MINUTE_MS);
      test.sim.control.setFault("dexcom", { kind: "token_revoked", person: "grace" });
      await expect(sync(ref)).rejects.toBeInstanceOf(ProviderUnavailable);
      expect(await state()).toMatchObject({ status: "active", failures: 1 });
      later(30_000);
      await expect(sync(ref)).rejects.toBeInstanceOf(ProviderUnavailable);
      later(60_000);
      await expect(sync(ref)).rejects.toBeInstanceOf(ReauthorizationRequired);
      expect(await state()).toMatchObject({ status: "needs_reauthorization", status_code: "reauthorization_required", next_sync_at: null });
      const calls = callsFromHere(test, "dexcom");
      await expect(sync(ref)).rejects.toBeInstanceOf(ReauthorizationRequired);
      expect(calls()).toEqual([]);
    });

    it("goes on from its cursors after a new consent", async () => {
      later(DAY_MS);
      const before = (await state()).cursors["egvs"]!;
      as = { ...as, token: await test.signIn(as.email) };
      const answer = await comeBack(test, as, await decide(await begin(test, as, "dexcom"), { person: "grace" }));
      expect(answer.headers.location).toContain("connected=dexcom");
      expect(await state()).toMatchObject({ status: "active", epoch: 2, cursors: { egvs: { fromMs: before.fromMs, throughMs: before.throughMs } } });
      const calls = callsFromHere(test, "dexcom");
      expect((await sync(ref)).stored.samples).toBeGreaterThan(200);
      const asked = calls().filter(({ path }) => path.endsWith("/egvs"));
      // The last fortnight is asked once a day for what came late; the ninety days of the first time are not asked again.
      expect(asked.map(({ query }) => [2, 15].findIndex((days) => query["startDate"]! > utc(before.throughMs - days * DAY_MS)))).toEqual([0, 1]);
    });
  });
});

describe("with a vendor made up", () => {
  const NEWS: Resource = { ...GLUCOSE, name: "news" };
  const vendor = fakeVendor({ resources: [GLUCOSE, NEWS] });
  let ground: Ground;
  let ref: ConnectionRef;
  let patientId: string;
  let patients = 0;
  beforeAll(async () => {
    ground = await layGround([vendor.driver]);
  });
  afterAll(() => ground.close());

  async function linkNewPatient(): Promise<void> {
    patients += 1;
    const patient = await ground.addPatient(`patient-${patients}`);
    patientId = patient.patientId;
    ref = await ground.link(patient, `user-${patients}`);
    vendor.asked.length = 0;
  }
  const windowOf = (request: (typeof vendor.asked)[number]["request"]) => ("window" in request ? request.window : { fromMs: 0, toMs: 0 });
  const answerAll = (): void => {
    vendor.answer = (resource, request) => [hourly(resource, windowOf(request))];
  };
  const row = async (): Promise<Row> => (await ground.db.asOwner<Row>("select * from connections where id = $1", [ref.connectionId]))[0]!;
  const samples = async (): Promise<number> => Number((await ground.db.ofSamples<{ n: string }>("select count(*) as n from samples where patient_id = $1", [patientId]))[0]!.n);

  it("asks for today's window of every resource before anybody's last month", async () => {
    await linkNewPatient();
    answerAll();
    await syncConnection(ground.context, ref, { signal });
    expect(vendor.asked.slice(0, 2).map(({ resource, request }) => [resource, windowOf(request).toMs])).toEqual([["readings", ground.clock.now()], ["news", ground.clock.now()]]);
    expect(vendor.asked).toHaveLength(6);
  });

  it("[QU-10] stops where it is told to, between two pages, and the next sync goes on there", async () => {
    await linkNewPatient();
    const stopping = new AbortController();
    vendor.answer = (resource, request) => {
      if (vendor.asked.length === 3) stopping.abort(new DOMException("stop", "AbortError"));
      return [hourly(resource, windowOf(request))];
    };
    const { wasRun } = await syncConnection(ground.context, ref, { signal: stopping.signal });
    expect(wasRun).toBe(true);
    const stopped = await row();
    expect(stopped).toMatchObject({ status: "active", status_code: null, failures: 0, sync_lease_id: null, last_sync_at: null });
    expect(stopped.next_sync_at!.getTime()).toBe(ground.clock.now());
    expect(stopped.backfill_progress).toBeLessThan(0.6);
    const askedBefore = vendor.asked.length;
    answerAll();
    await syncConnection(ground.context, ref, { signal });
    expect(vendor.asked.length - askedBefore).toBeLessThanOrEqual(4);
    expect(await samples()).toBe(90 * 24);
    expect(await row()).toMatchObject({ backfill_progress: 1 });
  });

  it("moves no cursor over a page that it could not make records of any more", async () => {
    await linkNewPatient();
    const stopping = new AbortController();
    vendor.answer = (resource, request) => {
      stopping.abort(new DOMException("stop", "AbortError"));
      return [hourly(resource, windowOf(request))];
    };
    await syncConnection(ground.context, ref, { signal: stopping.signal });
    expect((await row()).cursors).toEqual({});
    expect(await samples()).toBe(0);
    expect(await ground.db.asOwner("select state, attempts from deliveries where connection_id = $1", [ref.connectionId])).toEqual([{ state: "pending", attempts: 0 }]);
  });

  it("[QU-01, VA-08] loses nothing when it is killed in the middle of a page: another takes over after a minute", async () => {
    await linkNewPatient();
    vendor.answer = (resource, request) => {
      if (vendor.asked.length === 4) throw new Error("the process dies here");
      return [hourly(resource, windowOf(request))];
    };
    await syncConnection(ground.context, ref, { signal }).catch(() => undefined);
    // As a killed process leaves it: its lease is still there.
    await ground.db.asOwner("update connections set sync_lease_id = gen_random_uuid(), sync_lease_until = now() + interval '50 seconds', failures = 0, next_sync_at = connected_at where id = $1", [ref.connectionId]);
    answerAll();
    expect(await syncConnection(ground.context, ref, { signal })).toMatchObject({ wasRun: false });
    ground.jobs.length = 0;
    await sweep(ground.context);
    expect(ground.jobs.filter(({ key }) => key === ref.connectionId)).toEqual([]);
    await ground.db.asOwner("update connections set sync_lease_until = now() - interval '1 second' where id = $1", [ref.connectionId]);
    await sweep(ground.context);
    expect(ground.jobs.filter(({ key }) => key === ref.connectionId)).toMatchObject([{ queue: "health-sync" }]);
    await syncConnection(ground.context, ref, { signal });
    expect(await samples()).toBe(90 * 24);
  });

  it("does not run twice at the same time", async () => {
    await linkNewPatient();
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    vendor.answer = async function* () {
      await gate;
      yield* [];
    };
    const first = syncConnection(ground.context, ref, { signal });
    await expect.poll(() => vendor.asked.length).toBe(1);
    expect(await syncConnection(ground.context, ref, { signal })).toMatchObject({ wasRun: false });
    open(undefined);
    expect(await first).toMatchObject({ wasRun: true });
  });

  it("[E8] does not let one resource that fails hold up the others", async () => {
    await linkNewPatient();
    vendor.answer = (resource, request) => {
      if (resource === "readings") throw new ProviderContractBroken("The answer is not as agreed.", "/records");
      return [hourly(resource, windowOf(request))];
    };
    await expect(syncConnection(ground.context, ref, { signal })).rejects.toBeInstanceOf(ProviderContractBroken);
    const after = await row();
    expect(after).toMatchObject({ failures: 1, status: "active" });
    expect(after.cursors["news"]).toMatchObject({ fromMs: ground.clock.now() - 90 * DAY_MS });
    expect(after.cursors).not.toHaveProperty("readings");
    answerAll();
    await syncConnection(ground.context, ref, { signal });
    // It rests after its failure; the other one goes on.
    expect((await row()).cursors).not.toHaveProperty("readings");
    expect(await row()).toMatchObject({ failures: 1, status_code: "provider_contract" });
    ground.clock.advance(10 * MINUTE_MS);
    await syncConnection(ground.context, ref, { signal });
    expect((await row()).cursors["readings"]).toMatchObject({ fromMs: ground.clock.now() - 90 * DAY_MS });
    expect(await row()).toMatchObject({ failures: 0, status_code: null });
  });

  it("stops at once at what concerns the whole connection", async () => {
    await linkNewPatient();
    vendor.answer = () => {
      throw new ProviderUnavailable("no answer");
    };
    await expect(syncConnection(ground.context, ref, { signal })).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(vendor.asked).toHaveLength(1);
  });

  it("[OA-14] closes a resource that is not permitted, shows the connection limited, and asks for it again a day later", async () => {
    await linkNewPatient();
    vendor.answer = (resource, request) => {
      if (resource === "news") throw new ProviderRefused("Not permitted.", 403, "");
      return [hourly(resource, windowOf(request))];
    };
    await syncConnection(ground.context, ref, { signal });
    expect(await row()).toMatchObject({ status: "limited", status_code: "missing_scopes", failures: 0, backfill_progress: 1 });
    expect(vendor.asked.filter(({ resource }) => resource === "news")).toHaveLength(1);
    ground.clock.advance(10 * MINUTE_MS);
    await syncConnection(ground.context, ref, { signal });
    expect(vendor.asked.filter(({ resource }) => resource === "news")).toHaveLength(1);
    expect(await row()).toMatchObject({ status: "limited" });
    answerAll();
    ground.clock.advance(DAY_MS);
    await syncConnection(ground.context, ref, { signal });
    const reopened = await row();
    expect(reopened).toMatchObject({ status: "active", status_code: null });
    expect(reopened.cursors["news"]).toMatchObject({ fromMs: ground.clock.now() - 90 * DAY_MS, throughMs: ground.clock.now() });
  });

  it("stays limited through a failure and after it", async () => {
    await linkNewPatient();
    vendor.answer = (resource, request) => {
      if (resource === "news") throw new ProviderRefused("Not permitted.", 412, "");
      return [hourly(resource, windowOf(request))];
    };
    await syncConnection(ground.context, ref, { signal });
    ground.clock.advance(10 * MINUTE_MS);
    vendor.answer = () => {
      throw new ProviderUnavailable("away");
    };
    await syncConnection(ground.context, ref, { signal }).catch(() => undefined);
    expect(await row()).toMatchObject({ status: "limited", status_code: "provider_unavailable" });
    answerAll();
    await syncConnection(ground.context, ref, { signal });
    expect(await row()).toMatchObject({ status: "limited", status_code: "missing_scopes" });
  });

  it("[VA-04] keeps the raw page that cannot be mapped, moves no cursor, and stores its neighbours", async () => {
    await linkNewPatient();
    answerAll();
    const map = vendor.map;
    let isBroken = true;
    vendor.map = (resource, payload) => {
      if (isBroken && resource === "readings") throw new ProviderContractBroken("The page is not as agreed.", "/0");
      return map(resource, payload);
    };
    await expect(syncConnection(ground.context, ref, { signal })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(await ground.db.asOwner("select state, resource, last_error from deliveries where connection_id = $1 and resource = 'readings'", [ref.connectionId])).toEqual([
      { state: "failed", resource: "readings", last_error: "provider_contract" },
    ]);
    expect((await row()).cursors).not.toHaveProperty("readings");
    expect(await samples()).toBe(90 * 24);
    isBroken = false;
    ground.clock.advance(10 * MINUTE_MS);
    await syncConnection(ground.context, ref, { signal });
    vendor.map = map;
    expect((await row()).cursors["readings"]).toMatchObject({ fromMs: ground.clock.now() - 90 * DAY_MS });
  });

  it("loses no reading between a page that is stored and one that is in another worker's hands", async () => {
    await linkNewPatient();
    answerAll();
    const draining = new AbortController();
    const drain = (async () => {
      // A worker that grabs whatever it can, all the time.
      while (!draining.signal.aborted) await ground.db.database.asSystem((tx) => tx.query("update deliveries set state = 'processing', lease_id = gen_random_uuid(), lease_until = now() + interval '1 hour' where state = 'pending'"));
    })();
    await syncConnection(ground.context, ref, { signal });
    draining.abort();
    await drain;
    expect(await samples()).toBe(90 * 24);
    expect(await ground.db.asOwner("select 1 from deliveries where connection_id = $1 and state <> 'done'", [ref.connectionId])).toEqual([]);
  });

  it("tells in the change feed that the connection changed, and leaves an audit entry when its state did", async () => {
    await linkNewPatient();
    vendor.answer = () => {
      throw new ReauthorizationRequired("dead");
    };
    await syncConnection(ground.context, ref, { signal }).catch(() => undefined);
    expect(await ground.db.asOwner("select 1 from changes where connection_id = $1 and kind = 'connection'", [ref.connectionId])).toHaveLength(2);
    expect(await ground.db.asOwner("select action from audit_log where object_id = $1 order by id", [ref.connectionId])).toEqual([
      { action: "connection.made" }, { action: "connection.needs_reauthorization" },
    ]);
  });
});
