/** Which sources are believed, why, and the patient's own say in it. [R4] [W4] */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DaySummary, GlucoseLatest, MetricsReply, Sleep, SourceRuleReply, SourceRules } from "../../src/api/schemas.ts";
import type { VendorRecord } from "#driver/records.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { DAY, give, HOUR, makeConnection, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

let test: TestApp;
let dexcom: string;
let nightscout: string;
beforeAll(async () => {
  test = await startTestApp();
  dexcom = await makeConnection(test, test.people.patient, "dexcom");
  nightscout = await makeConnection(test, test.people.patient, "nightscout");
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.asOwner("truncate samples, day_blocks, series, sleeps, workouts, treatments, source_rules");
  await give(test, test.people.patient, { records: readings(wave(0), NOW_MS - MINUTE, { device: "G7" }), provider: "dexcom", connectionId: dexcom });
  await give(test, test.people.patient, { records: readings(wave(40), NOW_MS - 2 * MINUTE, { device: "Libre 3", everyMinutes: 1 }), provider: "nightscout", connectionId: nightscout });
});

const wave = (more: number): number[] => Array.from({ length: 24 }, (_, index) => 120 + more + index);
const me = <T>(path: string): Promise<T> => read<T>(test, test.people.patient, path);
const rules = (): Promise<SourceRules> => me<SourceRules>("/source-rules");
const at = (patientId: string, metric: string): string => `/api/v1/patients/${patientId}/source-rules/${metric}`;
const put = (metric: string, payload: object, as: Person = test.people.patient) => test.request({ as, method: "PUT", url: at(test.people.patient.patientId!, metric), payload });
const remove = (metric: string, as: Person = test.people.patient) => test.request({ as, method: "DELETE", url: at(test.people.patient.patientId!, metric) });
const latestOf = async (): Promise<string | null | undefined> => (await me<GlucoseLatest>("/glucose/latest")).reading?.source.provider;
const told = ({ metrics }: SourceRules | SourceRuleReply, metric = "glucose") => metrics.find((each) => each.metric === metric)?.sources.map(({ source, reason }) => `${source.provider} ${reason}`);

describe("the rules that are in force", () => {
  it("name the sources of each metric that there is data of, the best first, with what put each where it is", async () => {
    await give(test, test.people.patient, { records: [{ record: "sample", metric: "weight", startMs: NOW_MS - HOUR, value: 71, offsetMinutes: 120 }] });
    const { rules: own, metrics } = await rules();
    expect(own).toEqual([]);
    expect(metrics.map(({ metric, rule }) => [metric, rule])).toEqual([["glucose", null], ["weight", null]]);
    expect(metrics[0]!.sources.map(({ source, deviceId, path, spacingS, reason, isDayTotal }) => [source.provider, deviceId, path, spacingS, reason, isDayTotal])).toEqual([
      ["dexcom", "G7", "direct", 300, "direct", false], ["nightscout", "Libre 3", "hub", 60, "direct", false],
    ]);
    expect(metrics[1]!.sources).toMatchObject([{ path: "import", reason: "only_source", spacingS: null, firstAt: null, newestAt: new Date(NOW_MS - HOUR).toISOString() }]);
  });

  it("are none where there is no data", async () => {
    await test.db.asOwner("truncate samples, day_blocks, series");
    expect(await rules()).toEqual({ rules: [], metrics: [] });
  });
});

