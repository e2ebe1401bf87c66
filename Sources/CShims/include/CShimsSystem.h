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

#endif
