#!/bin/sh
# The first program of the emulated machine: runs what was collected, one after the other, and turns the machine off.
export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/ LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /dev/mqueue /dev/pts /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /tmp
. /platforms/environment
echo "platforms: $(uname -srm), $(getconf GNU_LIBC_VERSION), pages of $(getconf PAGESIZE)"
for run in /platforms/*.run; do
    timeout --foreground 5400 sh "$run" </dev/null
    echo "platforms: ended with $?, $(cut -d' ' -f1 /proc/uptime) s after the start"
done
echo "platforms: in /dev/shm there is left: $(ls -A /dev/shm)"
echo "platforms: done"
echo o >/proc/sysrq-trigger
sleep 60
