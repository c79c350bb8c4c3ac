/**
 * Offers, over any screen: who it is, how long there is to answer, Accept (Alt+A) and Reject (Alt+R).
 *
 * The keys act on the oldest offer. An offer takes the focus only from somebody who is not typing, so that no
 * half-written word accepts a call.
 */
import { useEffect, useLayoutEffect, useRef } from "react";
import { acceptOffer, rejectOffer } from "@/live/actions";
import { offerDelivered } from "@/live/session";
import { ring } from "@/live/sound";
import { useConsole, useIsLive } from "@/live/store";
import type { LiveOffer } from "@/state/live";
import { OfferCard } from "./OfferCard";
import classes from "./offers.module.css";

const RING_EVERY_MS = 2_500;

export function OfferStack({ voiceHint }: { voiceHint: string }) {
  const offers = useConsole((state) => state.live.offers);
  useDelivered(offers);
  useRinging(offers.length > 0);
  useKeys(offers[0]);
  if (offers.length === 0) return null;
  return (
    <div className={classes.stack}>
      {offers.map((each, index) => <OfferCard key={each.offer.offer_id} live={each} first={index === 0} voiceHint={voiceHint} />)}
    </div>
  );
}

/** Tell the hub once per offer that it is on a screen: it gives the offer to another agent otherwise. */
function useDelivered(offers: readonly LiveOffer[]): void {
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const { offer } of offers) {
      if (told.current.has(offer.offer_id)) continue;
      told.current.add(offer.offer_id);
      offerDelivered(offer.offer_id);
    }
  }, [offers]);
}

function useRinging(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    ring();
    const timer = setInterval(ring, RING_EVERY_MS);
    return () => clearInterval(timer);
  }, [on]);
}

function useKeys(first: LiveOffer | undefined): void {
  const live = useIsLive();
  // With the picture, not after it: whoever sees the offer may press.
  useLayoutEffect(() => {
    if (first === undefined || !live) return;
    const { offer } = first;
    function pressed(event: KeyboardEvent) {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
      // By place on the keyboard: with Alt some layouts make another letter.
      if (event.code === "KeyA") void acceptOffer(offer);
      else if (event.code === "KeyR") void rejectOffer(offer.offer_id);
      else return;
      event.preventDefault();
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [first, live]);
}
