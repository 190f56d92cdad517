#!/usr/bin/env bash
# The life of a card: from its collection to its end, by the rules of the notice.
# The program is $SSCARD, or target/debug/sscard. All persons, numbers and keys are synthetic.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
sscard=${SSCARD:-$here/../../target/debug/sscard}
case $sscard in /*) ;; *) sscard=$PWD/$sscard ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/residents.csv" "$work"
cd "$work"

# A step of the story.
step() { printf '\n== %s\n' "$*"; }

# Shows a command and does it.
run() {
    printf '$ sscard %s\n' "$*"
    "$sscard" "$@"
}

# Shows a command that is refused: it has to end with exit code 1, and nothing else.
refused() {
    local code=0
    run "$@" 2>&1 || code=$?
    if [ "$code" -ne 1 ]; then
        echo "exit code $code instead of 1" >&2
        exit 1
    fi
}

# The same at the desk of this city.
desk() { run desk "$@" --register city.db; }
desk_refused() { refused desk "$@" --register city.db; }

li=999901198001011211
select=00A404000F7378312E73682EC9E7BBE1B1A3D5CF
wrong=0020000003000000

step 'The city collects information, and has cards made'
desk init
desk import residents.csv --old-cards old --date 2026-11-20
desk batch --name 2026-1 --opens 2026-12-01 --closes 2026-12-31 --to village --cards cards --date 2026-11-24
first=cards/D00000021.img

step 'Collection, in its time'
desk_refused collect --holder $li --at village --papers identity-card --date 2026-11-30
desk collect --holder $li --at village --papers identity-card --date 2026-12-01

step 'Activation at a convenience centre: the social security function; the old card is at home'
desk activate --card $first --at convenience-center --papers identity-card --date 2026-12-02
desk outbox

step 'Financial activation: at the selected bank, and no other'
desk_refused activate --card $first --at bank-branch:BOC --papers identity-card --date 2026-12-03
desk activate --card $first --at bank-branch:ICBC --papers identity-card --date 2026-12-03

step 'The transaction password at a pharmacy: modified, never reset'
desk pin change --card $first --at pharmacy --old 123456 --new 246802 --date 2026-12-04
desk_refused pin reset --card $first --at pharmacy --papers identity-card --date 2026-12-04

step 'Six wrong entries lock the social security function'
run transmit --card $first --raw $select $wrong $wrong $wrong $wrong $wrong $wrong $wrong
desk_refused pin change --card $first --at pharmacy --old 246802 --new 135791 --date 2026-12-05
desk pin reset --card $first --at community --papers identity-card --date 2026-12-05

step 'Lost, and replaced: at a card outlet of the original bank'
desk_refused replace --holder $li --at card-outlet:BOC --papers identity-card --reason lost -o second.img --date 2027-03-01
desk replace --holder $li --at card-outlet:ICBC --papers identity-card --reason lost -o second.img --date 2027-03-01
desk activate --card second.img --at bank-branch:ICBC --papers identity-card --date 2027-03-01

step 'Somebody finds the old card, and tries it'
desk_refused pin change --card $first --at pharmacy --old 123456 --new 111111 --date 2027-03-02
run transmit --card $first $select

step 'Another bank: three steps in their order'
desk_refused change --card second.img --at card-outlet:BOC --papers identity-card --reason bank --bank BOC -o third.img --date 2027-06-01
desk cancel --card second.img --at hr-outlet --papers identity-card --reason bank --bank BOC --date 2027-06-01
desk_refused change --card second.img --at card-outlet:BOC --papers identity-card --reason bank --bank BOC -o third.img --date 2027-06-02
desk close --card second.img --at bank-branch:ICBC --papers identity-card --date 2027-06-03
desk change --card second.img --at card-outlet:BOC --papers identity-card --reason bank --bank BOC -o third.img --date 2027-06-04
desk activate --card third.img --at bank-branch:BOC --papers identity-card --date 2027-06-04

step 'The end: the holder leaves the country'
desk_refused close --card third.img --at bank-branch:BOC --papers identity-card --date 2028-01-10
desk cancel --card third.img --at hr-outlet --papers identity-card --reason abroad --date 2028-01-11
desk close --card third.img --at bank-branch:BOC --papers identity-card --date 2028-01-12
desk show
