import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import type { Api } from "#web/client/api.ts";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Locale, Patient, PreferencesPatch, Session } from "#web/client/types.ts";
import { WhoProvider, useData, useLive, useResource } from "./data.tsx";
import { LanguageProvider, useCatalogue, useLanguage } from "./language.tsx";
import type { Catalogue } from "./messages/translate.ts";
import { remember } from "./device-memory.ts";
import { browserZone } from "#web/language/format.ts";
import { isLinkPage } from "./link-token.ts";
import { Dialog } from "./parts/Dialog.tsx";
import { IdleWarning } from "./parts/IdleWarning.tsx";
import { PageHead } from "./parts/PageHead.tsx";
import { Outside, Plain } from "./parts/Plain.tsx";
import { Shell } from "./parts/Shell.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "./parts/States.tsx";
import { patientsOf } from "./resources.ts";
import { hrefWith, Link, navigate, PATIENT_PARAMETER, usePlace } from "./router.tsx";
import { SignInForm } from "./screens/SignIn.tsx";
import { Today } from "./screens/Today.tsx";

// The other screens are fetched when they are first opened; Today is what nearly everybody comes for.
const Trends = lazy(async () => ({ default: (await import("./screens/Trends.tsx")).Trends }));
const Connections = lazy(async () => ({ default: (await import("./screens/Connections.tsx")).Connections }));
const Appointments = lazy(async () => ({ default: (await import("./screens/appointments/Appointments.tsx")).Appointments }));
const HealthRecord = lazy(async () => ({ default: (await import("./screens/record/HealthRecord.tsx")).HealthRecord }));
const Readings = lazy(async () => ({ default: (await import("./screens/readings/Readings.tsx")).Readings }));
const Account = lazy(async () => ({ default: (await import("./screens/account/Account.tsx")).Account }));
const Sharing = lazy(async () => ({ default: (await import("./screens/sharing/Sharing.tsx")).Sharing }));
const Privacy = lazy(async () => ({ default: (await import("./screens/privacy/Privacy.tsx")).Privacy }));
const MustAddFactor = lazy(async () => ({ default: (await import("./screens/sign-in/MustAddFactor.tsx")).MustAddFactor }));
const LinkPages = lazy(async () => ({ default: (await import("./screens/links/LinkPages.tsx")).LinkPages }));

/** The requester says with this event that the server no longer knows the session. */
export const UNAUTHENTICATED = "islet:unauthenticated";

type Phase =
  | { readonly kind: "checking" }
  | { readonly kind: "failed"; readonly error: ApiError }
  | { readonly kind: "out" }
  | { readonly kind: "in"; readonly session: Session; readonly isExpired: boolean };

/** Whether the browser's cookie still stands for a session. */
async function currentPhase(api: Api): Promise<Phase> {
  try {
    return { kind: "in", session: await api.session(), isExpired: false };
  } catch (thrown) {
    const error = toApiError(thrown);
    return error.status === 401 ? { kind: "out" } : { kind: "failed", error };
  }
}

