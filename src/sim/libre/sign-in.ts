/** How people enter LibreLinkUp, and what stands before every door. vendors/abbott-libre.md, Required headers and Login. */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import { bearer, header, json, jsonFields, type Answer, type Call } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { usesMmol } from "./readings.ts";

export const TICKET_SECONDS = 15_552_000;
const LOCK_AFTER = 3;
const LOCK_SECONDS = 300;

/** What the cloud remembers of names. */
export const keptSchema = z.object({ wrong: z.record(z.string(), z.array(z.number())), redirected: z.array(z.string()) });
export type Kept = z.infer<typeof keptSchema>;

/** The follower's own account; the wearer has another id. */
export function followerIdOf(context: CloudContext, person: Person): string {
  return uuidOf(context.seed, "libre-follower", person.who.id);
}

/** Null for a call that may enter. */
export function gateOf(context: CloudContext, call: Call): Answer | null {
  if (context.position("gate") === "shut") return { status: 403, type: "text/html", body: "<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title></html>" };
  // Which status comes with it is not in the facts.
  if (header(call, "product") === "" || header(call, "version") === "") return json(400, { message: "RequiredHeaderMissing" });
  const minimum = context.position("minimumVersion");
  if (!isOlder(header(call, "version"), minimum)) return null;
  return json(403, { status: 920, data: context.position("namesVersion") === "yes" ? { minimumVersion: minimum } : {} });
}

/** Who calls a data door; an answer where nobody may. */
export function callerOf(context: CloudContext, call: Call): { readonly person: Person; readonly token: string } | Answer {
  const gate = gateOf(context, call);
  if (gate) return gate;
  const token = bearer(call) ?? "";
  const grant = context.grants.find(token);
  if (!grant) return json(401, { message: "missing or malformed jwt" });
  const person = knownPerson(context, grant.personId);
  if (header(call, "account-id").toLowerCase() !== createHash("sha256").update(followerIdOf(context, person)).digest("hex")) return json(400, { message: "RequiredHeaderMissing" });
  return { person, token };
}

export function login(context: CloudContext, call: Call, kept: Kept): Answer {
  const fields = jsonFields(call);
  const email = fields?.get("email") ?? "";
  const recent = (kept.wrong[email] ?? []).filter((atMs) => atMs > context.now() - LOCK_SECONDS * 1000);
  if (recent.length >= LOCK_AFTER) return json(200, { status: 429, data: { code: 60, data: { failures: recent.length, interval: 60, lockout: LOCK_SECONDS }, message: "locked" } });
  const person = context.accounts.signIn(email, fields?.get("password") ?? "");
  if (!person) {
    kept.wrong[email] = [...recent, context.now()];
    return json(200, { status: 2, error: { message: "notAuthenticated" } });
  }
  delete kept.wrong[email];
  const redirect = redirectOf(context, email, kept);
  if (redirect) return redirect;
  const step = context.position("step");
  if (step !== "nothing") return json(200, { status: 4, data: { step: { type: step, componentName: "AcceptDocument" }, authTicket: { token: "short-lived", expires: 0 } } });
  const { tokens } = context.grants.open(person.who.id, []);
  return json(200, {
    status: 0,
    data: {
      user: {
        id: followerIdOf(context, person), firstName: person.who.name.split(" ")[0], lastName: person.who.name.split(" ").slice(1).join(" "), email,
        country: "DE", uom: usesMmol(person) ? "0" : "1", accountType: "pat",
      },
      authTicket: { token: tokens.accessToken, expires: Math.floor(tokens.accessExpiresMs / 1000), duration: TICKET_SECONDS * 1000 },
    },
  });
}

/** All hosts are one here, so that the region is named to each visitor once; "loop" names it for ever. */
function redirectOf(context: CloudContext, email: string, kept: Kept): Answer | null {
  const how = context.position("redirect");
  if (how === "off" || (how === "once" && kept.redirected.includes(email))) return null;
  if (how === "once") kept.redirected.push(email);
  return json(200, { status: 0, data: { redirect: true, region: "de" } });
}

function isOlder(version: string, minimum: string): boolean {
  const [given, wanted] = [version, minimum].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (const [index, part] of wanted.entries()) {
    const own = given[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
