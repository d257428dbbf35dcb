/**
 * A column of numbers as bytes, and back, exactly. Pure. Whole numbers and decimals of a few places are written as whole numbers in units of what
 * divides them all, in the shortest of several ways; any others as they are.
 */
import { signedSize, wholeSize, type ByteReader, type Bytes } from "./bytes.ts";

/** Ways of a column. Stored: never change one, only add. */
const RAW = 0;
const CONSTANT = 1;
const RUNS = 2;
const DIFFERENCES = 3;
const SECOND_DIFFERENCES = 4;
const SECOND_DIFFERENCE_RUNS = 5;

const MOST_DECIMALS = 6;
/** Differences of differences of larger numbers would not be exact. */
const LARGEST = Number.MAX_SAFE_INTEGER / 16;

export function writeColumn(bytes: Bytes, numbers: Float64Array): void {
  const units = inUnits(numbers);
  if (!units) {
    bytes.byte(RAW);
    for (const number of numbers) bytes.float(number);
    return;
  }
  const { whole, decimals, unit } = units;
  const way = isConstant(whole) ? CONSTANT : shortestOf(whole);
  bytes.byte(way);
  bytes.byte(decimals);
  bytes.whole(unit);
  WRITERS[way](bytes, whole);
}

/** Reads `count` numbers into the places from `from` on. Throws RangeError for a way that there is not. */
export function readColumn(reader: ByteReader, numbers: Float64Array, from: number, count: number): void {
  const way = reader.byte();
  const end = from + count;
  if (way === RAW) {
    for (let index = from; index < end; index += 1) numbers[index] = reader.float();
    return;
  }
  const divisor = 10 ** reader.byte();
  const unit = reader.whole();
  readWholes(reader, way, { numbers, from, end });
  if (unit !== 1 || divisor !== 1) for (let index = from; index < end; index += 1) numbers[index] = (numbers[index]! * unit) / divisor;
}

/** Places of an array. */
interface Places {
  readonly numbers: Float64Array;
  readonly from: number;
  readonly end: number;
}

/** Null where a number would not come back as it was: a fraction without end, NaN, -0. */
function inUnits(numbers: Float64Array): { readonly whole: Float64Array; readonly decimals: number; readonly unit: number } | null {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) {
    const whole = decimals === 0 ? wholeAsTheyAre(numbers) : wholeTimes(numbers, 10 ** decimals);
    if (!whole) continue;
    const unit = commonUnit(whole);
    return { whole: unit === 1 ? whole : whole.map((number) => number / unit), decimals, unit };
  }
  return null;
}

function wholeAsTheyAre(numbers: Float64Array): Float64Array | null {
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index]!;
    if (!Number.isInteger(number) || number > LARGEST || number < -LARGEST || Object.is(number, -0)) return null;
  }
  return numbers;
}

function wholeTimes(numbers: Float64Array, factor: number): Float64Array | null {
  const whole = new Float64Array(numbers.length);
  for (let index = 0; index < numbers.length; index += 1) {
    const rounded = Math.round(numbers[index]! * factor);
    if (!(Math.abs(rounded) <= LARGEST && Object.is(rounded / factor, numbers[index]))) return null;
    whole[index] = rounded;
  }
  return whole;
}

/** What divides all of them; 1 for zeros alone. */
function commonUnit(whole: Float64Array): number {
  let unit = 0;
  for (let index = 0; index < whole.length && unit !== 1; index += 1) {
    let smaller = Math.abs(whole[index]!);
    while (smaller !== 0) [unit, smaller] = [smaller, unit % smaller];
  }
  return unit || 1;
}

function isConstant(whole: Float64Array): boolean {
  for (let index = 1; index < whole.length; index += 1) if (whole[index] !== whole[0]) return false;
  return true;
}

