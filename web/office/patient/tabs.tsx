/** The tabs of a patient's page: a line each. A page is fetched when its tab is first opened, and asks `usePatient` whose it is. */
import { type ComponentType, lazy } from "react";
import type { MessageKey } from "../messages/catalogue.ts";

export interface PatientTab {
  /** Below /patients/<id>; the first tab has none. */
  readonly path: string;
  readonly label: MessageKey;
  /** Whether the period and ranges of the head are about it. */
  readonly hasPeriod: boolean;
  /** Whether it can be set beside the period before. */
  readonly hasComparison?: boolean;
  readonly page: ComponentType;
}

export const TABS: readonly PatientTab[] = [
  { path: "", label: "patient.tabSummary", hasPeriod: true, hasComparison: true, page: lazy(async () => ({ default: (await import("./summary/Summary.tsx")).Summary })) },
  { path: "day", label: "patient.tabDay", hasPeriod: false, page: lazy(async () => ({ default: (await import("./day/DayTab.tsx")).DayTab })) },
  { path: "overlay", label: "patient.tabOverlay", hasPeriod: true, page: lazy(async () => ({ default: (await import("./days/Overlay.tsx")).Overlay })) },
  { path: "calendar", label: "patient.tabCalendar", hasPeriod: false, page: lazy(async () => ({ default: (await import("./days/Calendar.tsx")).Calendar })) },
  { path: "episodes", label: "patient.tabEpisodes", hasPeriod: true, page: lazy(async () => ({ default: (await import("./days/Episodes.tsx")).Episodes })) },
  { path: "readings", label: "history.tabReadings", hasPeriod: false, page: lazy(async () => ({ default: (await import("../history/readings/Readings.tsx")).Readings })) },
  { path: "history", label: "history.tabHistory", hasPeriod: false, page: lazy(async () => ({ default: (await import("../history/ClinicalHistory.tsx")).ClinicalHistory })) },
  { path: "documents", label: "history.tabDocuments", hasPeriod: false, page: lazy(async () => ({ default: (await import("../history/documents/Documents.tsx")).Documents })) },
  { path: "care-team", label: "history.tabCareTeam", hasPeriod: false, page: lazy(async () => ({ default: (await import("../history/care-team/CareTeam.tsx")).CareTeam })) },
  { path: "appointments", label: "patient.tabAppointments", hasPeriod: false, page: lazy(async () => ({ default: (await import("./appointments/PatientAppointments.tsx")).PatientAppointments })) },
  { path: "devices", label: "patient.tabDevices", hasPeriod: false, page: lazy(async () => ({ default: (await import("./devices/Devices.tsx")).Devices })) },
  { path: "accesses", label: "patient.tabAccesses", hasPeriod: false, page: lazy(async () => ({ default: (await import("./accesses/Accesses.tsx")).Accesses })) },
];
