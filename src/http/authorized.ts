/** Calls to one vendor's API with a person's token, or with the app's own credentials, that cannot leave that API. */
import { InvalidInput, ReauthorizationRequired } from "../errors.ts";
import type { Secret } from "../secret.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, CallScope, HttpClient, HttpRequest, TokenPlace } from "./types.ts";

export interface AppFetchParts {
  readonly http: HttpClient;
  readonly scope: CallScope;
  /** The vendor's API endpoint, without trailing slash; may carry a path of its own. */
  readonly apiBaseUrl: string;
  readonly signal?: AbortSignal;
  /** Sent with every call, in place of the caller's of the same name: what proves the app where the vendor wants it in headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As in HttpRequest. */
  readonly publicOnly?: boolean;
}

export interface AuthorizedFetchParts extends AppFetchParts {
  /** Where the token goes; the bearer header unless given. */
  readonly tokenPlace?: TokenPlace;
  /** The token to call with, refreshed beforehand where its end is near. */
  accessToken(): Promise<Secret>;
  /** A token other than `staleToken`, by one refresh or because another caller has refreshed meanwhile. */
  refreshAfter401(staleToken: Secret): Promise<Secret>;
}

/**
 * Calls on behalf of one connection. A path is put behind the API endpoint; a full URL is taken only if it lies below it
 * (InvalidInput otherwise: a vendor's payload must not send the token elsewhere, OA-26, OA-27). Any `authorization` header of the
 * caller is replaced. A 401 leads to one refresh and one repeat (VA-14); a second one throws ReauthorizationRequired, unless the
 * caller accepts 401. Throws what HttpClient throws, too.
 */
export function createAuthorizedFetch(parts: AuthorizedFetchParts): AuthorizedFetch {
  return async (pathOrUrl, options = {}) => {
    const request = buildRequest(parts, pathOrUrl, options);
    const send = (token: Secret): ReturnType<HttpClient["request"]> =>
      parts.http.request(parts.scope, {
        ...withToken(request, parts.tokenPlace ?? { place: "bearer" }, token, options.tokenInQuery),
        accept: [...(options.accept ?? []), 401],
      });

    const token = await parts.accessToken();
    const first = await send(token);
    if (first.status !== 401) return first;
    const second = await send(await parts.refreshAfter401(token));
    if (second.status === 401 && !options.accept?.includes(401)) {
      throw new ReauthorizationRequired(`${parts.scope.provider} refuses a token that was refreshed just before.`);
    }
    return second;
  };
}

/**
 * Calls on behalf of the app itself, without a person's token: what proves the app goes into the form, the query or the caller's
 * own `authorization` header. The same guard on URLs; a 401 is a ProviderRefused like any other refusal.
 */
export function createAppFetch(parts: AppFetchParts): AuthorizedFetch {
  return async (pathOrUrl, options = {}) => {
    const request = buildRequest(parts, pathOrUrl, options);
    return parts.http.request(parts.scope, options.accept ? { ...request, accept: options.accept } : request);
  };
}

function buildRequest(parts: AppFetchParts, pathOrUrl: string, options: AuthorizedFetchOptions): HttpRequest {
  if (options.form !== undefined && options.json !== undefined) throw new InvalidInput("A vendor call has a form or JSON, not both.");
  const url = resolveBelow(parts.apiBaseUrl, pathOrUrl);
  for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.append(name, String(value));
  const body = bodyOf(options);
  return {
    method: options.method ?? (body ? "POST" : "GET"),
    url: url.href,
    headers: { accept: "application/json", ...(body ? { "content-type": body.type } : {}), ...lowerCaseNames(options.headers ?? {}), ...lowerCaseNames(parts.headers ?? {}) },
    ...(body ? { body: body.text } : {}),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.statusOf ? { statusOf: options.statusOf } : {}),
    ...(options.statusOfError ? { statusOfError: options.statusOfError } : {}),
    ...(options.retries === undefined ? {} : { retries: options.retries }),
    ...(parts.signal ? { signal: parts.signal } : {}),
    ...(parts.publicOnly ? { publicOnly: true } : {}),
  };
}

/** The request with the token in its place, and in the query too where the caller asks for that. */
function withToken(request: HttpRequest, place: TokenPlace, token: Secret, tokenInQuery: string | undefined): HttpRequest {
  const { authorization: _callers, ...others } = request.headers ?? {};
  const headers: Record<string, string> = { ...others };
  if (place.place === "bearer") headers["authorization"] = `Bearer ${token.open()}`;
  if (place.place === "header") headers[place.name.toLowerCase()] = token.open();
  const inQuery = place.place === "query" ? [place.name, tokenInQuery] : [tokenInQuery];
  const url = inQuery.reduce<string>((address, name) => (name === undefined ? address : withParameter(address, name, token.open())), request.url);
  return { ...request, url, headers };
}

function withParameter(url: string, name: string, value: string): string {
  const changed = new URL(url);
  changed.searchParams.append(name, value);
  return changed.href;
}

function bodyOf(options: AuthorizedFetchOptions): { readonly type: string; readonly text: string } | null {
  if (options.form !== undefined) return { type: "application/x-www-form-urlencoded", text: new URLSearchParams(options.form).toString() };
  if (options.json !== undefined) return { type: "application/json", text: JSON.stringify(options.json) };
  return null;
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The URL of a call, certain to lie below the API endpoint after dot segments are resolved. Throws InvalidInput, without the URL. */
function resolveBelow(apiBaseUrl: string, pathOrUrl: string): URL {
  const base = new URL(apiBaseUrl);
  const basePath = base.pathname.replace(/\/+$/, "");
  const isPath = pathOrUrl.startsWith("/") && !/^\/[/\\]/.test(pathOrUrl);
  const text = isPath ? base.origin + basePath + pathOrUrl : pathOrUrl;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBelow = url?.origin === base.origin && (url.pathname === basePath || url.pathname.startsWith(`${basePath}/`));
  if (!url || !isBelow) throw new InvalidInput(`A vendor call must stay below ${base.host}${basePath}.`);
  return url;
}
