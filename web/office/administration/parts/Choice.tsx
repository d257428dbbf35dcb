/** One of a few, by name. */
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
  readonly testId?: string;
  readonly help?: string;
}

export function Choice<Value extends string>({ label, value, choices, onChange, testId, help }: ChoiceProps<Value>) {
  return (
    <TextField select fullWidth={false} margin="none" size="small" label={label} value={value} onChange={(event) => onChange(event.target.value as Value)} sx={{ minWidth: 160 }} helperText={help} data-testid={testId}>
      {choices.map(([each, text]) => <MenuItem key={each} value={each}>{text}</MenuItem>)}
    </TextField>
  );
}
