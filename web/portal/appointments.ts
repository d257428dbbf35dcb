/** The API and the resources of the page about appointments; fetched with it. */
import { useCallback, useMemo } from "react";
import { type AppointmentList, type AppointmentsApi, type AppointmentWhole, createAppointmentsApi, type CurrentAppointment } from "#web/client/appointments.ts";
import type { ResourceSpec } from "#web/client/cache.ts";
import { useData } from "./data.tsx";

const TAGS = ["appointments"] as const;

export function useAppointments(): AppointmentsApi {
  const { api } = useData();
  return useMemo(() => createAppointmentsApi(api.requester), [api]);
}

/** Lets what is shown of them be asked for again. */
export function useChanged(): () => void {
  const { cache } = useData();
  return useCallback(() => cache.invalidate(TAGS), [cache]);
}

/** The clinic's words for an emergency come in a language, so the language is of the key. */
export const currentOf = (appointments: AppointmentsApi, patientId: string, locale: string): ResourceSpec<CurrentAppointment> => ({
  key: `${patientId}/appointments/current/${locale}`, tags: TAGS, load: (signal) => appointments.current(patientId, signal),
});
export const requestsOf = (appointments: AppointmentsApi, patientId: string, limit: number): ResourceSpec<AppointmentList> => ({
  key: `${patientId}/appointments/${limit}`, tags: TAGS, load: (signal) => appointments.list(patientId, limit, signal),
});
export const requestOf = (appointments: AppointmentsApi, patientId: string, id: string, locale: string): ResourceSpec<AppointmentWhole> => ({
  key: `${patientId}/appointment/${id}/${locale}`, tags: TAGS, load: (signal) => appointments.one(patientId, id, signal),
});
