/** The pages about the health record and readings, as they are drawn without a browser: whose words are whose, who may do what, both languages. Requirements D3, D5. */
import { renderToStaticMarkup } from "react-dom/server";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { METRICS } from "#units/metrics.ts";
import { createApi } from "#web/client/api.ts";
import { ResourceCache, tagsOf, type ResourceSpec } from "#web/client/cache.ts";
import { createReadingsApi, type MeterReading } from "#web/client/readings.ts";
import { createRecordApi } from "#web/client/record.ts";
import { Requester } from "#web/client/request.ts";
import type { OrganizationProfile, PatientShown } from "#web/client/types.ts";
import type { FakeReply } from "#web/fake/api.ts";
import { type Asked, fakeFetch } from "#web/fake/fetch.ts";
import { IDS } from "#web/fake/people.ts";
import { ALLERGY_ID, EMPTY_RECORD, fakeAccess, fakeReading, fakeRecord, type FakeRecord, fakeTeam, fakeVersions } from "#web/fake/record.ts";
import { createFormatter } from "#web/language/format.ts";
import { DataProvider, type DataSource, WhoProvider } from "./data.tsx";
import { confirmNotice } from "./device-memory.ts";
import { LanguageProvider } from "./language.tsx";
import { en } from "./messages/en.ts";
import { en as recordEn } from "./messages/record/en.ts";
import { es } from "./messages/es.ts";
import { createTranslate } from "./messages/translate.ts";
import { ReadingWords } from "./parts/ReadingWords.tsx";
import { readingsOf, takenBackOf, windowOf } from "./readings.ts";
import { careTeamOf, entriesOf, versionsOf } from "./record.ts";
import { organizationOf, patientOf } from "./resources.ts";
import { ReadingDialog } from "./screens/readings/ReadingDialog.tsx";
import { ReadingRow } from "./screens/readings/ReadingRow.tsx";
import { Readings } from "./screens/readings/Readings.tsx";
import { faultsOf, KINDS, limitsOf, readingOf, type Typed } from "./screens/readings/typed.ts";
import { faultsOf as formFaultsOf, spanText } from "./screens/record/entry.ts";
import { HealthRecord } from "./screens/record/HealthRecord.tsx";
import { ALLERGY_FORM, CONDITION_FORM, MEDICATION_FORM } from "./screens/record/views.ts";

const NOW = Date.parse("2026-03-12T15:22:00Z");
const ZONE = "Europe/Madrid";
const OTHER_USER = "somebody";
const KINDS_OF_RECORD = ["conditions", "medications", "allergies", "procedures", "notes", "documents"] as const;
const PROFILE: OrganizationProfile = {
  id: IDS.organization, name: "Demo clinic", locale: "es", glucoseUnit: "mg/dL", zone: ZONE, contact: { phone: "+34 600 000 000", email: null, website: null }, notice: null,
  mealLabels: {
    en: { BREAKFAST: "Breakfast", LUNCH: "Midday meal", SNACK: "Snack", DINNER: "Dinner", EXERCISE: "Exercise", OTHER_MEALS: "Other meals", OTHER: "Other" },
    es: { BREAKFAST: "Desayuno", LUNCH: "Comida", SNACK: "Merienda", DINNER: "Cena", EXERCISE: "Ejercicio", OTHER_MEALS: "Otras comidas", OTHER: "Otro" },
  },
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  const storage = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (name: string) => storage.get(name) ?? null, setItem: (name: string, value: string) => storage.set(name, value) });
  for (const userId of [IDS.user, OTHER_USER]) confirmNotice(userId);
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

interface Scene {
  readonly record?: FakeRecord;
  readonly readings?: readonly MeterReading[];
  readonly locale?: "en" | "es";
  /** What somebody else may; oneself without it. */
  readonly scope?: PatientShown["access"]["scope"];
  readonly isClinician?: boolean;
}

function answer({ path }: Asked, { record = fakeRecord(NOW), readings = [fakeReading(NOW)], scope = "view" }: Scene): FakeReply | undefined {
  const below = path.replace(`/patients/${IDS.patient}`, "");
  const kind = KINDS_OF_RECORD.find((each) => below === `/${each}`);
  const body = kind ? { data: record[kind], nextCursor: null } : new Map<string, unknown>([
    ["", fakeAccess(scope)], ["/care-team", { data: fakeTeam(NOW) }], [`/allergies/${ALLERGY_ID}/versions`, { data: fakeVersions(NOW) }], ["/readings", { data: readings, nextCursor: null }],
    ["/readings/withdrawn", { data: [] }], ["/organization/profile", PROFILE],
  ]).get(below);
  return body === undefined ? undefined : { status: 200, body };
}

