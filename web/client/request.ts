/** One request to Islet's own API: cookie session, CSRF header on writes, typed errors. */
import { networkError, problemError } from "./errors.ts";
import type { Presence } from "./presence.ts";
import type { Session } from "./types.ts";

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Query;
  readonly body?: unknown;
  /** Sent as it is, under its own type. */
  readonly file?: Blob;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RequesterOptions {
  /** The browser's fetch, or a test's. */
  readonly fetch: (input: string, init: RequestInit) => Promise<Response>;
  readonly base?: string;
  /** Tells requests of the person from those of the page's own accord. */
  readonly presence?: Presence;
  /** Called for every 401 except that of a sign-in itself. */
  readonly onUnauthenticated?: () => void;
}

/** `?a=1&b=2` without the undefined ones; empty when none is left. */
export function queryString(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** Sends requests and keeps the CSRF token of the session in memory only. */
export class Requester {
  readonly #options: RequesterOptions;
  #csrfToken: string | null = null;
  #locale = "en";

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  setCsrfToken(token: string | null): void {
    this.#csrfToken = token;
  }

  /** Language the server should answer in where it writes sentences. */
  setLocale(locale: string): void {
    this.#locale = locale;
  }

  /**
   * The reply's JSON; undefined for 204. A write whose CSRF token belongs to an older session (signed in anew in another tab)
   * is sent once more with the present token.
   * @throws ApiError for a missing answer and for every status that is not 2xx; an AbortError when `signal` fires.
   */
  async send<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.#answer(path, options);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** What a path answers as a file, with the name that the server gives it. @throws as `send` does. */
  async file(path: string, options: RequestOptions = {}): Promise<{ readonly blob: Blob; readonly name: string | null }> {
    const response = await this.#answer(path, { ...options, headers: { accept: "*/*", ...options.headers } });
    return { blob: await response.blob(), name: /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? null };
  }

  async #answer(path: string, options: RequestOptions): Promise<Response> {
    const { method = "GET" } = options;
    const token = this.#csrfToken;
    let response = await this.#try(path, options);
    if (response.status === 403 && method !== "GET" && token !== null && (await this.#renewCsrfToken()) !== token) {
      response = await this.#try(path, options);
    }
    if (!response.ok) {
      const error = await problemError(response);
      if (error.status === 401 && !path.startsWith("/session")) this.#options.onUnauthenticated?.();
      throw error;
    }
    return response;
  }

  async #renewCsrfToken(): Promise<string | null> {
    const response = await this.#try("/session", {});
    if (response.ok) this.#csrfToken = ((await response.json()) as Pick<Session, "csrfToken">).csrfToken;
    return this.#csrfToken;
  }

  #try(path: string, options: RequestOptions): Promise<Response> {
    const { method = "GET", body, file, signal } = options;
    const headers: Record<string, string> = { accept: "application/json", "accept-language": this.#locale, ...options.headers };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (file !== undefined) headers["content-type"] = file.type === "" ? "application/octet-stream" : file.type;
    if (method === "GET" && this.#options.presence?.isAway()) headers["x-islet-background"] = "1";
    else this.#options.presence?.noteAsked();
    if (method !== "GET" && this.#csrfToken !== null) headers["x-csrf-token"] = this.#csrfToken;
    return this.#fetch(`${this.#options.base ?? "/api/v1"}${path}${queryString(options.query)}`, {
      method, headers, credentials: "same-origin", cache: "no-store",
      ...(file !== undefined ? { body: file } : body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#options.fetch(url, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw networkError(error);
    }
  }
}
