/** What is searched for in the audit log, as typed and as asked. Pure. */

export interface AuditFilter {
  /** An action, or with a point at the end all that begin so. */
  readonly action: string;
  readonly outcome: "any" | "done" | "refused" | "failed";
  /** As a field for date and time has it, in the viewer's own zone. */
  readonly from: string;
  readonly to: string;
  /** Ids. */
  readonly patient: string;
  readonly actor: string;
}

export const NO_FILTER: AuditFilter = { action: "", outcome: "any", from: "", to: "", patient: "", actor: "" };

export function auditQuery({ action, outcome, from, to, patient, actor }: AuditFilter) {
  const text = <Name extends string>(name: Name, value: string): { readonly [Key in Name]?: string } => (value.trim() === "" ? {} : ({ [name]: value.trim() } as { readonly [Key in Name]?: string }));
  const instant = <Name extends string>(name: Name, value: string) => text(name, value === "" ? "" : new Date(value).toISOString());
  return { ...text("action", action.toLowerCase()), ...(outcome === "any" ? {} : { outcome }), ...instant("from", from), ...instant("to", to), ...text("patient", patient.toLowerCase()), ...text("actor", actor.toLowerCase()) };
}
