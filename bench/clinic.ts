/** A clinic of 5,000 people whom one clinician sees: kept days of glucose, a connection each, tags, targets and reviews. */
import pg from "pg";
import { createUser } from "#people/accounts/accounts.ts";
import { replaceKept } from "#summaries/store.ts";
import { summarizeDay } from "#summaries/summarize.ts";
import { addDays, DAY_MS } from "#units/time.ts";
import { dateAt, localDays, type LocalDay } from "#units/zones.ts";
import { systemClock } from "../src/clock.ts";
import { seeded } from "../test/kit/random.ts";
import type { Ground } from "./ground.ts";

export const PATIENTS = 5_000;
export const CLINICIAN = { email: "office@example.org", password: "correct horse battery" };
const DAYS = 28;
const ZONE = "Europe/Madrid";
const EVERY_MS = 300_000;

/** As autovacuum does within a minute. */
export async function analyze({ ownerUrl }: Ground): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query("vacuum analyze");
  await owner.end();
}

/** People with kept days of glucose, a connection each, tags, targets and reviews, all of whom share with one clinician; gives ids of tags. */
export async function fillClinic(ground: Ground): Promise<string[]> {
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

