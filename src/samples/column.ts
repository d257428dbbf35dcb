/**
 * A column of numbers as bytes, and back, exactly. Pure. Whole numbers and decimals of a few places are written as whole numbers in units of what
 * divides them all, in the shortest of several ways; any others as they are.
 */
import { Bytes, type ByteReader } from "./bytes.ts";

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
  const isConstant = whole.every((number) => number === whole[0]);
  const [way, data] = isConstant ? ([CONSTANT, wholesOf([whole[0]!])] as const) : shortestOf(whole);
  bytes.byte(way);
  bytes.byte(decimals);
  bytes.whole(unit);
  bytes.all(data);
}

/** Throws RangeError for a way that there is not. */
export function readColumn(reader: ByteReader, count: number): Float64Array {
  const numbers = new Float64Array(count);
  const way = reader.byte();
  if (way === RAW) {
    for (let index = 0; index < count; index += 1) numbers[index] = reader.float();
    return numbers;
  }
  const divisor = 10 ** reader.byte();
  const unit = reader.whole();
  readWholes(reader, way, numbers);
  if (unit !== 1 || divisor !== 1) for (let index = 0; index < count; index += 1) numbers[index] = (numbers[index]! * unit) / divisor;
  return numbers;
}

/** Null where a number would not come back as it was: a fraction without end, NaN, -0. */
function inUnits(numbers: Float64Array): { readonly whole: Float64Array; readonly decimals: number; readonly unit: number } | null {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) {
    const factor = 10 ** decimals;
    const whole = numbers.map((number) => Math.round(number * factor));
    if (!whole.every((number, index) => Math.abs(number) <= LARGEST && Object.is(number / factor, numbers[index]))) continue;
    const unit = whole.reduce(greatestCommonDivisor, 0) || 1;
    return { whole: unit === 1 ? whole : whole.map((number) => number / unit), decimals, unit };
  }
  return null;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [larger, smaller] = [Math.abs(a), Math.abs(b)];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function shortestOf(whole: Float64Array): readonly [way: number, data: Uint8Array] {
  const first = differencesOf(whole);
  const second = differencesOf(first);
  const ways: readonly (readonly [number, Uint8Array])[] = [
    [RUNS, runsOf(whole)], [DIFFERENCES, wholesOf(first)], [SECOND_DIFFERENCES, wholesOf(second)], [SECOND_DIFFERENCE_RUNS, runsOf(second)],
  ];
  return ways.reduce((best, way) => (way[1].length < best[1].length ? way : best));
}

/** The first number, then how much each is more than the one before. */
function differencesOf(numbers: Float64Array): Float64Array {
  return numbers.map((number, index) => (index === 0 ? number : number - numbers[index - 1]!));
}

function wholesOf(numbers: Iterable<number>): Uint8Array {
  const bytes = new Bytes(512);
  for (const number of numbers) bytes.signed(number);
  return bytes.take();
}

/** Each number with how often it follows itself. */
function runsOf(numbers: Float64Array): Uint8Array {
  const bytes = new Bytes(64);
  for (let from = 0; from < numbers.length; ) {
    let to = from + 1;
    while (to < numbers.length && numbers[to] === numbers[from]) to += 1;
    bytes.signed(numbers[from]!);
    bytes.whole(to - from);
    from = to;
  }
  return bytes.take();
}

function readWholes(reader: ByteReader, way: number, numbers: Float64Array): void {
  switch (way) {
    case CONSTANT:
      numbers.fill(reader.signed());
      return;
    case RUNS:
      return readRuns(reader, numbers);
    case DIFFERENCES:
      for (let index = 0; index < numbers.length; index += 1) numbers[index] = reader.signed();
      return addUp(numbers);
    case SECOND_DIFFERENCES:
      for (let index = 0; index < numbers.length; index += 1) numbers[index] = reader.signed();
      addUp(numbers);
      return addUp(numbers);
    case SECOND_DIFFERENCE_RUNS:
      readRuns(reader, numbers);
      addUp(numbers);
      return addUp(numbers);
    default:
      throw new RangeError("A column of a day block is packed in a way that is not known here.");
  }
}

function readRuns(reader: ByteReader, numbers: Float64Array): void {
  for (let from = 0; from < numbers.length; ) {
    const number = reader.signed();
    const length = reader.whole();
    if (length === 0 || from + length > numbers.length) throw new RangeError("A column of a day block has a run that cannot be.");
    numbers.fill(number, from, from + length);
    from += length;
  }
}

function addUp(numbers: Float64Array): void {
  for (let index = 1; index < numbers.length; index += 1) numbers[index] = numbers[index]! + numbers[index - 1]!;
}
