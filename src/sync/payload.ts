/** Raw bytes → JSON value or fields of a form, guarded. Pure. */
import { parseForm, quoteLongIntegers } from "#driver/payload.ts";
import type { DriverWebhook } from "#driver/types.ts";
import { ProviderContractBroken } from "../errors.ts";

/** No vendor nests deeper; what does is an attack on whoever walks it by recursion (faults WH-14). */
const DEEPEST = 64;

/** The body of a webhook as its vendor's `parse` wants it. Throws like parseJson; any bytes are some form. */
export function parseWebhookBody({ bodyFormat }: Pick<DriverWebhook, "bodyFormat">, body: Uint8Array): unknown {
  return bodyFormat === "form" ? parseForm(body) : parseJson(body);
}

/**
 * Whole numbers that JavaScript would round (64-bit ids) come as texts. Throws ProviderContractBroken for what is no JSON in UTF-8 and for
 * what is nested too deep; its message repeats nothing of the body.
 */
export function parseJson(body: Uint8Array): unknown {
  if (isTooDeep(body)) throw new ProviderContractBroken(`The body is nested more than ${DEEPEST} deep.`, "");
  try {
    return JSON.parse(quoteLongIntegers(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch {
    // No cause: the parser's message quotes the body.
    throw new ProviderContractBroken("The body is no JSON.", "");
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Looks at the bytes alone, so that it comes before any parser. Bytes of a longer UTF-8 sequence are never ASCII. */
function isTooDeep(body: Uint8Array): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]!;
    if (isInString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (OPENING.has(byte)) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (CLOSING.has(byte)) depth -= 1;
  }
  return false;
}
