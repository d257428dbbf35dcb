/**
 * Sending what waits in the outbox. A mail is claimed, sent and marked; a process that is killed in between leaves it to be sent once more, under the
 * same Message-ID. What fails is tried ever later, and given up after eight tries.
 */
import type { Database } from "#db/database.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { Vault } from "#vault/seal.ts";
import type { Clock } from "../clock.ts";
import { errorCode } from "../errors.ts";
import type { Log } from "../log.ts";
import { mailLinkPlace } from "./outbox.ts";
import { renderMail } from "./render.ts";
import { TEMPLATES, type MailLocale, type MailTemplate } from "./templates.ts";
import type { MailTransport } from "./transport.ts";

export interface MailContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly vault: Pick<Vault, "open">;
  readonly transport: MailTransport;
}

const AT_ONCE = 20;
export const MOST_TRIES = 8;
/** Longer than any server takes to answer. */
const CLAIM_MS = 5 * MINUTE_MS;
const FIRST_PAUSE_MS = MINUTE_MS;
const KEEP_MS = 7 * DAY_MS;
const LOOK_EVERY_MS = 5_000;

interface MailRow {
  readonly created_at: number; readonly id: string; readonly to_address: string; readonly template: string; readonly locale: MailLocale; readonly mail_values: Record<string, string> | null;
  readonly link_sealed: string | null; readonly attempts: number;
}

/** Sends what is due; gives how many were tried. Safe beside other processes that do the same. */
export async function deliverMails(context: MailContext, signal?: AbortSignal): Promise<number> {
  const { database, clock } = context;
  const claimed = await database.asSystem((tx) => tx.query<MailRow>(
    `update mails set attempts = attempts + 1, available_at = to_timestamp($2::float8 / 1000) where id in (
       select id from mails where state = 'pending' and available_at <= to_timestamp($1::float8 / 1000) order by available_at, created_at limit ${AT_ONCE} for update skip locked)
     returning created_at, id, to_address, template, locale, mail_values, link_sealed, attempts`,
    [clock.now(), clock.now() + CLAIM_MS],
  ));
  for (const row of claimed.toSorted((a, b) => a.created_at - b.created_at)) {
    signal?.throwIfAborted();
    await deliver(context, row);
  }
  return claimed.length;
}

async function deliver(context: MailContext, row: MailRow): Promise<void> {
  const { database, clock, log, vault, transport } = context;
  try {
    if (!(row.template in TEMPLATES)) throw new Error("there is no such template");
    const link = row.link_sealed === null ? null : vault.open(row.link_sealed, mailLinkPlace(row.id)).open();
    const rendered = renderMail({ template: row.template as MailTemplate, locale: row.locale, values: row.mail_values ?? {}, link });
    await transport.send({ id: row.id, to: row.to_address, ...rendered });
  } catch (error) {
    const isLast = row.attempts >= MOST_TRIES;
    const nextMs = clock.now() + FIRST_PAUSE_MS * 2 ** (row.attempts - 1);
    const code = replyCode(error);
    await database.asSystem((tx) => tx.query(
      isLast
        ? `update mails set state = 'dead', last_error = $2, to_address = null, mail_values = null, link_sealed = null, ended_at = to_timestamp($3::float8 / 1000) where id = $1`
        : `update mails set last_error = $2, available_at = to_timestamp($3::float8 / 1000) where id = $1`,
      [row.id, code, isLast ? clock.now() : nextMs],
    ));
    // Without the error itself: a mail server repeats whom it was asked to write to.
    log[isLast ? "error" : "warn"]({ mailId: row.id, template: row.template, attempts: row.attempts, errorCode: code }, isLast ? "a mail was given up" : "a mail could not be sent; it is tried again");
    return;
  }
  await database.asSystem((tx) => tx.query(
    "update mails set state = 'sent', last_error = null, to_address = null, mail_values = null, link_sealed = null, ended_at = to_timestamp($2::float8 / 1000) where id = $1", [row.id, clock.now()],
  ));
}

/** What may stand in the log of a failure: a word of the connection or the number of a reply. */
function replyCode(error: unknown): string {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (typeof responseCode === "number") return `smtp_${responseCode}`;
  return typeof code === "string" && /^[A-Za-z_]{2,40}$/.test(code) ? code.toLowerCase() : errorCode(error);
}

/** Forgets mails that were sent or given up a week ago; gives how many. */
export async function forgetMails(database: Database, nowMs: number): Promise<number> {
  return (await database.asSystem((tx) => tx.query("delete from mails where ended_at < to_timestamp($1::float8 / 1000) returning 1", [nowMs - KEEP_MS]))).length;
}

/** Looks for mail every five seconds until it is stopped; resolves then, once nothing is under way. */
export function watchMails(context: MailContext): { stop(): Promise<void> } {
  const ended = new AbortController();
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const tried = await deliverMails(context, ended.signal).catch((error: unknown) => {
        if (!ended.signal.aborted) context.log.warn({ error }, "the outbox could not be read; it is tried again");
        return 0;
      });
      if (tried < AT_ONCE) await context.clock.sleep(LOOK_EVERY_MS, ended.signal).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}
