/** The heading of a page, also the title of the tab; what stands on its right acts on the whole page. */
import { type ReactNode, useEffect } from "react";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

export interface PageTitleProps {
  readonly title: string;
  readonly sub?: ReactNode;
  readonly children?: ReactNode;
}

export function PageTitle({ title, sub, children }: PageTitleProps) {
  useEffect(() => {
    document.title = `${title} · Islet`;
  }, [title]);
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center", justifyContent: "space-between", my: 2 }}>
      <div>
        <Typography variant="h5" component="h1">{title}</Typography>
        {sub ? <Typography color="textSecondary" component="div">{sub}</Typography> : null}
      </div>
      {children ? <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>{children}</Box> : null}
    </Box>
  );
}
