import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { daysView, held, loadedView, LONGEST_MS, midnights, panned, pinched, SHORTEST_MS, type View, zoomed } from "./viewport.ts";

const bounds: View = { fromMs: 0, toMs: 1_000 * DAY_MS };
const view: View = { fromMs: 500 * DAY_MS, toMs: 501 * DAY_MS };

describe("a view over time", () => {
  it("keeps what is under the pointer in its place while it zooms", () => {
    const atMs = view.fromMs + 6 * HOUR_MS;
    const closer = zoomed(view, 0.5, atMs, bounds);
    expect(closer.toMs - closer.fromMs).toBe(12 * HOUR_MS);
    expect((atMs - closer.fromMs) / (closer.toMs - closer.fromMs)).toBeCloseTo(0.25, 6);
    expect(zoomed(closer, 2, atMs, bounds)).toEqual(view);
  });

  it("is never too short, too long or outside of what there is, whatever is done to it", () => {
    const act = fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.01, max: 100, noNaN: true }), at: fc.double({ min: -1, max: 2, noNaN: true }) }),
      fc.record({ pan: fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS }) }),
    );
    fc.assert(fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
      let now = view;
      for (const each of acts) now = "pan" in each ? panned(now, each.pan, bounds) : zoomed(now, each.zoom, now.fromMs + each.at * (now.toMs - now.fromMs), bounds);
      expect(now.fromMs).toBeGreaterThanOrEqual(bounds.fromMs);
      expect(now.toMs).toBeLessThanOrEqual(bounds.toMs);
      expect(now.toMs - now.fromMs).toBeGreaterThanOrEqual(SHORTEST_MS);
      expect(now.toMs - now.fromMs).toBeLessThanOrEqual(LONGEST_MS);
    }));
  });

  it("stops at the ends instead of shrinking there", () => {
    const end = panned(view, 10_000 * DAY_MS, bounds);
    expect(end).toEqual({ fromMs: 999 * DAY_MS, toMs: 1_000 * DAY_MS });
    expect(held({ fromMs: -5 * DAY_MS, toMs: -4 * DAY_MS }, bounds)).toEqual({ fromMs: 0, toMs: DAY_MS });
  });

  it("follows two fingers: what was below each is below each", () => {
    const start = { view, fingers: [0.4, 0.6] as const };
    const apart = pinched(start, [0.2, 0.8], bounds);
    expect(apart.toMs - apart.fromMs).toBeCloseTo(DAY_MS / 3, -1);
    const below = (finger: number, of: View): number => of.fromMs + finger * (of.toMs - of.fromMs);
    expect(below(0.2, apart)).toBeCloseTo(below(0.4, view), -1);
    expect(below(0.8, apart)).toBeCloseTo(below(0.6, view), -1);
    expect(pinched(start, [0.5, 0.7], bounds)).toEqual({ fromMs: view.fromMs - 0.1 * DAY_MS, toMs: view.toMs - 0.1 * DAY_MS });
    expect(pinched(start, [0.5, 0.5], bounds)).toEqual(view);
  });
});

describe("days in a view", () => {
  it("are as long as they were: 23 and 25 hours where clocks change", () => {
    const hours = (date: string): number => (daysView("Europe/Madrid", date, 1)!.toMs - daysView("Europe/Madrid", date, 1)!.fromMs) / HOUR_MS;
    expect([hours("2026-03-29"), hours("2026-10-25"), hours("2026-06-01")]).toEqual([23, 25, 24]);
    expect(daysView("Europe/Madrid", "2026-03-30", 3)).toEqual({ fromMs: Date.parse("2026-03-27T23:00Z"), toMs: Date.parse("2026-03-30T22:00Z") });
    expect(daysView("Europe/Madrid", "2026-02-30", 1)).toBeNull();
  });

  it("are asked for whole, with a neighbour on either side while they are few", () => {
    const day = daysView("America/New_York", "2026-06-02", 1)!;
    const inner: View = { fromMs: day.fromMs + 3 * HOUR_MS, toMs: day.fromMs + 9 * HOUR_MS };
    expect(loadedView("America/New_York", inner)).toEqual({ fromMs: day.fromMs - DAY_MS, toMs: day.toMs + DAY_MS });
    expect(loadedView("America/New_York", panned(inner, HOUR_MS, around(day)))).toEqual(loadedView("America/New_York", inner));
    const long = daysView("America/New_York", "2026-06-30", 30)!;
    expect(loadedView("America/New_York", long)).toEqual(long);
  });

  it("begin at the patient's midnight", () => {
    const three = daysView("Europe/Madrid", "2026-03-30", 3)!;
    expect(midnights("Europe/Madrid", three).map((ms) => new Date(ms).toISOString())).toEqual(["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"]);
  });
});

const around = (day: View): View => ({ fromMs: day.fromMs - 100 * DAY_MS, toMs: day.toMs + 100 * DAY_MS });
