# Runs a command in the root of another Debian: sh enter.sh ROOT FOLDER "PLACES" "READ-ONLY PLACES" COMMAND…
#
# It is started in namespaces of its own (`unshare --mount --ipc --pid --fork --kill-child`), so that nothing stays
# mounted and no process is left when it ends, however it ends. FOLDER is where the command starts. PLACES are folders
# of this machine that the command sees at the same path.
set -eu
root=$1 folder=$2 places=$3 read_only=$4
shift 4
mount --bind "$root" "$root" # so that it is a mount point, and can become `/`
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mkdir -p "$root/dev/mqueue"
mount -t mqueue mqueue "$root/dev/mqueue"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
# Last: a place may be below /tmp.
for place in $places $read_only; do
    mkdir -p "$root$place"
    mount --rbind "$place" "$root$place"
done
for place in $read_only; do
    mount -o remount,bind,ro "$root$place"
done
cd "$root"
pivot_root . .
umount -l .
cd "$folder"
# In a session of its own, so that the first process of the namespace, this shell, is not in the session of the tests:
# the kernel continues a stopped process whose parent has ended only if its new parent is of another session. The shell
# stays, because the first process also gets the orphans of the tests, and `setsid --wait` fails if it gets one.
setsid "$@"
exit 0
