/** What somebody did with a person's data, in words that the person reads. Programs go by `action` and `topic`. */
import type { Words } from "#driver/types.ts";
import type { Locale } from "./words.ts";

const OTHER: Words = { en: "other data", es: "otros datos" };

/** By the first part of a route below the patient. */
const TOPICS: Readonly<Record<string, Words>> = {
  glucose: { en: "glucose", es: "la glucosa" },
  metrics: { en: "measurements", es: "las mediciones" },
  latest: { en: "the latest measurements", es: "las últimas mediciones" },
  live: { en: "measurements as they come in", es: "las mediciones según llegan" },
  changes: { en: "what has changed", es: "qué ha cambiado" },
  days: { en: "the summary of days", es: "el resumen de los días" },
  summaries: { en: "the overview in the list of patients", es: "el resumen en la lista de pacientes" },
  patients: { en: "the overview in the list of patients", es: "el resumen en la lista de pacientes" },
  attention: { en: "the list of patients to look at first", es: "la lista de pacientes que mirar primero" },
  targets: { en: "the targets", es: "los objetivos" },
  tags: { en: "the clinic's tags", es: "las etiquetas de la clínica" },
  identity: { en: "national id and hospital account", es: "el documento de identidad y el número de historia" },
  reviews: { en: "the clinic's reviews", es: "las revisiones de la clínica" },
  sleeps: { en: "sleep", es: "el sueño" },
  workouts: { en: "workouts", es: "los entrenamientos" },
  treatments: { en: "treatments", es: "los tratamientos" },
  "score-versions": { en: "earlier scores", es: "las puntuaciones anteriores" },
  readings: { en: "readings of meters", es: "las lecturas de glucómetro" },
  conditions: { en: "conditions", es: "los diagnósticos" },
  medications: { en: "medications", es: "la medicación" },
  allergies: { en: "allergies", es: "las alergias" },
  procedures: { en: "procedures", es: "los procedimientos" },
  notes: { en: "clinical notes", es: "las notas clínicas" },
  documents: { en: "clinical documents", es: "los documentos clínicos" },
  "care-team": { en: "the care team", es: "el equipo de atención" },
  imports: { en: "imported files", es: "los archivos importados" },
  connections: { en: "connections to vendors", es: "las conexiones con proveedores" },
  "source-rules": { en: "which sources are believed", es: "qué fuentes se prefieren" },
  zones: { en: "time zones", es: "las zonas horarias" },
  provenance: { en: "where a value came from", es: "el origen de un valor" },
  deliveries: { en: "raw deliveries", es: "los envíos originales" },
  appointments: { en: "requests for appointments", es: "las solicitudes de cita" },
  accesses: { en: "who has looked", es: "quién ha mirado" },
  grants: { en: "whom the data is shared with", es: "con quién se comparten los datos" },
  "grant-offers": { en: "offers to share", es: "las ofertas de compartir" },
  "my-grant": { en: "their own access", es: "su propio acceso" },
  consents: { en: "consents", es: "los consentimientos" },
  "measuring-streak": { en: "how steadily was measured", es: "la constancia de las mediciones" },
  "data-exports": { en: "packages of all data", es: "los paquetes con todos los datos" },
  erasures: { en: "the erasure of all data", es: "el borrado de todos los datos" },
  other: OTHER,
};

const DEEDS = {
  viewed: (what: string): Words => ({ en: `Looked at ${what}`, es: `Miró ${what}` }),
  uploaded: (what: string): Words => ({ en: `Added to ${what}`, es: `Añadió a ${what}` }),
  managed: (what: string): Words => ({ en: `Managed ${what}`, es: `Gestionó ${what}` }),
  exported: (what: string): Words => ({ en: `Exported ${what}`, es: `Exportó ${what}` }),
  broke_glass: (): Words => ({ en: "Used emergency access", es: "Usó el acceso de emergencia" }),
} as const;

export type Deed = keyof typeof DEEDS;
export const DEED_NAMES = Object.keys(DEEDS) as [Deed, ...Deed[]];

/** What kind of access an action of the audit log is. */
export function deedOf(action: string): Deed {
  if (action.startsWith("break_glass.")) return "broke_glass";
  if (action.endsWith(".exported")) return "exported";
  return action === "patient.upload" ? "uploaded" : action === "patient.manage" ? "managed" : "viewed";
}

export function accessWords(action: string, topic: string | null, locale: Locale): string {
  return DEEDS[deedOf(action)]((TOPICS[topic ?? "other"] ?? OTHER)[locale])[locale];
}

/** Whether a topic has words of its own. */
export function hasWords(topic: string): boolean {
  return topic in TOPICS;
}
