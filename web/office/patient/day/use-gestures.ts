/** Wheel, drag, two fingers and keys over a picture of time. Whatever they do, buttons beside the picture do as well. */
import { type RefObject, useEffect, useRef } from "react";
import { GUTTER } from "./layout.ts";
import { panned, pinched, type View, zoomed } from "./viewport.ts";

export interface Gestures {
  readonly view: View;
  readonly bounds: View;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
  /** Where the pointer is; null where it is not over the picture. */
  readonly onPoint: (ms: number | null) => void;
}

const DRAG_PX = 4;
const KEY_SHARE = 0.25;

/** Listens on `host`. A wheel alone scrolls the page, unless the picture has the focus: with Ctrl or ⌘ it zooms, sideways it moves. */
export function useGestures(host: RefObject<HTMLElement | null>, gestures: Gestures): void {
  const latest = useRef(gestures);
  useEffect(() => {
    latest.current = gestures;
  });
  useEffect(() => (host.current ? listen(host.current, () => latest.current) : undefined), [host]);
}

function listen(element: HTMLElement, now: () => Gestures): () => void {
  const place = (clientX: number): number => {
    const box = element.getBoundingClientRect();
    return Math.min(Math.max((clientX - box.left - GUTTER.left) / Math.max(box.width - GUTTER.left - GUTTER.right, 1), 0), 1);
  };
  const msAt = (at: number): number => now().view.fromMs + at * (now().view.toMs - now().view.fromMs);
  const move = (share: number): void => now().onView(panned(now().view, share * (now().view.toMs - now().view.fromMs), now().bounds));
  const zoom = (factor: number, atMs: number): void => now().onView(zoomed(now().view, factor, atMs, now().bounds));

  const onWheel = (event: WheelEvent): void => {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (sideways !== 0) {
      event.preventDefault();
      move(sideways / 800);
    } else if (event.ctrlKey || event.metaKey || element.contains(document.activeElement)) {
      event.preventDefault();
      zoom(Math.exp(Math.min(Math.max(event.deltaY, -120), 120) / 400), msAt(place(event.clientX)));
    }
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const middle = msAt(0.5);
    const acts: Readonly<Record<string, () => void>> = {
      "+": () => zoom(0.5, middle), "=": () => zoom(0.5, middle), "-": () => zoom(2, middle), "0": () => now().onReset(), PageUp: () => move(-KEY_SHARE), PageDown: () => move(KEY_SHARE),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  const stopPointers = listenToPointers(element, now, { place, msAt });
  element.addEventListener("wheel", onWheel, { passive: false });
  element.addEventListener("keydown", onKey, { capture: true });
  return () => {
    stopPointers();
    element.removeEventListener("wheel", onWheel);
    element.removeEventListener("keydown", onKey, { capture: true });
  };
}

interface Places {
  readonly place: (clientX: number) => number;
  readonly msAt: (place: number) => number;
}

function listenToPointers(element: HTMLElement, now: () => Gestures, { place, msAt }: Places): () => void {
  /** Where each finger, or the mouse, is now. */
  const down = new Map<number, number>();
  let start: { readonly view: View; readonly places: readonly number[]; readonly clientX: number } | null = null;
  let isDragging = false;
  const restart = (clientX: number): void => {
    start = down.size === 0 ? null : { view: now().view, places: [...down.values()], clientX };
  };

  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    down.set(event.pointerId, place(event.clientX));
    isDragging = false;
    restart(event.clientX);
  };
  const onMove = (event: PointerEvent): void => {
    now().onPoint(msAt(place(event.clientX)));
    if (start === null || !down.has(event.pointerId)) return;
    down.set(event.pointerId, place(event.clientX));
    const { view, places, clientX } = start;
    const fingers = [...down.values()];
    if (fingers.length >= 2 && places.length >= 2) {
      now().onView(pinched({ view, fingers: [places[0]!, places[1]!] }, [fingers[0]!, fingers[1]!], now().bounds));
      return;
    }
    if (!isDragging && Math.abs(event.clientX - clientX) > DRAG_PX) {
      isDragging = true;
      element.setPointerCapture(event.pointerId);
    }
    if (isDragging) now().onView(panned(view, (places[0]! - fingers[0]!) * (view.toMs - view.fromMs), now().bounds));
  };
  const onUp = (event: PointerEvent): void => {
    down.delete(event.pointerId);
    restart(event.clientX);
  };
  const onLeave = (event: PointerEvent): void => {
    if (event.pointerType === "mouse") now().onPoint(null);
  };
  const listeners = [["pointerdown", onDown], ["pointermove", onMove], ["pointerup", onUp], ["pointercancel", onUp], ["pointerleave", onLeave]] as const;
  for (const [name, listener] of listeners) element.addEventListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) element.removeEventListener(name, listener);
  };
}
