/** Where a flow may lead a browser: redirect URIs and the page to come back to. Nothing here trusts its input. */
import { InvalidInput } from "../errors.ts";

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** Schemes that run or read something locally; never a redirect target, whatever an operator lists. */
const NEVER_ALLOWED: ReadonlySet<string> = new Set(["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source"]);
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//;
/** Control characters, spaces and backslashes: browsers strip or rewrite them, so a check would see another URL than they do. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0020\u007f-\u009f\u2028\u2029\\]/;
const ORIGIN_OF_NOBODY = "https://islet.invalid";

/**
 * Checks a redirect target before it is registered or used, and gives it back unchanged (vendors compare it letter by letter).
 * Allowed: https; http on the loopback interface; `scheme://…` of a registered custom scheme, listed without colon (W8).
 * Throws InvalidInput for anything else and for user info, fragments, spaces, control characters or backslashes.
 * Source: RFC 6749 §3.1.2, RFC 8252 §7; requirements P1, W8; faults OA-09, OA-10.
 */
export function checkRedirectUri(uri: string, allowedSchemes: readonly string[]): string {
  const url = !UNSAFE.test(uri) && URL.canParse(uri) ? new URL(uri) : null;
  const isAllowed =
    url !== null &&
    SCHEME.test(uri) &&
    !uri.includes("#") &&
    url.username === "" &&
    url.password === "" &&
    (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK_HOSTS.has(url.hostname)) || isCustomScheme(uri, allowedSchemes));
  if (!isAllowed) throw new InvalidInput("A redirect target must be https, http on this computer, or of a registered scheme, and nothing more.");
  return uri;
}

/**
 * The place to send a person after a flow: a path of this site, or a deep link of a registered scheme; `/` for everything else
 * (OA-10). With `allowedPaths` only these pages and what lies below them; `/` allows the start page alone.
 */
export function safeReturnPath(returnTo: string | undefined, allowedSchemes: readonly string[], allowedPaths?: readonly string[]): string {
  if (returnTo === undefined || !isClean(returnTo)) return "/";
  if (isCustomScheme(returnTo, allowedSchemes) && URL.canParse(returnTo)) return returnTo;
  if (!isLocalPath(returnTo)) return "/";
  const url = new URL(returnTo, ORIGIN_OF_NOBODY);
  // Dot segments can uncover a second slash: "/..//evil" is "//evil" to a browser.
  if (url.origin !== ORIGIN_OF_NOBODY || !isLocalPath(url.pathname)) return "/";
  const isListed = allowedPaths?.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`)) ?? true;
  return isListed ? url.pathname + url.search + url.hash : "/";
}

function isCustomScheme(uri: string, allowedSchemes: readonly string[]): boolean {
  const scheme = SCHEME.exec(uri)?.[1];
  return scheme !== undefined && scheme !== "http" && scheme !== "https" && !NEVER_ALLOWED.has(scheme) && allowedSchemes.includes(scheme);
}

/** A path of exactly one leading slash, also for a proxy that decodes percent signs before it looks. */
function isLocalPath(path: string): boolean {
  return [path, decodeLeniently(path)].every((text) => text.startsWith("/") && !text.startsWith("//"));
}

function isClean(text: string): boolean {
  return !UNSAFE.test(text) && !UNSAFE.test(decodeLeniently(text).replaceAll(" ", ""));
}

/** ASCII alone: the bytes of an accented letter are no control characters. Broken escapes stay as they are. */
function decodeLeniently(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
