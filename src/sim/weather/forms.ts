/** The forms of the front page, and how what they send is read. */

import type { SimCloudState, SimPerson, SimSwitch } from "../control.ts";
import type { Html } from "../html.ts";
import { html } from "../html.ts";

interface Option {
  readonly value: string;
  readonly label: string;
}

export const FAULTS: readonly Option[] = [
  { value: "none", label: "No fault" },
  { value: "slow", label: "Slow (8 s)" },
  { value: "rate_limited", label: "429, retry after 20 s" },
  { value: "server_error", label: "503, service unavailable" },
  { value: "malformed", label: "Malformed answers" },
  { value: "truncated", label: "Truncated answers" },
  { value: "invalid_grant", label: "Token endpoint: invalid_grant" },
  { value: "token_expired", label: "Expire all access tokens now" },
  { value: "token_revoked", label: "Revoke the person's tokens" },
];

const PLACES: readonly Option[] = [{ value: "data", label: "Data" }, { value: "token", label: "Tokens" }, { value: "any", label: "Both" }];
const SWITCH_PREFIX = "switch.";

export interface FormPlace {
  readonly cloud: SimCloudState;
  readonly people: readonly SimPerson[];
  /** Where the simulator is mounted. */
  readonly prefix: string;
}

export function faultForm({ cloud, people, prefix }: FormPlace): Html {
  return html`<form method="post" action="${prefix}/control/fault" class="row">
    <input type="hidden" name="vendor" value="${cloud.id}">
    ${choice({ id: `${cloud.id}-fault`, name: "kind", label: "Fault" }, FAULTS, cloud.fault?.kind ?? "none")}
    ${choice({ id: `${cloud.id}-at`, name: "at", label: "Where" }, PLACES)}
    <div class="field"><label for="${cloud.id}-times">Times (empty: until cleared)</label><input type="number" min="1" id="${cloud.id}-times" name="times"></div>
    ${choice({ id: `${cloud.id}-fault-person`, name: "person", label: "Person" }, optionsOf(people))}
    <button type="submit">Set</button>
  </form>`;
}

/** One button that ends the cloud's fault. */
export function clearForm(cloud: SimCloudState, prefix: string): Html {
  return html`<form method="post" action="${prefix}/control/fault"><input type="hidden" name="vendor" value="${cloud.id}">
    <input type="hidden" name="kind" value="none"><button type="submit">Clear<span class="hidden"> the fault of ${cloud.name}</span></button></form>`;
}

export function pushForm({ cloud, people, prefix }: FormPlace): Html | null {
  if (cloud.pushes.length === 0) return null;
  return html`<form method="post" action="${prefix}/control/push" class="row">
    <input type="hidden" name="vendor" value="${cloud.id}">
    ${choice({ id: `${cloud.id}-what`, name: "what", label: "Push" }, cloud.pushes.map((value) => ({ value, label: value })))}
    ${choice({ id: `${cloud.id}-push-person`, name: "person", label: "Person" }, optionsOf(people))}
    <button type="submit">Push now</button>
  </form>`;
}

export function switchesForm({ cloud, prefix }: FormPlace): Html | null {
  if (cloud.switches.length === 0) return null;
  return html`<h3>Switches</h3><form method="post" action="${prefix}/control/switches" class="row">
    <input type="hidden" name="vendor" value="${cloud.id}">
    ${cloud.switches.map((one, index) => switchField(`${cloud.id}-switch-${index}`, one))}
    <button type="submit">Set</button>
  </form>`;
}

function switchField(id: string, { name, label, positions, position }: SimSwitch): Html {
  if (!("least" in positions)) return choice({ id, name: SWITCH_PREFIX + name, label }, positions.map((value) => ({ value, label: value })), position);
  return html`<div class="field"><label for="${id}">${label}</label>
    <input type="number" min="${positions.least}" max="${positions.most}" required id="${id}" name="${SWITCH_PREFIX}${name}" value="${position}"></div>`;
}

interface Field {
  readonly id: string;
  readonly name: string;
  readonly label: string;
}

function choice({ id, name, label }: Field, options: readonly Option[], chosen?: string): Html {
  const items = options.map((option) => html`<option value="${option.value}"${{ html: option.value === chosen ? " selected" : "" }}>${option.label}</option>`);
  return html`<div class="field"><label for="${id}">${label}</label><select id="${id}" name="${name}">${items}</select></div>`;
}

function optionsOf(people: readonly SimPerson[]): Option[] {
  return people.map((person) => ({ value: person.id, label: person.name }));
}

/** The page's usual figures for each fault. */
export function faultOfForm(form: URLSearchParams): unknown {
  const kind = form.get("kind");
  const times = form.get("times") ? Number(form.get("times")) : undefined;
  const at = form.get("at") ?? undefined;
  const figures = { slow: { ms: 8000 }, rate_limited: { retryAfterSeconds: 20 }, server_error: { status: 503 }, token_revoked: { person: form.get("person") } };
  const extra = Object.entries(figures).find(([name]) => name === kind)?.[1] ?? {};
  const fault = { kind, ...(times === undefined ? {} : { times }), ...(at === undefined ? {} : { at }), ...extra };
  return { vendor: form.get("vendor"), fault: kind === "none" ? null : fault };
}

export function switchesOfForm(form: URLSearchParams): unknown {
  const set = [...form].filter(([name]) => name.startsWith(SWITCH_PREFIX)).map(([name, value]) => [name.slice(SWITCH_PREFIX.length), value] as const);
  return { vendor: form.get("vendor"), switches: Object.fromEntries(set) };
}
