"""Months and years as people count them."""

from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def half_a_year_after(day: date) -> date:
    """Six months later."""
    return months_after(day, 6)


def age_on(birth_date: str, day: date) -> int:
    """Full years."""
    born = date.fromisoformat(birth_date)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
