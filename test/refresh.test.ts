/** Tokens and their renewal: one vendor call however many ask, nothing lost, nothing resurrected. */
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AddressInfo } from "node:net";
import { openDatabase, type Database } from "#db/database.ts";
import type { OAuth2Auth } from "#oauth/types.ts";
import { readConnection, type Connection, type ConnectionRef } from "#sync/connections.ts";
import type { SyncContext } from "#sync/context.ts";
import { tokenSource } from "#sync/credentials.ts";
import { refreshIsNear, refreshNow } from "#sync/refresh-sweep.ts";
import { ProviderMisconfigured, ProviderUnavailable, ReauthorizationRequired } from "../src/errors.ts";
import { silentLog } from "../src/log.ts";
import { fakeVendor } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

/** A token endpoint whose refresh tokens rotate and work once. */
interface Vendor {
  calls: number;
  /** The refresh token that works. */
  current: string;
  /** What happens between the vendor's change of mind and its answer. */
  meanwhile: () => Promise<unknown>;
  /** Instead of new tokens, after what comes before it. */
  refusal: { status: number; body: object } | null;
  beforeRefusal: () => Promise<unknown>;
  givesRefreshToken: boolean;
  /** Whether any refresh token works: many grants at once. */
  takesAny: boolean;
}

const vendor: Vendor = { calls: 0, current: "", meanwhile: () => Promise.resolve(), refusal: null, beforeRefusal: () => Promise.resolve(), givesRefreshToken: true, takesAny: false };
const fake = fakeVendor();
const HOUR_MS = 3_600_000;

let server: FastifyInstance;
let ground: Ground;
let ref: ConnectionRef;
let connection: Connection;
let patients = 0;

