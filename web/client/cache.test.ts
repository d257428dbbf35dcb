import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ResourceCache, type ResourceSpec, TagGatherer, tagsOf } from "./cache.ts";
import { ApiError } from "./errors.ts";
import type { LiveEvent } from "./types.ts";

const event = (facts: Partial<LiveEvent>): LiveEvent => ({ kind: "samples", metric: null, connectionId: null, from: null, to: null, count: 1, ...facts });

/** A resource whose answers are handed out by the test. */
function controlled(key: string, tags: readonly string[]) {
  const waiting: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
  const spec: ResourceSpec<string> = { key, tags, load: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })) };
  const answer = async (value: string | Error): Promise<void> => {
    const next = waiting.shift();
    if (!next) throw new Error("Nobody asked.");
    if (typeof value === "string") next.resolve(value);
    else next.reject(value);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { spec, answer, open: () => waiting.length };
}

describe("the cache", () => {
  it("fetches once for two watchers and tells both", async () => {
    const cache = new ResourceCache(() => 5);
    const glucose = controlled("g", ["glucose"]);
    const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
    cache.watch(glucose.spec, first);
    cache.watch(glucose.spec, second);
    expect(glucose.open()).toBe(1);
    await glucose.answer("112");
    expect(cache.read("g")).toEqual({ data: "112", error: undefined, isLoading: false, loadedAtMs: 5 });
    expect(first).toHaveBeenCalled();
    expect(second).toHaveBeenCalled();
    expect(cache.lastLoadedMs()).toBe(5);
  });

  it("keeps the old data when an update fails, and says so", async () => {
    const cache = new ResourceCache(() => 0);
    const glucose = controlled("g", ["glucose"]);
    cache.watch(glucose.spec, () => undefined);
    await glucose.answer("112");
    cache.invalidate(["glucose"]);
    await glucose.answer(new ApiError({ kind: "problem", status: 503, code: "unavailable" }));
    expect(cache.read("g")).toMatchObject({ data: "112", isLoading: false, error: { code: "unavailable" } });
    cache.refetch("g");
    await glucose.answer("115");
    expect(cache.read("g")).toMatchObject({ data: "115", error: undefined });
  });

  it("refetches what is watched and touched, nothing else", async () => {
    const cache = new ResourceCache(() => 0);
    const [glucose, sleep, unwatched] = [controlled("g", ["glucose"]), controlled("s", ["sleep"]), controlled("u", ["glucose"])];
    cache.watch(glucose.spec, () => undefined);
    cache.watch(sleep.spec, () => undefined);
    const stop = cache.watch(unwatched.spec, () => undefined);
    await Promise.all([glucose.answer("1"), sleep.answer("1"), unwatched.answer("1")]);
    stop();
    cache.invalidate(["glucose"]);
    expect([glucose.open(), sleep.open(), unwatched.open()]).toEqual([1, 0, 0]);
    cache.watch(unwatched.spec, () => undefined);
    expect(unwatched.open(), "stale data are fetched when they are watched again").toBe(1);
  });

  it("asks once more when something changed while it was asking", async () => {
    const cache = new ResourceCache(() => 0);
    const glucose = controlled("g", ["glucose"]);
    cache.watch(glucose.spec, () => undefined);
    cache.invalidate(["glucose"]);
    cache.invalidate("all");
    expect(glucose.open()).toBe(1);
    await glucose.answer("before the change");
    expect(glucose.open()).toBe(1);
    await glucose.answer("after the change");
    expect(cache.read("g").data).toBe("after the change");
    expect(glucose.open()).toBe(0);
  });

  it("keeps nothing after it was cleared, not even a late answer", async () => {
    const cache = new ResourceCache(() => 0);
    const glucose = controlled("g", ["glucose"]);
    cache.watch(glucose.spec, () => undefined);
    cache.clear();
    await glucose.answer("112");
    expect(cache.read("g").data).toBeUndefined();
    expect(cache.lastLoadedMs()).toBeNull();
  });

  it("turns whatever was thrown into an error that a screen can explain", async () => {
    const cache = new ResourceCache(() => 0);
    const broken = controlled("b", []);
    cache.watch(broken.spec, () => undefined);
    await broken.answer(new TypeError("x is undefined"));
    expect(cache.read("b").error).toMatchObject({ code: "page_error" });
  });
});

describe("a live event", () => {
  it("touches what it is about", () => {
    expect(tagsOf(event({ metric: "glucose" }))).toContain("glucose");
    expect(tagsOf(event({ metric: "stress" }))).toContain("metric:stress");
    expect(tagsOf(event({ kind: "sleep" }))).toContain("sleep");
    expect(tagsOf(event({ kind: "workout" }))).toContain("workout");
    expect(tagsOf(event({ kind: "treatment" }))).toContain("treatment");
    expect(tagsOf(event({ kind: "connection" }))).toEqual(["connections"]);
    expect(tagsOf(event({ kind: "sources", metric: "steps" }))).toContain("metric:steps");
    for (const tag of ["glucose", "sleep", "workout", "metric:steps"]) expect(tagsOf(event({ kind: "sources" }))).toContain(tag);
  });
});

describe("the gatherer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("passes the first change at once and a storm once a pause", () => {
    const flush = vi.fn<(tags: readonly string[]) => void>();
    const gatherer = new TagGatherer(flush, 1_000);
    for (let index = 0; index < 500; index += 1) gatherer.add(["glucose", `metric:${index % 3}`]);
    expect(flush).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(1_000);
    expect(flush).toHaveBeenCalledTimes(2);
    expect(flush.mock.calls[1]?.[0].toSorted()).toEqual(["glucose", "metric:0", "metric:1", "metric:2"]);
    vi.advanceTimersByTime(10_000);
    expect(flush).toHaveBeenCalledTimes(2);
    gatherer.add(["sleep"]);
    expect(flush).toHaveBeenCalledTimes(3);
  });

  it("is silent after it was stopped", () => {
    const flush = vi.fn<(tags: readonly string[]) => void>();
    const gatherer = new TagGatherer(flush, 1_000);
    gatherer.add(["glucose"]);
    gatherer.add(["sleep"]);
    gatherer.stop();
    vi.advanceTimersByTime(5_000);
    expect(flush).toHaveBeenCalledOnce();
  });
});
