/**
 * The API's shapes for every page, taken from the schemas by type only: no server code and no validator reaches the browser.
 */
import type * as schemas from "#api/schemas.ts";
import type { z } from "zod";

export type {
  ChangeList, Connection, ConnectReply, GlucoseLatest, GlucoseSeries, GlucoseSummary, LatestReply, LatestValue, LiveEvent, Me, MetricSeries,
  MetricsReply, Patient, ProblemDetails, Provider, RecordStream, Session, Sleep, SleepDetails, Source, SyncReply, Treatment, Workout, WorkoutDetails,
} from "#api/schemas.ts";

export type GlucoseUnit = z.infer<typeof schemas.glucoseUnit>;
export type Locale = schemas.Me["preferences"]["locale"];
export type TrendArrow = z.infer<typeof schemas.trendArrow>;
export type ConnectionStatus = z.infer<typeof schemas.connectionStatus>;
export type Reading = NonNullable<schemas.GlucoseLatest["reading"]>;
export type MetricName = z.infer<typeof schemas.metricName>;
export type PreferencesPatch = z.infer<typeof schemas.preferencesPatch>;
export type ReadingsReply = z.infer<typeof schemas.readingsReply>;
export type ConnectRequest = z.infer<typeof schemas.connectRequest>;
export type PatientList = z.infer<typeof schemas.patientList>;
export type ProviderList = z.infer<typeof schemas.providerList>;
export type ConnectionList = z.infer<typeof schemas.connectionList>;
export type SleepList = z.infer<typeof schemas.sleepList>;
export type SleepLatest = z.infer<typeof schemas.sleepLatest>;
export type WorkoutList = z.infer<typeof schemas.workoutList>;
export type TreatmentList = z.infer<typeof schemas.treatmentList>;
