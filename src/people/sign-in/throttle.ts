/**
 * Whether somebody may try to sign in now. Guessing gets ever slower, by account, by address, by both, and in all; nobody is shut out for good, and a
 * browser in which the person has signed in before is judged by its own tries alone, so that strangers cannot shut it out (faults AU-01, AU-02;
 * NIST SP 800-63B-4 §3.2.2: at most 100 failures in a row; OWASP device cookies). Pure.
 */
import { DAY_MS, MINUTE_MS } from "#units/time.ts";

export type ThrottleKind = "account" | "pair" | "address" | "device" | "everybody";

/** What is remembered under one key. Times are epoch milliseconds. */
export interface Failures {
  /** Since the last good sign-in. */
  readonly streak: number;
  /** Of the day that began at dayMs. */
  readonly failures: number;
  readonly dayMs: number;
  readonly lastMs: number;
}

export interface ThrottleRule {
  /** So many failures cost nothing. */
  readonly free: number;
  /** Failures of a day, after which nothing is tried until the day is over. */
  readonly mostADay: number;
  /** Length of that day. */
  readonly dayMs: number;
}

const FIRST_DELAY_MS = MINUTE_MS;
const LONGEST_DELAY_MS = 15 * MINUTE_MS;

/** An address may be a whole hospital's; a pair keeps its slowness when the person signs in elsewhere in between. */
export const RULES: Readonly<Record<ThrottleKind, ThrottleRule>> = {
  account: { free: 10, mostADay: 100, dayMs: DAY_MS },
  pair: { free: 10, mostADay: 100, dayMs: DAY_MS },
  device: { free: 10, mostADay: 100, dayMs: DAY_MS },
  address: { free: 50, mostADay: 500, dayMs: DAY_MS },
  everybody: { free: Number.POSITIVE_INFINITY, mostADay: 600, dayMs: MINUTE_MS },
};

/** Before the first failure. */
export function noFailures(nowMs: number): Failures {
  return { streak: 0, failures: 0, dayMs: nowMs, lastMs: nowMs };
}

/** From when on the next try counts; 0 where it may be made at once. */
export function mayTryAt(kind: ThrottleKind, past: Failures, nowMs: number): number {
  const rule = RULES[kind];
  const dayEndsMs = past.dayMs + rule.dayMs;
  const spentMs = nowMs < dayEndsMs && past.failures >= rule.mostADay ? dayEndsMs : 0;
  const over = past.streak - rule.free;
  const delayMs = over < 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(over, 10));
  return Math.max(spentMs, delayMs === 0 ? 0 : past.lastMs + delayMs);
}

export interface Attempt {
  /** What is remembered under each key that this attempt has. */
  readonly past: Readonly<Partial<Record<ThrottleKind, Failures>>>;
  readonly nowMs: number;
}

/** Whether the attempt is made, or refused unheard. With a known device only the device's own tries are in `past`. */
export function mayTry({ past, nowMs }: Attempt): boolean {
  return (Object.entries(past) as [ThrottleKind, Failures][]).every(([kind, failures]) => mayTryAt(kind, failures, nowMs) <= nowMs);
}

/** One failure more. A streak outlives its day: who goes on guessing tomorrow does not begin anew; a day without any failure ends it. */
export function afterFailure(kind: ThrottleKind, past: Failures, nowMs: number): Failures {
  const { dayMs } = RULES[kind];
  const isSameDay = nowMs < past.dayMs + dayMs;
  const isForgotten = nowMs - past.lastMs >= DAY_MS;
  return { streak: isForgotten ? 1 : past.streak + 1, failures: isSameDay ? past.failures + 1 : 1, dayMs: isSameDay ? past.dayMs : nowMs, lastMs: nowMs };
}

/**
 * An attempt that was counted as a failure before its hash was compared turned out right. The account, the pair and the device begin anew; the
 * address only gets its one back, or whoever has an account here could go on guessing at others for ever.
 */
export function afterSuccess(kind: ThrottleKind, counted: Failures): Failures {
  const one = { ...counted, failures: Math.max(0, counted.failures - 1) };
  return kind === "address" || kind === "everybody" ? { ...one, streak: Math.max(0, counted.streak - 1) } : { ...one, streak: 0 };
}

/** The network an address is counted by: /24 of IPv4, /64 of IPv6, as text. */
export function networkOf(address: string): string {
  const ipv4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){2})\.\d{1,3}$/i.exec(address);
  if (ipv4) return `${ipv4[1]}.0/24`;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const parts = head.split(":").filter(Boolean);
  const behind = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const whole = tail === undefined ? parts : [...parts, ...Array.from({ length: Math.max(0, 8 - parts.length - behind.length) }, () => "0"), ...behind];
  return `${whole.slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
