/** Telemetry around services: what they do stays the same, what they did is told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpClient } from "#http/client.ts";
import { createRateLimiter } from "#http/rate-limiter.ts";
import type { JobData, JobOptions, RunningQueue } from "#jobs/queue.ts";
import { systemClock } from "../clock.ts";
import { ProviderRefused, Unavailable } from "../errors.ts";
import { silentLog } from "../log.ts";
import { currentTrail, isTraceparent, onTrail } from "../trail.ts";
import { createTelemetry } from "./telemetry.ts";
import type { SpanName, SpanOptions, Tracer } from "./tracer.ts";
import { watchDatabase, watchHttp, watchQueue } from "./watch.ts";

/** A tracer that remembers what it was told. */
function recorder(): { tracer: Tracer; spans: { name: SpanName; options: SpanOptions; notes: object[]; error?: string | undefined; parent: string | undefined; traceparent: string }[] } {
  const spans: ReturnType<typeof recorder>["spans"] = [];
  const tracer: Tracer = {
    isOn: true,
    start: (name, options = {}) => {
      const traceparent = `00-${"a".repeat(32)}-${String(spans.length + 1).padStart(16, "0")}-01`;
      const span = { name, options, notes: [] as object[], parent: options.parent ?? currentTrail().traceparent, traceparent } as (typeof spans)[number];
      spans.push(span);
      return { traceparent, note: (more) => void span.notes.push(more), end: (error) => (span.error = error) };
    },
    close: () => Promise.resolve(),
  };
  return { tracer, spans };
}

const told = async (telemetry: ReturnType<typeof createTelemetry>, name: string): Promise<string[]> =>
  (await telemetry.instruments.registry.getSingleMetricAsString(name)).split("\n").filter((line) => !line.startsWith("#") && !line.includes("_bucket") && !line.includes("_sum"));

describe("calls to vendors", () => {
  const seen: IncomingHttpHeaders[] = [];
  const vendor = createServer((request, response) => {
    seen.push(request.headers);
    response.statusCode = request.url === "/no" ? 403 : 200;
    response.end("{}");
  });
  let base = "";
  beforeAll(async () => {
    vendor.listen(0, "127.0.0.1");
    await once(vendor, "listening");
    base = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  });
  afterAll(() => vendor.close());

  it("carry nothing of the trail to the vendor, and tell no address of it [R11]", async () => {
    const { tracer, spans } = recorder();
    const telemetry = createTelemetry({ clock: systemClock, tracer });
    const http = watchHttp(createHttpClient({
      clock: systemClock, random: () => 0, log: silentLog, limiter: createRateLimiter({ clock: systemClock, limitsOf: () => [] }), userAgent: "test",
    }), telemetry);
    await onTrail({ requestId: "request-4711", traceparent: `00-${"b".repeat(32)}-${"c".repeat(16)}-01` }, () =>
      http.request({ provider: "dexcom", connectionId: "connection-4711" }, { method: "GET", url: `${base}/users/somebody?token=secret` }));
    await expect(http.request({ provider: "dexcom" }, { method: "POST", url: `${base}/no`, body: "x" })).rejects.toBeInstanceOf(ProviderRefused);
    expect(seen).toHaveLength(2);
    expect(Object.keys(seen[0]!).toSorted()).toEqual(["connection", "host", "user-agent"]);
    expect(spans.map(({ name, error, parent }) => ({ name, error, parent }))).toEqual([
      { name: "vendor.call", error: undefined, parent: `00-${"b".repeat(32)}-${"c".repeat(16)}-01` }, { name: "vendor.call", error: "provider_refused", parent: undefined },
    ]);
    expect(spans.map(({ options, notes }) => [options.attributes, notes])).toEqual([
      [{ "islet.provider": "dexcom", "http.request.method": "GET" }, [{ "http.response.status_code": 200 }]], [{ "islet.provider": "dexcom", "http.request.method": "POST" }, []],
    ]);
    expect(await told(telemetry, "islet_vendor_call_duration_seconds")).toEqual([
      'islet_vendor_call_duration_seconds_count{provider="dexcom",outcome="ok"} 1', 'islet_vendor_call_duration_seconds_count{provider="dexcom",outcome="provider_refused"} 1',
    ]);
  });
});

