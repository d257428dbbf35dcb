/** The day at a glance: what is counted of connections and deliveries, which requests are of today, until when somebody can be put off, who sees what. */
import { describe, expect, it } from "vitest";
import type { VendorStanding } from "#web/client/operations.d.ts";
import { buttonsIn, Screen } from "../administration/parts/draw-for-tests.tsx";
import type { Line } from "../appointments/types.ts";
import { byDay } from "./Created.tsx";
import { Dashboard } from "./Dashboard.tsx";
import { connectionsBy, inboxOf, inTrouble } from "./operation-counts.ts";
import { dateIn, spanOf, untilOf } from "./put-off.ts";

const vendor = (id: string, health: VendorStanding["health"], connections: Record<string, number>) => ({ id, displayName: id, health, connections }) as unknown as VendorStanding;

describe("what an administrator is told at first sight", () => {
  const vendors = [vendor("dexcom", "failing", { active: 3, error: 1 }), vendor("oura", "good", { active: 2, disconnected: 9 }), vendor("polar", "resting", {})];

  it("[W6] counts connections over all vendors; those that have ended are no news", () => {
    expect(connectionsBy(vendors)).toEqual({ active: 5, error: 1, needs_reauthorization: 0, limited: 0 });
  });

  it("names vendors in trouble only where somebody here uses them", () => {
    expect(inTrouble(vendors).map(({ id }) => id)).toEqual(["dexcom"]);
  });

  it("[W6] counts what waits of the inbox in every state that waits, and since when the oldest does; what was given up waits no more", () => {
    const counts = [
      { provider: "dexcom", state: "pending", count: 4, oldestAt: "2026-11-21T10:00:00.5Z" }, { provider: "oura", state: "failed", count: 2, oldestAt: "2026-11-21T09:00:00Z" },
      { provider: "oura", state: "processing", count: 1, oldestAt: "2026-11-21T10:00:00.25Z" }, { provider: "polar", state: "dead", count: 7, oldestAt: "2026-11-01T00:00:00Z" },
    ] as const;
    expect(inboxOf([...counts])).toEqual({ waiting: 7, failed: 2, dead: 7, oldestAt: "2026-11-21T09:00:00Z" });
    expect(inboxOf([])).toEqual({ waiting: 0, failed: 0, dead: 0, oldestAt: null });
  });
});

const line = (id: string, stateSince: string): Line => ({
  id, patientId: "p", displayName: `Ana ${id}`, state: "created", motives: ["ketosis"], otherMotive: null, isSevere: false, isEmergency: true, priority: "normal", priorityReason: null, requestedAt: stateSince, stateSince, handledBy: null,
  denialReason: null, version: 1, position: 1, files: 0,
});

describe("requests to be answered", () => {
  it("[D6] are of today by the viewer's own clock, in the order of the line", () => {
    const lines = [line("b", "2026-11-20T22:59:00Z"), line("a", "2026-11-20T23:00:00Z"), line("c", "2026-11-21T08:00:00Z")];
    const ids = (zone: string) => { const found = byDay(lines, zone, Date.parse("2026-11-21T09:00:00Z")); return [found.today.map(({ id }) => id), found.earlier.map(({ id }) => id)]; };
    expect(ids("Europe/Madrid")).toEqual([["a", "c"], ["b"]]);
    expect(ids("UTC")).toEqual([["c"], ["b", "a"]]);
  });
});

describe("putting somebody off", () => {
  const NOW = Date.parse("2026-03-27T12:00:00Z");

  it("ends with the beginning of a day where the patient lives, also over a change of clocks", () => {
    expect(untilOf("2026-03-28", "Europe/Madrid", NOW)).toBe("2026-03-27T23:00:00.000Z");
    expect(untilOf("2026-03-30", "Europe/Madrid", NOW)).toBe("2026-03-29T22:00:00.000Z");
    expect(dateIn("Pacific/Auckland", NOW, 7)).toBe("2026-04-04");
  });

  it("is from tomorrow to within 90 days, as the server has it", () => {
    expect(spanOf("Europe/Madrid", NOW)).toEqual({ first: "2026-03-28", last: "2026-06-25" });
    for (const date of ["2026-03-27", "2026-06-26", "", "soon", "2026-02-30"]) expect(untilOf(date, "Europe/Madrid", NOW), date).toBeNull();
    const until = Date.parse(untilOf("2026-06-25", "Europe/Madrid", NOW)!);
    expect(until - NOW).toBeLessThanOrEqual(90 * 86_400_000);
  });
});

const QUEUE = { active: 3, capacity: 50, byState: { created: 1, pending: 2, accepted: 0 } };

describe("the day's overview", () => {
  const screen = () => new Screen().answer("get /appointment-queue", {}, QUEUE as never)
    .answer("get /appointments", { query: { state: "created", limit: 100 } }, { data: [line("1", new Date().toISOString())], hidden: 0, nextCursor: null } as never)
    .answer("get /vendors", {}, { data: [vendor("dexcom", "resting", { error: 2 })] })
    .answer("get /inbox/counts", {}, { data: [{ provider: "dexcom", state: "dead", count: 2, oldestAt: "2026-11-21T09:00:00Z" }] });

  it("[D6] shows a clinician who waits for an answer, with motives, age and the hint to call, and nothing of vendors", () => {
    const html = screen().draw(<Dashboard />, { roles: ["clinician"] });
    for (const words of ["Ana 1", 'href="/appointments/1"', "Ketosis", "Call now", "Today (1)"]) expect(html).toContain(words);
    for (const id of ["today-vendors", "today-inbox"]) expect(html).not.toContain(id);
  });

  it("[W6] shows an admin failing connections, vendors in trouble and what was given up, each a link, and no patient", () => {
    const html = screen().draw(<Dashboard />, { roles: ["admin"] });
    for (const words of ["Left alone", "2 deliveries were given up", "Nothing waits.", 'href="/administration/vendors?show=used"', 'href="/administration/inbox?state=dead"']) expect(html).toContain(words);
    expect(html).not.toContain("Ana 1");
    expect(html).not.toContain("Who needs a look first");
  });
});

describe("groups", () => {
  const patient = {
    id: "p1", displayName: "Ana Prueba", zone: "Europe/Madrid", ranges: null, flags: [{ group: "low", title: { en: "Low", es: "Bajo" }, value: 6, threshold: 4, isLowData: false }], group: "low", lastReview: null,
  };
  const group = (name: string, count: number, patients: object[]) => ({ group: name, title: { en: name, es: name }, rule: { en: `Rule of ${name}.`, es: "" }, count, snoozed: name === "low" ? 2 : 0, patients });
  const attention = { groups: [group("low", 7, [patient]), group("high", 0, []), group("onTarget", 1, [{ ...patient, group: "onTarget", flags: [] }])], snoozed: 0, ungrouped: 0 };
  const html = new Screen().answer("get /clinic/attention", { query: { first: 5 } }, attention as never).draw(<Dashboard />, { roles: ["clinician"] });

  it("[D6] let each patient be marked and put off, but for who meets all targets", () => {
    expect(buttonsIn(html).filter((name) => name.startsWith("Put off"))).toEqual(["Put off: Ana Prueba"]);
    expect(buttonsIn(html).filter((name) => name.startsWith("Reviewed"))).toHaveLength(2);
  });

  it("say their rule, how many are put off, and that nobody is in them", () => {
    for (const words of ["Rule of low. 2 put off.", "Rule of high. Nobody is in this group.", "Show all 7", 'href="/clinic/rules"']) expect(html).toContain(words);
  });
});
