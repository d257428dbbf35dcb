/** The live feed of one patient, as server-sent events. The browser resumes by Last-Event-ID; we come back after a refusal. */
import type { LiveEvent } from "./types.ts";

/** The part of EventSource that is used, so that a test can stand in. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(name: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

export interface LiveOptions {
  readonly url: string;
  readonly open: (url: string) => EventSourceLike;
  readonly onChange: (event: LiveEvent) => void;
  /** Everything may have changed: after `reset`, and after a pause that the server did not bridge. */
  readonly onReset: () => void;
  /** The server does not give us the feed now; it is asked again after a while. */
  readonly onRefused?: () => void;
  readonly setTimer?: (run: () => void, ms: number) => unknown;
  readonly clearTimer?: (timer: unknown) => void;
}

/** EventSource.CLOSED: the browser gave up (an HTTP error) and will not try again by itself. */
const CLOSED = 2;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** Opens the feed; the returned function closes it for good. */
export function openLive(options: LiveOptions): () => void {
  const setTimer = options.setTimer ?? ((run, ms) => setTimeout(run, ms));
  const clearTimer = options.clearTimer ?? ((timer) => clearTimeout(timer as ReturnType<typeof setTimeout>));
  let waitMs = FIRST_WAIT_MS;
  let timer: unknown = null;
  let source: EventSourceLike | null = null;
  let hasBeenOpen = false;
  let isEnded = false;

  const connect = (): void => {
    const opened = options.open(options.url);
    source = opened;
    let isRenewed = hasBeenOpen;
    opened.addEventListener("open", () => {
      waitMs = FIRST_WAIT_MS;
      // A new EventSource has no Last-Event-ID, so what happened in between is unknown.
      if (isRenewed) options.onReset();
      isRenewed = false;
      hasBeenOpen = true;
    });
    opened.addEventListener("change", (event) => {
      const change = parseEvent(event.data);
      if (change) options.onChange(change);
    });
    opened.addEventListener("reset", () => options.onReset());
    opened.addEventListener("error", () => {
      if (opened.readyState !== CLOSED || isEnded) return;
      opened.close();
      options.onRefused?.();
      timer = setTimer(connect, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
  };
  connect();

  return () => {
    isEnded = true;
    if (timer !== null) clearTimer(timer);
    source?.close();
  };
}

function parseEvent(data: unknown): LiveEvent | null {
  if (typeof data !== "string") return null;
  try {
    return JSON.parse(data) as LiveEvent;
  } catch {
    return null;
  }
}
