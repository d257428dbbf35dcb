/**
 * What the page has asked for, by key: old data stay visible while new ones are fetched, and a change announced by the live feed
 * refetches exactly what is on screen. No React in here.
 */
import { METRIC_NAMES } from "#units/metrics.ts";
import { type ApiError, toApiError } from "./errors.ts";
import type { LiveEvent } from "./types.ts";

/** What a resource depends on: `glucose`, `sleep`, `metric:steps`, … */
export type Tag = string;

export interface ResourceState<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  /** When `data` arrived, epoch milliseconds. */
  readonly loadedAtMs: number | undefined;
}

export interface ResourceSpec<T> {
  readonly key: string;
  readonly tags: readonly Tag[];
  readonly load: (signal: AbortSignal) => Promise<T>;
}

interface Entry {
  state: ResourceState<unknown>;
  spec: ResourceSpec<unknown>;
  isStale: boolean;
  isWanted: boolean;
  abort: AbortController | null;
  readonly listeners: Set<() => void>;
}

export const EMPTY_STATE: ResourceState<never> = { data: undefined, error: undefined, isLoading: true, loadedAtMs: undefined };

export class ResourceCache {
  readonly #entries = new Map<string, Entry>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  read(key: string): ResourceState<unknown> {
    return this.#entries.get(key)?.state ?? EMPTY_STATE;
  }

  /** Watches a resource and fetches it when it is missing or stale. Returns how to stop watching. */
  watch(spec: ResourceSpec<unknown>, listener: () => void): () => void {
    const entry = this.#entryOf(spec);
    entry.spec = spec;
    entry.listeners.add(listener);
    if (entry.isStale) this.#fetch(entry);
    return () => {
      entry.listeners.delete(listener);
    };
  }

  /** When anything was last loaded, epoch milliseconds; null when nothing was. */
  lastLoadedMs(): number | null {
    const times = [...this.#entries.values()].flatMap(({ state }) => (state.loadedAtMs === undefined ? [] : [state.loadedAtMs]));
    return times.length === 0 ? null : Math.max(...times);
  }

  /** Fetches again, now. */
  refetch(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#fetch(entry);
  }

  /** Marks what depends on one of the tags (or everything) as stale and refetches what is being watched. */
  invalidate(tags: readonly Tag[] | "all"): void {
    for (const entry of this.#entries.values()) {
      if (tags !== "all" && !entry.spec.tags.some((tag) => tags.includes(tag))) continue;
      entry.isStale = true;
      if (entry.listeners.size > 0) this.#fetch(entry);
    }
  }

  /** Forgets everything, e.g. at sign-out: no health value stays in memory. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.abort?.abort();
    this.#entries.clear();
  }

  #entryOf(spec: ResourceSpec<unknown>): Entry {
    let entry = this.#entries.get(spec.key);
    if (!entry) {
      entry = { state: EMPTY_STATE, spec, isStale: true, isWanted: false, abort: null, listeners: new Set() };
      this.#entries.set(spec.key, entry);
    }
    return entry;
  }

  #fetch(entry: Entry): void {
    if (entry.abort) {
      // Something changed while we were asking: the answer on its way may be too old, so ask once more after it.
      entry.isWanted = true;
      return;
    }
    void this.#run(entry);
  }

  async #run(entry: Entry): Promise<void> {
    const abort = new AbortController();
    entry.abort = abort;
    entry.isStale = false;
    entry.isWanted = false;
    this.#set(entry, { ...entry.state, isLoading: true });
    try {
      const data = await entry.spec.load(abort.signal);
      if (abort.signal.aborted) return;
      this.#set(entry, { data, error: undefined, isLoading: false, loadedAtMs: this.#nowMs() });
    } catch (error) {
      if (abort.signal.aborted) return;
      entry.isStale = true;
      this.#set(entry, { ...entry.state, error: toApiError(error), isLoading: false });
    } finally {
      if (entry.abort === abort) entry.abort = null;
    }
    if (entry.isWanted && entry.listeners.size > 0) void this.#run(entry);
  }

  #set(entry: Entry, state: ResourceState<unknown>): void {
    entry.state = state;
    for (const listener of entry.listeners) listener();
  }
}

/** Which resources a live event touches. */
export function tagsOf(event: LiveEvent): Tag[] {
  switch (event.kind) {
    case "samples":
      return event.metric === "glucose" ? ["glucose", "connections"] : ["connections", ...(event.metric ? [`metric:${event.metric}`] : [])];
    case "sleep":
      return ["sleep", "connections"];
    case "workout":
      return ["workout", "connections"];
    case "treatment":
      return ["treatment", "connections"];
    case "appointment":
      return ["appointments"];
    case "clinical":
      return ["clinical"];
    case "sources":
      return event.metric === null
        ? ["glucose", "sleep", "workout", ...METRIC_NAMES.map((metric) => `metric:${metric}`)]
        : tagsOf({ ...event, kind: "samples" });
    default:
      return ["connections"];
  }
}

/**
 * Gathers tags and hands them on at most once a `pauseMs`: a back-fill of 90 days announces hundreds of changes, and the page
 * need not ask hundreds of times. The first change passes at once.
 */
export class TagGatherer {
  readonly #flush: (tags: readonly Tag[]) => void;
  readonly #pauseMs: number;
  readonly #waiting = new Set<Tag>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(flush: (tags: readonly Tag[]) => void, pauseMs: number) {
    this.#flush = flush;
    this.#pauseMs = pauseMs;
  }

  add(tags: readonly Tag[]): void {
    for (const tag of tags) this.#waiting.add(tag);
    if (this.#timer === null) this.#send();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.clear();
  }

  #send(): void {
    const tags = [...this.#waiting];
    this.#waiting.clear();
    if (tags.length === 0) {
      this.#timer = null;
      return;
    }
    this.#flush(tags);
    this.#timer = setTimeout(() => this.#send(), this.#pauseMs);
  }
}
