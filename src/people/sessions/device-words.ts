/** What a person may know a device again by, out of its user agent: coarse, so that it tells little about anybody (GDPR Art. 5(1)(c)). */

/** In the order of asking: most browsers claim to be the older ones, too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"], [/\bOPR\/|\bOpera\b/, "Opera"], [/\bSamsungBrowser\//, "Samsung Internet"], [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrome\/|\bCriOS\/|\bChromium\//, "Chrome"], [/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPod\b/, "iPhone"], [/\biPad\b/, "iPad"], [/\bAndroid\b/, "Android"], [/\bWindows\b/, "Windows"], [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b|\bDarwin\//, "macOS"], [/\bLinux\b/, "Linux"],
];
const LONGEST_USER_AGENT = 1_000;

/** Such as `Firefox · Windows`, or one of both; null for what names neither, as most programs do. */
export function deviceWords(userAgent: string | undefined): string | null {
  const text = (userAgent ?? "").slice(0, LONGEST_USER_AGENT);
  const nameIn = (names: readonly (readonly [RegExp, string])[]): string | undefined => names.find(([pattern]) => pattern.test(text))?.[1];
  return [nameIn(BROWSERS), nameIn(SYSTEMS)].filter((name) => name !== undefined).join(" · ") || null;
}
