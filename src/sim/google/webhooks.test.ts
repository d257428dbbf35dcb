import { createPublicKey, verify } from "node:crypto";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import type { ChallengeRequest } from "../options.ts";
import { visitSim } from "../testing.ts";
import type { SentPush, Visit } from "../testing.ts";
import { tinkKey, tinkSignature } from "./keys.ts";
import { flow } from "./visit.ts";

const USER = "/google/v4/users/me";
const SECRET = "Bearer google-secret-webhook_secret";
const SERVICE = "google-secret";

interface Notice {
  data: { healthUserId: string; operation: string; dataType: string; version: string; intervals: { physicalTimeInterval: { startTime: string; endTime: string } }[] };
}

const list = async (visit: Visit, token: string, type: string): Promise<{ dataPoints?: Record<string, unknown>[] }> =>
  (await visit.get(`${USER}/dataTypes/${type}/dataPoints`, token)).json();

/** A call of the project's service account. */
function post(visit: Visit, path: string, payload: object, method: "POST" | "PATCH" | "DELETE" = "POST"): Promise<LightMyRequestResponse> {
  return visit.app.inject({ method, url: `/sim${path}`, headers: { authorization: `Bearer ${SERVICE}`, "content-type": "application/json" }, payload: JSON.stringify(payload) });
}

/** Answers as a proper receiver does, and keeps what it was asked. */
function receiver(asked: ChallengeRequest[] = [], statuses: readonly [known: number, stranger: number] = [201, 401]): Partial<Parameters<typeof visitSim>[0]> {
  return {
    challenge: (_url, _timeoutMs, request) => {
      asked.push(request);
      return Promise.resolve({ status: request.headers["authorization"] === SECRET ? statuses[0] : statuses[1], contentType: "", body: "" });
    },
  };
}

const noticesIn = (push: SentPush | undefined): Notice[] => {
  const body = JSON.parse(push?.body ?? "[]") as Notice | Notice[];
  return Array.isArray(body) ? body : [body];
};

