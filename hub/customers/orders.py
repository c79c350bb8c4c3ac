"""Where is my order? The answer for the IVR's self-service and for any other channel. Reads only."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from hub.customers.luhn import digits_of, is_valid
from hub.customers.value import DAY_MS
from hub.store.tables import orders


def order_status(conn: Connection, order_no: str, now_ms: int | None = None) -> dict[str, str]:
    """What can be told about an order, as text for prompts. `order_no` as typed or said.

    Empty when nobody ordered under that number, or its check digit is wrong. Otherwise `found` "1", `order`,
    `product`, `status` (placed, packed, shipped, delivered, returned) and, while it is under way with a
    promise, `promised_date` (ISO, UTC); with `now_ms` given also `late` "1" or "0" and `eta_days` (0: today).
    """
    digits = digits_of(order_no)
    if not is_valid(digits):
        return {}
    row = conn.execute(select(orders).where(orders.c.order_no == digits)).first()
    if row is None:
        return {}
    told = {"found": "1", "order": digits, "product": row.product, "status": row.status}
    if row.promised_at_ms is not None and row.status not in ("delivered", "returned"):
        told["promised_date"] = datetime.fromtimestamp(row.promised_at_ms / 1000, UTC).date().isoformat()
        if now_ms is not None:
            told["late"] = str(int(row.promised_at_ms < now_ms))
            told["eta_days"] = str(max(0, row.promised_at_ms // DAY_MS - now_ms // DAY_MS))
    return told
