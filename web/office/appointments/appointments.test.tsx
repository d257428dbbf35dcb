/** What the board shows: buttons by state and role from the state machine, motives by shape and word, the hint to call, the clinician's own words. */
import type { ReactNode } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { I18nContext, type I18nProvider } from "ra-core";
import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router-dom";
import { describe, expect, it } from "vitest";
import { movesFor, STATES } from "#clinic/appointments/state-machine.ts";
import type { Locale } from "#web/client/types.ts";
import { type Catalogue, loadWords } from "../messages/catalogue.ts";
import { createI18n } from "../messages/i18n.ts";
import { type Staff, StaffProvider } from "../session/staff.ts";
import { PatientDetails, Resolutions } from "./Details.tsx";
import { RequestCard, buttonsOf } from "./RequestCard.tsx";
import { ResolutionForm } from "./ResolutionForm.tsx";
import type { Line, Whole } from "./types.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const LINE: Line = {
  id: "00000000-0000-4000-8000-000000000001", patientId: "00000000-0000-4000-8000-000000000002", displayName: "Ana Prueba", state: "pending", motives: ["questions"], otherMotive: null, isSevere: false,
  isEmergency: false, priority: "normal", priorityReason: null, requestedAt: "2026-11-21T09:00:00.000Z", stateSince: "2026-11-21T09:00:00.000Z", handledBy: null, denialReason: null, version: 1, position: 3, files: 0,
};

const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { en: await loadWords("en"), es: await loadWords("es") };

function draw(page: ReactNode, locale: Locale = "en"): string {
  const staff = { client: null, session: { preferences: { zone: "Europe/Madrid", locale } }, unit: "mg/dL", isAdmin: false, isClinician: true } as unknown as Staff;
  const i18n: I18nProvider = createI18n({ locale, words: CATALOGUES[locale], load: loadWords, save: () => Promise.resolve() });
  return renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <I18nContext.Provider value={i18n}>
        <StaffProvider value={staff}><MemoryRouter>{page}</MemoryRouter></StaffProvider>
      </I18nContext.Provider>
    </QueryClientProvider>,
  );
}

const card = (change: Partial<Line> = {}, locale?: Locale): string => draw(<RequestCard line={{ ...LINE, ...change }} nowMs={NOW} onMove={() => undefined} />, locale);
const buttons = (html: string): string[] => [...html.matchAll(/data-testid="move-(\w+)"/g)].map(([, move]) => move!);

describe("a request on the board", () => {
  it("[D3] has exactly the buttons that the state machine gives a clinician, in every state", () => {
    for (const state of STATES) {
      expect(buttons(card({ state })).toSorted(), state).toEqual(movesFor(state, "clinician").toSorted());
      expect(buttonsOf(state), state).toEqual(buttons(card({ state })));
    }
    expect(buttons(card({ state: "pending" }))).toEqual(["accept", "deny", "prioritize"]);
    expect(buttons(card({ state: "resolved" }))).toEqual(["revise"]);
    expect(buttons(card({ state: "denied" }))).toEqual([]);
  });

  it("[D3] says to call where the patient says it is an emergency, in words and not by colour alone", () => {
    const html = card({ motives: ["hypoglycaemia", "questions"], isSevere: true, isEmergency: true, position: 1 });
    expect(html).toContain("Call now: the patient says it is hypoglycaemia (severe).");
    expect(html).toContain("Hypoglycaemia (severe)");
    expect(card({ motives: ["ketosis"], isEmergency: true }, "es")).toContain("Llame ahora: el paciente dice que es cetosis.");
    expect(card({ motives: ["hypoglycaemia"] })).not.toContain("Call now");
  });

  it("tells age, place, priority, files and who took it, in both languages", () => {
    const html = card({ priority: "high", files: 2, handledBy: { userId: LINE.id, displayName: "Dr Ruiz" } });
    for (const words of ["3 hr ago", "No. 3 in the line", "Priority: High", "2 files", "Taken by Dr Ruiz", "Ana Prueba"]) expect(html).toContain(words);
    const spanish = card({ motives: ["adjustment", "other"], otherMotive: "Un viaje", files: 1 }, "es");
    for (const words of ["Ajuste", "Otro", "Un viaje", "N.º 3 de la cola", "1 archivo", "Aceptar", "Rechazar"]) expect(spanish).toContain(words);
    expect(card({ motives: [] })).toContain("No reason given");
  });
});

const RESOLUTION: NonNullable<Whole["resolution"]> = {
  changeBasal: { type: null, dose: { amount: 16, unit: "U" }, time: "22:00" }, changeFast: { type: null, ratio: null, sensitivity: null }, needsEmergencyCare: false, needsPhysicalAppointment: true,
  text: "See you\non Tuesday.", version: 2, author: { userId: LINE.id, displayName: "Dr Ruiz" }, writtenAt: "2026-11-21T10:00:00.000Z",
};

describe("what is written down", () => {
  it("[D4] is shown as it was said: the objective in the unit of the patient, doses as words", () => {
    const none = { insulinType: null, fastInsulin: null, ratio: null, sensitivity: null, pumpType: null, otherTreatment: null };
    const html = draw(<PatientDetails details={{ ...none, glucoseObjective: { value: 6.5, unit: "mmol/L" }, dose: { amount: 18, unit: "U" }, fixedDose: "4 U con la cena", version: 1, author: null, writtenAt: "2026-11-21T10:00:00.000Z" }} />);
    for (const words of ["6.5 mmol/L", "18 U", "4 U con la cena"]) expect(html).toContain(words);
    expect(html).not.toContain("mg/dL");
    expect(draw(<PatientDetails details={null} />)).toContain("has not told the details yet");
  });

  it("[D4] names the author of each version of a resolution, the former ones below", () => {
    const html = draw(<Resolutions resolutions={[RESOLUTION, { ...RESOLUTION, version: 1, text: "Earlier words.", author: null }]} />);
    for (const words of ["See you\non Tuesday.", "Version 2 by Dr Ruiz", "Needs an appointment in person", "16 U · 22:00", "Earlier versions", "Earlier words."]) expect(html).toContain(words);
  });

  it("[D4] begins a new version with the words of the last, and says that Islet computes nothing", () => {
    const whole = { ...LINE, state: "resolved", resolution: RESOLUTION, resolutions: [RESOLUTION], details: null, controlData: [], history: [], detailVersions: 0 } as unknown as Whole;
    const html = draw(<ResolutionForm request={whole} onDone={() => undefined} />);
    expect(html).toContain("See you\non Tuesday.");
    expect(html).toContain('value="16 U"');
    expect(html).toContain("Islet computes no dose and proposes none.");
  });
});
