// A name with two addresses, for a program under test: 127.0.0.2 first, then 127.0.0.1. Loaded before C's library.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

typedef int (*resolver)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    resolver real = (resolver)dlsym(RTLD_NEXT, "getaddrinfo");
    if (name == NULL || strcmp(name, "two-addresses.test") != 0) return real(name, service, hints, found);
    int failure = real("127.0.0.2", service, hints, found);
    if (failure != 0) return failure;
    struct addrinfo *last = *found;
    while (last->ai_next != NULL) last = last->ai_next;
    return real("127.0.0.1", service, hints, &last->ai_next);
}
