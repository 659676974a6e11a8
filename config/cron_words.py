"""A monitor's cron line -> words: "0 6 * * mon-fri" -> "Monday to Friday at 06.00"."""

from __future__ import annotations

DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
MONTHS = {
    "1": "January", "2": "February", "3": "March", "4": "April", "5": "May", "6": "June",
    "7": "July", "8": "August", "9": "September", "10": "October", "11": "November",
    "12": "December", "jan": "January", "feb": "February", "mar": "March", "apr": "April",
    "may": "May", "jun": "June", "jul": "July", "aug": "August", "sep": "September",
    "oct": "October", "nov": "November", "dec": "December",
}  # fmt: skip
MOST_TIMES = 6


def words_of_cron(cron: str) -> str:
    """Say when a checked cron line fires, its time zone left to the caller."""
    minute, hour, day, month, weekday = cron.lower().split()
    time = _time(minute, hour)
    date = _date(day, month, weekday)
    if time is None or date is None:
        return f'by cron "{cron}"'
    if date == "every day" and time.startswith("every"):
        return time
    return f"{date} {time}" if time.startswith("at") else f"{time}, {date}"


def _time(minute: str, hour: str) -> str | None:
    if minute.isdigit() and all(one.isdigit() for one in hour.split(",")):
        hours = sorted({int(one) for one in hour.split(",")})
        if len(hours) <= MOST_TIMES:
            return "at " + _and([f"{one:02d}.{int(minute):02d}" for one in hours])
        return None
    if hour == "*" and minute.startswith("*/") and minute[2:].isdigit():
        return "every minute" if minute[2:] == "1" else f"every {minute[2:]} minutes"
    if hour == "*" and minute == "*":
        return "every minute"
    if hour == "*" and minute.isdigit():
        return f"every hour at minute {int(minute)}"
    if hour.startswith("*/") and hour[2:].isdigit() and minute.isdigit():
        return f"every {hour[2:]} hours at minute {int(minute)}"
    return None


def _date(day: str, month: str, weekday: str) -> str | None:
    """APScheduler asks for day and weekday both, where other crons take either."""
    parts = []
    if weekday != "*":
        named = _named(weekday, DAYS)
        if named is None:
            return None
        parts.append(named)
    if day != "*":
        if day == "last":
            parts.append("on the last day of the month")
        elif all(one.isdigit() for one in day.split(",")):
            days = sorted({int(one) for one in day.split(",")})
            plural = "s" if len(days) > 1 else ""
            parts.append(f"on day{plural} {_and([str(one) for one in days])} of the month")
        else:
            return None
    if month != "*":
        named = _named(month, MONTHS)
        if named is None:
            return None
        parts.append(f"in {named}")
    if weekday != "*" and day != "*":
        parts[0] = f"when it is {parts[0]}"
        parts[:2] = [parts[1], parts[0]]
    return " ".join(parts) if parts else "every day"


def _named(field: str, names: dict[str, str]) -> str | None:
    words = []
    for one in field.split(","):
        first, dash, last = one.partition("-")
        if first not in names or (dash and last not in names):
            return None
        words.append(f"{names[first]} to {names[last]}" if dash else names[first])
    return _and(words)


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