/** The portal: who is signed in decides what is shown; the address decides which page. */
export function App({ catalogue: firstCatalogue }: { readonly catalogue: Catalogue }) {
  const { api, cache } = useData();
  const { path } = usePlace();
  const [phase, setPhase] = useState<Phase>({ kind: "checking" });
  const [guess, setGuess] = useState<Locale>(firstCatalogue.locale);

  useEffect(() => {
    void currentPhase(api).then(setPhase);
    const onUnauthenticated = (): void => setPhase((now) => (now.kind === "in" ? { ...now, isExpired: true } : now));
    window.addEventListener(UNAUTHENTICATED, onUnauthenticated);
    return () => window.removeEventListener(UNAUTHENTICATED, onUnauthenticated);
  }, [api]);

  const retry = (): void => {
    setPhase({ kind: "checking" });
    void currentPhase(api).then(setPhase);
  };
  const onSignedIn = (session: Session): void => {
    // Somebody else on the same page must not see the one before.
    if (phase.kind === "in" && phase.session.userId === session.userId) cache.invalidate("all");
    else cache.clear();
    setPhase({ kind: "in", session, isExpired: false });
  };
  const signOut = async (): Promise<void> => {
    await api.signOut().catch(() => undefined);
    cache.clear();
    setPhase({ kind: "out" });
  };
  const save = async (patch: PreferencesPatch): Promise<void> => {
    const { preferences } = await api.savePreferences(patch);
    setPhase((now) => (now.kind === "in" ? { ...now, session: { ...now.session, preferences } } : now));
  };
  const onLocale = (locale: Locale): void => {
    remember("locale", locale);
    setGuess(locale);
  };

  const preferences = phase.kind === "in" ? phase.session.preferences : null;
  const locale = preferences?.locale ?? guess;
  const catalogue = useCatalogue(firstCatalogue, locale);
  useEffect(() => {
    document.documentElement.lang = catalogue.locale;
    if (preferences) remember("locale", locale);
    api.setLocale(locale);
  }, [api, catalogue, locale, preferences]);

  return (
    <LanguageProvider catalogue={catalogue} unit={preferences?.glucoseUnit ?? "mg/dL"} zone={preferences?.zone ?? browserZone()}>
      {isLinkPage(path) ? (
        <Outside locale={locale} onLocale={onLocale}>
          <Suspense fallback={<Skeleton height={120} lines={3} />}>
            <LinkPages path={path} />
          </Suspense>
        </Outside>
      ) : (
        <Inside phase={phase} locale={locale} onRetry={retry} onLocale={onLocale} onSignedIn={onSignedIn} onSave={save} onSignOut={() => void signOut()} />
      )}
    </LanguageProvider>
  );
}

function Waiting() {
  return (
    <main className="plain">
      <Skeleton height={120} lines={3} />
    </main>
  );
}

interface InsideProps {
  readonly phase: Phase;
  readonly locale: Locale;
  readonly onRetry: () => void;
  readonly onLocale: (locale: Locale) => void;
  readonly onSignedIn: (session: Session) => void;
  readonly onSave: (patch: PreferencesPatch) => Promise<void>;
  readonly onSignOut: () => void;
}

/** Every page but those of mails' links: for whoever is signed in, else the sign-in. */
function Inside({ phase, locale, onRetry, onLocale, onSignedIn, onSave, onSignOut }: InsideProps) {
  const { t } = useLanguage();
  switch (phase.kind) {
    case "checking": return <Waiting />;
    case "failed":
      return (
        <Plain>
          <ErrorNote error={phase.error} onRetry={onRetry} />
        </Plain>
      );
    case "out":
      return (
        <Outside locale={locale} onLocale={onLocale}>
          <PageHead title={t("signIn.title")} sub={t("signIn.lead")} />
          <SignInForm onSignedIn={onSignedIn} />
        </Outside>
      );
    default:
      if (phase.session.mustAddSecondFactor) {
        return (
          <Outside locale={locale} onLocale={onLocale}>
            <Suspense fallback={<Skeleton lines={3} />}><MustAddFactor onAdded={onRetry} onSignOut={onSignOut} /></Suspense>
          </Outside>
        );
      }
      return (
        <>
          <SignedIn key={phase.session.userId} session={phase.session} onSave={onSave} onSignOut={onSignOut} />
          {phase.isExpired ? <SignInAgain identifier={phase.session.email ?? ""} onSignedIn={onSignedIn} /> : <Idle session={phase.session} />}
        </>
      );
  }
}

/** Watches for the end of a session that nobody uses. */
function Idle({ session }: { readonly session: Session }) {
  const { presence } = useData();
  return presence ? <IdleWarning session={session} presence={presence} onEnded={() => window.dispatchEvent(new Event(UNAUTHENTICATED))} /> : null;
}

/** The page stays underneath, unseen, until the person is back. */
function SignInAgain({ identifier, onSignedIn }: { readonly identifier: string; readonly onSignedIn: (session: Session) => void }) {
  const { t } = useLanguage();
  return (
    <Dialog title={t("signIn.title")} onClose={() => undefined} canClose={false} className="dialog-opaque" testId="sign-in-again">
      <p>{t("signIn.expired")}</p>
      <SignInForm identifier={identifier} onSignedIn={onSignedIn} />
    </Dialog>
  );
}

