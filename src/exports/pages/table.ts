/** Tables on paper. */
import { line, type Point, rect, type Shape, text } from "#charts/scene.ts";
import { fitted } from "#charts/text-width.ts";

export interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: "start" | "end";
}

export const ROW_HEIGHT = 12.6;
const SIZE = 8;
const PAD = 4;

/** How many rows fit in a height under the head. */
export function rowsIn(height: number, rowHeight = ROW_HEIGHT): number {
  return Math.max(0, Math.floor((height - ROW_HEIGHT - 2) / rowHeight));
}

/** A table and the place below it. */
export interface DrawnTable {
  readonly shapes: readonly Shape[];
  readonly bottom: number;
}

/** The table at a place: head and rule (not where no column has a title), rows with every second one tinted. Text that is too long ends with an ellipsis. */
export function table({ x, y }: Point, columns: readonly Column[], rows: readonly (readonly string[])[], rowHeight = ROW_HEIGHT): DrawnTable {
  const hasHead = columns.some(({ title }) => title !== "");
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const cells = (texts: readonly string[], baseline: number, isHead: boolean): Shape[] => {
    let left = x;
    return columns.map((column, index) => {
      const isEnd = column.align === "end";
      const at = { x: isEnd ? left + column.width - PAD : left + PAD, y: baseline };
      left += column.width;
      const words = fitted(texts[index] ?? "", column.width - PAD, SIZE, isHead || index === 0);
      return text(at, words, { size: SIZE, ink: isHead ? "muted" : "text", isBold: isHead, align: isEnd ? "end" : "start" });
    });
  };
  const top = hasHead ? y + ROW_HEIGHT : y;
  return {
    shapes: [
      ...(hasHead ? [...cells(columns.map(({ title }) => title), y + 9, true), line({ x, y: top }, { x: x + width, y: top }, { stroke: "rule", strokeWidth: 0.6 })] : []),
      ...rows.flatMap((texts, index) => {
        const rowY = top + index * rowHeight;
        return [
          ...(index % 2 === 1 ? [rect({ x, y: rowY, width, height: rowHeight }, { fill: "sunken" })] : []),
          ...cells(texts, rowY + rowHeight / 2 + 2.8, false),
        ];
      }),
    ],
    bottom: top + rows.length * rowHeight,
  };
}
