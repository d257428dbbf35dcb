/** Three pages do not need a library: the History API, one hook, one link. */
import { type MouseEvent, type ReactNode, useSyncExternalStore } from "react";

const CHANGED = "islet:navigate";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Where the page is. */
export function usePlace(): Place {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search, () => "/");
  const [path = "/", search = ""] = href.split("?", 2);
  return { path, query: new URLSearchParams(search) };
}

/** Goes to a path of the portal, without loading the page anew. */
export function navigate(href: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  window.dispatchEvent(new Event(CHANGED));
}

/** A path with query parameters changed (`undefined` removes one). */
export function hrefWith(path: string, query: URLSearchParams, changes: Readonly<Record<string, string | undefined>>): string {
  const params = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? path : `${path}?${text}`;
}

export interface LinkProps {
  readonly href: string;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** Whose data is shown stays in the address when a page leads to another (a clinician sees several people). */
export const PATIENT_PARAMETER = "patient";

/** `href` with the present person kept. */
export function keepingPatient(href: string, query: URLSearchParams): string {
  const patient = query.get(PATIENT_PARAMETER);
  const [path = "/", search = ""] = href.split("?", 2);
  return patient === null ? href : hrefWith(path, new URLSearchParams(search), { [PATIENT_PARAMETER]: patient });
}

/** A real link; only a plain click stays in the page. */
export function Link({ href: target, className, isCurrent, children }: LinkProps) {
  const href = keepingPatient(target, usePlace().query);
  const onClick = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
    window.scrollTo(0, 0);
  };
  return (
    <a href={href} className={className} onClick={onClick} aria-current={isCurrent ? "page" : undefined}>
      {children}
    </a>
  );
}
