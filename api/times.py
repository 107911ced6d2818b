"""Times as a client writes them, which are those of the command line, too."""

from bessline.times import HOW_DATE, HOW_TIME, parse_date, parse_time, rfc3339

__all__ = ["HOW_DATE", "HOW_TIME", "parse_date", "parse_time", "rfc3339"]
