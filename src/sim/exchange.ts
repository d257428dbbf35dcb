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
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body: string;
}

/** What kind of door a route is; a fault can be aimed at one kind. Pages never fail. */
export type Door = "page" | "token" | "data";

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly door: Door;
  handle(call: Call): Answer | Promise<Answer>;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "cache-control": "no-store", ...headers }, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
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

/** The members of a JSON object body as texts; null when the body is no JSON object. */
export function jsonFields(call: Call): URLSearchParams | null {
  try {
    const value: unknown = JSON.parse(call.body);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const fields = new URLSearchParams();
    for (const [name, member] of Object.entries(value)) {
      if (["string", "number", "boolean"].includes(typeof member)) fields.set(name, String(member));
    }
    return fields;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A URL with parameters added to those it has. */
export function withParameters(url: string, parameters: Readonly<Record<string, string | null>>): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) target.searchParams.set(name, value);
  return target.toString();
}
