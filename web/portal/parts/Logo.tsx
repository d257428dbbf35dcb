/** Islet's own mark. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="16" className="logo-tile" />
      <path d="M8 42c8-1 9-14 16-14s7 12 14 12 8-18 18-20" className="logo-line" />
      <circle cx="49" cy="23" r="5.5" className="logo-dot" />
    </svg>
  );
}
