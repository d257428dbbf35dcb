import type { ReactNode } from "react";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { PageHead } from "../../parts/PageHead.tsx";
import { Link } from "../../router.tsx";

/** The way on from a page that a mail has led to. */
export function ToSignIn() {
  const { t } = useLanguage();
  return (
    <p>
      <Link href="/" className="button button-primary">
        {t("link.toSignIn")}
      </Link>
    </p>
  );
}

/** It is done, and one can sign in. */
export function Done({ heading, children }: { readonly heading: MessageKey; readonly children: ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t(heading)} />
      <output className="note note-success" data-testid="link-done">
        {children}
      </output>
      <ToSignIn />
    </>
  );
}
