import { describe, expect, it, vi } from "vitest";
import { type EventSourceLike, openLive } from "./live.ts";
import type { LiveEvent } from "./types.ts";

class FakeSource implements EventSourceLike {
  readyState = 0;
  isClosedByUs = false;
  readonly #listeners = new Map<string, ((event: { data?: unknown }) => void)[]>();

  addEventListener(name: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }
  close(): void {
    this.isClosedByUs = true;
  }
  emit(name: string, data?: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) listener({ data });
  }
}

function setUp() {
  const sources: FakeSource[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const onChange = vi.fn<(event: LiveEvent) => void>();
  const onReset = vi.fn<() => void>();
  const onRefused = vi.fn<() => void>();
  const cleared = vi.fn<(timer: unknown) => void>();
  const close = openLive({
    url: "/live", onChange, onReset, onRefused,
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    setTimer: (run, ms) => timers.push({ run, ms }),
    clearTimer: cleared,
  });
  return { sources, timers, onChange, onReset, onRefused, cleared, close };
}

const refuse = (source: FakeSource | undefined): void => {
  if (!source) throw new Error("There is no source.");
  source.readyState = 2;
  source.emit("error");
};

describe("the live feed", () => {
  it("hands on changes and resets, and drops what is no event", () => {
    const { sources, onChange, onReset } = setUp();
    sources[0]?.emit("open");
    sources[0]?.emit("change", JSON.stringify({ kind: "sleep", metric: null, connectionId: null, from: null, to: null, count: 1 }));
    sources[0]?.emit("change", "{broken");
    expect(onChange).toHaveBeenCalledOnce();
    expect(onChange.mock.calls[0]?.[0].kind).toBe("sleep");
    sources[0]?.emit("reset");
    expect(onReset).toHaveBeenCalledOnce();
  });

  it("leaves a dropped connection to the browser, which resumes by Last-Event-ID", () => {
    const { sources, timers, onReset } = setUp();
    sources[0]?.emit("open");
    sources[0]?.emit("error");
    sources[0]?.emit("open");
    expect(sources).toHaveLength(1);
    expect(timers).toHaveLength(0);
    expect(onReset).not.toHaveBeenCalled();
  });

  it("comes back after a refusal, ever later, and then asks for everything anew", () => {
    const { sources, timers, onReset, onRefused } = setUp();
    sources[0]?.emit("open");
    for (let round = 0; round < 7; round += 1) {
      refuse(sources.at(-1));
      timers.at(-1)?.run();
    }
    expect(timers.map(({ ms }) => ms)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(onRefused).toHaveBeenCalledTimes(7);
    sources.at(-1)?.emit("open");
    expect(onReset).toHaveBeenCalledOnce();
    refuse(sources.at(-1));
    expect(timers.at(-1)?.ms, "the wait starts small again after a success").toBe(2_000);
  });

  it("stays closed once closed", () => {
    const { sources, timers, cleared, close } = setUp();
    refuse(sources[0]);
    close();
    expect(cleared).toHaveBeenCalledOnce();
    expect(sources[0]?.isClosedByUs).toBe(true);
    refuse(sources[0]);
    expect(timers).toHaveLength(1);
  });
});
