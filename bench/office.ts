/** A clinic's list of 5,000 patients: each order and several filters over HTTP with a clinician's session, against the same list made anew for a request; and what the office's pages weigh. */
import { keepPopulation } from "#clinic/population/keep.ts";
import { SORTS } from "#clinic/population/filter.ts";
import { systemClock } from "../src/clock.ts";
import { MOST_OFFICE_KB, officeBundle } from "./bundle.ts";
import { analyze, CLINICIAN, fillClinic } from "./clinic.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";
import { layGround } from "./ground.ts";
import { paintFigures } from "./office-paint.ts";

const WARM_UP = 2;
// Of a dozen, the 95th percentile would be the slowest.
const ROUNDS = 40;
const MOST_MS = 100;

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
    const painted = await paintFigures(server, ground.port);
    await server.close();
    return [
      ...figures, told("office: all lists together, p50", percentile(all, 0.5), "ms"), atMost("office: all lists together, p95", percentile(all, 0.95), "ms", MOST_MS),
      told("office: the list by time in range made anew, p50", percentile(anew.ms, 0.5), "ms"), told("office: made anew against kept", percentile(anew.ms, 0.5) / percentile(all, 0.5), "ratio"),
      told("office: lines of 5,000 patients made", made, "ms"), ...painted, ...bundleFigures(),
    ];
  } finally {
    await ground.close();
  }
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

/** What a browser fetches of the office's pages. None where they were not built. */
function bundleFigures(): Figure[] {
  const bundle = officeBundle();
  if (!bundle) return [];
  return [
    told("office: scripts and styles of the sign-in, gzipped", bundle.signInKb, "KB"), told("office: … until the list of patients is shown, gzipped", bundle.listKb, "KB"),
    atMost("office: scripts and styles of every page in one language, gzipped", bundle.oneLanguageKb, "KB", MOST_OFFICE_KB), told("office: … in both languages", bundle.everythingKb, "KB"),
  ];
}
