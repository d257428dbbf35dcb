/**
 * Whether the person is there. A request of the page's own accord must not keep a session alive that nobody uses (docs/tokens.md), and whoever is
 * away is warned before the session ends. No DOM in here.
 */

/** So long after a key or a touch a request still counts as the person's. */
const ATTENTION_MS = 10_000;

/** A browser's session without a sign of its person; the server decides, a test holds that this is what it does. */
export const IDLE_MS = 30 * 60_000;
export const STAFF_IDLE_MS = 15 * 60_000;

/** The idle time of somebody with these roles, milliseconds. */
export const idleMsOf = (roles: readonly string[]): number => (roles.some((role) => role === "clinician" || role === "admin") ? STAFF_IDLE_MS : IDLE_MS);

export class Presence {
  readonly #nowMs: () => number;
  #inputMs: number;
  #askedMs: number;
  /** Told of every request of the person's, e.g. to tell other tabs. */
  onAsked: ((atMs: number) => void) | null = null;

  /** Opening the page is a sign of a person. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#inputMs = nowMs();
    this.#askedMs = nowMs();
  }

  /** A key, a touch, a turn of the wheel. */
  noteInput(): void {
    this.#inputMs = this.#nowMs();
  }

  /** The server has heard of the person, from this tab or (with its time) from another. */
  noteAsked(atMs?: number): void {
    this.#askedMs = Math.max(this.#askedMs, atMs ?? this.#nowMs());
    if (atMs === undefined) this.onAsked?.(this.#askedMs);
  }

  /** Whether a request that goes out now is the page's own. */
  isAway(): boolean {
    return this.#nowMs() - this.#inputMs > ATTENTION_MS;
  }

  /** When the server last heard of the person, epoch milliseconds. */
  get askedMs(): number {
    return this.#askedMs;
  }
}
