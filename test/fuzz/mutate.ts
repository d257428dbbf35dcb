/** Bodies that nobody should send, made of bodies that somebody does: by chance, and the same ones again from the same seed. */

type Random = () => number;

/** Values in place of a value. */
const NASTY: readonly unknown[] = [
  null, true, false, 0, -1, 1.5, -0.1, 1e300, -1e300, Number.MAX_SAFE_INTEGER, 4_102_444_800, "", "0", "-1", "12,3", "NaN", "null", "1e400", "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z", "2026-03-29T02:30:00", "2026-02-30", "+275760-09-13T00:00:00.001Z", "24:00:00", "-99:99", "constructor", "__proto__", "\0", "\ud800", "🩸", "x".repeat(3_000),
  [], {}, [null], [[]], [{}], { "": "" }, { length: -1 }, { toString: 1 },
];
const NASTY_TOKENS: readonly string[] = ["1e400", "-1e400", "123456789012345678901234567890", "0.0000000000000000000000001", "\"\\u0000\"", "\"\\ud800\"", "[[[[[[[[[[", "}}", "{\"__proto__\":{}}", "NaN", "undefined", "\uFEFF"];

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

/** A body like one of the corpus, with one to four faults in it. */
export function mutated(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  let body = pick(random, corpus);
  for (let faults = 1 + Math.floor(random() * 4); faults > 0; faults -= 1) body = random() < 0.5 ? changedValue(random, body) : changedBytes(random, body, corpus);
  return body;
}

/** One value somewhere in the JSON becomes another, goes, or comes twice; a body that is no JSON any more has its bytes changed. */
function changedValue(random: Random, body: Uint8Array): Uint8Array {
  let root: { value: unknown };
  try {
    root = { value: JSON.parse(new TextDecoder().decode(body)) };
  } catch {
    return changedBytes(random, body, [body]);
  }
  let holder: Record<string, unknown> = root;
  let name = "value";
  for (let depth = Math.floor(random() * 8); depth > 0; depth -= 1) {
    const value = holder[name];
    if (typeof value !== "object" || value === null || Object.keys(value).length === 0) break;
    holder = value as Record<string, unknown>;
    name = pick(random, Object.keys(holder));
  }
  const way = random();
  if (way < 0.6) holder[name] = pick(random, NASTY);
  else if (way < 0.75) delete holder[name];
  else if (way < 0.9) holder[`${name}_`] = holder[name];
  else holder[name] = [holder[name], holder[name]];
  return new TextEncoder().encode(JSON.stringify(root.value) ?? "");
}

function changedBytes(random: Random, body: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  const at = Math.floor(random() * (body.length + 1));
  const to = Math.min(body.length, at + Math.floor(random() * 12));
  const [head, tail] = [body.subarray(0, at), body.subarray(at)];
  switch (Math.floor(random() * 6)) {
    case 0: return head;
    case 1: return Buffer.concat([head, new TextEncoder().encode(pick(random, NASTY_TOKENS)), tail]);
    case 2: return Buffer.concat([head, body.subarray(to)]);
    case 3: return Buffer.concat([head, body.subarray(at, to), tail]);
    case 4: return Buffer.concat([head, pick(random, corpus).subarray(at)]);
    default: {
      const copy = Uint8Array.from(body);
      if (copy.length > 0) copy[Math.min(at, copy.length - 1)] = Math.floor(random() * 256);
      return copy;
    }
  }
}
