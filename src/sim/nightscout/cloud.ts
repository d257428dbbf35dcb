/**
 * Sites of Nightscout, a server that each person runs for themselves. Here they share one address: token or secret tells whose site is meant,
 * and without either it is the one that stands open. Written from vendors/nightscout.md.
 */

import type { Cloud } from "../cloud.ts";
import { json, retryAfter } from "../exchange.ts";
import { CHARACTERS } from "../people/characters.ts";
import { accessRoutes, unauthorized } from "./access.ts";
import { accessTokenOf, JWT_SECONDS, jwtText, uploaderOf } from "./site.ts";
import { v1Routes } from "./v1.ts";
import { v3Error, v3Routes } from "./v3.ts";

export const nightscout: Cloud = {
  id: "nightscout",
  name: "Nightscout",
  // A JWT is asked for anew with the access token, which does not end.
  tokens: {
    codeSeconds: 60, accessSeconds: JWT_SECONDS, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none", makeText: jwtText,
  },
  delivery: null,
  shownParameters: ["count", "limit", "skip", "sort", "sort$desc", "date$gte", "date$lt", "created_at$gte", "created_at$lt", "find[date][$gte]", "find[date][$lt]", "find[created_at][$gte]", "find[created_at][$lt]"],
  switches: [
    // A fresh site is open to everybody (AUTH_DEFAULT_ROLES is "readable"); here that can be one person's only, as the address is shared.
    { name: "publicSite", label: "Whose site is readable without a token", positions: ["nobody", ...CHARACTERS.map(({ id }) => id)], initial: "nobody" },
    { name: "apiV3", label: "Version 3 of the API", positions: ["present", "absent"], initial: "present" },
  ],
  hasAccounts: true,
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "invalid_grant") return unauthorized();
    // There are no limits of its own: it is the host before it that refuses.
    if (refusal.kind === "rate_limited") return json(429, { status: 429, message: "Too Many Requests" }, retryAfter(refusal.retryAfterSeconds));
    return refusal.kind === "server_error" ? json(refusal.status, { status: refusal.status, message: "Mongo Error" }) : v3Error(404, "Bad operation or collection");
  },
  create: (context) => ({
    routes: [...accessRoutes(context), ...v1Routes(context), ...v3Routes(context)],
    facts: (person) => ({ accessToken: accessTokenOf(context, person), uploader: uploaderOf(person) }),
  }),
};
