import { useEffect, useRef, useState } from "react";
import "./valid-language.ts";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Stepper } from "./Stepper.tsx";

export type CurveOptions = Omit<uPlot.Options, "width" | "height">;

export interface TimeCurveProps {
  /** First row: UTC epoch milliseconds. null in a value row is a gap. */
  readonly data: uPlot.AlignedData;
  /** Positions in `data` that can be stepped to, ascending: real points inside the shown window. */
  readonly points: readonly number[];
  /** Keep it stable between renders: a new function builds a new picture. */
  readonly build: (width: number) => CurveOptions;
  readonly height: number;
  readonly label: string;
  /** Says one point (a position in `data`) in words. */
  readonly describe: (position: number) => string;
}

interface Cursor {
  readonly index: number;
  /** Distance from the left edge, CSS pixels. */
  readonly left: number;
  readonly isRightHalf: boolean;
  /** The points it belongs to: a new picture forgets the cursor. */
  readonly points: readonly number[];
}

/** A canvas curve over time with a cursor for pointer, touch and keyboard. */
export function TimeCurve({ data, points, build, height, label, describe }: TimeCurveProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [width, setWidth] = useState(0);
  const [latest, setCursor] = useState<Cursor | null>(null);
  const cursor = latest?.points === points ? latest : null;

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = host.current;
    if (!element || width === 0) return undefined;
    const options = build(width);
    const onPointer = (u: uPlot): void => {
      // Without an event it was moved by us.
      if (u.cursor.event) setCursor(typeof u.cursor.idx === "number" ? cursorAt(u, points, nearest(points, u.cursor.idx)) : null);
    };
    const made = new uPlot({ ...options, width, height, hooks: { ...options.hooks, setCursor: [onPointer] } }, data, element);
    const onTouch = (event: TouchEvent): void => {
      const touch = event.touches[0];
      if (!touch) return;
      setCursor(cursorAt(made, points, nearest(points, made.posToIdx(touch.clientX - made.over.getBoundingClientRect().left))));
    };
    made.over.addEventListener("touchstart", onTouch, { passive: true });
    made.over.addEventListener("touchmove", onTouch, { passive: true });
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [build, data, points, width, height]);

  const position = cursor === null ? undefined : points[cursor.index];
  const at = position === undefined ? undefined : data[0][position];
  useEffect(() => {
    const u = plot.current;
    if (u) u.setCursor(at === undefined ? { left: -10, top: -10 } : { left: u.valToPos(at, "x"), top: 1 }, false);
  }, [at]);

  return (
    <Stepper
      className="curve" label={label} count={points.length} index={cursor?.index ?? null}
      onIndex={(index) => setCursor(plot.current ? cursorAt(plot.current, points, index) : null)}
      describe={(step) => describe(points[step] ?? 0)}
    >
      <div ref={host} className="curve-canvas" style={{ height }} aria-hidden="true" />
      {cursor === null || position === undefined ? null : (
        <div className={cursor.isRightHalf ? "curve-tip curve-tip-left" : "curve-tip"} style={{ left: cursor.left }} aria-hidden="true">
          {describe(position)}
        </div>
      )}
    </Stepper>
  );
}

function cursorAt(u: uPlot, points: readonly number[], index: number | null): Cursor | null {
  const position = index === null ? undefined : points[index];
  const at = position === undefined ? undefined : u.data[0][position];
  if (index === null || at === undefined) return null;
  const inPlot = u.valToPos(at, "x");
  return { index, left: inPlot + u.over.offsetLeft, isRightHalf: inPlot > u.over.clientWidth / 2, points };
}

/** Place in the ascending list whose entry is closest to `position`; null when the list is empty. */
export function nearest(points: readonly number[], position: number): number | null {
  if (points.length === 0) return null;
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low > 0 && position - points[low - 1]! <= points[low]! - position ? low - 1 : low;
}
