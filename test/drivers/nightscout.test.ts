/** Nightscout against simulated sites of its own. [R1] */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import type { CredentialsAuth } from "#driver/auth.ts";
import type { MapResult, TreatmentRecord, VendorRecord } from "#driver/records.ts";
import type { DriverCall } from "#driver/types.ts";
import { nightscout } from "#drivers/nightscout/index.ts";
import { createAppFetch } from "#http/authorized.ts";
import { createTestClient } from "#http/test-kit.ts";
import type { AuthorizedFetch } from "#http/types.ts";
import { createPeople, type Person } from "#sim/people/person.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Window } from "#units/time.ts";
import { testDriver } from "./contract.ts";
import { parseJson, World, type Connection, type DriverContract } from "./contract-world.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../src/drivers/nightscout/fixtures/${name}.json`, import.meta.url), "utf8"));

const accessTokenOf = (cloud: SimCloud, person: string): string => String(cloud.control.people().find(({ id }) => id === person)!.facts["nightscout"]!["accessToken"]);

/** A contract for one person's site and one way into it. */
function contractFor(person: string, way: "token" | "secret"): DriverContract {
  const typed = { token: "" };
  const signInPaths: string[] = [];
  return {
    driver: nightscout,
    startCloud: async (clock: Clock): Promise<SimCloud> => {
      const cloud = await startSimCloud("nightscout", person, clock);
      typed.token = accessTokenOf(cloud, person);
      signInPaths.push(way === "token" ? `/api/v2/authorization/request/${typed.token}` : "/api/v1/verifyauth");
      return cloud;
    },
    nowMs: NOW_MS,
    window: { fromMs: NOW_MS - 15 * DAY_MS, toMs: NOW_MS },
    payloads: [
      ...["entries-v1", "entries-v3"].flatMap((name) => ["entries", "entries_late"].map((resource) => ({ resource, payload: fixture(name) }))),
      ...["treatments-v1", "treatments-v3", "treatments-page"].map((name) => ({ resource: "treatments", payload: fixture(name), hasIndependentItems: name === "treatments-v1" })),
      { resource: "treatments_late", payload: fixture("treatments-v1") },
      { resource: "profile", payload: fixture("profile") },
    ],
    credentials: ({ key }, baseUrl) => ({ url: baseUrl, ...(way === "token" ? { token: typed.token } : { secret: key }) }),
    signInPaths,
    // The only door to a JWT has the access token in its path; the secret goes in a header.
    ...(way === "token" ? { takesTokenInAddress: true } : {}),
    askedWindowMs: windowOf,
  };
}

function windowOf(url: URL): number | null {
  const bound = (names: readonly string[]): number | null => {
    const text = names.map((name) => url.searchParams.get(name)).find((value) => value !== null);
    return text === undefined || text === null ? null : /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  };
  const fromMs = bound(["date$gte", "created_at$gte", "find[date][$gte]", "find[created_at][$gte]"]);
  const toMs = bound(["date$lt", "created_at$lt", "find[date][$lt]", "find[created_at][$lt]"]);
  return fromMs === null || toMs === null ? null : toMs - fromMs;
}

testDriver(contractFor("aroha", "token"));
testDriver(contractFor("ana", "secret"));

const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];
const auth = nightscout.auth as CredentialsAuth;

/** The seed is that of `startSimCloud`. */
const people = createPeople(20_260_601);
function personOf(name: string): Person {
  const found = people.find(({ who }) => who.id === name);
  if (!found) throw new Error(`There is no simulated person ${name}.`);
  return found;
}

interface Visit {
  readonly world: World;
  readonly cloud: SimCloud;
  readonly connection: Connection;
  readonly call: DriverCall;
}

const open: World[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop();
});

async function visit(person: string, more: { way?: "token" | "secret" | "public"; settings?: Record<string, string>; switches?: Record<string, string> } = {}): Promise<Visit> {
  const contract = contractFor(person, more.way === "secret" ? "secret" : "token");
  const startCloud = async (clock: Clock): Promise<SimCloud> => {
    const cloud = (await contract.startCloud(clock)) as SimCloud;
    if (more.way === "public") cloud.control.turn("nightscout", "publicSite", person);
    for (const [name, position] of Object.entries(more.switches ?? {})) cloud.control.turn("nightscout", name, position);
    return cloud;
  };
  const world = new World({ ...contract, startCloud, settings: more.settings ?? {}, ...(more.way === "public" ? { credentials: (_, url) => ({ url }) } : {}) });
  open.push(world);
  await world.start();
  const connection = await world.connect();
  return { world, cloud: world.cloud as SimCloud, connection, call: connection.call };
}

