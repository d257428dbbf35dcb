/** A time in the zone of whom it is about; where the viewer lives elsewhere, their own time is told apart. */
import type { Formatter } from "#web/language/format.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { useStaff } from "../session/staff.ts";

export interface InstantProps {
  /** RFC 3339, or epoch milliseconds. */
  readonly at: string | number;
  /** The patient's; without one, the viewer's own. */
  readonly zone?: string;
  /** `yearDate` and `full` where it may be of any year. */
  readonly show?: "dateTime" | "date" | "time" | "yearDate" | "full";
}

export function Instant({ at, zone, show = "dateTime" }: InstantProps) {
  const t = useWords();
  const { session } = useStaff();
  const viewerZone = session.preferences.zone;
  const theirs = useFormatter(zone ?? viewerZone);
  const mine = useFormatter(viewerZone);
  const ms = typeof at === "number" ? at : Date.parse(at);
  const written = (f: Formatter): string => (show === "full" ? `${f.yearDate(ms)}, ${f.time(ms)}` : f[show](ms));
  const text = written(theirs);
  const own = written(mine);
  return (
    <time dateTime={new Date(ms).toISOString()} title={own === text ? undefined : t("shell.viewerTime", { time: mine.dateTime(ms) })}>
      {text}
    </time>
  );
}
