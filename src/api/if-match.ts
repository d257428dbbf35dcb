/** `If-Match` of documents that count their changes: whoever writes says which version they saw. RFC 9110 §13.1.1. */
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { InvalidInput } from "../errors.ts";

/** Needed where a write of somebody else must not be undone unseen. */
export const ifMatchNeeded = z.object({ "if-match": z.string().max(40).describe("The ETag that you saw, e.g. \"3\": 412 where somebody has changed it since.") });
export const ifMatchWelcome = ifMatchNeeded.partial();

/** As the database counts changes; what is told apart by its time has a higher one. */
const MOST_CHANGES = 999_999_999;

/** The version that an ETag names. Throws InvalidInput for what is no ETag of ours. */
export function versionOf(ifMatch: string, most = MOST_CHANGES): number {
  const [, digits] = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(ifMatch) ?? [];
  if (digits === undefined || Number(digits) > most) throw new InvalidInput("If-Match is no ETag of this document.", { issues: [{ pointer: "/headers/if-match", detail: "the ETag of the reply that you saw, with its quotation marks" }] });
  return Number(digits);
}

export function putVersion(reply: FastifyReply, version: number): void {
  reply.header("etag", `"${version}"`);
}
