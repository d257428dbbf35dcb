/**
 * The API's shapes for every page, taken from the schemas by type only: no server code and no validator reaches the browser.
 */
import type * as schemas from "#api/schemas.ts";
import type { z } from "zod";

export type {
  ChangeList, Connection, ConnectReply, GlucoseLatest, GlucoseSeries, GlucoseSummary, LatestReply, LatestValue, LiveEvent, Me, MetricSeries,
  MetricsReply, Patient, ProblemDetails, Provider, RecordStream, Session, Sleep, SleepDetails, Source, SyncReply, Treatment, Workout, WorkoutDetails,
} from "#api/schemas.ts";
export type { SecondFactorNeeded } from "./second-factor.ts";

export type GlucoseUnit = z.infer<typeof schemas.glucoseUnit>;
export type Locale = schemas.Me["preferences"]["locale"];
export type TrendArrow = z.infer<typeof schemas.trendArrow>;
export type ConnectionStatus = z.infer<typeof schemas.connectionStatus>;
export type Reading = NonNullable<schemas.GlucoseLatest["reading"]>;
export type MetricName = z.infer<typeof schemas.metricName>;
export type PreferencesPatch = z.infer<typeof schemas.preferencesPatch>;
export type ReadingsReply = z.infer<typeof schemas.readingsReply>;
export type ConnectRequest = z.infer<typeof schemas.connectRequest>;
export type PatientShown = z.infer<typeof schemas.patientShown>;
export type OrganizationProfile = z.infer<typeof schemas.organizationProfile>;
export type PatientList = z.infer<typeof schemas.patientList>;
export type ProviderList = z.infer<typeof schemas.providerList>;
export type ConnectionList = z.infer<typeof schemas.connectionList>;
export type SleepList = z.infer<typeof schemas.sleepList>;
export type SleepLatest = z.infer<typeof schemas.sleepLatest>;
export type WorkoutList = z.infer<typeof schemas.workoutList>;
export type TreatmentList = z.infer<typeof schemas.treatmentList>;

export type SignInProviderList = z.infer<typeof schemas.signInProviderList>;
export type OutsideDeparture = z.infer<typeof schemas.outsideDeparture>;
export type Proof = z.infer<typeof schemas.proof>;
export type DeviceSession = z.infer<typeof schemas.deviceSession>;
export type DeviceSessionList = z.infer<typeof schemas.deviceSessionList>;
export type IdentityList = z.infer<typeof schemas.identityList>;
export type ApiKey = z.infer<typeof schemas.apiKey>;
export type ApiKeyList = z.infer<typeof schemas.apiKeyList>;
export type ApiKeyRequest = z.input<typeof schemas.apiKeyRequest>;
export type NewApiKey = z.infer<typeof schemas.newApiKey>;
export type RegistrationRequest = z.input<typeof schemas.registrationRequest>;
export type InvitationLook = z.infer<typeof schemas.invitationLook>;
export type InvitationAcceptance = z.input<typeof schemas.invitationAcceptance>;
export type AccountDeletion = z.infer<typeof schemas.accountDeletion>;
export type Grant = z.infer<typeof schemas.grant>;
export type GrantOffer = z.infer<typeof schemas.grantOffer>;
export type GrantList = z.infer<typeof schemas.grantList>;
export type GrantRequest = z.input<typeof schemas.grantRequest>;
export type GrantPatch = z.input<typeof schemas.grantPatch>;
export type GrantReply = z.infer<typeof schemas.grantReply>;
export type OffersToMe = z.infer<typeof schemas.offersToMe>;
export type ClinicianList = z.infer<typeof schemas.clinicianList>;
export type PatientAccess = z.infer<typeof schemas.patientAccess>;
export type PatientAccessList = z.infer<typeof schemas.patientAccessList>;
export type Consent = z.infer<typeof schemas.consent>;
export type ConsentList = z.infer<typeof schemas.consentList>;
export type ConsentRequest = z.infer<typeof schemas.consentRequest>;
export type DataExport = z.infer<typeof schemas.dataExport>;
export type DataExportList = z.infer<typeof schemas.dataExportList>;
export type Erasure = z.infer<typeof schemas.erasure>;
export type ErasureList = z.infer<typeof schemas.erasureList>;
