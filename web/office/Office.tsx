/** The office: who is signed in decides what is shown. The page stays underneath while somebody signs in anew. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { Api } from "#web/client/api.ts";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Client } from "#web/client/operation-client.ts";
import type { Presence } from "#web/client/presence.ts";
import type { Locale, PreferencesPatch, Session } from "#web/client/types.ts";
import { remember } from "#web/portal/device-memory.ts";
import { useCatalogue, useLanguage } from "#web/portal/language.tsx";
import type { Catalogue } from "#web/portal/messages/translate.ts";
import { Dialog } from "#web/portal/parts/Dialog.tsx";
import { IdleWarning } from "#web/portal/parts/IdleWarning.tsx";
import { PageHead } from "#web/portal/parts/PageHead.tsx";
import { Outside, Plain } from "#web/portal/parts/Plain.tsx";
import { ErrorNote, Skeleton } from "#web/portal/parts/States.tsx";
import { SignInForm } from "#web/portal/screens/SignIn.tsx";
import { loadWords } from "./messages/catalogue.ts";
import { ENTRY } from "./messages/entry.ts";
import { PortalGround } from "./session/PortalGround.tsx";
import { type Staff, StaffProvider } from "./session/staff.ts";

const MustAddFactor = lazy(async () => ({ default: (await import("#web/portal/screens/sign-in/MustAddFactor.tsx")).MustAddFactor }));
const Frame = lazy(async () => ({ default: (await import("./Frame.tsx")).Frame }));

/** The requester says with this event that the server no longer knows the session. */
export const UNAUTHENTICATED = "islet:unauthenticated";

type Phase =
  | { readonly kind: "checking" }
  | { readonly kind: "failed"; readonly error: ApiError }
  | { readonly kind: "out" }
  | { readonly kind: "in"; readonly session: Session; readonly isExpired: boolean };

export interface OfficeProps {
  readonly api: Api;
  readonly client: Client;
  readonly presence: Presence;
  readonly catalogue: Catalogue;
}

export function Office({ api, client, presence, catalogue: first }: OfficeProps) {
  const [phase, setPhase] = useState<Phase>({ kind: "checking" });
  const [guess, setGuess] = useState<Locale>(first.locale);
  const check = (): void => {
    api.session().then(
      (session) => setPhase({ kind: "in", session, isExpired: false }),
      (thrown: unknown) => {
        const error = toApiError(thrown);
        setPhase(error.status === 401 ? { kind: "out" } : { kind: "failed", error });
      },
    );
  };
  useEffect(() => {
    check();
    const onUnauthenticated = (): void => setPhase((now) => (now.kind === "in" ? { ...now, isExpired: true } : now));
    window.addEventListener(UNAUTHENTICATED, onUnauthenticated);
    return () => window.removeEventListener(UNAUTHENTICATED, onUnauthenticated);
    // `check` is made anew with every render and asks for the same.
    // eslint-disable-next-line react/exhaustive-deps
  }, [api]);

  const locale = phase.kind === "in" ? phase.session.preferences.locale : guess;
  const catalogue = useCatalogue(first, locale);
  useEffect(() => {
    document.documentElement.lang = locale;
    remember("locale", locale);
    api.setLocale(locale);
  }, [api, locale]);

  const savePreferences = useCallback(async (patch: PreferencesPatch) => {
    const { preferences } = await api.savePreferences(patch);
    setPhase((now) => (now.kind === "in" ? { ...now, session: { ...now.session, preferences } } : now));
  }, [api]);
  const signOut = useCallback(async () => {
    await api.signOut().catch(() => undefined);
    setPhase({ kind: "out" });
  }, [api]);
  const onSignedIn = (session: Session): void => setPhase({ kind: "in", session, isExpired: false });
  const ground = { api, presence, catalogue };
  if (phase.kind === "in" && phase.session.mustAddSecondFactor) {
    return (
      <PortalGround {...ground}>
        <Outside locale={locale} onLocale={setGuess}>
          <Suspense fallback={<Skeleton lines={3} />}><MustAddFactor onAdded={check} onSignOut={() => void signOut()} /></Suspense>
        </Outside>
      </PortalGround>
    );
  }
  if (phase.kind === "in") {
    return (
      <>
        <SignedIn key={phase.session.userId} {...{ client, session: phase.session, savePreferences, signOut }} />
        <PortalGround {...ground} unit={phase.session.preferences.glucoseUnit}>
          {phase.isExpired
            ? <SignInAgain identifier={phase.session.email ?? ""} onSignedIn={onSignedIn} />
            : <IdleWarning session={phase.session} presence={presence} onEnded={() => window.dispatchEvent(new Event(UNAUTHENTICATED))} />}
        </PortalGround>
      </>
    );
  }
  return (
    <PortalGround {...ground}>
      {phase.kind === "out" ? (
        <Outside locale={locale} onLocale={setGuess}>
          <SignInHead locale={locale} />
          <SignInForm onSignedIn={onSignedIn} />
        </Outside>
      ) : (
        <Plain>{phase.kind === "failed" ? <ErrorNote error={phase.error} onRetry={check} /> : <Skeleton height={120} lines={3} />}</Plain>
      )}
    </PortalGround>
  );
}

function SignInHead({ locale }: { readonly locale: Locale }) {
  return <PageHead title={ENTRY[locale].title} />;
}

function SignInAgain({ identifier, onSignedIn }: { readonly identifier: string; readonly onSignedIn: (session: Session) => void }) {
  const { t } = useLanguage();
  return (
    <Dialog title={t("signIn.title")} onClose={() => undefined} canClose={false} className="dialog-opaque" testId="sign-in-again">
      <p>{t("signIn.expired")}</p>
      <SignInForm identifier={identifier} onSignedIn={onSignedIn} />
    </Dialog>
  );
}

type SignedInProps = Pick<Staff, "client" | "session" | "savePreferences" | "signOut">;

function SignedIn({ client, session, savePreferences, signOut }: SignedInProps) {
  const staff = useMemo<Staff>(() => ({
    client, session, savePreferences, signOut,
    unit: session.preferences.glucoseUnit, isAdmin: session.roles.includes("admin"), isClinician: session.roles.includes("clinician"),
  }), [client, session, savePreferences, signOut]);
  const words = ENTRY[session.preferences.locale];
  const isStaff = staff.isAdmin || staff.isClinician;
  // Beside the frame, and not after it.
  useEffect(() => {
    if (isStaff) void loadWords(session.preferences.locale);
  }, [isStaff, session.preferences.locale]);
  if (!isStaff) {
    return (
      <main className="plain">
        <h1>{words.title}</h1>
        <p>{words.notStaff}</p>
        <p><a href="/">{words.toPortal}</a></p>
      </main>
    );
  }
  return (
    <StaffProvider value={staff}>
      <Suspense fallback={<main className="plain" aria-busy="true"><p>{words.loading}</p></main>}>
        <Frame />
      </Suspense>
    </StaffProvider>
  );
}
