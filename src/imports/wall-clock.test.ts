import { describe, expect, it } from "vitest";
import { placeWallTimes, type WallRow } from "./wall-clock.ts";

const ZONE = "America/New_York";
const MINUTE = 60_000;
/** The clocks of New York go back at 06:00 UTC: 01:00–02:00 happens twice. */
const BACK = Date.UTC(2026, 10, 1, 6);

const instantsOf = (rows: readonly WallRow[]): (number | null)[] => placeWallTimes(rows, ZONE).map((place) => place && place.ms);

/** Five-minute readings around the change, as that zone's clocks show them; the true instants beside. */
function night(): { rows: WallRow[]; instants: number[] } {
  const instants = Array.from({ length: 72 }, (_, i) => BACK + (i - 36) * 5 * MINUTE);
  const rows = instants.map((ms, index) => ({
    wallMs: ms - (ms < BACK ? 4 : 5) * 60 * MINUTE,
    kind: "glucose",
    content: `${100 + (index % 7)}`,
  }));
  return { rows, instants };
}

describe("the hour that happens twice [VA-10]", () => {
  it("is told apart by the order of the file", () => {
    const { rows, instants } = night();
    expect(instantsOf(rows)).toEqual(instants);
  });

  it("is told apart in a file with the newest row first", () => {
    const { rows, instants } = night();
    expect(instantsOf(rows.toReversed())).toEqual(instants.toReversed());
  });

  it("is told apart by the device's counter in whatever order", () => {
    const { rows, instants } = night();
    const counted = rows.map((row, index) => ({ ...row, counter: { of: "8XX", seconds: 4_000_000 + index * 300 } }));
    const order = [...counted.keys()].toSorted((a, b) => ((a * 31) % 72) - ((b * 31) % 72));
    expect(instantsOf(order.map((index) => counted[index]!))).toEqual(order.map((index) => instants[index]));
  });

  it("is told apart when the file is sorted by its local time", () => {
    const { rows, instants } = night();
    const order = [...rows.keys()].toSorted((a, b) => rows[a]!.wallMs - rows[b]!.wallMs || a - b);
    expect(instantsOf(order.map((index) => rows[index]!))).toEqual(order.map((index) => instants[index]));
  });

  it("takes the first pass for a single row, and for one that is written twice", () => {
    const row = { wallMs: Date.UTC(2026, 10, 1, 1, 30), kind: "glucose", content: "100" };
    const first = BACK - 30 * MINUTE;
    expect(instantsOf([row])).toEqual([first]);
    expect(instantsOf([row, row])).toEqual([first, first]);
  });

  it("has the offset of its pass", () => {
    const { rows } = night();
    expect(placeWallTimes(rows, ZONE).map((place) => place?.offsetMinutes)).toEqual(rows.map((_, index) => (index < 36 ? -240 : -300)));
  });

  it("begins anew each autumn", () => {
    const early = [10, 40].map((minute) => ({ wallMs: Date.UTC(2025, 10, 2, 1, minute), kind: "glucose", content: "1" }));
    const again = { wallMs: Date.UTC(2025, 10, 2, 1, 15), kind: "glucose", content: "1" };
    const later = { wallMs: Date.UTC(2026, 10, 1, 1, 30), kind: "glucose", content: "1" };
    const between = Array.from({ length: 20 }, (_, day) => ({ wallMs: Date.UTC(2026, 0, day + 1), kind: "glucose", content: "1" }));
    const placed = instantsOf([...early, again, ...between, later]);
    expect(placed[2]).toBe(Date.UTC(2025, 10, 2, 6, 15));
    expect(placed.at(-1)).toBe(BACK - 30 * MINUTE);
  });
});

describe("the hour that does not happen [VA-10]", () => {
  it("has no instant", () => {
    const rows = [1, 2, 3].map((hour) => ({ wallMs: Date.UTC(2026, 2, 8, hour, 30), kind: "glucose", content: "1" }));
    expect(instantsOf(rows)).toEqual([Date.UTC(2026, 2, 8, 6, 30), null, Date.UTC(2026, 2, 8, 7, 30)]);
  });
});
