/** Calls and answers of the simulated clouds, free of any web framework. */

/** One HTTP request as a cloud sees it. */
export interface Call {
  readonly method: string;
  /** Path inside the cloud, e.g. `/v3/users/self/egvs`. */
  readonly path: string;
  /** Path parameters of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as it came. */
  readonly bytes: Uint8Array;
  /** The same as UTF-8 text. */
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body: string | Uint8Array;
}

/** What kind of door a route is; a fault can be aimed at one kind. Pages never fail. */
export type Door = "page" | "token" | "data";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

export interface Route {
  /** A GET route answers HEAD too, unless there is a HEAD route of its own. */
  readonly method: (typeof METHODS)[number];
  /** Inside the cloud, with `:name` for a parameter and `::` for a colon. */
  readonly path: string;
  readonly door: Door;
  /** Set where the path itself carries a token: the journal then shows the pattern. */
  readonly hidesPath?: true;
  handle(call: Call): Answer | Promise<Answer>;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "cache-control": "no-store", ...headers }, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

/** A file or any other answer that is no text. */
export function binary(type: string, body: Uint8Array, headers: Record<string, string> = {}): Answer {
  return { status: 200, headers: { "cache-control": "no-store", ...headers }, type, body };
}

export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: "" };
}

export function redirect(location: string, status: 302 | 303 = 302): Answer {
  return empty(status, { location, "cache-control": "no-store" });
}

/** First value of a header in lower case; empty when absent. */
export function header(call: Call, name: string): string {
  const value = call.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

/** The token of `Authorization: Bearer …`; null without one. */
export function bearer(call: Call): string | null {
  return /^Bearer (\S+)$/i.exec(header(call, "authorization"))?.[1] ?? null;
}

/** Name and password of `Authorization: Basic …`; null without one. */
export function basic(call: Call): { readonly name: string; readonly password: string } | null {
  const coded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header(call, "authorization"))?.[1];
  if (coded === undefined) return null;
  const text = Buffer.from(coded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function isForm(call: Call): boolean {
  return header(call, "content-type").toLowerCase().startsWith("application/x-www-form-urlencoded");
}

export function isJson(call: Call): boolean {
  return header(call, "content-type").toLowerCase().startsWith("application/json");
}

/** Fields of a form body; empty for any other content type. */
export function formOf(call: Call): URLSearchParams {
  return new URLSearchParams(isForm(call) ? call.body : "");
}

/** The body as JSON, whatever its content type; undefined when it is none. */
export function jsonOf(call: Call): unknown {
  try {
    return JSON.parse(call.body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The members of a JSON object body as texts; null when the body is no JSON object. */
export function jsonFields(call: Call): URLSearchParams | null {
  const value = jsonOf(call);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const fields = new URLSearchParams();
  for (const [name, member] of Object.entries(value)) {
    if (["string", "number", "boolean"].includes(typeof member)) fields.set(name, String(member));
  }
  return fields;
}

/** `retry-after` when there is a number of seconds, else no header. */
export function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}

/** A URL with parameters added to those it has. */
export function withParameters(url: string, parameters: Readonly<Record<string, string | null>>): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) target.searchParams.set(name, value);
  return target.toString();
}
