import { useState } from "react";
import { confirmNotice, hasReadNotice } from "../device-memory.ts";
import { useLanguage } from "../language.tsx";
import type { ReactNode } from "react";

/** The three sentences of the notice (requirement E10). */
export function NoticeText() {
  const { t } = useLanguage();
  return (
    <ul className="notice-list">
      <li>{t("gate.1")}</li>
      <li>{t("gate.2")}</li>
      <li>{t("gate.3")}</li>
    </ul>
  );
}

/** Shows glucose only after the person has confirmed the notice on this device. */
export function Gate({ userId, children }: { readonly userId: string; readonly children: ReactNode }) {
  const { t } = useLanguage();
  const [hasRead, setHasRead] = useState(() => hasReadNotice(userId));
  if (hasRead) return children;
  const onAccept = (): void => {
    confirmNotice(userId);
    setHasRead(true);
  };
  return (
    <section className="card gate" aria-labelledby="gate-title" data-testid="notice-gate">
      <h2 id="gate-title">{t("gate.title")}</h2>
      <NoticeText />
      <button type="button" className="button button-primary" onClick={onAccept} data-testid="notice-accept">
        {t("gate.accept")}
      </button>
    </section>
  );
}
