import { describe, expect, it, vi } from "vitest";
import { fakeFetch } from "#web/fake/fetch.ts";
import { createApi } from "./api.ts";
import { ApiError } from "./errors.ts";
import { queryString, Requester } from "./request.ts";

const NOW = Date.parse("2026-03-12T15:22:00Z");

describe("a request", () => {
  it("sends the session's CSRF token with every write and with no read", async () => {
    const fake = fakeFetch({ nowMs: NOW });
    const api = createApi(new Requester({ fetch: fake.fetch }));
    await api.signIn("ana@example.org", "secret");
    await api.providers();
    await api.savePreferences({ glucoseUnit: "mmol/L" });
    await api.disconnect("p", "c", "erase");
    expect(fake.asked.map(({ method, path, headers }) => [method, path, headers["x-csrf-token"]])).toEqual([
      ["POST", "/session", undefined],
      ["GET", "/providers", undefined],
      ["PATCH", "/me", "csrf-token"],
      ["DELETE", "/patients/p/connections/c", "csrf-token"],
    ]);
    expect(fake.asked[3]?.query.get("data")).toBe("erase");
  });

  it("sends a refused write once more with a renewed token, when another tab has signed in anew", async () => {
    let token = "old";
    const fake = fakeFetch({ nowMs: NOW }, ({ method, path, headers }) => {
      if (path === "/session") return { status: 200, body: { csrfToken: token } };
      return method === "PATCH" && headers["x-csrf-token"] !== token ? { status: 403, body: { code: "not_permitted" } } : { status: 200, body: {} };
    });
    const api = createApi(new Requester({ fetch: fake.fetch }));
    await api.session();
    token = "new";
    await api.savePreferences({ locale: "es" });
    expect(fake.asked.filter(({ method }) => method === "PATCH").map(({ headers }) => headers["x-csrf-token"])).toEqual(["old", "new"]);
  });

  it("does not repeat a write that is refused for another reason", async () => {
    const fake = fakeFetch({ nowMs: NOW }, ({ path }) => (path === "/me" ? { status: 403, body: { code: "not_permitted" } } : undefined));
    const api = createApi(new Requester({ fetch: fake.fetch }));
    await api.session();
    await expect(api.savePreferences({ locale: "es" })).rejects.toMatchObject({ status: 403, code: "not_permitted" });
    expect(fake.asked.filter(({ path }) => path === "/me")).toHaveLength(1);
  });

  it("forgets the token at sign-out", async () => {
    const fake = fakeFetch({ nowMs: NOW });
    const api = createApi(new Requester({ fetch: fake.fetch }));
    await api.session();
    await api.signOut();
    await api.savePreferences({ locale: "es" });
    expect(fake.asked.at(-1)?.headers["x-csrf-token"]).toBeUndefined();
  });

  it("turns a problem document into an error with its code, trace and waiting time", async () => {
    const body = JSON.stringify({ code: "too_many_requests", detail: "Wait.", trace_id: "abc" });
    const headers = { "content-type": "application/problem+json", "retry-after": "12" };
    const requester = new Requester({ fetch: () => Promise.resolve(new Response(body, { status: 429, headers })) });
    const error: unknown = await requester.send("/me").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ kind: "problem", status: 429, code: "too_many_requests", detail: "Wait.", traceId: "abc", retryAfterS: 12 });
  });

  it("survives an error page that is no JSON", async () => {
    const requester = new Requester({ fetch: () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })) });
    await expect(requester.send("/me")).rejects.toMatchObject({ status: 502, code: "http_502", retryAfterS: null });
  });

  it("calls a missing answer offline, and lets an abort through as what it is", async () => {
    const failing = new Requester({ fetch: () => Promise.reject(new TypeError("Failed to fetch")) });
    await expect(failing.send("/me")).rejects.toMatchObject({ kind: "network", code: "offline" });
    const aborted = new Requester({ fetch: () => Promise.reject(new DOMException("stop", "AbortError")) });
    await expect(aborted.send("/me")).rejects.toThrow("stop");
  });

  it("reports the end of the session, but not a wrong password", async () => {
    const onUnauthenticated = vi.fn<() => void>();
    const fake = fakeFetch({ nowMs: NOW }, () => ({ status: 401, body: { code: "not_authenticated" } }));
    const requester = new Requester({ fetch: fake.fetch, onUnauthenticated });
    await expect(requester.send("/session", { method: "POST", body: {} })).rejects.toMatchObject({ status: 401 });
    expect(onUnauthenticated).not.toHaveBeenCalled();
    await expect(requester.send("/providers")).rejects.toMatchObject({ status: 401 });
    expect(onUnauthenticated).toHaveBeenCalledOnce();
  });

  it("leaves out undefined parameters and escapes the others", () => {
    expect(queryString({ a: undefined })).toBe("");
    expect(queryString({ unit: "mg/dL", limit: 5, cursor: undefined })).toBe("?unit=mg%2FdL&limit=5");
  });

  it("asks in the person's language and writes ids so that they cannot leave their place in the path", async () => {
    const fake = fakeFetch({ nowMs: NOW });
    const api = createApi(new Requester({ fetch: fake.fetch }));
    api.setLocale("es");
    await api.glucoseLatest("../me").catch(() => undefined);
    expect(fake.asked[0]?.headers["accept-language"]).toBe("es");
    expect(fake.asked[0]?.path).toBe("/patients/..%2Fme/glucose/latest");
  });
});
