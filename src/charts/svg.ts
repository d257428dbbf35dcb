/** A scene as SVG text: presentation attributes and classes only, as pages forbid inline styles. */
import { INKS, type Ink } from "./palette.ts";
import { coordinate, type Paint, type Scene, type Shape, type TextShape } from "./scene.ts";

const FONTS = "'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif";

/**
 * SVG text of a scene, with title and description for those who hear it. Each colour is an attribute and a class (`fill-target`, `stroke-text`), so that
 * a file shows the print colours and a page's style sheet may set others.
 */
export function toSvg({ width, height, title, description, shapes }: Scene): string {
  const box = `0 0 ${coordinate(width)} ${coordinate(height)}`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${coordinate(width)}" height="${coordinate(height)}" role="img" font-family="${FONTS}">`;
  return `${head}<title>${escaped(title)}</title><desc>${escaped(description)}</desc>${shapes.map(element).join("")}</svg>`;
}

function element(shape: Shape): string {
  switch (shape.kind) {
    case "group": return `<g transform="translate(${coordinate(shape.x)} ${coordinate(shape.y)})">${shape.shapes.map(element).join("")}</g>`;
    case "text": return textElement(shape);
    case "rect": {
      const at = `x="${coordinate(shape.x)}" y="${coordinate(shape.y)}" width="${coordinate(shape.width)}" height="${coordinate(shape.height)}"`;
      return `<rect ${at}${paint(shape)}/>`;
    }
    default: return shape.d === "" ? "" : `<path d="${shape.d}"${paint(shape)}/>`;
  }
}

function paint({ fill, stroke, strokeWidth, dash }: Paint): string {
  const classes = [...(fill ? [`fill-${fill}`] : []), ...(stroke ? [`stroke-${stroke}`] : [])].join(" ");
  const line = stroke ? ` stroke="${INKS[stroke]}" stroke-width="${coordinate(strokeWidth ?? 1)}" stroke-linejoin="round" stroke-linecap="butt"` : "";
  const dashes = stroke && dash ? ` stroke-dasharray="${dash.map(coordinate).join(" ")}"` : "";
  return ` class="${classes}" fill="${fill ? INKS[fill] : "none"}"${line}${dashes}`;
}

function textElement({ x, y, text, size, ink, isBold, align }: TextShape): string {
  const anchor = align === undefined || align === "start" ? "" : ` text-anchor="${align}"`;
  const weight = isBold ? ' font-weight="600"' : "";
  const at = `x="${coordinate(x)}" y="${coordinate(y)}" font-size="${coordinate(size)}"`;
  return `<text ${at}${weight}${anchor}${colour(ink)}>${escaped(text)}</text>`;
}

const colour = (ink: Ink): string => ` class="fill-${ink}" fill="${INKS[ink]}"`;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for XML: its five characters as entities, and without the control characters that XML cannot hold. */
export function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
