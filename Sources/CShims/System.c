#define _GNU_SOURCE
#include "CShimsSystem.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int bb_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

int bb_accept(int descriptor, void *address, unsigned int *length) {
    return accept4(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int bb_name_thread(const char *name) {
    return pthread_setname_np(pthread_self(), name);
}
