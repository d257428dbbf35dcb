/** How vendors stand, for admins: from what is kept of calls, limits, connections and subscriptions, without a secret. Faults VA-02, VA-03. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { HOUR, makeConnection, MINUTE, problemOf } from "./kit.ts";

interface Standing {
  readonly id: string; readonly isConfigured: boolean; readonly missingSettings: string[]; readonly documentation: string; readonly health: string; readonly quietUntil: string | null;
  readonly lastCalls: { made: number; failed: number } | null; readonly limits: { requests: number; perSeconds: number; scope: string; left: number; endsAt: string | null }[];
  readonly connections: Record<string, number>; readonly lastSyncAt: string | null; readonly subscription: { kind: string; isMade: boolean | null };
}

let test: TestApp;
let admin: Person;
beforeAll(async () => {
  test = await startTestApp({ env: { STRAVA_CLIENT_ID: "strava-client-id", STRAVA_CLIENT_SECRET: "strava-client-secret" } });
  // What starting has called by itself.
  for (const table of ["vendor_states", "call_budgets"]) await test.db.asOwner(`delete from ${table}`);
  const email = "admin@example.org";
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "admin", roles: ["admin"], zone: "UTC" });
  admin = { email, userId, patientId: null, token: await test.signIn(email) };
});
afterAll(() => test.close());

async function standings(): Promise<Map<string, Standing>> {
  const answer = await test.request({ as: admin, method: "GET", url: "/api/v1/vendors" });
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.body).not.toMatch(/strava-client|sealed/);
  return new Map(answer.json<{ data: Standing[] }>().data.map((each) => [each.id, each]));
}
const iso = (ms: number): string => new Date(ms).toISOString();

describe("vendors", () => {
  it("are all there, those in use first, and nothing secret with them", async () => {
    const found = await standings();
    expect(found.size).toBe(test.app.sync.providers.drivers.length);
    expect(found.get("strava")).toMatchObject({ isConfigured: true, missingSettings: [], documentation: "docs/drivers/strava.md", connections: {} });
  });

  it("tell how their last calls went, and until when they are left alone [VA-02] [VA-03]", async () => {
    const nowMs = test.clock.now();
    const put = (provider: string, outcomes: string, more: { opened?: number; retryMs?: number; heldMs?: number; agoMs?: number } = {}) => test.db.asOwner(
      `insert into vendor_states (provider, whom, outcomes, opened, retry_at, held_until, updated_at) values ($1, 'app', $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))`,
      [provider, outcomes, more.opened ?? 0, more.retryMs ?? null, more.heldMs ?? null, nowMs - (more.agoMs ?? MINUTE)],
    );
    await put("dexcom", "1111011111");
    await put("strava", "1", { heldMs: nowMs + 5 * MINUTE });
    await put("oura", "", { opened: 2, retryMs: nowMs + MINUTE });
    await put("whoop", "1100");
    await put("polar", "1111", { agoMs: 2 * HOUR });
    const found = await standings();
    expect(found.get("dexcom")).toMatchObject({ health: "good", quietUntil: null, lastCalls: { made: 10, failed: 1 } });
    expect(found.get("strava")).toMatchObject({ health: "held", quietUntil: iso(nowMs + 5 * MINUTE) });
    expect(found.get("oura")).toMatchObject({ health: "resting", quietUntil: iso(nowMs + MINUTE), lastCalls: null });
    expect(found.get("whoop")).toMatchObject({ health: "failing" });
    expect(found.get("polar")).toMatchObject({ health: "unknown" });
  });

  it("tell what is left of each limit in its present window", async () => {
    const nowMs = test.clock.now();
    const before = (await standings()).get("strava")!.limits;
    const [short] = before;
    expect(before.every(({ left, requests, endsAt }) => left === requests && endsAt === null)).toBe(true);
    const put = (whom: string, used: number, endsMs: number) => test.db.asOwner(
      `insert into call_budgets (provider, whom, limit_key, window_index, ends_at, used, granted) values ('strava', $1, $2, 1, to_timestamp($3::float8 / 1000), $4, 1)
       on conflict (provider, whom, limit_key) do update set ends_at = excluded.ends_at, used = excluded.used`, [whom, `${short!.requests}/${short!.perSeconds}`, endsMs, used],
    );
    await put("app", 30, nowMs + MINUTE);
    expect((await standings()).get("strava")!.limits[0]).toMatchObject({ left: short!.requests - 30, endsAt: iso(nowMs + MINUTE) });
    await put("app", 30, nowMs - 1);
    expect((await standings()).get("strava")!.limits[0]).toMatchObject({ left: short!.requests, endsAt: null });
  });

  it("tell of the organization's own connections alone, and of subscriptions", async () => {
    await makeConnection(test, test.people.patient, "garmin");
    const other = await makeConnection(test, test.people.stranger, "garmin", "another");
    await test.db.asOwner("update connections set status = 'needs_reauthorization', last_sync_at = to_timestamp($2::float8 / 1000) where id = $1", [other, test.clock.now()]);
    const [elsewhere] = await test.db.asOwner<{ id: string }>("select organization_id as id from patients where id = $1", [test.people.foreigner.patientId]);
    await test.db.asOwner("insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'garmin', 'active', 'foreign')", [elsewhere!.id, test.people.foreigner.patientId]);
    const found = await standings();
    expect(found.get("garmin")).toMatchObject({ connections: { active: 1, needs_reauthorization: 1 }, lastSyncAt: iso(test.clock.now()) });
    expect([...found.keys()][0]).toBe("garmin");
    expect(found.get("strava")!.subscription.kind).toBe("of_app");
    expect(found.get("manual")!.subscription).toEqual({ kind: "none", isMade: null, since: null });
    expect(problemOf(await test.request({ as: test.people.clinician, method: "GET", url: "/api/v1/vendors" })).status).toBe(403);
  });
});
