/** The simulator's front page, its weather: one line a cloud, and folded behind it the cloud's faults, pushes and calls. */

import { formatInstant } from "#units/time.ts";
import type { SimCloudState, SimConnection, SimControl, SimPerson } from "../control.ts";
import type { Answer } from "../exchange.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import type { ReceivedCall } from "../journal.ts";
import type { PushResult } from "../outbox.ts";
import type { FormPlace } from "./forms.ts";
import { clearForm, faultForm, FAULTS, pushForm, switchesForm } from "./forms.ts";

const SHOWN_CALLS = 25;

export interface WeatherView {
  /** Where the simulator is mounted. */
  readonly prefix: string;
  readonly nowMs: number;
  /** What the last form did. */
  readonly message: string | null;
  /** The cloud whose details are unfolded. */
  readonly openCloud: string | null;
}

export function weatherPage(control: SimControl, view: WeatherView): Answer {
  const [clouds, people] = [control.clouds(), control.people()];
  const live = control.connections().filter((connection) => connection.isLive);
  const lines = clouds.map((cloud) => [line(control, view, cloud, live), details(control, view, { cloud, people, prefix: view.prefix })]);
  return page("Simulated vendor clouds", html`
    <h1>Simulated vendor clouds</h1>
    <p class="note">${clouds.length} vendors as Islet sees them, with invented people.</p>
    ${view.message ? html`<p class="panel" role="status">${view.message}</p>` : null}
    <p class="soft">Now ${formatInstant(view.nowMs)}. Pushes waiting: ${control.waitingPushes()}. <a href="${view.prefix}/">Reload</a></p>
    <section class="panel"><h2>Clouds</h2><div class="scroll whole" tabindex="0" role="region" aria-label="Clouds"><table>
      <thead><tr><th scope="col">Cloud</th><th scope="col">Connected</th><th scope="col">Fault</th><th scope="col" class="number">Calls</th>
      <th scope="col">Last call</th><th scope="col">Last push</th><th scope="col" class="number">Waiting</th></tr></thead>
      <tbody>${lines.flat()}</tbody></table></div></section>
    ${peopleTable(clouds, people, live)}`, { isWide: true });
}

function peopleTable(clouds: readonly SimCloudState[], people: readonly SimPerson[], live: readonly SimConnection[]): Html {
  const hasAccounts = clouds.some((cloud) => cloud.hasAccounts);
  const rows = people.map((person) => {
    const connected = clouds.filter(({ id }) => live.some((one) => one.person === person.id && one.vendor === id)).map(({ name }) => name).join(", ");
    const about = person.hasSeries ? `${person.about} · serves a given series` : person.about;
    const account = html`<td class="account"><code>${person.userName}</code></td><td class="account"><code>${person.password}</code></td><td class="account">${Object.entries(person.keys).map(([cloud, key]) => html`<div>${cloud} <code>${key}</code></div>`)}</td>`;
    return html`<tr><th scope="row">${person.name}</th><td>${about}</td><td>${person.zone}</td>${hasAccounts && account}<td>${connected || "–"}</td></tr>`;
  });
  const account = html`<th scope="col">User name</th><th scope="col">Password</th><th scope="col">Keys</th>`;
  return html`<section class="panel"><h2>People</h2><div class="scroll" tabindex="0" role="region" aria-label="People"><table>
    <thead><tr><th scope="col">Name</th><th scope="col">About</th><th scope="col">Time zone</th>${hasAccounts && account}<th scope="col">Connected</th></tr></thead>
    <tbody>${rows}</tbody></table></div></section>`;
}

