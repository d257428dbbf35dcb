/** A time in the zone of whom it is about; where the viewer lives elsewhere, their own time is told apart. */
import { useFormatter, useWords } from "../messages/words.ts";
import { useStaff } from "../session/staff.ts";

export interface InstantProps {
  /** RFC 3339, or epoch milliseconds. */
  readonly at: string | number;
  /** The patient's; without one, the viewer's own. */
  readonly zone?: string;
  readonly show?: "dateTime" | "date" | "time";
}

export function Instant({ at, zone, show = "dateTime" }: InstantProps) {
  const t = useWords();
  const { session } = useStaff();
  const viewerZone = session.preferences.zone;
  const theirs = useFormatter(zone ?? viewerZone);
  const mine = useFormatter(viewerZone);
  const ms = typeof at === "number" ? at : Date.parse(at);
  const text = theirs[show](ms);
  const own = mine[show](ms);
  return (
    <time dateTime={new Date(ms).toISOString()} title={own === text ? undefined : t("shell.viewerTime", { time: mine.dateTime(ms) })}>
      {text}
    </time>
  );
}
