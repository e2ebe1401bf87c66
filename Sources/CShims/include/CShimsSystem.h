#ifndef BROKERBRIDGE_CSHIMS_SYSTEM_H
#define BROKERBRIDGE_CSHIMS_SYSTEM_H

// No system header is included here: a module that is not Glibc's would then own its declarations.

/// A non-blocking, close-on-exec eventfd with counter 0, or -1 with errno set (eventfd(2)).
int bb_eventfd(void);

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC: the new descriptor, or -1 with errno set.
/// `address` is a `struct sockaddr *`, `length` a `socklen_t *`; both may be null.
int bb_accept(int descriptor, void *address, unsigned int *length);

/// Names the calling thread (pthread_setname_np); longer than 15 bytes is refused. 0, or an errno value.
int bb_name_thread(const char *name);

/// pipe2(2) with O_CLOEXEC: `ends[0]` reads, `ends[1]` writes, both blocking. 0, or -1 with errno set.
int bb_pipe(int ends[2]);

/// Asks for a pipe buffer of at least `bytes` (F_SETPIPE_SZ): the size given, or -1 with errno set.
int bb_set_pipe_capacity(int descriptor, int bytes);

/// Keeps this process's memory from other processes of its user and out of core files (PR_SET_DUMPABLE 0). 0, or -1.
int bb_make_undumpable(void);

/// Gives memory that was freed back to the system (malloc_trim(3)).
void bb_release_memory(void);

/// Keeps room on the disk for the first `bytes` of a file without making it longer (FALLOC_FL_KEEP_SIZE). 0, or -1 with
/// errno set.
int bb_reserve(int descriptor, long long bytes);

/// What BROKERBRIDGE_COMMIT was when this was built; empty if it was not set. Static memory.
const char *bb_build_commit(void);

/// What BROKERBRIDGE_BUILD_TIME was when this was built; empty if it was not set. Static memory.
const char *bb_build_time(void);

/// Which file a name stands for (statx(2)): its inode, and when it was made, 0 where the file system does not tell.
/// 0, or -1 with errno set.
int bb_file_identity(const char *path, unsigned long long *inode, long long *seconds, unsigned int *nanoseconds);

#endif
