/** What the API's tests share: records put in by the path that everything takes, and columns compared. */
import type { LightMyRequestResponse } from "fastify";
import type { VendorRecord } from "#driver/records.ts";
import { ingest } from "#ingest/ingest.ts";
import type { Person, TestApp } from "#test/kit/app.ts";
import { TEST_NOW_MS } from "#test/kit/clock.ts";

export const NOW_MS = TEST_NOW_MS;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export const iso = (ms: number): string => new Date(ms).toISOString();

export interface Given {
  readonly records: readonly VendorRecord[];
  readonly provider?: string;
  readonly connectionId?: string | null;
  readonly organizationId?: string;
  readonly body?: string;
}

/** Stores records for a patient as one delivery; gives the delivery's id. */
export async function give(test: TestApp, who: Person, given: Given): Promise<string> {
  const { records, provider = "import", connectionId = null, body = JSON.stringify(records) } = given;
  const owner = { organizationId: given.organizationId ?? test.people.organizationId, patientId: who.patientId! };
  const { id } = await test.app.sync.inbox.accept({
    provider, via: connectionId === null ? "import" : "pull", resource: "test", body: Buffer.from(body), headers: {}, owner: { ...owner, connectionId },
    causedBy: null, dedupeKey: null,
  });
  // As processed, so that no sweep takes it up again.
  await test.db.asOwner("update deliveries set state = 'done', processed_at = now() where id = $1", [id]);
  await test.db.database.withOrganization(owner.organizationId, (tx) => ingest(tx, { ...owner, connectionId, provider, deliveryId: id }, records));
  return id;
}

/** Readings of a sensor, one every `everyMinutes` up to and with the last one. */
export function readings(values: readonly number[], lastMs: number, options: { everyMinutes?: number; device?: string } = {}): VendorRecord[] {
  const step = (options.everyMinutes ?? 5) * MINUTE;
  return values.map((value, index) => ({
    record: "sample", metric: "glucose", startMs: lastMs - (values.length - 1 - index) * step, value, offsetMinutes: 120,
    ...(options.device ? { device: { id: options.device } } : {}),
  }));
}

/** A connection row without a vendor behind it. */
export async function makeConnection(test: TestApp, who: Person, provider: string, vendorUserId = "somebody"): Promise<string> {
  const rows = await test.db.asOwner<{ id: string }>(
    "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, $3, 'active', $4) returning id",
    [test.people.organizationId, who.patientId, provider, vendorUserId],
  );
  return rows[0]!.id;
}

/** GET below the patient's own address (`me`), as JSON of a 200. Throws with the answer otherwise. */
export async function read<T>(test: TestApp, as: Person, path: string): Promise<T> {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/me${path}` });
  if (answer.statusCode !== 200) throw new Error(`${path} was answered ${answer.statusCode}: ${answer.body}`);
  return answer.json<T>();
}

export interface Problem {
  readonly type: string; readonly title: string; readonly status: number; readonly detail: string; readonly instance: string;
  readonly code: string; readonly trace_id: string; readonly errors?: { pointer: string; detail: string }[];
}

/** The problem of an answer that is one. Throws when it has another shape. */
export function problemOf(answer: LightMyRequestResponse): Problem {
  const problem = answer.json<Problem>();
  const isOne =
    String(answer.headers["content-type"]).startsWith("application/problem+json") && problem.status === answer.statusCode &&
    [problem.type, problem.title, problem.detail, problem.instance, problem.code, problem.trace_id].every((text) => typeof text === "string" && text !== "");
  if (!isOne) throw new Error(`This is no problem: ${answer.statusCode} ${answer.headers["content-type"]} ${answer.body}`);
  return problem;
}

/** Runs `work` while the application's database is away: its connections are cut, and no new ones are let in. */
export async function withoutDatabase<T>(test: TestApp, work: () => Promise<T>): Promise<T> {
  const [database] = await test.db.asOwner<{ name: string }>("select current_database() as name");
  const cut = async (): Promise<number> =>
    (await test.db.asOwner("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'islet'")).length;
  await test.db.asOwner(`alter database ${database!.name} connection limit 0`);
  try {
    // Twice none: one that was being let in when the limit came shows up late.
    for (let quiet = 0; quiet < 2; ) quiet = (await cut()) === 0 ? quiet + 1 : 0;
    return await work();
  } finally {
    await test.db.asOwner(`alter database ${database!.name} connection limit -1`);
  }
}
