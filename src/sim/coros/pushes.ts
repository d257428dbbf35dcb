/** Workouts on their way to the address that COROS's staff have written down. vendors/coros.md, Webhooks. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Push, PushAnswer, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { RESULT, withLabels } from "./envelope.ts";
import { openIdOf } from "./oauth.ts";
import type { Outing } from "./outings.ts";
import { tellOuting } from "./outings.ts";

export const stateSchema = z.object({ refusedInRow: z.number() });

/** How often a push is sent again is not stated. */
export const RETRY_SECONDS = [60, 300, 1800, 7200, 21_600] as const;

export interface News {
  readonly person: Person;
  readonly outing: Outing;
}

export interface CorosPushes {
  /** One body for all of it, which may be several people's. */
  tell(news: readonly News[]): void;
  tellNow(news: readonly News[]): Promise<PushResult[]>;
  /** Of each try: too many in a row without a receipt end the pushes. */
  heard(result: PushResult): void;
  /** Drops all that waits and speaks of the person. */
  drop(personId: string): void;
}

/** The receipt has to be in COROS's own words. */
export function isReceipt({ status, body }: PushAnswer): boolean {
  if (status !== 200) return false;
  try {
    const answer = JSON.parse(body) as { result?: unknown } | null;
    return answer?.result === RESULT.ok;
  } catch {
    return false;
  }
}

export function createPushes(context: CloudContext): CorosPushes {
  const kept = context.keep(stateSchema, { refusedInRow: 0 });
  /** Names under which bodies of several people wait. */
  const together = new Map<string, ReadonlySet<string>>();

  function pushes(news: readonly News[]): Push[] {
    const url = context.webhookUrl;
    const most = Number(context.position("refusedBeforeDisabled"));
    if (url === null || news.length === 0 || (most > 0 && kept.refusedInRow >= most)) return [];
    const people = new Set(news.map(({ person }) => person.who.id));
    const name = [...people].join("+");
    if (people.size > 1) together.set(name, people);
    const { clientId, clientSecret } = context.client;
    const sportDataList = news.map(({ person, outing }) => ({ openId: openIdOf(context, person), ...tellOuting(context, person, outing) }));
    const body = withLabels(context, JSON.stringify({ sportDataList }));
    return [{
      person: name, what: "workout", url, dueMs: context.now(), body: () => body,
      headers: { "content-type": "application/json", client: clientId, secret: clientSecret },
    }];
  }

  return {
    tell: (news) => context.outbox.add(...pushes(news)),
    tellNow: (news) => context.outbox.sendNow(pushes(news)),
    heard({ retryMs, attempt }) {
      // Of the last try nobody can tell any more.
      if (retryMs !== null) kept.refusedInRow += 1;
      else if (attempt <= RETRY_SECONDS.length) kept.refusedInRow = 0;
    },
    drop(personId) {
      context.outbox.drop(personId);
      for (const [name, people] of together) if (people.has(personId)) context.outbox.drop(name);
    },
  };
}
