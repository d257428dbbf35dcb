/** As many workers on the inbox as may be, on fewer connections than there are workers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "#db/database.ts";
import type { WebhookEvent } from "#driver/types.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import type { SyncContext } from "#sync/context.ts";
import { JOB_LIMITS } from "#sync/job-limits.ts";
import { drainInbox } from "#sync/process.ts";
import { silentLog } from "../src/log.ts";
import { fakeVendor, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const PEOPLE = 5;
const EACH = 40;
const AT = Date.UTC(2026, 9, 14);
const at = (index: number): number => AT + index * 300_000;

const vendor = fakeVendor({
  webhook: { maxBytes: 1_000_000, isSigned: true, verify: () => undefined, parse: (body) => ({ events: body as WebhookEvent[], problems: [] }) },
});
let ground: Ground;
let refs: ConnectionRef[];
beforeAll(async () => {
  ground = await layGround([vendor.driver]);
  refs = await Promise.all(Array.from({ length: PEOPLE }, async (_each, index) => ground.link(await ground.addPatient(`share-${index}`), `share-${index}`)));
});
afterAll(() => ground.close());

const put = (owner: ConnectionRef | null, resource: string | null, body: Uint8Array) =>
  ground.context.inbox.accept({ provider: "fake", via: owner ? "push" : "webhook", resource, body, headers: {}, owner, causedBy: null, dedupeKey: null });

describe("as many workers on the inbox as may be", () => {
  it("[R3] share two connections: none waits for another one while it holds one, and what each asks of its vendor is stored once", { timeout: 60_000 }, async () => {
    // Pushed data is stored together; every fourth delivery is a hint, which has its worker ask the vendor and take the answer in.
    vendor.answer = (resource, request) => [page(resource, [reading("window" in request ? request.window.fromMs : AT, 120)])];
    for (let index = 0; index < PEOPLE * EACH; index += 1) {
      const person = index % PEOPLE;
      if (index % 4 !== 0) await put(refs[person]!, "readings", page("readings", [reading(at(index), 100)]).body);
      else await put(null, null, Buffer.from(JSON.stringify([{ kind: "pull", account: `share-${person}`, request: { resource: "readings", window: { fromMs: at(index), toMs: at(index + 1) } } }])));
    }
    const small = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 2, acquireTimeoutMs: 15_000 });
    try {
      const complaints: string[] = [];
      const context: SyncContext = { ...(await ground.another(small)), log: { ...silentLog, warn: (_fields, message) => void complaints.push(message) } };
      await Promise.all(Array.from({ length: JOB_LIMITS.webhookProcessing.concurrency }, () => drainInbox(context, AbortSignal.timeout(45_000))));
      expect(complaints).toEqual([]);
    } finally {
      await small.close();
    }
    expect(vendor.asked.length).toBe((PEOPLE * EACH) / 4);
    expect(await ground.db.asOwner("select state, count(*)::int as count from deliveries group by state")).toEqual([{ state: "done", count: PEOPLE * EACH * 1.25 }]);
    expect(await ground.db.ofSamples("select value, count(*)::int as count from samples group by value order by value")).toEqual([
      { value: 100, count: PEOPLE * EACH * 0.75 }, { value: 120, count: PEOPLE * EACH * 0.25 },
    ]);
  });
});
