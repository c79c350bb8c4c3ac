/** What survives a reload, in this browser, per agent: drafts, unsent messages. A full or forbidden storage is no error. */

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse; what is typed is still in memory.
  }
}

export function kept<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(key);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** An id of this tab that survives its reloads and is not shared with other tabs. */
export function tabId(make: () => string): string {
  try {
    const known = sessionStorage.getItem("rapport.tab");
    if (known !== null) return known;
    const made = make();
    sessionStorage.setItem("rapport.tab", made);
    return made;
  } catch {
    return make();
  }
}
