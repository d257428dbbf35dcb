/** What every answer says to a browser, and what no request gets. */
import { connect } from "node:net";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY, give, iso, NOW_MS, readings } from "#test/api/kit.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";

interface OpenApi {
  readonly paths: Record<string, Record<string, { readonly summary: string }>>;
}

let test: TestApp;
let document: OpenApi;
beforeAll(async () => {
  test = await startTestApp({ env: { PUBLIC_URL: "https://islet.example", ISLET_CORS_ORIGINS: "https://app.example" } });
  document = (await test.request({ method: "GET", url: "/openapi.json" })).json<OpenApi>();
});
afterAll(() => test.close());

const as = (): { as: TestApp["people"]["patient"] } => ({ as: test.people.patient });
const get = (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> => test.request({ ...as(), method: "GET", url, headers });

/** Answers of every kind: pages, documents, data, refusals, nothing there. The live stream does not end. */
async function answers(): Promise<Map<string, LightMyRequestResponse>> {
  const urls = Object.entries(document.paths).filter(([path, methods]) => methods["get"] && !/live|stream|callback/.test(path)).map(([path]) => path.replaceAll(/\{patientId\}/g, "me").replaceAll(/\{[^}]+\}/g, "none"));
  const all = ["/", "/docs", "/openapi.json", "/health", "/none", "/api/v1/none", "/%zz", "/.well-known/security.txt", ...urls];
  return new Map(await Promise.all(all.map(async (url) => [url, await get(url)] as const)));
}

const signIn = (): Promise<LightMyRequestResponse> => test.request({ method: "POST", url: "/api/v1/session", payload: { email: test.people.patient.email, password: TEST_PASSWORD } });

