/** The areas of the office, as the menu shows them: where each is, who sees it, and what is fetched when it is first opened. */
import { type ComponentType, lazy } from "react";
import PatientsIcon from "@mui/icons-material/PeopleAltOutlined";
import AdministrationIcon from "@mui/icons-material/TuneOutlined";
import AppointmentsIcon from "@mui/icons-material/EventNoteOutlined";
import DashboardIcon from "@mui/icons-material/SpaceDashboardOutlined";
import ClinicIcon from "@mui/icons-material/FactCheckOutlined";
import type { MessageKey } from "./messages/catalogue.ts";

export interface Area {
  /** Below /office; the page takes every address below it. */
  readonly path: string;
  readonly label: MessageKey;
  readonly icon: ComponentType;
  readonly roles: readonly ("clinician" | "admin")[];
  readonly page: ComponentType;
}

export const AREAS: readonly Area[] = [
  { path: "", label: "shell.dashboard", icon: DashboardIcon, roles: ["clinician", "admin"], page: lazy(async () => ({ default: (await import("./dashboard/Dashboard.tsx")).Dashboard })) },
  { path: "patients", label: "shell.patients", icon: PatientsIcon, roles: ["clinician"], page: lazy(async () => ({ default: (await import("./patient/PatientArea.tsx")).PatientArea })) },
  { path: "appointments", label: "shell.appointments", icon: AppointmentsIcon, roles: ["clinician", "admin"], page: lazy(async () => ({ default: (await import("./appointments/Appointments.tsx")).Appointments })) },
  { path: "clinic", label: "clinic.title", icon: ClinicIcon, roles: ["clinician"], page: lazy(async () => ({ default: (await import("./administration/clinic/ClinicSettings.tsx")).ClinicSettings })) },
  { path: "administration", label: "shell.administration", icon: AdministrationIcon, roles: ["admin"], page: lazy(async () => ({ default: (await import("./administration/Administration.tsx")).Administration })) },
];
