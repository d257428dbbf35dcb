/**
 * A phone of the person's, with an app that reads what the platform gathered and pushes it: paired by a code, it sends the last ninety days and goes
 * on. No cloud, so no consent page and no token door. Written from the facts of Apple Health, Health Connect and Samsung Health.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { z } from "zod";
import type { Cloud, CloudContext } from "../cloud.ts";
import { knownPerson, personOf } from "../context.ts";
import { formOf, json, redirect, type Answer, type Call } from "../exchange.ts";
import { html, page } from "../html.ts";
import type { Push } from "../outbox.ts";
import { payloadOf, type Platform } from "./payload.ts";

const HISTORY_DAYS = 90;
const EVERY_MS = 15 * MINUTE_MS;
/** Told again each time: what other apps wrote late, and the night that was not over. */
const OVERLAP_MS = 12 * HOUR_MS;
const PAIR_TIMEOUT_MS = 10_000;

const phone = z.object({ personId: z.string(), pushUrl: z.string(), token: z.string(), throughMs: z.number(), acknowledged: z.number(), refused: z.number() });
type Phone = z.infer<typeof phone>;

interface World {
  readonly context: CloudContext;
  readonly platform: Platform;
  readonly kept: { phones: Phone[] };
}

export function phoneCloud(id: string, name: string, platform: Platform): Cloud {
  return {
    id, name,
    isPhone: true,
    tokens: { codeSeconds: 60, accessSeconds: 10 * 365 * 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none" },
    delivery: { timeoutMs: 30_000, retrySeconds: [60, 600, 3_600], isFinal: ({ status }) => status === 401 || status === 409 },
    servesGlucose: true,
    refuse: (refusal) => json(refusal.kind === "rate_limited" ? 429 : refusal.kind === "server_error" ? refusal.status : 404, { error: "There is nothing on this phone." }),
    create(context) {
      const world: World = { context, platform, kept: context.keep(z.object({ phones: z.array(phone) }), { phones: [] }) };
      return {
        routes: [
          { method: "GET", path: "/phone", door: "page", handle: (call) => show(world, call) },
          { method: "POST", path: "/phone", door: "page", handle: (call) => pair(world, call) },
        ],
        pushes: ["today"],
        push: (person) => context.outbox.sendNow(world.kept.phones.filter(({ personId }) => personId === person.who.id).map((one) => pushOf(world, one, context.now() - DAY_MS, context.now()))),
        tick: () => tick(world),
        pushed: (push, { status }) => noteAnswer(world, push, status),
      };
    },
  };
}

function show({ context, kept }: World, call: Call): Answer {
  const people = context.people.map(({ who }) => html`<option value="${who.id}">${who.name} · ${who.about}</option>`);
  const message = call.query.get("message");
  const rows = kept.phones.map(({ personId, acknowledged, refused }) => html`<tr><th scope="row">${knownPerson(context, personId).who.name}</th><td class="number">${String(acknowledged)}</td><td class="number">${String(refused)}</td></tr>`);
  return page(`${context.name} on a simulated phone`, html`
    <p class="note">A simulated phone with ${context.name}. Invented people, no real data.</p>
    ${message ? html`<p class="note" role="status">${message}</p>` : null}
    <form class="panel" method="post" action="phone">
      <h1>Pair this phone</h1>
      <label for="person">Whose phone is it?</label><select id="person" name="person">${people}</select>
      <label for="code">Pairing code</label><input id="code" name="code" required autocomplete="off" maxlength="20">
      <div class="row"><button class="main" type="submit">Pair</button></div>
    </form>
    ${rows.length > 0 ? html`<section class="panel"><h2>Paired</h2><table><thead><tr><th scope="col">Whose</th><th scope="col" class="number">Taken</th><th scope="col" class="number">Refused</th></tr></thead><tbody>${rows}</tbody></table></section>` : null}`);
}

const paired = z.object({ token: z.string(), pushUrl: z.string() });

async function pair(world: World, call: Call): Promise<Answer> {
  const { context, kept } = world;
  const form = formOf(call);
  const person = form.has("person") ? personOf(context, form.get("person") ?? "") : context.people[0];
  // Relative, for the page may have been opened under another name of this machine, and a form may only lead to its own.
  const back = (message: string): Answer => redirect(`phone?${new URLSearchParams({ message }).toString()}`, 303);
  if (!person) return back("There is no such person.");
  const body = JSON.stringify({ code: form.get("code") ?? "", name: `Simulated phone of ${person.who.name}` });
  const answer = await context.challenge(`${new URL(context.baseUrl).origin}/api/v1/devices/pair`, PAIR_TIMEOUT_MS, { method: "POST", headers: { "content-type": "application/json" }, body });
  const given = answer?.status === 201 ? paired.safeParse(JSON.parse(answer.body)) : null;
  if (!given?.success) return back("The code was not taken: make a new one.");
  const made: Phone = { personId: person.who.id, ...given.data, throughMs: context.now(), acknowledged: 0, refused: 0 };
  kept.phones.push(made);
  context.grants.open(person.who.id, []);
  // The newest day first, then the past, a day at a time from noon to noon so that no night is cut.
  const noonMs = Math.floor(context.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
  const pushes = [pushOf(world, made, noonMs - DAY_MS, context.now())];
  for (let day = 1; day < HISTORY_DAYS; day += 1) pushes.push(pushOf(world, made, noonMs - (day + 1) * DAY_MS, noonMs - day * DAY_MS));
  context.outbox.add(...pushes);
  return back("Paired. The last ninety days are on their way.");
}

function pushOf({ context, platform }: World, { personId, pushUrl, token }: Phone, fromMs: number, toMs: number): Push {
  const person = knownPerson(context, personId);
  return {
    person: personId, what: "today", url: pushUrl, headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, dueMs: context.now(),
    body: () => JSON.stringify(payloadOf(context, person, platform, { fromMs, toMs: Math.min(toMs, context.now()) })),
  };
}

function tick(world: World): void {
  const { context, kept } = world;
  for (const one of kept.phones) {
    if (context.now() - one.throughMs < EVERY_MS) continue;
    context.outbox.add(pushOf(world, one, one.throughMs - OVERLAP_MS, context.now()));
    one.throughMs = context.now();
  }
}

/** A phone whose token has ended is paired no more. */
function noteAnswer({ context, kept }: World, push: Push, status: number): void {
  const one = kept.phones.find(({ token }) => push.headers["authorization"] === `Bearer ${token}`);
  if (!one) return;
  if (status >= 200 && status < 300) one.acknowledged += 1;
  else one.refused += 1;
  if (status !== 401 && status !== 409) return;
  kept.phones = kept.phones.filter((other) => other !== one);
  if (!kept.phones.some(({ personId }) => personId === one.personId)) context.grants.revoke(one.personId);
}