describe("jobs", () => {
  /** A queue whose jobs run when they are sent. */
  function directQueue(): { queue: RunningQueue; sent: JobData[]; options: (JobOptions | undefined)[] } {
    const handlers = new Map<string, (data: JobData, signal: AbortSignal) => Promise<void>>();
    const sent: JobData[] = [];
    const options: (JobOptions | undefined)[] = [];
    return {
      sent, options,
      queue: {
        send: async (name, data, given) => {
          sent.push(data);
          options.push(given);
          // As in another process: nothing of the sender's trail comes along by itself.
          await onTrail({}, () => handlers.get(name)!(data, AbortSignal.timeout(1_000)));
        },
        work: (name, _options, handler) => {
          handlers.set(name, handler);
          return Promise.resolve();
        },
        schedule: () => Promise.resolve(), stats: () => Promise.resolve([]), redrive: () => Promise.resolve(0), forget: () => Promise.resolve(0), stop: () => Promise.resolve(),
      },
    };
  }

  it("go on with the trail of the request that sent them, and are handed their own data alone", async () => {
    const { tracer, spans } = recorder();
    const direct = directQueue();
    const queue = watchQueue(direct.queue, createTelemetry({ clock: systemClock, tracer }));
    const got: unknown[] = [];
    await queue.work("health-sync", { concurrency: 1 }, (data) => {
      got.push(data, currentTrail());
      return Promise.resolve();
    });
    const traceparent = `00-${"b".repeat(32)}-${"c".repeat(16)}-01`;
    await onTrail({ requestId: "request-4711", traceparent }, () => queue.send("health-sync", { connectionId: "c1" }, { key: "c1" }));
    expect(direct.sent).toEqual([{ connectionId: "c1", "x-request-id": "request-4711", traceparent }]);
    expect(direct.options).toEqual([{ key: "c1" }]);
    expect(got).toEqual([{ connectionId: "c1" }, { job: "health-sync", requestId: "request-4711", traceparent: spans[0]!.traceparent }]);
    expect(spans[0]).toMatchObject({ name: "job", parent: traceparent, options: { attributes: { "islet.queue": "health-sync" } } });
  });

  it("are counted by queue and end, also those that fail, and take over no forged trail", async () => {
    const telemetry = createTelemetry({ clock: systemClock });
    const direct = directQueue();
    const queue = watchQueue(direct.queue, telemetry);
    const trails: object[] = [];
    await queue.work("sweep", { concurrency: 1 }, async (data) => {
      trails.push(currentTrail());
      expect(await told(telemetry, "islet_jobs_running")).toEqual(['islet_jobs_running{queue="sweep"} 1']);
      if (data["fail"]) throw new Error("no");
    });
    await queue.send("sweep", {});
    await expect(direct.queue.send("sweep", { fail: "yes", "x-request-id": "forged\nline", traceparent: "no trace" })).rejects.toThrow("no");
    expect(trails).toEqual([{ job: "sweep" }, { job: "sweep" }]);
    expect(await told(telemetry, "islet_job_duration_seconds")).toEqual(['islet_job_duration_seconds_count{queue="sweep",outcome="done"} 1', 'islet_job_duration_seconds_count{queue="sweep",outcome="failed"} 1']);
    expect(await told(telemetry, "islet_jobs_running")).toEqual(['islet_jobs_running{queue="sweep"} 0']);
  });
});

describe("transactions", () => {
  it("are told by scope and end, and their results and errors are the caller's", async () => {
    const telemetry = createTelemetry({ clock: systemClock });
    const away = new Unavailable("The database does not answer.");
    const database = watchDatabase({
      withPerson: () => Promise.reject(away), withOrganization: () => Promise.reject(away), asSystem: (work) => work({ query: () => Promise.resolve([]), prepared: () => Promise.resolve([]) }), asAuditor: () => Promise.reject(away), look: () => Promise.resolve([]),
      ping: () => Promise.resolve(), poolUse: () => ({ open: 1, idle: 0, most: 2, waiting: 0 }), close: () => Promise.resolve(),
    }, telemetry);
    expect(await database.asSystem(() => Promise.resolve(7))).toBe(7);
    await expect(database.asSystem(() => Promise.reject(new TypeError("no")))).rejects.toBeInstanceOf(TypeError);
    await expect(database.withOrganization("o", () => Promise.resolve(1))).rejects.toBe(away);
    expect(database.poolUse()).toEqual({ open: 1, idle: 0, most: 2, waiting: 0 });
    expect(await told(telemetry, "islet_db_transaction_duration_seconds")).toEqual([
      'islet_db_transaction_duration_seconds_count{scope="system",outcome="done"} 1', 'islet_db_transaction_duration_seconds_count{scope="system",outcome="failed"} 1',
      'islet_db_transaction_duration_seconds_count{scope="tenant",outcome="unavailable"} 1',
    ]);
  });
});

describe("a traceparent", () => {
  it("is one of version 00 with ids that are not nought [R11]", () => {
    const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(isTraceparent(good)).toBe(true);
    for (const bad of [undefined, null, 7, "", good.toUpperCase(), `${good} `, good.replace("00-", "01-"), `00-${"0".repeat(32)}-b7ad6b7169203331-01`, `00-${"a".repeat(32)}-${"0".repeat(16)}-01`, `${good}\n`]) {
      expect(isTraceparent(bad), String(bad)).toBe(false);
    }
  });
});
