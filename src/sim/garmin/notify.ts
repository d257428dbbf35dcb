/** Garmin's notifications: summaries in the body (push) or addresses to fetch them from (ping). vendors/garmin.md, Webhooks. */

import { randomUUID } from "node:crypto";
import type { CloudContext } from "../cloud.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { modeOf } from "./modes.ts";
import { garminUserId } from "./summaries.ts";
import type { GarminType } from "./types.ts";
import { FILE_CONTENT } from "./types.ts";

/** Bodies are cut about here; receivers must take 10 MB. */
const BODY_BYTES = 1_500_000;
const TOKEN_LIFE_MS = 86_400_000;

interface FileTicket {
  readonly person: string;
  readonly id: string;
  /** "gone" after the first download. */
  readonly content: string;
  readonly expiresMs: number;
}

export interface PullTicket {
  readonly type: GarminType;
  readonly person: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly records: readonly object[];
  readonly expiresMs: number;
}

/** What one person is told. */
export interface Tidings {
  readonly person: Person;
  readonly records: readonly object[];
}

export interface Notifier {
  /** Sends the summaries of one type at `dueMs`; nothing without summaries, an address or an enabled endpoint. */
  tell(person: Person, type: GarminType, records: readonly object[], dueMs: number): void;
  /** The same at once, with the receiver's answers. */
  tellNow(person: Person, type: GarminType, records: readonly object[]): Promise<PushResult[]>;
  /** Summaries of several people in one body, at once. */
  tellTogether(type: GarminType, tidings: readonly Tidings[]): Promise<PushResult[]>;
  deregistered(person: Person, dueMs: number): void;
  deregisteredNow(person: Person): Promise<PushResult[]>;
  permissionsChangedNow(person: Person, permissions: readonly string[]): Promise<PushResult[]>;
  /** The records behind a pull token, which serves once; null when it is unknown, spent, or of another person or type. */
  take(token: string, person: Person, type: GarminType): PullTicket | null;
  /** The file behind a token, which serves once: "gone" afterwards; null when the token is unknown, or of another person or file. */
  takeFile(token: string, person: Person, id: string): string | null;
}

export function createNotifier(context: CloudContext): Notifier {
  const tickets = new Map<string, PullTicket>();
  const files = new Map<string, FileTicket>();

  function push(person: Person, what: string, body: string, dueMs: number): Push[] {
    const url = context.webhookUrl;
    if (url === null) return [];
    const headers = {
      "content-type": "application/json;charset=UTF-8",
      "user-agent": "Garmin Health API",
      "garmin-client-id": context.client.clientId,
    };
    return [{ person: person.who.id, what, url, headers, body: () => body, dueMs }];
  }

  function pingItem(person: Person, type: GarminType, records: readonly object[]): object {
    const nowMs = context.now();
    const toSeconds = Math.floor(nowMs / 1000);
    const fromSeconds = toSeconds - 60;
    const token = `XPT${randomUUID().replaceAll("-", "")}`;
    for (const [known, ticket] of tickets) if (ticket.expiresMs <= nowMs) tickets.delete(known);
    tickets.set(token, { type, person: person.who.id, fromSeconds, toSeconds, records, expiresMs: nowMs + TOKEN_LIFE_MS });
    const query = `uploadStartTimeInSeconds=${fromSeconds}&uploadEndTimeInSeconds=${toSeconds}&token=${token}`;
    const callbackURL = `${context.baseUrl}/wellness-api/rest/${type.pull}?${query}`;
    return { userId: garminUserId(context, person), callbackURL };
  }

  function fileItem(person: Person, type: GarminType, record: object): object {
    const { [FILE_CONTENT]: content, ...fields } = record as Record<string, unknown>;
    const id = String((fields as { activityId?: unknown }).activityId);
    const token = `XPT${randomUUID().replaceAll("-", "")}`;
    const nowMs = context.now();
    for (const [known, ticket] of files) if (ticket.expiresMs <= nowMs) files.delete(known);
    files.set(token, { person: person.who.id, id, content: String(content), expiresMs: nowMs + TOKEN_LIFE_MS });
    return { ...fields, callbackURL: `${context.baseUrl}/wellness-api/rest/${type.pull}?id=${id}&token=${token}` };
  }

  /** The items of one person, as texts. */
  function itemsOf(person: Person, type: GarminType, chunk: Chunk): string[] {
    if (modeOf(context, type) === "push") return chunk.texts;
    const items = type.key === "activityFiles" ? chunk.records.map((record) => fileItem(person, type, record)) : [pingItem(person, type, chunk.records)];
    return items.map((item) => JSON.stringify(item));
  }

  const bodyOf = (type: GarminType, items: readonly string[]): string => `{${JSON.stringify(type.key)}:[${items.join(",")}]}`;

  function pushes(person: Person, type: GarminType, records: readonly object[], dueMs: number): Push[] {
    if (records.length === 0 || modeOf(context, type) === "off") return [];
    return chunked(records).flatMap((chunk) => push(person, type.key, bodyOf(type, itemsOf(person, type, chunk)), dueMs));
  }

  function pushTogether(type: GarminType, tidings: readonly Tidings[]): Push[] {
    const items = tidings.flatMap(({ person, records }) => chunked(records).flatMap((chunk) => itemsOf(person, type, chunk)));
    const [first] = tidings;
    return !first || items.length === 0 || modeOf(context, type) === "off" ? [] : push(first.person, type.key, bodyOf(type, items), context.now());
  }

  const notice = (person: Person, key: string, fields: object, dueMs: number): Push[] =>
    push(person, key, JSON.stringify({ [key]: [{ userId: garminUserId(context, person), ...fields }] }), dueMs);

  return {
    tell(person, type, records, dueMs) {
      context.outbox.add(...pushes(person, type, records, dueMs));
    },
    tellTogether: (type, tidings) => context.outbox.sendNow(pushTogether(type, tidings)),
    tellNow: (person, type, records) => context.outbox.sendNow(pushes(person, type, records, context.now())),
    deregistered(person, dueMs) {
      context.outbox.add(...notice(person, "deregistrations", {}, dueMs));
    },
    deregisteredNow: (person) => context.outbox.sendNow(notice(person, "deregistrations", {}, context.now())),
    permissionsChangedNow(person, permissions) {
      const changeTimeInSeconds = Math.floor(context.now() / 1000);
      const fields = { summaryId: `x${changeTimeInSeconds.toString(16)}-pc`, permissions, changeTimeInSeconds };
      return context.outbox.sendNow(notice(person, "userPermissionsChange", fields, context.now()));
    },
    take(token, person, type) {
      const ticket = tickets.get(token);
      if (!ticket || ticket.person !== person.who.id || ticket.type.key !== type.key || ticket.expiresMs <= context.now()) return null;
      tickets.delete(token);
      return ticket;
    },
    takeFile(token, person, id) {
      const ticket = files.get(token);
      if (!ticket || ticket.person !== person.who.id || ticket.id !== id || ticket.expiresMs <= context.now()) return null;
      files.set(token, { ...ticket, content: "gone" });
      return ticket.content;
    },
  };
}

interface Chunk {
  readonly records: object[];
  readonly texts: string[];
}

function chunked(records: readonly object[]): Chunk[] {
  const chunks: Chunk[] = [];
  let size = Infinity;
  for (const record of records) {
    const text = JSON.stringify(record);
    if (size + text.length > BODY_BYTES) {
      chunks.push({ records: [], texts: [] });
      size = 0;
    }
    const last = chunks[chunks.length - 1]!;
    last.records.push(record);
    last.texts.push(text);
    size += text.length;
  }
  return chunks;
}
