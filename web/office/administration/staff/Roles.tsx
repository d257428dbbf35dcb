import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import type { Role } from "#web/client/operations.d.ts";
import { useWords } from "../../messages/words.ts";

export interface RolesProps {
  readonly roles: readonly Role[];
  readonly choices: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
}

/** Which roles somebody has; several are possible. */
export function Roles({ roles, choices, onChange }: RolesProps) {
  const t = useWords();
  return (
    <fieldset style={{ border: 0, padding: 0, margin: "8px 0" }}>
      <legend>{t("staff.roles")}</legend>
      {choices.map((role) => (
        <FormControlLabel
          key={role} label={t(`role.${role}`)}
          control={<Checkbox checked={roles.includes(role)} onChange={(event) => onChange(event.target.checked ? [...roles, role] : roles.filter((each) => each !== role))} />}
        />
      ))}
    </fieldset>
  );
}
