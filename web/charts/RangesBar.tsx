import { useId } from "react";
import { type Band, type BandShares, rangeBar } from "./ranges.ts";

const WIDTH = 600;
const HEIGHT = 36;

/** Bands that carry a pattern besides their colour, so that no two neighbours differ by colour alone. */
const PATTERNS: Partial<Record<Band, string>> = { veryLow: "M0 8L8 0", low: "M4 0V8", high: "M0 4H8", veryHigh: "M0 0L8 8" };

export interface RangesBarProps {
  readonly shares: BandShares;
  /** What the bar says, for those who do not see it. */
  readonly label: string;
}

/** Five bands of time in range, lowest left. */
export function RangesBar({ shares, label }: RangesBarProps) {
  const id = useId();
  const rects = rangeBar(shares, { width: WIDTH, gap: 3, leastWidth: 8 });
  return (
    // An <img> cannot be drawn by React; for a picture in SVG the role says what it is.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <svg className="ranges-bar" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <defs>
        {rects.map(({ band }) =>
          PATTERNS[band] ? (
            <pattern key={band} id={`${id}-${band}`} width="8" height="8" patternUnits="userSpaceOnUse">
              <path d={PATTERNS[band]} className="decal" />
            </pattern>
          ) : null,
        )}
        <clipPath id={`${id}-shape`}>
          <rect width={WIDTH} height={HEIGHT} rx="8" />
        </clipPath>
      </defs>
      <g clipPath={`url(#${id}-shape)`}>
        {rects.map(({ band, x, width }) => (
          <g key={band}>
            <rect x={x} width={width} height={HEIGHT} className={`band-fill band-${band}`} />
            {PATTERNS[band] ? <rect x={x} width={width} height={HEIGHT} fill={`url(#${id}-${band})`} /> : null}
          </g>
        ))}
      </g>
    </svg>
  );
}

/** The small square that ties a legend line to its band. */
export function BandSwatch({ band }: { band: Band }) {
  return <span className={`swatch swatch-${band}`} aria-hidden="true" />;
}
