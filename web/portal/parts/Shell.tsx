import { type ReactNode, useState, useSyncExternalStore } from "react";
import type { Patient, PreferencesPatch, Session } from "#web/client/types.ts";
import { useData } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";
import { hrefWith, Link, navigate, PATIENT_PARAMETER, usePlace } from "../router.tsx";
import { AccountMenu } from "./AccountMenu.tsx";
import { Logo } from "./Logo.tsx";
import { Preferences } from "./Preferences.tsx";

const PAGES: readonly { readonly path: string; readonly name: MessageKey; readonly icon: string; readonly isInMenuOnPhones?: boolean }[] = [
  { path: "/", name: "nav.today", icon: "M3 13h4l3-8 4 14 3-6h4" },
  { path: "/trends", name: "nav.trends", icon: "M4 20V10M10 20V4M16 20v-7M21 20H2" },
  { path: "/readings", name: "nav.readings", icon: "M12 3c4 5 6 7.5 6 11a6 6 0 01-12 0c0-3.5 2-6 6-11z" },
  { path: "/record", name: "nav.record", icon: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3" },
  { path: "/appointments", name: "nav.appointments", icon: "M5 5h14v15H5zM5 10h14M9 3v4M15 3v4M12 12v6M9 15h6" },
  { path: "/connections", name: "nav.connections", icon: "M9 15l6-6M7 12l-2 2a4 4 0 005 5l2-2M12 7l2-2a4 4 0 015 5l-2 2", isInMenuOnPhones: true },
];

export interface ShellProps {
  readonly session: Session;
  readonly patients: readonly Patient[];
  readonly patient: Patient | null;
  readonly onSave: (patch: PreferencesPatch) => Promise<void>;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

/** What stands around every page: skip link, name, navigation, person, preferences, the standing notice. */
export function Shell({ session, patients, patient, onSave, onSignOut, children }: ShellProps) {
  const { t } = useLanguage();
  const { path } = usePlace();
  const notice = session.organization.notice?.[session.preferences.locale];
  const [isChoosing, setIsChoosing] = useState(false);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      <header className="header">
        <div className="header-inner">
          <Link href="/" className="brand">
            <Logo />
            {t("app.name")}
          </Link>
          <nav className="nav" aria-label={t("app.navigation")}>
            {PAGES.map((page) => (
              <Link key={page.path} href={page.path} isCurrent={path === page.path} className={page.isInMenuOnPhones ? "nav-link nav-link-desk" : "nav-link"}>
                <svg viewBox="0 0 24 24" aria-hidden="true">
                  <path d={page.icon} />
                </svg>
                {t(page.name)}
              </Link>
            ))}
          </nav>
          <div className="header-end">
            {patients.length > 1 || patient?.isSelf === false ? <PatientChoice patients={patients} patient={patient} /> : null}
            <button
              type="button" className="icon-button" onClick={() => setIsChoosing(true)} aria-label={t("preferences.open")}
              aria-haspopup="dialog" data-testid="preferences-open"
            >
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M4 7h9M19 7h1M4 17h1M11 17h9M13 7a3 3 0 106 0 3 3 0 10-6 0M5 17a3 3 0 106 0 3 3 0 10-6 0" />
              </svg>
            </button>
            <AccountMenu session={session} onSignOut={onSignOut} />
          </div>
        </div>
      </header>
      <OfflineBanner />
      <main id="content" className="page" tabIndex={-1}>
        {notice === undefined ? null : <p className="note" data-testid="organization-notice">{notice}</p>}
        {children}
      </main>
      <footer className="footer">
        <p data-testid="notice">{t("app.notice")}</p>
      </footer>
      {isChoosing ? <Preferences session={session} onSave={onSave} onSignOut={onSignOut} onClose={() => setIsChoosing(false)} /> : null}
    </div>
  );
}

function PatientChoice({ patients, patient }: { patients: readonly Patient[]; patient: Patient | null }) {
  const { t } = useLanguage();
  const { path, query } = usePlace();
  return (
    <select
      className="patient-choice" aria-label={t("patients.current")} value={patient?.id ?? ""} data-testid="patient-choice"
      onChange={(event) => navigate(hrefWith(path, query, { [PATIENT_PARAMETER]: event.target.value }))}
    >
      {patient === null ? <option value="">{t("patients.lead")}</option> : null}
      {patients.map(({ id, displayName, isSelf }) => (
        <option key={id} value={id}>
          {isSelf ? t("patients.self", { name: displayName }) : displayName}
        </option>
      ))}
    </select>
  );
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

function OfflineBanner() {
  const { t, f } = useLanguage();
  const { cache } = useData();
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine, () => true);
  if (isOnline) return null;
  const lastMs = cache.lastLoadedMs();
  return (
    <output className="banner" data-testid="offline-banner">
      {lastMs === null ? t("app.offlineNever") : t("app.offline", { time: f.dateTime(lastMs) })}
    </output>
  );
}
