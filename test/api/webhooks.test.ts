/** The vendors' doors over HTTP: who may come in, with what, and that nobody is told "received" before it is kept. */
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import type { LightMyRequestResponse } from "fastify";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unpackBody } from "#inbox/body.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { NOW_MS, problemOf, withoutDatabase } from "./kit.ts";

let test: TestApp;
const LARGEST = 100_000;
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_MAX_WEBHOOK_BYTES: String(LARGEST) } });
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate deliveries, delivery_keys"));

const CLIENT = "islet-demo-garmin";
const dailies = (user = "nobody-we-know", more: object = {}): string => JSON.stringify({ dailies: [{ userId: user, summaryId: "x1", ...more }] });

function post(provider: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return test.request({ method: "POST", url: `/webhooks/${provider}`, payload: body, headers: { "content-type": "application/json", ...headers } });
}
const garmin = (body: string | Buffer, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> => post("garmin", body, { "garmin-client-id": CLIENT, ...headers });

async function kept(): Promise<{ provider: string; state: string; body: Buffer; headers: object }[]> {
  const rows = await test.db.asOwner<{ provider: string; state: string; body: Buffer; body_encoding: string; headers: object }>("select provider, state, body, body_encoding, headers from deliveries order by id");
  return rows.map(({ provider, state, body, body_encoding: encoding, headers }) => ({ provider, state, headers, body: unpackBody(encoding, body) }));
}

describe("a webhook", () => {
  it("is answered when it is kept, as the bytes it came in, with no header that could open anything", async () => {
    const body = Buffer.from(dailies("u1", { note: "\u0000 ünïcode \ud83d\ude80" }));
    const answer = await garmin(body, { authorization: "Bearer canary-9f3b", cookie: "a=canary-9f3b", "x-anything": "canary-9f3b" });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ received: true });
    const [delivery] = await kept();
    expect(delivery!.body.equals(body)).toBe(true);
    expect(delivery!.headers).toMatchObject({ "content-type": "application/json" });
    expect(JSON.stringify(delivery!.headers)).not.toContain("canary");
  });

  it("is not answered while its commit is held up [ST-01] [W1]", async () => {
    const holder = new pg.Client({ connectionString: test.db.ownerUrl });
    await holder.connect();
    await holder.query("begin");
    await holder.query("lock table delivery_keys in access exclusive mode");
    let answer: LightMyRequestResponse | null = null;
    const asked = garmin(dailies("held")).then((response) => (answer = response));
    // Until the database says that somebody waits for the lock, nothing can have been answered.
    for (;;) {
      const { rows } = await holder.query("select 1 from pg_locks where not granted and relation = 'delivery_keys'::regclass");
      if (rows.length > 0) break;
    }
    expect(answer).toBeNull();
    await holder.query("commit");
    await holder.end();
    expect((await asked).statusCode).toBe(200);
    expect(await kept()).toHaveLength(1);
  });

  it("that comes a hundred times at once is kept once and received each time [WH-07]", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => garmin(dailies("twice"))));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(await kept()).toHaveLength(1);
    await Promise.all(Array.from({ length: 30 }, (_, index) => garmin(dailies(`user-${index}`))));
    expect(await kept()).toHaveLength(31);
  });

  it("of somebody who is not connected is received like any other [WH-19]", async () => {
    const answer = await garmin(dailies("stranger"));
    expect(answer.statusCode).toBe(200);
    await test.runJobs();
    expect((await kept())[0]?.state).toBe("unmatched");
  });

  it("is a 503 with the time to wait while the database is away, never an answer that makes the vendor give up [WH-24]", async () => {
    const answer = await withoutDatabase(test, () => garmin(dailies("away")));
    expect(answer.statusCode).toBe(503);
    expect(problemOf(answer).code).toBe("unavailable");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect((await garmin(dailies("away"))).statusCode).toBe(200);
    expect(await kept()).toHaveLength(1);
  });

  it("may be as deep, odd or large-numbered as JSON can be, and harms nobody [WH-14] [WH-15] [WH-16]", async () => {
    const bodies = [
      `{"dailies":${"[".repeat(40_000)}${"]".repeat(40_000)}}`, '{"dailies":[{"userId":"\\u0000\\ud800","n":1e400,"big":12345678901234567890}]}',
      '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"dailies":[]}', '{"dailies":[],"dailies":[{}]}', "null", "7", '"text"', "[]",
    ];
    for (const body of bodies) expect((await garmin(body)).statusCode, body.slice(0, 40)).toBe(200);
    expect((await kept()).map(({ body }) => body.toString())).toEqual(bodies);
    await test.runJobs();
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect((await test.request({ method: "GET", url: "/ready" })).statusCode).toBe(200);
  });
});

