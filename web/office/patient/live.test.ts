import { describe, expect, it } from "vitest";
import { isMadeOld } from "./live.ts";

const of = (operation: string, ...kinds: Parameters<typeof isMadeOld>[1] extends ReadonlySet<infer Kind> ? Kind[] : never): boolean =>
  isMadeOld(`get /patients/{patientId}${operation}`, new Set(kinds));

describe("a change of a patient's data", () => {
  it("makes old what shows it, and nothing else", () => {
    expect(of("/glucose/statistics", "samples")).toBe(true);
    expect(of("/metrics", "samples")).toBe(true);
    expect(of("/connections", "samples")).toBe(false);
    expect(of("/sleeps", "samples", "sleep")).toBe(true);
    expect(of("", "samples")).toBe(false);
  });

  it("of the zone, of the sources, and of a kind yet unknown makes all of it old", () => {
    for (const kind of ["zone", "sources", "clinical" as "zone"] as const) expect(of("/glucose/agp", kind) && of("", kind), kind).toBe(true);
  });
});
