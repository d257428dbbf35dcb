/** The few words that are shown before the office itself is fetched. */
import type { Locale } from "#web/client/types.ts";

interface EntryWords {
  readonly title: string;
  readonly notStaff: string;
  readonly toPortal: string;
  readonly loading: string;
}

export const ENTRY: Readonly<Record<Locale, EntryWords>> = {
  en: {
    title: "Islet Office",
    notStaff: "The office is for the people of a clinic. Your own pages are in the portal.",
    toPortal: "To the portal",
    loading: "Loading",
  },
  es: {
    title: "Islet Consultorio",
    notStaff: "El consultorio es para el personal de una clínica. Tus páginas están en el portal.",
    toPortal: "Al portal",
    loading: "Cargando",
  },
};
