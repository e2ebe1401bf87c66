#define _GNU_SOURCE
#include "CShimsSystem.h"

#include <sys/eventfd.h>

int bb_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}
