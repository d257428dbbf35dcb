/** How wide text is, without a page to measure it on. The widths are those of Source Sans 3, which reports are set in; other fonts come near. */

/** Advance widths of U+0020–U+007E in thousandths of the size. `test/report-pdf.test.ts` holds them against the font. */
const REGULAR = widths(
  "200 289 426 497 497 824 609 249 303 303 418 497 249 311 249 350 497 497 497 497 497 497 497 497 497 497 249 249 497 497 497 425 847 543 588 571 615 527 494 617 652 263 479 579 486 727 647 664 566 664 569 534 536 645 515 786 513 476 539 303 350 303 497 500 542 504 553 456 555 496 292 504 544 246 247 495 255 829 547 542 555 555 347 419 338 544 467 719 446 467 425 303 241 303 497",
);
const SEMIBOLD = widths(
  "200 315 482 513 513 841 639 275 324 324 438 513 275 322 275 344 513 513 513 513 513 513 513 513 513 513 275 275 513 513 513 444 875 558 597 576 625 538 510 628 663 282 494 597 502 745 657 674 582 674 592 545 546 655 536 800 541 501 540 324 344 324 513 500 549 516 563 462 564 507 317 520 558 262 263 522 271 843 560 549 564 564 373 431 361 556 495 748 481 495 443 324 255 324 513",
);

/** Characters beyond ASCII that our words use; letters with accents are as wide as without. */
const OTHERS: Readonly<Record<string, number>> = { "\u00a0": 200, "\u202f": 200, "¿": 430, "¡": 300, "·": 260, "–": 480, "—": 800, "≤": 505, "≥": 505, "→": 619, "±": 505, "’": 260, "“": 450, "”": 450, "…": 955 };

/** For all other characters: wide enough for nearly all letters of Greek and Cyrillic. */
const UNKNOWN = 640;

function widths(list: string): readonly number[] {
  return list.split(" ").map(Number);
}

/** Width of a line of text at a size, both in the same unit. */
export function textWidth(text: string, size: number, isBold = false): number {
  const table = isBold ? SEMIBOLD : REGULAR;
  let thousandths = 0;
  for (const character of text.normalize("NFD")) {
    if (/\p{Mn}/u.test(character)) continue;
    thousandths += table[character.codePointAt(0)! - 32] ?? OTHERS[character] ?? UNKNOWN;
  }
  return (thousandths * size) / 1000;
}

/** The text, or as much of its beginning as fits with an ellipsis behind it. */
export function fitted(text: string, width: number, size: number, isBold = false): string {
  if (textWidth(text, size, isBold) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, size, isBold) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/** The text in lines that fit, broken at spaces; a word that is wider than the width has a line of its own. */
export function wrapped(text: string, width: number, size: number, isBold = false): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (current !== "" && textWidth(longer, size, isBold) > width) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return current === "" ? lines : [...lines, current];
}
