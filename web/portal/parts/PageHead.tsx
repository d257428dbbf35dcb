import { type ReactNode, useEffect, useRef } from "react";
import { useLanguage } from "../language.tsx";

let isFirstPage = true;

/** The page's title, on the page and in the window; takes the focus when a page is changed, so that it is read out. */
export function PageHead({ title, sub, children }: { readonly title: string; readonly sub?: string; readonly children?: ReactNode }) {
  const { t } = useLanguage();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <div className="page-head">
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {sub ? <p className="muted">{sub}</p> : null}
      </div>
      {children}
    </div>
  );
}