/** The way that takes the fewest bytes, reckoned without writing any. */
function shortestOf(whole: Float64Array): typeof RUNS | typeof DIFFERENCES | typeof SECOND_DIFFERENCES | typeof SECOND_DIFFERENCE_RUNS {
  let [runs, differences, seconds, secondRuns] = [0, 0, 0, 0];
  let [length, secondLength] = [0, 0];
  let [before, differenceBefore, secondBefore] = [0, 0, 0];
  for (let index = 0; index < whole.length; index += 1) {
    const number = whole[index]!;
    const difference = number - before;
    const second = difference - differenceBefore;
    differences += signedSize(difference);
    seconds += signedSize(second);
    if (index > 0 && number === before) length += 1;
    else {
      if (index > 0) runs += wholeSize(length);
      runs += signedSize(number);
      length = 1;
    }
    if (index > 0 && second === secondBefore) secondLength += 1;
    else {
      if (index > 0) secondRuns += wholeSize(secondLength);
      secondRuns += signedSize(second);
      secondLength = 1;
    }
    [before, differenceBefore, secondBefore] = [number, difference, second];
  }
  runs += wholeSize(length);
  secondRuns += wholeSize(secondLength);
  const least = Math.min(runs, differences, seconds, secondRuns);
  if (least === runs) return RUNS;
  if (least === differences) return DIFFERENCES;
  return least === seconds ? SECOND_DIFFERENCES : SECOND_DIFFERENCE_RUNS;
}

const WRITERS = {
  [CONSTANT]: (bytes: Bytes, whole: Float64Array) => bytes.signed(whole[0]!),
  [RUNS]: writeRuns,
  [DIFFERENCES]: (bytes: Bytes, whole: Float64Array) => writeWholes(bytes, differencesOf(whole)),
  [SECOND_DIFFERENCES]: (bytes: Bytes, whole: Float64Array) => writeWholes(bytes, differencesOf(differencesOf(whole))),
  [SECOND_DIFFERENCE_RUNS]: (bytes: Bytes, whole: Float64Array) => writeRuns(bytes, differencesOf(differencesOf(whole))),
} as const;

/** The first number, then how much each is more than the one before. */
function differencesOf(numbers: Float64Array): Float64Array {
  const differences = new Float64Array(numbers.length);
  let before = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    differences[index] = numbers[index]! - before;
    before = numbers[index]!;
  }
  return differences;
}

function writeWholes(bytes: Bytes, numbers: Float64Array): void {
  for (let index = 0; index < numbers.length; index += 1) bytes.signed(numbers[index]!);
}

/** Each number with how often it follows itself. */
function writeRuns(bytes: Bytes, numbers: Float64Array): void {
  for (let from = 0; from < numbers.length; ) {
    let to = from + 1;
    while (to < numbers.length && numbers[to] === numbers[from]) to += 1;
    bytes.signed(numbers[from]!);
    bytes.whole(to - from);
    from = to;
  }
}

function readWholes(reader: ByteReader, way: number, places: Places): void {
  const { numbers, from, end } = places;
  switch (way) {
    case CONSTANT:
      numbers.fill(reader.signed(), from, end);
      return;
    case RUNS:
      return readRuns(reader, places);
    case DIFFERENCES:
      reader.signedInto(numbers, from, end);
      return addUp(places);
    case SECOND_DIFFERENCES:
      reader.signedInto(numbers, from, end);
      addUp(places);
      return addUp(places);
    case SECOND_DIFFERENCE_RUNS:
      readRuns(reader, places);
      addUp(places);
      return addUp(places);
    default:
      throw new RangeError("A column of a day block is packed in a way that is not known here.");
  }
}

function readRuns(reader: ByteReader, { numbers, from, end }: Places): void {
  for (let at = from; at < end; ) {
    const number = reader.signed();
    const length = reader.whole();
    if (length === 0 || at + length > end) throw new RangeError("A column of a day block has a run that cannot be.");
    numbers.fill(number, at, at + length);
    at += length;
  }
}

function addUp({ numbers, from, end }: Places): void {
  let sum = 0;
  for (let index = from; index < end; index += 1) {
    sum += numbers[index]!;
    numbers[index] = sum;
  }
}