describe("every answer", () => {
  let all: Map<string, LightMyRequestResponse>;
  beforeAll(async () => {
    all = await answers();
  });
  const each = (check: (answer: LightMyRequestResponse, url: string) => void): void => {
    expect(all.size).toBeGreaterThan(50);
    for (const [url, answer] of all) check(answer, url);
  };

  it("asks for TLS alone, for a year, on all subdomains [ASVS 3.4.1]", () => {
    each(({ headers }, url) => expect(headers["strict-transport-security"], url).toBe("max-age=31536000; includeSubDomains"));
  });

  it("lets trusted content run alone, and nobody frame it or move its base [ASVS 3.4.3, 3.4.6]", () => {
    each(({ headers }, url) => {
      const policy = String(headers["content-security-policy"]);
      expect(policy, url).toMatch(/default-src 'self'.*script-src 'self'|default-src 'none'/);
      for (const part of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) expect(policy, url).toContain(part);
      expect(policy, url).not.toMatch(/unsafe-|\*/);
    });
  });

  it("lets no browser guess its type, and says where one was to nobody [ASVS 3.4.4, 3.4.5]", () => {
    each(({ headers }, url) => expect(headers, url).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" }));
  });

  it("has the type of what is in it, with its letters' code where it is text [ASVS 4.1.1]", () => {
    each(({ headers, body }, url) => {
      if (body === "") return;
      const type = String(headers["content-type"]);
      expect(type, url).toMatch(/^(application\/(problem\+)?json(; charset=utf-8)?|text\/[a-z-]+;.*charset=utf-8.*|image\/(svg\+xml|png)|application\/(pdf|octet-stream|zip)|application\/x-ndjson.*)$/i);
      if (type.includes("json") && !type.includes("ndjson")) expect(() => JSON.parse(body) as unknown, url).not.toThrow();
    });
  });

  it("is kept by no browser or proxy where it is of a person [ASVS 14.2.2, 14.3.2]", () => {
    each(({ headers, statusCode }, url) => {
      if (url.startsWith("/api/v1/") && statusCode === 200) expect(headers["cache-control"], url).toMatch(/no-store|^private, (no-cache|max-age=0)|public/);
      if (/\/(me|patients)\b/.test(url) && statusCode === 200) expect(headers["cache-control"], url).not.toContain("public");
    });
  });

  it("names no program and version of ours [ASVS 13.4.2]", () => {
    each(({ headers, body }, url) => {
      expect(headers["x-powered-by"], url).toBeUndefined();
      expect(headers["server"], url).toBeUndefined();
      expect(body, url).not.toMatch(/\bat .*\.ts:\d+:\d+|node_modules/);
    });
  });
});

describe("data that is asked for as if it were a page", () => {
  it("is JSON that no browser runs, under a policy of its own, and a file to keep where it is one [ASVS 3.2.1]", async () => {
    const headers = { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", accept: "text/html" };
    const json = await get("/api/v1/me", headers);
    expect(json.headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" });
    const delivery = await give(test, test.people.patient, { records: readings([100, 110], NOW_MS), body: "<script>alert(1)</script>" });
    const query = `metrics=glucose&from=${iso(NOW_MS - DAY)}&to=${iso(NOW_MS)}`;
    for (const path of [`deliveries/${delivery}/raw`, `metrics/stream?${query}&format=csv`, "glucose/tables/daily"]) {
      const file = await get(`/api/v1/patients/me/${path}`, headers);
      expect(file.statusCode, `${path}: ${file.body}`).toBe(200);
      expect(file.headers["content-disposition"], path).toMatch(/^attachment; filename="/);
      expect(String(file.headers["content-type"]), path).not.toMatch(/html|xml|svg|javascript/);
    }
  });
});

describe("a cookie", () => {
  it("is this host's, for TLS, hidden from scripts and from other sites, and in no body [ASVS 3.3.1, 3.3.2, 3.3.3, 3.3.4]", async () => {
    const answer = await signIn();
    const cookies = [answer.headers["set-cookie"]].flat().map(String);
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-islet_[a-z]+=/);
      for (const part of ["; Path=/", "; HttpOnly", "; Secure"]) expect(cookie).toContain(part);
      expect(cookie).toMatch(/; SameSite=(Lax|Strict)/);
      expect(cookie).not.toContain("Domain=");
      expect(answer.body).not.toContain(cookie.split(";")[0]!.split("=")[1]!);
    }
  });
});

describe("another origin", () => {
  it("reads only where the operator named it, and never by cookie [ASVS 3.4.2, 3.5.2]", async () => {
    const named = await get("/api/v1/me", { origin: "https://app.example" });
    expect(named.headers["access-control-allow-origin"]).toBe("https://app.example");
    expect(named.headers["access-control-allow-credentials"]).toBeUndefined();
    for (const origin of ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"]) {
      expect((await get("/api/v1/me", { origin })).headers["access-control-allow-origin"], origin).toBeUndefined();
    }
    const [cookie] = String((await signIn()).headers["set-cookie"]).split(";");
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const write = await test.request({ method: "PATCH", url: "/api/v1/me", headers: { cookie: cookie!, "content-type": type, origin: "https://evil.example" }, payload: '{"locale":"es"}' });
      expect([403, 415], type).toContain(write.statusCode);
    }
  });
});

describe("a safe method", () => {
  it("changes nothing: what writes takes POST, PUT, PATCH or DELETE [ASVS 3.5.3]", async () => {
    // Reading is itself written down; that and signs of life are all that may move.
    const count = async (): Promise<unknown> => test.db.asOwner("select relname, n from (select 'users' as relname, count(*) as n from users union all select 'grants', count(*) from grants union all select 'connections', count(*) from connections union all select 'consents', count(*) from consents union all select 'sessions', count(*) from sessions union all select 'api_keys', count(*) from api_keys union all select 'erasures', count(*) from erasures union all select 'data_exports', count(*) from data_exports) t order by 1");
    const before = await count();
    await answers();
    expect(await count()).toEqual(before);
    const verbs = Object.entries(document.paths).filter(([, methods]) => methods["get"] && /^(Sign (in|out)|Change|Delete|Remove|End|Make|Add|Block|Withdraw|Disconnect|Erase)\b/.test(methods["get"].summary)).map(([path]) => path);
    expect(verbs).toEqual([]);
  });
});

describe("what is no part of the product", () => {
  it("is not there: source control, settings, folders, code, dumps [ASVS 13.4.1, 13.4.3, 5.3.1]", async () => {
    for (const url of ["/.git/config", "/.git/HEAD", "/.svn/entries", "/.env", "/.env.example", "/package.json", "/package-lock.json", "/src/main.ts", "/migrations/", "/assets/", "/docs/../package.json", "/data/secrets.json", "/../../etc/passwd", "/assets/..%2f..%2f..%2fpackage.json", "/mail/", "/exports/"]) {
      const answer = await get(url);
      // Where the pages are built, their start page stands at every address that could be one of them.
      if (answer.statusCode === 200) expect(answer.body, url).toMatch(/^<!doctype html>[\s\S]*<div id="root">/i);
      else expect([400, 404, 405], url).toContain(answer.statusCode);
      expect(answer.body, url).not.toMatch(/"islet"|\[core\]|root:|ISLET_/);
    }
  });

  it("nor TRACE, TRACK or CONNECT [ASVS 13.4.4]", async () => {
    const talk = (line: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(new URL(test.origin).port), "127.0.0.1", () => socket.end(`${line}\r\nhost: x\r\nx-canary: canary-7d\r\nconnection: close\r\n\r\n`));
        let heard = "";
        socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
        socket.on("close", () => resolve(heard));
        socket.on("error", reject);
      });
    for (const line of ["TRACE / HTTP/1.1", "TRACK / HTTP/1.1", "CONNECT x:443 HTTP/1.1"]) {
      const heard = await talk(line);
      expect(heard, line).not.toContain("canary-7d");
      expect(heard, line).not.toMatch(/^HTTP\/1\.1 2/);
    }
  });

  it("nor what an operator sees: metrics and checks are for the operator, the API's own description is meant to be read [ASVS 13.4.5]", async () => {
    const from = { remoteAddress: "203.0.113.9" };
    expect((await test.request({ method: "GET", url: "/metrics", ...from })).statusCode).toBe(403);
    expect((await test.request({ method: "GET", url: "/ready", ...from })).body).not.toContain("checks");
    expect((await test.request({ method: "GET", url: "/openapi.json", ...from })).statusCode).toBe(200);
  });
});

