#!/bin/sh
# A CI job: pcscd where it does not run yet, then the tests of the hospital's reader program (docs/ci.md).
#
#     SSCARD=target/release/sscard examples/ci/run.sh report.xml
#
# Root is not needed where /run/pcscd belongs to the user of the job.
set -eu
report=$(realpath "${1:-report.xml}")
if [ -n "${SSCARD:-}" ]; then
    SSCARD=$(realpath "$SSCARD")
    export SSCARD
fi
cd "$(dirname "$0")"
if ! [ -S /run/pcscd/pcscd.comm ]; then
    pcscd --foreground > /dev/null 2>&1 &
    trap 'kill $!' EXIT
    for _ in $(seq 100); do
        [ -S /run/pcscd/pcscd.comm ] && break
        sleep 0.1
    done
fi
# The system's Python: pyscard is a package of Debian's.
/usr/bin/python3 -B -m pytest -p no:cacheprovider -q "--junitxml=$report" .
