import { fieldName } from "../ui/values.tsx";

/** `Delete customer: Johnson Family` → heading and record. */
export function splitTitle(title: string): { heading: string; record: string | null } {
  const at = title.indexOf(": ");
  return at < 0
    ? { heading: title, record: null }
    : { heading: title.slice(0, at), record: title.slice(at + 2) };
}

/** `contact.delete` → `Customer`; the trade's word for a contact. */
export function subjectName(action: string): string {
  const domain = action.split(".")[0] ?? action;
  return domain === "contact" ? "Customer" : fieldName(domain);
}
