"""Fetches one file of a package's wheel: wheel_member.py NAME==VERSION MEMBER SHA256 TO

Reads just that part of the wheel, as pip itself can for a wheel's metadata. Where pip or the index cannot do that, the
whole wheel is downloaded. Either way the file must have the given checksum.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def part(requirement: str, member: str) -> bytes:
    """By pip's own reader of remote wheels, which is not part of its public face and may go."""
    from pip._internal.commands.download import DownloadCommand
    from pip._internal.network.lazy_wheel import LazyZipOverHTTP

    command = DownloadCommand("download", "")
    # Session and index are those that the person has configured.
    with command.main_context():
        options, _ = command.parse_args([requirement])
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        name, version = requirement.split("==")
        links = [found.link for found in finder.find_all_candidates(name) if str(found.version) == version]
        for link in links:
            if link.is_wheel and link.scheme.startswith("http"):
                with LazyZipOverHTTP(link.url_without_fragment, session) as wheel:
                    return zipfile.ZipFile(wheel).read(member)
    raise LookupError(f"no wheel of {requirement}")


def whole(requirement: str, member: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--no-cache-dir", "--dest", folder, requirement],
            check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        return zipfile.ZipFile(wheel).read(member)


requirement, member, checksum, to = sys.argv[1:]
try:
    content = part(requirement, member)
except Exception as error:
    print(f"wheel_member: reading all of {requirement} ({error})", file=sys.stderr)
    content = whole(requirement, member)
found = hashlib.sha256(content).hexdigest()
if found != checksum:
    sys.exit(f"wheel_member: {member} of {requirement} has the checksum {found}, not {checksum}")
pathlib.Path(to).write_bytes(content)