async function pagesAsText(world: World, call: DriverCall, window: Window): Promise<string[]> {
  return (await world.pages(call, "treatments", window)).map(({ body }) => new TextDecoder().decode(body));
}

describe("ways into a site of Nightscout", () => {
  it("are an access token, the secret, or none where the site is public", async () => {
    const { world, cloud } = await visit("ana");
    const typed = { token: accessTokenOf(cloud, "ana"), secret: cloud.account!.key };
    expect(await world.signIn(auth, { token: typed.token })).toMatchObject({ expiresAtMs: NOW_MS + 8 * HOUR_MS, settings: { mode: "token", site_api: "v3", subject: "ana reader" } });
    const session = await world.signIn(auth, { secret: typed.secret });
    expect(session.settings).toMatchObject({ mode: "secret" });
    // The secret itself leaves this house in no call.
    expect(session.token.open()).toMatch(/^[0-9a-f]{40}$/);
    await expect(world.signIn(auth, {})).rejects.toMatchObject({ code: "reauthorization_required" });
    cloud.control.turn("nightscout", "publicSite", "ana");
    expect((await world.signIn(auth, {})).settings).toMatchObject({ mode: "public" });
  });

  it("read the same by token, by secret and without either, by both versions of the API [W5]", async () => {
    const window = { fromMs: NOW_MS - 9 * DAY_MS, toMs: NOW_MS };
    const recordsOf = async (person: string, version: string, more: { settings?: Record<string, string>; way?: "token" | "secret" | "public" }): Promise<{ entries: string[]; treatments: string[] }> => {
      const { world, call } = await visit(person, more);
      // Version 1 goes on showing rows that were deleted through version 3.
      const read = async (resource: string): Promise<string[]> =>
        (await world.read(call, resource, window)).records.filter(({ record }) => record !== "withdrawal").map((record) => JSON.stringify(record)).toSorted();
      const found = { entries: await read("entries"), treatments: await read("treatments") };
      expect(world.proxy.seen.every(({ target }) => target.includes(`/api/${version}/`))).toBe(true);
      return found;
    };
    for (const person of ["ana", "liam", "aroha"]) {
      const first = await recordsOf(person, "v3", {});
      expect(first.treatments.length).toBeGreaterThan(30);
      expect(await recordsOf(person, "v1", { settings: { api: "v1" } })).toEqual(first);
      expect(await recordsOf(person, "v1", { way: "secret" })).toEqual(first);
      expect(await recordsOf(person, "v1", { way: "public" })).toEqual(first);
    }
  });

  it("are asked once and no more where they are refused, and not at all with what is no token [OA-20]", async () => {
    const { world, cloud } = await visit("ana");
    const callsOf = async (credentials: Record<string, string>): Promise<number> => {
      world.proxy.reset();
      await expect(world.signIn(auth, credentials)).rejects.toMatchObject({ code: "reauthorization_required" });
      return world.proxy.seen.length;
    };
    expect(await callsOf({ token: "ana-0123456789abcdef" })).toBe(1);
    expect(await callsOf({ secret: "not the secret of this site" })).toBe(1);
    expect(await callsOf({ token: "my-password" })).toBe(0);
    expect(world.clock.slept).toEqual([]);
    expect(auth.refusalProofSeconds).toBe(0);
    // A wrong secret is no way into a public site either: what was given was not taken.
    cloud.control.turn("nightscout", "publicSite", "ana");
    expect(await callsOf({ secret: "not the secret of this site" })).toBe(1);
  });

  it("take a token out of the address that a site shows with it", async () => {
    const { world, cloud } = await visit("ana");
    expect((await world.signIn(auth, { token: ` https://ana.example.org/?token=${accessTokenOf(cloud, "ana")}&lang=en ` })).settings).toMatchObject({ mode: "token" });
  });

  it("go on with a new JWT when the eight hours of the first are over [OA-16]", async () => {
    const { world, connection, call } = await visit("ana");
    await world.clock.sleep(9 * HOUR_MS);
    const { records } = await world.read(call, "entries", { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS });
    expect(records.length).toBeGreaterThan(5);
    expect(connection.refreshes).toBe(1);
  });

  it("lead to version 1 where the server has no other", async () => {
    const { world, call } = await visit("ana", { switches: { apiV3: "absent" } });
    const { records, problems } = await world.read(call, "entries", { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS });
    expect(records.length).toBeGreaterThan(200);
    expect(problems).toEqual([]);
    expect(world.proxy.seen.every(({ target }) => target.includes("/api/v1/"))).toBe(true);
  });

  it("tell a host without a Nightscout from a refusal [OA-21]", async () => {
    const { world, cloud } = await visit("ana");
    for (const credentials of [{ token: accessTokenOf(cloud, "ana") }, { secret: cloud.account!.key }, {}]) {
      for (const kind of ["api", "token"] as const) world.proxy.answerAlways(kind, { status: 404, body: "<html>no such app</html>" });
      await expect(world.signIn(auth, credentials)).rejects.toMatchObject({ code: "provider_unavailable" });
    }
  });

  it("lead to one account for each site, and behind one address to one for each person [OA-07]", async () => {
    const ids = await Promise.all(["ana", "liam"].map(async (person) => (await visit(person)).call.account.vendorUserId));
    expect(ids).toEqual(["ana reader", "liam reader"]);
    const { world, cloud } = await visit("ana");
    const fetchAt = (): AuthorizedFetch => createAppFetch({ http: createTestClient({ clock: world.clock }), scope: { provider: "nightscout" }, apiBaseUrl: cloud.baseUrl });
    const typed = { url: "https://Ana.example.org:8443", token: accessTokenOf(cloud, "ana") };
    expect((await auth.signIn({ credentials: typed, settings: {}, fetchAt, nowMs: NOW_MS })).account).toEqual({ vendorUserId: "ana.example.org:8443", grantedScopes: null });
  });
});

