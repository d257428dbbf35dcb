/**
 * The operations of the API as the pages call them. Made from the OpenAPI document by "node scripts/api-client.ts"; never changed by hand.
 */

export type Role = "patient" | "clinician" | "admin" | "follower";
export type GlucoseUnit = "mg/dL" | "mmol/L";
export type ProofRequestInput =
  | {
      password: string;
    }
  | {
      challengeId: string;
      response: {
        [k: string]: unknown;
      };
    };
export type GlucoseUnitInput = "mg/dL" | "mmol/L";
export type SecondFactorAnswerInput =
  | {
      challengeId: string;
      code: string;
    }
  | {
      challengeId: string;
      recoveryCode: string;
    }
  | {
      challengeId: string;
      response: {
        [k: string]: unknown;
      };
    };
export type KeyScope = "data:read" | "data:write" | "data:manage" | "patients:read" | "admin";
export type KeyScopeInput = "data:read" | "data:write" | "data:manage" | "patients:read" | "admin";
export type RoleInput = "patient" | "clinician" | "admin" | "follower";
export type GrantRequestInput =
  | {
      userId: string;
      scope: "view" | "upload" | "manage";
      until?: string | null;
      consent?: ConsentGivenInput;
    }
  | {
      email: string;
      scope: "view" | "upload" | "manage";
      until?: string | null;
      consent?: ConsentGivenInput;
    };
export type TakeBackReasonInput = "mistyped" | "duplicate" | "somebody_else" | "test" | "other";
export type TakeBackReason = "mistyped" | "duplicate" | "somebody_else" | "test" | "other";
export type AppointmentState = "pending" | "accepted" | "denied" | "created" | "resolved" | "cancelled" | "expired";
export type AppointmentStateInput = "pending" | "accepted" | "denied" | "created" | "resolved" | "cancelled" | "expired";
export type MetricName =
  | "glucose"
  | "glucose_trend_rate"
  | "glucose_meter"
  | "ketone"
  | "heart_rate"
  | "resting_heart_rate"
  | "heart_rate_min"
  | "heart_rate_max"
  | "hrv_rmssd"
  | "hrv_sdnn"
  | "spo2"
  | "respiration_rate"
  | "body_temperature"
  | "skin_temperature"
  | "skin_temperature_deviation"
  | "steps"
  | "distance"
  | "floors"
  | "calories_active"
  | "calories_total"
  | "calories_basal"
  | "active_duration"
  | "intensity_moderate"
  | "intensity_vigorous"
  | "wheelchair_pushes"
  | "speed"
  | "power"
  | "cadence"
  | "altitude"
  | "met"
  | "elevation_gain"
  | "sedentary_duration"
  | "weight"
  | "body_fat"
  | "lean_mass"
  | "bmi"
  | "muscle_mass"
  | "bone_mass"
  | "body_water"
  | "height"
  | "visceral_fat"
  | "blood_pressure_systolic"
  | "blood_pressure_diastolic"
  | "pulse_wave_velocity"
  | "vascular_age"
  | "vo2max"
  | "vo2max_running"
  | "vo2max_cycling"
  | "fitness_age"
  | "stress"
  | "readiness"
  | "recovery"
  | "strain"
  | "body_battery"
  | "sleep_score"
  | "stress_high_duration"
  | "stress_recovery_duration"
  | "resilience"
  | "training_load"
  | "hydration"
  | "menstrual_flow";
export type ConnectionStatus = "active" | "limited" | "needs_reauthorization" | "error" | "revoked" | "disconnected" | "retired";
export type ReadingId = string;
export type ResolutionInput = "raw" | "1m" | "5m" | "15m" | "1h" | "1d";
export type Resolution = "raw" | "1m" | "5m" | "15m" | "1h" | "1d";
export type TrendArrow = "double_up" | "single_up" | "forty_five_up" | "flat" | "forty_five_down" | "single_down" | "double_down" | "unknown";
export type MetricNameInput =
  | "glucose"
  | "glucose_trend_rate"
  | "glucose_meter"
  | "ketone"
  | "heart_rate"
  | "resting_heart_rate"
  | "heart_rate_min"
  | "heart_rate_max"
  | "hrv_rmssd"
  | "hrv_sdnn"
  | "spo2"
  | "respiration_rate"
  | "body_temperature"
  | "skin_temperature"
  | "skin_temperature_deviation"
  | "steps"
  | "distance"
  | "floors"
  | "calories_active"
  | "calories_total"
  | "calories_basal"
  | "active_duration"
  | "intensity_moderate"
  | "intensity_vigorous"
  | "wheelchair_pushes"
  | "speed"
  | "power"
  | "cadence"
  | "altitude"
  | "met"
  | "elevation_gain"
  | "sedentary_duration"
  | "weight"
  | "body_fat"
  | "lean_mass"
  | "bmi"
  | "muscle_mass"
  | "bone_mass"
  | "body_water"
  | "height"
  | "visceral_fat"
  | "blood_pressure_systolic"
  | "blood_pressure_diastolic"
  | "pulse_wave_velocity"
  | "vascular_age"
  | "vo2max"
  | "vo2max_running"
  | "vo2max_cycling"
  | "fitness_age"
  | "stress"
  | "readiness"
  | "recovery"
  | "strain"
  | "body_battery"
  | "sleep_score"
  | "stress_high_duration"
  | "stress_recovery_duration"
  | "resilience"
  | "training_load"
  | "hydration"
  | "menstrual_flow";
export type AuditOutcomeInput = "done" | "refused" | "failed";
export type AuditOutcome = "done" | "refused" | "failed";
export type ConsentState = "none" | "unrecorded" | "given" | "outdated" | "withdrawn";
export type DeliveryState = "pending" | "processing" | "done" | "failed" | "dead" | "unmatched" | "ignored";
export type DeliveryStateInput = "pending" | "processing" | "done" | "failed" | "dead" | "unmatched" | "ignored";
export type WebhookDeliveryStateInput = "pending" | "delivered" | "dead" | "withheld";
export type WebhookDeliveryState = "pending" | "delivered" | "dead" | "withheld";
export type HoldReason = "litigation" | "authority" | "incident" | "safety";
export type HoldReasonInput = "litigation" | "authority" | "incident" | "safety";

