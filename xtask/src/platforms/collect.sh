# Stands where cargo would run a test of another processor: keeps the program, and how to run it, in FOLDER.
# sh collect.sh FOLDER PROGRAM ARGUMENT…
set -eu
folder=$1 program=$2
shift 2
id=$(date +%s%N)-$$
aarch64-linux-gnu-strip --strip-debug -o "$folder/$id" "$program"
examples=none
case $program in
*/rustdoctest*) if grep -q RUSTDOC_DOCTEST_BIN_PATH "$program"; then examples=several; else examples=one; fi ;;
esac
quote() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
{
    printf 'cd %s\nexport CARGO_MANIFEST_DIR=%s\n' "$(quote "$PWD")" "$(quote "${CARGO_MANIFEST_DIR:-$PWD}")"
    case $program in
    */rustdoctest*) printf 'echo; echo "   Doc-tests %s"\n' "${PWD##*/}" ;;
    *) printf 'echo; echo "     Running %s (%s)"\n' "${PWD##*/}/$(basename "$program" | sed 's/-[0-9a-f]*$//')" "$id" ;;
    esac
    # Several examples in one program run it again, each for itself, if they know where it is. rustdoc tells them only
    # where it runs them itself.
    [ $examples != several ] || printf 'export RUSTDOC_DOCTEST_BIN_PATH=/platforms/%s\n' "$id"
    printf '/platforms/%s' "$id"
    for argument; do printf ' %s' "$(quote "$argument")"; done
    echo
    # One example alone says nothing when it is well.
    [ $examples != one ] ||
        printf 'ended=$?; [ $ended -ne 0 ] || echo "test result: ok. 1 passed"; exit $ended\n'
} >"$folder/$id.run"
