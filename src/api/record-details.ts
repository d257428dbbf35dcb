/** One workout or sleep with all that was measured in its time (R4, R7). */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { createThinner } from "#samples/downsample.ts";
import { hypnogramOf } from "#samples/hypnogram.ts";
import type { PatientRow } from "#people/access/access.ts";
import { planOf, readParts, readSeries, unitOf, type KnownSeries } from "#samples/read.ts";
import { readRecord, type StoredRecord, type WorkoutDetails as WorkoutRecord } from "#samples/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import { NotFound } from "../errors.ts";
import { asColumn, columnSerializer, JSON_TYPE } from "./column-json.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { showSleep, showWorkout } from "./records.ts";
import { PROBLEMS, patientParams, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { sleepDetails, workoutDetails, type RecordStream, type WorkoutDetails } from "./schemas.ts";
import { showSource } from "./sources.ts";

const OF_WORKOUTS: readonly MetricName[] = ["heart_rate", "speed", "power", "cadence", "altitude", "respiration_rate"];
const OF_NIGHTS: readonly MetricName[] = ["heart_rate", "hrv_rmssd", "hrv_sdnn", "spo2", "respiration_rate", "skin_temperature"];
/** Slower is standing, and no pace. */
const SLOWEST_M_S = 0.3;

const id = z.string().regex(/^\d{1,18}$/);
const query = z.object({
  points: z.coerce.number().int().min(3).max(10_000).default(1_000).describe("At most so many values of each stream, chosen so that a chart of them looks like one of all."),
});

export function recordDetailRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/workouts/:workoutId", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["measurements"], summary: "A workout with its laps and what was measured in it", params: patientParams.extend({ workoutId: id }), querystring: query,
      response: { 200: workoutDetails, ...UNCHANGED, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const told = await withPatient(context, request, async (tx, patient) => {
      if (await isUnchanged(tx, patient, { request, reply })) return null;
      const row = await readRecord(tx, "workouts", patient.id, request.params.workoutId);
      if (!row) throw new NotFound("There is no such workout.");
      const known = await readSeries(tx, patient.id, OF_WORKOUTS);
      // Of a workout that was typed or imported there is no connection: then what came the same way.
      const own = { ...known, series: known.series.filter((series) => series.provider === row.provider && series.connectionId === row.connectionId) };
      const streams = await readStreams(context, tx, { patient, row, known: own, metrics: OF_WORKOUTS, points: request.query.points });
      return { ...showWorkout(context, row), ...lapsOf(row), streams: streams.flatMap((stream) => (stream.name === "speed" ? [stream, paceOf(stream)] : [stream])) };
    });
    if (told === null) return reply.code(304).send(null);
    return reply.type(JSON_TYPE).serializer(columnSerializer).send(told);
  });

  server.get("/patients/:patientId/sleeps/:sleepId", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["measurements"], summary: "A sleep with its stages and what was measured in it", params: patientParams.extend({ sleepId: id }), querystring: query,
      response: { 200: sleepDetails, ...UNCHANGED, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const told = await withPatient(context, request, async (tx, patient) => {
      if (await isUnchanged(tx, patient, { request, reply })) return null;
      const row = await readRecord(tx, "sleeps", patient.id, request.params.sleepId);
      if (!row) throw new NotFound("There is no such sleep.");
      const known = await readSeries(tx, patient.id, OF_NIGHTS);
      const stages = hypnogramOf(row.details.stages);
      return {
        ...showSleep(context, row),
        hypnogram: { from: stages.map(({ startMs }) => startMs), to: stages.map(({ endMs }) => endMs), stage: stages.map(({ stage }) => stage) },
        streams: await readStreams(context, tx, { patient, row, known, metrics: OF_NIGHTS, points: request.query.points }),
      };
    });
    if (told === null) return reply.code(304).send(null);
    return reply.type(JSON_TYPE).serializer(columnSerializer).send(told);
  });
}

function lapsOf({ details }: StoredRecord<WorkoutRecord>): Pick<WorkoutDetails, "laps" | "heartRateZonesS"> {
  return {
    laps: (details.laps ?? []).map(({ startMs, endMs, distanceM, averageHeartRate }) => ({
      start: formatInstant(startMs), end: endMs === undefined ? null : formatInstant(endMs), distanceM: distanceM ?? null, averageHeartRate: averageHeartRate ?? null,
    })),
    heartRateZonesS: details.heartRateZonesS ? [...details.heartRateZonesS] : null,
  };
}

interface StreamsAsked {
  readonly patient: PatientRow;
  readonly row: { readonly startMs: number; readonly endMs: number };
  readonly known: KnownSeries;
  readonly metrics: readonly MetricName[];
  readonly points: number;
}

async function readStreams(context: ApiContext, tx: Tx, { patient, row, known, metrics, points }: StreamsAsked): Promise<RecordStream[]> {
  const streams: RecordStream[] = [];
  for (const metric of metrics) {
    const plan = planOf(known, { metric, resolution: "raw" });
    const thinner = createThinner(points);
    for await (const line of readParts(tx, { patientId: patient.id, fromMs: row.startMs, toMs: row.endMs, known, zone: patient.zone }, plan)) thinner.add(line);
    const { line, breaks } = thinner.take();
    if (line.values.length === 0) continue;
    const sources = [...new Set(line.sourceIndexes)].map((index) => showSource(context, plan.sources[index]!));
    streams.push({ name: metric, unit: unitOf(metric), times: asColumn(line.startMs), values: asColumn(line.values), breaks: breaks === null ? null : asColumn(breaks), sources });
  }
  return streams;
}

/** Seconds a kilometre. Places of breaks move with the points that are left out. */
function paceOf(speed: RecordStream): RecordStream {
  const isMoving = Array.from(speed.values, (metresASecond) => metresASecond >= SLOWEST_M_S);
  const places = isMoving.flatMap((moves, place) => (moves ? [place] : []));
  const breaks = speed.breaks === null ? null : [...new Set(Array.from(speed.breaks, (at) => places.findIndex((place) => place >= at)))].filter((place) => place > 0);
  return {
    ...speed, name: "pace", unit: "s/km", times: places.map((place) => speed.times[place]!), values: places.map((place) => Math.round(10_000 / speed.values[place]!) / 10), breaks,
  };
}