export interface Operations {
  "post /session": {
    path: {};
    query?: {};
    body: SignInRequestInput;
    reply: Session | SecondFactorNeeded;
  };
  "get /session": {
    path: {};
    query?: {};
    reply: Session;
  };
  "delete /session": {
    path: {};
    query?: {};
    reply: null;
  };
  "post /session/proof": {
    path: {};
    query?: {};
    body: ProofRequestInput;
    reply: Proof;
  };
  "get /me": {
    path: {};
    query?: {};
    reply: Me;
  };
  "patch /me": {
    path: {};
    query?: {};
    body: PreferencesPatchInput;
    reply: Me;
  };
  "post /session/second-factor": {
    path: {};
    query?: {};
    body: SecondFactorAnswerInput;
    reply: Session;
  };
  "post /tokens/second-factor": {
    path: {};
    query?: {};
    body: SecondFactorAnswerInput;
    reply: AccessToken;
  };
  "post /session/passkey/options": {
    path: {};
    query?: {};
    reply: PasskeyOptions;
  };
  "post /session/passkey": {
    path: {};
    query?: {};
    body: {
      challengeId: string;
      response: {
        [k: string]: unknown;
      };
    };
    reply: Session;
  };
  "get /me/second-factors": {
    path: {};
    query?: {};
    reply: FactorList;
  };
  "post /me/second-factors/totp": {
    path: {};
    query?: {};
    body: TotpRequestInput;
    reply: TotpSecret;
  };
  "post /me/second-factors/totp/{factorId}/confirm": {
    path: {
      factorId: string;
    };
    query?: {};
    body: TotpCodeInput;
    reply: FactorAdded;
  };
  "post /me/second-factors/passkeys/options": {
    path: {};
    query?: {};
    reply: PasskeyOptions;
  };
  "post /me/second-factors/passkeys": {
    path: {};
    query?: {};
    body: PasskeyAnswerInput;
    reply: FactorAdded;
  };
  "patch /me/second-factors/{factorId}": {
    path: {
      factorId: string;
    };
    query?: {};
    body: FactorPatchInput;
    reply: null;
  };
  "delete /me/second-factors/{factorId}": {
    path: {
      factorId: string;
    };
    query?: {};
    reply: null;
  };
  "post /me/recovery-codes": {
    path: {};
    query?: {};
    reply: RecoveryCodes;
  };
  "get /me/sessions": {
    path: {};
    query?: {};
    reply: DeviceSessionList;
  };
  "delete /me/sessions": {
    path: {};
    query?: {};
    reply: EndedSessions;
  };
  "delete /me/sessions/{sessionId}": {
    path: {
      sessionId: string;
    };
    query?: {};
    reply: null;
  };
  "post /tokens": {
    path: {};
    query?: {};
    body:
      | RefreshRequestInput
      | {
          identifier?: string;
          email?: string;
          password: string;
          grant?: "password";
        };
    reply: AccessToken | SecondFactorNeeded;
  };
  "get /api-keys": {
    path: {};
    query?: {};
    reply: ApiKeyList;
  };
  "post /api-keys": {
    path: {};
    query?: {};
    body: ApiKeyRequestInput;
    reply: NewApiKey;
  };
  "delete /api-keys/{keyId}": {
    path: {
      keyId: string;
    };
    query?: {};
    reply: null;
  };
  "get /sign-in-providers": {
    path: {};
    query?: {};
    reply: SignInProviderList;
  };
  "post /sign-in-providers/{providerId}": {
    path: {
      providerId: string;
    };
    query?: {};
    body: OutsideRequestInput;
    reply: OutsideDeparture;
  };
  "post /me/identities/{providerId}": {
    path: {
      providerId: string;
    };
    query?: {};
    body: OutsideRequestInput;
    reply: OutsideDeparture;
  };
  "delete /me/identities/{providerId}": {
    path: {
      providerId: string;
    };
    query?: {};
    reply: null;
  };
  "get /me/identities": {
    path: {};
    query?: {};
    reply: IdentityList;
  };
  "get /sign-in-providers/{providerId}/callback": {
    path: {
      providerId: string;
    };
    query?: {
      type?: "object";
      propertyNames?: string;
      additionalProperties?: string | string[];
    };
    reply: null;
  };
  "post /registrations": {
    path: {};
    query?: {};
    body: RegistrationRequestInput;
    reply: Accepted;
  };
  "post /registrations/confirm": {
    path: {};
    query?: {};
    body: LinkAndPasswordInput;
    reply: AccountMade;
  };
  "get /invitations": {
    path: {};
    query?: {};
    reply: InvitationList;
  };
  "post /invitations": {
    path: {};
    query?: {};
    body: InvitationRequestInput;
    reply: InvitationMade;
  };
  "delete /invitations/{id}": {
    path: {
      id: string;
    };
    query?: {};
    reply: null;
  };
  "post /invitations/look": {
    path: {};
    query?: {};
    body: LinkOnlyInput;
    reply: InvitationLook;
  };
  "post /invitations/accept": {
    path: {};
    query?: {};
    body: InvitationAcceptanceInput;
    reply: AccountMade;
  };
  "post /me/email": {
    path: {};
    query?: {};
    body: EmailChangeRequestInput;
    reply: Accepted;
  };
  "post /me/email/proof": {
    path: {};
    query?: {};
    reply: Accepted;
  };
  "post /email-addresses/confirm": {
    path: {};
    query?: {};
    body: LinkOnlyInput;
    reply: null;
  };
  "post /email-addresses/undo": {
    path: {};
    query?: {};
    body: LinkOnlyInput;
    reply: null;
  };
  "post /me/deletion": {
    path: {};
    query?: {};
    body: PasswordProofInput;
    reply: AccountDeletion;
  };
  "post /password-recoveries": {
    path: {};
    query?: {};
    body: PasswordRecoveryRequestInput;
    reply: Accepted;
  };
  "put /password-recoveries": {
    path: {};
    query?: {};
    body: LinkAndPasswordInput;
    reply: null;
  };
  "post /me/password/check": {
    path: {};
    query?: {};
    body: PasswordProofInput;
    reply: PasswordProofReply;
  };
  "post /me/password": {
    path: {};
    query?: {};
    body: PasswordChangeInput;
    reply: null;
  };
  "get /users": {
    path: {};
    query?: {
      dni?: string;
      username?: string;
      email?: string;
      role?: RoleInput;
      blocked?: "true" | "false";
      limit?: number;
      cursor?: string;
    };
    reply: UserList;
  };
  "post /users": {
    path: {};
    query?: {};
    body: UserRequestInput;
    reply: UserMade;
  };
  "post /users/search": {
    path: {};
    query?: {};
    body: {
      text: string;
      role?: RoleInput;
      isBlocked?: boolean;
      limit?: number;
      cursor?: string;
    };
    reply: UserList;
  };
  "get /users/{id}": {
    path: {
      id: string;
    };
    query?: {};
    reply: UserShown;
  };
  "patch /users/{id}": {
    path: {
      id: string;
    };
    query?: {};
    body: UserPatchInput;
    reply: UserShown;
  };
  "post /users/{id}/block": {
    path: {
      id: string;
    };
    query?: {};
    reply: UserShown;
  };
  "post /users/{id}/unblock": {
    path: {
      id: string;
    };
    query?: {};
    reply: UserShown;
  };
  "get /patients": {
    path: {};
    query?: {
      limit?: number;
      cursor?: string;
    };
    reply: PatientList;
  };
  "get /patients/{patientId}": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: PatientShown;
  };
  "get /patients/{patientId}/identity": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: PatientIdentity;
  };
  "get /patients/{patientId}/zones": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: ZoneHistory;
  };
  "put /patients/{patientId}/zones": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ZonesRequestInput;
    reply: ZoneHistory;
  };
  "post /patients/{patientId}/zones": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ZoneRequestInput;
    reply: ZoneHistory;
  };
  "get /patients/summaries": {
    path: {};
    query?: {
      days?: number;
      limit?: number;
      cursor?: string;
      sort?: "name" | "timeInRange" | "timeBelow" | "mean" | "cv" | "wear" | "lastReading";
    };
    reply: PatientSummaryList;
  };
  "get /patients/{patientId}/grants": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: GrantList;
  };
  "post /patients/{patientId}/grants": {
    path: {
      patientId: string;
    };
    query?: {};
    body: GrantRequestInput;
    reply: GrantReply;
  };
  "patch /patients/{patientId}/grants/{userId}": {
    path: {
      patientId: string;
      userId: string;
    };
    query?: {};
    body: GrantPatchInput;
    reply: GrantReply;
  };
  "delete /patients/{patientId}/grants/{userId}": {
    path: {
      patientId: string;
      userId: string;
    };
    query?: {};
    reply: null;
  };
  "delete /patients/{patientId}/grant-offers/{offerId}": {
    path: {
      patientId: string;
      offerId: string;
    };
    query?: {};
    reply: null;
  };
  "delete /patients/{patientId}/my-grant": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: null;
  };
  "get /clinicians": {
    path: {};
    query?: {};
    reply: ClinicianList;
  };
  "get /me/grant-offers": {
    path: {};
    query?: {};
    reply: OffersToMe;
  };
  "post /me/grant-offers/{offerId}": {
    path: {
      offerId: string;
    };
    query?: {};
    body: OfferAnswerInput;
    reply: null;
  };
  "post /break-glass": {
    path: {};
    query?: {};
    body: BreakGlassRequestInput;
    reply: BreakGlassAccess;
  };
  "get /break-glass": {
    path: {};
    query?: {};
    reply: BreakGlassList;
  };
  "post /break-glass/{accessId}/review": {
    path: {
      accessId: string;
    };
    query?: {};
    body: BreakGlassReviewInput;
    reply: BreakGlassAccess;
  };
  "get /patients/{patientId}/conditions": {
    path: {
      patientId: string;
    };
    query?: {
      includeErrors?: "true" | "false";
      limit?: number;
      cursor?: string;
      status?: "active" | "remission" | "resolved";
    };
    reply: ConditionList;
  };
  "post /patients/{patientId}/conditions": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ConditionRequestInput;
    reply: Condition;
  };
  "get /patients/{patientId}/conditions/{conditionId}": {
    path: {
      patientId: string;
      conditionId: string;
    };
    query?: {};
    reply: Condition;
  };
  "put /patients/{patientId}/conditions/{conditionId}": {
    path: {
      patientId: string;
      conditionId: string;
    };
    query?: {};
    body: ConditionRequestInput;
    reply: Condition;
  };
  "delete /patients/{patientId}/conditions/{conditionId}": {
    path: {
      patientId: string;
      conditionId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: Condition;
  };
  "get /patients/{patientId}/conditions/{conditionId}/versions": {
    path: {
      patientId: string;
      conditionId: string;
    };
    query?: {};
    reply: ConditionVersions;
  };
  "post /patients/{patientId}/conditions/{conditionId}/restore": {
    path: {
      patientId: string;
      conditionId: string;
    };
    query?: {};
    reply: Condition;
  };
  "get /patients/{patientId}/medications": {
    path: {
      patientId: string;
    };
    query?: {
      includeErrors?: "true" | "false";
      limit?: number;
      cursor?: string;
      status?: "active" | "paused" | "stopped";
    };
    reply: MedicationList;
  };
  "post /patients/{patientId}/medications": {
    path: {
      patientId: string;
    };
    query?: {};
    body: MedicationRequestInput;
    reply: Medication;
  };
  "get /patients/{patientId}/medications/{medicationId}": {
    path: {
      patientId: string;
      medicationId: string;
    };
    query?: {};
    reply: Medication;
  };
  "put /patients/{patientId}/medications/{medicationId}": {
    path: {
      patientId: string;
      medicationId: string;
    };
    query?: {};
    body: MedicationRequestInput;
    reply: Medication;
  };
  "delete /patients/{patientId}/medications/{medicationId}": {
    path: {
      patientId: string;
      medicationId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: Medication;
  };
  "get /patients/{patientId}/medications/{medicationId}/versions": {
    path: {
      patientId: string;
      medicationId: string;
    };
    query?: {};
    reply: MedicationVersions;
  };
  "post /patients/{patientId}/medications/{medicationId}/restore": {
    path: {
      patientId: string;
      medicationId: string;
    };
    query?: {};
    reply: Medication;
  };
  "get /patients/{patientId}/allergies": {
    path: {
      patientId: string;
    };
    query?: {
      includeErrors?: "true" | "false";
      limit?: number;
      cursor?: string;
      status?: "active" | "inactive" | "resolved";
    };
    reply: AllergyList;
  };
  "post /patients/{patientId}/allergies": {
    path: {
      patientId: string;
    };
    query?: {};
    body: AllergyRequestInput;
    reply: Allergy;
  };
  "get /patients/{patientId}/allergies/{allergyId}": {
    path: {
      patientId: string;
      allergyId: string;
    };
    query?: {};
    reply: Allergy;
  };
  "put /patients/{patientId}/allergies/{allergyId}": {
    path: {
      patientId: string;
      allergyId: string;
    };
    query?: {};
    body: AllergyRequestInput;
    reply: Allergy;
  };
  "delete /patients/{patientId}/allergies/{allergyId}": {
    path: {
      patientId: string;
      allergyId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: Allergy;
  };
  "get /patients/{patientId}/allergies/{allergyId}/versions": {
    path: {
      patientId: string;
      allergyId: string;
    };
    query?: {};
    reply: AllergyVersions;
  };
  "post /patients/{patientId}/allergies/{allergyId}/restore": {
    path: {
      patientId: string;
      allergyId: string;
    };
    query?: {};
    reply: Allergy;
  };
  "get /patients/{patientId}/procedures": {
    path: {
      patientId: string;
    };
    query?: {
      includeErrors?: "true" | "false";
      limit?: number;
      cursor?: string;
    };
    reply: ProcedureList;
  };
  "post /patients/{patientId}/procedures": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ProcedureRequestInput;
    reply: Procedure;
  };
  "get /patients/{patientId}/procedures/{procedureId}": {
    path: {
      patientId: string;
      procedureId: string;
    };
    query?: {};
    reply: Procedure;
  };
  "put /patients/{patientId}/procedures/{procedureId}": {
    path: {
      patientId: string;
      procedureId: string;
    };
    query?: {};
    body: ProcedureRequestInput;
    reply: Procedure;
  };
  "delete /patients/{patientId}/procedures/{procedureId}": {
    path: {
      patientId: string;
      procedureId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: Procedure;
  };
  "get /patients/{patientId}/procedures/{procedureId}/versions": {
    path: {
      patientId: string;
      procedureId: string;
    };
    query?: {};
    reply: ProcedureVersions;
  };
  "post /patients/{patientId}/procedures/{procedureId}/restore": {
    path: {
      patientId: string;
      procedureId: string;
    };
    query?: {};
    reply: Procedure;
  };
  "get /patients/{patientId}/notes": {
    path: {
      patientId: string;
    };
    query?: {
      includeErrors?: "true" | "false";
      limit?: number;
      cursor?: string;
    };
    reply: ClinicalNoteList;
  };
  "post /patients/{patientId}/notes": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ClinicalNoteRequestInput;
    reply: ClinicalNote;
  };
  "get /patients/{patientId}/notes/{noteId}": {
    path: {
      patientId: string;
      noteId: string;
    };
    query?: {};
    reply: ClinicalNote;
  };
  "put /patients/{patientId}/notes/{noteId}": {
    path: {
      patientId: string;
      noteId: string;
    };
    query?: {};
    body: ClinicalNoteRequestInput;
    reply: ClinicalNote;
  };
  "delete /patients/{patientId}/notes/{noteId}": {
    path: {
      patientId: string;
      noteId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: ClinicalNote;
  };
  "get /patients/{patientId}/notes/{noteId}/versions": {
    path: {
      patientId: string;
      noteId: string;
    };
    query?: {};
    reply: ClinicalNoteVersions;
  };
  "post /patients/{patientId}/notes/{noteId}/restore": {
    path: {
      patientId: string;
      noteId: string;
    };
    query?: {};
    reply: ClinicalNote;
  };
  "get /patients/{patientId}/documents": {
    path: {
      patientId: string;
    };
    query?: {
      includeErrors?: "true" | "false";
      limit?: number;
      cursor?: string;
    };
    reply: ClinicalDocumentList;
  };
  "post /patients/{patientId}/documents": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ClinicalDocumentRequestInput;
    reply: ClinicalDocument;
  };
  "get /patients/{patientId}/documents/{documentId}": {
    path: {
      patientId: string;
      documentId: string;
    };
    query?: {};
    reply: ClinicalDocument;
  };
  "put /patients/{patientId}/documents/{documentId}": {
    path: {
      patientId: string;
      documentId: string;
    };
    query?: {};
    body: ClinicalDocumentPatchInput;
    reply: ClinicalDocument;
  };
  "delete /patients/{patientId}/documents/{documentId}": {
    path: {
      patientId: string;
      documentId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: ClinicalDocument;
  };
  "get /patients/{patientId}/documents/{documentId}/versions": {
    path: {
      patientId: string;
      documentId: string;
    };
    query?: {};
    reply: ClinicalDocumentVersions;
  };
  "post /patients/{patientId}/documents/{documentId}/restore": {
    path: {
      patientId: string;
      documentId: string;
    };
    query?: {};
    reply: ClinicalDocument;
  };
  "get /patients/{patientId}/documents/{documentId}/file": {
    path: {
      patientId: string;
      documentId: string;
    };
    query?: {};
    reply: null;
  };
  "get /patients/{patientId}/care-team": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: CareTeam;
  };
  "post /patients/{patientId}/care-team": {
    path: {
      patientId: string;
    };
    query?: {};
    body: CareTeamRequestInput;
    reply: CareTeam;
  };
  "patch /patients/{patientId}/care-team/{memberId}": {
    path: {
      patientId: string;
      memberId: string;
    };
    query?: {};
    body: CareTeamPatchInput;
    reply: CareTeam;
  };
  "delete /patients/{patientId}/care-team/{memberId}": {
    path: {
      patientId: string;
      memberId: string;
    };
    query?: {};
    reply: CareTeam;
  };
  "post /patients/{patientId}/appointments": {
    path: {
      patientId: string;
    };
    query?: {};
    body: AppointmentRequestInput | null;
    reply: AppointmentAsked;
  };
  "get /patients/{patientId}/appointments": {
    path: {
      patientId: string;
    };
    query?: {
      limit?: number;
      cursor?: string;
    };
    reply: AppointmentList;
  };
  "get /patients/{patientId}/appointments/current": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: CurrentAppointment;
  };
  "get /patients/{patientId}/appointments/{appointmentId}": {
    path: {
      patientId: string;
      appointmentId: string;
    };
    query?: {};
    reply: AppointmentWhole;
  };
  "post /patients/{patientId}/appointments/{appointmentId}/details": {
    path: {
      patientId: string;
      appointmentId: string;
    };
    query?: {};
    body: AppointmentDetailsRequestInput;
    reply: AppointmentWhole;
  };
  "post /patients/{patientId}/appointments/{appointmentId}/cancel": {
    path: {
      patientId: string;
      appointmentId: string;
    };
    query?: {};
    reply: Appointment;
  };
  "get /patients/{patientId}/appointments/{appointmentId}/control-data/{fileId}": {
    path: {
      patientId: string;
      appointmentId: string;
      fileId: string;
    };
    query?: {};
    reply: null;
  };
  "delete /patients/{patientId}/appointments/{appointmentId}/control-data/{fileId}": {
    path: {
      patientId: string;
      appointmentId: string;
      fileId: string;
    };
    query?: {};
    reply: null;
  };
  "get /appointments": {
    path: {};
    query?: {
      state?: AppointmentStateInput | ("open" | "all");
      patientId?: string;
      search?: string;
      limit?: number;
      cursor?: string;
    };
    reply: AppointmentLineList;
  };
  "get /appointments/{appointmentId}": {
    path: {
      appointmentId: string;
    };
    query?: {};
    reply: ClinicAppointment;
  };
  "post /appointments/{appointmentId}/accept": {
    path: {
      appointmentId: string;
    };
    query?: {};
    reply: ClinicAppointment;
  };
  "post /appointments/{appointmentId}/deny": {
    path: {
      appointmentId: string;
    };
    query?: {};
    body: DenialInput;
    reply: ClinicAppointment;
  };
  "put /appointments/{appointmentId}/priority": {
    path: {
      appointmentId: string;
    };
    query?: {};
    body: PriorityChangeInput;
    reply: ClinicAppointment;
  };
  "get /appointments/{appointmentId}/resolution": {
    path: {
      appointmentId: string;
    };
    query?: {};
    reply: ResolutionList;
  };
  "post /appointments/{appointmentId}/resolution": {
    path: {
      appointmentId: string;
    };
    query?: {};
    body: AppointmentResolutionRequestInput;
    reply: ClinicAppointment;
  };
  "get /appointments/{appointmentId}/control-data/{fileId}": {
    path: {
      appointmentId: string;
      fileId: string;
    };
    query?: {};
    reply: null;
  };
  "get /appointment-queue": {
    path: {};
    query?: {};
    reply: AppointmentQueue;
  };
  "patch /appointment-queue": {
    path: {};
    query?: {};
    body: AppointmentQueuePatchInput;
    reply: AppointmentQueue;
  };
  "post /appointment-queue/clear": {
    path: {};
    query?: {};
    body: QueueClearRequestInput;
    reply: QueueCleared;
  };
  "post /appointment-queue/restore": {
    path: {};
    query?: {};
    reply: QueueRestored;
  };
  "get /providers": {
    path: {};
    query?: {};
    reply: ProviderList;
  };
  "get /patients/{patientId}/connections": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: ConnectionList;
  };
  "post /patients/{patientId}/connections": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ConnectRequestInput;
    reply: ConnectReply;
  };
  "get /patients/{patientId}/connections/{connectionId}": {
    path: {
      patientId: string;
      connectionId: string;
    };
    query?: {};
    reply: Connection;
  };
  "delete /patients/{patientId}/connections/{connectionId}": {
    path: {
      patientId: string;
      connectionId: string;
    };
    query?: {
      data?: "keep" | "erase";
    };
    reply: null;
  };
  "post /patients/{patientId}/connections/{connectionId}/sync": {
    path: {
      patientId: string;
      connectionId: string;
    };
    query?: {};
    reply: SyncReply;
  };
  "post /devices/pair": {
    path: {};
    query?: {};
    body: {
      code: string;
      name?: string;
    };
    reply: PairReply;
  };
  "post /patients/{patientId}/readings": {
    path: {
      patientId: string;
    };
    query?: {};
    body: {
      device?: {
        id: string;
        name?: string;
      };
      syncSource?: string;
      /**
       * @minItems 1
       * @maxItems 5000
       */
      readings: {
        [k: string]: unknown;
      }[];
    };
    reply: ReadingsReply;
  };
  "get /patients/{patientId}/readings": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      type?: string;
      limit?: number;
      cursor?: string;
    };
    reply: ReadingList;
  };
  "get /patients/{patientId}/readings/statistics": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      preset?: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight";
    };
    reply: ReadingStatistics;
  };
  "delete /patients/{patientId}/readings/{readingId}": {
    path: {
      patientId: string;
      readingId: string;
    };
    query?: {
      reason?: TakeBackReasonInput;
    };
    reply: ReadingWithdrawn;
  };
  "post /patients/{patientId}/readings/{readingId}/restore": {
    path: {
      patientId: string;
      readingId: string;
    };
    query?: {};
    reply: {
      id: ReadingId;
    };
  };
  "get /patients/{patientId}/readings/withdrawn": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: WithdrawnReadingList;
  };
  "get /patients/{patientId}/metrics": {
    path: {
      patientId: string;
    };
    query: {
      metrics: string;
      from?: string;
      to?: string;
      source?: string;
      resolution?: ResolutionInput;
      stats?: string;
      points?: number;
      provenance?: "true" | "false";
    };
    reply: MetricsReply;
  };
  "get /patients/{patientId}/metrics/stream": {
    path: {
      patientId: string;
    };
    query: {
      metrics: string;
      from?: string;
      to?: string;
      format?: "ndjson" | "csv";
      resolved?: "true" | "false";
    };
    reply: null;
  };
  "get /patients/{patientId}/latest": {
    path: {
      patientId: string;
    };
    query: {
      metrics: string;
    };
    reply: LatestReply;
  };
  "get /patients/{patientId}/glucose/latest": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: GlucoseLatest;
  };
  "get /patients/{patientId}/glucose/series": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      unit?: GlucoseUnitInput;
    };
    reply: GlucoseSeries;
  };
  "get /patients/{patientId}/glucose/summary": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      unit?: GlucoseUnitInput;
      days?: number;
      zone?: string;
    };
    reply: GlucoseSummary;
  };
  "get /patients/{patientId}/glucose/statistics": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
      bounds?: string;
      grid?: "iglu" | "islet";
    };
    reply: GlucoseStatistics;
  };
  "get /patients/{patientId}/glucose/agp": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
      bounds?: string;
      binMinutes?: "5" | "15" | "30" | "60";
      smoothing?: "1-4-1" | "loess" | "none";
    };
    reply: GlucoseProfile;
  };
  "get /patients/{patientId}/glucose/episodes": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
      bounds?: string;
      kinds?: string;
      startMinutes?: number;
      endMinutes?: number;
    };
    reply: GlucoseEpisodes;
  };
  "get /patients/{patientId}/glucose/daily": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
      bounds?: string;
    };
    reply: GlucoseDaily;
  };
  "get /patients/{patientId}/glucose/compare": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
      bounds?: string;
      againstFrom?: string;
      againstTo?: string;
    };
    reply: GlucoseComparison;
  };
  "get /patients/{patientId}/glucose/report.pdf": {
    path: {
      patientId: string;
    };
    query?: {
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy";
      lang?: "en" | "es";
      paper?: "a4" | "letter";
      pages?: string;
    };
    reply: null;
  };
  "get /patients/{patientId}/glucose/tables/{table}": {
    path: {
      patientId: string;
      table: "statistics" | "ranges" | "metrics" | "profile" | "daily" | "episodes" | "episode-kinds" | "hourly";
    };
    query?: {
      to?: string;
      days?: number;
      zone?: string;
      unit?: GlucoseUnitInput;
      preset?: "standard" | "older" | "pregnancy";
    };
    reply: null;
  };
  "get /patients/{patientId}/sleeps": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      limit?: number;
      cursor?: string;
      resolved?: "true" | "false";
    };
    reply: SleepList;
  };
  "get /patients/{patientId}/sleeps/latest": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: SleepLatest;
  };
  "get /patients/{patientId}/workouts": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      limit?: number;
      cursor?: string;
      resolved?: "true" | "false";
    };
    reply: WorkoutList;
  };
  "get /patients/{patientId}/treatments": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      limit?: number;
      cursor?: string;
    };
    reply: TreatmentList;
  };
  "get /patients/{patientId}/sleeps/{sleepId}/versions": {
    path: {
      patientId: string;
      sleepId: string;
    };
    query?: {};
    reply: {
      data: {
        start: string;
        end: string;
        kind: string;
        details: {
          [k: string]: unknown;
        };
        deliveryId: string;
        replacedBy: string;
        replacedAt: string;
      }[];
    };
  };
  "get /patients/{patientId}/workouts/{workoutId}/versions": {
    path: {
      patientId: string;
      workoutId: string;
    };
    query?: {};
    reply: {
      data: {
        start: string;
        end: string;
        kind: string;
        details: {
          [k: string]: unknown;
        };
        deliveryId: string;
        replacedBy: string;
        replacedAt: string;
      }[];
    };
  };
  "get /patients/{patientId}/score-versions": {
    path: {
      patientId: string;
    };
    query: {
      metric: "readiness" | "recovery" | "strain" | "sleep_score" | "resilience" | "training_load" | "menstrual_flow";
      from?: string;
      to?: string;
    };
    reply: {
      metric: "readiness" | "recovery" | "strain" | "sleep_score" | "resilience" | "training_load" | "menstrual_flow";
      unit: string;
      data: {
        start: string;
        end: string | null;
        value: number;
        source: Source;
        deliveryId: string;
        replacedBy: string;
        replacedAt: string;
      }[];
    };
  };
  "get /patients/{patientId}/workouts/{workoutId}": {
    path: {
      patientId: string;
      workoutId: string;
    };
    query?: {
      points?: number;
    };
    reply: WorkoutDetails;
  };
  "get /patients/{patientId}/sleeps/{sleepId}": {
    path: {
      patientId: string;
      sleepId: string;
    };
    query?: {
      points?: number;
    };
    reply: SleepDetails;
  };
  "get /patients/{patientId}/days": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
    };
    reply: DaySummaryList;
  };
  "get /patients/{patientId}/measuring-streak": {
    path: {
      patientId: string;
    };
    query?: {
      of?: "measured" | "all";
    };
    reply: MeasuringStreakReply;
  };
  "get /patients/{patientId}/source-rules": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: SourceRules;
  };
  "put /patients/{patientId}/source-rules/{metric}": {
    path: {
      patientId: string;
      metric: string;
    };
    query?: {};
    body: SourceRuleBodyInput;
    reply: SourceRuleReply;
  };
  "delete /patients/{patientId}/source-rules/{metric}": {
    path: {
      patientId: string;
      metric: string;
    };
    query?: {};
    reply: null;
  };
  "get /patients/{patientId}/provenance": {
    path: {
      patientId: string;
    };
    query: {
      metric: MetricNameInput;
      at: string;
      source?: string;
    };
    reply: Provenance;
  };
  "get /patients/{patientId}/deliveries/{deliveryId}": {
    path: {
      patientId: string;
      deliveryId: string;
    };
    query?: {};
    reply: Delivery;
  };
  "get /patients/{patientId}/deliveries/{deliveryId}/raw": {
    path: {
      patientId: string;
      deliveryId: string;
    };
    query?: {};
    reply: null;
  };
  "get /clinic/patients": {
    path: {};
    query?: {
      days?: "7" | "14" | "30" | "90";
      tags?: string;
      tagsMatch?: "any" | "all";
      untagged?: "true" | "false";
      timeInRangeFrom?: number;
      timeInRangeBelow?: number;
      timeBelowFrom?: number;
      veryLowFrom?: number;
      timeAboveFrom?: number;
      veryHighFrom?: number;
      wearBelow?: number;
      wearFrom?: number;
      noDataDays?: number;
      age?: string;
      connection?: string;
      reviewedBefore?: string;
      group?: string;
      flag?: string;
      snoozed?: "true" | "false";
      preset?: string;
      appointment?: string;
      sort?:
        | "name"
        | "lastData"
        | "lastValue"
        | "timeInRange"
        | "timeBelow"
        | "veryLow"
        | "timeAbove"
        | "veryHigh"
        | "tight"
        | "mean"
        | "gmi"
        | "cv"
        | "wear"
        | "change"
        | "lowEvents"
        | "highEvents"
        | "connection"
        | "lastReviewed"
        | "preset"
        | "tags"
        | "group"
        | "appointment";
      order?: "asc" | "desc";
      limit?: number;
      cursor?: string;
    };
    reply: ClinicPatientList;
  };
  "post /clinic/patients/search": {
    path: {};
    query?: {};
    body: PopulationSearchInput;
    reply: ClinicPatientList;
  };
  "get /clinic/patients.csv": {
    path: {};
    query?: {
      days?: "7" | "14" | "30" | "90";
      tags?: string;
      tagsMatch?: "any" | "all";
      untagged?: "true" | "false";
      timeInRangeFrom?: number;
      timeInRangeBelow?: number;
      timeBelowFrom?: number;
      veryLowFrom?: number;
      timeAboveFrom?: number;
      veryHighFrom?: number;
      wearBelow?: number;
      wearFrom?: number;
      noDataDays?: number;
      age?: string;
      connection?: string;
      reviewedBefore?: string;
      group?: string;
      flag?: string;
      snoozed?: "true" | "false";
      preset?: string;
      appointment?: string;
      sort?:
        | "name"
        | "lastData"
        | "lastValue"
        | "timeInRange"
        | "timeBelow"
        | "veryLow"
        | "timeAbove"
        | "veryHigh"
        | "tight"
        | "mean"
        | "gmi"
        | "cv"
        | "wear"
        | "change"
        | "lowEvents"
        | "highEvents"
        | "connection"
        | "lastReviewed"
        | "preset"
        | "tags"
        | "group"
        | "appointment";
      order?: "asc" | "desc";
    };
    reply: null;
  };
  "get /clinic/attention": {
    path: {};
    query?: {
      days?: "7" | "14" | "30" | "90";
      first?: number;
    };
    reply: Attention;
  };
  "get /clinic/overview": {
    path: {};
    query?: {
      days?: "7" | "14" | "30" | "90";
    };
    reply: ClinicOverview;
  };
  "get /clinic/attention-rules": {
    path: {};
    query?: {};
    reply: AttentionRules;
  };
  "patch /clinic/attention-rules": {
    path: {};
    query?: {};
    body: AttentionRulesPatchInput;
    reply: AttentionRules;
  };
  "get /tags": {
    path: {};
    query?: {};
    reply: TagList;
  };
  "post /tags": {
    path: {};
    query?: {};
    body: TagRequestInput;
    reply: Tag;
  };
  "patch /tags/{tagId}": {
    path: {
      tagId: string;
    };
    query?: {};
    body: TagPatchInput;
    reply: Tag;
  };
  "delete /tags/{tagId}": {
    path: {
      tagId: string;
    };
    query?: {};
    reply: null;
  };
  "get /patients/{patientId}/tags": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: PatientTags;
  };
  "post /tags/{tagId}/patients": {
    path: {
      tagId: string;
    };
    query?: {};
    body: TaggingRequestInput;
    reply: TaggingReply;
  };
  "get /patients/{patientId}/targets": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: TargetList;
  };
  "put /patients/{patientId}/targets": {
    path: {
      patientId: string;
    };
    query?: {};
    body: TargetRequestInput;
    reply: TargetList;
  };
  "get /patients/{patientId}/reviews": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: ReviewList;
  };
  "post /patients/{patientId}/reviews": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ReviewRequestInput;
    reply: ReviewList;
  };
  "delete /patients/{patientId}/reviews/{reviewId}": {
    path: {
      patientId: string;
      reviewId: string;
    };
    query?: {};
    reply: ReviewList;
  };
  "get /patients/{patientId}/live": {
    path: {
      patientId: string;
    };
    query?: {
      last_event_id?: string;
    };
    reply: null;
  };
  "get /clinic/live": {
    path: {};
    query?: {
      last_event_id?: string;
    };
    reply: null;
  };
  "get /patients/{patientId}/changes": {
    path: {
      patientId: string;
    };
    query?: {
      after?: string;
      limit?: number;
    };
    reply: ChangeList;
  };
  "get /audit/chain": {
    path: {};
    query?: {};
    reply: AuditChain;
  };
  "get /audit": {
    path: {};
    query?: {
      actor?: string;
      patient?: string;
      action?: string;
      outcome?: AuditOutcomeInput;
      from?: string;
      to?: string;
      limit?: number;
      cursor?: string;
    };
    reply: AuditLineList;
  };
  "get /patients/{patientId}/accesses": {
    path: {
      patientId: string;
    };
    query?: {
      from?: string;
      to?: string;
      limit?: number;
      cursor?: string;
    };
    reply: PatientAccessList;
  };
  "get /patients/{patientId}/consents": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: ConsentList;
  };
  "post /patients/{patientId}/consents": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ConsentRequestInput;
    reply: ConsentList;
  };
  "get /consent-texts": {
    path: {};
    query?: {};
    reply: ConsentTextList;
  };
  "post /consent-texts": {
    path: {};
    query?: {};
    body: ConsentTextRequestInput;
    reply: ConsentTextList;
  };
  "get /consent-texts/history": {
    path: {};
    query?: {};
    reply: ConsentTextHistory;
  };
  "get /inbox/counts": {
    path: {};
    query?: {};
    reply: InboxCounts;
  };
  "get /inbox/deliveries": {
    path: {};
    query?: {
      provider?: string;
      patientId?: string;
      from?: string;
      to?: string;
      state?: DeliveryStateInput | DeliveryStateInput[];
      limit?: number;
      cursor?: string;
    };
    reply: InboxList;
  };
  "get /inbox/deliveries/{id}": {
    path: {
      id: string;
    };
    query?: {};
    reply: InboxDeliveryShown;
  };
  "post /inbox/deliveries/{id}/retry": {
    path: {
      id: string;
    };
    query?: {};
    reply: InboxDeliveryShown;
  };
  "post /inbox/replays": {
    path: {};
    query?: {};
    body: {
      provider?: string;
      patientId?: string;
      from?: string;
      to?: string;
      mappingBefore?: number;
      reason: string;
    };
    reply: Replay;
  };
  "get /inbox/replays/{id}": {
    path: {
      id: string;
    };
    query?: {};
    reply: Replay;
  };
  "get /organization": {
    path: {};
    query?: {};
    reply: OrganizationShown;
  };
  "patch /organization": {
    path: {};
    query?: {};
    body: OrganizationPatchInput;
    reply: OrganizationShown;
  };
  "get /organization/profile": {
    path: {};
    query?: {};
    reply: OrganizationProfile;
  };
  "get /organization/api-keys": {
    path: {};
    query?: {
      limit?: number;
      cursor?: string;
    };
    reply: OrganizationKeyList;
  };
  "delete /organization/api-keys/{keyId}": {
    path: {
      keyId: string;
    };
    query?: {};
    reply: null;
  };
  "get /webhook-endpoints": {
    path: {};
    query?: {};
    reply: WebhookEndpointList;
  };
  "post /webhook-endpoints": {
    path: {};
    query?: {};
    body: WebhookEndpointRequestInput;
    reply: WebhookEndpointMade;
  };
  "get /webhook-endpoints/{endpointId}": {
    path: {
      endpointId: string;
    };
    query?: {};
    reply: WebhookEndpoint;
  };
  "patch /webhook-endpoints/{endpointId}": {
    path: {
      endpointId: string;
    };
    query?: {};
    body: WebhookEndpointPatchInput;
    reply: WebhookEndpoint;
  };
  "delete /webhook-endpoints/{endpointId}": {
    path: {
      endpointId: string;
    };
    query?: {};
    reply: null;
  };
  "post /webhook-endpoints/{endpointId}/secret": {
    path: {
      endpointId: string;
    };
    query?: {};
    reply: WebhookSecretMade;
  };
  "get /webhook-endpoints/{endpointId}/deliveries": {
    path: {
      endpointId: string;
    };
    query?: {
      state?: WebhookDeliveryStateInput | WebhookDeliveryStateInput[];
      from?: string;
      to?: string;
      limit?: number;
      cursor?: string;
    };
    reply: WebhookDeliveryList;
  };
  "get /webhook-endpoints/{endpointId}/deliveries/{deliveryId}": {
    path: {
      endpointId: string;
      deliveryId: string;
    };
    query?: {};
    reply: WebhookDeliveryShown;
  };
  "post /webhook-endpoints/{endpointId}/trial": {
    path: {
      endpointId: string;
    };
    query?: {};
    reply: WebhookDeliveryShown;
  };
  "post /webhook-endpoints/{endpointId}/deliveries/{deliveryId}/replay": {
    path: {
      endpointId: string;
      deliveryId: string;
    };
    query?: {};
    reply: WebhookDeliveryShown;
  };
  "post /webhook-endpoints/{endpointId}/replays": {
    path: {
      endpointId: string;
    };
    query?: {};
    body: WebhookReplayRequestInput;
    reply: WebhookReplay;
  };
  "get /vendors": {
    path: {};
    query?: {};
    reply: VendorStandingList;
  };
  "post /patients/{patientId}/data-exports": {
    path: {
      patientId: string;
    };
    query?: {};
    body: DataExportWishInput | null;
    reply: DataExport;
  };
  "get /patients/{patientId}/data-exports": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: DataExportList;
  };
  "get /patients/{patientId}/data-exports/{exportId}": {
    path: {
      patientId: string;
      exportId: string;
    };
    query?: {};
    reply: DataExport;
  };
  "delete /patients/{patientId}/data-exports/{exportId}": {
    path: {
      patientId: string;
      exportId: string;
    };
    query?: {};
    reply: null;
  };
  "get /patients/{patientId}/data-exports/{exportId}/file": {
    path: {
      patientId: string;
      exportId: string;
    };
    query?: {};
    reply: null;
  };
  "post /patients/{patientId}/erasures": {
    path: {
      patientId: string;
    };
    query?: {};
    body: ErasureWishInput;
    reply: Erasure;
  };
  "get /patients/{patientId}/erasures": {
    path: {
      patientId: string;
    };
    query?: {};
    reply: ErasureList;
  };
  "get /patients/{patientId}/erasures/{erasureId}": {
    path: {
      patientId: string;
      erasureId: string;
    };
    query?: {};
    reply: Erasure;
  };
  "delete /patients/{patientId}/erasures/{erasureId}": {
    path: {
      patientId: string;
      erasureId: string;
    };
    query?: {};
    reply: null;
  };
  "get /privacy/holds": {
    path: {};
    query?: {};
    reply: LegalHoldList;
  };
  "post /privacy/holds": {
    path: {};
    query?: {};
    body: LegalHoldWishInput;
    reply: LegalHold;
  };
  "delete /privacy/holds/{holdId}": {
    path: {
      holdId: string;
    };
    query?: {};
    reply: null;
  };
  "get /privacy/retention": {
    path: {};
    query?: {};
    reply: Retention;
  };
  "patch /privacy/retention": {
    path: {};
    query?: {};
    body: RetentionPatchInput;
    reply: Retention;
  };
  "post /patients/{patientId}/imports": {
    path: {
      patientId: string;
    };
    query?: {
      zone?: string;
      unit?: GlucoseUnitInput;
    };
    reply: ImportReply;
  };
  "post /push/{provider}": {
    path: {
      provider: string;
    };
    query?: {};
    reply: PushReply;
  };
  "post /push/{provider}/{resource}": {
    path: {
      provider: string;
      resource: string;
    };
    query?: {};
    reply: PushReply;
  };
  "post /patients/{patientId}/appointments/{appointmentId}/control-data": {
    path: {
      patientId: string;
      appointmentId: string;
    };
    query?: {
      name?: string;
    };
    reply: ControlData;
  };
}
export interface SignInRequestInput {
  identifier?: string;
  email?: string;
  password: string;
}
export interface Session {
  userId: string;
  email: string | null;
  displayName: string;
  roles: Role[];
  organization: {
    id: string;
    name: string;
    notice?: {
      en: string;
      es: string;
    };
  };
  patientId: string | null;
  preferences: {
    glucoseUnit: GlucoseUnit;
    locale: "en" | "es";
    zone: string;
  };
  csrfToken: string;
  expiresAt: string;
  mustChangePassword?: boolean;
  mustAddSecondFactor?: boolean;
}
export interface SecondFactorNeeded {
  secondFactor: {
    challengeId: string;
    expiresAt: string;
    methods: ("totp" | "passkey" | "recovery_code")[];
    passkeyOptions: {
      [k: string]: unknown;
    } | null;
  };
}
export interface Proof {
  provenAt: string;
  expiresAt: string;
  csrfToken: string | null;
  accessToken: string | null;
}
export interface Me {
  userId: string;
  email: string | null;
  displayName: string;
  roles: Role[];
  organization: {
    id: string;
    name: string;
    notice?: {
      en: string;
      es: string;
    };
  };
  patientId: string | null;
  preferences: {
    glucoseUnit: GlucoseUnit;
    locale: "en" | "es";
    zone: string;
  };
}
export interface PreferencesPatchInput {
  glucoseUnit?: GlucoseUnitInput;
  locale?: "en" | "es";
  zone?: string;
}
export interface AccessToken {
  accessToken: string;
  tokenType: "Bearer";
  expiresAt: string;
  refreshToken: string;
  refreshExpiresAt: string;
}
export interface PasskeyOptions {
  challengeId: string;
  expiresAt: string;
  options: {
    [k: string]: unknown;
  };
}
export interface FactorList {
  data: {
    id: string;
    kind: "totp" | "passkey";
    name: string;
    isConfirmed: boolean;
    createdAt: string;
    lastUsedAt: string | null;
  }[];
  recoveryCodesLeft: number;
}
export interface TotpRequestInput {
  name: string;
}
export interface TotpSecret {
  id: string;
  secret: string;
  uri: string;
  qrSvg: string;
}
export interface TotpCodeInput {
  code: string;
}
export interface FactorAdded {
  id: string;
  recoveryCodes: string[] | null;
}
export interface PasskeyAnswerInput {
  challengeId: string;
  name?: string;
  response: {
    [k: string]: unknown;
  };
}
export interface FactorPatchInput {
  name: string;
}
export interface RecoveryCodes {
  codes: string[];
}
export interface DeviceSessionList {
  data: DeviceSession[];
}
export interface DeviceSession {
  id: string;
  kind: "browser" | "program";
  device: string | null;
  startedAt: string;
  lastSeenAt: string;
  expiresAt: string;
  isThis: boolean;
}
export interface EndedSessions {
  ended: number;
}
export interface RefreshRequestInput {
  grant: "refresh_token";
  refreshToken: string;
}
export interface ApiKeyList {
  data: ApiKey[];
}
export interface ApiKey {
  id: string;
  userId: string;
  publicId: string;
  name: string;
  scopes: KeyScope[];
  isOwnOnly: boolean;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
}
export interface ApiKeyRequestInput {
  name: string;
  /**
   * @minItems 1
   * @maxItems 5
   */
  scopes: KeyScopeInput[];
  days?: number;
}
export interface NewApiKey {
  id: string;
  userId: string;
  publicId: string;
  name: string;
  scopes: KeyScope[];
  isOwnOnly: boolean;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  key: string;
}
export interface SignInProviderList {
  data: {
    id: string;
    name: string;
  }[];
}
export interface OutsideRequestInput {
  returnTo?: string;
}
export interface OutsideDeparture {
  authorizeUrl: string;
  expiresAt: string;
}
export interface IdentityList {
  data: {
    id: string;
    name: string;
    linkedAt: string;
  }[];
}
export interface RegistrationRequestInput {
  email: string;
  displayName: string;
  givenName?: string;
  familyName?: string;
  locale?: "en" | "es";
  zone?: string;
}
export interface Accepted {
  accepted: true;
}
export interface LinkAndPasswordInput {
  token: string;
  password: string;
}
export interface AccountMade {
  userId: string;
  patientId: string | null;
}
export interface InvitationList {
  data: Invitation[];
}
export interface Invitation {
  id: string;
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  email: string | null;
  byNationalId: boolean;
  createdAt: string;
  expiresAt: string;
  acceptedAt: string | null;
  withdrawnAt: string | null;
}
export interface InvitationRequestInput {
  /**
   * @minItems 1
   * @maxItems 4
   */
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  email?: string;
  nationalId?: string;
  locale?: "en" | "es";
}
export interface InvitationMade {
  id: string;
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  email: string | null;
  byNationalId: boolean;
  createdAt: string;
  expiresAt: string;
  acceptedAt: string | null;
  withdrawnAt: string | null;
  link: string | null;
}
export interface LinkOnlyInput {
  token: string;
}
export interface InvitationLook {
  organization: string;
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  email: string | null;
  needsNationalId: boolean;
}
export interface InvitationAcceptanceInput {
  token: string;
  password: string;
  displayName: string;
  givenName?: string;
  familyName?: string;
  email?: string;
  nationalId?: string;
  username?: string;
  locale?: "en" | "es";
  zone?: string;
}
export interface EmailChangeRequestInput {
  email: string;
  password: string;
}
export interface PasswordProofInput {
  password: string;
}
export interface AccountDeletion {
  outcome: "deleted" | "erasure_ordered";
}
export interface PasswordRecoveryRequestInput {
  identifier: string;
}
export interface PasswordProofReply {
  matches: boolean;
}
export interface PasswordChangeInput {
  currentPassword: string;
  newPassword: string;
}
export interface UserList {
  data: UserShown[];
  nextCursor: string | null;
}
export interface UserShown {
  id: string;
  email: string | null;
  isEmailVerified: boolean;
  username: string | null;
  nationalId: string | null;
  displayName: string;
  givenName: string | null;
  familyName: string | null;
  hospitalAccount: string | null;
  tidepoolAccount: string | null;
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  patientId: string | null;
  createdAt: string;
  blockedAt: string | null;
  mustChangePassword: boolean;
}
export interface UserRequestInput {
  displayName: string;
  givenName?: string;
  familyName?: string;
  email?: string;
  username?: string;
  nationalId?: string;
  /**
   * @minItems 1
   * @maxItems 4
   */
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  password?: string;
  hospitalAccount?: string;
  tidepoolAccount?: string;
  locale?: "en" | "es";
  zone?: string;
}
export interface UserMade {
  id: string;
  email: string | null;
  isEmailVerified: boolean;
  username: string | null;
  nationalId: string | null;
  displayName: string;
  givenName: string | null;
  familyName: string | null;
  hospitalAccount: string | null;
  tidepoolAccount: string | null;
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  patientId: string | null;
  createdAt: string;
  blockedAt: string | null;
  mustChangePassword: boolean;
  initialPassword: string | null;
}
export interface UserPatchInput {
  displayName?: string;
  givenName?: string | null;
  familyName?: string | null;
  username?: string | null;
  nationalId?: string | null;
  hospitalAccount?: string | null;
  tidepoolAccount?: string | null;
  /**
   * @minItems 1
   * @maxItems 4
   */
  roles?: ("patient" | "clinician" | "admin" | "follower")[];
}
export interface PatientList {
  data: Patient[];
  nextCursor: string | null;
}
export interface Patient {
  id: string;
  displayName: string;
  zone: string;
  isSelf: boolean;
}
export interface PatientShown {
  id: string;
  displayName: string;
  zone: string;
  isSelf: boolean;
  access: {
    kind: "own" | "shared" | "break_glass";
    scope: "view" | "upload" | "manage";
    until: string | null;
  };
}
export interface PatientIdentity {
  nationalId: string | null;
  hospitalAccount: string | null;
}
export interface ZoneHistory {
  home: string;
  current: string;
  data: {
    from: string;
    zone: string;
  }[];
}
export interface ZonesRequestInput {
  /**
   * @maxItems 2000
   */
  data: {
    from: string;
    zone: string;
  }[];
}
export interface ZoneRequestInput {
  from?: string;
  zone: string;
}
export interface PatientSummaryList {
  asOf: string;
  days: number;
  data: PatientSummary[];
  nextCursor: string | null;
  notice: string;
}
export interface PatientSummary {
  id: string;
  displayName: string;
  zone: string;
  isSelf: boolean;
  from: string;
  asOf: string;
  days: number;
  readings: number;
  rangesPercent: {
    veryLow: number;
    low: number;
    target: number;
    high: number;
    veryHigh: number;
    tight: number;
  } | null;
  meanMgDl: number | null;
  meanMmolL: number | null;
  sdMgDl: number | null;
  sdMmolL: number | null;
  cvPercent: number | null;
  gmiPercent: number | null;
  gmiMmolMol: number | null;
  wearPercent: number | null;
  tbr: number | null;
  tar: number | null;
  gri: number | null;
  griHypo: number | null;
  griHyper: number | null;
  griZone: ("A" | "B" | "C" | "D" | "E") | null;
  lbgi: number | null;
  hbgi: number | null;
  bgri: number | null;
  adrr: number | null;
  jIndex: number | null;
  lowEvents: {
    level1: number;
    level2: number;
  } | null;
  highEvents: {
    level1: number;
    level2: number;
  } | null;
  change: {
    targetPoints: number;
    meanMgDl: number;
    meanMmolL: number;
    daysBefore: number;
  } | null;
  lastReading: {
    at: string;
    valueMgDl: number;
    valueMmolL: number;
    ageSeconds: number;
    isStale: boolean;
  } | null;
}
export interface GrantList {
  data: Grant[];
  offers: GrantOffer[];
}
export interface Grant {
  userId: string;
  displayName: string;
  roles: ("patient" | "clinician" | "admin" | "follower")[];
  scope: "view" | "upload" | "manage";
  kind: "shared" | "break_glass";
  from: string;
  until: string | null;
}
export interface GrantOffer {
  id: string;
  email: string;
  scope: "view" | "upload" | "manage";
  until: string | null;
  offeredAt: string;
  expiresAt: string;
}
export interface ConsentGivenInput {
  version: number;
  locale?: "en" | "es";
}
export interface GrantReply {
  grant: Grant | null;
  offer: GrantOffer | null;
}
export interface GrantPatchInput {
  scope: "view" | "upload" | "manage";
  until?: string | null;
}
export interface ClinicianList {
  data: {
    id: string;
    displayName: string;
  }[];
}
export interface OffersToMe {
  data: {
    id: string;
    patientId: string;
    from: string;
    scope: "view" | "upload" | "manage";
    until: string | null;
    expiresAt: string;
  }[];
}
export interface OfferAnswerInput {
  decision: "accept" | "decline";
}
export interface BreakGlassRequestInput {
  patientId: string;
  reason: "emergency" | "patient_unable" | "public_duty" | "other";
  explanation: string;
}
export interface BreakGlassAccess {
  id: string;
  patientId: string;
  patientName: string;
  userId: string;
  userName: string;
  reason: "emergency" | "patient_unable" | "public_duty" | "other";
  explanation: string;
  begunAt: string;
  until: string;
  reviewedAt: string | null;
  verdict: ("justified" | "not_justified") | null;
}
export interface BreakGlassList {
  data: BreakGlassAccess[];
}
export interface BreakGlassReviewInput {
  verdict: "justified" | "not_justified";
}
export interface ConditionList {
  data: Condition[];
  nextCursor: string | null;
}
export interface Condition {
  id: string;
  version: number;
  audience: "care_team" | "shared";
  isPinned: boolean;
  isSelfReported: boolean;
  createdAt: string;
  createdBy: Author | null;
  changedAt: string;
  changedBy: Author | null;
  enteredInErrorAt: string | null;
  name: string;
  code: {
    system: string;
    code: string;
  } | null;
  onset: string | null;
  end: string | null;
  note: string | null;
  status: "active" | "remission" | "resolved";
}
export interface Author {
  userId: string;
  name: string | null;
  isPatient: boolean;
}
export interface ConditionRequestInput {
  name: string;
  code?: {
    system: string;
    code: string;
  } | null;
  onset?: string | null;
  end?: string | null;
  note?: string | null;
  status?: "active" | "remission" | "resolved";
}
export interface ConditionVersions {
  data: {
    version: number;
    deed: "written" | "changed" | "entered_in_error" | "restored";
    audience: "care_team" | "shared";
    isPinned: boolean;
    errorReason: TakeBackReason | null;
    at: string;
    author: Author | null;
    name: string;
    code: {
      system: string;
      code: string;
    } | null;
    onset: string | null;
    end: string | null;
    note: string | null;
    status: "active" | "remission" | "resolved";
  }[];
}
export interface MedicationList {
  data: Medication[];
  nextCursor: string | null;
}
export interface Medication {
  id: string;
  version: number;
  audience: "care_team" | "shared";
  isPinned: boolean;
  isSelfReported: boolean;
  createdAt: string;
  createdBy: Author | null;
  changedAt: string;
  changedBy: Author | null;
  enteredInErrorAt: string | null;
  name: string;
  code: {
    system: string;
    code: string;
  } | null;
  dose: string | null;
  medicationKind: "basal_insulin" | "fast_insulin" | "mixed_insulin" | "injectable" | "oral" | "other";
  from: string | null;
  to: string | null;
  reason: string | null;
  note: string | null;
  status: "active" | "paused" | "stopped";
}
export interface MedicationRequestInput {
  name: string;
  code?: {
    system: string;
    code: string;
  } | null;
  dose?: string | null;
  medicationKind: "basal_insulin" | "fast_insulin" | "mixed_insulin" | "injectable" | "oral" | "other";
  from?: string | null;
  to?: string | null;
  reason?: string | null;
  note?: string | null;
  status?: "active" | "paused" | "stopped";
}
export interface MedicationVersions {
  data: {
    version: number;
    deed: "written" | "changed" | "entered_in_error" | "restored";
    audience: "care_team" | "shared";
    isPinned: boolean;
    errorReason: TakeBackReason | null;
    at: string;
    author: Author | null;
    name: string;
    code: {
      system: string;
      code: string;
    } | null;
    dose: string | null;
    medicationKind: "basal_insulin" | "fast_insulin" | "mixed_insulin" | "injectable" | "oral" | "other";
    from: string | null;
    to: string | null;
    reason: string | null;
    note: string | null;
    status: "active" | "paused" | "stopped";
  }[];
}
export interface AllergyList {
  data: Allergy[];
  nextCursor: string | null;
}
export interface Allergy {
  id: string;
  version: number;
  audience: "care_team" | "shared";
  isPinned: boolean;
  isSelfReported: boolean;
  createdAt: string;
  createdBy: Author | null;
  changedAt: string;
  changedBy: Author | null;
  enteredInErrorAt: string | null;
  substance: string;
  code: {
    system: string;
    code: string;
  } | null;
  reaction: string | null;
  severity: ("mild" | "moderate" | "severe") | null;
  note: string | null;
  status: "active" | "inactive" | "resolved";
}
export interface AllergyRequestInput {
  substance: string;
  code?: {
    system: string;
    code: string;
  } | null;
  reaction?: string | null;
  severity?: ("mild" | "moderate" | "severe") | null;
  note?: string | null;
  status?: "active" | "inactive" | "resolved";
}
export interface AllergyVersions {
  data: {
    version: number;
    deed: "written" | "changed" | "entered_in_error" | "restored";
    audience: "care_team" | "shared";
    isPinned: boolean;
    errorReason: TakeBackReason | null;
    at: string;
    author: Author | null;
    substance: string;
    code: {
      system: string;
      code: string;
    } | null;
    reaction: string | null;
    severity: ("mild" | "moderate" | "severe") | null;
    note: string | null;
    status: "active" | "inactive" | "resolved";
  }[];
}
export interface ProcedureList {
  data: Procedure[];
  nextCursor: string | null;
}
export interface Procedure {
  id: string;
  version: number;
  audience: "care_team" | "shared";
  isPinned: boolean;
  isSelfReported: boolean;
  createdAt: string;
  createdBy: Author | null;
  changedAt: string;
  changedBy: Author | null;
  enteredInErrorAt: string | null;
  name: string;
  code: {
    system: string;
    code: string;
  } | null;
  date: string | null;
  note: string | null;
  status: null;
}
export interface ProcedureRequestInput {
  name: string;
  code?: {
    system: string;
    code: string;
  } | null;
  date?: string | null;
  note?: string | null;
}
export interface ProcedureVersions {
  data: {
    version: number;
    deed: "written" | "changed" | "entered_in_error" | "restored";
    audience: "care_team" | "shared";
    isPinned: boolean;
    errorReason: TakeBackReason | null;
    at: string;
    author: Author | null;
    name: string;
    code: {
      system: string;
      code: string;
    } | null;
    date: string | null;
    note: string | null;
    status: null;
  }[];
}
export interface ClinicalNoteList {
  data: ClinicalNote[];
  nextCursor: string | null;
}
export interface ClinicalNote {
  id: string;
  version: number;
  audience: "care_team" | "shared";
  isPinned: boolean;
  isSelfReported: boolean;
  createdAt: string;
  createdBy: Author | null;
  changedAt: string;
  changedBy: Author | null;
  enteredInErrorAt: string | null;
  text: string;
  noteKind: "visit" | "call" | "message" | "other";
  date: string | null;
  status: null;
}
export interface ClinicalNoteRequestInput {
  text: string;
  noteKind: "visit" | "call" | "message" | "other";
  date?: string | null;
  audience?: "care_team" | "shared";
  isPinned?: boolean;
}
export interface ClinicalNoteVersions {
  data: {
    version: number;
    deed: "written" | "changed" | "entered_in_error" | "restored";
    audience: "care_team" | "shared";
    isPinned: boolean;
    errorReason: TakeBackReason | null;
    at: string;
    author: Author | null;
    text: string;
    noteKind: "visit" | "call" | "message" | "other";
    date: string | null;
    status: null;
  }[];
}
export interface ClinicalDocumentList {
  data: ClinicalDocument[];
  nextCursor: string | null;
}
export interface ClinicalDocument {
  id: string;
  version: number;
  audience: "care_team" | "shared";
  isPinned: boolean;
  isSelfReported: boolean;
  createdAt: string;
  createdBy: Author | null;
  changedAt: string;
  changedBy: Author | null;
  enteredInErrorAt: string | null;
  title: string;
  documentKind: "lab" | "letter" | "report" | "other";
  date: string | null;
  note: string | null;
  file: {
    name: string;
    mediaType: string;
    sizeBytes: number;
    sha256: string;
  };
  status: null;
}
export interface ClinicalDocumentRequestInput {
  title: string;
  documentKind: "lab" | "letter" | "report" | "other";
  date?: string | null;
  note?: string | null;
  audience?: "care_team" | "shared";
  file: {
    name?: string | null;
    mediaType?: string | null;
    base64: string;
  };
}
export interface ClinicalDocumentPatchInput {
  title: string;
  documentKind: "lab" | "letter" | "report" | "other";
  date?: string | null;
  note?: string | null;
  audience?: "care_team" | "shared";
}
export interface ClinicalDocumentVersions {
  data: {
    version: number;
    deed: "written" | "changed" | "entered_in_error" | "restored";
    audience: "care_team" | "shared";
    isPinned: boolean;
    errorReason: TakeBackReason | null;
    at: string;
    author: Author | null;
    title: string;
    documentKind: "lab" | "letter" | "report" | "other";
    date: string | null;
    note: string | null;
    status: null;
  }[];
}
export interface CareTeam {
  data: CareTeamMember[];
}
export interface CareTeamMember {
  id: string | null;
  user: {
    id: string;
    name: string;
  };
  role: ("physician" | "nurse" | "dietitian" | "educator" | "psychologist" | "other") | null;
  roleWords: string | null;
  isMainContact: boolean;
  since: string | null;
  access: {
    scope: "view" | "upload" | "manage";
    since: string;
  } | null;
}
export interface CareTeamRequestInput {
  userId: string;
  role: "physician" | "nurse" | "dietitian" | "educator" | "psychologist" | "other";
  roleWords?: string | null;
  isMainContact?: boolean;
}
export interface CareTeamPatchInput {
  role?: "physician" | "nurse" | "dietitian" | "educator" | "psychologist" | "other";
  roleWords?: string | null;
  isMainContact?: boolean;
}
export interface AppointmentRequestInput {
  /**
   * @maxItems 12
   */
  motives?: (
    | "adjustment"
    | "hypoglycaemia"
    | "hyperglycaemia"
    | "ketosis"
    | "questions"
    | "other"
    | "AJUSTE"
    | "HIPOGLUCEMIA"
    | "HIPERGLUCEMIA"
    | "CETOSIS"
    | "DUDAS"
    | "OTRO"
  )[];
  otherMotive?: string | null;
  isSevere?: boolean;
}
export interface AppointmentAsked {
  appointment: Appointment;
  position: number | null;
  emergency: EmergencyWords | null;
}
export interface Appointment {
  id: string;
  patientId: string;
  state: AppointmentState;
  motives: ("adjustment" | "hypoglycaemia" | "hyperglycaemia" | "ketosis" | "questions" | "other")[];
  otherMotive: string | null;
  isSevere: boolean;
  isEmergency: boolean;
  priority: "normal" | "high" | "urgent";
  requestedAt: string;
  stateSince: string;
  handledBy: {
    userId: string;
    displayName: string;
  } | null;
  denialReason: string | null;
  version: number;
}
export interface EmergencyWords {
  text: string;
  phone: string | null;
}
export interface AppointmentList {
  data: Appointment[];
  nextCursor: string | null;
}
export interface CurrentAppointment {
  state: AppointmentState | "none";
  appointment: Appointment | null;
  position: number | null;
  isTaking: boolean;
  emergency: EmergencyWords;
}
export interface AppointmentWhole {
  id: string;
  patientId: string;
  state: AppointmentState;
  motives: ("adjustment" | "hypoglycaemia" | "hyperglycaemia" | "ketosis" | "questions" | "other")[];
  otherMotive: string | null;
  isSevere: boolean;
  isEmergency: boolean;
  priority: "normal" | "high" | "urgent";
  requestedAt: string;
  stateSince: string;
  handledBy: {
    userId: string;
    displayName: string;
  } | null;
  denialReason: string | null;
  version: number;
  position: number | null;
  details: {
    glucoseObjective: {
      value: number;
      unit: GlucoseUnit;
    } | null;
    insulinType: string | null;
    dose:
      | (
          | string
          | {
              amount: number;
              unit: string;
            }
        )
      | null;
    fastInsulin: string | null;
    fixedDose:
      | (
          | string
          | {
              amount: number;
              unit: string;
            }
        )
      | null;
    ratio: string | null;
    sensitivity: string | null;
    pumpType: string | null;
    otherTreatment: string | null;
    version: number;
    author: {
      userId: string;
      displayName: string;
    } | null;
    writtenAt: string;
  } | null;
  resolution: AppointmentResolution | null;
  controlData: ControlData[];
  history: {
    move: string;
    from: AppointmentState | null;
    to: AppointmentState;
    kind: "patient" | "clinician" | "clock";
    by: {
      userId: string;
      displayName: string;
    } | null;
    at: string;
    reason: string | null;
  }[];
  emergency: EmergencyWords | null;
}
export interface AppointmentResolution {
  changeBasal: {
    type: string | null;
    dose:
      | (
          | string
          | {
              amount: number;
              unit: string;
            }
        )
      | null;
    time: string | null;
  };
  changeFast: {
    type: string | null;
    ratio: string | null;
    sensitivity: string | null;
  };
  needsEmergencyCare: boolean;
  needsPhysicalAppointment: boolean;
  text: string | null;
  version: number;
  author: {
    userId: string;
    displayName: string;
  } | null;
  writtenAt: string;
}
export interface ControlData {
  id: string;
  name: string;
  mediaType: string;
  sizeBytes: number;
  sha256: string;
  addedAt: string;
}
export interface AppointmentDetailsRequestInput {
  glucoseObjective?: {
    value: number;
    unit: GlucoseUnitInput;
  } | null;
  insulinType?: string | null;
  dose?:
    | (
        | string
        | {
            amount: number;
            unit: string;
          }
      )
    | null;
  fastInsulin?: string | null;
  fixedDose?:
    | (
        | string
        | {
            amount: number;
            unit: string;
          }
      )
    | null;
  ratio?: string | null;
  sensitivity?: string | null;
  pumpType?: string | null;
  otherTreatment?: string | null;
  /**
   * @maxItems 12
   */
  motives?: (
    | "adjustment"
    | "hypoglycaemia"
    | "hyperglycaemia"
    | "ketosis"
    | "questions"
    | "other"
    | "AJUSTE"
    | "HIPOGLUCEMIA"
    | "HIPERGLUCEMIA"
    | "CETOSIS"
    | "DUDAS"
    | "OTRO"
  )[];
  otherMotive?: string | null;
  isSevere?: boolean;
}
export interface AppointmentLineList {
  asOf: string;
  data: AppointmentLine[];
  hidden: number;
  nextCursor: string | null;
}
export interface AppointmentLine {
  id: string;
  patientId: string;
  state: AppointmentState;
  motives: ("adjustment" | "hypoglycaemia" | "hyperglycaemia" | "ketosis" | "questions" | "other")[];
  otherMotive: string | null;
  isSevere: boolean;
  isEmergency: boolean;
  priority: "normal" | "high" | "urgent";
  requestedAt: string;
  stateSince: string;
  handledBy: {
    userId: string;
    displayName: string;
  } | null;
  denialReason: string | null;
  version: number;
  displayName: string;
  priorityReason: string | null;
  position: number | null;
  files: number;
}
export interface ClinicAppointment {
  id: string;
  patientId: string;
  state: AppointmentState;
  motives: ("adjustment" | "hypoglycaemia" | "hyperglycaemia" | "ketosis" | "questions" | "other")[];
  otherMotive: string | null;
  isSevere: boolean;
  isEmergency: boolean;
  priority: "normal" | "high" | "urgent";
  requestedAt: string;
  stateSince: string;
  handledBy: {
    userId: string;
    displayName: string;
  } | null;
  denialReason: string | null;
  version: number;
  displayName: string;
  priorityReason: string | null;
  position: number | null;
  details: {
    glucoseObjective: {
      value: number;
      unit: GlucoseUnit;
    } | null;
    insulinType: string | null;
    dose:
      | (
          | string
          | {
              amount: number;
              unit: string;
            }
        )
      | null;
    fastInsulin: string | null;
    fixedDose:
      | (
          | string
          | {
              amount: number;
              unit: string;
            }
        )
      | null;
    ratio: string | null;
    sensitivity: string | null;
    pumpType: string | null;
    otherTreatment: string | null;
    version: number;
    author: {
      userId: string;
      displayName: string;
    } | null;
    writtenAt: string;
  } | null;
  resolution: AppointmentResolution | null;
  controlData: ControlData[];
  history: {
    move: string;
    from: AppointmentState | null;
    to: AppointmentState;
    kind: "patient" | "clinician" | "clock";
    by: {
      userId: string;
      displayName: string;
    } | null;
    at: string;
    reason: string | null;
  }[];
  detailVersions: number;
  resolutions: AppointmentResolution[];
}
export interface DenialInput {
  reason: string;
}
export interface PriorityChangeInput {
  priority: "normal" | "high" | "urgent";
  reason: string;
}
export interface ResolutionList {
  data: AppointmentResolution[];
}
export interface AppointmentResolutionRequestInput {
  changeBasal?: {
    type?: string | null;
    dose?:
      | (
          | string
          | {
              amount: number;
              unit: string;
            }
        )
      | null;
    time?: string | null;
  };
  changeFast?: {
    type?: string | null;
    ratio?: string | null;
    sensitivity?: string | null;
  };
  needsEmergencyCare?: boolean;
  needsPhysicalAppointment?: boolean;
  text?: string | null;
}
export interface AppointmentQueue {
  capacity: number;
  active: number;
  free: number;
  byState: {
    pending: number;
    accepted: number;
    created: number;
  };
  expiryDays: {
    pending: number;
    accepted: number;
    created: number;
  };
  emergencyText: {
    en: string;
    es: string;
  };
  emergencyPhone: string | null;
  version: number;
  undo: {
    clearedAt: string;
    until: string;
    entries: number;
  } | null;
}
export interface AppointmentQueuePatchInput {
  capacity?: number;
  expiryDays?: {
    pending?: number;
    accepted?: number;
    created?: number;
  };
  emergencyText?: {
    en?: string;
    es?: string;
  };
  emergencyPhone?: string | null;
}
export interface QueueClearRequestInput {
  confirm: number;
}
export interface QueueCleared {
  cleared: number;
  undoUntil: string;
}
export interface QueueRestored {
  restored: number;
  left: number;
}
export interface ProviderList {
  data: Provider[];
}
export interface Provider {
  id: string;
  displayName: string;
  connectText: string;
  colour: string;
  textColour: string;
  attribution: string | null;
  logoUrl: string | null;
  disclosure: string;
  consent: {
    version: number;
    text: string;
  };
  isConfigured: boolean;
  isSimulated: boolean;
  canConnect: boolean;
  signIn: "oauth2" | "hosted" | "credentials" | "device" | "none";
  fields: SignInField[];
  unofficial: string | null;
  endedOn: string | null;
  successor: string | null;
  allowsSeveral: boolean;
  delivery: "poll" | "webhook-ping" | "webhook-push" | "device-push" | "typed";
  latencySeconds: number;
  historyLimitDays: number | null;
  metrics: MetricName[];
  records: ("sample" | "sleep" | "workout" | "treatment")[];
  resources: {
    name: string;
    metrics: MetricName[];
    records: ("sample" | "sleep" | "workout" | "treatment")[];
    everySeconds: number | null;
  }[];
  settings: ProviderSetting[];
}
export interface SignInField {
  name: string;
  label: string;
  isSecret: boolean;
  isOptional: boolean;
  form: "text" | "email" | "address";
}
export interface ProviderSetting {
  name: string;
  description: string;
  values: string[];
  default: string;
}
export interface ConnectionList {
  data: Connection[];
}
export interface Connection {
  id: string;
  provider: string;
  providerName: string;
  status: ConnectionStatus;
  statusDetail: string | null;
  isSyncing: boolean;
  isSimulated: boolean;
  connectedAt: string;
  lastSyncAt: string | null;
  nextSyncAt: string | null;
  lastDataAt: string | null;
  backfillProgress: number;
  grantedScopes: string[] | null;
  missingScopes: string[];
  devices: {
    id: string;
    name: string | null;
    lastDataAt: string;
  }[];
  settings: {
    [k: string]: string;
  };
}
export interface ConnectRequestInput {
  provider: string;
  settings?: {
    [k: string]: string;
  };
  returnTo?: string;
  credentials?: {
    [k: string]: string;
  };
  consent?: ConsentGivenInput;
}
export interface ConnectReply {
  authorizeUrl: string | null;
  expiresAt: string | null;
  connectionId: string | null;
  pairing: {
    code: string;
    pairUrl: string;
    pushUrl: string;
    demoDeviceUrl: string | null;
  } | null;
  disclosure: string;
  notice: string;
}
export interface SyncReply {
  outcome: "done" | "running" | "failed";
  stored: {
    samples: number;
    sleeps: number;
    workouts: number;
    treatments: number;
  };
  lastSyncAt: string | null;
  detail: string | null;
}
export interface PairReply {
  token: string;
  tokenType: "Bearer";
  provider: string;
  connectionId: string;
  pushUrl: string;
}
export interface ReadingsReply {
  deliveryId: string;
  isNew: boolean;
  stored: number;
  problems: {
    path: string;
    reason: string;
  }[];
  readings: Reading[];
}
export interface Reading {
  id: ReadingId;
  at: string;
  date: string;
  valueMgDl: number;
  valueMmolL: number;
  outOfRange: ("below" | "above") | null;
  unit: GlucoseUnit;
  type: ("BREAKFAST" | "LUNCH" | "SNACK" | "DINNER" | "EXERCISE" | "OTHER_MEALS" | "OTHER") | null;
  typeEs: ("DESAYUNO" | "ALMUERZO" | "MERIENDA" | "CENA" | "EJERCICIO" | "OTRAS_COMIDAS" | "OTRO") | null;
  mealRelation: ("before" | "after" | "fasting" | "casual" | "bedtime") | null;
  sampleType:
    | (
        | "capillary_whole_blood"
        | "capillary_plasma"
        | "venous_whole_blood"
        | "venous_plasma"
        | "arterial_whole_blood"
        | "arterial_plasma"
        | "undetermined_whole_blood"
        | "undetermined_plasma"
        | "interstitial_fluid"
      )
    | null;
  sampleLocation: ("finger" | "alternate_site" | "earlobe") | null;
  device: {
    id: string;
    name: string | null;
  } | null;
  sequence: string | null;
  syncSource: "manual" | "bluetooth" | "app" | "import";
  source: Source;
  note: string | null;
  enteredBy: NamedPerson | null;
}
export interface Source {
  id: string;
  provider: string | null;
  connectionId: string | null;
  device: string | null;
  attribution: string | null;
  linkedTo?: string;
}
export interface NamedPerson {
  userId: string;
  name: string | null;
}
export interface ReadingList {
  data: Reading[];
  nextCursor: string | null;
}
export interface ReadingStatistics {
  count: number;
  meanMgDl: number | null;
  meanMmolL: number | null;
  sdMgDl: number | null;
  sdMmolL: number | null;
  cvPercent: number | null;
  medianMgDl: number | null;
  medianMmolL: number | null;
  minMgDl: number | null;
  minMmolL: number | null;
  maxMgDl: number | null;
  maxMmolL: number | null;
  rangesPercent: {
    veryLow: number;
    low: number;
    target: number;
    high: number;
    veryHigh: number;
    tight: number;
  } | null;
  rangesCount: {
    veryLow: number;
    low: number;
    target: number;
    high: number;
    veryHigh: number;
    tight: number;
  } | null;
  from: string;
  to: string;
  zone: string;
  days: number;
  preset: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight";
  thresholdsMgDl: {
    veryLow: number;
    low: number;
    high: number;
    veryHigh: number;
    tightHigh: number;
  };
  thresholdsMmolL: {
    veryLow: number;
    low: number;
    high: number;
    veryHigh: number;
    tightHigh: number;
  };
  byType: {
    count: number;
    meanMgDl: number | null;
    meanMmolL: number | null;
    sdMgDl: number | null;
    sdMmolL: number | null;
    cvPercent: number | null;
    medianMgDl: number | null;
    medianMmolL: number | null;
    minMgDl: number | null;
    minMmolL: number | null;
    maxMgDl: number | null;
    maxMmolL: number | null;
    rangesPercent: {
      veryLow: number;
      low: number;
      target: number;
      high: number;
      veryHigh: number;
      tight: number;
    } | null;
    rangesCount: {
      veryLow: number;
      low: number;
      target: number;
      high: number;
      veryHigh: number;
      tight: number;
    } | null;
    type: ("BREAKFAST" | "LUNCH" | "SNACK" | "DINNER" | "EXERCISE" | "OTHER_MEALS" | "OTHER") | null;
    typeEs: ("DESAYUNO" | "ALMUERZO" | "MERIENDA" | "CENA" | "EJERCICIO" | "OTRAS_COMIDAS" | "OTRO") | null;
  }[];
  daily: {
    date: string;
    count: number;
    meanMgDl: number;
    meanMmolL: number;
    minMgDl: number;
    maxMgDl: number;
  }[];
  eA1cPercent: number | null;
  eA1cReason: ("no_readings" | "under_14_days" | "under_42_readings") | null;
  gmiPercent: null;
  gmiReason: "needs_sensor";
  computedFrom: "meter_readings";
}
export interface ReadingWithdrawn {
  id: ReadingId;
  restorableUntil: string;
}
export interface WithdrawnReadingList {
  data: WithdrawnReading[];
}
export interface WithdrawnReading {
  id: ReadingId;
  at: string;
  valueMgDl: number;
  valueMmolL: number;
  withdrawnAt: string;
  withdrawnBy: NamedPerson | null;
  reason: TakeBackReason | null;
  restorableUntil: string;
}
export interface MetricsReply {
  from: string;
  to: string;
  sources: Source[];
  series: MetricSeries[];
  nextFrom: string | null;
}
export interface MetricSeries {
  metric: MetricName;
  unit: string;
  resolution: Resolution;
  aggregate: "none" | "mean" | "sum" | "last";
  times: number[];
  endTimes: number[] | null;
  values: number[];
  offsets: (number | null)[];
  flags: string[][] | null;
  sourceIndexes: number[];
  stats?: {
    [k: string]: number[];
  };
  statsLeftOut?: ("mean" | "min" | "max" | "sum" | "count" | "last")[];
  breaks?: number[] | null;
  deliveryIds?: string[];
}
export interface LatestReply {
  data: LatestValue[];
}
export interface LatestValue {
  metric: MetricName;
  unit: string;
  sample: {
    at: string;
    end: string | null;
    offsetMinutes: number | null;
    value: number;
    valueMmolL: number | null;
    ageSeconds: number;
    isStale: boolean | null;
    flags: string[];
    source: Source;
    deliveryId: string;
  } | null;
}
export interface GlucoseLatest {
  reading: {
    at: string;
    valueMgDl: number;
    valueMmolL: number;
    trend: TrendArrow;
    rateMgDlMin: number | null;
    deltaMgDl: number | null;
    flags: string[];
    source: Source;
    ageSeconds: number;
    isStale: boolean;
  } | null;
  notice: string;
}
export interface GlucoseSeries {
  unit: GlucoseUnit;
  from: string;
  to: string;
  times: number[];
  values: number[];
  flags: string[][] | null;
  sourceIndexes: number[];
  sources: Source[];
  target: {
    low: number;
    high: number;
    veryLow: number;
    veryHigh: number;
  };
  notice: string;
}
export interface GlucoseSummary {
  from: string;
  to: string;
  zone: string;
  unit: GlucoseUnit;
  readings: number;
  days: number;
  mean: number | null;
  sd: number | null;
  cvPercent: number | null;
  gmiPercent: number | null;
  gmiMmolMol: number | null;
  median: number | null;
  min: number | null;
  max: number | null;
  wearPercent: number | null;
  rangesPercent: {
    veryLow: number;
    low: number;
    target: number;
    high: number;
    veryHigh: number;
    tight: number;
  } | null;
  thresholds: {
    veryLow: number;
    low: number;
    high: number;
    veryHigh: number;
    tightHigh: number;
  };
  isSufficient: boolean;
  reasons: string[];
  daily: {
    date: string;
    readings: number;
    mean: number;
    inTargetPercent: number;
    min: number;
    max: number;
  }[];
  notice: string;
}
export interface GlucoseStatistics {
  unit: GlucoseUnit;
  period: AnalysisPeriod;
  preset: AnalysisPreset;
  readings: number;
  days: number;
  activePercent: number | null;
  mean: number | null;
  sd: number | null;
  cv: number | null;
  median: number | null;
  iqr: number | null;
  mad: number | null;
  min: number | null;
  max: number | null;
  gmi: number | null;
  gmiMmolMol: number | null;
  eA1c: number | null;
  ranges: RangeShares | null;
  tbr: number | null;
  tar: number | null;
  lbgi: number | null;
  hbgi: number | null;
  bgri: number | null;
  adrr: number | null;
  gri: number | null;
  griHypo: number | null;
  griHyper: number | null;
  griZone: ("A" | "B" | "C" | "D" | "E") | null;
  grade: number | null;
  gradeHypo: number | null;
  gradeEuglycemia: number | null;
  gradeHyper: number | null;
  jIndex: number | null;
  mValue: number | null;
  igc: number | null;
  hypoIndex: number | null;
  hyperIndex: number | null;
  cogi: number | null;
  pgs: number | null;
  modd: number | null;
  conga24: number | null;
  mag: number | null;
  mag60: number | null;
  gvp: number | null;
  sdRoc: number | null;
  sdW: number | null;
  sdHhMm: number | null;
  sdWsh: number | null;
  sdDm: number | null;
  sdB: number | null;
  sdBDm: number | null;
  cvMean: number | null;
  cvSd: number | null;
  auc: number | null;
  mage: {
    average: number | null;
    service: number | null;
    max: number | null;
    plus: number | null;
    minus: number | null;
  };
  mageNaive: number | null;
  episodes: {
    hypoLevel1: EpisodeSummary;
    hypoLevel2: EpisodeSummary;
    hypoExtended: EpisodeSummary;
    hypoLevel1Exclusive: EpisodeSummary;
    hyperLevel1: EpisodeSummary;
    hyperLevel2: EpisodeSummary;
    hyperExtended: EpisodeSummary;
    hyperLevel1Exclusive: EpisodeSummary;
  } | null;
  reasons: {
    [k: string]: "no_readings" | "single_reading" | "too_sparse" | "one_day" | "too_short" | "no_excursions" | "nothing_scored" | "none_to_compare";
  };
  basis: {
    unit: GlucoseUnit;
    measuredUnit: GlucoseUnit;
    cadenceMinutes: number | null;
    grid: "iglu" | "islet";
    gridStepMinutes: number | null;
    firstMs: number | null;
    lastMs: number | null;
    algorithms: {
      mage: string;
      episodes: string;
      quantiles: string;
    };
  };
  wearPercent: number | null;
  isSufficient: boolean;
  insufficiency: ("under_14_days" | "under_70_percent") | null;
  parts: GlucoseParts;
  quality: QualityFinding[];
  cleaning: GlucoseCleaning;
  sources: Source[];
  notice: string;
}
export interface AnalysisPeriod {
  from: string;
  to: string;
  zone: string;
  days: number;
}
export interface AnalysisPreset {
  name: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
  thresholds: {
    veryLow: number;
    low: number;
    high: number;
    veryHigh: number;
    tightHigh: number;
  };
  goals: {
    target: number | null;
    below: number | null;
    veryLow: number | null;
    above: number | null;
    veryHigh: number | null;
  };
}
export interface RangeShares {
  veryLow: number;
  low: number;
  target: number;
  high: number;
  veryHigh: number;
  tight: number;
}
export interface EpisodeSummary {
  count: number;
  perDay: number | null;
  meanDurationMinutes: number | null;
  meanGlucose: number | null;
}
export interface GlucoseParts {
  night: GlucosePart;
  day: GlucosePart;
  weekdays: GlucoseDaysPart;
  weekend: GlucoseDaysPart;
}
export interface GlucosePart {
  readings: number;
  days: number;
  mean: number | null;
  sd: number | null;
  cv: number | null;
  min: number | null;
  max: number | null;
  ranges: RangeShares | null;
  tbr: number | null;
  tar: number | null;
  reason: ("no_readings" | "single_reading") | null;
}
export interface GlucoseDaysPart {
  readings: number;
  days: number;
  mean: number | null;
  sd: number | null;
  cv: number | null;
  min: number | null;
  max: number | null;
  ranges: RangeShares | null;
  tbr: number | null;
  tar: number | null;
  reason: ("no_readings" | "single_reading") | null;
  gmi: number | null;
  gmiReason: ("no_readings" | "under_14_days" | "under_70_percent") | null;
}
export interface QualityFinding {
  kind: "gap" | "mixed_cadence" | "overlapping_sensors" | "suspicious_unit" | "clock_jump" | "implausible" | "flat";
  from: string;
  to: string;
  count: number;
  severity: "info" | "warning";
}
export interface GlucoseCleaning {
  given: number;
  kept: number;
  invalid: number;
  clampedLow: number;
  clampedHigh: number;
  droppedSentinels: number;
  duplicates: number;
  wasUnsorted: boolean;
  implausible: number;
}
export interface GlucoseProfile {
  unit: GlucoseUnit;
  period: AnalysisPeriod;
  preset: AnalysisPreset;
  binMinutes: number;
  smoothing: "1-4-1" | "loess" | "none";
  minutes: number[];
  p05: (number | null)[];
  p25: (number | null)[];
  p50: (number | null)[];
  p75: (number | null)[];
  p95: (number | null)[];
  counts: number[];
  days: number[];
  readings: number;
  isSufficient: boolean;
  reason: ("no_readings" | "under_24_hours" | "under_7_days" | "under_70_percent") | null;
  sources: Source[];
  notice: string;
}
export interface GlucoseEpisodes {
  unit: GlucoseUnit;
  period: AnalysisPeriod;
  preset: AnalysisPreset;
  startMinutes: number;
  endMinutes: number;
  measuredUnit: GlucoseUnit;
  gridStepMinutes: number | null;
  episodes: {
    [k: string]: GlucoseEpisode[];
  } | null;
  summaries: {
    [k: string]: EpisodeSummary;
  } | null;
  reason: ("no_readings" | "single_reading" | "too_sparse" | "one_day" | "too_short" | "no_excursions" | "nothing_scored" | "none_to_compare") | null;
  sources: Source[];
  notice: string;
}
export interface GlucoseEpisode {
  start: string;
  end: string;
  date: string;
  durationMinutes: number;
  mean: number;
  extreme: number;
  extremeAt: string;
  isStartCut: boolean;
  isEndCut: boolean;
}
export interface GlucoseDaily {
  unit: GlucoseUnit;
  period: AnalysisPeriod;
  preset: AnalysisPreset;
  days: GlucoseDay[];
  parts: GlucoseParts;
  sources: Source[];
  notice: string;
}
export interface GlucoseDay {
  date: string;
  from: string;
  to: string;
  hoursInDay: number;
  weekday: number;
  readings: number;
  expected: number | null;
  presentPercent: number | null;
  mean: number | null;
  sd: number | null;
  cv: number | null;
  min: number | null;
  max: number | null;
  ranges: RangeShares | null;
  tbr: number | null;
  tar: number | null;
  reason: ("no_readings" | "single_reading") | null;
}
export interface GlucoseComparison {
  unit: GlucoseUnit;
  period: AnalysisPeriod;
  preset: AnalysisPreset;
  current: GlucoseSide;
  against: GlucoseSide;
  differences: {
    mean: number | null;
    sd: number | null;
    cv: number | null;
    gmi: number | null;
    tbr: number | null;
    tar: number | null;
    wearPercent: number | null;
    ranges: RangeShares;
  } | null;
  sources: Source[];
  notice: string;
}
export interface GlucoseSide {
  from: string;
  to: string;
  readings: number;
  days: number;
  cadenceMinutes: number | null;
  mean: number | null;
  sd: number | null;
  cv: number | null;
  gmi: number | null;
  tbr: number | null;
  tar: number | null;
  wearPercent: number | null;
  min: number | null;
  max: number | null;
  ranges: RangeShares | null;
  gmiReason: ("no_readings" | "under_14_days" | "under_70_percent") | null;
  thinReason: ("no_readings" | "window_too_short" | "too_few_readings") | null;
}
export interface SleepList {
  data: Sleep[];
  nextCursor: string | null;
}
export interface Sleep {
  id: string;
  start: string;
  end: string;
  offsetMinutes: number | null;
  isNap: boolean;
  asleepS: number | null;
  inBedS: number | null;
  deepS: number | null;
  lightS: number | null;
  remS: number | null;
  awakeS: number | null;
  efficiencyPercent: number | null;
  score: number | null;
  stages: {
    stage: string;
    start: string;
    end: string;
  }[];
  source: Source;
  deliveryId: string;
}
export interface SleepLatest {
  sleep: Sleep | null;
}
export interface WorkoutList {
  data: Workout[];
  nextCursor: string | null;
}
export interface Workout {
  id: string;
  start: string;
  end: string;
  offsetMinutes: number | null;
  sport:
    | "running"
    | "cycling"
    | "walking"
    | "hiking"
    | "swimming"
    | "rowing"
    | "strength"
    | "hiit"
    | "yoga"
    | "pilates"
    | "elliptical"
    | "stair_climbing"
    | "climbing"
    | "skiing"
    | "snowboarding"
    | "skating"
    | "water_sport"
    | "racket_sport"
    | "team_sport"
    | "golf"
    | "dance"
    | "martial_arts"
    | "meditation"
    | "wheelchair"
    | "multisport"
    | "transition"
    | "other";
  vendorSport: string | null;
  title: string | null;
  activeS: number | null;
  distanceM: number | null;
  energyKcal: number | null;
  averageHeartRate: number | null;
  maxHeartRate: number | null;
  averagePaceSKm: number | null;
  averagePowerW: number | null;
  maxPowerW: number | null;
  isPowerEstimated: boolean;
  averageCadence: number | null;
  elevationGainM: number | null;
  link: {
    text: string;
    url: string;
  } | null;
  source: Source;
  deliveryId: string;
}
export interface TreatmentList {
  data: Treatment[];
  nextCursor: string | null;
}
export interface Treatment {
  id: string;
  at: string;
  end: string | null;
  offsetMinutes: number | null;
  kind: string;
  amount: number | null;
  unit: string | null;
  text: string | null;
  meal: ("breakfast" | "lunch" | "snack" | "dinner" | "exercise" | "other_meal" | "other") | null;
  mealRelation: ("before" | "after" | "fasting" | "casual" | "bedtime") | null;
  sampleType:
    | (
        | "capillary_whole_blood"
        | "capillary_plasma"
        | "venous_whole_blood"
        | "venous_plasma"
        | "arterial_whole_blood"
        | "arterial_plasma"
        | "undetermined_whole_blood"
        | "undetermined_plasma"
        | "interstitial_fluid"
      )
    | null;
  sampleLocation: ("finger" | "alternate_site" | "earlobe") | null;
  isManual: boolean;
  source: Source;
  deliveryId: string;
}
export interface WorkoutDetails {
  id: string;
  start: string;
  end: string;
  offsetMinutes: number | null;
  sport:
    | "running"
    | "cycling"
    | "walking"
    | "hiking"
    | "swimming"
    | "rowing"
    | "strength"
    | "hiit"
    | "yoga"
    | "pilates"
    | "elliptical"
    | "stair_climbing"
    | "climbing"
    | "skiing"
    | "snowboarding"
    | "skating"
    | "water_sport"
    | "racket_sport"
    | "team_sport"
    | "golf"
    | "dance"
    | "martial_arts"
    | "meditation"
    | "wheelchair"
    | "multisport"
    | "transition"
    | "other";
  vendorSport: string | null;
  title: string | null;
  activeS: number | null;
  distanceM: number | null;
  energyKcal: number | null;
  averageHeartRate: number | null;
  maxHeartRate: number | null;
  averagePaceSKm: number | null;
  averagePowerW: number | null;
  maxPowerW: number | null;
  isPowerEstimated: boolean;
  averageCadence: number | null;
  elevationGainM: number | null;
  link: {
    text: string;
    url: string;
  } | null;
  source: Source;
  deliveryId: string;
  laps: {
    start: string;
    end: string | null;
    distanceM: number | null;
    averageHeartRate: number | null;
  }[];
  heartRateZonesS: number[] | null;
  streams: RecordStream[];
}
export interface RecordStream {
  name: MetricName | "pace";
  unit: string;
  times: number[];
  values: number[];
  breaks: number[] | null;
  sources: Source[];
}
export interface SleepDetails {
  id: string;
  start: string;
  end: string;
  offsetMinutes: number | null;
  isNap: boolean;
  asleepS: number | null;
  inBedS: number | null;
  deepS: number | null;
  lightS: number | null;
  remS: number | null;
  awakeS: number | null;
  efficiencyPercent: number | null;
  score: number | null;
  stages: {
    stage: string;
    start: string;
    end: string;
  }[];
  source: Source;
  deliveryId: string;
  hypnogram: Hypnogram;
  streams: RecordStream[];
}
export interface Hypnogram {
  from: number[];
  to: number[];
  stage: string[];
}
export interface DaySummaryList {
  zone: string;
  data: DaySummary[];
  notice: string;
}
export interface DaySummary {
  date: string;
  from: string;
  to: string;
  metrics: {
    metric: MetricName;
    unit: string;
    count: number;
    value: number;
    mean: number;
    sd: number | null;
    min: number;
    max: number;
    source: Source;
  }[];
  sleepS: number | null;
  workouts: number;
  workoutS: number | null;
}
export interface MeasuringStreakReply {
  timesMeasured: number;
  currentDays: number;
  longestDays: number;
  longestFrom: string | null;
  longestTo: string | null;
  lastMeasuredOn: string | null;
  asOf: string;
}
export interface SourceRules {
  rules: SourceRule[];
  metrics: SourcePlaces[];
}
export interface SourceRule {
  metric: string;
  order: SourceSelector[];
  exclude: SourceSelector[];
  updatedAt: string;
}
export interface SourceSelector {
  provider?: string;
  connectionId?: string;
  deviceId?: string;
}
export interface SourcePlaces {
  metric: MetricName;
  rule: string | null;
  sources: SourcePlace[];
}
export interface SourcePlace {
  source: Source;
  deviceId: string | null;
  isDayTotal: boolean;
  path: "direct" | "hub" | "typed" | "import";
  spacingS: number | null;
  firstAt: string | null;
  newestAt: string | null;
  reason: "only_source" | "own_order" | "measured_within_the_day" | "direct" | "more_detailed" | "still_measuring" | "newer_device" | "by_name" | "excluded";
}
export interface SourceRuleBodyInput {
  /**
   * @maxItems 50
   */
  order?: SourceSelectorInput[];
  /**
   * @maxItems 50
   */
  exclude?: SourceSelectorInput[];
}
export interface SourceSelectorInput {
  provider?: string;
  connectionId?: string;
  deviceId?: string;
}
export interface SourceRuleReply {
  rule: SourceRule;
  metrics: SourcePlaces[];
}
export interface Provenance {
  value: {
    metric: MetricName;
    at: string;
    value: number;
    unit: string;
    source: Source;
  };
  delivery: Delivery;
}
export interface Delivery {
  id: string;
  provider: string;
  via: "webhook" | "pull" | "import" | "push";
  resource: string | null;
  receivedAt: string;
  processedAt: string | null;
  state: "pending" | "processing" | "done" | "failed" | "dead" | "unmatched" | "ignored";
  bytes: number;
  attempts: number;
  problems: {
    path: string;
    reason: string;
  }[];
}
export interface ClinicPatientList {
  asOf: string;
  days: number;
  data: ClinicPatient[];
  total: number;
  all: number;
  nextCursor: string | null;
  notice: string;
}
export interface ClinicPatient {
  id: string;
  displayName: string;
  zone: string;
  isEmergency: boolean;
  days: number;
  from: string | null;
  to: string | null;
  asOf: string | null;
  isBehind: boolean;
  lastData: {
    at: string;
    ageSeconds: number;
    value: {
      mgDl: number;
      mmolL: number;
    };
  } | null;
  age: "day" | "threeDays" | "week" | "older" | "never";
  readings: number;
  daysRead: number;
  ranges: {
    veryLow: number;
    low: number;
    target: number;
    high: number;
    veryHigh: number;
    tight: number;
  } | null;
  timeInRange: number | null;
  timeBelow: number | null;
  timeAbove: number | null;
  mean: {
    mgDl: number;
    mmolL: number;
  } | null;
  sd: {
    mgDl: number;
    mmolL: number;
  } | null;
  cvPercent: number | null;
  gmiPercent: number | null;
  wearPercent: number | null;
  change: {
    points: number;
    daysBefore: number;
  } | null;
  lowEvents: {
    level1: number;
    level2: number;
  } | null;
  highEvents: {
    level1: number;
    level2: number;
  } | null;
  connection: {
    health: "error" | "reconnect" | "ok" | "none";
    vendors: {
      provider: string;
      name: string;
      health: "error" | "reconnect" | "ok";
      lastSyncAt: string | null;
    }[];
  };
  tags: Tag[];
  target: {
    preset: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
    goals: {
      target: number | null;
      below: number | null;
      veryLow: number | null;
      above: number | null;
      veryHigh: number | null;
    };
    hasOwnGoals: boolean;
    unit: GlucoseUnit | null;
    thresholds: {
      "mg/dL": {
        veryLow: number;
        low: number;
        high: number;
        veryHigh: number;
        tightHigh: number;
      };
      "mmol/L": {
        veryLow: number;
        low: number;
        high: number;
        veryHigh: number;
        tightHigh: number;
      };
    };
  };
  isTargetMet: boolean | null;
  lastReview: Review | null;
  group: ("veryLow" | "low" | "veryHigh" | "high" | "drop" | "lowTarget" | "lowWear" | "noData" | "connection" | "onTarget") | null;
  flags: {
    group: "veryLow" | "low" | "veryHigh" | "high" | "drop" | "lowTarget" | "lowWear" | "noData" | "connection" | "onTarget";
    title: {
      en: string;
      es: string;
    };
    value: number | null;
    threshold: number | null;
    isLowData: boolean;
  }[];
  isSnoozed: boolean;
  appointment: {
    id: string;
    state: "pending" | "accepted" | "created";
    requestedAt: string;
    stateAt: string;
    ageSeconds: number;
  } | null;
  account: {
    userId: string;
    isBlocked: boolean;
  } | null;
}
export interface Tag {
  id: string;
  name: string;
  color: number;
}
export interface Review {
  id: string;
  reviewedAt: string;
  reviewedBy: string;
  reviewedByName: string | null;
  snooze: {
    until: string;
    reason: string;
    groups: ("veryLow" | "low" | "veryHigh" | "high" | "drop" | "lowTarget" | "lowWear" | "noData" | "connection" | "onTarget")[];
  } | null;
}
export interface PopulationSearchInput {
  text: string;
  filters?: {
    days?: "7" | "14" | "30" | "90";
    tags?: string;
    tagsMatch?: "any" | "all";
    untagged?: "true" | "false";
    timeInRangeFrom?: number;
    timeInRangeBelow?: number;
    timeBelowFrom?: number;
    veryLowFrom?: number;
    timeAboveFrom?: number;
    veryHighFrom?: number;
    wearBelow?: number;
    wearFrom?: number;
    noDataDays?: number;
    age?: string;
    connection?: string;
    reviewedBefore?: string;
    group?: string;
    flag?: string;
    snoozed?: "true" | "false";
    preset?: string;
    appointment?: string;
    sort?:
      | "name"
      | "lastData"
      | "lastValue"
      | "timeInRange"
      | "timeBelow"
      | "veryLow"
      | "timeAbove"
      | "veryHigh"
      | "tight"
      | "mean"
      | "gmi"
      | "cv"
      | "wear"
      | "change"
      | "lowEvents"
      | "highEvents"
      | "connection"
      | "lastReviewed"
      | "preset"
      | "tags"
      | "group"
      | "appointment";
    order?: "asc" | "desc";
    limit?: number;
    cursor?: string;
  };
}
export interface Attention {
  asOf: string;
  days: number;
  groups: AttentionGroup[];
  ungrouped: number;
  snoozed: number;
  notice: string;
}
export interface AttentionGroup {
  group: "veryLow" | "low" | "veryHigh" | "high" | "drop" | "lowTarget" | "lowWear" | "noData" | "connection" | "onTarget";
  title: {
    en: string;
    es: string;
  };
  rule: {
    en: string;
    es: string;
  };
  count: number;
  snoozed: number;
  patients: ClinicPatient[];
}
export interface ClinicOverview {
  asOf: string;
  days: number;
  patients: number;
  groups: {
    group: "veryLow" | "low" | "veryHigh" | "high" | "drop" | "lowTarget" | "lowWear" | "noData" | "connection" | "onTarget";
    title: {
      en: string;
      es: string;
    };
    listed: number;
    flagged: number;
  }[];
  ungrouped: number;
  snoozed: number;
  ages: {
    day: number;
    threeDays: number;
    week: number;
    older: number;
    never: number;
  };
  connections: {
    ok: number;
    reconnect: number;
    error: number;
    none: number;
  };
  notice: string;
}
export interface AttentionRules {
  rules: {
    veryLowPercent: number;
    lowPercent: number;
    veryHighPercent: number;
    highPercent: number;
    dropPoints: number;
    targetPercent: number;
    wearPercent: number;
    noDataDays: number;
  };
  defaults: {
    veryLowPercent: number;
    lowPercent: number;
    veryHighPercent: number;
    highPercent: number;
    dropPoints: number;
    targetPercent: number;
    wearPercent: number;
    noDataDays: number;
  };
  limits: {
    name: "veryLowPercent" | "lowPercent" | "veryHighPercent" | "highPercent" | "dropPoints" | "targetPercent" | "wearPercent" | "noDataDays";
    least: number;
    most: number;
  }[];
  groups: {
    group: "veryLow" | "low" | "veryHigh" | "high" | "drop" | "lowTarget" | "lowWear" | "noData" | "connection" | "onTarget";
    title: {
      en: string;
      es: string;
    };
    rule: {
      en: string;
      es: string;
    };
    by: ("veryLowPercent" | "lowPercent" | "veryHighPercent" | "highPercent" | "dropPoints" | "targetPercent" | "wearPercent" | "noDataDays") | null;
  }[];
  updatedAt: string | null;
  updatedBy: string | null;
  updatedByName: string | null;
  version: number;
}
export interface AttentionRulesPatchInput {
  veryLowPercent?: number | null;
  lowPercent?: number | null;
  veryHighPercent?: number | null;
  highPercent?: number | null;
  dropPoints?: number | null;
  targetPercent?: number | null;
  wearPercent?: number | null;
  noDataDays?: number | null;
}
export interface TagList {
  data: {
    id: string;
    name: string;
    color: number;
    patients: number;
  }[];
}
export interface TagRequestInput {
  name: string;
  color: number;
}
export interface TagPatchInput {
  name?: string;
  color?: number;
}
export interface PatientTags {
  data: Tag[];
}
export interface TaggingRequestInput {
  /**
   * @maxItems 1000
   */
  add?: string[];
  /**
   * @maxItems 1000
   */
  remove?: string[];
}
export interface TaggingReply {
  added: string[];
  removed: string[];
}
export interface TargetList {
  current: Target;
  history: Target[];
}
export interface Target {
  preset: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
  thresholds: {
    "mg/dL": {
      veryLow: number;
      low: number;
      high: number;
      veryHigh: number;
      tightHigh: number;
    };
    "mmol/L": {
      veryLow: number;
      low: number;
      high: number;
      veryHigh: number;
      tightHigh: number;
    };
  };
  goals: {
    target: number | null;
    below: number | null;
    veryLow: number | null;
    above: number | null;
    veryHigh: number | null;
  };
  hasOwnGoals: boolean;
  unit: GlucoseUnit | null;
  setAt: string | null;
  setBy: string | null;
  setByName: string | null;
}
export interface TargetRequestInput {
  preset: "standard" | "older" | "pregnancy" | "pregnancyType2" | "tight" | "custom";
  bounds?: {
    unit: GlucoseUnitInput;
    veryLow: number;
    low: number;
    high: number;
    veryHigh: number;
  } | null;
  goals?: {
    target: number | null;
    below: number | null;
    veryLow: number | null;
    above: number | null;
    veryHigh: number | null;
  } | null;
  unit?: GlucoseUnitInput | null;
}
export interface ReviewList {
  data: Review[];
  undoUntil: string | null;
}
export interface ReviewRequestInput {
  snooze?: {
    until: string;
    reason: string;
  } | null;
}
export interface ChangeList {
  data: LiveEvent[];
  cursor: string;
  hasMore: boolean;
}
export interface LiveEvent {
  kind: "samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical";
  metric: MetricName | null;
  connectionId: string | null;
  from: string | null;
  to: string | null;
  count: number;
}
export interface AuditChain {
  checkedSince: string;
  links: number;
  anchors: number;
  isWhole: boolean;
  findings: {
    kind: string;
    entryId: string | null;
    detail: string;
  }[];
}
export interface AuditLineList {
  data: AuditLine[];
  nextCursor: string | null;
}
export interface AuditLine {
  id: string;
  at: string;
  action: string;
  outcome: AuditOutcome;
  purpose: ("care" | "support" | "break_glass" | "own" | "research" | "account" | "administration" | "system") | null;
  actor: {
    kind: string | null;
    id: string | null;
    name: string | null;
    roles: string[];
    keyId: string | null;
  };
  patientId: string | null;
  objectType: string | null;
  objectId: string | null;
  requestId: string | null;
  session: string | null;
  address: string | null;
  network: string | null;
  agent: string | null;
}
export interface PatientAccessList {
  data: PatientAccess[];
  nextCursor: string | null;
}
export interface PatientAccess {
  who: {
    id: string | null;
    name: string | null;
    roles: string[];
    isProgram: boolean;
  };
  organization: string | null;
  action: "viewed" | "uploaded" | "managed" | "exported" | "broke_glass";
  topic: string | null;
  what: string;
  purpose: ("care" | "support" | "break_glass" | "own" | "research" | "account" | "administration" | "system") | null;
  first: string;
  last: string;
  times: number;
}
export interface ConsentList {
  data: Consent[];
  history: {
    purpose: string;
    decision: "given" | "withdrawn" | "unrecorded";
    version: number | null;
    locale: ("en" | "es") | null;
    textHash: string | null;
    at: string;
    by: {
      id: string | null;
      name: string | null;
      isOnBehalf: boolean;
    };
    via: "page" | "api" | "import" | "operator" | "migration" | "demo";
  }[];
}
export interface Consent {
  purpose: string;
  vendor: string | null;
  state: ConsentState;
  since: string | null;
  text: {
    version: number;
    locale: "en" | "es";
    text: string;
    hash: string;
  };
}
export interface ConsentRequestInput {
  purpose: string;
  decision: "given" | "withdrawn";
  version?: number;
  locale?: "en" | "es";
}
export interface ConsentTextList {
  data: ConsentText[];
}
export interface ConsentText {
  purpose: string;
  version: number;
  texts: {
    en: string;
    es: string;
  };
  validFrom: string | null;
}
export interface ConsentTextRequestInput {
  purpose: string;
  texts: {
    en: string;
    es: string;
  };
  validFrom?: string;
}
export interface ConsentTextHistory {
  data: {
    purpose: string;
    version: number;
    texts: {
      en: string;
      es: string;
    };
    validFrom: string | null;
    state: "present" | "next" | "past";
  }[];
}
export interface InboxCounts {
  data: {
    provider: string;
    state: DeliveryState;
    count: number;
    oldestAt: string;
  }[];
}
export interface InboxList {
  data: InboxDelivery[];
  nextCursor: string | null;
}
export interface InboxDelivery {
  id: string;
  provider: string;
  via: "webhook" | "pull" | "import" | "push";
  resource: string | null;
  state: DeliveryState;
  attempts: number;
  lastError: string | null;
  receivedAt: string;
  processedAt: string | null;
  nextTryAt: string | null;
  bytes: number;
  patientId: string | null;
  problemCount: number;
  mappingVersion: number | null;
}
export interface InboxDeliveryShown {
  id: string;
  provider: string;
  via: "webhook" | "pull" | "import" | "push";
  resource: string | null;
  state: DeliveryState;
  attempts: number;
  lastError: string | null;
  receivedAt: string;
  processedAt: string | null;
  nextTryAt: string | null;
  bytes: number;
  patientId: string | null;
  problemCount: number;
  mappingVersion: number | null;
  problems: {
    path: string;
    reason: string;
  }[];
  causedBy: string | null;
}
export interface Replay {
  id: string;
  askedAt: string;
  reason: string;
  total: number;
  waiting: number;
  done: number;
  dead: number;
}
export interface OrganizationShown {
  id: string;
  name: string;
  locale: "en" | "es";
  glucoseUnit: GlucoseUnit;
  zone: string;
  contact: {
    email: string | null;
    phone: string | null;
    website: string | null;
  };
  mealLabels: {
    en?: {
      [k: string]: string;
    };
    es?: {
      [k: string]: string;
    };
  };
  notices: {
    patients: {
      en: string;
      es: string;
    } | null;
    staff: {
      en: string;
      es: string;
    } | null;
  };
  staffSecondFactor: "optional" | "required";
  version: number;
  changedAt: string;
}
export interface OrganizationPatchInput {
  name?: string;
  locale?: "en" | "es";
  glucoseUnit?: GlucoseUnitInput;
  zone?: string;
  contact?: {
    email: string | null;
    phone: string | null;
    website: string | null;
  };
  mealLabels?: {
    en?: {
      [k: string]: string;
    };
    es?: {
      [k: string]: string;
    };
  };
  notices?: {
    patients: {
      en: string;
      es: string;
    } | null;
    staff: {
      en: string;
      es: string;
    } | null;
  };
  staffSecondFactor?: "optional" | "required";
}
export interface OrganizationProfile {
  id: string;
  name: string;
  locale: "en" | "es";
  glucoseUnit: GlucoseUnit;
  zone: string;
  contact: {
    email: string | null;
    phone: string | null;
    website: string | null;
  };
  mealLabels: {
    en: {
      [k: string]: string;
    };
    es: {
      [k: string]: string;
    };
  };
  notice: {
    en: string;
    es: string;
  } | null;
}
export interface OrganizationKeyList {
  data: OrganizationKey[];
  nextCursor: string | null;
}
export interface OrganizationKey {
  id: string;
  publicId: string;
  name: string;
  owner: {
    id: string;
    name: string;
    roles: string[];
  };
  scopes: KeyScope[];
  isOwnOnly: boolean;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
}
export interface WebhookEndpointList {
  data: WebhookEndpoint[];
}
export interface WebhookEndpoint {
  id: string;
  url: string;
  description: string;
  kinds: ("samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical")[];
  state: "active" | "paused" | "disabled";
  disabledReason: ("gone" | "failing") | null;
  failures: number;
  failingSince: string | null;
  createdAt: string;
  oldSecretUntil: string | null;
}
export interface WebhookEndpointRequestInput {
  url: string;
  description?: string;
  /**
   * @minItems 1
   * @maxItems 9
   */
  kinds: ("samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical")[];
}
export interface WebhookEndpointMade {
  id: string;
  url: string;
  description: string;
  kinds: ("samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical")[];
  state: "active" | "paused" | "disabled";
  disabledReason: ("gone" | "failing") | null;
  failures: number;
  failingSince: string | null;
  createdAt: string;
  oldSecretUntil: string | null;
  secret: string;
}
export interface WebhookEndpointPatchInput {
  url?: string;
  description?: string;
  /**
   * @minItems 1
   * @maxItems 9
   */
  kinds?: ("samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical")[];
  state?: "active" | "paused";
}
export interface WebhookSecretMade {
  secret: string;
  oldSecretUntil: string;
}
export interface WebhookDeliveryList {
  data: WebhookDelivery[];
  nextCursor: string | null;
}
export interface WebhookDelivery {
  id: string;
  eventId: string;
  type: string;
  patientId: string | null;
  state: WebhookDeliveryState;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: string;
  nextAttemptAt: string | null;
  endedAt: string | null;
}
export interface WebhookDeliveryShown {
  id: string;
  eventId: string;
  type: string;
  patientId: string | null;
  state: WebhookDeliveryState;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: string;
  nextAttemptAt: string | null;
  endedAt: string | null;
  tries: {
    at: string;
    ms: number;
    status: number | null;
    error: string | null;
  }[];
  body: string;
}
export interface WebhookReplayRequestInput {
  from: string;
  to?: string;
  /**
   * @minItems 1
   * @maxItems 2
   */
  states?: ("delivered" | "dead")[];
}
export interface WebhookReplay {
  replayed: number;
  isAll: boolean;
}
export interface VendorStandingList {
  data: VendorStanding[];
}
export interface VendorStanding {
  id: string;
  displayName: string;
  isConfigured: boolean;
  isSimulated: boolean;
  missingSettings: string[];
  documentation: string;
  delivery: "poll" | "webhook-ping" | "webhook-push" | "device-push" | "typed";
  endedOn: string | null;
  health: "good" | "failing" | "resting" | "held" | "unknown";
  quietUntil: string | null;
  lastCalls: {
    made: number;
    failed: number;
    at: string;
  } | null;
  limits: {
    requests: number;
    perSeconds: number;
    scope: "app" | "connection";
    source: string;
    left: number;
    endsAt: string | null;
  }[];
  connections: {
    [k: string]: number;
  };
  lastSyncAt: string | null;
  subscription: {
    kind: "none" | "by_hand" | "of_app" | "of_connections";
    isMade: boolean | null;
    since: string | null;
  };
}
export interface DataExportWishInput {
  locale?: "en" | "es";
}
export interface DataExport {
  id: string;
  state: "waiting" | "running" | "ready" | "failed" | "gone";
  progress: number;
  error: string | null;
  askedAt: string;
  readyAt: string | null;
  expiresAt: string | null;
  bytes: number | null;
  sha256: string | null;
  files: number | null;
  rows: number | null;
}
export interface DataExportList {
  data: DataExport[];
}
export interface ErasureWishInput {
  confirm: string;
}
export interface Erasure {
  id: string;
  state: "waiting" | "running" | "done" | "undone";
  reason: string;
  askedAt: string;
  beginsAt: string;
  undoneAt: string | null;
  isOnHold: boolean;
}
export interface ErasureList {
  data: Erasure[];
}
export interface LegalHoldList {
  data: LegalHold[];
}
export interface LegalHold {
  id: string;
  patientId: string;
  reason: HoldReason;
  placedAt: string;
  placedBy: string | null;
  liftedAt: string | null;
}
export interface LegalHoldWishInput {
  patientId: string;
  reason: HoldReasonInput;
}
export interface Retention {
  keepMeasurementsYears: number | null;
  classes: {
    name: string;
    what: string;
    keeps: string;
  }[];
}
export interface RetentionPatchInput {
  keepMeasurementsYears: number | null;
}
export interface ImportReply {
  deliveryId: string;
  format: string;
  unit: GlucoseUnit | null;
  zone: string;
  rows: number;
  stored: number;
  duplicates: number;
  problems: {
    line: number;
    reason: string;
  }[];
}
export interface PushReply {
  deliveryId: string;
  isNew: boolean;
}
