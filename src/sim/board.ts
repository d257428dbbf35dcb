/** The simulator's front page: clouds, people, switches, and what came and went. */

import { formatInstant } from "#units/time.ts";
import type { SimControl } from "./control.ts";
import { GARMIN_PUSHES, STRAVA_PUSHES } from "./control.ts";
import type { Answer } from "./exchange.ts";
import type { Html } from "./html.ts";
import { GARMIN_TYPES } from "./garmin/types.ts";
import { html, page } from "./html.ts";
import type { ReceivedCall } from "./journal.ts";
import type { SimVendor } from "./options.ts";
import { SIM_VENDORS } from "./options.ts";

const NAMES: Readonly<Record<SimVendor, string>> = { dexcom: "Dexcom", garmin: "Garmin", strava: "Strava" };
const SHOWN_CALLS = 25;

const FAULTS: readonly { readonly value: string; readonly label: string }[] = [
  { value: "none", label: "No fault" },
  { value: "slow", label: "Slow (8 s)" },
  { value: "rate_limited", label: "429, retry after 20 s" },
  { value: "server_error", label: "503, service unavailable" },
  { value: "malformed", label: "Malformed JSON" },
  { value: "truncated", label: "Truncated body" },
  { value: "invalid_grant", label: "Token endpoint: invalid_grant" },
  { value: "token_expired", label: "Expire all access tokens now" },
  { value: "token_revoked", label: "Revoke the person's tokens" },
];

/** `prefix` is where the simulator is mounted; `message` tells what the last form did. */
export function boardPage(control: SimControl, at: { prefix: string; nowMs: number; message: string | null }): Answer {
  return page("Simulated vendor clouds", html`
    <h1>Simulated vendor clouds</h1>
    <p class="note">Dexcom, Garmin and Strava as Islet sees them, with invented people.</p>
    ${at.message ? html`<p class="panel" role="status">${at.message}</p>` : null}
    <p class="soft">Now ${formatInstant(at.nowMs)}. Pushes waiting: ${control.waitingPushes()}. <a href="${at.prefix}/">Reload</a></p>
    ${people(control)}
    ${SIM_VENDORS.map((vendor) => cloud(control, vendor, at.prefix))}
    ${pushed(control)}`, { isWide: true });
}

function people(control: SimControl): Html {
  const connections = control.connections().filter((connection) => connection.isLive);
  const rows = control.people().map((person) => {
    const connected = [...new Set(connections.filter((one) => one.person === person.id).map((one) => NAMES[one.vendor]))].join(", ");
    const about = person.hasSeries ? `${person.about} · serves a given series` : person.about;
    return html`<tr><th scope="row">${person.name}</th><td>${about}</td><td>${person.zone}</td><td>${connected || "–"}</td></tr>`;
  });
  return html`<section class="panel"><h2>People</h2><div class="scroll" tabindex="0" role="region" aria-label="People"><table>
    <thead><tr><th scope="col">Name</th><th scope="col">About</th><th scope="col">Time zone</th><th scope="col">Connected</th></tr></thead>
    <tbody>${rows}</tbody></table></div></section>`;
}

function cloud(control: SimControl, vendor: SimVendor, prefix: string): Html {
  const active = control.faults()[vendor];
  return html`<section class="panel"><h2>${NAMES[vendor]}</h2>
    <p>Fault: <strong>${active ? active.kind : "none"}</strong></p>
    <form method="post" action="${prefix}/control/fault" class="row">
      <input type="hidden" name="vendor" value="${vendor}">
      ${choice(`${vendor}-fault`, "kind", "Fault", FAULTS)}
      <div class="field"><label for="${vendor}-times">Times (empty: until cleared)</label><input type="number" min="1" id="${vendor}-times" name="times"></div>
      ${vendorPeople(control, `${vendor}-fault-person`)}
      <button type="submit">Set</button>
    </form>
    ${pushForm(control, vendor, prefix)}
    ${received(control, vendor)}</section>`;
}

