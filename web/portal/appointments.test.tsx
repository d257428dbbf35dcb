/** The page about appointments, as it is drawn without a browser: every state, both languages, whose words are whose. Requirements D3, D4. */
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createApi } from "#web/client/api.ts";
import { type AppointmentState, type AppointmentWhole, createAppointmentsApi } from "#web/client/appointments.ts";
import { ResourceCache, tagsOf, type ResourceSpec } from "#web/client/cache.ts";
import { Requester } from "#web/client/request.ts";
import { fakeAppointments, fakeRequest, REQUEST_ID } from "#web/fake/appointments.ts";
import { fakeFetch } from "#web/fake/fetch.ts";
import { IDS } from "#web/fake/people.ts";
import { fakeAccess } from "#web/fake/record.ts";
import { currentOf, requestOf, requestsOf } from "./appointments.ts";
import { DataProvider, type DataSource, WhoProvider } from "./data.tsx";
import { LanguageProvider } from "./language.tsx";
import { en } from "./messages/en.ts";
import { es } from "./messages/es.ts";
import { AppointmentWords } from "./parts/AppointmentWords.tsx";
import { patientOf } from "./resources.ts";
import { Appointments } from "./screens/appointments/Appointments.tsx";
import { fileWords } from "./screens/appointments/ControlData.tsx";
import { objectiveOf } from "./screens/appointments/DetailsForm.tsx";
import { askedReasons, ReasonFields } from "./screens/appointments/Reasons.tsx";
import { isEmergency } from "./screens/appointments/words.ts";

const NOW = Date.parse("2026-03-12T15:22:00Z");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  return () => void vi.useRealTimers();
});

interface Scene {
  readonly request?: AppointmentWhole | null;
  readonly locale?: "en" | "es";
  readonly isTaking?: boolean;
  readonly isSelf?: boolean;
  /** What a grant allows on somebody else's pages. */
  readonly scope?: "view" | "upload" | "manage";
}

async function draw({ request = null, locale = "en", isTaking = true, isSelf = true, scope = "view" }: Scene, page: ReactNode = <Appointments />): Promise<string> {
  const { fetch } = fakeFetch({ nowMs: NOW, locale }, ({ path }) => {
    const body = path === `/patients/${IDS.patient}` ? fakeAccess(scope) : fakeAppointments(path, request, isTaking);
    return body === undefined ? undefined : { status: 200, body };
  });
  const source: DataSource = { api: createApi(new Requester({ fetch })), cache: new ResourceCache(() => NOW) };
  const appointments = createAppointmentsApi(source.api.requester);
  const specs: ResourceSpec<unknown>[] = [patientOf(source.api, IDS.patient), currentOf(appointments, IDS.patient, locale), requestsOf(appointments, IDS.patient, 10), ...(request ? [requestOf(appointments, IDS.patient, REQUEST_ID, locale)] : [])];
  for (const spec of specs) source.cache.watch(spec, () => undefined);
  while (specs.some((spec) => source.cache.read(spec.key).isLoading)) await new Promise((resolve) => setImmediate(resolve));
  return renderToStaticMarkup(
    <DataProvider value={source}>
      <LanguageProvider catalogue={locale === "es" ? { locale, messages: es } : { locale, messages: en }} unit="mg/dL" zone="Europe/Madrid">
        <WhoProvider value={{ patient: { id: IDS.patient, displayName: "Ana Demo", zone: "Europe/Madrid", isSelf }, userId: IDS.user }}>{page}</WhoProvider>
      </LanguageProvider>
    </DataProvider>,
  );
}

