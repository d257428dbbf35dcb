/** Names with how many there are, each a link to whom or what it counts. */
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import { useFormatter } from "../messages/words.ts";

export interface Line {
  readonly name: string;
  readonly count: number;
  /** Below /office. */
  readonly to?: string;
}

export function Lines({ lines }: { readonly lines: readonly Line[] }) {
  const f = useFormatter();
  return (
    <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "1fr auto", rowGap: 0.75, columnGap: 2, m: 0 }}>
      {lines.map(({ name, count, to }) => (
        <Box key={name} sx={{ display: "contents" }}>
          <Typography component="dt">{to === undefined ? name : <Link component={RouterLink} to={to}>{name}</Link>}</Typography>
          <Typography component="dd" sx={{ m: 0, textAlign: "right", fontVariantNumeric: "tabular-nums", fontWeight: 600 }}>{f.number(count)}</Typography>
        </Box>
      ))}
    </Box>
  );
}

/** While a panel's answer is on its way. */
export const SHORT = <Skeleton variant="rounded" height={96} />;