describe("Google's subscribers", () => {
  const root = (visit: Visit): string => `/google/v4/projects/${visit.sim.control.people()[0]!.facts["google"]!["projectNumber"]}/subscribers`;
  const wish = (policy: string, dataTypes = ["steps", "sleep"]): object => ({
    endpointUri: "https://islet.example/webhooks/google", subscriberConfigs: [{ dataTypes, subscriptionCreatePolicy: policy }], endpointAuthorization: { secret: SECRET },
  });

  it("are verified by two POSTs, one with the secret and one without", async () => {
    const asked: ChallengeRequest[] = [];
    const visit = await visitSim(receiver(asked));
    const made = await post(visit, `${root(visit)}?subscriberId=islet-one`, wish("AUTOMATIC"));
    expect(made.json()).toMatchObject({ done: true, response: { state: "ACTIVE", endpointAuthorization: { secretSet: true } } });
    expect(made.body).not.toContain(SECRET);
    expect(asked.map(({ method, body, headers }) => [method, body, headers["authorization"]])).toEqual([
      ["POST", '{"type":"verification"}', SECRET], ["POST", '{"type":"verification"}', undefined],
    ]);
    expect((await post(visit, `${root(visit)}?subscriberId=islet-one`, wish("AUTOMATIC"))).statusCode).toBe(409);
    const listed = await visit.get(root(visit), SERVICE);
    expect(listed.json()).toMatchObject({ totalSize: 1, subscribers: [{ endpointUri: "https://islet.example/webhooks/google" }] });
  });

  it.each([
    ["an address that lets strangers in", [201, 201]],
    ["an address that does not know the secret", [401, 401]],
    ["an address that does not say Created", [204, 401]],
  ] as const)("are refused for %s", async (_name, statuses) => {
    const visit = await visitSim(receiver([], statuses));
    expect((await post(visit, root(visit), wish("AUTOMATIC"))).statusCode).toBe(400);
    expect((await visit.get(root(visit), SERVICE)).json()).toMatchObject({ totalSize: 0 });
  });

  it("are the project's affair, not a person's", async () => {
    const visit = await visitSim(receiver());
    const { access_token } = await visit.connect("google");
    expect((await visit.get(root(visit), access_token)).statusCode).toBe(401);
    expect((await visit.get("/google/v4/projects/1/subscribers", SERVICE)).statusCode).toBe(403);
    expect((await post(visit, root(visit), wish("AUTOMATIC", ["vo2-max"]))).statusCode).toBe(400);
    expect((await post(visit, root(visit), { ...wish("AUTOMATIC"), endpointAuthorization: { secret: "no-scheme" } })).statusCode).toBe(400);
  });

  it("with a MANUAL policy hear of those who are subscribed, under the name of the subscription", async () => {
    const visit = await visitSim(receiver());
    const { access_token } = await visit.connect("google");
    await visit.connect("google", { person: "liam" });
    await post(visit, `${root(visit)}?subscriberId=islet-one`, wish("MANUAL", ["steps"]));
    const { healthUserId } = (await visit.get(`${USER}/identity`, access_token)).json<{ healthUserId: string }>();
    const subscription = { user: `users/${healthUserId}`, dataTypes: [`users/${healthUserId}/dataTypes/steps`] };
    expect((await post(visit, `${root(visit)}/islet-one/subscriptions?subscriptionId=ana-steps`, subscription)).statusCode).toBe(200);
    expect((await post(visit, `${root(visit)}/islet-one/subscriptions`, { ...subscription, dataTypes: [`users/${healthUserId}/dataTypes/sleep`] })).statusCode).toBe(400);
    expect(await visit.sim.control.push("google", "liam", "steps")).toEqual([]);
    await visit.sim.control.push("google", "ana", "steps");
    expect(noticesIn(visit.sent[0])).toMatchObject([{ data: { healthUserId, dataType: "steps", clientProvidedSubscriptionName: "ana-steps" } }]);
    expect((await post(visit, `${root(visit)}/islet-one`, {}, "DELETE")).statusCode).toBe(400);
    expect((await post(visit, `${root(visit)}/islet-one?force=true`, {}, "DELETE")).statusCode).toBe(200);
    visit.sent.length = 0;
  });

  it("whose receiver has gone for a week are switched off until they are verified again", async () => {
    const visit = await visitSim(receiver());
    await visit.connect("google");
    await post(visit, `${root(visit)}?subscriberId=islet-one`, wish("AUTOMATIC", ["sleep"]));
    visit.receiver.status = 500;
    await visit.sim.control.push("google", "ana", "sleep");
    for (let hour = 0; hour < 8 * 24; hour++) {
      visit.pass(3_600_000);
      await visit.sim.control.tick();
    }
    expect((await visit.get(root(visit), SERVICE)).json()).toMatchObject({ subscribers: [{ state: "INACTIVE" }] });
    const moved = await post(visit, `${root(visit)}/islet-one?updateMask=endpointUri`, { endpointUri: "https://islet.example/other" }, "PATCH");
    expect(moved.json()).toMatchObject({ response: { state: "ACTIVE", endpointUri: "https://islet.example/other" } });
  });
});

