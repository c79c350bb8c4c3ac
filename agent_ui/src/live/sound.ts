/** The ring of an offer: two soft notes, only in the one tab of this browser that owns sound. */
import { keep, kept } from "./keep";

const STORED = "rapport.sound";
const NOTES_HZ = [660, 880] as const;
const NOTE_S = 0.16;
const LOUDNESS = 0.12;

let context: AudioContext | null = null;
// Without Web Locks (plain http) each tab rings: better twice than never.
let owner = !("locks" in navigator);

if ("locks" in navigator) {
  void navigator.locks.request("rapport.sound", () => {
    owner = true;
    return new Promise(() => undefined); // held until this tab is gone
  });
}

export function soundWanted(): boolean {
  return kept(STORED, true);
}

export function setSoundWanted(on: boolean): void {
  keep(STORED, on);
  if (on) unlockSound();
}

/** Browsers allow sound after a click only: call this from one, such as "Available". */
export function unlockSound(): void {
  context ??= new AudioContext();
  void context.resume();
}

export function ring(): void {
  if (context?.state !== "running" || !owner || !soundWanted()) return;
  const start = context.currentTime;
  for (const [index, frequency] of NOTES_HZ.entries()) {
    const at = start + index * NOTE_S;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 1.8);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + NOTE_S * 2);
  }
}
