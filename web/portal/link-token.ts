/**
 * The secret of a mail's link. It stands behind the `#`, which no server sees; it is taken out of the address at once, so that it stays in no history and
 * no screenshot (ASVS 5.0 14.2.1). It lives in this page's memory until it has been used.
 */
const LINK_PAGES: readonly string[] = ["/recover", "/register", "/verify", "/email-undo", "/invitation"];

let token: string | null = null;
const listeners = new Set<() => void>();

/** Whether a path is a page that mails lead to; it needs nobody signed in. */
export const isLinkPage = (path: string): boolean => LINK_PAGES.includes(path);

/** Takes the token out of the address, now and whenever a link is opened in this very tab. */
export function watchLinkToken(): void {
  takeToken();
  window.addEventListener("hashchange", takeToken);
}

function takeToken(): void {
  const { pathname, search, hash } = location;
  if (!isLinkPage(pathname) || hash.length < 2) return;
  token = hash.slice(1);
  history.replaceState(null, "", pathname + search);
  for (const listener of listeners) listener();
}

/** For `useSyncExternalStore`. */
export function subscribeLinkToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const readLinkToken = (): string | null => token;
