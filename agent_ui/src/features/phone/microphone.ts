/** May and can this browser hear the agent? Asked before the first call, not during it. */
import type { Trouble } from "./state";

/** What is known without asking the agent; "unasked" when the browser would have to ask. */
export async function microphone(): Promise<Trouble | "granted" | "unasked"> {
  if (!("mediaDevices" in navigator)) return "insecure";
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some((each) => each.kind === "audioinput")) return "missing";
  switch (await permission()) {
    case "granted":
      return "granted";
    case "denied":
      return "blocked";
    case "prompt":
      return "unasked";
  }
}

/** Open the microphone once, which asks the agent if need be, and close it. Null: all is well. */
export async function openMicrophone(): Promise<Trouble | null> {
  if (!("mediaDevices" in navigator)) return "insecure";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    return null;
  } catch (error) {
    return error instanceof DOMException && error.name === "NotAllowedError" ? "blocked" : "missing";
  }
}

/** Call `changed` when a permission or a device comes or goes; returns how to stop. */
export function watchMicrophone(changed: () => void): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  if ("mediaDevices" in navigator) navigator.mediaDevices.addEventListener("devicechange", changed, { signal });
  navigator.permissions.query({ name: "microphone" }).then(
    (status) => status.addEventListener("change", changed, { signal }),
    () => undefined, // a browser that does not tell: the next Available asks again
  );
  return () => ended.abort();
}

async function permission(): Promise<PermissionState> {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return "prompt";
  }
}
