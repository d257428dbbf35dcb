/** What goes wrong, always in one shape and without what it was about; and the guards that every route stands behind. */
import { connect } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { guardReplies } from "../../src/api/guards.ts";
import { sendProblem } from "../../src/api/problem.ts";
import {
  Conflict, ConfigError, InternalError, InvalidInput, NotAuthenticated, NotFound, NotPermitted, ProviderRateLimited, ProviderUnavailable, TooManyRequests, Unavailable,
  VaultRefused, WebhookRejected,
} from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { problemOf, withoutDatabase } from "./kit.ts";

const CANARY = "canary-9f3b";

let test: TestApp;
const logged: unknown[] = [];
const log: Log = {
  debug: () => undefined, info: () => undefined, warn: (fields, message) => void logged.push([fields, message]), error: (fields, message) => void logged.push([fields, message]),
  child: () => log,
};
beforeAll(async () => {
  test = await startTestApp({ log });
});
afterAll(() => test.close());

const as = (): { as: TestApp["people"]["patient"] } => ({ as: test.people.patient });

describe("a problem", () => {
  it("has the same members whatever went wrong, and a trace id of its own each time", async () => {
    const answers: Record<number, LightMyRequestResponse> = {
      400: await test.request({ ...as(), method: "GET", url: `/api/v1/patients/me/metrics?metrics=${CANARY}` }),
      401: await test.request({ method: "GET", url: "/api/v1/me" }),
      403: await test.request({ as: test.people.clinician, method: "POST", url: `/api/v1/patients/${test.people.patient.patientId}/connections`, payload: { provider: "dexcom" } }),
      404: await test.request({ ...as(), method: "GET", url: `/api/v1/${CANARY}` }),
      405: await test.request({ ...as(), method: "PUT", url: "/api/v1/me" }),
      413: await test.request({ ...as(), method: "PATCH", url: "/api/v1/me", headers: { "content-type": "application/json" }, payload: `{"x":"${CANARY.repeat(200_000)}"}` }),
      415: await test.request({ ...as(), method: "PATCH", url: "/api/v1/me", headers: { "content-type": "application/xml" }, payload: `<x>${CANARY}</x>` }),
    };
    const traces = new Set<string>();
    for (const [status, answer] of Object.entries(answers)) {
      expect(answer.statusCode, answer.body).toBe(Number(status));
      const { trace_id: trace, ...problem } = problemOf(answer);
      traces.add(trace);
      expect(Object.keys(problem).filter((key) => key !== "errors").toSorted(), status).toEqual(["code", "detail", "instance", "status", "title", "type"]);
      expect(problem.type).toMatch(new RegExp(`/problems/${problem.code}$`));
      expect(JSON.stringify({ ...problem, instance: "" }), status).not.toContain(CANARY);
      expect(answer.headers["cache-control"] ?? "no-store", status).toBe("no-store");
      expect(answer.headers["x-content-type-options"], status).toBe("nosniff");
    }
    expect(traces.size).toBe(7);
  });

  it("names each wrong place and never what stood there", async () => {
    const answer = await test.request({ ...as(), method: "PATCH", url: "/api/v1/me", payload: { locale: CANARY, glucoseUnit: 7, zone: "x".repeat(65) } });
    expect(problemOf(answer).errors?.map(({ pointer }) => pointer).toSorted()).toEqual(["/body/glucoseUnit", "/body/locale", "/body/zone"]);
    expect(answer.body).not.toContain(CANARY);
  });

  it("is a 400 for a body that is no JSON, empty, or another value than an object", async () => {
    for (const payload of ["{", "", "null", "[]", "7", '"text"', `{"locale":"${CANARY}"`, "\u0000", '{"locale":"en"}}']) {
      const answer = await test.request({ ...as(), method: "PATCH", url: "/api/v1/me", headers: { "content-type": "application/json" }, payload });
      expect(answer.statusCode, payload).toBe(400);
      expect(problemOf(answer).code).toBe("invalid_input");
      expect(answer.body).not.toContain(CANARY);
    }
  });

  it("takes no prototype from a body [WH-15]", async () => {
    for (const payload of ['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}', '{"locale":"en","__proto__":{"locale":"es"}}']) {
      const answer = await test.request({ ...as(), method: "PATCH", url: "/api/v1/me", headers: { "content-type": "application/json" }, payload });
      expect([200, 400]).toContain(answer.statusCode);
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it("tells with 405 which methods the address takes, and with 404 that there is none", async () => {
    for (const [method, url, allow] of [
      ["PUT", "/api/v1/me", "GET, HEAD, PATCH"], ["GET", "/api/v1/tokens", "POST"], ["POST", "/api/v1/patients/me/metrics", "GET, HEAD"], ["HEAD", "/api/v1/patients/me/live", "GET"],
      ["HEAD", "/oauth/dexcom/callback", "GET"], ["DELETE", "/health", "GET, HEAD"], ["PATCH", "/webhooks/garmin?x=1", "GET, HEAD, POST"],
    ] as const) {
      const answer = await test.request({ ...as(), method, url });
      expect(answer.statusCode, `${method} ${url}`).toBe(405);
      expect(answer.headers["allow"]).toBe(allow);
    }
    for (const [method, url] of [["GET", "/api/v1/"], ["GET", "/api/v2/me"], ["GET", "/api/v1/me/"], ["POST", "/api/v1/patients"], ["GET", "/webhooks/"], ["GET", "/oauth/dexcom"], ["GET", "/assets/none.js"], ["POST", "/"], ["GET", "/none.txt"]] as const) {
      const answer = await test.request({ ...as(), method, url });
      expect([404, 405], `${method} ${url}`).toContain(answer.statusCode);
      problemOf(answer);
    }
  });

  it("answers addresses that no router can read", async () => {
    for (const [url, status] of [["/%zz", 400], [`/api/v1/patients/${"x".repeat(300)}/live`, 414], [`/api/v1/patients/${"x".repeat(100)}/live`, 400], ["/api/v1/patients/%00/live", 404], ["/api/v1/patients/..%2f..%2fetc/live", 404]] as const) {
      const answer = await test.request({ ...as(), method: "GET", url });
      expect(answer.statusCode, url.slice(0, 60)).toBe(status);
      problemOf(answer);
    }
  });

  it("is a bare 500 for what should be impossible, with all that helps in the log and nothing of it in the answer", async () => {
    await test.db.asOwner("alter table patients rename column display_name to renamed");
    try {
      const answer = await test.request({ ...as(), method: "GET", url: "/api/v1/patients" });
      expect(answer.statusCode).toBe(500);
      expect({ ...problemOf(answer), trace_id: "" }).toEqual({
        type: "https://islet.invalid/problems/internal", title: "Internal error", status: 500, detail: "Something went wrong on our side.", instance: "/api/v1/patients", code: "internal", trace_id: "",
      });
      const [fields] = logged.at(-1) as [{ requestId: string; route: string; error: Error }];
      expect(fields.requestId).toBe(problemOf(answer).trace_id);
      expect(fields.route).toBe("/api/v1/patients");
      expect(fields.error.message).toContain("display_name");
    } finally {
      await test.db.asOwner("alter table patients rename column renamed to display_name");
    }
  });

  it("is a 503 with the time to wait while the database is away, and a 200 when it is back [ST-04]", async () => {
    await withoutDatabase(test, async () => {
      for (const url of ["/ready", "/api/v1/me", "/api/v1/patients/me/glucose/latest"]) {
        const answer = await test.request({ ...as(), method: "GET", url });
        expect(answer.statusCode, `${url}: ${answer.body}`).toBe(503);
        expect(problemOf(answer).code).toBe("unavailable");
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      }
      expect((await test.request({ method: "GET", url: "/health" })).statusCode).toBe(200);
    });
    expect((await test.request({ ...as(), method: "GET", url: "/api/v1/me" })).statusCode).toBe(200);
    expect((await test.request({ method: "GET", url: "/ready" })).statusCode).toBe(200);
  });
});

describe("each kind of error", () => {
  it("has its status, and keeps quiet about what an attacker or a stranger must not learn", async () => {
    const errors: [unknown, number, string][] = [
      [new InvalidInput("m"), 400, "invalid_input"], [new InvalidInput("m", { httpStatus: 422, code: "file_unit" }), 422, "file_unit"], [new NotAuthenticated("m"), 401, "not_authenticated"],
      [new NotPermitted("m"), 403, "not_permitted"], [new NotFound("m"), 404, "not_found"], [new Conflict("m", { code: "already_imported" }), 409, "already_imported"],
      [new TooManyRequests("m", 7), 429, "too_many_requests"], [new Unavailable("m", { retryAfterSeconds: 9 }), 503, "unavailable"], [new ProviderRateLimited("m", 0), 503, "provider_rate_limited"],
      [new ProviderUnavailable("m"), 502, "provider_unavailable"], [new VaultRefused(CANARY), 500, "vault_refused"], [new InternalError(CANARY), 500, "internal"], [new ConfigError(CANARY), 500, "internal"],
      [new Error(CANARY), 500, "internal"], [new TypeError(CANARY), 500, "internal"], [CANARY, 500, "internal"], [null, 500, "internal"], [Object.assign(new Error(CANARY), { statusCode: 200 }), 500, "internal"],
      [Object.assign(new Error(CANARY), { statusCode: 418 }), 418, "invalid_input"],
      ...(["webhook_signature", "webhook_stale"] as const).map((code): [unknown, number, string] => [new WebhookRejected(code, CANARY), 401, "webhook_rejected"]),
      ...(["webhook_unknown", "webhook_malformed"] as const).map((code): [unknown, number, string] => [new WebhookRejected(code, CANARY), 400, "webhook_rejected"]),
    ];
    const server = fastify();
    server.setErrorHandler((error, request, reply) => sendProblem(log, error, request, reply));
    server.get("/:index", (request) => {
      throw errors[Number((request.params as { index: string }).index)]![0] as Error;
    });
    for (const [index, [, status, code]] of errors.entries()) {
      const answer = await server.inject({ method: "GET", url: `/${index}` });
      expect(answer.statusCode, `${code}, ${index}`).toBe(status);
      expect(problemOf(answer).code).toBe(code);
      expect(answer.body).not.toContain(CANARY);
      expect(answer.headers["retry-after"]).toBe({ too_many_requests: "7", unavailable: "9", provider_rate_limited: "60" }[code]);
    }
    await server.close();
  });
});

describe("the guards of every route", () => {
  async function guarded(add: (server: ReturnType<FastifyInstance["withTypeProvider"]> & FastifyInstance) => void): Promise<FastifyInstance> {
    const server = fastify();
    server.setValidatorCompiler(validatorCompiler);
    server.setSerializerCompiler(serializerCompiler);
    server.setErrorHandler((error, request, reply) => sendProblem(log, error, request, reply));
    guardReplies(server);
    add(server.withTypeProvider<ZodTypeProvider>() as never);
    await server.ready();
    return server;
  }
  const body = z.object({ name: z.string() });

  it("refuse a route of ours that declares no reply", async () => {
    for (const url of ["/api/v1/new", "/webhooks/new", "/oauth/new"]) {
      await expect(guarded((server) => server.get(url, () => ({ name: CANARY }))), url).rejects.toThrow(`The route ${url} declares no response schema.`);
    }
    await (await guarded((server) => server.get("/elsewhere", () => ({ name: "fine" })))).close();
  });

  it("refuse a status that the route did not declare, whatever kind of body it has", async () => {
    const server = await guarded((routes) => {
      const schema = { response: { 200: body } };
      routes.get("/api/object", { schema }, (_request, reply) => reply.code(201 as 200).send({ name: CANARY, secret: CANARY } as never));
      routes.get("/api/text", { schema }, (_request, reply) => reply.code(202 as 200).send(CANARY as never));
      routes.get("/api/bytes", { schema }, (_request, reply) => reply.code(203 as 200).send(Buffer.from(CANARY) as never));
      routes.get("/api/nothing", { schema }, (_request, reply) => reply.code(204 as 200).send(null as never));
      routes.get("/api/own", { schema }, (_request, reply) => reply.code(299 as 200).type("text/html").serializer(() => CANARY).send({} as never));
    });
    for (const path of ["object", "text", "bytes", "nothing", "own"]) {
      const answer = await server.inject({ method: "GET", url: `/api/${path}` });
      expect(answer.statusCode, path).toBe(500);
      expect(problemOf(answer).code).toBe("internal");
      expect(answer.body, path).not.toContain(CANARY);
    }
    await server.close();
  });

  it("strip a field that the route did not declare, and refuse a reply that does not fit", async () => {
    const server = await guarded((routes) => {
      routes.get("/api/more", { schema: { response: { 200: body } } }, () => ({ name: "Ana", secret: CANARY }) as never);
      routes.get("/api/less", { schema: { response: { 200: body } } }, () => ({ title: CANARY }) as never);
      routes.get("/api/wrong", { schema: { response: { 200: body } } }, () => ({ name: [CANARY] }) as never);
    });
    expect((await server.inject({ method: "GET", url: "/api/more" })).body).toBe('{"name":"Ana"}');
    for (const path of ["less", "wrong"]) {
      const answer = await server.inject({ method: "GET", url: `/api/${path}` });
      expect(answer.statusCode, path).toBe(500);
      expect(answer.body).not.toContain(CANARY);
      expect(JSON.stringify(logged.at(-1))).toContain('"issues":["name"]');
      expect(JSON.stringify(logged.at(-1))).not.toContain(CANARY);
    }
    await server.close();
  });
});

describe("the door to the network", () => {
  it("lets no other site read, unless the operator named it [AU-12]", async () => {
    for (const origin of ["null", "https://evil.example", `${test.origin}.evil.example`, "http://localhost"]) {
      const answer = await test.request({ ...as(), method: "GET", url: "/api/v1/me", headers: { origin } });
      expect(answer.headers["access-control-allow-origin"], origin).toBeUndefined();
      const preflight = await test.request({ method: "OPTIONS", url: "/api/v1/me", headers: { origin, "access-control-request-method": "PATCH" } });
      expect(preflight.headers["access-control-allow-origin"], origin).toBeUndefined();
    }
  });

  it("says to browsers what pages of ours may do, and to keep nothing", async () => {
    const answer = await test.request({ ...as(), method: "GET", url: "/api/v1/me" });
    const policy = String(answer.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" });
    expect(answer.headers["x-powered-by"]).toBeUndefined();
  });

  it("takes no request id, address or method of a stranger's choosing", async () => {
    const answer = await test.request({ method: "GET", url: "/api/v1/me", headers: { "x-request-id": CANARY, "request-id": CANARY, "x-http-method-override": "DELETE", "x-forwarded-host": "evil.example" } });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toMatch(/canary|evil/);
  });

  it("closes on headers that are too large or no HTTP at all, and lives on [AU-23]", async () => {
    const talk = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(new URL(test.origin).port), "127.0.0.1", () => socket.write(text));
        let heard = "";
        socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
        socket.on("close", () => resolve(heard));
        socket.on("error", reject);
      });
    expect(await talk(`GET /api/v1/me HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await talk("NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await talk("POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect((await test.request({ ...as(), method: "GET", url: "/api/v1/me" })).statusCode).toBe(200);
  });

  it("logs neither password nor token of whoever comes in [OA-15]", async () => {
    logged.length = 0;
    await test.request({ method: "POST", url: "/api/v1/session", payload: { email: test.people.patient.email, password: TEST_PASSWORD } });
    await test.request({ method: "POST", url: "/api/v1/session", payload: { email: test.people.patient.email, password: CANARY } });
    await test.request({ ...as(), method: "GET", url: `/oauth/dexcom/callback?code=${CANARY}&state=${CANARY}` });
    const text = JSON.stringify(logged);
    for (const secret of [TEST_PASSWORD, CANARY, test.people.patient.token]) expect(text).not.toContain(secret);
  });
});
