/** The areas that somebody's roles open, beside every page: with their names, or by icons alone where the sidebar is narrow. */
import List from "@mui/material/List";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemIcon from "@mui/material/ListItemIcon";
import { useTheme } from "@mui/material/styles";
import useMediaQuery from "@mui/material/useMediaQuery";
import { visuallyHidden } from "@mui/utils";
import { useSidebarState } from "react-admin";
import { NavLink } from "react-router-dom";
import { AREAS } from "./areas.tsx";
import { useWords } from "./messages/words.ts";
import { useStaff } from "./session/staff.ts";

export function AreaMenu() {
  const t = useWords();
  const { session } = useStaff();
  const [isOpen, setOpen] = useSidebarState();
  const { breakpoints } = useTheme();
  const isSmall = useMediaQuery(breakpoints.down("md"));
  return (
    <List component="nav" aria-label={t("shell.areas")} sx={{ width: isOpen ? 240 : 50, pt: 1 }}>
      {AREAS.filter((area) => area.roles.some((role) => session.roles.includes(role))).map(({ path, label, icon: Icon }) => (
        <ListItemButton
          key={path} component={NavLink} to={`/${path}`} end={path === ""} {...(isOpen ? {} : { title: t(label) })} {...(isSmall ? { onClick: () => setOpen(false) } : {})}
          sx={{ color: "text.secondary", "&.active": { color: "text.primary" } }}
        >
          <ListItemIcon sx={{ minWidth: 40 }}><Icon /></ListItemIcon>
          <span style={isOpen ? undefined : visuallyHidden}>{t(label)}</span>
        </ListItemButton>
      ))}
    </List>
  );
}
