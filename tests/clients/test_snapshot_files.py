"""`matinee snapshot export` and `import`: a snapshot as one file, which is not trusted."""

import gzip
import io
import os
import tarfile
import zlib

import history_kit
import matinee_server
import pytest
from history_kit import Films


@pytest.fixture
def server(tmp_path):
    """With the snapshot `monday`."""
    with matinee_server.Server(tmp_path / "data") as running:
        Films(running.url).create().add("metropolis")
        history_kit.save(running, "monday")
        yield running


@pytest.fixture
def file(server, tmp_path):
    made = tmp_path / "monday.tar.gz"
    run = history_kit.run("snapshot", "export", "monday", str(made), "--data", server.data)
    assert run.returncode == 0, run.stderr
    return made


def take(data, file, name="imported"):
    return history_kit.run("snapshot", "import", name, str(file), "--data", str(data))


def unpacked(file):
    """(name, bytes) of each file."""
    with tarfile.open(file) as archive:
        return [(member.name, archive.extractfile(member).read()) for member in archive]


def packed(files, target, kind=tarfile.REGTYPE):
    with tarfile.open(target, "w:gz") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.type = kind
            archive.addfile(member, io.BytesIO(content))
    return target


def test_what_was_exported_is_imported_elsewhere_and_served(file, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    imported = take(elsewhere, file)
    assert imported.returncode == 0, imported.stderr
    restored = history_kit.run("snapshot", "restore", "imported", "--data", str(elsewhere))
    assert restored.returncode == 0, restored.stderr
    with matinee_server.Server(elsewhere) as other:
        assert Films(other.url).content() == (["metropolis"], ["metropolis"], 1)
        assert history_kit.names(other) == ["imported"]


def test_a_server_uses_what_was_imported_beside_it(server, file):
    assert take(server.data, file).returncode == 0
    assert history_kit.names(server) == ["imported", "monday"]
    Films(server.url).remove("metropolis")
    run = history_kit.run("snapshot", "restore", "imported", "--data", server.data)
    assert run.returncode == 0, run.stderr
    assert Films(server.url).content() == (["metropolis"], ["metropolis"], 1)


def test_other_programs_read_it_and_what_they_pack_is_taken(file, tmp_path):
    files = unpacked(file)
    names = [name for name, _ in files]
    assert names[0] == "SNAPSHOT" and "store/CURRENT" in names
    assert sum(name.startswith("blobs/") for name in names) == 1
    again = packed(reversed(files), tmp_path / "again.tar.gz")
    assert take(tmp_path / "elsewhere", again).returncode == 0


def test_names_that_are_taken_or_unknown_are_refused_and_files_are_kept(server, file):
    again = history_kit.run("snapshot", "export", "monday", str(file), "--data", server.data)
    assert again.returncode == 1 and "already" in again.stderr
    unknown = history_kit.run("snapshot", "export", "tuesday", str(file) + "2", "--data",
                              server.data)
    assert unknown.returncode == 1 and "There is no snapshot tuesday." in unknown.stderr
    assert not os.path.exists(str(file) + "2")
    taken = take(server.data, file, "monday")
    assert taken.returncode == 1 and "There is a snapshot monday already." in taken.stderr
    assert take(server.data, file, "../x").returncode == 2


@pytest.mark.parametrize("name", [
    "../outside", "/tmp/outside", "store/../../outside", "blobs/00/../../../x", "store/.hidden",
    "store/a/b", "FORMAT", "blobs/zz/00", "SNAPSHOT", ""])
def test_hostile_names_are_refused_and_leave_nothing(file, tmp_path, name):
    hostile = packed([*unpacked(file), (name, b"x")], tmp_path / "hostile.tar.gz")
    check_refused(tmp_path, hostile, "which snapshots have not")
    assert not (tmp_path / "outside").exists() and not os.path.exists("/tmp/outside")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE,
                                  tarfile.FIFOTYPE])
def test_links_and_the_like_are_refused(file, tmp_path, kind):
    hostile = packed([("store/link", b"")], tmp_path / "hostile.tar.gz", kind)
    check_refused(tmp_path, hostile, "which snapshots have not")


def test_a_file_that_is_cut_anywhere_is_refused(file, tmp_path):
    content = file.read_bytes()
    cut = tmp_path / "cut.tar.gz"
    for size in [0, 1, 20, len(content) // 3, len(content) - 9, len(content) - 1]:
        cut.write_bytes(content[:size])
        check_refused(tmp_path, cut, "cannot be imported")


def test_a_changed_byte_is_noticed(file, tmp_path):
    content = bytearray(file.read_bytes())
    changed = tmp_path / "changed.tar.gz"
    places = [len(content) * part // 8 for part in range(1, 8)] + [len(content) - 6]
    for place in places:
        other = bytearray(content)
        other[place] ^= 0x10
        changed.write_bytes(bytes(other))
        if not means_the_same(other, content):
            check_refused(tmp_path, changed, "cannot be imported")


def means_the_same(one, other):
    """Some bits of a gzip stream are for codes that it does not use."""
    try:
        return gzip.decompress(one) == gzip.decompress(other)
    except (OSError, EOFError, zlib.error):
        return False


def test_what_is_missing_or_too_much_is_noticed(file, tmp_path):
    files = unpacked(file)
    for missing in ("SNAPSHOT", "store/CURRENT", "blobs/"):
        less = packed([part for part in files if not part[0].startswith(missing)],
                      tmp_path / "less.tar.gz")
        check_refused(tmp_path, less, "")
    more = tmp_path / "more.tar.gz"
    more.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()) + b"x" * 512))
    check_refused(tmp_path, more, "behind its end")


def check_refused(tmp_path, file, sentence):
    run = take(tmp_path / "elsewhere", file)
    assert run.returncode == 1 and sentence in run.stderr, run.stderr
    assert os.listdir(tmp_path / "elsewhere" / "snapshots") == []
