import { describe, expect, it } from "vitest";
import { faultOf, periodOf, queryOf, type ReadingsPeriod, typeOf, withReadings } from "./readings-period.ts";

describe("which readings are listed [D5]", () => {
  it("stands in the address as it was chosen, beside what else it says", () => {
    const periods: ReadingsPeriod[] = [{ kind: "last", days: 15 }, { kind: "last", days: 365 }, { kind: "dates", first: "2026-01-31", last: "2026-03-01" }];
    for (const period of periods) {
      const address = withReadings(new URLSearchParams("days=30&readings=90&readingsFrom=2020-01-01&readingsTo=2020-01-02&readingsType=SNACK"), { period, type: "LUNCH" });
      expect(periodOf(address)).toEqual(period);
      expect(typeOf(address)).toBe("LUNCH");
      expect(address.get("days")).toBe("30");
    }
    expect(typeOf(withReadings(new URLSearchParams("readingsType=LUNCH"), { period: periods[0]!, type: null }))).toBeNull();
  });

  it("is the last fifteen days of every type where the address names none that can be", () => {
    for (const text of ["", "readings=14", "readingsFrom=2026-02-30&readingsTo=2026-03-01", "readingsFrom=2026-03-02&readingsTo=2026-03-01", "readingsType=AYUNO"]) {
      expect(periodOf(new URLSearchParams(text)), text).toEqual({ kind: "last", days: 15 });
      expect(typeOf(new URLSearchParams(text)), text).toBeNull();
    }
    expect([faultOf("2026-03-02", "2026-03-01"), faultOf("2024-01-01", "2026-01-01"), faultOf("2026-03-01", "2026-03-01")]).toEqual(["backwards", "tooLong", null]);
  });

  it("is asked for by whole days of the patient's zone", () => {
    expect(queryOf({ kind: "dates", first: "2026-03-29", last: "2026-03-29" }, "Europe/Madrid")).toEqual({ from: "2026-03-28T23:00:00.000Z", to: "2026-03-29T22:00:00.000Z" });
    expect(queryOf({ kind: "last", days: 90 }, "UTC")).toEqual({ days: 90 });
  });
});
