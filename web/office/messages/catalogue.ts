/** The office's words: each area brings its own, in both languages. */
import type { Locale } from "#web/client/types.ts";
import * as administration from "./administration.ts";
import * as appointments from "./appointments.ts";
import * as history from "./history.ts";
import * as operation from "./operation.ts";
import * as patient from "./patient.ts";
import * as patientDays from "./patient-days.ts";
import * as patients from "./patients.ts";
import * as shell from "./shell.ts";
import * as webhooks from "./webhooks.ts";

const en = {
  ...shell.en, ...patient.en, ...patientDays.en, ...patients.en, ...history.en, ...appointments.en, ...administration.en, ...operation.en, ...webhooks.en,
} as const;
const es: Record<keyof typeof en, string> = {
  ...shell.es, ...patient.es, ...patientDays.es, ...patients.es, ...history.es, ...appointments.es, ...administration.es, ...operation.es, ...webhooks.es,
};

export type MessageKey = keyof typeof en;
export const CATALOGUES: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, es };
