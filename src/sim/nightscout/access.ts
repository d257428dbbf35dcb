/** Who may read: secret, access token, JWT, or nobody at all where the site is public. vendors/nightscout.md, Authentication. */

import type { CloudContext } from "../cloud.ts";
import { personOf } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, header, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { byAccessToken, JWT_SECONDS, secretOf, sha1, subjectOf } from "./site.ts";

export type Visitor =
  | { readonly kind: "known"; readonly person: Person; readonly isAdmin: boolean }
  /** Without credentials: what the default roles allow. Null where they allow nothing. */
  | { readonly kind: "stranger"; readonly person: Person | null }
  | { readonly kind: "refused" };

/** Of calls below /api/v1 and /api/v2. Order: secret, JWT, access token; without any, the default roles. */
export function visitorOf(context: CloudContext, call: Call): Visitor {
  const secret = header(call, "api-secret") || (call.query.get("secret") ?? "");
  const token = call.query.get("token") ?? "";
  const jwt = bearer(call) ?? "";
  // A literal "null" counts as absent.
  const given = [secret, token, jwt].filter((text) => text !== "" && text !== "null");
  if (given.length === 0) return { kind: "stranger", person: personOf(context, context.position("publicSite")) };
  const admin = context.people.find((person) => sha1(secretOf(context, person)) === secret.toLowerCase());
  if (admin) return { kind: "known", person: admin, isAdmin: true };
  const granted = jwt === "" ? null : context.grants.find(jwt);
  const person = granted ? personOf(context, granted.personId) : (byAccessToken(context, secret) ?? byAccessToken(context, token));
  return person ? { kind: "known", person, isAdmin: false } : { kind: "refused" };
}

/** Of calls below /api/v3: a JWT and nothing else. */
export function bearerOf(context: CloudContext, call: Call): Person | null {
  const grant = context.grants.find(bearer(call) ?? "");
  return grant && personOf(context, grant.personId);
}

/** The door's words in version 1, also where a permission is missing. */
export function unauthorized(): Answer {
  return json(401, { status: 401, message: "Unauthorized", description: "Invalid/Missing" });
}

export function readerOf(visitor: Visitor): Person | null {
  return visitor.kind === "refused" ? null : visitor.person;
}

export function accessRoutes(context: CloudContext): Route[] {
  return [
    { method: "GET", path: "/api/v2/authorization/request/:token", door: "token", hidesPath: true, handle: (call) => giveJwt(context, call) },
    { method: "GET", path: "/api/v1/verifyauth", door: "data", handle: (call) => verified(visitorOf(context, call)) },
  ];
}

function giveJwt(context: CloudContext, call: Call): Answer {
  const person = byAccessToken(context, call.params["token"] ?? "");
  if (!person) return unauthorized();
  const { tokens, grant } = context.grants.open(person.who.id, ["readable"]);
  const iat = Math.floor(grant.sinceMs / 1000);
  return json(200, { token: tokens.accessToken, sub: subjectOf(context, person).name, permissionGroups: [["*:*:read"], ["*:*:read"]], iat, exp: iat + JWT_SECONDS });
}

/** Always 200: the body says how it went. */
function verified(visitor: Visitor): Answer {
  const canRead = readerOf(visitor) !== null;
  const isKnown = visitor.kind === "known";
  const isAdmin = isKnown && visitor.isAdmin;
  return json(200, {
    status: 200,
    message: {
      canRead, canWrite: isAdmin, isAdmin,
      message: canRead && isKnown ? "OK" : "UNAUTHORIZED",
      rolefound: isKnown && !isAdmin ? "FOUND" : "NOTFOUND",
      permissions: visitor.kind === "stranger" ? "DEFAULT" : "ROLE",
    },
  });
}
