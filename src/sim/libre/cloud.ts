/** LibreLinkUp's cloud. Written from vendors/abbott-libre.md. */

import type { Cloud, CloudContext } from "../cloud.ts";
import { json, retryAfter, type Answer, type Call, type Route } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { connectionOf, graphOf, logbookOf, patientIdOf } from "./readings.ts";
import { callerOf, gateOf, keptSchema, login, TICKET_SECONDS } from "./sign-in.ts";

/** Of the regional map. */
const REGIONS = ["ae", "ap", "au", "ca", "de", "eu", "eu2", "fr", "jp", "la", "us"];

export const libre: Cloud = {
  id: "libre",
  name: "FreeStyle Libre (LibreLinkUp)",
  tokens: { codeSeconds: 60, accessSeconds: TICKET_SECONDS, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none" },
  delivery: null,
  switches: [
    { name: "minimumVersion", label: "Oldest version that is let in", positions: ["4.16.0", "4.99.1"], initial: "4.16.0" },
    { name: "namesVersion", label: "A refusal names that version", positions: ["yes", "no"], initial: "yes" },
    { name: "step", label: "What stands before the sign-in", positions: ["nothing", "tou", "pp", "verifyEmail"], initial: "nothing" },
    { name: "redirect", label: "The account lives in another region", positions: ["once", "off", "loop"], initial: "once" },
    { name: "follows", label: "People that the account follows", positions: ["one", "nobody", "two", "another"], initial: "one" },
    { name: "spacing", label: "Minutes between points of the graph", positions: ["5", "15"], initial: "5" },
    { name: "gate", label: "Cloudflare's gate", positions: ["open", "shut"], initial: "open" },
  ],
  hasAccounts: true,
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "rate_limited") return json(429, { status: 429, message: "Too Many Requests" }, retryAfter(refusal.retryAfterSeconds));
    if (refusal.kind === "server_error") return { status: refusal.status, type: "text/html", body: "<html><title>Error</title><body>cloudflare</body></html>" };
    if (refusal.kind === "invalid_grant") return json(200, { status: 2, error: { message: "notAuthenticated" } });
    return json(404, { message: "Not Found" });
  },
  create(context) {
    const kept = context.keep(keptSchema, { wrong: {}, redirected: [] });
    const data = (path: string, tell: (follower: Person, call: Call) => object | null): Route => ({
      method: "GET", path, door: "data",
      handle: (call) => {
        const caller = callerOf(context, call);
        return "status" in caller ? caller : told(context, tell(caller.person, call), caller.token);
      },
    });
    const wearer = (tell: (person: Person) => object) => (follower: Person, call: Call): object | null => {
      const person = followedBy(context, follower).find((one) => patientIdOf(context, one) === call.params["patient"]);
      return person ? tell(person) : null;
    };
    return {
      routes: [
        { method: "POST", path: "/llu/auth/login", door: "token", handle: (call) => gateOf(context, call) ?? login(context, call, kept) },
        { method: "GET", path: "/llu/config/country", door: "page", handle: () => json(200, { status: 0, data: { regionalMap: regionalMap() } }) },
        data("/llu/connections", (follower) => followedBy(context, follower).map((one) => connectionOf(context, one))),
        data("/llu/connections/:patient/graph", wearer((person) => graphOf(context, person))),
        data("/llu/connections/:patient/logbook", wearer((person) => logbookOf(context, person))),
      ],
      facts: (person) => ({ userId: patientIdOf(context, person) }),
    };
  },
};

function regionalMap(): object {
  return Object.fromEntries(REGIONS.map((region) => [region, { lslApi: `https://api-${region}.libreview.io` }]));
}

function followedBy(context: CloudContext, follower: Person): Person[] {
  const how = context.position("follows");
  const others = context.people.filter((person) => person !== follower).slice(0, 1);
  if (how === "another") return others;
  return how === "nobody" ? [] : how === "two" ? [follower, ...others] : [follower];
}

/** Each answer carries the session once more. How the door refuses whom nobody shares with is not in the facts. */
function told(context: CloudContext, data: object | null, token: string): Answer {
  if (data === null) return json(200, { status: 4, error: { message: "couldNotLoadPatient" } });
  return json(200, { status: 0, data, ticket: { token, expires: Math.floor(context.now() / 1000) + TICKET_SECONDS, duration: TICKET_SECONDS * 1000 } });
}