describe("Nightscout and the people of the simulated cloud", () => {
  const sum = (records: readonly VendorRecord[], ...kinds: readonly string[]): number =>
    records.reduce((total, record) => total + (record.record === "treatment" && kinds.includes(record.kind) ? (record.amount ?? 0) : 0), 0);

  it.each(PEOPLE)("agrees with %s's sensor, reading by reading", async (name) => {
    const { world, call } = await visit(name);
    const { records, problems } = await world.read(call, "entries", { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS });
    expect(problems).toEqual([]);
    const told = new Map(records.flatMap((record) => (record.record === "sample" && record.metric === "glucose" ? [[record.startMs, record.value]] : [])));
    const sensed = personOf(name).readings(NOW_MS - 3 * DAY_MS, NOW_MS - 1);
    expect(sensed.length).toBeGreaterThan(400);
    for (const { atMs, mgDl } of sensed) {
      if (mgDl >= 39 && mgDl <= 400) expect(told.get(atMs)).toBe(mgDl);
      else expect(mgDl < 39 ? [39] : [400, 401]).toContain(told.get(atMs));
    }
    // Nothing but what was sensed: no error code has become a reading.
    const known = new Set(sensed.map(({ atMs }) => atMs));
    expect([...told.keys()].filter((ms) => !known.has(ms))).toEqual([]);
  });

  it.each(PEOPLE)("counts what %s ate and took once, whatever was entered twice, late, ahead, in parts or taken back", async (name) => {
    const { world, call } = await visit(name);
    // A month, as one page after the other brings it.
    const month = { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS };
    const { records, problems } = await world.read(call, "treatments", month);
    expect(problems).toEqual([]);
    const person = personOf(name);
    const done = person.treatments(month.fromMs - HOUR_MS, month.toMs);
    const total = (kind: string): number => done.filter((one) => one.kind === kind && one.atMs >= month.fromMs).reduce((all, { amount }) => all + amount, 0);
    // At the two ends a part of a meal may lie on the other side.
    expect(Math.abs(sum(records, "carbohydrates") - total("carbs"))).toBeLessThanOrEqual(60);
    expect(sum(records, "insulin_rapid", "insulin_unspecified")).toBeCloseTo(total("rapid") + total("long"), 3);
    expect(records.filter(({ record }) => record === "treatment").every((record) => record.record !== "treatment" || record.endMs === undefined || record.endMs > record.atMs)).toBe(true);
  });

  it("gives the pump's basal rate for no minute twice", async () => {
    const { world, call } = await visit("aroha");
    const segments = (await world.read(call, "treatments", { fromMs: NOW_MS - 10 * DAY_MS, toMs: NOW_MS })).records
      .filter((record): record is TreatmentRecord => record.record === "treatment" && record.kind === "insulin_basal").toSorted((a, b) => a.atMs - b.atMs);
    expect(segments.length).toBeGreaterThan(100);
    expect(segments.filter(({ endMs = 0 }, index) => endMs > (segments[index + 1]?.atMs ?? Infinity))).toEqual([]);
    expect(segments.some(({ amount }) => amount === undefined)).toBe(true);
    expect(segments.some(({ amount }) => amount === 0)).toBe(true);
  });

  it.each([["by its absence", "ana", "auto"], ["by its absence through version 3", "aroha", "auto"], ["by its mark", "aroha", "v1"]] as const)("notices that an entry is gone %s [WH-09]", async (how, name, api) => {
    const { world, call } = await visit(name, { settings: { api } });
    /** What there is of the last day, and of which stretch nothing else is left. */
    const look = async (): Promise<MapResult> => {
      const nowMs = world.clock.now();
      const [page] = await world.pages({ ...call, nowMs }, "treatments", { fromMs: nowMs - DAY_MS, toMs: nowMs });
      return nightscout.map("treatments", parseJson(page!.body), { receivedMs: nowMs, zone: "UTC" });
    };
    const twins = (result: MapResult): TreatmentRecord[] => result.records.filter((record): record is TreatmentRecord => record.record === "treatment");
    let before = await look();
    for (let tries = 0; tries < 900; tries += 1) {
      await world.clock.sleep(25 * MINUTE_MS);
      const after = await look();
      const left = new Set(twins(after).map(({ vendorId }) => vendorId));
      const gone = twins(before).find(({ vendorId, atMs }) => !left.has(vendorId) && atMs > after.replaces!.fromMs);
      before = after;
      if (!gone) continue;
      expect(gone.atMs).toBeLessThan(after.replaces!.toMs);
      const isMarked = after.records.some((record) => record.record === "withdrawal" && record.vendorId === gone.vendorId);
      expect(isMarked).toBe(how === "by its mark");
      return;
    }
    throw new Error("Nothing was deleted.");
  });

  it("gives the same page as long as nothing new has come, so that it is not stored again", async () => {
    const { world, call } = await visit("priya");
    const asked = (nowMs: number): Promise<string[]> => pagesAsText(world, { ...call, nowMs }, { fromMs: NOW_MS - DAY_MS, toMs: nowMs });
    const first = await asked(NOW_MS);
    expect(await asked(NOW_MS + 1_000)).toEqual(first);
  });

  it("has carbohydrates that are entered ahead as soon as they are entered", async () => {
    const { world, call } = await visit("aroha");
    let ahead: VendorRecord[] = [];
    for (let tries = 0; tries < 60 && ahead.length === 0; tries += 1) {
      const nowMs = world.clock.now();
      const page = (await world.pages({ ...call, nowMs }, "treatments", { fromMs: nowMs - 6 * HOUR_MS, toMs: nowMs })).at(-1)!;
      const { records } = nightscout.map("treatments", parseJson(page.body), { receivedMs: nowMs, zone: "Pacific/Auckland" });
      ahead = records.filter((record) => record.record === "treatment" && record.atMs > nowMs);
      await world.clock.sleep(30 * MINUTE_MS);
    }
    expect(ahead.length).toBeGreaterThan(0);
    expect(ahead.every((record) => record.record === "treatment" && record.kind === "carbohydrates")).toBe(true);
  });

  it("tells of a sensor once, though its program announces it dozens of times", async () => {
    const { world, call } = await visit("ana");
    const { records } = await world.read(call, "treatments", { fromMs: NOW_MS - 40 * DAY_MS, toMs: NOW_MS });
    const starts = records.flatMap((record) => (record.record === "treatment" && record.text === "Sensor Start" ? [record.atMs] : []));
    expect(starts.length).toBeGreaterThanOrEqual(3);
    expect(starts.length).toBeLessThanOrEqual(5);
  });
});
