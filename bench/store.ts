/**
 * The sample store against what one would do otherwise on the same PostgreSQL: a narrow table with its index, and a table with one JSONB row a
 * sample. `--samples N` fills the store (20 million by default); `--plain N` the two tables (2 million each).
 */
import pg from "pg";
import { DAY_MS } from "#units/time.ts";
import { benchIngest } from "./ingest.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";
import type { Ground } from "./ground.ts";
import { openHouse } from "./house.ts";
import { giveDays, makePerson, rhythms } from "./store-people.ts";
import { makeReaders } from "./store-reads.ts";
import { streamIngest } from "./store-stream.ts";

const SAMPLES = 20_000_000;
const PLAIN = 2_000_000;
const DAYS_A_PERSON = 365;
const ROUNDS = 60;

export async function benchStore(options: readonly string[]): Promise<Figure[]> {
  const samples = numberOption(options, "--samples", SAMPLES);
  const figures = [...(await benchIngest()), ...(await streamIngest())];
  const house = await openHouse(["api"], 0);
  const { ground } = house;
  const owner = new pg.Client({ connectionString: ground.ownerUrl });
  await owner.connect();
  try {
    const endMs = Math.floor(Date.now() / DAY_MS - 3) * DAY_MS;
    figures.push(...(await sizeOfGlucose(ground, owner, endMs)));
    const readers = await makeReaders(house, endMs);
    // Read when there are a million samples, then ten times, a hundred times as many, and so on.
    for (let stop = 1_000_000; stop < samples; stop *= 10) {
      await fill(ground, owner, { samples: stop, endMs });
      figures.push(...(await readers.read(`at ${stop / 1e6} M samples`)));
    }
    figures.push(...(await fill(ground, owner, { samples, endMs })), ...(await readers.read(`at ${samples / 1e6} M samples`)), ...(await readers.readOnce()));
    figures.push(...(await plainTables(owner, numberOption(options, "--plain", PLAIN))));
    return figures;
  } finally {
    await owner.end();
    await house.close();
  }
}

function numberOption(options: readonly string[], name: string, fallback: number): number {
  const given = Number(options[options.indexOf(name) + 1]);
  return options.includes(name) && Number.isInteger(given) && given > 0 ? given : fallback;
}

/** A thousand patient-months of glucose and nothing else: what one reading costs, with its index and the row around its block. */
async function sizeOfGlucose(ground: Ground, owner: pg.Client, endMs: number): Promise<Figure[]> {
  const only = rhythms(false);
  let samples = 0;
  for (let person = 0; person < 40; person += 1) samples += await giveDays(ground, await makePerson(ground, `Size ${person}`), { rhythms: only, days: 180, endMs, seed: person });
  await owner.query("vacuum analyze day_blocks");
  const { rows } = await owner.query<{ all: string; table: string; data: string }>(
    "select pg_total_relation_size('day_blocks') as all, pg_table_size('day_blocks') as table, (select sum(length(data)) from day_blocks) as data",
  );
  const { all, table, data } = rows[0]!;
  return [
    { ...atMost("store: bytes a settled 5-minute glucose sample, index included", Number(all) / samples, "bytes", 4) },
    told("store: of these its packed bytes", Number(data) / samples, "bytes"),
    told("store: of these index", (Number(all) - Number(table)) / samples, "bytes"),
  ];
}

/** Fills the store up to a number of samples; tells how fast blocks were written and how large it all is. */
async function fill(ground: Ground, owner: pg.Client, { samples, endMs }: { samples: number; endMs: number }): Promise<Figure[]> {
  const both = rhythms(true);
  const sizeOf = async (): Promise<{ bytes: number; count: number }> => {
    const { rows } = await owner.query<{ bytes: string; count: string }>("select pg_total_relation_size('day_blocks') as bytes, (select coalesce(sum(count), 0) from day_blocks) as count");
    return { bytes: Number(rows[0]!.bytes), count: Number(rows[0]!.count) };
  };
  const before = (await sizeOf()).count;
  const begun = performance.now();
  let written = 0;
  for (let person = 0; before + written < samples; person += 1) {
    written += await giveDays(ground, await makePerson(ground, `Filler ${before} ${person}`), { rhythms: both, days: DAYS_A_PERSON, endMs, seed: person });
    if (person % 100 === 99) process.stderr.write(`store: ${((before + written) / 1e6).toFixed(0)} of ${(samples / 1e6).toFixed(0)} million samples, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
  }
  const seconds = (performance.now() - begun) / 1000;
  await owner.query("vacuum analyze day_blocks");
  const { bytes, count } = await sizeOf();
  return [
    told("store: samples in the store", count, "samples"), told("store: written as blocks by one connection", written / seconds, "samples/s"),
    told("store: on disk, index included", bytes / 1e9, "GB"), told("store: bytes a sample, glucose and heart rate", bytes / count, "bytes"),
  ];
}

/** The same readings in the two tables that one would make otherwise; 90 days of one person out of each. */
async function plainTables(owner: pg.Client, count: number): Promise<Figure[]> {
  const [person, days] = [3, 90];
  await owner.query("create table plain_narrow (patient_id int, metric smallint, at timestamptz, value real, primary key (patient_id, metric, at))");
  await owner.query("create table plain_jsonb (id bigint generated always as identity primary key, patient_id int, at timestamptz, sample jsonb)");
  const make = `from generate_series(0, ${count - 1}) n`;
  const [who, when, value] = ["n / 52560", "timestamptz '2025-01-01Z' + make_interval(mins => 5 * (n % 52560))", "100 + (n::bigint * 7919) % 150"];
  await owner.query(`insert into plain_narrow select ${who}, 1, ${when}, ${value} ${make}`);
  await owner.query(`insert into plain_jsonb (patient_id, at, sample) select ${who}, ${when}, jsonb_build_object('type', 'glucose', 'value', ${value}, 'unit', 'mg/dL', 'source', 'dexcom', 'time', ${when}) ${make}`);
  await owner.query("create index on plain_jsonb (patient_id, at)");
  await owner.query("vacuum analyze plain_narrow");
  await owner.query("vacuum analyze plain_jsonb");
  const figures: Figure[] = [];
  for (const [table, select] of [["plain_narrow", "at, value"], ["plain_jsonb", "at, (sample ->> 'value')::real"]] as const) {
    const { rows } = await owner.query<{ bytes: string }>("select pg_total_relation_size($1::regclass) as bytes", [table]);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const begun = performance.now();
      await owner.query({ name: `read_${table}`, text: `select ${select} from ${table} where patient_id = $1 and at >= $2 and at < $2::timestamptz + make_interval(days => $3) order by at`, values: [person, "2025-03-01Z", days] });
      times.push(performance.now() - begun);
    }
    figures.push(told(`store: ${table}, bytes a sample`, Number(rows[0]!.bytes) / count, "bytes"), told(`store: ${table}, 90 days of glucose by plain SQL, p50`, percentile(times, 0.5), "ms"));
  }
  return figures;
}
