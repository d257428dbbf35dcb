/** Weak ETags of what is read: cheap to find out, before anything is read. */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Tx } from "#db/database.ts";
import { patientState } from "#live/changes.ts";
import type { PatientRow } from "#people/access/access.ts";

/** Counts up when replies to the same question get another shape. */
const SHAPE = 1;

/**
 * Puts the ETag on a reply about a patient; true when it is the one that the caller has, and 304 is all there is to say. It stands for every change
 * of the patient (of data, connections, rules of sources), the patient's zone, whether the patient asks or another, and the question: its address and
 * what of it the address does not say, like the window's end where that is "now". The state is looked up before the data: a reply may be newer than
 * its ETag and never older.
 */
export async function isUnchanged(tx: Tx, patient: PatientRow, exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply }, question: readonly (string | number)[] = []): Promise<boolean> {
  const { request, reply } = exchange;
  const state = await patientState(tx, patient.id);
  const parts = [SHAPE, patient.id, state, patient.zone, patient.isSelf, request.url, ...question];
  const tag = `W/"${createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 27)}"`;
  reply.header("etag", tag);
  return isAmong(request.headers["if-none-match"], tag);
}

/** RFC 9110 §13.1.2, by the weak comparison of §8.8.3.2. */
function isAmong(header: string | undefined, tag: string): boolean {
  const bare = (each: string): string => each.trim().replace(/^W\//, "");
  return header !== undefined && (header.trim() === "*" || header.split(",").some((each) => bare(each) === bare(tag)));
}
