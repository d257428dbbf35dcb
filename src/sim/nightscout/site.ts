/** Whose site it is: each person's secret, token and uploader. vendors/nightscout.md, Authentication. */

import { DAY_MS } from "#units/time.ts";
import { createHash } from "node:crypto";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import { hmacOf } from "../signing.ts";
import type { TokenText } from "../tokens.ts";

/** Small hosts keep no more of the past than this. */
export const KEPT_MS = 180 * DAY_MS;

/** How a person's readings and doses get into the site; each program has habits of its own. */
export type Uploader = "xdrip" | "share" | "aaps";

const UPLOADERS: Readonly<Record<string, Uploader>> = { liam: "share", tomas: "share", aroha: "aaps" };

export function uploaderOf(person: Person): Uploader {
  return UPLOADERS[person.who.id] ?? "xdrip";
}

/** What the site shows glucose in, and some programs write treatments in. Never the unit of `sgv`. */
export function unitsOf(person: Person): "mg/dl" | "mmol" {
  return ["liam", "aroha"].includes(person.who.id) ? "mmol" : "mg/dl";
}

export const sha1 = (text: string): string => createHash("sha1").update(text, "utf8").digest("hex");

/**
 * The access token that a site gives out: up to ten characters of the subject's name, a hyphen, and the first 16 hexadecimal digits of
 * SHA-1 over the secret's own SHA-1 and the subject's id.
 */
export function accessTokenFor(secret: string, subject: { readonly id: string; readonly name: string }): string {
  const name = subject.name.toLowerCase().replace(/\W/g, "").slice(0, 10);
  return `${name}-${sha1(sha1(secret) + subject.id).slice(0, 16)}`;
}

/** The one subject of the person's site, with the role `readable`. */
export function subjectOf(context: CloudContext, person: Person): { readonly id: string; readonly name: string } {
  return { id: hexOf(24, context.seed, "nightscout", "subject", person.who.id), name: `${person.who.id} reader` };
}

/** API_SECRET of the person's site. */
export function secretOf(context: CloudContext, person: Person): string {
  return context.accounts.keyOf(person);
}

export function accessTokenOf(context: CloudContext, person: Person): string {
  return accessTokenFor(secretOf(context, person), subjectOf(context, person));
}

/** The person whose access token this is: what follows the last hyphen counts, or the SHA-1 of the whole. */
export function byAccessToken(context: CloudContext, token: string): Person | null {
  const digits = token.split("-").at(-1) ?? "";
  if (digits.length < 16) return null;
  return context.people.find((person) => {
    const known = accessTokenOf(context, person);
    const digest = sha1(sha1(secretOf(context, person)) + subjectOf(context, person).id);
    return digest.startsWith(digits) || sha1(known).startsWith(token);
  }) ?? null;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export const JWT_SECONDS = 8 * 3600;

/** A token that looks like the JWT it is at a site. */
export function jwtText({ grant, plain }: TokenText): string {
  const iat = Math.floor(grant.sinceMs / 1000);
  const head = `${part({ alg: "HS256", typ: "JWT" })}.${part({ jti: grant.id, iat, exp: iat + JWT_SECONDS })}`;
  return `${head}.${Buffer.from(hmacOf(head, plain), "hex").toString("base64url")}`;
}
