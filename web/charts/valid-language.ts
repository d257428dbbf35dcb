/**
 * uPlot asks Intl for the browser's language while it is loaded. Some browsers name one that Intl refuses (Chromium under LANG=C:
 * `en-US@posix`), and then the whole page would stay blank. Must be imported before uPlot.
 */
function isValid(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}

if (typeof navigator !== "undefined" && !isValid(navigator.language)) {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
