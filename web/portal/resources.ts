/** What the screens ask for: one key, its tags and its call each. Times are taken when the call is made, not when it is named. */
import { addDays, DAY_MS, HOUR_MS, localDay } from "#units/time.ts";
import type { Api } from "#web/client/api.ts";
import type { ResourceSpec } from "#web/client/cache.ts";
import type {
  ConnectionList, GlucoseLatest, GlucoseSeries, GlucoseSummary, GlucoseUnit, MetricsReply, OrganizationProfile, PatientList, PatientShown,
  ProviderList, SleepLatest, TreatmentList, WorkoutList,
} from "#web/client/types.ts";

export const HISTORY_HOURS = 24;
const DAILY_DAYS = 14;
const FITNESS_DAYS = 90;
const WORKOUT_DAYS = 30;
const MOST_ENTRIES = 100;

const lastHours = (hours: number): { fromMs: number; toMs: number } => {
  const toMs = Date.now();
  return { fromMs: toMs - hours * HOUR_MS, toMs };
};

export const patientsOf = (api: Api, userId: string): ResourceSpec<PatientList> => ({
  key: `patients/${userId}`, tags: ["patients"], load: (signal) => api.patients(signal),
});

export const patientOf = (api: Api, id: string): ResourceSpec<PatientShown> => ({
  key: `${id}/access`, tags: ["patients"], load: (signal) => api.patient(id, signal),
});

export const organizationOf = (api: Api): ResourceSpec<OrganizationProfile> => ({
  key: "organization", tags: ["organization"], load: (signal) => api.organizationProfile(signal),
});

export const providersOf = (api: Api): ResourceSpec<ProviderList> => ({
  key: "providers", tags: ["providers"], load: (signal) => api.providers(signal),
});

export const connectionsOf = (api: Api, id: string): ResourceSpec<ConnectionList> => ({
  key: `${id}/connections`, tags: ["connections"], load: (signal) => api.connections(id, signal),
});

/** With the time of its arrival, from which the age counts on. */
export type LatestReading = GlucoseLatest & { readonly receivedMs: number };

export const latestOf = (api: Api, id: string): ResourceSpec<LatestReading> => ({
  key: `${id}/glucose/latest`,
  tags: ["glucose"],
  load: async (signal) => ({ ...(await api.glucoseLatest(id, signal)), receivedMs: Date.now() }),
});

export const recentSeriesOf = (api: Api, id: string, unit: GlucoseUnit): ResourceSpec<GlucoseSeries> => ({
  key: `${id}/glucose/recent/${unit}`,
  tags: ["glucose"],
  load: (signal) => api.glucoseSeries(id, { span: lastHours(HISTORY_HOURS), unit, signal }),
});

export interface DaySpec {
  readonly unit: GlucoseUnit;
  readonly zone: string;
  /** Local date YYYY-MM-DD. */
  readonly date: string;
}

export const todaySummaryOf = (api: Api, id: string, { unit, zone, date }: DaySpec): ResourceSpec<GlucoseSummary> => ({
  key: `${id}/glucose/summary/${date}/${zone}/${unit}`,
  tags: ["glucose"],
  load: (signal) => {
    const nowMs = Date.now();
    return api.glucoseSummary(id, { span: { fromMs: localDay(zone, date)?.fromMs ?? nowMs - DAY_MS, toMs: nowMs }, unit, zone, signal });
  },
});

export const recentTreatmentsOf = (api: Api, id: string): ResourceSpec<TreatmentList> => ({
  key: `${id}/treatments/recent`,
  tags: ["treatment"],
  load: (signal) => api.treatments(id, { span: lastHours(HISTORY_HOURS), limit: MOST_ENTRIES, signal }),
});

export const recentWorkoutsOf = (api: Api, id: string): ResourceSpec<WorkoutList> => ({
  key: `${id}/workouts/recent`,
  tags: ["workout"],
  load: (signal) => api.workouts(id, { span: lastHours(WORKOUT_DAYS * 24), limit: 20, signal }),
});

export const lastSleepOf = (api: Api, id: string): ResourceSpec<SleepLatest> => ({
  key: `${id}/sleeps/latest`, tags: ["sleep"], load: (signal) => api.sleepLatest(id, signal),
});

export const DAILY_METRICS = ["steps", "resting_heart_rate"] as const;

/** One number a day; the days are the patient's own, so `zone` is the patient's. */
export const dailyOf = (api: Api, id: string, { zone, date }: Omit<DaySpec, "unit">): ResourceSpec<MetricsReply> => ({
  key: `${id}/metrics/daily/${date}/${zone}`,
  tags: DAILY_METRICS.map((metric) => `metric:${metric}`),
  load: (signal) =>
    api.metrics(id, { metrics: DAILY_METRICS, span: periodSpan(zone, date, DAILY_DAYS, Date.now()), resolution: "1d", signal }),
});

export const stressOf = (api: Api, id: string, { zone, date }: Omit<DaySpec, "unit">): ResourceSpec<MetricsReply> => ({
  key: `${id}/metrics/stress/${date}/${zone}`,
  tags: ["metric:stress"],
  load: (signal) => {
    const day = localDay(zone, date);
    const span = day ?? lastHours(24);
    return api.metrics(id, { metrics: ["stress"], span, resolution: "raw", signal });
  },
});

export const VO2MAX_METRICS = ["vo2max_running", "vo2max_cycling", "vo2max"] as const;

export const fitnessOf = (api: Api, id: string): ResourceSpec<MetricsReply> => ({
  key: `${id}/metrics/vo2max`,
  tags: VO2MAX_METRICS.map((metric) => `metric:${metric}`),
  load: (signal) => api.metrics(id, { metrics: VO2MAX_METRICS, span: lastHours(FITNESS_DAYS * 24), resolution: "raw", signal }),
});

export const PERIODS_DAYS = [7, 14, 30, 90] as const;

/** The last `days` local days, ending now: from the midnight that begins the first of them. */
export function periodSpan(zone: string, today: string, days: number, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: localDay(zone, addDays(today, 1 - days))?.fromMs ?? nowMs - days * DAY_MS, toMs: nowMs };
}

export const periodSummaryOf = (api: Api, id: string, { unit, zone, date, days }: DaySpec & { readonly days: number }): ResourceSpec<GlucoseSummary> => ({
  key: `${id}/glucose/summary/${days}/${date}/${zone}/${unit}`,
  tags: ["glucose"],
  load: (signal) => api.glucoseSummary(id, { span: periodSpan(zone, date, days, Date.now()), unit, zone, signal }),
});

export const periodSeriesOf = (api: Api, id: string, { unit, zone, date, days }: DaySpec & { readonly days: number }): ResourceSpec<GlucoseSeries> => ({
  key: `${id}/glucose/series/${days}/${date}/${zone}/${unit}`,
  tags: ["glucose"],
  load: (signal) => api.glucoseSeries(id, { span: periodSpan(zone, date, days, Date.now()), unit, signal }),
});
