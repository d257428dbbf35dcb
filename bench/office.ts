/** A clinic's list of 5,000 patients: each order and several filters over HTTP with a clinician's session, against the same list made anew for a request; and what the office's pages weigh. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import pg from "pg";
import { keepPopulation } from "#clinic/population/keep.ts";
import { SORTS } from "#clinic/population/filter.ts";
import { createUser } from "#people/accounts/accounts.ts";
import { replaceKept } from "#summaries/store.ts";
import { summarizeDay } from "#summaries/summarize.ts";
import { addDays, DAY_MS } from "#units/time.ts";
import { dateAt, localDays, type LocalDay } from "#units/zones.ts";
import { systemClock } from "../src/clock.ts";
import { seeded } from "../test/kit/random.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";
import { layGround, type Ground } from "./ground.ts";

const PATIENTS = 5_000;
const DAYS = 28;
const ZONE = "Europe/Madrid";
const CLINICIAN = { email: "office@example.org", password: "correct horse battery" };
const WARM_UP = 2;
const ROUNDS = 12;
const MOST_MS = 100;
const MOST_BUNDLE_KB = 450;
const EVERY_MS = 300_000;

const FILTERS: Readonly<Record<string, string>> = {
  "none, by name": "", "time below from 4 %": "timeBelowFrom=4&sort=timeBelow&order=desc", "low wear or no data": "wearBelow=70&noDataDays=2&sort=lastData",
  "one of two tags": "tags={tag0},{tag1}&sort=timeInRange", "all of two tags, not reviewed": "tags={tag0},{tag1}&tagsMatch=all&reviewedBefore=2100-01-01T00:00:00Z&sort=lastReviewed",
  "first group": "group=veryLow,low&sort=group", "an open request": "appointment=pending,accepted,created&sort=appointment", "any flag, connection, preset": "flag=drop,connection&connection=error,reconnect&preset=standard,older&sort=change",
  "everything at once": "tags={tag0}&timeInRangeBelow=90&wearFrom=10&age=day,threeDays,week,older&snoozed=false&flag=low,veryLow,high,veryHigh,lowTarget&sort=group&order=desc",
};

export async function benchOffice(): Promise<Figure[]> {
  const ground = await layGround();
  try {
    const tags = await fillClinic(ground);
    const begun = performance.now();
    await keepPopulation({ database: ground.database, clock: systemClock, hiddenProviders: [] });
    const made = performance.now() - begun;
    await analyze(ground);
    const server = await ground.app.server({ isReady: () => true, simulator: null });
    const signIn = async (): Promise<string> => (await server.inject({ method: "POST", url: "/api/v1/tokens", payload: CLINICIAN })).json<{ accessToken: string }>().accessToken;
    let accessToken = await signIn();
    const ask = async (url: string, text?: string): Promise<{ ms: number; total: number }> => {
      const from = performance.now();
      const answer = await server.inject({
        method: text === undefined ? "GET" : "POST", url: `/api/v1${url}`, headers: { authorization: `Bearer ${accessToken}` }, ...(text === undefined ? {} : { payload: { text, filters: { sort: "timeInRange" } } }),
      });
      const ms = performance.now() - from;
      if (answer.statusCode !== 200) throw new Error(`${url} was answered ${answer.statusCode}: ${answer.body.slice(0, 200)}`);
      return { ms, total: answer.json<{ total?: number; patients?: number }>().total ?? 0 };
    };
    const lists = [
      ...SORTS.flatMap((sort) => ["asc", "desc"].map((order) => [`by ${sort} ${order}`, `sort=${sort}&order=${order}`] as const)),
      ...Object.entries(FILTERS).map(([name, query]) => [name, query.replace(/\{tag(\d)\}/g, (_, place: string) => tags[Number(place)]!)] as const),
    ];
    const figures: Figure[] = [];
    const all: number[] = [];
    for (const [name, query] of lists) {
      // One lives for minutes.
      accessToken = await signIn();
      const times = await timesOf(() => ask(`/clinic/patients?${query}`));
      all.push(...times.ms);
      figures.push(atMost(`office: 5,000 patients ${name}, p95`, percentile(times.ms, 0.95), "ms", MOST_MS), told(`office: 5,000 patients ${name}, p50`, percentile(times.ms, 0.5), "ms"), told(`office: … shown ${name}`, times.total, "patients"));
    }
    accessToken = await signIn();
    const others = { search: await timesOf(() => ask("/clinic/patients/search", "pérez 1")), attention: await timesOf(() => ask("/clinic/attention")), overview: await timesOf(() => ask("/clinic/overview")) };
    for (const [name, { ms }] of Object.entries(others)) figures.push(atMost(`office: ${name} over 5,000 patients, p95`, percentile(ms, 0.95), "ms", MOST_MS));
    const anew = await timesOf(() => ask("/patients/summaries?limit=50&sort=timeInRange"), 4);
    await server.close();
    return [
      ...figures, told("office: all lists together, p50", percentile(all, 0.5), "ms"), atMost("office: all lists together, p95", percentile(all, 0.95), "ms", MOST_MS),
      told("office: the list by time in range made anew, p50", percentile(anew.ms, 0.5), "ms"), told("office: made anew against kept", percentile(anew.ms, 0.5) / percentile(all, 0.5), "ratio"),
      told("office: lines of 5,000 patients made", made, "ms"), ...bundleFigures(),
    ];
  } finally {
    await ground.close();
  }
}

/** As autovacuum does within a minute. */
async function analyze({ ownerUrl }: Ground): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query("vacuum analyze");
  await owner.end();
}

