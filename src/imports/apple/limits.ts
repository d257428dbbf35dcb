/** How much of a stranger's export is borne, and what is thrown where it is too much. Sources: exports-imports §6; faults DA-06, DA-07. */
import { InvalidInput } from "../../errors.ts";

export interface AppleLimits {
  /** Entries of the archive; an export has one file a workout. */
  readonly maxEntries: number;
  /** Unpacked bytes of all entries that had to be unpacked, counted, never as declared. */
  readonly maxUnpackedBytes: number;
  /** Unpacked over packed bytes of one entry, once it is larger than `ratioFromBytes`. Real exports reach about 40. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
  /** Characters of one piece of markup: a tag with all its attributes, a comment, a text. */
  readonly maxMarkup: number;
  /** Characters and descendants of one element below the root. A larger one is left out. */
  readonly maxElement: number;
  readonly maxDescendants: number;
  /** Elements within elements; a real export has five. */
  readonly maxDepth: number;
  /** Faults in the XML after which reading ends. */
  readonly maxFaults: number;
}

const MIB = 1024 * 1024;

export const APPLE_LIMITS: AppleLimits = {
  maxEntries: 200_000,
  maxUnpackedBytes: 10 * 1024 * MIB,
  maxRatio: 200,
  ratioFromBytes: 16 * MIB,
  maxMarkup: MIB,
  maxElement: 16 * MIB,
  maxDescendants: 50_000,
  maxDepth: 32,
  maxFaults: 1_000,
};

/** What no honest export has: nothing more of it is read. */
export function unsafe(message: string): InvalidInput {
  return new InvalidInput(message, { code: "file_unsafe", httpStatus: 422 });
}

/** The bytes cannot be read on. What was read before is sound; stays within this room. */
export class Damaged extends Error {}

/** The XML is of another kind; stays within this room. */
export class NotAnExport extends Error {}