describe("a request", () => {
  it("that says a thing twice, or in another place, is not understood in one of two ways [ASVS 15.3.7]", async () => {
    const twice = await get("/api/v1/patients/me/metrics?metrics=glucose&from=2026-01-01T00:00:00Z&from=2020-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
    expect(twice.statusCode).toBe(400);
    const elsewhere = await test.request({ ...as(), method: "PATCH", url: "/api/v1/me?locale=es", payload: {} });
    expect((await get("/api/v1/me")).json<{ locale: string }>().locale).not.toBe("es");
    expect([200, 400]).toContain(elsewhere.statusCode);
  });

  it("by plain HTTP is not led on in silence: what is no page answers as it is [ASVS 4.1.2]", async () => {
    for (const url of ["/api/v1/me", "/webhooks/dexcom", "/health"]) {
      const answer = await test.request({ method: "GET", url, headers: { "x-forwarded-proto": "http" } });
      expect(Math.floor(answer.statusCode / 100), url).not.toBe(3);
    }
  });

  it("says nothing that a proxy of ours says: identity, address and host come from who is trusted [ASVS 4.1.3]", async () => {
    for (const headers of [{ "x-user-id": test.people.patient.userId }, { "x-forwarded-user": test.people.patient.email }, { "x-real-ip": "127.0.0.1" }, { "x-original-url": "/health" }, { "x-rewrite-url": "/health" }]) {
      expect((await test.request({ method: "GET", url: "/api/v1/me", headers })).statusCode).toBe(401);
    }
  });
});
