/** The fake API behind a `fetch`, and what was asked of it. */
import { fakeApi, type FakeOptions, type FakeReply } from "./api.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface FakeFetch {
  readonly fetch: (input: string, init: RequestInit) => Promise<Response>;
  readonly asked: Asked[];
}

/** `override` may answer before the fake does. */
export function fakeFetch(options: FakeOptions, override?: (asked: Asked) => FakeReply | undefined): FakeFetch {
  const asked: Asked[] = [];
  const fetch = (input: string, init: RequestInit): Promise<Response> => {
    const url = new URL(input, "http://localhost");
    const request: Asked = {
      method: init.method ?? "GET", path: url.pathname.replace("/api/v1", ""), query: url.searchParams,
      headers: init.headers as Record<string, string>, body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    asked.push(request);
    const { status, body } = override?.(request) ?? fakeApi(options, request);
    const text = status === 204 ? null : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status, headers: { "content-type": status >= 400 ? "application/problem+json" : "application/json" } }));
  };
  return { fetch, asked };
}
