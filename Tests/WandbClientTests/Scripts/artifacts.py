"""artifacts: log, wait, use, download, verify, aliases that move, dedup, lineage, tables, references, metadata, tags,
deletion, and refusals that say why.

env: WANDB_BASE_URL, WANDB_API_KEY. Exit 0 = pass.
"""
import os
import tempfile
import time

os.environ.setdefault("WANDB_API_KEY", "0123456789abcdef0123456789abcdef01234567")
os.environ.setdefault("WANDB_SILENT", "true")
tmp = tempfile.mkdtemp(prefix="wba-")
os.chdir(tmp)
# A cache of the user's would answer in the server's place.
os.environ["WANDB_CACHE_DIR"] = os.path.join(tmp, "cache")
os.environ["WANDB_DATA_DIR"] = os.path.join(tmp, "data")
os.environ["WANDB_ARTIFACT_DIR"] = os.path.join(tmp, "got")

import wandb  # noqa: E402

PROJECT = "artifacts-" + str(int(time.time() * 1000) % 10**9)
big = os.urandom(3_000_000)
strange = "sub dir/näme #1;?%.txt"
os.makedirs("sub dir")
for name, content in (("weights.bin", big), (strange, b"hello"), ("empty", b"")):
    with open(name, "wb") as f:
        f.write(content)


def model(epoch, note=b"hello"):
    with open(strange, "wb") as f:
        f.write(note)
    artifact = wandb.Artifact("model", type="model", description=f"epoch {epoch}", metadata={"epoch": epoch})
    for name in ("weights.bin", strange, "empty"):
        artifact.add_file(name, name=name)
    return artifact


# --- log, wait, aliases, dedup
with wandb.init(project=PROJECT) as run:
    first = run.log_artifact(model(1), aliases=["best"]).wait()
    assert first.version == "v0" and set(first.aliases) == {"best", "latest"}, (first.version, first.aliases)
    assert first.size == 3_000_005 and first.file_count == 3, (first.size, first.file_count)
    second = run.log_artifact(model(2, b"other")).wait()
    assert second.version == "v1" and "latest" in second.aliases, (second.version, second.aliases)
    again = run.log_artifact(model(2, b"other")).wait()
    assert again.version == "v1" and again.id == second.id, again.version
    run.log({"tbl": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]])})
    maker = run.id

api = wandb.Api()
path = f"{api.default_entity}/{PROJECT}/model"
assert api.artifact(path + ":best").version == "v0"
assert api.artifact(path + ":latest").version == "v1"
assert set(api.artifact(path + ":v0").aliases) == {"best"}, api.artifact(path + ":v0").aliases

# --- use, download, verify, lineage
with wandb.init(project=PROJECT) as run:
    used = run.use_artifact("model:best")
    folder = used.download(root=os.path.join(tmp, "down"), skip_cache=True)
    with open(os.path.join(folder, "weights.bin"), "rb") as f:
        assert f.read() == big
    with open(os.path.join(folder, strange), "rb") as f:
        assert f.read() == b"hello"
    assert os.path.getsize(os.path.join(folder, "empty")) == 0
    used.verify(root=folder)
    parts = used.download(root=os.path.join(tmp, "parts"), skip_cache=True, multipart=True)
    with open(os.path.join(parts, "weights.bin"), "rb") as f:
        assert f.read() == big
    user = run.id
artifact = api.artifact(path + ":best")
assert [r.id for r in artifact.used_by()] == [user]
assert artifact.logged_by().id == maker
assert [a.name for a in api.run(f"{PROJECT}/{user}").used_artifacts()] == ["model:v0"]
logged = sorted(a.name for a in api.run(f"{PROJECT}/{maker}").logged_artifacts() if a.type == "model")
assert logged == ["model:v0", "model:v1"], logged
assert artifact.metadata == {"epoch": 1} and artifact.description == "epoch 1"

# --- edits: alias moves, tags, metadata, description
newest = api.artifact(path + ":v1")
newest.aliases.append("best")
newest.tags = ["good", "small"]
newest.metadata["score"] = 0.5
newest.description = "better"
newest.save()
moved = wandb.Api().artifact(path + ":best")
assert moved.version == "v1" and sorted(moved.tags) == ["good", "small"], (moved.version, moved.tags)
assert moved.metadata == {"epoch": 2, "score": 0.5} and moved.description == "better"
moved.tags = ["good"]
moved.aliases.remove("best")
moved.save()
assert wandb.Api().artifact(path + ":v1").tags == ["good"]
assert set(wandb.Api().artifact(path + ":v1").aliases) == {"latest"}

# --- lists
versions = [a.version for a in api.artifacts("model", path)]
assert versions == ["v1", "v0"], versions
assert "model" in [t.name for t in api.artifact_types(PROJECT)]
assert [c.name for c in api.artifact_collections(PROJECT, "model")] == ["model"]
assert sorted(f.name for f in api.artifact(path + ":v1").files()) == sorted(["weights.bin", strange, "empty"])

# --- tables are artifacts, and can be read back
with wandb.init(project=PROJECT) as run:
    table = run.use_artifact(f"run-{maker}-tbl:latest").get("tbl")
    assert table.data == [[1, "x"], [2, "y"]], table.data

# --- references: files elsewhere, and files of other artifacts
with wandb.init(project=PROJECT) as run:
    artifact = wandb.Artifact("mixed", type="dataset")
    artifact.add_reference("file://" + os.path.abspath("weights.bin"), name="remote")
    artifact.add_reference(api.artifact(path + ":v0").get_entry("weights.bin"), name="borrowed")
    artifact = run.log_artifact(artifact).wait()
    assert artifact.file_count == 2, artifact.file_count
    with open(artifact.get_entry("borrowed").download(root=os.path.join(tmp, "borrowed"), skip_cache=True), "rb") as f:
        assert f.read() == big

# --- refusals say why
for name in ("model:v9", "model:nope", "nothing:latest"):
    try:
        api.artifact(f"{api.default_entity}/{PROJECT}/{name}")
        raise SystemExit(f"{name} was found")
    except (ValueError, wandb.errors.CommError) as error:
        assert name.split(":")[0] in str(error), error
with wandb.init(project=PROJECT) as run:
    other = wandb.Artifact("model", type="dataset")
    other.add_file("weights.bin")
    try:
        run.log_artifact(other).wait()
        raise SystemExit("another type was taken")
    except ValueError as error:
        assert "type" in str(error), error

# --- deletion
try:
    artifact = wandb.Api().artifact(path + ":v0")
    artifact.aliases.append("keep")
    artifact.save()
    artifact.delete()
    raise SystemExit("an artifact with an alias was deleted")
except (wandb.errors.CommError, ValueError) as error:
    assert "alias" in str(error), error
wandb.Api().artifact(path + ":v1").delete(delete_aliases=True)
assert wandb.Api().artifact(path + ":latest").version == "v0"
folder = wandb.Api().artifact(path + ":v0").download(root=os.path.join(tmp, "still"), skip_cache=True)
with open(os.path.join(folder, "weights.bin"), "rb") as f:
    assert f.read() == big
with wandb.init(project=PROJECT) as run:
    assert run.log_artifact(model(3, b"third")).wait().version == "v2"
print("OK")
