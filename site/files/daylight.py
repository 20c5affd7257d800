#!/usr/bin/env python3
"""Makes the table and the picture of this site: when the sun rises and sets, for each day of 2026 and for
latitudes from 80° south to 80° north, at longitude 0. Needs nothing but Python.

    python3 daylight.py table   > ../sunrise.csv
    python3 daylight.py picture > ../images/daylight.png

The formulas are those of the Astronomical Almanac in their short form; they are good to about a minute.
"""

import math
import struct
import sys
import zlib
from datetime import date, timedelta

YEAR = 2026
HORIZON = math.sin(math.radians(-0.833))  # refraction, and the sun's own radius


def sun(day):
    """The sun's declination in radians, and the equation of time in hours, at noon of this day."""
    n = (day - date(2000, 1, 1)).days
    g = math.radians((357.529 + 0.98560028 * n) % 360)
    q = (280.459 + 0.98564736 * n) % 360
    along = math.radians(q + 1.915 * math.sin(g) + 0.020 * math.sin(2 * g))
    tilt = math.radians(23.439 - 0.00000036 * n)
    ascension = math.degrees(math.atan2(math.cos(tilt) * math.sin(along), math.cos(along)))
    difference = (q - ascension + 180) % 360 - 180
    return math.asin(math.sin(tilt) * math.sin(along)), difference / 15


def daylight(latitude, declination):
    """Hours between sunrise and sunset: 0 in the polar night, 24 on a polar day."""
    phi = math.radians(latitude)
    x = (HORIZON - math.sin(phi) * math.sin(declination)) / (math.cos(phi) * math.cos(declination))
    return 2 / 15 * math.degrees(math.acos(max(-1.0, min(1.0, x))))


def clock(hours):
    minutes = round(hours * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def days():
    day = date(YEAR, 1, 1)
    while day.year == YEAR:
        yield day
        day += timedelta(days=1)


def table(out):
    lines = ["date,latitude,sunrise_utc,noon_utc,sunset_utc,daylight_hours"]
    for day in days():
        declination, equation = sun(day)
        noon = 12 - equation
        for half_degrees in range(-160, 161, 5):
            latitude = half_degrees / 2
            hours = daylight(latitude, declination)
            rises = 0 < hours < 24
            rise, fall = (clock(noon - hours / 2), clock(noon + hours / 2)) if rises else ("", "")
            lines.append(f"{day},{latitude:+05.1f},{rise},{clock(noon)},{fall},{hours:05.2f}")
    out.write(("\n".join(lines) + "\n").encode())


def palette():
    """From night to noon: 97 steps, one for each quarter of an hour."""
    stops = [(0, (16, 20, 44)), (24, (58, 58, 110)), (42, (148, 92, 110)), (48, (214, 130, 92)),
             (56, (242, 178, 96)), (76, (252, 220, 140)), (96, (255, 250, 224))]
    colours = []
    for step in range(97):
        low, high = next((a, b) for a, b in zip(stops, stops[1:]) if a[0] <= step <= b[0])
        part = (step - low[0]) / (high[0] - low[0])
        colours.append(bytes(round(c + (d - c) * part) for c, d in zip(low[1], high[1])))
    return b"".join(colours)


def picture(out, width=730, height=320):
    """One column for half a day, one row for half a degree, north at the top."""
    suns = [sun(date(YEAR, 1, 1) + timedelta(days=x * 365 // width))[0] for x in range(width)]
    rows = []
    for y in range(height):
        latitude = 80 - 160 * (y + 0.5) / height
        rows.append(b"\0" + bytes(round(daylight(latitude, declination) * 4) for declination in suns))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    out.write(b"\x89PNG\r\n\x1a\n")
    out.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)))
    out.write(chunk(b"PLTE", palette()))
    out.write(chunk(b"IDAT", zlib.compress(b"".join(rows), 9)))
    out.write(chunk(b"IEND", b""))


if __name__ == "__main__":
    {"table": table, "picture": picture}[sys.argv[1]](sys.stdout.buffer)
