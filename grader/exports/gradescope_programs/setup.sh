#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image: bubblewrap, a Python that is new enough, the kit.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"

python=""
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python="$name"
        break
    fi
done

packages=()
command -v bwrap >/dev/null || packages+=(bubblewrap)
[ -n "$python" ] || packages+=(python3.11 python3.11-venv)
if ((${#packages[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"
fi

"${python:-python3.11}" -m venv "$root/venv"
"$root/venv/bin/pip" install --no-cache-dir --disable-pip-version-check \
    -c "$root/source/constraints.txt" "$root"/source/*.whl