async function draw(page: ReactNode, scene: Scene = {}): Promise<string> {
  const { locale = "en", scope, isClinician = false } = scene;
  const source: DataSource = { api: createApi(new Requester({ fetch: fakeFetch({ nowMs: NOW, locale }, (asked) => answer(asked, scene)).fetch })), cache: new ResourceCache(() => NOW) };
  const [record, readings] = [createRecordApi(source.api.requester), createReadingsApi(source.api.requester)];
  const specs: ResourceSpec<unknown>[] = [
    ...KINDS_OF_RECORD.map((kind) => entriesOf(record, IDS.patient, kind)), careTeamOf(record, IDS.patient), versionsOf(record, IDS.patient, { kind: "allergies", id: ALLERGY_ID }), organizationOf(source.api),
    patientOf(source.api, IDS.patient), readingsOf(readings, IDS.patient, { span: windowOf(ZONE, { last: "2026-03-12", today: "2026-03-12" }), type: undefined }), takenBackOf(readings, IDS.patient),
  ];
  for (const spec of specs) source.cache.watch(spec, () => undefined);
  while (specs.some((spec) => source.cache.read(spec.key).isLoading)) await new Promise((resolve) => setImmediate(resolve));
  return renderToStaticMarkup(
    <DataProvider value={source}>
      <LanguageProvider catalogue={locale === "es" ? { locale, messages: es } : { locale, messages: en }} unit="mg/dL" zone={ZONE}>
        <WhoProvider value={{ patient: { id: IDS.patient, displayName: "Ana Demo", zone: ZONE, isSelf: scope === undefined }, userId: scope === undefined ? IDS.user : OTHER_USER, isClinician }}>{page}</WhoProvider>
      </LanguageProvider>
    </DataProvider>,
  );
}

