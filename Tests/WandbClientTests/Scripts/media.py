"""Media of every kind, a table, saved files with odd names; read back byte for byte. Exit 0 = pass."""
import json
import os
import struct
import tempfile
import zlib

os.chdir(tempfile.mkdtemp(prefix="wbt-"))
import wandb  # noqa: E402


def png(width, height):
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(3 * width)) for y in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # noqa: E731
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def wav(samples):
    data = b"".join(struct.pack("<h", (i * 97) % 30000) for i in range(samples))
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + struct.pack("<I", len(data)) + data


with open("a.png", "wb") as f:
    f.write(png(16, 8))
with open("a.wav", "wb") as f:
    f.write(wav(800))
os.mkdir("sub")
NAMES = ["plain.txt", "sub/inner.bin", "odd #%&=2E;'\"name?.txt", "ünïcode Ж.txt", ".hidden"]
for name in NAMES:
    with open(name, "wb") as f:
        f.write(name.encode() * 1000)

with wandb.init(project="media") as run:
    run.log({"loss": 1.0, "img": wandb.Image("a.png", caption="cap"), "aud": wandb.Audio("a.wav", caption="beep")})
    run.log({"html": wandb.Html("<p>hi</p><script>alert(1)</script>"), "hist": wandb.Histogram(np_histogram=([1, 2, 3], [0, 1, 2, 3]))})
    run.log({"tbl": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, None]])})
    for name in NAMES:
        run.save(name, policy="now")
    path = run.path

r = wandb.Api().run(path)
rows = list(r.scan_history())
assert len(rows) == 3, rows
image = rows[0]["img"]
assert image["_type"] == "image-file" and image["caption"] == "cap" and image["width"] == 16, image
assert rows[0]["aud"]["_type"] == "audio-file", rows[0]
assert rows[1]["hist"]["values"] == [1, 2, 3] and rows[1]["html"]["_type"] == "html-file", rows[1]
assert rows[2]["tbl"]["_type"] == "table-file" and rows[2]["tbl"]["nrows"] == 2, rows[2]


def fetch(name):
    with r.file(name).download(root="dl", replace=True) as f:
        with open(f.name, "rb") as raw:
            return raw.read()


assert len(fetch(image["path"])) == image["size"]
assert b"<script>" in fetch(rows[1]["html"]["path"])
table = json.loads(fetch(rows[2]["tbl"]["path"]))
assert table["columns"] == ["a", "b"] and table["data"] == [[1, "x"], [2, None]], table
known = {f.name for f in r.files()}
for name in NAMES:
    assert name in known, (name, known)
    assert fetch(name) == name.encode() * 1000, name
# More pages than one.
assert {f.name for f in r.files(per_page=2)} == known
print("OK")
