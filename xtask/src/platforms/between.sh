# Runs a test whose children are programs of another root: sh between.sh ROOT PROGRAM OTHER-ROOT OTHER-PROGRAM PLACES
#
# It is started in namespaces of its own; both sides see the same /dev/shm, System V tables and message queues. A root of `/` is this
# machine's. This shell stays the first process, so that either side comes to the other by /proc/1/root.
set -eu
root=$1 program=$2 other=$3 other_program=$4 places=$5
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t mqueue mqueue /dev/mqueue 2>/dev/null || { mkdir -p /dev/mqueue && mount -t mqueue mqueue /dev/mqueue; }
for side in "$root" "$other"; do
    [ "$side" != / ] || continue
    for place in $places; do
        mkdir -p "$side$place"
        mount --rbind "$place" "$side$place"
    done
    mount -t proc proc "$side/proc"
    mount --rbind /dev "$side/dev"
done
chroot "$root" env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/ TMPDIR=/dev/shm \
    IPC_TEST_PLAYER="chroot /proc/1/root$other $other_program" "$program" --nocapture
