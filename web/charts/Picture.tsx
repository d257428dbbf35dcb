import { useEffect, useMemo, useRef, useState } from "react";
import type { Scene, Size } from "#charts/scene.ts";
import { toSvg } from "#charts/svg.ts";

/** Pictures are drawn for paper, where seven points can be read; on a screen they stand half as large again. */
const ZOOM = 1.5;
/** Until the page is measured. */
const FIRST_WIDTH = 640;

export interface PictureProps {
  /** Keep it stable between renders: a new function draws a new picture. */
  readonly draw: (size: Size) => Scene;
  /** CSS pixels. */
  readonly height: number;
}

/** A scene as SVG in the page, as wide as there is room; it takes the page's colours (styles/pictures.css). */
export function Picture({ draw, height }: PictureProps) {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0) || FIRST_WIDTH));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const svg = useMemo(() => toSvg(draw({ width: width / ZOOM, height: height / ZOOM })), [draw, width, height]);
  // The text is our own: toSvg escapes what people wrote.
  return <div ref={host} className="picture" dangerouslySetInnerHTML={{ __html: svg }} />;
}
