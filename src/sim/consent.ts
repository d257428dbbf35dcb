/** The consent page of each cloud: who are you, what may the application see, allow or deny. */

import type { CloudContext } from "./cloud.ts";
import { personOf } from "./context.ts";
import type { Answer, Call } from "./exchange.ts";
import { formOf, redirect, withParameters } from "./exchange.ts";
import { html, page } from "./html.ts";
import type { Person } from "./people/person.ts";

export interface Permission {
  readonly value: string;
  readonly label: string;
  readonly isTicked: boolean;
}

/** What an application asks to see. */
export interface AskedScopes {
  /** Check boxes; empty when all or nothing is asked. */
  readonly permissions: readonly Permission[];
  /** Granted without a box of their own. */
  readonly fixedScopes: readonly string[];
}

/** A checked authorization request, ready to be shown or decided. */
export interface ConsentRequest extends AskedScopes {
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string | null;
  /** Added to the redirect beside `code` and `state`. */
  redirectExtras(scopes: readonly string[]): Readonly<Record<string, string>>;
}

export type Decision =
  | { readonly kind: "allowed"; readonly person: Person; readonly scopes: readonly string[] }
  | { readonly kind: "denied" }
  | { readonly kind: "unusable"; readonly answer: Answer };

/** Fields of the form that are the person's, and no part of the request. */
const DECIDED = ["permission", "person", "decision"];
/** A secret that somebody put into the address by mistake is not written into the page. */
const NOT_PASSED_ON = [...DECIDED, "client_secret"];

/** Parameters of an authorization request: the query, and the hidden fields of the consent form. */
export function authorizationParameters(call: Call): URLSearchParams {
  const all = new URLSearchParams(call.query);
  for (const [name, value] of formOf(call)) if (!DECIDED.includes(name)) all.set(name, value);
  return all;
}

/** A request that must not be redirected anywhere: the address itself cannot be trusted. */
export function refusalPage(cloudName: string, reason: string): Answer {
  return page(`${cloudName} (simulated): request refused`, html`
    <p class="note">Simulated ${cloudName} cloud. Invented people, no real data.</p>
    <section class="panel"><h1>This request cannot be answered</h1><p>${reason}</p></section>`, { status: 400 });
}

/** The page. Its form posts to the same path, with everything that the query said. */
export function consentPage(context: CloudContext, call: Call, request: ConsentRequest): Answer {
  const parameters = authorizationParameters(call);
  const passedOn = [...new Map(parameters)].filter(([name]) => !NOT_PASSED_ON.includes(name));
  const hidden = passedOn.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  const people = context.people.map((person) => html`<option value="${person.who.id}">${person.who.name} · ${person.who.about}</option>`);
  const boxes = request.permissions.map((permission, index) => html`
    <div class="check"><input type="checkbox" id="permission-${index}" name="permission" value="${permission.value}"${{ html: permission.isTicked ? " checked" : "" }}>
    <label for="permission-${index}">${permission.label} <code class="soft">${permission.value}</code></label></div>`);
  const action = call.path.slice(call.path.lastIndexOf("/") + 1);
  return page(`${context.name} (simulated): allow access`, html`
    <p class="note">Simulated ${context.name} cloud. Invented people, no real data, no password.</p>
    <form class="panel" method="post" action="${action}">
      <h1>Allow access to ${context.name} data</h1>
      <p>The application <strong>${context.client.clientId}</strong> asks to read data of the person you choose.</p>
      ${hidden}
      <div class="field"><label for="person">Who are you today?</label><select id="person" name="person">${people}</select></div>
      ${boxes.length > 0 ? html`<fieldset><legend>It may see</legend>${boxes}</fieldset>` : null}
      <div class="row">
        <button class="main" type="submit" name="decision" value="allow">Allow</button>
        <button type="submit" name="decision" value="deny">Deny</button>
      </div>
    </form>`, { formTargets: [formTarget(request.redirectUri)] });
}

/** What the browser may be led to after the form: the origin, or for an app's own scheme the scheme. */
function formTarget(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri);
  return origin === "null" ? protocol : origin;
}

/** What the submitted form says. Nobody chosen is the first of the people. */
export function readDecision(context: CloudContext, call: Call, asked: AskedScopes): Decision {
  const form = formOf(call);
  if (form.get("decision") !== "allow") return { kind: "denied" };
  const person = form.has("person") ? personOf(context, form.get("person") ?? "") : context.people[0];
  if (!person) return { kind: "unusable", answer: refusalPage(context.name, "There is no such simulated person.") };
  const ticked = new Set(form.getAll("permission"));
  const chosen = asked.permissions.filter(({ value }) => ticked.has(value)).map(({ value }) => value);
  return { kind: "allowed", person, scopes: [...asked.fixedScopes, ...chosen] };
}

/** Acts on the submitted form: back to the application with a code, or with `error=access_denied`. */
export function decideConsent(context: CloudContext, call: Call, request: ConsentRequest): Answer {
  const back = (parameters: Record<string, string>): Answer => redirect(withParameters(request.redirectUri, { ...parameters, state: request.state }));
  const decision = readDecision(context, call, request);
  if (decision.kind === "unusable") return decision.answer;
  if (decision.kind === "denied") return back({ error: "access_denied" });
  const { person, scopes } = decision;
  const code = context.grants.issueCode({ personId: person.who.id, scopes, redirectUri: request.redirectUri, challenge: request.challenge });
  return back({ ...request.redirectExtras(scopes), code });
}
