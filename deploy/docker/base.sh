#!/bin/bash
# base.sh FILE: a tar of Debian 12 with Python 3.11, from the package sources of this machine, which
# is Debian 12 too. It stands in for a slim Python image where no registry is reached.
set -euo pipefail
mapfile -t sources < <(find /etc/apt -name '*.list' -o -name '*.sources')
exec mmdebstrap --quiet --variant=essential \
  --include=ca-certificates,libpython3.11-stdlib,libstdc++6,python3.11-minimal,python3.11-venv \
  bookworm "$1" "${sources[@]}"
