/** Reading out of a full store over HTTP: one person's series, a clinic's list, and a stream of ten million rows. */
import { request } from "undici";
import { createUser } from "#people/accounts/accounts.ts";
import { recomputePatient } from "#summaries/recompute.ts";
import { DAY_MS } from "#units/time.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";
import type { Ground } from "./ground.ts";
import type { House } from "./house.ts";
import { measureReads } from "./read.ts";
import { giveDays, giveManyMetrics, makePerson, rhythms, type Person } from "./store-people.ts";

const LISTED = 500;
const ROUNDS = 60;
const CLINICIAN = { email: "clinician@example.org", password: "correct horse battery" };
/** Ten million heart rates, one a minute. */
const STREAMED_DAYS = 6_945;

export interface Readers {
  /** The figures of reads, named after how full the store is. */
  read(label: string): Promise<Figure[]>;
  /** A clinic's list, and the long stream; they do not hang on how full the store is. */
  readOnce(): Promise<Figure[]>;
}

/** People to be read: one who reads their own data, and a clinician's five hundred. */
export async function makeReaders(house: House, endMs: number): Promise<Readers> {
  const { ground, origin } = house;
  const own = { organizationId: ground.connection.organizationId, patientId: ground.connection.patientId };
  await giveDays(ground, own, { rhythms: rhythms(true), days: 120, endMs, seed: 1 });
  await giveManyMetrics(ground, own, endMs);
  const options = { origin, patientId: own.patientId, toMs: endMs, streamed: ["heart_rate"] as const, memory: () => house.memory() };
  const token = await signIn(origin, ground);
  return {
    read: async (label) => (await measureReads({ ...options, token })).filter(({ figure }) => !figure.includes("stream")).map((figure) => ({ ...figure, figure: figure.figure.replace("read:", `${label}:`) })),
    readOnce: async () => {
      const { patients, token: clinician } = await makeClinic(ground, origin, endMs);
      const streamer = patients[0]!;
      const listed = await timesOf(`${origin}/api/v1/patients/summaries?limit=${LISTED}`, clinician);
      await giveDays(ground, streamer, { rhythms: rhythms(true).slice(1), days: STREAMED_DAYS, endMs: endMs - 30 * DAY_MS, seed: 3 });
      const stream = (await measureReads({ ...options, token: clinician, patientId: streamer.patientId, streamed: ["heart_rate"] })).filter(({ figure }) => figure.includes("stream"));
      return [atMost(`clinic: list of ${LISTED} patients with their 14-day summary, p50`, percentile(listed, 0.5), "ms", 30), told("clinic: the same, p99", percentile(listed, 0.99), "ms"), ...stream];
    },
  };
}

async function makeClinic(ground: Ground, origin: string, endMs: number): Promise<{ patients: Person[]; token: string }> {
  const { organizationId } = ground.connection;
  const { userId } = await createUser(ground.database, { organizationId, ...CLINICIAN, displayName: "Clinician", roles: ["clinician"], zone: "Europe/Madrid" });
  const patients: Person[] = [];
  for (let number = 0; number < LISTED; number += 1) {
    const person = await makePerson(ground, `Listed ${number}`);
    patients.push(person);
    await giveDays(ground, person, { rhythms: rhythms(false), days: 21, endMs: endMs + 3 * DAY_MS, seed: number });
    await ground.database.withOrganization(organizationId, (tx) =>
      tx.query("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [organizationId, person.patientId, userId]));
    await recomputePatient(ground.database, person);
  }
  return { patients, token: await signIn(origin, CLINICIAN) };
}

async function signIn(origin: string, { email, password }: { readonly email: string; readonly password: string }): Promise<string> {
  const answer = await request(`${origin}/api/v1/tokens`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email, password }) });
  return ((await answer.body.json()) as { accessToken: string }).accessToken;
}

async function timesOf(url: string, token: string): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    const answer = await request(url, { headers: { authorization: `Bearer ${token}` } });
    const { data } = (await answer.body.json()) as { data: { readings: number }[] };
    times.push(performance.now() - begun);
    if (answer.statusCode !== 200 || data.length !== LISTED || data.some(({ readings }) => readings === 0)) throw new Error("The list is not what it should be.");
  }
  return times.slice(ROUNDS / 6);
}