async function timesOf(ask: () => Promise<{ ms: number; total: number }>, rounds = ROUNDS): Promise<{ ms: number[]; total: number }> {
  const ms: number[] = [];
  let total = 0;
  for (let round = 0; round < rounds + (rounds === ROUNDS ? WARM_UP : 1); round += 1) {
    const asked = await ask();
    total = asked.total;
    if (round >= (rounds === ROUNDS ? WARM_UP : 1)) ms.push(asked.ms);
  }
  return { ms, total };
}

/** People with kept days of glucose, a connection each, tags, targets and reviews, all of whom share with one clinician; gives ids of tags. */
async function fillClinic(ground: Ground): Promise<string[]> {
  const { database, connection: { organizationId } } = ground;
  const random = seeded(11);
  const { userId } = await createUser(database, { organizationId, ...CLINICIAN, displayName: "Clinician", roles: ["clinician"], zone: ZONE });
  const nowMs = systemClock.now();
  const history = { home: ZONE, entries: [] };
  const days = localDays(history, addDays(dateAt(history, nowMs), -DAYS), addDays(dateAt(history, nowMs), -1));
  const ids = await database.withOrganization(organizationId, async (tx) => {
    const rows = await tx.query<{ id: string }>(
      `insert into patients (organization_id, display_name, zone) select $1, (array['Pérez', 'García', 'Núñez', 'Smith', 'Östberg'])[1 + n % 5] || ' ' || n, $2 from generate_series(1, ${PATIENTS}) n returning id`, [organizationId, ZONE],
    );
    const all = rows.map(({ id }) => id);
    await tx.query("insert into grants (organization_id, patient_id, user_id, scope) select $1, id, $3, 'view' from unnest($2::uuid[]) as p (id)", [organizationId, all, userId]);
    await tx.query("insert into consents (organization_id, patient_id, purpose, decision, via) select $1, id, 'sharing', 'unrecorded', 'migration' from unnest($2::uuid[]) as p (id)", [organizationId, all]);
    await tx.query(
      `insert into connections (organization_id, patient_id, provider, status, vendor_user_id, last_sync_at)
       select $1, id, 'dexcom', case when n % 20 = 0 then 'needs_reauthorization' when n % 31 = 0 then 'error' else 'active' end, 'account-' || n, now() from unnest($2::uuid[]) with ordinality as p (id, n)`, [organizationId, all],
    );
    return all;
  });
  for (let from = 0; from < ids.length; from += 50) {
    await database.withOrganization(organizationId, async (tx) => {
      for (const patientId of ids.slice(from, from + 50)) {
        const level = 90 + random() * 110;
        const wear = random() < 0.2 ? 0.4 : 0.95;
        const seen = days.slice(0, random() < 0.1 ? DAYS - 5 : DAYS);
        await replaceKept(tx, { organizationId, patientId }, "glucose", { days: seen, summaries: seen.map((day) => dayOf(day, random, { level, wear })) });
      }
    });
  }
  const tags = await database.withOrganization(organizationId, async (tx) => {
    await tx.query(
      `insert into appointments (organization_id, patient_id, state, requested_at, state_at, changed_at)
       select $1, id, (array['pending', 'accepted', 'created'])[1 + n % 3], now() - make_interval(hours => n::int % 300), now(), now() from unnest($2::uuid[]) with ordinality as p (id, n) where n % 10 = 0`, [organizationId, ids],
    );
    await tx.query("insert into population_work (organization_id, patient_id) select $1, id from unnest($2::uuid[]) as p (id)", [organizationId, ids]);
    return tx.query<{ id: string }>("insert into tags (organization_id, name, color) select $1, 'tag ' || n, n % 12 from generate_series(1, 12) n returning id", [organizationId]);
  });
  await database.withPerson({ organizationId, userId, patientId: null }, async (tx) => {
    await tx.query(
      `insert into patient_tags (organization_id, patient_id, tag_id, added_by) select $1, p.id, t.id, $4 from unnest($2::uuid[]) with ordinality as p (id, n)
       join unnest($3::uuid[]) with ordinality as t (id, n) on (p.n * t.n) % 5 = 0`, [organizationId, ids, tags.map(({ id }) => id), userId],
    );
    await tx.query("insert into patient_targets (organization_id, patient_id, preset, set_by, set_at) select $1, id, 'older', $3, now() from unnest($2::uuid[]) with ordinality as p (id, n) where n % 6 = 0", [organizationId, ids, userId]);
    await tx.query(
      `insert into patient_reviews (organization_id, patient_id, reviewed_by, reviewed_at) select $1, id, $3, now() - make_interval(hours => m::int * n::int % 900)
       from unnest($2::uuid[]) with ordinality as p (id, n), generate_series(1, 3) m where n % 2 = 0`, [organizationId, ids, userId],
    );
  });
  return tags.map(({ id }) => id);
}

