/**
 * Repeatable chance. Every draw is named by what it is for (person, day, topic), so any day can be made by itself,
 * in any order, and is the same at each call.
 */

export type ChanceKey = string | number;

/** 32-bit hash of the parts in order (FNV-1a with a final mix). */
export function hashOf(...parts: ChanceKey[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = `${part}|`;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
  }
  return mix(hash);
}

function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Uniform number in [0, 1) that belongs to `index` under `key`. */
export function uniformAt(key: number, index: number): number {
  return mix(Math.imul(index, 0x9e3779b1) ^ key) / 4_294_967_296;
}

/** Standard normal number (sum of uniforms, within ±4.2) that belongs to `index` under `key`. */
export function normalAt(key: number, index: number): number {
  let sum = 0;
  for (let term = 0; term < 6; term++) sum += uniformAt(key, index * 6 + term);
  return (sum - 3) * Math.SQRT2;
}

/** A smooth random curve: about standard normal at whole numbers of `x`, cosine-eased between them. */
export function smoothAt(key: number, x: number): number {
  const before = Math.floor(x);
  const ease = (1 - Math.cos((x - before) * Math.PI)) / 2;
  return normalAt(key, before) * (1 - ease) + normalAt(key, before + 1) * ease;
}

/** A stream of draws for one named purpose. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  normal(mean: number, deviation: number): number;
  /** True with the given probability. */
  happens(probability: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

export function chanceOf(...parts: ChanceKey[]): Chance {
  const key = hashOf(...parts);
  let drawn = 0;
  const next = (): number => uniformAt(key, drawn++);
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    normal(mean, deviation) {
      let sum = 0;
      for (let term = 0; term < 6; term++) sum += next();
      return mean + deviation * (sum - 3) * Math.SQRT2;
    },
    happens: (probability) => next() < probability,
    pick: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
  };
}

/** Hexadecimal text of `length` digits that belongs to the parts: for vendor-looking ids. */
export function hexOf(length: number, ...parts: ChanceKey[]): string {
  let text = "";
  for (let block = 0; text.length < length; block++) text += hashOf(block, ...parts).toString(16).padStart(8, "0");
  return text.slice(0, length);
}

/** A version-4-shaped UUID that belongs to the parts. */
export function uuidOf(...parts: ChanceKey[]): string {
  const hex = hexOf(32, ...parts);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
