/** `islet audit`: whether the audit log is what was written, and the log itself as CSV for whoever must keep or examine it. */
import { join } from "node:path";
import { loadConfig } from "../config.ts";
import { InvalidInput } from "../errors.ts";
import { createLog } from "../log.ts";
import { DRIVERS } from "#drivers/index.ts";
import { toCsv } from "#exports/csv.ts";
import { isId } from "#people/access/access.ts";
import { ANCHORS_FILE, readAnchors } from "#people/audit/anchors.ts";
import { audit } from "#people/audit/audit.ts";
import { auditKeys } from "#people/audit/keys.ts";
import { searchAudit, type AuditLine } from "#people/audit/search.ts";
import { verifyAuditLog, type Verification } from "#people/audit/verify.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import type { CommandIo } from "./io.ts";
import { openPlace, type Place } from "./place.ts";

export interface AuditVerifyOptions {
  readonly json?: boolean;
  /** RFC 3339. */
  readonly since?: string;
  /** A copy of the anchors that was kept elsewhere. */
  readonly anchors?: string;
}

async function atPlace(work: (place: Place, dataDir: string) => Promise<number>): Promise<number> {
  const config = loadConfig(DRIVERS);
  const place = await openPlace(config, createLog("error"));
  try {
    return await work(place, config.dataDir);
  } finally {
    await place.close();
  }
}

function instantOf(name: string, text: string): number {
  const parsed = parseInstant(text);
  if (!parsed) throw new InvalidInput(`--${name} is no instant: use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z.`);
  return parsed.ms;
}

/** 0 when nothing was found, 1 when something was: then each finding says what and where. */
export async function runAuditVerify(options: AuditVerifyOptions, io: CommandIo): Promise<number> {
  return atPlace(async (place, dataDir) => {
    const keys = auditKeys(place.sessionSecret);
    const anchors = readAnchors(keys, options.anchors ?? join(dataDir, ANCHORS_FILE));
    const found = await verifyAuditLog({ database: place.database, keys, anchors, ...(options.since === undefined ? {} : { sinceMs: instantOf("since", options.since) }) });
    io.stdout(options.json ? `${JSON.stringify(found)}\n` : describeVerification(found));
    return found.findings.length === 0 ? 0 : 1;
  });
}

/** For people. Exported for its test. */
export function describeVerification({ chains, links, anchors, foreignAnchors, unanchored, findings }: Verification): string {
  const lines = findings.map(({ kind, chain, seq, entryId, detail }) =>
    `${kind.padEnd(9)} chain ${chain}${seq === null ? "" : ` place ${seq}`}${entryId === null ? "" : ` entry ${entryId}`}: ${detail}`);
  lines.push(`${links} entries of ${chains} chains recomputed, held against ${anchors} anchors: ${findings.length === 0 ? "all as written" : `${findings.length} findings`}.`);
  if (unanchored.length > 0) lines.push(`No anchor of ours for ${unanchored.length} chains (${unanchored.slice(0, 5).join(", ")}): if one of these was rewritten whole, this would not show it.`);
  if (foreignAnchors > 0) lines.push(`${foreignAnchors} anchors were made under another ISLET_SESSION_SECRET and were not used.`);
  return `${lines.join("\n")}\n`;
}

export interface AuditExportOptions {
  readonly organization?: string;
  readonly patient?: string;
  readonly from?: string;
  readonly to?: string;
}

const PAGE = 2_000;
const HEADER = [
  "id", "at", "organization", "action", "outcome", "purpose", "actor_kind", "actor", "actor_role", "actor_key", "patient", "object_type", "object", "request", "session", "address_hash", "network", "agent",
];

/** Prints the log, oldest entry first. That it was exported stands in the log, too. */
export async function runAuditExport(options: AuditExportOptions, io: CommandIo): Promise<number> {
  for (const name of ["organization", "patient"] as const) {
    if (options[name] !== undefined && !isId(options[name])) throw new InvalidInput(`--${name} is no id.`);
  }
  const { organization = null, patient, from, to } = options;
  const filter = {
    ...(patient === undefined ? {} : { patientId: patient }), ...(from === undefined ? {} : { fromMs: instantOf("from", from) }), ...(to === undefined ? {} : { toMs: instantOf("to", to) }),
  };
  return atPlace(async ({ database }) => {
    await database.asSystem((tx) => audit(tx, organization, { action: "audit.exported", actorKind: "operator", purpose: "administration", ...(patient === undefined ? {} : { patientId: patient }) }));
    io.stdout(toCsv({ columns: HEADER, rows: [] }));
    let afterId = "0";
    for (;;) {
      const lines = await database.asAuditor(organization, (tx) => searchAudit(tx, filter, { limit: PAGE, afterId }));
      if (lines.length > 0) io.stdout(withoutHeader(toCsv({ columns: HEADER, rows: lines.map(rowOf) })));
      if (lines.length < PAGE) return 0;
      afterId = lines.at(-1)!.id;
    }
  });
}

function withoutHeader(csv: string): string {
  return csv.slice(csv.indexOf("\n") + 1);
}

function rowOf(line: AuditLine): (string | null)[] {
  return [
    line.id, formatInstant(line.atMs), line.organizationId, line.action, line.outcome, line.purpose, line.actorKind, line.actorUserId, line.actorRole, line.actorKeyId, line.patientId,
    line.objectType, line.objectId, line.requestId, line.sessionRef, line.addressHash, line.network, line.agent,
  ];
}
