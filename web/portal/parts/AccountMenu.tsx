import { useEffect, useRef, useState } from "react";
import type { Session } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";
import { Link, usePlace } from "../router.tsx";

const PAGES: readonly { readonly path: string; readonly name: MessageKey; readonly isOnPhonesAlone?: boolean }[] = [
  { path: "/connections", name: "nav.connections", isOnPhonesAlone: true },
  { path: "/account", name: "nav.account" },
  { path: "/sharing", name: "nav.sharing" },
  { path: "/privacy", name: "nav.privacy" },
];

/** Who is signed in, the pages about them, and the way out. Opens and closes like any disclosure; Escape and a click elsewhere close it. */
export function AccountMenu({ session, onSignOut }: { readonly session: Session; readonly onSignOut: () => void }) {
  const { t } = useLanguage();
  const { path } = usePlace();
  // Open where it was opened: going to another page closes it.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const isOpen = openAt === path;
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpenAt(null);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      setOpenAt(null);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey);
    };
  }, [isOpen]);
  return (
    <div className="menu" ref={root}>
      <button
        ref={button} type="button" className="icon-button" aria-label={t("menu.open")} aria-expanded={isOpen} aria-controls="account-menu"
        onClick={() => setOpenAt(isOpen ? null : path)} data-testid="account-menu-open"
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M8 8a4 4 0 108 0 4 4 0 10-8 0M4 21a8 7 0 0116 0" />
        </svg>
      </button>
      <div id="account-menu" className="menu-sheet" hidden={!isOpen}>
        <p className="muted">{t("preferences.signedInAs", { email: session.email ?? session.displayName })}</p>
        <ul>
          {PAGES.map((page) => (
            <li key={page.path}>
              <Link href={page.path} className={page.isOnPhonesAlone ? "menu-item menu-item-phone" : "menu-item"} isCurrent={path === page.path}>
                {t(page.name)}
              </Link>
            </li>
          ))}
          {session.roles.some((role) => role === "clinician" || role === "admin") ? <li><a href="/office" className="menu-item">{t("nav.office")}</a></li> : null}
          <li>
            <button type="button" className="menu-item" onClick={onSignOut} data-testid="menu-sign-out">
              {t("preferences.signOut")}
            </button>
          </li>
        </ul>
      </div>
    </div>
  );
}
