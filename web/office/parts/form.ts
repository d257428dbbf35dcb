/** What forms in dialogs share: title and buttons stay in sight while the fields scroll, and what is wrong is led to. */

/** Of the form element between a dialog and its content. */
export const DIALOG_FORM = { display: "flex", flexDirection: "column", minHeight: 0 } as const;

/** Puts the focus into the first field that is marked as wrong, once it is. */
export function leadToFault(form: HTMLElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]:not([aria-hidden="true"])')?.focus());
}
