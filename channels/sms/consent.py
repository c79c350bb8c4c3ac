"""Whether a text message withdraws or renews the customer's consent. Pure.

A false "stop" silences a customer who wanted an answer, a missed one is unlawful, so: single words as the
carriers know them, the usual short sentences around them, and nothing inside a longer message. "Yes" is left
out though carriers take it for a renewal: in a conversation it is an answer.
"""

import re
import unicodedata

WORDS_MAX = 8

_STOP_ALONE = frozenset(
    {
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("arret", "arrêt", "stopp", "abmelden", "baja"),
        *("停止", "退订", "退訂", "td"),
    }
)
_START_ALONE = frozenset(("start", "unstop", "optin", "恢复", "恢復", "订阅", "訂閱"))
_STOP_PHRASE = re.compile(
    r"(?:please |pls )?(?:"
    r"stop (?:all|now|please|it|this|that|texting|messaging|sending|sms|texts?|messages?)"
    r"(?: (?:me|us|texting|messages?|texts?|sms|please|now|these|this|to me|all))*"
    r"|(?:do not|don ?t) (?:text|message|sms|contact) me(?: (?:again|any ?more|please))*"
    r"|no more (?:texts?|messages?|sms)(?: please)?"
    r"|(?:opt|sign) (?:me )?out(?: please| now)?"
    r"|(?:remove|unsubscribe|take) me(?: off| from)?(?: (?:this|the|your|list|please|now))*"
    r"|(?:stop|cancel|unsubscribe|quit|end) please"
    r"|leave me alone"
    r")"
)
_POLITE = re.compile(r"(?:please|pls) (\w+)")


def consent_of(text: str) -> str:
    """Return "stop", "start" or "" for a message that is about its subject, not about consent."""
    words = _words(text)
    if not words or len(words) > WORDS_MAX:
        return ""
    line = " ".join(words)
    polite = _POLITE.fullmatch(line)
    word = polite.group(1) if polite else line.replace(" ", "") if len(words) == 2 else line
    if word in _STOP_ALONE or _STOP_PHRASE.fullmatch(line):
        return "stop"
    if word in _START_ALONE:
        return "start"
    return ""


def _words(text: str) -> list[str]:
    """Lower-case words; full-width letters become plain ones, punctuation and emoji go."""
    plain = unicodedata.normalize("NFKC", text[:500]).casefold().replace("'", " ").replace("’", " ")
    return re.sub(r"[^\w\s]|_", "", plain).split()