interface SignedInProps {
  readonly session: Session;
  readonly onSave: (patch: PreferencesPatch) => Promise<void>;
  readonly onSignOut: () => void;
}

/** Which of the people that the user may see is meant: the one in the address, else themselves, else the only one. */
export function choosePatient(patients: readonly Patient[], asked: string | null, ownId: string | null): Patient | null {
  const byId = (id: string | null): Patient | undefined => patients.find((patient) => patient.id === id);
  return byId(asked) ?? byId(ownId) ?? (patients.length === 1 ? patients[0]! : null);
}

function SignedIn({ session, onSave, onSignOut }: SignedInProps) {
  const { api } = useData();
  const { path, query } = usePlace();
  const resource = useResource(patientsOf(api, session.userId));
  const patients = resource.data?.data ?? [];
  const patient = choosePatient(patients, query.get(PATIENT_PARAMETER), session.patientId);
  return (
    <Shell session={session} patients={patients} patient={patient} onSave={onSave} onSignOut={onSignOut}>
      <WhenLoaded resource={resource} skeleton={<Skeleton height={120} lines={3} />}>
        {() => isPersonal(path) ? (
          <Suspense fallback={<Skeleton height={120} lines={3} />}>
            <PersonalPage path={path} session={session} patient={patient} onSignOut={onSignOut} />
          </Suspense>
        ) : (patient ? <PatientPages key={patient.id} patient={patient} session={session} /> : <PatientList patients={patients} />)}
      </WhenLoaded>
    </Shell>
  );
}

const isPersonal = (path: string): boolean => path === "/account" || path === "/sharing" || path === "/privacy";

/** Pages that are there for everybody, whether or not there is a record to look at. */
function PersonalPage({ path, session, patient, onSignOut }: { readonly path: string; readonly session: Session; readonly patient: Patient | null; readonly onSignOut: () => void }) {
  if (path === "/account") return <Account session={session} onSignOut={onSignOut} />;
  return path === "/sharing" ? <Sharing key={patient?.id} session={session} patient={patient} /> : <Privacy key={patient?.id} patient={patient} />;
}

function PatientList({ patients }: { patients: readonly Patient[] }) {
  const { t } = useLanguage();
  const { path, query } = usePlace();
  return (
    <>
      <PageHead title={t("patients.title")} />
      {patients.length === 0 ? <Empty text={t("patients.empty")} /> : null}
      <ul className="people">
        {patients.map((patient) => (
          <li key={patient.id}>
            <Link className="card person" href={hrefWith(path, query, { [PATIENT_PARAMETER]: patient.id })}>
              {patient.displayName}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function PatientPages({ patient, session }: { patient: Patient; session: Session }) {
  const { catalogue } = useLanguage();
  const { preferences, userId } = session;
  const isClinician = session.roles.includes("clinician");
  const who = useMemo(() => ({ patient, userId, isClinician }), [patient, userId, isClinician]);
  useLive(patient.id);
  // A clinician reads somebody's day in that person's zone; one's own pages follow one's own choice.
  const zone = patient.isSelf ? preferences.zone : patient.zone;
  return (
    <WhoProvider value={who}>
      <LanguageProvider catalogue={catalogue} unit={preferences.glucoseUnit} zone={zone}>
        <Suspense fallback={<Skeleton height={120} lines={3} />}>
          <Page />
        </Suspense>
      </LanguageProvider>
    </WhoProvider>
  );
}

function Page() {
  const { path } = usePlace();
  switch (path) {
    case "/": return <Today />;
    case "/trends": return <Trends />;
    case "/appointments": return <Appointments />;
    case "/record": return <HealthRecord />;
    case "/readings": return <Readings />;
    case "/connections": return <Connections />;
    default: return <NotFound />;
  }
}

function NotFound() {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("app.notFound")} />
      <p>
        <button type="button" className="button button-primary" onClick={() => navigate("/")}>
          {t("app.backToToday")}
        </button>
      </p>
    </>
  );
}
