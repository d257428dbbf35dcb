/**
 * What this browser remembers, never a health value: appearance, language before sign-in, who has read the notice.
 * Storage may be refused (private mode); then nothing is remembered and everything still works.
 */
const PREFIX = "islet.";

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Refused storage costs one question more at the next visit.
  }
}

/** Raised when the notice's meaning changes, so that everybody reads it again. */
const NOTICE_VERSION = "1";

/** Whether this person has confirmed the notice on this device (requirement E10). */
export function hasReadNotice(userId: string): boolean {
  return recall(`notice.${userId}`) === NOTICE_VERSION;
}

export function confirmNotice(userId: string): void {
  remember(`notice.${userId}`, NOTICE_VERSION);
}

export type Theme = "system" | "light" | "dark";

export function recallTheme(): Theme {
  const theme = recall("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Sets the appearance on the page and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  remember("theme", theme);
}
