/** What entered for the person, byte for byte as it came: a folder a vendor, and an index. Bodies that were emptied have no file. */
import { createHash } from "node:crypto";
import { unpackBody } from "#inbox/body.ts";
import { formatInstant } from "#units/time.ts";
import type { PackageFile, PackagePart, PackageSource } from "../parts.ts";

const AT_ONCE = 1_000;

interface DeliveryRow {
  id: string; provider: string; via: string; resource: string | null; received_at: number; processed_at: number | null; state: string; body_bytes: number; connection_id: string | null;
  headers: unknown; problems: unknown;
}

export const rawPart: PackagePart = {
  name: "raw",
  count: ({ read, subject }) => read(async (tx) => (await tx.query<{ n: number }>("select count(*)::float8 as n from deliveries where patient_id = $1", [subject.patientId]))[0]!.n * 2),
  async *files(source) {
    for await (const row of deliveriesOf(source)) yield bodyFile(source, row);
    yield indexFile(source);
  },
};

async function* deliveriesOf({ read, subject, signal }: PackageSource): AsyncGenerator<DeliveryRow> {
  let after = "0";
  for (;;) {
    signal.throwIfAborted();
    const rows = await read((tx) => tx.query<DeliveryRow>(
      `select id::text, provider, via, resource, received_at, processed_at, state, body_bytes, connection_id, headers, problems from deliveries
       where patient_id = $1 and id > $2::bigint order by deliveries.id limit ${AT_ONCE}`, [subject.patientId, after],
    ));
    yield* rows;
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)!.id;
  }
}

/** Names of vendors and resources are put into paths as letters, digits and hyphens alone. */
function pathOf({ id, provider, resource, via }: DeliveryRow): string {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "").slice(0, 40);
  return `raw/${plain(provider) || "unnamed"}/${id}-${plain(resource ?? via) || "delivery"}.bin`;
}

async function bodyOf({ read, subject }: PackageSource, id: string): Promise<Buffer> {
  const [row] = await read((tx) => tx.query<{ body: Buffer; body_encoding: string }>("select body, body_encoding from deliveries where patient_id = $1 and id = $2", [subject.patientId, id]));
  return row ? unpackBody(row.body_encoding, row.body) : Buffer.alloc(0);
}

function bodyFile(source: PackageSource, row: DeliveryRow): PackageFile {
  return {
    path: pathOf(row), mediaType: "application/octet-stream", schema: null,
    async *content(count) {
      yield await bodyOf(source, row.id);
      count(1);
    },
  };
}

function indexFile(source: PackageSource): PackageFile {
  return {
    path: "raw/index.jsonl", mediaType: "application/x-ndjson", schema: "delivery",
    async *content(count) {
      for await (const row of deliveriesOf(source)) {
        const { id, provider, via, resource, state, body_bytes: bytes, connection_id: connectionId, headers, problems } = row;
        const sha256 = createHash("sha256").update(await bodyOf(source, id)).digest("hex");
        yield `${JSON.stringify({
          id, path: pathOf(row), provider, via, resource, receivedAt: formatInstant(row.received_at), processedAt: row.processed_at === null ? null : formatInstant(row.processed_at), state, bytes, sha256,
          connectionId, headers, problems,
        })}\n`;
        count(1);
      }
    },
  };
}