describe("a webhook that must not enter", () => {
  it("is a 404 for a vendor that there is not, or that pushes nothing", async () => {
    for (const provider of ["nobody", "dexcom", "__proto__", "constructor", "GARMIN", "..%2fgarmin", "x".repeat(40)]) {
      const answer = await post(provider, dailies(), { "garmin-client-id": CLIENT });
      expect(answer.statusCode, provider).toBe(404);
      expect(problemOf(answer).code).toBe("not_found");
    }
    expect(await kept()).toEqual([]);
  });

  it("is a 401 with the same words whatever is wrong with who sent it [WH-01] [WH-03] [WH-27]", async () => {
    const subscription = (await test.app.subscriptions.of("strava"))!.subscriptionId;
    const event = JSON.stringify({ aspect_type: "create", event_time: NOW_MS / 1000, object_id: 1, object_type: "activity", owner_id: 2, subscription_id: Number(subscription) });
    const sign = (secret: string, seconds: number, body = event): string => `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
    const secret = "strava-test-simulator";
    const good = sign(secret, NOW_MS / 1000);
    const strava = (headers: Record<string, string>, body = event): Promise<LightMyRequestResponse> => post("strava", body, headers);
    const tries: Record<string, Promise<LightMyRequestResponse>> = {
      "no client id": post("garmin", dailies()),
      "another client id": garmin(dailies(), { "garmin-client-id": "islet-demo-strava" }),
      "an empty client id": garmin(dailies(), { "garmin-client-id": "" }),
      "a client id of another length": garmin(dailies(), { "garmin-client-id": `${CLIENT}x` }),
      "another secret": strava({ "x-strava-signature": sign("wrong", NOW_MS / 1000) }),
      "another body": strava({ "x-strava-signature": good }, event.replace('"create"', '"update"')),
      "one more space": strava({ "x-strava-signature": good }, `${event} `),
      "a cut signature": strava({ "x-strava-signature": good.slice(0, -1) }),
      "capital letters": strava({ "x-strava-signature": good.toUpperCase() }),
      "no signature in the header": strava({ "x-strava-signature": "t=1" }),
      "noise": strava({ "x-strava-signature": "ÿÿÿ" }),
      "an old time": strava({ "x-strava-signature": sign(secret, NOW_MS / 1000 - 301) }),
      "a time to come": strava({ "x-strava-signature": sign(secret, NOW_MS / 1000 + 301) }),
      "another subscription": strava({}, event.replace(`"subscription_id":${subscription}`, '"subscription_id":999')),
      "no JSON and no signature": strava({}, "{"),
    };
    const words = new Set<string>();
    for (const [name, asked] of Object.entries(tries)) {
      const answer = await asked;
      expect(answer.statusCode, name).toBe(401);
      words.add(JSON.stringify({ ...problemOf(answer), instance: "", trace_id: "" }));
    }
    expect(words.size).toBe(1);
    expect(await kept()).toEqual([]);
    expect((await strava({ "x-strava-signature": good })).statusCode).toBe(200);
    expect((await strava({}, event.replace('"object_id":1', '"object_id":3'))).statusCode).toBe(200);
  });

  it("is told so without a look at the database, so that a flood of forgeries hinders nobody [WH-23]", async () => {
    const forged = await withoutDatabase(test, () => Promise.all(Array.from({ length: 200 }, (_, index) => post("garmin", dailies(`forged-${index}`), { "garmin-client-id": "forged" }))));
    expect(new Set(forged.map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
    const flood = Promise.all(Array.from({ length: 2_000 }, (_, index) => post("garmin", dailies(`forged-${index}`), { "garmin-client-id": "forged" })));
    const real = await garmin(dailies("real"));
    const session = await test.request({ method: "POST", url: "/api/v1/session", payload: { email: test.people.patient.email, password: TEST_PASSWORD } });
    expect([real.statusCode, session.statusCode]).toEqual([200, 200]);
    expect(new Set((await flood).map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
    expect((await kept()).map(({ body }) => body.toString())).toEqual([dailies("real")]);
  });

  it("is refused when it is no JSON: 401 without the vendor's mark, 400 with it [WH-13]", async () => {
    for (const body of ["{", "", "dailies", '{"dailies":[}', "\ufeff{}x", Buffer.from([0x7b, 0xff, 0x7d])]) {
      const stranger = await post("garmin", body);
      expect(stranger.statusCode).toBe(401);
      const answer = await garmin(body);
      expect(answer.statusCode).toBe(400);
      expect(problemOf(answer)).toMatchObject({ code: "webhook_rejected" });
    }
    expect(await kept()).toEqual([]);
  });

  it("is a 413 when it is too large for us or for its vendor, by its length and by its stream [WH-11]", async () => {
    expect((await garmin(`{"x":"${"y".repeat(LARGEST)}"}`)).statusCode).toBe(413);
    expect((await garmin(`{"x":"${"y".repeat(LARGEST - 100)}"}`)).statusCode).toBe(200);
    const forStrava = await post("strava", `{"x":"${"y".repeat(70_000)}"}`);
    expect(forStrava.statusCode).toBe(413);
    expect(problemOf(forStrava).code).toBe("too_large");

    let sent = 0;
    const streamed = await fetch(`${test.origin}/webhooks/garmin`, {
      method: "POST", headers: { "content-type": "application/json", "garmin-client-id": CLIENT }, duplex: "half",
      body: new ReadableStream({
        pull: (controller) => {
          sent += 50_000;
          if (sent > 20_000_000) controller.close();
          else controller.enqueue(new Uint8Array(50_000).fill(0x20));
        },
      }),
    } as RequestInit).then((answer) => answer.status, () => "cut off");
    expect([413, "cut off"]).toContain(streamed);
    expect(sent).toBeLessThan(20_000_000);
    expect(await kept()).toHaveLength(1);
  });

  it("is a 415 when it is compressed or no JSON by its own account [WH-11] [WH-17]", async () => {
    for (const headers of [
      { "content-encoding": "gzip" }, { "content-encoding": "identity" }, { "content-type": "text/plain" }, { "content-type": "application/x-www-form-urlencoded" },
      { "content-type": "multipart/form-data; boundary=x" }, { "content-type": "text/html" }, { "content-type": "application/jsonp" }, { "content-type": "" },
    ] as Record<string, string>[]) {
      const answer = await garmin(dailies(), headers);
      expect(answer.statusCode, JSON.stringify(headers)).toBe(415);
      problemOf(answer);
    }
    expect(await kept()).toEqual([]);
    for (const type of ["application/json", "application/json;charset=UTF-8", "Application/JSON; charset=utf-8", "application/cloudevents+json"]) {
      expect((await garmin(dailies(type), { "content-type": type })).statusCode, type).toBe(200);
    }
  });

  it("leaves nothing behind when the sender breaks off in the middle [WH-10]", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(test.origin).port), "127.0.0.1", () => {
        socket.write(`POST /webhooks/garmin HTTP/1.1\r\nhost: x\r\ngarmin-client-id: ${CLIENT}\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"dailies":[`, () => socket.destroy());
      });
      socket.on("close", () => resolve());
    });
    expect((await garmin(dailies("after"))).statusCode).toBe(200);
    expect(await kept()).toHaveLength(1);
  });
});

describe("a vendor's check of our address [WH-26]", () => {
  const challenge = (query: string): Promise<LightMyRequestResponse> => test.request({ method: "GET", url: `/webhooks/strava?${query}` });

  it("is answered to whoever knows the token, as data and never as a page", async () => {
    const token = (await test.app.subscriptions.of("strava"))!.verifyToken.open();
    const answer = await challenge(`hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=${encodeURIComponent("<script>1</script>")}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toContain("application/json");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.json()).toEqual({ "hub.challenge": "<script>1</script>" });
    expect((await challenge(`hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=${"x".repeat(5_000)}`)).statusCode).toBe(400);
  });

  it("is refused without the token, and there is none where the vendor does not check", async () => {
    for (const query of ["", "hub.mode=subscribe&hub.challenge=x", "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=x", "hub.mode=subscribe&hub.verify_token=a&hub.verify_token=b&hub.challenge=x"]) {
      const answer = await challenge(query);
      expect(answer.statusCode, query).toBe(401);
      expect(answer.body).not.toContain("token");
    }
    for (const provider of ["garmin", "dexcom", "nobody"]) expect((await test.request({ method: "GET", url: `/webhooks/${provider}?hub.challenge=x` })).statusCode).toBe(404);
  });
});
