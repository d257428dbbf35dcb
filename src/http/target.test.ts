import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { maskPath, readTarget } from "./target.ts";

describe("maskPath", () => {
  it.each([
    ["/v3/users/self/egvs", "/v3/users/self/egvs"],
    ["/wellness-api/rest/backfill/stressDetails", "/wellness-api/rest/backfill/stressDetails"],
    ["/api/v3/push_subscriptions/77", "/api/v3/push_subscriptions/*"],
    ["/activities/9876543210/streams", "/activities/*/streams"],
    ["/users/763923b7-0000-4000-8000-fd8ff635b308", "/users/*"],
    ["/users/deadbeefcafe", "/users/*"],
    ["/users/DEADBEEF", "/users/*"],
    ["/u/jane%40example.org/x", "/u/*/x"],
    [`/t/${"token".repeat(9)}`, "/t/*"],
    ["/", "/"],
  ])("[OA-15] shows %s as %s", (path, expected) => {
    expect(maskPath(path)).toBe(expected);
  });
});

describe("readTarget", () => {
  it("keeps the port in the host and the query out of the path", () => {
    expect(readTarget("http://127.0.0.1:3000/sim/dexcom/v3/x?startDate=2026-01-01")).toMatchObject({ host: "127.0.0.1:3000", path: "/sim/dexcom/v3/x" });
  });

  it.each(["", "not a url", "/path", "ftp://a.example/x", "file:///etc/passwd", "https://canary:secret@a.example/"])("refuses %j without repeating it", (text) => {
    expect(() => readTarget(text)).toThrow(InvalidInput);
    expect(() => readTarget(text)).not.toThrow(/canary|passwd/);
  });
});
