import { useEffect, useState } from "react";

/** Until the page is measured. */
const FIRST_WIDTH = 800;

/** The width of an element in CSS pixels, as it is now. */
export function useWidth(host: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(FIRST_WIDTH);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0) || FIRST_WIDTH));
    observer.observe(element);
    return () => observer.disconnect();
  }, [host]);
  return width;
}
