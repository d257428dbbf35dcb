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
  const { isTooDeep, hasLongNumbers } = lookOver(body);
  if (isTooDeep) throw new ProviderContractBroken(`The body is nested more than ${DEEPEST} deep.`, "");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return JSON.parse(hasLongNumbers ? quoteLongIntegers(text) : text);
  } catch {
    // No cause: the parser's message quotes the body.
    throw new ProviderContractBroken("The body is no JSON.", "");
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPENING_LIST, CLOSING_LIST, OPENING_OBJECT, CLOSING_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;
const [ZERO, NINE] = [0x30, 0x39] as const;
/** From so many digits on a number may be more than JavaScript holds exactly. */
const LONG_DIGITS = 16;

/** Looks at the bytes alone, so that it comes before any parser. Bytes of a longer UTF-8 sequence are never ASCII. */
function lookOver(body: Uint8Array): { readonly isTooDeep: boolean; readonly hasLongNumbers: boolean } {
  let [depth, digits] = [0, 0];
  let hasLongNumbers = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]!;
    if (byte >= ZERO && byte <= NINE) {
      digits += 1;
      if (digits >= LONG_DIGITS) hasLongNumbers = true;
      continue;
    }
    digits = 0;
    if (byte === QUOTE) {
      for (at += 1; at < body.length && body[at] !== QUOTE; at += 1) if (body[at] === BACKSLASH) at += 1;
    } else if (byte === OPENING_LIST || byte === OPENING_OBJECT) {
      depth += 1;
      if (depth > DEEPEST) return { isTooDeep: true, hasLongNumbers };
    } else if (byte === CLOSING_LIST || byte === CLOSING_OBJECT) depth -= 1;
  }
  return { isTooDeep: false, hasLongNumbers };
}