const words = (html: string): string => html.replace(/<[^>]+>/g, " ").replace(/&amp;/g, "&").replace(/&#x27;/g, "'").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/\s+/g, " ");
const has = (html: string, id: string): boolean => html.includes(`data-testid="${id}"`);
const KEYS_LEFT_OVER = /\b(?:record|entry|field|careTeam|medication|severity|noteKind|documentKind|readings?|relation|sample|location|way)\.[a-zA-Z_.]+\b/;

describe("the health record", () => {
  it("[D5] tells what was written, by whom and when, and keeps what is over apart", async () => {
    const html = await draw(<HealthRecord />);
    const text = words(html);
    for (const said of [
      "Diabetes mellitus, type 1", "Since 3 Mar 2009", "ICD-10 E10.9", "No ketoacidosis.", "Written by Dr Ruiz, 10 Feb 2026", "Earlier (1)", "1 Aug 2017 – 12 Oct 2017", "18 U at bedtime · Basal insulin",
      "Until 1 Jan 2027 · Basal need", "Changed by somebody whose account is gone", "Rash · moderate", "your words", "Changed by you, 11 Mar 2026", "Latex said for you now Written by Luis Demo", "Fundus photograph", "Visit · 2 Mar 2026", "See you in June.", "PDF, 2.5 MB",
    ]) expect(text).toContain(said);
    expect(html).toContain(`href="/api/v1/patients/${IDS.patient}/documents/d1/file"`);
  });

  it("[D5] tells who cares for the person, what they may see, and how the clinic is reached", async () => {
    const html = await draw(<HealthRecord />);
    for (const said of ["Physician · Endocrinology", "main contact", "May look, add and change since 11 Jan 2026", "Noa Vidal Dietitian In the team since 11 Jan 2026 Sees nothing of the data now", "Has access, without a role", "Reach Demo clinic"]) {
      expect(words(html)).toContain(said);
    }
    expect(html).toContain('href="tel:+34600000000"');
  });

  it("[D5] lets people change their own words alone, and the care team, and only whoever may manage", async () => {
    const buttons = (html: string) => [has(html, "conditions-add"), has(html, "entry-change"), has(html, "member-add") && has(html, "member-place"), has(html, "may-not-write"), html.includes('href="/office"')];
    const ofSelf = await draw(<HealthRecord />);
    expect(buttons(ofSelf)).toEqual([true, true, true, false, false]);
    expect(ofSelf.match(/data-testid="entry-change"/g), "of the clinic's entries none").toHaveLength(2);
    expect(buttons(await draw(<HealthRecord />, { scope: "manage" }))).toEqual([true, true, true, false, false]);
    expect(buttons(await draw(<HealthRecord />, { scope: "upload" }))).toEqual([false, false, false, true, false]);
    expect(buttons(await draw(<HealthRecord />, { scope: "manage", isClinician: true }))).toEqual([false, false, false, false, true]);
  });

  it("says nothing of notes where there are none for the person, and of the rest that nothing is written", async () => {
    const html = await draw(<HealthRecord />, { record: EMPTY_RECORD });
    expect(has(html, "notes")).toBe(false);
    expect(words(html)).toContain("No allergy is written down. That is not the same as having none.");
  });

  it("speaks of somebody else by name, and Spanish with no key left over", async () => {
    expect(words(await draw(<HealthRecord />, { scope: "manage" }))).toContain("Ana Demo's words");
    const text = words(await draw(<HealthRecord />, { locale: "es" }));
    for (const said of ["Historial de salud", "tus palabras", "Desde el 3 mar 2009", "PDF de 2,5 MB"]) expect(text).toContain(said);
    expect(text).not.toMatch(KEYS_LEFT_OVER);
  });

  it("is told anew when somebody writes", () => {
    expect(tagsOf({ kind: "clinical", metric: null, connectionId: null, from: null, to: null, count: 1 })).toEqual(["clinical"]);
    expect(careTeamOf(createRecordApi(new Requester({ fetch: () => Promise.reject(new Error("not asked")) })), IDS.patient).tags).toEqual(["clinical"]);
  });
});

describe("the forms of the record", () => {
  const record = fakeRecord(NOW);
  const [allergy, condition, medication] = [record.allergies[0]!, record.conditions[0]!, record.medications[0]!];

  it("send back what they do not ask for as it was, and null for what is empty", () => {
    expect(CONDITION_FORM.bodyOf({ ...CONDITION_FORM.valuesOf(condition), end: " " }, condition)).toEqual({
      name: condition.name, status: "active", onset: "2009-03-03", end: null, note: condition.note, code: { system: "ICD-10", code: "E10.9" },
    });
    expect(MEDICATION_FORM.bodyOf({ ...MEDICATION_FORM.valuesOf(medication), name: " Glargine " }, null)).toEqual({
      name: "Glargine", medicationKind: "basal_insulin", dose: "18 U at bedtime", status: "paused", from: null, to: "2027-01-01", reason: "Basal need", note: null, code: null,
    });
    expect(ALLERGY_FORM.bodyOf(ALLERGY_FORM.valuesOf(allergy), allergy)).toEqual({ substance: "Penicillin", reaction: "Rash", severity: "moderate", status: "active", note: null, code: null });
  });

  it("are held back while something is missing or an end is before its beginning", () => {
    expect(formFaultsOf(CONDITION_FORM.fields, { name: " ", status: "active", onset: "2020-01-02", end: "2020-01-01" })).toEqual({ missing: ["name"], wrongOrder: ["end"] });
    expect(formFaultsOf(CONDITION_FORM.fields, { name: "Asthma", status: "active", onset: "", end: "2020-01-01" })).toEqual({ missing: [], wrongOrder: [] });
  });

  it("say spans by the ends that are known", () => {
    const [t, f] = [createTranslate({ locale: "en", messages: { ...en, ...recordEn } }), createFormatter({ unit: "mg/dL", locale: "en", zone: ZONE })];
    expect([spanText([null, null], t, f), spanText(["2020-01-02", null], t, f), spanText([null, "2020-01-02"], t, f)]).toEqual([null, "Since 2 Jan 2020", "Until 2 Jan 2020"]);
  });
});

describe("the page about readings", () => {
  it("[D5] tells each with the clinic's word for its type, sample, way and author; band by shape and word", async () => {
    const html = await draw(<Readings />);
    for (const said of ["27 Feb 2026 – 12 Mar 2026", "Thu 12 Mar 15:22 101 mg/dL In range Midday meal · before eating · Capillary blood (finger-stick) · Finger «after the stairs» typed"]) expect(words(html)).toContain(said);
    expect(html).toContain("band-shape-target");
    expect(html).toContain('aria-label="Delete 101 mg/dL at 15:22"');
    const beyond = words(await draw(<ReadingWords><ReadingRow isWorking={false} reading={fakeReading(NOW, {
      valueMgDl: 600, outOfRange: "above", note: null, syncSource: "bluetooth", device: { id: "m1", name: "Contour" }, enteredBy: { userId: "u", name: null },
    })} /></ReadingWords>));
    for (const said of ["> 600 mg/dL High", "meter · Contour · entered by somebody whose account is gone"]) expect(beyond).toContain(said);
  });

  it("[D5] offers to add and to delete to whoever may, and says why not to others", async () => {
    const seen = (html: string) => [has(html, "add-reading"), has(html, "reading-delete"), has(html, "may-not-add")];
    expect(seen(await draw(<Readings />))).toEqual([true, true, false]);
    expect(seen(await draw(<Readings />, { scope: "manage" }))).toEqual([true, true, false]);
    expect(seen(await draw(<Readings />, { scope: "upload" }))).toEqual([true, false, false]);
    expect(seen(await draw(<Readings />, { scope: "view" }))).toEqual([false, false, true]);
  });

  it("speaks Spanish, page and dialog, with no key left over", async () => {
    const text = words(await draw(<><Readings /><ReadingDialog onClose={() => undefined} /></>, { locale: "es" }));
    for (const said of ["Comida · antes de comer", "Cuándo (hora de Europe/Madrid)", "Tipo de muestra"]) expect(text).toContain(said);
    expect(text).not.toMatch(KEYS_LEFT_OVER);
  });

  it("goes back by two weeks of local days, also where the clocks change, and sees a meter that runs ahead", () => {
    const spanOf = (last: string, today: string) => Object.values(windowOf(ZONE, { last, today })).map((ms) => new Date(ms).toISOString());
    expect(spanOf("2026-04-05", "2026-06-01")).toEqual(["2026-03-22T23:00:00.000Z", "2026-04-05T22:00:00.000Z"]);
    expect(spanOf("2026-03-12", "2026-03-12")).toEqual(["2026-02-26T23:00:00.000Z", "2026-03-13T23:00:00.000Z"]);
  });
});

describe("what is typed as a reading", () => {
  const typed: Typed = { kind: "glucose", unit: "mg/dL", value: "104", at: "2026-03-12T08:05", type: "LUNCH", mealRelation: "", sampleType: "venous_plasma", sampleLocation: "", note: " hi " };

  it("[D5] has the limits of the server", () => {
    for (const kind of ["weight", "ketone"] as const) expect(limitsOf(kind, "mg/dL")).toMatchObject({ low: METRICS[kind].min, high: METRICS[kind].max });
    expect(limitsOf("glucose", "mg/dL")).toMatchObject({ low: METRICS.glucose_meter.min, high: METRICS.glucose_meter.max });
    expect(limitsOf("glucose", "mmol/L")).toEqual({ unit: "mmol/L", low: 0.6, high: 55.5 });
    expect(KINDS.filter((kind) => limitsOf(kind, "mg/dL") === null)).toEqual(["note"]);
  });

  it("[D5] goes out in the time of the page's zone, with what was said and nothing else", () => {
    expect(readingOf(typed, ZONE, "x")).toEqual({ id: "x", kind: "glucose", at: "2026-03-12T08:05:00+01:00", value: "104", unit: "mg/dL", type: "LUNCH", sampleType: "venous_plasma", note: "hi" });
    expect(readingOf({ ...typed, kind: "weight", value: " 71,5 " }, ZONE, "x")).toEqual({ id: "x", kind: "weight", at: "2026-03-12T08:05:00+01:00", value: "71.5", unit: "kg", note: "hi" });
    expect(readingOf({ ...typed, kind: "note" }, ZONE, "x")).toEqual({ id: "x", kind: "note", at: "2026-03-12T08:05:00+01:00", note: "hi" });
  });

  it("[D5] is held back while it cannot be meant", () => {
    const faults = (part: Partial<Typed>) => faultsOf({ ...typed, ...part }, ZONE, NOW);
    expect(faults({})).toEqual({ value: null, at: null, unitMeant: null });
    expect(faults({ value: "HI" }).value).toBeNull();
    expect(faults({ kind: "ketone", value: "HI" }).value).toBe("not_number");
    expect(faults({ value: "5.6" })).toMatchObject({ value: "outside", unitMeant: "mmol/L" });
    expect(faults({ value: "1001" }).value).toBe("outside");
    expect(faults({ at: "" }).at).toBe("no_time");
    expect(faults({ at: "2026-03-12T16:40" }).at).toBe("future");
    expect(faults({ kind: "note", value: "" }).value).toBeNull();
  });
});
