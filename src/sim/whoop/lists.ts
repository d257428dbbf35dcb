/** Lists in pages, newest first. vendors/whoop.md, Data endpoints. */

import { addDays, DAY_MS, localDate, MINUTE_MS, parseTime } from "#units/time.ts";
import type { Answer, Call } from "../exchange.ts";
import { json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { WhoopRecord } from "./records.ts";
import { whoopRefusal } from "./refusal.ts";
import type { WhoopWorld } from "./world.ts";

const USUAL_PER_PAGE = 10;
const MOST_PER_PAGE = 25;

export interface Collection {
  readonly name: string;
  /** What `next_token` is on the last page. */
  readonly end: "absent" | "null" | "empty";
  /** The records of one local date. */
  readonly of: (world: WhoopWorld, person: Person, date: string) => WhoopRecord[];
}

interface Listing extends WhoopWorld {
  readonly call: Call;
  readonly person: Person;
}

/** `start` is in it, `end` is not; both are about the start of a record. */
export function listRecords(listing: Listing, { name, end, of }: Collection): Answer {
  const { call, context } = listing;
  const limit = call.query.get("limit") ?? String(USUAL_PER_PAGE);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MOST_PER_PAGE) return whoopRefusal(400, `limit must be from 1 to ${MOST_PER_PAGE}`);
  const fromMs = instantOf(call.query.get("start"), Number.NEGATIVE_INFINITY);
  const toMs = instantOf(call.query.get("end"), context.now());
  if (fromMs === null || toMs === null) return whoopRefusal(400, "start and end must be date-times");
  const text = call.query.get("nextToken") ?? "";
  const before = text === "" ? { startMs: toMs, id: "" } : placeOf(text, name);
  if (!before) return whoopRefusal(400, "nextToken is not one of this list");
  const shown: WhoopRecord[] = [];
  const answer = (nextToken: object): Answer => json(200, { records: shown.map((record) => record.tell()), ...nextToken });
  for (const record of newestFirst(listing, of, { fromMs, toMs: Math.min(toMs, before.startMs + 1) })) {
    const isSeen = text !== "" && (record.startMs > before.startMs || (record.startMs === before.startMs && record.id >= before.id));
    if (isSeen) continue;
    const last = shown.at(-1);
    if (last && shown.length === Number(limit)) return answer({ next_token: tokenOf(name, last) });
    shown.push(record);
  }
  return answer(end === "absent" ? {} : { next_token: end === "null" ? null : "" });
}

interface Place {
  readonly startMs: number;
  readonly id: string;
}

/** The page goes on after this record. */
function tokenOf(name: string, { startMs, id }: Place): string {
  return Buffer.from(`${name} ${startMs} ${id}`).toString("base64url");
}

function placeOf(token: string, name: string): Place | null {
  const [ofList, startMs, id] = Buffer.from(token, "base64url").toString("utf8").split(" ");
  return ofList === name && id !== undefined && /^\d+$/.test(startMs ?? "") ? { startMs: Number(startMs), id } : null;
}

/** All that is ready of `[fromMs, toMs)`; made as it is asked for. */
function* newestFirst({ context, person, ...world }: Listing, of: Collection["of"], { fromMs, toMs }: { fromMs: number; toMs: number }): Generator<WhoopRecord> {
  const { zone, cgm } = person.who;
  const nowMs = context.now();
  // A night is of the date it ends on, which may be the day after it began.
  const firstMs = Math.max(fromMs - DAY_MS, Date.parse(`${cgm.since}T00:00:00Z`));
  const first = localDate(zone, firstMs);
  for (let date = localDate(zone, Math.min(toMs, nowMs) + DAY_MS); date >= first; date = addDays(date, -1)) {
    const records = of({ context, ...world }, person, date).filter(({ startMs, readyMs }) => readyMs <= nowMs && startMs >= fromMs && startMs < toMs);
    yield* records.toSorted((one, other) => other.startMs - one.startMs || (other.id > one.id ? 1 : -1));
  }
}

/** `usual` when nothing is said; null for what is no time. A time without an offset is read as UTC. */
function instantOf(text: string | null, usual: number): number | null {
  if (text === null || text === "") return usual;
  const parsed = parseTime(text);
  return parsed ? parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS : null;
}
