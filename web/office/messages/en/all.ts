/** All words of the office in English, react-admin's own among them. */
import english from "ra-language-english";
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

export const ours = {
  ...shell, ...accounts, ...patient, ...patientDays, ...patients, ...history, ...appointments, ...administration, ...clinic, ...dashboard, ...operation, ...retention, ...webhooks,
} as const;

export const all = { ...english, ...ours };
