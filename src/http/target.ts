/** What of a vendor call may stand in logs and errors: host and path template, never the query, ids or credentials. */
import { InvalidInput } from "../errors.ts";

export interface CallTarget {
  readonly url: URL;
  readonly host: string;
  /** Path with everything that looks like an id replaced by `*`. */
  readonly path: string;
}

const LONGEST_WORD = 40;
const WORD = /^[A-Za-z][A-Za-z._-]*\d{0,2}$/;
const HEX = /^[0-9a-f]{8,}$/i;

/**
 * Reads the URL of a vendor call. Throws InvalidInput, without repeating the URL, when it is none, is not http(s) or carries
 * credentials.
 */
export function readTarget(text: string): CallTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "" || url.password !== "") {
    throw new InvalidInput("A vendor call needs a plain http or https URL without credentials.");
  }
  return { url, host: url.host, path: maskPath(url.pathname) };
}

/** Words such as `v3`, `oauth2` or `wellness-api` stay; whatever else a segment may be is taken for an id. */
export function maskPath(path: string): string {
  return path
    .split("/")
    .map((segment) => {
      const isWord = segment === "" || (segment.length <= LONGEST_WORD && WORD.test(segment) && !HEX.test(segment));
      return isWord ? segment : "*";
    })
    .join("/");
}
