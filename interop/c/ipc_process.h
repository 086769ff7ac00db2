/* Words that name processes in shared memory, for the other headers here: those of ProcessInstance (Rust).
 *
 * A word is the id of a process << 37 | its start time in ticks. Both are valid in one PID namespace and one time
 * namespace only. Needs Linux, and C11 or C++11 with GNU extensions (-std=gnu11).
 */
#ifndef IPC_PROCESS_H
#define IPC_PROCESS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Returns 1 if this process is in the namespaces with these numbers. */
static inline int ipc_process_is_here(uint32_t pid_namespace, uint32_t time_namespace) {
    struct stat ns;
    return stat("/proc/self/ns/pid", &ns) == 0 && (uint32_t)ns.st_ino == pid_namespace
        && (stat("/proc/self/ns/time", &ns) == 0 ? (uint32_t)ns.st_ino : 0) == time_namespace;
}

/* Returns the number of a process: its id, and its start time in ticks. Returns 1 if the process is a zombie, and 0 if
 * /proc does not show it. */
static inline uint64_t ipc_process_instance(long pid) {
    char path[64], text[1024], *at;
    char state = 0;
    long threads = 0;
    ssize_t length;
    int field, fd;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    at = strrchr(text, ')'); /* the name before it may contain anything */
    for (field = 2; at != NULL && field < 22; field++) {
        at = strchr(at + 1, ' ');
        if (at != NULL && field == 2)
            state = at[1];
        if (at != NULL && field == 19)
            threads = strtol(at, NULL, 10);
    }
    if (at == NULL)
        return 0;
    if ((state == 'Z' || state == 'X') && threads <= 1)
        return 1;
    return (uint64_t)pid << 37 | (strtoull(at, NULL, 10) & ((UINT64_C(1) << 37) - 1));
}

/* Returns 1 if it is proved that the process in a word is dead. A stopped process is not dead. The word must be of the
 * namespaces of this process. */
static inline int ipc_process_is_dead(uint64_t process) {
    long pid = (long)(process >> 37);
    uint64_t found;
    if (pid <= 0 || pid >= 1L << 22)
        return 0;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
        return 1;
    found = ipc_process_instance(pid);
    return found == 1 || (found != 0 && (process & ((UINT64_C(1) << 37) - 1)) != 0 && found != process);
}

#ifdef __cplusplus
}
#endif

#endif
