import { expect, it } from "vitest";
import { canSync, contested, dataSpan, deviceGroups, needsPatient, serialEnd, type SourceRulesShown } from "./device-facts.ts";

const place = (connectionId: string, firstAt: string | null, newestAt: string | null) => ({ source: { id: "s", provider: "dexcom", connectionId, device: null, attribution: null }, reason: "direct", firstAt, newestAt });
const rules = {
  rules: [],
  metrics: [
    { metric: "glucose", rule: null, sources: [place("a", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), place("b", "2025-01-01T00:00:00Z", null)] },
    { metric: "glucose_trend_rate", rule: null, sources: [place("a", "2026-01-31T23:00:00-05:00", "2026-03-01T02:00:00Z")] },
  ],
} as unknown as SourceRulesShown;

it("puts together when a connection's data begin and end, by time and not by text", () => {
  expect(dataSpan("a", rules)).toEqual({ first: "2026-02-01T00:00:00Z", last: "2026-03-01T02:00:00Z" });
  expect(dataSpan("b", rules)).toBeNull();
  expect(dataSpan("a", undefined)).toBeNull();
  expect(contested(rules, ({ connectionId }) => `of ${connectionId}`)).toEqual([{ metric: "glucose", places: [{ label: "of a", reason: "direct", count: 1 }, { label: "of b", reason: "direct", count: 1 }] }]);
  expect(contested(rules, () => "one and the same")).toEqual([]);
});

it("tells one sensor after the other as one device, by the newest", () => {
  const device = (id: string, name: string | null, lastDataAt: string) => ({ id, name, lastDataAt });
  const groups = deviceGroups([device("x1", "G7", "2026-01-01T00:00:00Z"), device("w", null, "2026-02-01T00:00:00Z"), device("x2", "G7", "2026-03-01T00:00:00Z")]);
  expect(groups.map(({ name, newest, count }) => [name, newest.id, count])).toEqual([["G7", "x2", 2], [null, "w", 1]]);
});

it("knows who can put a connection right", () => {
  expect((["needs_reauthorization", "revoked", "disconnected"] as const).every((status) => needsPatient({ status }) && !canSync({ status }))).toBe(true);
  expect((["active", "limited", "error"] as const).every((status) => !needsPatient({ status }) && canSync({ status }))).toBe(true);
  expect([serialEnd("G7-00012345"), serialEnd("ab")]).toEqual(["2345", "ab"]);
});
