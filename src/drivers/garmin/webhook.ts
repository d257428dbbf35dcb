/** Garmin's notifications: summaries in the body (push), addresses to fetch them from (ping), and account notices. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { WebhookRejected } from "#errors.ts";
import { parseEnvelope, pointerOf, safeParse } from "#driver/payload.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest } from "#driver/types.ts";
import { equalSecrets } from "#driver/verify.ts";
import { HOUR_MS } from "#units/time.ts";
import { summaryType } from "./summary-types.ts";

const MAX_BYTES = 10 * 1024 * 1024;
/** Account notices are small; larger bodies are never searched for one. */
const LONGEST_NOTICE_BYTES = 64 * 1024;

const body = z.record(z.string(), z.unknown());
const owned = z.looseObject({ userId: z.string().min(1), callbackURL: z.string().optional() });
const permissionsChange = z.looseObject({ userId: z.string().min(1), permissions: z.array(z.string()) });

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  isSigned: false,

  /** Garmin signs nothing; it sends the client id along, which strangers do not know. */
  verify(request, secrets) {
    if (secrets.clientId === "" || !equalSecrets(request.headers["garmin-client-id"], secrets.clientId)) {
      throw new WebhookRejected("webhook_signature", "The client id of this notification does not match.");
    }
  },

  dedupeKey,
  parse,
};

/**
 * A deregistration has no time in it, so that a person who leaves, returns and leaves again makes the same bytes twice: the hour of
 * receipt tells them apart. Everything else is told apart by its bytes.
 */
function dedupeKey(request: WebhookRequest): string | null {
  const bytes = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
  if (bytes.length > LONGEST_NOTICE_BYTES || !bytes.includes("deregistrations")) return null;
  return `${createHash("sha256").update(bytes).digest("hex")}.${Math.floor(request.receivedMs / HOUR_MS)}`;
}

/** Collects events; summaries of one type and person go together, because some only make sense so (epochs). */
class Parsing {
  readonly events: WebhookEvent[] = [];
  readonly problems: MappingProblem[] = [];
  readonly #summaries = new Map<string, unknown[]>();

  problem(path: readonly (string | number)[], reason: string): void {
    this.problems.push({ path: pointerOf(path), reason });
  }

  addSummary(resource: string, account: string, summary: unknown): void {
    const key = `${resource} ${account}`;
    const before = this.#summaries.get(key);
    if (before) {
      before.push(summary);
      return;
    }
    const payload = [summary];
    this.#summaries.set(key, payload);
    this.events.push({ kind: "data", account, resource, payload });
  }
}

/**
 * One body may hold several types and several persons. What has no owner, an unknown type, or a type that is not taken over
 * (activity files) becomes a problem; the rest is kept. Throws ProviderContractBroken when the body is no object.
 */
function parse(payload: unknown): WebhookParse {
  const parsing = new Parsing();
  for (const [key, value] of Object.entries(parseEnvelope(body, payload, "Garmin notification"))) {
    const items = Array.isArray(value) ? (value as unknown[]) : null;
    if (items) parseType(key, items, parsing);
    else parsing.problem([summaryType(key) ? key : "*"], "no list of notifications");
  }
  return { events: parsing.events, problems: parsing.problems };
}

function parseType(key: string, items: readonly unknown[], parsing: Parsing): void {
  const name = key.toLowerCase();
  if (name === "deregistrations") parseDeregistrations(key, items, parsing);
  else if (name === "userpermissionschange" || name === "userpermissions") parsePermissions(key, items, parsing);
  else if (name === "activityfiles") parsing.problem([key], "activity files are not taken over; their content comes as activityDetails");
  else parseSummaries(key, items, parsing);
}

function parseDeregistrations(key: string, items: readonly unknown[], parsing: Parsing): void {
  for (const [index, item] of items.entries()) {
    const notice = safeParse(owned, item);
    if (notice.success) parsing.events.push({ kind: "deauthorized", account: notice.data.userId });
    else parsing.problem([key, index, "userId"], "missing or of the wrong type");
  }
}

function parsePermissions(key: string, items: readonly unknown[], parsing: Parsing): void {
  for (const [index, item] of items.entries()) {
    const change = safeParse(permissionsChange, item);
    if (change.success) parsing.events.push({ kind: "permissions", account: change.data.userId, scopes: change.data.permissions });
    else parsing.problem([key, index, ...(change.error.issues[0]?.path.map(String) ?? [])], "missing or of the wrong type");
  }
}

function parseSummaries(key: string, items: readonly unknown[], parsing: Parsing): void {
  const type = summaryType(key);
  if (!type) {
    parsing.problem([/^[A-Za-z]{1,40}$/.test(key) ? key : "*"], "an unknown summary type");
    return;
  }
  for (const [index, item] of items.entries()) {
    const summary = safeParse(owned, item);
    if (!summary.success) {
      parsing.problem([key, index, ...(summary.error.issues[0]?.path.map(String) ?? [])], "missing or of the wrong type");
      continue;
    }
    const { userId: account, callbackURL: url } = summary.data;
    if (url === undefined) parsing.addSummary(type.name, account, item);
    else parsing.events.push({ kind: "pull", account, request: { resource: type.name, url } });
  }
}
