/** Data for the components: the API, the cache, and the hook that joins them. */
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Api } from "#web/client/api.ts";
import { type ResourceCache, type ResourceSpec, type ResourceState, TagGatherer, tagsOf } from "#web/client/cache.ts";
import { openLive } from "#web/client/live.ts";
import type { Presence } from "#web/client/presence.ts";
import type { Patient } from "#web/client/types.ts";

export interface DataSource {
  readonly api: Api;
  readonly cache: ResourceCache;
  /** Whether the person is there; not known without a browser. */
  readonly presence?: Presence;
}

const DataContext = createContext<DataSource | null>(null);
export const DataProvider = DataContext;

export function useData(): DataSource {
  const data = useContext(DataContext);
  if (!data) throw new Error("useData needs a DataProvider above it.");
  return data;
}

export interface Resource<T> extends ResourceState<T> {
  readonly refetch: () => void;
}

/**
 * A resource by key. While a new key is loading, the data of the key before stay (a page dims, it does not flash); they are
 * whole replies with their own unit and span, so nothing is mixed. Should the new key fail, they go.
 */
export function useResource<T>(spec: ResourceSpec<T>): Resource<T> {
  const { cache } = useData();
  const { key } = spec;
  const subscribe = useCallback(
    (listener: () => void) => cache.watch(spec, listener),
    // The key stands for the whole of `spec`; a new closure under the same key asks for the same thing.
    // eslint-disable-next-line react/exhaustive-deps
    [cache, key],
  );
  const state = useSyncExternalStore(subscribe, () => cache.read(key), () => cache.read(key)) as ResourceState<T>;
  const [before, setBefore] = useState<T | undefined>(state.data);
  if (state.data !== undefined && state.data !== before) setBefore(state.data);
  return { ...state, data: state.data ?? (state.error ? undefined : before), refetch: () => cache.refetch(key) };
}

export interface Who {
  readonly patient: Patient;
  /** The signed-in user. */
  readonly userId: string;
  /** Whether that is a clinician, of whomever. */
  readonly isClinician?: boolean;
}

const WhoContext = createContext<Who | null>(null);
export const WhoProvider = WhoContext;

/** Whose data the page shows. */
export function useWho(): Who {
  const who = useContext(WhoContext);
  if (!who) throw new Error("useWho needs a WhoProvider above it.");
  return who;
}

const LIVE_PAUSE_MS = 1_000;

/** Keeps the shown data of a patient fresh while the page is open. */
export function useLive(patientId: string): void {
  const { api, cache } = useData();
  useEffect(() => {
    const gatherer = new TagGatherer((tags) => cache.invalidate(tags), LIVE_PAUSE_MS);
    const close = openLive({
      url: api.liveUrl(patientId),
      open: (url) => new EventSource(url),
      onChange: (event) => gatherer.add(tagsOf(event)),
      onReset: () => cache.invalidate("all"),
      // Perhaps the session has ended: the next question tells, and leads to the sign-in.
      onRefused: () => cache.invalidate(["glucose"]),
    });
    // After sleep or a dead network the browser may have missed more than it knows.
    const onBack = (): void => {
      if (document.visibilityState === "visible") cache.invalidate("all");
    };
    document.addEventListener("visibilitychange", onBack);
    window.addEventListener("online", onBack);
    return () => {
      gatherer.stop();
      close();
      document.removeEventListener("visibilitychange", onBack);
      window.removeEventListener("online", onBack);
    };
  }, [api, cache, patientId]);
}

/** The time, again every `everyMs`, for ages that count up. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
