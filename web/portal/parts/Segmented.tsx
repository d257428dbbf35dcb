export interface SegmentedProps {
  /** Name of the group; read out, not shown, unless `isLegendShown`. */
  readonly legend: string;
  readonly isLegendShown?: boolean;
  readonly name: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

/** A few choices side by side: radio buttons in another dress, so arrow keys and screen readers know them. */
export function Segmented({ legend, isLegendShown, name, value, options, onChange }: SegmentedProps) {
  return (
    <fieldset className="segmented" data-testid={`choice-${name}`}>
      <legend className={isLegendShown ? "" : "visually-hidden"}>{legend}</legend>
      <div className="segmented-options">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio" name={name} value={option.value} checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
