/** The calls of `/api/v1` that the pages use, by name. Times go out as RFC 3339 instants. */
import { queryString, type Query, type Requester } from "./request.ts";
import type {
  ChangeList, ConnectionList, ConnectReply, ConnectRequest, GlucoseLatest, GlucoseSeries, GlucoseSummary,
  GlucoseUnit, LatestReply, Locale, Me, MetricName, MetricsReply, OrganizationProfile, OutsideDeparture, PatientList, PatientShown, PreferencesPatch, ProviderList, ReadingsReply,
  SecondFactorNeeded, Session,
  SignInProviderList,
  SleepDetails, SleepLatest, SleepList, SyncReply, TreatmentList, WorkoutDetails, WorkoutList,
} from "./types.ts";

/** Half-open stretch of time, UTC epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PageRequest {
  readonly span?: Span;
  readonly limit?: number;
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

export type Api = ReturnType<typeof createApi>;

const spanQuery = ({ fromMs, toMs }: Span): Query => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

const pageQuery = ({ span, limit, cursor }: PageRequest): Query => ({ ...(span ? spanQuery(span) : {}), limit, cursor });

const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal ? { signal } : {});

const of = (patientId: string, path: string): string => `/patients/${encodeURIComponent(patientId)}${path}`;

/** Binds the calls to one requester. Every call throws ApiError. */
export function createApi(requester: Requester) {
  return {
    /** Language of sentences that the server writes. */
    setLocale: (locale: Locale): void => requester.setLocale(locale),
    /** For the calls of pages that are fetched when they are first opened. */
    requester,
    /** By e-mail, username or national id. Whoever has a second factor is asked for it before there is a session. */
    async signIn(identifier: string, password: string): Promise<Session | SecondFactorNeeded> {
      const reply = await requester.send<Session | SecondFactorNeeded>("/session", { method: "POST", body: { identifier, password } });
      if ("csrfToken" in reply) requester.setCsrfToken(reply.csrfToken);
      return reply;
    },
    signInProviders: (signal?: AbortSignal) => requester.send<SignInProviderList>("/sign-in-providers", withSignal(signal)),
    signInElsewhere: (providerId: string, returnTo: string) =>
      requester.send<OutsideDeparture>(`/sign-in-providers/${encodeURIComponent(providerId)}`, { method: "POST", body: { returnTo } }),
    async session(signal?: AbortSignal): Promise<Session> {
      const session = await requester.send<Session>("/session", withSignal(signal));
      requester.setCsrfToken(session.csrfToken);
      return session;
    },
    async signOut(): Promise<void> {
      await requester.send<undefined>("/session", { method: "DELETE" });
      requester.setCsrfToken(null);
    },
    savePreferences: (patch: PreferencesPatch) => requester.send<Me>("/me", { method: "PATCH", body: patch }),
    patients: (signal?: AbortSignal) => requester.send<PatientList>("/patients", withSignal(signal)),
    /** One of them, with what I may do there. */
    patient: (patientId: string, signal?: AbortSignal) => requester.send<PatientShown>(of(patientId, ""), withSignal(signal)),
    organizationProfile: (signal?: AbortSignal) => requester.send<OrganizationProfile>("/organization/profile", withSignal(signal)),
    providers: (signal?: AbortSignal) => requester.send<ProviderList>("/providers", withSignal(signal)),

    connections: (patientId: string, signal?: AbortSignal) =>
      requester.send<ConnectionList>(of(patientId, "/connections"), withSignal(signal)),
    connect: (patientId: string, body: ConnectRequest) =>
      requester.send<ConnectReply>(of(patientId, "/connections"), { method: "POST", body }),
    sync: (patientId: string, connectionId: string) =>
      requester.send<SyncReply>(of(patientId, `/connections/${encodeURIComponent(connectionId)}/sync`), { method: "POST" }),
    disconnect: (patientId: string, connectionId: string, data: "keep" | "erase") =>
      requester.send<undefined>(of(patientId, `/connections/${encodeURIComponent(connectionId)}`), {
        method: "DELETE", query: { data },
      }),

    addReadings: (patientId: string, body: { readonly readings: readonly Readonly<Record<string, string>>[] }) =>
      requester.send<ReadingsReply>(of(patientId, "/readings"), { method: "POST", body }),

    glucoseLatest: (patientId: string, signal?: AbortSignal) =>
      requester.send<GlucoseLatest>(of(patientId, "/glucose/latest"), withSignal(signal)),
    glucoseSeries: (patientId: string, request: { span: Span; unit: GlucoseUnit; signal?: AbortSignal }) =>
      requester.send<GlucoseSeries>(of(patientId, "/glucose/series"), {
        query: { ...spanQuery(request.span), unit: request.unit }, ...withSignal(request.signal),
      }),
    glucoseSummary: (patientId: string, request: { span: Span; unit: GlucoseUnit; zone: string; signal?: AbortSignal }) =>
      requester.send<GlucoseSummary>(of(patientId, "/glucose/summary"), {
        query: { ...spanQuery(request.span), unit: request.unit, zone: request.zone }, ...withSignal(request.signal),
      }),
    metrics: (patientId: string, request: { metrics: readonly MetricName[]; span: Span; resolution: string; points?: number; signal?: AbortSignal }) =>
      requester.send<MetricsReply>(of(patientId, "/metrics"), {
        query: { metrics: request.metrics.join(","), ...spanQuery(request.span), resolution: request.resolution, points: request.points },
        ...withSignal(request.signal),
      }),
    latest: (patientId: string, metrics: readonly MetricName[], signal?: AbortSignal) =>
      requester.send<LatestReply>(of(patientId, "/latest"), { query: { metrics: metrics.join(",") }, ...withSignal(signal) }),
    /** Without `after` from the first change on; `after: "end"` gives only the cursor of what is to come. */
    changes: (patientId: string, request: { after?: string; limit?: number; signal?: AbortSignal }) =>
      requester.send<ChangeList>(of(patientId, "/changes"), { query: { after: request.after, limit: request.limit }, ...withSignal(request.signal) }),
    /** Where a browser downloads all samples of metrics. */
    streamUrl: (patientId: string, request: { metrics: readonly MetricName[]; span?: Span; format: "ndjson" | "csv" }): string =>
      `/api/v1${of(patientId, "/metrics/stream")}${queryString({ metrics: request.metrics.join(","), ...(request.span ? spanQuery(request.span) : {}), format: request.format })}`,
    sleep: (patientId: string, sleepId: string, signal?: AbortSignal) =>
      requester.send<SleepDetails>(of(patientId, `/sleeps/${encodeURIComponent(sleepId)}`), withSignal(signal)),
    workout: (patientId: string, workoutId: string, signal?: AbortSignal) =>
      requester.send<WorkoutDetails>(of(patientId, `/workouts/${encodeURIComponent(workoutId)}`), withSignal(signal)),
    sleepLatest: (patientId: string, signal?: AbortSignal) =>
      requester.send<SleepLatest>(of(patientId, "/sleeps/latest"), withSignal(signal)),
    sleeps: (patientId: string, request: PageRequest) =>
      requester.send<SleepList>(of(patientId, "/sleeps"), { query: pageQuery(request), ...withSignal(request.signal) }),
    workouts: (patientId: string, request: PageRequest) =>
      requester.send<WorkoutList>(of(patientId, "/workouts"), { query: pageQuery(request), ...withSignal(request.signal) }),
    treatments: (patientId: string, request: PageRequest) =>
      requester.send<TreatmentList>(of(patientId, "/treatments"), { query: pageQuery(request), ...withSignal(request.signal) }),
    liveUrl: (patientId: string): string => `/api/v1${of(patientId, "/live")}`,
  };
}