beforeAll(async () => {
  server = fastify();
  server.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) => done(null, body));
  server.post("/token", async (request, reply) => {
    const number = (vendor.calls += 1);
    const form = new URLSearchParams(request.body as string);
    await vendor.beforeRefusal();
    if (vendor.refusal) return reply.code(vendor.refusal.status).send(vendor.refusal.body);
    if (form.get("client_secret") !== "client-secret") return reply.code(401).send({ error: "invalid_client" });
    if (!vendor.takesAny && form.get("refresh_token") !== vendor.current) return reply.code(400).send({ error: "invalid_grant" });
    if (vendor.givesRefreshToken) vendor.current = `refresh-${number}`;
    await vendor.meanwhile();
    return { access_token: `access-${number}`, expires_in: 7_200, ...(vendor.givesRefreshToken ? { refresh_token: vendor.current } : {}) };
  });
  await server.listen({ port: 0, host: "127.0.0.1" });
  ground = await layGround([fake.driver], { baseUrl: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}` });
});
afterAll(async () => {
  await ground.close();
  server.server.closeAllConnections();
  await server.close();
});

const linked = async (name: string): Promise<{ ref: ConnectionRef; connection: Connection }> => {
  const made = await ground.link(await ground.addPatient(name), name);
  return { ref: made, connection: await ground.db.database.withOrganization(made.organizationId, (tx) => readConnection(tx, made.patientId, made.connectionId)) };
};

beforeEach(async () => {
  patients += 1;
  ({ ref, connection } = await linked(`patient-${patients}`));
  Object.assign(vendor, { calls: 0, current: `refresh-of-patient-${patients}`, meanwhile: () => Promise.resolve(), refusal: null, beforeRefusal: () => Promise.resolve(), givesRefreshToken: true, takesAny: false });
  // Dead, so that every caller has to renew it.
  await expire();
});

const expire = (leftMs = -1): Promise<unknown> =>
  ground.db.asOwner("update credentials set expires_at = to_timestamp($2::float8 / 1000) where connection_id = $1", [ref.connectionId, ground.clock.now() + leftMs]);
const row = async () =>
  (await ground.db.asOwner<{ token_version: number; refresh_lease_id: string | null; refused_at: Date | null; refresh_failures: number; refresh_retry_at: Date | null; expires_at: Date }>(
    "select token_version, refresh_lease_id, refused_at, refresh_failures, refresh_retry_at, expires_at from credentials where connection_id = $1", [ref.connectionId],
  ))[0];
const token = async (context: SyncContext = ground.context): Promise<string> => (await tokenSource(context, connection).accessToken()).open();

const plainAuth = fake.driver.auth;
/** The vendor's data sheet, with something else in it until the test ends. */
const sheet = (change: Partial<OAuth2Auth>): unknown => Object.assign(fake.driver, { auth: { ...plainAuth, ...change } });
afterEach(() => {
  sheet({});
});

const due = async () => (await refreshIsNear(ground.context)).filter(({ connectionId }) => connectionId === ref.connectionId);

describe("a token", () => {
  it("[E4] is given as it is while more than five minutes of life are left, and renewed when fewer are", async () => {
    await expire(5 * 60_000 + 1);
    expect(await token()).toBe(`access-of-patient-${patients}`);
    await expire(5 * 60_000);
    expect(await token()).toBe("access-1");
    expect(await token()).toBe("access-1");
    expect(vendor.calls).toBe(1);
    expect((await row())!.expires_at.getTime()).toBe(ground.clock.now() + 7_200_000);
  });

  it("[OA-16] is renewed by exactly one call for eight callers in each of three processes, and all get the new one", async () => {
    const databases = Array.from({ length: 2 }, () => openDatabase({ url: ground.db.appUrl, log: silentLog, size: 6 }));
    const contexts = [ground.context, ...(await Promise.all(databases.map((database) => ground.another(database))))];
    try {
      for (let round = 1; round <= 5; round += 1) {
        await expire();
        const tokens = await Promise.all(contexts.flatMap((context) => Array.from({ length: 8 }, () => token(context))));
        expect(vendor.calls).toBe(round);
        expect(new Set(tokens)).toEqual(new Set([`access-${round}`]));
      }
    } finally {
      await Promise.all(databases.map((database) => database.close()));
    }
  });

  it("[VA-14] that the vendor refused is renewed once for all who held it, and not again for a late one", async () => {
    await expire(HOUR_MS);
    const source = tokenSource(ground.context, connection);
    const stale = await source.accessToken();
    const renewed = await Promise.all(Array.from({ length: 6 }, () => source.refreshAfter401(stale)));
    expect(new Set(renewed.map((each) => each.open()))).toEqual(new Set(["access-1"]));
    expect((await source.refreshAfter401(stale)).open()).toBe("access-1");
    expect(vendor.calls).toBe(1);
  });

  it("[OA-18] keeps its refresh token when the vendor gives none, and takes the new one when it does", async () => {
    vendor.givesRefreshToken = false;
    expect(await token()).toBe("access-1");
    await expire();
    vendor.givesRefreshToken = true;
    expect(await token()).toBe("access-2");
    await expire();
    expect(await token()).toBe("access-3");
  });

  it("[OA-17] that was renewed too late does not overwrite the one of a new consent, and the late caller gets that one", async () => {
    vendor.meanwhile = async () => {
      await ground.link({ patientId: ref.patientId, userId: (await ground.db.asOwner<{ user_id: string }>("select user_id from patients where id = $1", [ref.patientId]))[0]!.user_id }, `patient-${patients}`);
    };
    expect(await token()).toBe(`access-of-patient-${patients}`);
    expect(await row()).toMatchObject({ token_version: 2, refresh_lease_id: null });
    expect(await token()).toBe(`access-of-patient-${patients}`);
    expect(vendor.calls).toBe(1);
  });

  it("[OA-17] of a connection that ended meanwhile is not resurrected", async () => {
    vendor.meanwhile = () => ground.db.asOwner("delete from credentials where connection_id = $1", [ref.connectionId]);
    await expect(token()).rejects.toBeInstanceOf(ReauthorizationRequired);
    expect(await row()).toBeUndefined();
  });

  it("[OA-19] left behind by a crash is asked for once more when the lease is over, and not before", async () => {
    await ground.db.asOwner("update credentials set refresh_lease_id = gen_random_uuid(), refresh_lease_until = now() + interval '1 hour' where connection_id = $1", [ref.connectionId]);
    const waiting = token();
    await new Promise((resolve) => setImmediate(resolve));
    expect(vendor.calls).toBe(0);
    await ground.db.asOwner("update credentials set refresh_lease_until = now() where connection_id = $1", [ref.connectionId]);
    expect(await waiting).toBe("access-1");
    expect(vendor.calls).toBe(1);
    const counted = await ground.context.telemetry.instruments.registry.getSingleMetricAsString("islet_token_refreshes_total");
    expect(counted).toMatch(/outcome="cut_off"\} 1$/m);
  });

  it("[OA-19] [OA-20] that a crash cost ends in a question to the person, after a second proof", async () => {
    vendor.current = "the one that was lost";
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
    ground.clock.advance(60_000);
    await expect(token()).rejects.toBeInstanceOf(ReauthorizationRequired);
    expect(vendor.calls).toBe(3);
  });

  it("[OA-20] forgets a first refusal when the next try works", async () => {
    vendor.refusal = { status: 400, body: { error: "invalid_grant" } };
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
    vendor.refusal = null;
    ground.clock.advance(60_000);
    expect(await token()).toBe("access-2");
    expect(await row()).toMatchObject({ refused_at: null, refresh_failures: 0, refresh_retry_at: null });
    await expire();
    vendor.refusal = { status: 400, body: { error: "invalid_grant" } };
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
  });

  it("[OA-20] that a vendor is known to refuse in its bad hours is proved dead as late as its sheet says", async () => {
    sheet({ refusalProofSeconds: 4 * 3_600 });
    vendor.refusal = { status: 400, body: { error: "invalid_grant" } };
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
    ground.clock.advance(4 * HOUR_MS - 1);
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
    ground.clock.advance(1);
    await expect(token()).rejects.toBeInstanceOf(ReauthorizationRequired);
  });

  it("[OA-18] that a refresh only prolongs stays the same, with a later end", async () => {
    sheet({ refreshProlongsSeconds: 86_400, answerEnvelope: { statusField: "result", bodyField: null, wordsField: "message", refusals: [] } });
    vendor.refusal = { status: 200, body: { result: "0000", message: "OK" } };
    expect(await token()).toBe(`access-of-patient-${patients}`);
    expect(await row()).toMatchObject({ token_version: 2, expires_at: new Date(ground.clock.now() + 86_400_000) });
    await expire();
    expect(await token()).toBe(`access-of-patient-${patients}`);
    expect(vendor.calls).toBe(2);
  });

  it("[OA-20] that our own registration is refused for is our alarm, no matter how often, and no connection's fault", async () => {
    vendor.refusal = { status: 401, body: { error: "invalid_client" } };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(token()).rejects.toBeInstanceOf(ProviderMisconfigured);
      ground.clock.advance(HOUR_MS);
    }
    expect(await row()).toMatchObject({ refused_at: null, token_version: 1 });
  });

  it("[OA-21] survives an outage of the token endpoint, which is tried once at a time", async () => {
    vendor.refusal = { status: 503, body: {} };
    await expect(token()).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(vendor.calls).toBe(1);
    expect(await row()).toMatchObject({ refused_at: null, refresh_lease_id: null, refresh_failures: 1 });
    vendor.refusal = null;
    expect(await token()).toBe("access-2");
  });

  it("[OA-16] [OA-21] whose renewal fails is asked for once: whoever waited for it hears of that, and tries another time", async () => {
    const databases = Array.from({ length: 2 }, () => openDatabase({ url: ground.db.appUrl, log: silentLog, size: 6 }));
    const contexts = [ground.context, ...(await Promise.all(databases.map((database) => ground.another(database))))];
    try {
      vendor.refusal = { status: 503, body: {} };
      const { promise: allWait, resolve: go } = Promise.withResolvers<undefined>();
      vendor.beforeRefusal = () => allWait;
      const fromMs = ground.clock.now();
      const asked = contexts.map((context) => token(context).then(() => null, (error: unknown) => error));
      // Each of the others has seen the lease by now: the test's clock lets them look again at once, and again.
      while (ground.clock.now() < fromMs + 20_000) await new Promise((resolve) => setImmediate(resolve));
      go(undefined);
      for (const error of await Promise.all(asked)) expect(error).toBeInstanceOf(ProviderUnavailable);
      expect(vendor.calls).toBe(1);
      Object.assign(vendor, { refusal: null });
      expect(await token()).toBe("access-2");
    } finally {
      await Promise.all(databases.map((database) => database.close()));
    }
  });

  it("[G9] [ST-04] is stored even when every database connection dies while the vendor answers", async () => {
    vendor.meanwhile = () =>
      ground.db.asOwner("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'islet' and datname = current_database()");
    expect(await token()).toBe("access-1");
    expect(await row()).toMatchObject({ token_version: 2 });
    await expire();
    vendor.meanwhile = () => Promise.resolve();
    expect(await token()).toBe("access-2");
  });

  it("holds no database connection while the vendor thinks: twenty renewals fit through a pool of two", async () => {
    const small: Database = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 2, acquireTimeoutMs: 1_000 });
    try {
      const context = await ground.another(small);
      const many = await Promise.all(Array.from({ length: 20 }, (_, index) => linked(`many-${patients}-${index}`)));
      await ground.db.asOwner("update credentials set expires_at = to_timestamp(0) where connection_id = any($1)", [many.map((each) => each.ref.connectionId)]);
      let thinking = 0;
      const { promise: allAreHere, resolve: go } = Promise.withResolvers<undefined>();
      const counted = async () => {
        thinking += 1;
        if (thinking === 20) go(undefined);
        await allAreHere;
      };
      Object.assign(vendor, { meanwhile: counted, takesAny: true });
      const tokens = await Promise.all(many.map((each) => tokenSource(context, each.connection).accessToken()));
      expect(new Set(tokens.map((each) => each.open())).size).toBe(20);
    } finally {
      await small.close();
    }
  });
});

describe("the scheduler", () => {

  it("[R3, W6] renews what ends within the hour, and leaves the rest", async () => {
    await expire(HOUR_MS + 1);
    expect(await due()).toEqual([]);
    await expire(HOUR_MS - 1);
    expect(await due()).toEqual([ref]);
    await refreshNow(ground.context, ref);
    expect(vendor.calls).toBe(1);
    expect(await due()).toEqual([]);
  });

  it("[R3] renews as long before the end as the vendor's sheet says, or not at all", async () => {
    const DAY_S = 86_400;
    sheet({ refreshAheadSeconds: 10 * DAY_S });
    await expire(10 * DAY_S * 1000 + 1);
    expect(await due()).toEqual([]);
    await expire(10 * DAY_S * 1000 - 1);
    expect(await due()).toEqual([ref]);
    await refreshNow(ground.context, ref);
    expect(vendor.calls).toBe(1);
    sheet({ refreshAheadSeconds: 0 });
    await expire(1);
    expect(await due()).toEqual([]);
  });

  it("[R3] does not renew a token that lives for an hour with every sweep", async () => {
    sheet({ defaultTokenLifeSeconds: 3_600 });
    await expire(HOUR_MS / 2 + 1);
    expect(await due()).toEqual([]);
    await expire(HOUR_MS / 2 - 1);
    expect(await due()).toEqual([ref]);
  });

  it("[QU-04] lets a failed renewal rest ever longer", async () => {
    await expire(HOUR_MS / 2);
    vendor.refusal = { status: 500, body: {} };
    const rests: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await refreshNow(ground.context, ref);
      expect(await due()).toEqual([]);
      rests.push((await row())!.refresh_retry_at!.getTime() - ground.clock.now());
      ground.clock.advance(rests.at(-1)!);
      await expire(HOUR_MS / 2);
      expect(await due()).toEqual([ref]);
    }
    expect(rests).toEqual([45_000, 90_000, 180_000, 360_000]);
  });

  it("[R6] shows a connection whose grant is dead, and asks for it no more", async () => {
    await expire(HOUR_MS / 2);
    vendor.refusal = { status: 400, body: { error: "invalid_grant" } };
    await refreshNow(ground.context, ref);
    ground.clock.advance(60_000);
    await refreshNow(ground.context, ref);
    expect(await ground.db.asOwner("select status from connections where id = $1", [ref.connectionId])).toEqual([{ status: "needs_reauthorization" }]);
    ground.clock.advance(10 * HOUR_MS);
    expect(await due()).toEqual([]);
  });
});