const words = (html: string): string => html.replace(/<[^>]+>/g, " ").replace(/&amp;/g, "&").replace(/&#x27;/g, "'").replace(/\s+/g, " ");
const STATES: readonly AppointmentState[] = ["pending", "accepted", "created", "resolved", "denied", "cancelled", "expired"];
const has = (html: string, id: string): boolean => html.includes(`data-testid="${id}"`);

describe("the page about appointments", () => {
  it("[D3] offers in each state what the state machine gives the patient, and nothing else", async () => {
    for (const state of STATES) {
      const html = await draw({ request: fakeRequest(state, NOW) });
      const isOpen = ["pending", "accepted", "created"].includes(state);
      expect([has(html, "request-cancel"), has(html, "details-form"), has(html, "details-change"), has(html, "ask"), has(html, "file-add")], state)
        .toEqual([isOpen, state === "accepted", state === "created", !isOpen, state === "accepted" || state === "created"]);
    }
  });

  it("[D3] says what to do in an emergency before anybody asks, and again where it is one", async () => {
    const before = words(await draw({}));
    for (const text of ["In an emergency, do not wait here", "Call the ward now.", "Call +34 600 000 000", "What is it about?"]) expect(before).toContain(text);
    const html = await draw({ request: fakeRequest("pending", NOW, { motives: ["ketosis"], isEmergency: true, position: 1 }) });
    expect(has(html, "emergency-now")).toBe(true);
    expect(html).toContain('href="tel:+34600000000"');
    expect(isEmergency(["hypoglycaemia"], true)).toBe(true);
    expect(isEmergency(["hypoglycaemia", "questions"], false)).toBe(false);
  });

  it("[D3] tells the place in the line, who looks after it, and why it was not accepted in the clinic's words", async () => {
    expect(words(await draw({ request: fakeRequest("pending", NOW) }))).toContain("You are number 3 in the line.");
    const accepted = words(await draw({ request: fakeRequest("accepted", NOW) }));
    expect(accepted).toContain("Dr Ruiz looks after it.");
    expect(accepted).not.toContain("You are number");
    expect(words(await draw({ request: fakeRequest("denied", NOW) }))).toContain("The clinic's reason: Your family doctor writes these.");
  });

  it("[D4] shows the resolution as the clinician's own words, and the details as they were said", async () => {
    const text = words(await draw({ request: fakeRequest("resolved", NOW) }));
    for (const said of ["See you on Tuesday.", "Dr Ruiz's own words. Islet computes no dose.", "The clinic wants to see you in person.", "16 U · 22:00", "6.5", "(mmol/L)", "18 U", "4 U at dinner", "march.pdf"]) expect(text).toContain(said);
  });

  it("[D3] is somebody else's for whoever may manage, who is told whose it is; others see it and are told why they have nothing to press", async () => {
    const offered = (html: string) => [has(html, "ask"), has(html, "details-form"), has(html, "request-cancel"), has(html, "file-add"), has(html, "may-not-ask")];
    const accepted = fakeRequest("accepted", NOW);
    expect(offered(await draw({ request: accepted, isSelf: false, scope: "manage" }))).toEqual([false, true, true, true, false]);
    expect(offered(await draw({ isSelf: false, scope: "manage" }))).toEqual([true, false, false, false, false]);
    for (const scope of ["view", "upload"] as const) expect(offered(await draw({ request: accepted, isSelf: false, scope }))).toEqual([false, false, false, false, true]);
    const text = words(await draw({ request: fakeRequest("pending", NOW), isSelf: false, scope: "manage" }));
    for (const said of ["Ask the clinic for an appointment for Ana Demo", "Ana Demo is number 3 in the line."]) expect(text).toContain(said);
    expect(words(await draw({ isSelf: false, scope: "manage" }))).not.toMatch(/\bYour\b|your clinic|I needed/);
    expect(words(await draw({ isSelf: false, scope: "view" }))).toContain("Ana Demo can change that under Sharing, by letting you manage.");
  });

  it("takes no request while the queue is full, and gives others than the patient nothing to press", async () => {
    const full = await draw({ isTaking: false });
    expect(words(full)).toContain("The clinic takes no more requests at the moment.");
    expect(full).toMatch(/disabled=""[^>]*data-testid="ask-submit"/);
    const others = await draw({ request: fakeRequest("accepted", NOW), isSelf: false });
    expect([has(others, "ask"), has(others, "details-form"), has(others, "request-cancel"), has(others, "file-add")]).toEqual([false, false, false, false]);
  });

  it("says it in Spanish, with no key left over", async () => {
    for (const request of [null, ...STATES.map((state) => fakeRequest(state, NOW))]) {
      const text = words(await draw({ request, locale: "es" }));
      expect(text).toMatch(/[áéíóú¿]/);
      expect(text).not.toMatch(/\b(?:appointments|ask|motive|request|requests|details|files|resolution)\.[a-zA-Z]+\b/);
    }
  });
});

describe("what people type", () => {
  it("[D4] is a number by comma or point, and no severe hypoglycaemia without one", async () => {
    expect([objectiveOf(""), objectiveOf("6,5"), objectiveOf("6.5"), objectiveOf("abc")]).toEqual([null, 6.5, 6.5, Number.NaN]);
    expect(askedReasons({ motives: ["other"], isSevere: false, otherMotive: " a journey " })).toEqual({ motives: ["other"], isSevere: false, otherMotive: "a journey" });
    expect(askedReasons({ motives: ["questions"], isSevere: false, otherMotive: "left over" }).otherMotive).toBeNull();
    const fields = await draw({}, <AppointmentWords><ReasonFields reasons={{ motives: ["hypoglycaemia"], isSevere: true, otherMotive: "" }} onReasons={() => undefined} /></AppointmentWords>);
    expect(has(fields, "motive-severe")).toBe(true);
    expect(has(await draw({}), "motive-severe")).toBe(false);
  });

  it("[D4] is told why a file was not taken, in words that help", () => {
    expect(["file_type", "pdf_active", "pdf_encrypted", "too_large", "too_many_files", "file_infected", "internal"].map((code) => fileWords({ code }))).toEqual([
      "files.type", "files.type", "files.type", "files.large", "files.full", "files.infected", null,
    ]);
  });

  it("[D3] is shown anew when the clinic moves it", () => {
    expect(tagsOf({ kind: "appointment", metric: null, connectionId: null, from: null, to: null, count: 1 })).toEqual(["appointments"]);
  });
});
