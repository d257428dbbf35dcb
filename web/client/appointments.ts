/** The calls about a patient's appointments, by name. Apart from the others, for the page that is fetched when it is first opened. */
import type { Operations } from "./operations.d.ts";
import type { Requester } from "./request.ts";

export type CurrentAppointment = Operations["get /patients/{patientId}/appointments/current"]["reply"];
export type AppointmentList = Operations["get /patients/{patientId}/appointments"]["reply"];
export type AppointmentWhole = Operations["get /patients/{patientId}/appointments/{appointmentId}"]["reply"];
export type AppointmentAsked = Operations["post /patients/{patientId}/appointments"]["reply"];
export type AppointmentRequest = NonNullable<Operations["post /patients/{patientId}/appointments"]["body"]>;
export type AppointmentDetailsRequest = Operations["post /patients/{patientId}/appointments/{appointmentId}/details"]["body"];
export type AppointmentState = AppointmentWhole["state"];
export type Motive = AppointmentWhole["motives"][number];

export type AppointmentsApi = ReturnType<typeof createAppointmentsApi>;

/** Every call throws ApiError. */
export function createAppointmentsApi(requester: Requester) {
  const at = (patientId: string, path = ""): string => `/patients/${encodeURIComponent(patientId)}/appointments${path}`;
  const one = (appointmentId: string, path = ""): string => `/${encodeURIComponent(appointmentId)}${path}`;
  const file = (fileId: string): string => `/control-data/${encodeURIComponent(fileId)}`;
  return {
    current: (patientId: string, signal: AbortSignal) => requester.send<CurrentAppointment>(at(patientId, "/current"), { signal }),
    list: (patientId: string, limit: number, signal: AbortSignal) => requester.send<AppointmentList>(at(patientId), { query: { limit }, signal }),
    one: (patientId: string, id: string, signal: AbortSignal) => requester.send<AppointmentWhole>(at(patientId, one(id)), { signal }),
    ask: (patientId: string, body: AppointmentRequest) => requester.send<AppointmentAsked>(at(patientId), { method: "POST", body }),
    tell: (patientId: string, { id, version }: Pick<AppointmentWhole, "id" | "version">, body: AppointmentDetailsRequest) =>
      requester.send<AppointmentWhole>(at(patientId, one(id, "/details")), { method: "POST", body, headers: { "if-match": `"${version}"` } }),
    cancel: (patientId: string, id: string) => requester.send<unknown>(at(patientId, one(id, "/cancel")), { method: "POST" }),
    addFile: (patientId: string, id: string, given: File) =>
      requester.send<unknown>(at(patientId, one(id, "/control-data")), { method: "POST", query: { name: given.name }, file: given }),
    removeFile: (patientId: string, id: string, fileId: string) => requester.send<undefined>(at(patientId, one(id, file(fileId))), { method: "DELETE" }),
    fileHref: (patientId: string, id: string, fileId: string): string => `/api/v1${at(patientId, one(id, file(fileId)))}`,
  };
}