function line(control: SimControl, { prefix }: WeatherView, cloud: SimCloudState, live: readonly SimConnection[]): Html {
  const call = control.received(cloud.id, 1)[0];
  const push = control.pushes(cloud.id).at(-1);
  const connected = new Set(live.filter(({ vendor }) => vendor === cloud.id).map(({ person }) => person));
  const fault = cloud.fault ? html`<strong>${faultLabel(cloud)}</strong> ${clearForm(cloud, prefix)}` : html`<span class="soft">none</span>`;
  return html`<tr class="line"><th scope="row">${cloud.name}</th><td>${[...connected].join(", ") || "–"}</td><td>${fault}</td><td class="number">${cloud.receivedCount}</td>
    <td>${call ? html`${clock(call.atMs)} <code>${call.method} ${call.path}</code> ${call.status}` : "–"}</td>
    <td>${push ? html`${clock(push.atMs)} ${push.what} ${push.status || "no answer"}` : "–"}</td><td class="number">${cloud.waitingPushes}</td></tr>`;
}

function faultLabel({ fault }: SimCloudState): string {
  return FAULTS.find(({ value }) => value === fault?.kind)?.label ?? fault?.kind ?? "";
}

function details(control: SimControl, view: WeatherView, place: FormPlace): Html {
  const { cloud, people } = place;
  return html`<tr><td colspan="7"><details id="cloud-${cloud.id}"${{ html: view.openCloud === cloud.id ? " open" : "" }}>
    <summary><span class="hidden">${cloud.name}: </span>faults, pushes, calls</summary>
    ${faultForm(place)}
    ${pushForm(place)}
    ${switchesForm(place)}
    ${received(cloud, control.received(cloud.id, SHOWN_CALLS).toReversed())}
    ${pushed(cloud, control.pushes(cloud.id).slice(-SHOWN_CALLS).toReversed())}
    ${facts(cloud, people)}</details></td></tr>`;
}

function received(cloud: SimCloudState, calls: readonly ReceivedCall[]): Html {
  if (calls.length === 0) return html`<h3>Received</h3><p class="soft">Nothing yet.</p>`;
  const rows = calls.map((call) => html`<tr><td>${clock(call.atMs)}</td><td>${call.method}</td>
    <td><code>${call.path}${queryText(call)}</code></td><td class="number">${call.status}</td></tr>`);
  return html`<h3>Received</h3><div class="scroll" tabindex="0" role="region" aria-label="Calls received by ${cloud.name}"><table>
    <thead><tr><th scope="col">Time</th><th scope="col">Method</th><th scope="col">Path</th><th scope="col" class="number">Status</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function queryText(call: ReceivedCall): string {
  const parameters = Object.entries(call.query).map(([name, value]) => `${name}=${value}`);
  return parameters.length > 0 ? `?${parameters.join("&")}` : "";
}

function pushed(cloud: SimCloudState, results: readonly PushResult[]): Html | null {
  if (cloud.pushes.length === 0 && results.length === 0) return null;
  if (results.length === 0) return html`<h3>Pushed</h3><p class="soft">Nothing yet.</p>`;
  const rows = results.map((result) => html`<tr><td>${clock(result.atMs)}</td><td>${result.what}</td><td>${result.person}</td>
    <td class="number">${result.attempt}</td><td class="number">${result.status || "no answer"}</td><td>${result.retryMs === null ? "" : clock(result.retryMs)}</td></tr>`);
  return html`<h3>Pushed</h3><div class="scroll" tabindex="0" role="region" aria-label="Pushes sent by ${cloud.name}"><table>
    <thead><tr><th scope="col">Time</th><th scope="col">What</th><th scope="col">Person</th>
    <th scope="col" class="number">Try</th><th scope="col" class="number">Answer</th><th scope="col">Again at</th></tr></thead>
    <tbody>${rows}</tbody></table></div>`;
}

function facts(cloud: SimCloudState, people: readonly SimPerson[]): Html | null {
  const rows = people.map((person) => {
    const known = Object.entries(person.facts[cloud.id] ?? {}).map(([name, value]) => html`${name} <code>${value}</code> `);
    return known.length > 0 ? html`<li>${person.name}: ${known}</li>` : null;
  });
  const shown = rows.filter((row) => row !== null);
  return shown.length > 0 ? html`<h3>People here</h3><ul>${shown}</ul>` : null;
}

function clock(ms: number): string {
  return formatInstant(ms).slice(11, 19);
}