describe("Google's notifications", () => {
  it("go to the registered address once it is verified, with what has come since the last sync and no data", async () => {
    const visit = await visitSim(receiver());
    const { access_token } = await visit.connect("google");
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    visit.pass(16 * MINUTE_MS);
    await visit.sim.control.tick();
    const [push] = visit.sent;
    expect(push?.url).toBe("http://127.0.0.1:3000/webhooks/google");
    expect(push?.headers).toMatchObject({ authorization: SECRET, "user-agent": expect.stringContaining("Google-Health-API-Webhooks") as string });
    const { healthUserId } = (await visit.get(`${USER}/identity`, access_token)).json<{ healthUserId: string }>();
    const notices = noticesIn(push);
    expect(notices.map(({ data }) => data.dataType)).toContain("heart-rate");
    for (const { data } of notices) {
      expect(data).toMatchObject({ version: "1", healthUserId, operation: "UPSERT" });
      const [{ physicalTimeInterval }] = data.intervals as [Notice["data"]["intervals"][number]];
      expect(Date.parse(physicalTimeInterval.startTime)).toBeLessThan(Date.parse(physicalTimeInterval.endTime));
    }
    expect(push?.body).not.toMatch(/beatsPerMinute|count"/);
    visit.sent.length = 0;
    visit.pass(5 * MINUTE_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
  });

  it("stay away while the address does not pass the verification, and come once it does", async () => {
    let isUp = false;
    const visit = await visitSim({
      challenge: (_url, _timeoutMs, request) => Promise.resolve({ status: request.headers["authorization"] === SECRET && isUp ? 201 : 401, contentType: "", body: "" }),
    });
    await visit.connect("google");
    for (let minute = 0; minute < 40; minute += 10) {
      visit.pass(10 * MINUTE_MS);
      await visit.sim.control.tick();
    }
    expect(visit.sent).toEqual([]);
    isUp = true;
    for (let minute = 0; minute < 20; minute += 10) {
      visit.pass(10 * MINUTE_MS);
      await visit.sim.control.tick();
    }
    expect(visit.sent.length).toBeGreaterThan(0);
  });

  it("tell of a sleep twice, when it is seen and when it is processed, and of a deletion that the data then shows", async () => {
    const visit = await visitSim(receiver());
    const { access_token } = await visit.connect("google");
    await visit.sim.control.tick();
    for (let step = 0; step < 96; step++) {
      visit.pass(15 * MINUTE_MS);
      await visit.sim.control.tick();
    }
    const sleeps = visit.sent.flatMap(noticesIn).filter(({ data }) => data.dataType === "sleep");
    expect(sleeps.length).toBeGreaterThanOrEqual(2);
    expect(new Set(sleeps.map(({ data }) => data.intervals[0]!.physicalTimeInterval.startTime)).size).toBeLessThan(sleeps.length);
    const fresh = await visit.connect("google");
    expect(access_token).not.toBe(fresh.access_token);
    const names = async (): Promise<unknown[]> => (await list(visit, fresh.access_token, "sleep")).dataPoints!.map((point) => point["name"]);
    const before = await names();
    await visit.sim.control.push("google", "ana", "sleep.delete");
    expect(noticesIn(visit.sent.at(-1))).toMatchObject([{ data: { operation: "DELETE", dataType: "sleep" } }]);
    expect((await names())[0]).toBe(before[1]);
  });

  it("come bare alone and in a list together; each is signed with a key of the public keyset", async () => {
    const visit = await visitSim(receiver());
    await visit.connect("google");
    await visit.sim.control.push("google", "ana", "exercise");
    visit.pass(16 * MINUTE_MS);
    await visit.sim.control.tick();
    const [alone, together] = visit.sent as [SentPush, SentPush];
    expect(alone.body.startsWith("{")).toBe(true);
    expect(together.body.startsWith("[")).toBe(true);
    const { key: keys } = (await visit.get("/google/googlehealthapi/webhooks/webhooks_public_keyset.json")).json<{ key: TinkKey[] }>();
    for (const { headers, body } of [alone, together]) expect(isSigned(keys, headers["google-health-api-signature"] ?? "", body)).toBe(true);
    expect(isSigned(keys, alone.headers["google-health-api-signature"] ?? "", together.body)).toBe(false);
    visit.sim.control.turn("google", "signatureHeader", "x-healthapi-signature");
    await visit.sim.control.push("google", "ana", "exercise");
    expect(isSigned(keys, visit.sent.at(-1)!.headers["x-healthapi-signature"] ?? "", visit.sent.at(-1)!.body)).toBe(true);
  });

  it("are signed with another key after a month, while the former one is still published", async () => {
    const visit = await visitSim(receiver());
    await visit.connect("google");
    const keyset = async (): Promise<{ primaryKeyId: number; key: TinkKey[] }> => (await visit.get("/google/googlehealthapi/webhooks/webhooks_public_keyset.json")).json();
    const before = await keyset();
    visit.pass(30 * DAY_MS);
    const after = await keyset();
    expect(after.primaryKeyId).not.toBe(before.primaryKeyId);
    expect(after.key.map(({ keyId }) => keyId)).toContain(before.primaryKeyId);
    await visit.sim.control.push("google", "ana", "exercise");
    const signature = Buffer.from(visit.sent.at(-1)!.headers["google-health-api-signature"] ?? "", "base64");
    expect(signature.readUInt32BE(1)).toBe(after.primaryKeyId);
  });

  it("tell nothing that is withheld, and nothing after a revocation", async () => {
    const visit = await visitSim(receiver());
    const { access_token } = await visit.connect("google", { permissions: flow.permissions.filter((one) => one.includes("sleep")) });
    await expect(visit.sim.control.push("google", "ana", "steps")).rejects.toThrow("withholds");
    await visit.sim.control.push("google", "ana", "sleep");
    expect(visit.sent).toHaveLength(1);
    await visit.form("/google/revoke", { token: access_token });
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toHaveLength(1);
  });
});

interface TinkKey {
  keyId: number;
  keyData: { value: string };
}

/** Read from the description of the format, apart from the code that writes it. */
function isSigned(keys: readonly TinkKey[], signature: string, body: string): boolean {
  const bytes = Buffer.from(signature, "base64");
  const key = keys.find(({ keyId }) => bytes[0] === 1 && bytes.readUInt32BE(1) === keyId);
  if (!key) return false;
  const [x, y] = coordinatesIn(Buffer.from(key.keyData.value, "base64"));
  const jwk = { kty: "EC", crv: "P-256", x: x!.toString("base64url"), y: y!.toString("base64url") };
  return verify("sha256", Buffer.from(body), { key: createPublicKey({ format: "jwk", key: jwk }), dsaEncoding: "der" }, bytes.subarray(5));
}

function coordinatesIn(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]!) {
    if ([0x1a, 0x22].includes(bytes[at]!)) found.push(bytes.subarray(at + 2, at + 2 + bytes[at + 1]!).subarray(-32));
  }
  return found;
}

