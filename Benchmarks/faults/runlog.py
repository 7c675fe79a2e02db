"""Reads the metric rows of run logs, the files that a trainer appends to: frames of a length, a checksum and a payload."""

import struct

# Kind of a payload that is a metric row.
METRICS = 1


def metric_rows(path):
    """Sequence, step and values by name, of all whole frames. Values are bits: NaN must equal NaN, and 0 not -0."""
    data, place = path.read_bytes(), 0
    while place + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, place)
        payload = data[place + 8 : place + 8 + length]
        place += 8 + length
        if len(payload) < length or payload[0] != METRICS:
            continue
        sequence, step, _, count, size = struct.unpack_from("<qqqII", payload, 1)
        names, at = [], 33
        while len(names) < count:
            (width,) = struct.unpack_from("<H", payload, at)
            names.append(payload[at + 2 : at + 2 + width].decode())
            at += 2 + width
        yield sequence, step, dict(zip(names, struct.unpack_from(f"<{count}Q", payload, 33 + size)))


def bits(value):
    """Of a float64 as JSON has it: numbers that are none come as text."""
    return struct.unpack("<Q", struct.pack("<d", float(value)))[0]
