"""Whether a path lies on a file system that other machines share, as far as this system tells (Linux)."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
SHARED = re.compile(
    r"nfs4?|9p|virtiofs|cifs|smb3|smbfs|ncpfs|afs|ceph|fuse\.ceph|glusterfs|fuse\.glusterfs|lustre|gpfs|beegfs|ocfs2|gfs2"
    r"|davfs2?|fuse\.(sshfs|rclone|s3fs|davfs2?|gcsfuse|blobfuse2?|goofys|smbnetfs)|vboxsf|prl_fs"
)


def share_of(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the share on which `path` lies; empty on a local disk, and where nothing is known.

    Source: proc_pid_mountinfo(5): field 5 is the mount point with blanks as \\040, the type follows ` - `.
    """
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    place, kind, longest = path.resolve(), "", -1
    for line in lines:
        head, _, tail = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), head.split(" ")[4]))
        if place.is_relative_to(point) and len(point.parts) >= longest:  # a later mount covers an earlier one
            kind, longest = tail.split(" ")[0], len(point.parts)
    return kind if SHARED.fullmatch(kind) else ""