describe("Google's signature, by the test vector of the facts", () => {
  const VALUE = "EgYIAxACGAIaIQBvI0fKt912hY/gVVrDvJkEjEqsr9+2vL4F6mxCxJNFaSIhAB0aGKCks3SnvTP2MrgHl2m3dHWq3kylg4y9puM41yKp";
  const SIGNATURE = "ARI0VngwRAIgEJfavX0yGXekyNtckzyD9PbgFGivjCdK7VP3zDsslw4CIDjGZmE3huBoPLykOQG3IVqSMrqH2UcUEBYdnpZe7jfM";
  const BODY = '[{"data":{"version":"1","healthUserId":"1234567890","operation":"UPSERT","dataType":"steps","intervals":[]}}]';
  const KEY_ID = 305_419_896;

  it("has its key and its prefix written as the vector has them", () => {
    const [x, y] = coordinatesIn(Buffer.from(VALUE, "base64"));
    const key = tinkKey(KEY_ID, { x: x!, y: y! }) as TinkKey;
    expect(key.keyData.value).toBe(VALUE);
    expect(tinkSignature(KEY_ID, Buffer.from(SIGNATURE, "base64").subarray(5))).toBe(SIGNATURE);
    expect(isSigned([key], SIGNATURE, BODY)).toBe(true);
    expect(isSigned([key], SIGNATURE, `${BODY} `)).toBe(false);
  });
});
