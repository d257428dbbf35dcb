/** The consent page of each cloud: who are you, what may the application see, allow or deny. */

import type { SimContext } from "./context.ts";
import { personOf } from "./context.ts";
import type { Answer, Call } from "./exchange.ts";
import { formOf, redirect, withParameters } from "./exchange.ts";
import { html, page } from "./html.ts";
import type { SimVendor } from "./options.ts";
import type { Person } from "./people/person.ts";

export interface Permission {
  readonly value: string;
  readonly label: string;
  readonly isTicked: boolean;
}

/** A checked authorization request, ready to be shown or decided. */
export interface ConsentRequest {
  readonly vendor: SimVendor;
  readonly cloudName: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string | null;
  /** Check boxes; empty when all or nothing is asked. */
  readonly permissions: readonly Permission[];
  /** Granted without a box of their own. */
  readonly fixedScopes: readonly string[];
  /** Added to the redirect beside `code` and `state`. */
  redirectExtras(scopes: readonly string[]): Readonly<Record<string, string>>;
}

/** Parameters of an authorization request: the query, and the hidden fields of the consent form. */
export function authorizationParameters(call: Call): URLSearchParams {
  const all = new URLSearchParams(call.query);
  for (const [name, value] of formOf(call)) if (name !== "permission") all.set(name, value);
  return all;
}

/** A request that must not be redirected anywhere: the address itself cannot be trusted. */
export function refusalPage(cloudName: string, reason: string): Answer {
  return page(`${cloudName} (simulated): request refused`, html`
    <p class="note">Simulated ${cloudName} cloud. Invented people, no real data.</p>
    <section class="panel"><h1>This request cannot be answered</h1><p>${reason}</p></section>`, { status: 400 });
}

const PASSED_ON = ["client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method", "approval_prompt"];

export function consentPage(context: SimContext, call: Call, request: ConsentRequest): Answer {
  const parameters = authorizationParameters(call);
  const hidden = PASSED_ON.filter((name) => parameters.has(name)).map(
    (name) => html`<input type="hidden" name="${name}" value="${parameters.get(name)}">`,
  );
  const people = context.people.map((person) => html`<option value="${person.who.id}">${person.who.name} · ${person.who.about}</option>`);
  const boxes = request.permissions.map((permission, index) => html`
    <div class="check"><input type="checkbox" id="permission-${index}" name="permission" value="${permission.value}"${{ html: permission.isTicked ? " checked" : "" }}>
    <label for="permission-${index}">${permission.label} <code class="soft">${permission.value}</code></label></div>`);
  const action = call.path.slice(call.path.lastIndexOf("/") + 1);
  return page(`${request.cloudName} (simulated): allow access`, html`
    <p class="note">Simulated ${request.cloudName} cloud. Invented people, no real data, no password.</p>
    <form class="panel" method="post" action="${action}">
      <h1>Allow access to ${request.cloudName} data</h1>
      <p>The application <strong>${parameters.get("client_id")}</strong> asks to read data of the person you choose.</p>
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

/** Acts on the submitted form: back to the application with a code, or with `error=access_denied`. */
export function decideConsent(context: SimContext, call: Call, request: ConsentRequest): Answer {
  const form = formOf(call);
  const back = (parameters: Record<string, string>): Answer => redirect(withParameters(request.redirectUri, { ...parameters, state: request.state }));
  if (form.get("decision") !== "allow") return back({ error: "access_denied" });
  const person: Person | null = form.has("person") ? personOf(context, form.get("person") ?? "") : context.people[0];
  if (!person) return refusalPage(request.cloudName, "There is no such simulated person.");
  const ticked = new Set(form.getAll("permission"));
  const scopes = [...request.fixedScopes, ...request.permissions.filter(({ value }) => ticked.has(value)).map(({ value }) => value)];
  const code = context.grants.issueCode({
    vendor: request.vendor, personId: person.who.id, scopes, redirectUri: request.redirectUri, challenge: request.challenge,
  });
  return back({ ...request.redirectExtras(scopes), code });
}