function pushForm(control: SimControl, vendor: SimVendor, prefix: string): Html | null {
  if (vendor === "dexcom") return null;
  const options = (vendor === "garmin" ? GARMIN_PUSHES : STRAVA_PUSHES).map((value) => ({ value, label: value }));
  return html`<form method="post" action="${prefix}/control/push" class="row">
    <input type="hidden" name="vendor" value="${vendor}">
    ${choice(`${vendor}-what`, "what", "Push", options)}
    ${vendorPeople(control, `${vendor}-push-person`)}
    <button type="submit">Push now</button>
  </form>
  ${vendor === "garmin" ? deliveryForm(prefix) : null}`;
}

function deliveryForm(prefix: string): Html {
  const types = GARMIN_TYPES.map((type) => ({ value: type.key, label: type.key }));
  const modes = [{ value: "push", label: "in the body (push)" }, { value: "ping", label: "as an address to call (ping)" }, { value: "off", label: "not at all" }];
  return html`<form method="post" action="${prefix}/control/delivery" class="row">
    ${choice("delivery-type", "type", "Deliver", types)}
    ${choice("delivery-mode", "mode", "How", modes)}
    <button type="submit">Set</button>
  </form>`;
}

function choice(id: string, name: string, label: string, options: readonly { value: string; label: string }[]): Html {
  const items = options.map((option) => html`<option value="${option.value}">${option.label}</option>`);
  return html`<div class="field"><label for="${id}">${label}</label><select id="${id}" name="${name}">${items}</select></div>`;
}

function vendorPeople(control: SimControl, id: string): Html {
  return choice(id, "person", "Person", control.people().map((person) => ({ value: person.id, label: person.name })));
}

function received(control: SimControl, vendor: SimVendor): Html {
  const calls = control.received(vendor, SHOWN_CALLS).toReversed();
  if (calls.length === 0) return html`<h3>Received</h3><p class="soft">Nothing yet.</p>`;
  const rows = calls.map((call) => html`<tr><td>${formatInstant(call.atMs).slice(11, 19)}</td><td>${call.method}</td>
    <td><code>${call.path}${queryText(call)}</code></td><td class="number">${call.status}</td></tr>`);
  return html`<h3>Received</h3><div class="scroll" tabindex="0" role="region" aria-label="Calls received by ${NAMES[vendor]}"><table>
    <thead><tr><th scope="col">Time</th><th scope="col">Method</th><th scope="col">Path</th><th scope="col" class="number">Status</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function queryText(call: ReceivedCall): string {
  const parameters = Object.entries(call.query).map(([name, value]) => `${name}=${value}`);
  return parameters.length > 0 ? `?${parameters.join("&")}` : "";
}

function pushed(control: SimControl): Html {
  const results = control.pushes().slice(-SHOWN_CALLS).toReversed();
  if (results.length === 0) return html`<section class="panel"><h2>Pushed</h2><p class="soft">Nothing yet.</p></section>`;
  const rows = results.map((result) => html`<tr><td>${formatInstant(result.atMs).slice(11, 19)}</td><td>${NAMES[result.vendor]}</td><td>${result.what}</td>
    <td>${result.person}</td><td class="number">${result.attempt}</td><td class="number">${result.status || "no answer"}</td>
    <td>${result.retryMs === null ? "" : formatInstant(result.retryMs).slice(11, 19)}</td></tr>`);
  return html`<section class="panel"><h2>Pushed</h2><div class="scroll" tabindex="0" role="region" aria-label="Pushes sent"><table>
    <thead><tr><th scope="col">Time</th><th scope="col">Cloud</th><th scope="col">What</th><th scope="col">Person</th>
    <th scope="col" class="number">Try</th><th scope="col" class="number">Answer</th><th scope="col">Again at</th></tr></thead>
    <tbody>${rows}</tbody></table></div></section>`;
}
