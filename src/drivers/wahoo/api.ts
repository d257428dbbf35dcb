/** Wahoo's endpoints. Source: vendors/wahoo.md, Data endpoints. */
import { InvalidInput, ProviderContractBroken, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { Window } from "#units/time.ts";
import * as schema from "./schema.ts";

const PER_PAGE = 100;
/** 20,000 workouts: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 200;

/** The person's id, asked for. Throws ProviderContractBroken without one. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await call.fetch("/v1/user");
  return { vendorUserId: parseEnvelope(schema.user, answer.json(), "Wahoo user").id, grantedScopes: null };
}

/**
 * `workouts` by window: Wahoo lists newest first and knows no dates, so the list is read until it is older than the window, and what lies
 * outside is left out of the pages. `workout` by id (`workout_gone` when Wahoo has it no more). Throws InvalidInput for anything else.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  if (request.resource === "workouts" && "window" in request) yield* pullWorkouts(call, request.window);
  else if (request.resource === "workout" && "objectId" in request) yield* pullWorkout(call, request.objectId);
  else throw new InvalidInput("Wahoo gives workouts by window, and a workout by id.");
}

async function* pullWorkouts(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const seen = new Set<string>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await call.fetch("/v1/workouts", { query: { page, per_page: PER_PAGE } });
    const list = answer.json();
    const { workouts, order, sort } = parseEnvelope(schema.workoutList, list, "Wahoo workout list");
    // A short page need not be the last one: only an empty one is.
    if (workouts.length === 0) return;
    const ids = workouts.map(({ id }, index) => id ?? `${page}/${index}`);
    if (ids.every((id) => seen.has(id))) throw new ProviderContractBroken("Wahoo gives the same page of workouts again and again.", "/workouts");
    for (const id of ids) seen.add(id);
    const starts = workouts.map((workout) => schema.startOf(workout.starts));
    // As sent, and what has no usable time too, so that its mapping can say so.
    const sent = list as { readonly workouts: readonly unknown[] };
    const inside = sent.workouts.filter((_, index) => isInside(starts[index] ?? null, window));
    if (inside.length > 0) yield { resource: "workouts", body: toBytes({ ...sent, workouts: inside }) };
    const known = starts.filter((ms) => ms !== null);
    const isOlder = (ms: number): boolean => ms < window.fromMs;
    // Newest first: what follows an older one is older still. A list that does not say so has to be older as a whole.
    if (order === "descending" && sort === "starts" ? known.some(isOlder) : known.length > 0 && known.every(isOlder)) return;
  }
  throw new ProviderContractBroken(`Wahoo gives more than ${MOST_PAGES} pages of workouts.`, "");
}

function isInside(ms: number | null, { fromMs, toMs }: Window): boolean {
  return ms === null || (ms >= fromMs && ms < toMs);
}

async function* pullWorkout(call: DriverCall, objectId: string): AsyncIterable<PulledPage> {
  if (!/^\d{1,20}$/.test(objectId)) throw new InvalidInput("A workout's id at Wahoo is a number.");
  const answer = await call.fetch(`/v1/workouts/${objectId}`, { accept: [404] });
  if (answer.status === 404) {
    // The refusal does not name the workout, so we do.
    yield { resource: "workout_gone", body: toBytes({ id: objectId }) };
    return;
  }
  const workout = parseEnvelope(schema.ownWorkout, answer.json(), "Wahoo workout");
  if (workout.id !== objectId) throw new ProviderContractBroken("Wahoo answered with another workout.", "/id");
  yield { resource: "workout", body: answer.body };
}

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Ends the app's permissions, and with them all tokens of the person. Permissions that are gone already are no error. */
export async function revoke(call: DriverCall): Promise<void> {
  try {
    await call.fetch("/v1/permissions", { method: "DELETE", accept: [401, 403, 404] });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}