describe("a rule of one's own", () => {
  it("changes at once what every reply shows, and its removal changes it back", async () => {
    expect(await latestOf()).toBe("dexcom");
    const answer = await put("glucose", { order: [{ provider: "nightscout", deviceId: "Libre 3" }] });
    expect(answer.statusCode).toBe(200);
    const reply = answer.json<SourceRuleReply>();
    expect(reply.rule).toMatchObject({ metric: "glucose", order: [{ provider: "nightscout", deviceId: "Libre 3" }], exclude: [] });
    expect(told(reply)).toEqual(["nightscout own_order", "dexcom own_order"]);
    expect((await rules()).metrics).toEqual(reply.metrics);
    expect(await latestOf()).toBe("nightscout");
    const { series: [glucose], sources } = await me<MetricsReply>("/metrics?metrics=glucose");
    expect(sources[glucose!.sourceIndexes.at(-1)!]?.provider).toBe("nightscout");
    const { data } = await me<{ data: DaySummary[] }>("/days?from=2026-10-15&to=2026-10-15");
    expect(data[0]?.metrics[0]?.max).toBeGreaterThan(160);

    expect((await remove("glucose")).statusCode).toBe(204);
    expect((await remove("glucose")).statusCode).toBe(204);
    expect(await latestOf()).toBe("dexcom");
    expect((await rules()).rules).toEqual([]);
  });

  it("leaves out what it excludes, which `source=` still shows", async () => {
    const reply = (await put("glucose", { exclude: [{ connectionId: dexcom }] })).json<SourceRuleReply>();
    expect(told(reply)).toEqual(["nightscout only_source", "dexcom excluded"]);
    expect(await latestOf()).toBe("nightscout");
    const excluded = reply.metrics[0]!.sources[1]!.source.id;
    expect((await me<MetricsReply>(`/metrics?metrics=glucose&source=${excluded}`)).series[0]?.values).toHaveLength(24);
    expect((await me<MetricsReply>("/metrics?metrics=glucose")).sources.map(({ provider }) => provider)).toEqual(["nightscout"]);
  });

  it("of all metrics holds for those without one, and for nights; a metric's own replaces it", async () => {
    const night = (provider: string, connectionId: string, length: number): Promise<string> => give(test, test.people.patient, {
      records: [{ record: "sleep", vendorId: provider, startMs: NOW_MS - 14 * HOUR, endMs: NOW_MS - (14 - length) * HOUR, offsetMinutes: 120, isNap: false, stages: [], totals: {} } satisfies VendorRecord], provider, connectionId,
    });
    await night("dexcom", dexcom, 8);
    await night("nightscout", nightscout, 7.9);
    const asleepBy = async (): Promise<string | null> => (await me<{ sleep: Sleep }>("/sleeps/latest")).sleep.source.provider;
    expect(await asleepBy()).toBe("dexcom");
    expect(told((await put("all", { order: [{ provider: "nightscout" }] })).json<SourceRuleReply>())).toEqual(["nightscout own_order", "dexcom own_order"]);
    expect(await asleepBy()).toBe("nightscout");
    await put("glucose", {});
    expect((await rules()).metrics[0]).toMatchObject({ rule: "glucose", sources: [{ source: { provider: "dexcom" }, reason: "direct" }, {}] });
    expect((await rules()).rules.map(({ metric }) => metric)).toEqual(["all", "glucose"]);
  });

  it("is written by the patient and by who may manage, read by who may view", async () => {
    const { clinician } = test.people;
    const look = () => test.request({ as: clinician, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}/source-rules` });
    expect((await look()).statusCode).toBe(200);
    expect((await put("all", {}, clinician)).statusCode).toBe(403);
    expect((await remove("all", clinician)).statusCode).toBe(403);
    await test.db.asOwner("update grants set scope = 'manage'");
    try {
      expect((await put("all", { order: [{ provider: "nightscout" }] }, clinician)).statusCode).toBe(200);
      expect((await remove("all", clinician)).statusCode).toBe(204);
    } finally {
      await test.db.asOwner("update grants set scope = 'view'");
    }
  });

  it("is audited and announced once for each change, and not where nothing changed", async () => {
    const lines = () => test.db.asOwner<{ action: string; object_id: string; actor_user_id: string }>("select action, object_id, actor_user_id from audit_log where object_type = 'source_rule' order by id");
    const changes = () => test.db.asOwner<{ metric: number | null }>("select metric from changes where kind = 'sources' order by id");
    const [linesBefore, changesBefore] = [(await lines()).length, (await changes()).length];
    await put("glucose", { order: [{ provider: "nightscout" }] });
    await put("glucose", { order: [{ provider: "nightscout" }] });
    await put("all", { exclude: [{ provider: "dexcom" }] });
    await remove("glucose");
    await remove("glucose");
    const actor_user_id = test.people.patient.userId;
    expect((await lines()).slice(linesBefore)).toEqual([
      { action: "source_rule.set", object_id: "glucose", actor_user_id }, { action: "source_rule.set", object_id: "all", actor_user_id }, { action: "source_rule.removed", object_id: "glucose", actor_user_id },
    ]);
    expect((await changes()).slice(changesBefore)).toEqual([{ metric: 1 }, { metric: null }, { metric: 1 }]);
  });

  it("is told to who listens", async () => {
    const position = await test.app.api.live.position();
    await put("glucose", { order: [{ provider: "nightscout" }] });
    expect(await test.app.api.live.since(test.people.patient.patientId!, position)).toMatchObject([{ kind: "sources", metric: 1, fromMs: null, toMs: null }]);
  });

  it("names what can be meant: refusals say where, what is wrong and what to do", async () => {
    const tooMany = Array.from({ length: 51 }, () => ({ provider: "dexcom" }));
    for (const [metric, body, pointer, words] of [
      ["happiness", {}, "/params/metric", "use all, or one of"], ["toString", {}, "/params/metric", "use all"],
      ["glucose", { order: [{ provider: "dexcom" }, { provider: "dexkom" }] }, "/body/order/1/provider", "GET /providers"],
      ["glucose", { exclude: [{ connectionId: randomUUID() }] }, "/body/exclude/0/connectionId", "GET …/connections"],
      ["glucose", { order: [{ connectionId: "-".repeat(36) }] }, "/body/order/0/connectionId", "GET …/connections"],
      ["glucose", { order: [{ deviceId: "G8" }] }, "/body/order/0/deviceId", "use a deviceId"],
      ["glucose", { order: [{ provider: "dexcom", deviceId: "Libre 3" }] }, "/body/order/0/deviceId", "that fits"],
      ["glucose", { order: [{}] }, "/body/order/0", "give provider, connectionId or deviceId"],
      ["glucose", { order: [{ provider: "dexcom" }], exclude: [{ provider: "dexcom" }] }, "/body/exclude/0", "leave it in one place"],
      ["glucose", { order: [{ provider: "dexcom" }, { provider: "dexcom" }] }, "/body/order/1", "leave it in one place"],
      ["glucose", { order: "dexcom" }, "/body/order", ""], ["glucose", { order: [{ source: "1" }] }, "/body/order/0", ""], ["glucose", { first: [] }, "/body/", ""],
      ["glucose", { order: tooMany }, "/body/order", ""],
    ] as const) {
      const answer = await put(metric, body);
      expect(answer.statusCode, JSON.stringify(body)).toBe(400);
      const [issue] = problemOf(answer).errors ?? [];
      expect(issue?.pointer, JSON.stringify(body)).toBe(pointer);
      expect(issue?.detail).toContain(words);
    }
    expect((await remove("happiness")).statusCode).toBe(400);
    expect((await rules()).rules).toEqual([]);
  });

  it("of a stranger's connection is no rule", async () => {
    const theirs = await makeConnection(test, test.people.stranger, "garmin");
    expect((await put("all", { order: [{ connectionId: theirs }] })).statusCode).toBe(400);
  });

  it("is seen by one organization only", async () => {
    await put("all", { order: [{ provider: "nightscout" }] });
    const [foreign] = await test.db.asOwner<{ organization_id: string }>("select organization_id from patients where id = $1", [test.people.foreigner.patientId]);
    expect(await test.db.database.withOrganization(foreign!.organization_id, (tx) => tx.query("select 1 from source_rules"))).toEqual([]);
    await expect(test.db.database.asSystem((tx) => tx.query("select 1 from source_rules"))).rejects.toThrow(/permission denied/);
  });
});

describe("a day long ago", () => {
  it("is read by the rules of today, whatever was believed then", async () => {
    const before = NOW_MS - 30 * DAY;
    await give(test, test.people.patient, { records: readings(wave(0), before), provider: "dexcom", connectionId: dexcom });
    await put("glucose", { exclude: [{ provider: "dexcom" }] });
    expect((await me<MetricsReply>(`/metrics?metrics=glucose&from=${new Date(before - DAY).toISOString()}&to=${new Date(before + DAY).toISOString()}`)).series[0]?.values).toEqual([]);
  });
});
