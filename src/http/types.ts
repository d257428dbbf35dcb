/** Shapes of outbound HTTP, shared by drivers, oauth and sync. */

export interface VendorResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Parses the body; throws ProviderContractBroken (path "$") when it is no JSON. */
  json(): unknown;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Per attempt; the client's default is 30 s. */
  readonly timeoutMs?: number;
  /** Statuses besides 2xx that the caller handles itself: returned, not thrown. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal;
  /** False for calls that must not be repeated blindly (refresh of a rotating token). Default true. */
  readonly retries?: boolean;
  /**
   * For vendors that answer 2xx to everything and say in the body how it went: the HTTP status that such a body stands for. It then
   * counts in place of the real one. Must not throw.
   */
  readonly statusOf?: (body: Uint8Array) => number;
  /** The same for answers that are no 2xx: for vendors that say "the session has ended" with a 500. Must not throw. */
  readonly statusOfError?: (body: Uint8Array, status: number) => number;
  /** True where a person gave the address: it must lead to the open Internet. */
  readonly publicOnly?: boolean;
}

/**
 * Where a token goes in a call. "none": nothing is sent, the vendor's door is open. In a query only where the vendor takes it nowhere else:
 * addresses are logged on the way.
 */
export type TokenPlace = { readonly place: "bearer" | "none" } | { readonly place: "header" | "query"; readonly name: string };

/** Which budgets a call draws on. */
export interface CallScope {
  /** Provider id, e.g. "dexcom". */
  readonly provider: string;
  readonly connectionId?: string;
  /** Asks for the past: leaves part of the app's budget to those who ask for news. */
  readonly isForThePast?: boolean;
}

/** What all processes share about a vendor. Its own trouble never stops a call: then each process's own view counts. */
export interface VendorGate {
  /** Before a request. Throws ProviderResting while the vendor fails for everybody, but for one that may try whether it is back. */
  admit(scope: CallScope): Promise<void>;
  /** Before each attempt: a place in the shared budgets. Waits up to 60 s for one, else throws ProviderRateLimited. */
  take(scope: CallScope, signal?: AbortSignal): Promise<void>;
  /**
   * After a request and its retries: whether the vendor answered at all, be it with a refusal. Gives until when the vendor is left alone
   * from now on, UTC epoch milliseconds; null while it is not.
   */
  report(scope: CallScope, isAnswered: boolean): Promise<number | null>;
  /** The vendor said 429: no process calls before `untilMs`, UTC epoch milliseconds. */
  penalize(scope: CallScope, untilMs: number): Promise<void>;
}

export interface HttpClient {
  /**
   * One call with time-out, retries and rate limits. Redirects are never followed.
   * Throws ProviderRateLimited, ProviderUnavailable, ProviderRefused (with the status), never an untyped error except abort.
   */
  request(scope: CallScope, request: HttpRequest): Promise<VendorResponse>;
}

export interface AuthorizedFetchOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string | number>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
  /**
   * Query parameter that carries the token, too: for a vendor that revokes a token only by its address. Never for a call that
   * leaves the token alive, because addresses are logged on the way, unless the vendor takes it nowhere else. Ignored where there is no
   * person's token.
   */
  readonly tokenInQuery?: string;
  /** As in HttpRequest. */
  readonly statusOf?: (body: Uint8Array) => number;
  readonly statusOfError?: (body: Uint8Array, status: number) => number;
  readonly retries?: boolean;
}

/**
 * Outbound calls with one connection's token. A path is resolved against the vendor's API endpoint; a full URL must be of the same
 * origin (InvalidInput otherwise: SSRF guard, faults OA-26). A 401 refreshes the token once and repeats the call, then throws
 * ReauthorizationRequired.
 */
export type AuthorizedFetch = (pathOrUrl: string, options?: AuthorizedFetchOptions) => Promise<VendorResponse>;

export interface RateLimit {
  readonly requests: number;
  readonly perSeconds: number;
  readonly scope: "app" | "connection";
  /** Where the figure stands in the vendor's documents. */
  readonly source: string;
  /** The limit counts only while the provider setting has this value (the vendor sets it by how far it has verified the app). */
  readonly when?: { readonly setting: string; readonly value: string };
}