function dayOf(day: LocalDay, random: () => number, { level, wear }: { readonly level: number; readonly wear: number }): ReturnType<typeof summarizeDay> {
  const startMs: number[] = [];
  const values: number[] = [];
  const shift = (random() - 0.5) * 60;
  for (let ms = day.fromMs; ms < day.toMs; ms += EVERY_MS) {
    if (random() >= wear && ms > day.fromMs) continue;
    startMs.push(ms);
    values.push(Math.max(45, Math.round(level + shift + 55 * Math.sin((ms % DAY_MS) / 9_000_000) + random() * 20)));
  }
  return summarizeDay("glucose", day, { startMs, values, seriesId: "1", providers: new Set(["dexcom"]) });
}

/** An import that is fetched with its file. */
const STATIC = /(?:from|import)"\.\/([\w.-]+\.js)"/g;

/** What a browser fetches of the office, gzipped: before anything is seen, and with every page opened. None where it was not built. */
function bundleFigures(): Figure[] {
  const built = fileURLToPath(new URL("../web/dist", import.meta.url));
  const entry = `${built}/office/index.html`;
  if (!existsSync(entry)) return [];
  const named = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, file]) => file!).filter((file) => existsSync(`${built}/assets/${file}`));
  const read = (file: string): string => readFileSync(`${built}/assets/${file}`, "utf8");
  const reach = (from: readonly string[], pattern: RegExp): Set<string> => {
    const found = new Set(from);
    for (const file of found) for (const next of named(read(file), pattern)) found.add(next);
    return found;
  };
  const first = reach(named(readFileSync(entry, "utf8"), /assets\/([\w.-]+\.(?:js|css))/g), STATIC);
  const all = reach([...first], /([\w.-]+\.(?:js|css))/g);
  const weight = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + gzipSync(read(file), { level: 9 }).length, 0) / 1024;
  const list = reach([...first, ...[...all].filter((file) => /^(?:Frame|PatientArea)-/.test(file))], STATIC);
  return [told("office: scripts and styles of the sign-in, gzipped", weight(first), "KB"), told("office: … until the list of patients is shown, gzipped", weight(list), "KB"), atMost("office: scripts and styles of every page, gzipped", weight(all), "KB", MOST_BUNDLE_KB)];
}
