#define _GNU_SOURCE
#include "CShimsSystem.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int bb_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

int bb_accept(int descriptor, void *address, unsigned int *length) {
    return accept4(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int bb_name_thread(const char *name) {
    return pthread_setname_np(pthread_self(), name);
}

int bb_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int bb_set_pipe_capacity(int descriptor, int bytes) {
    return fcntl(descriptor, F_SETPIPE_SZ, bytes);
}

void bb_release_memory(void) {
    malloc_trim(0);
}

int bb_make_undumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

#ifndef BB_BUILD_COMMIT
#define BB_BUILD_COMMIT ""
#endif
#ifndef BB_BUILD_TIME
#define BB_BUILD_TIME ""
#endif

int bb_reserve(int descriptor, long long bytes) { return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, bytes); }

const char *bb_build_commit(void) {
    return BB_BUILD_COMMIT;
}

const char *bb_build_time(void) {
    return BB_BUILD_TIME;
}

int bb_file_identity(const char *path, unsigned long long *inode, long long *seconds, unsigned int *nanoseconds) {
    struct statx status;
    if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &status) != 0) return -1;
    int has_birth = (status.stx_mask & STATX_BTIME) != 0;
    *inode = status.stx_ino;
    *seconds = has_birth ? status.stx_btime.tv_sec : 0;
    *nanoseconds = has_birth ? status.stx_btime.tv_nsec : 0;
    return 0;
}
