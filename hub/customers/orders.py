"""Where is my order? The answer for the IVR's self-service and for any other channel. Reads only."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from hub.customers.luhn import digits_of, is_valid
from hub.customers.value import DAY_MS
from hub.store.tables import orders


def order_status(conn: Connection, order_no: str, now_ms: int | None = None) -> dict[str, str]:
    """What can be told about an order, as text for prompts. `order_no` as typed or said.

    Keys: `found` "yes" or "no"; `valid` "no" when the check digit shows a typing mistake. When found also
    `order`, `product`, `status` (placed, packed, shipped, delivered, returned), and, while under way with a
    promise, `promised_date` (ISO, UTC); with `now_ms` given, `late` "yes"/"no" and `eta_days` (0: today).
    """
    digits = digits_of(order_no)
    if not is_valid(digits):
        return {"found": "no", "valid": "no"}
    row = conn.execute(select(orders).where(orders.c.order_no == digits)).first()
    if row is None:
        return {"found": "no", "valid": "yes"}
    told = {
        "found": "yes",
        "valid": "yes",
        "order": digits,
        "product": row.product,
        "status": row.status,
    }
    if row.promised_at_ms is not None and row.status not in ("delivered", "returned"):
        told["promised_date"] = datetime.fromtimestamp(row.promised_at_ms / 1000, UTC).date().isoformat()
        if now_ms is not None:
            told["late"] = "yes" if row.promised_at_ms < now_ms else "no"
            told["eta_days"] = str(max(0, row.promised_at_ms // DAY_MS - now_ms // DAY_MS))
    return told
