/** All words of the office in Spanish, react-admin's own among them. */
import type { ours as english } from "../en/all.ts";
import { accounts } from "./accounts.ts";
import { administration } from "./administration.ts";
import { appointments } from "./appointments.ts";
import { clinic } from "./clinic.ts";
import { dashboard } from "./dashboard.ts";
import { history } from "./history.ts";
import { operation } from "./operation.ts";
import { patient } from "./patient.ts";
import { patientDays } from "./patient-days.ts";
import { patients } from "./patients.ts";
import { retention } from "./retention.ts";
import { shell } from "./shell.ts";
import { webhooks } from "./webhooks.ts";
import { spanish } from "./react-admin.ts";

export const ours: Record<keyof typeof english, string> = {
  ...shell, ...accounts, ...patient, ...patientDays, ...patients, ...history, ...appointments, ...administration, ...clinic, ...dashboard, ...operation, ...retention, ...webhooks,
};

export const all = { ...spanish, ...ours };
