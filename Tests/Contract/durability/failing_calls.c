/* Loaded before the C library: makes the n-th call on an order's path fail, or end the process, once.
 *
 * FAILING_CONTROL names a file that is mapped by this and by the test; FAILING_FOLDER is the state folder, whose files
 * count; FAILING_PORTS lists the broker's ports, whose sockets count. A call counts while `armed` is not 0. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
    int armed;   /* set by the test */
    int action;  /* an errno; 0: half of the bytes are written; -1: the process is killed; below: it takes so many ms */
    int at;      /* which call */
    int seen;    /* calls counted since it was armed */
    int hit;     /* whether it was reached */
    char call[64];
    char only[16]; /* the name of the only calls that count; empty: all */
};

static struct control nothing, *control = &nothing;
static const char *folder = "/nowhere", *ports = "";

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAILING_CONTROL");
    if (!path) return;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) abort();
    void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (map == MAP_FAILED) abort();
    control = map;
    if (getenv("FAILING_FOLDER")) folder = getenv("FAILING_FOLDER");
    if (getenv("FAILING_PORTS")) ports = getenv("FAILING_PORTS");
}

static int is_ours(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status)) return 0;
    if (S_ISSOCK(status.st_mode)) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        char wanted[16];
        if (getpeername(descriptor, (struct sockaddr *)&peer, &length) || peer.sin_family != AF_INET) return 0;
        snprintf(wanted, sizeof wanted, ",%d,", ntohs(peer.sin_port));
        return strstr(ports, wanted) != NULL;
    }
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    return length > 0 && !strncmp(path, folder, strlen(folder)) && S_ISREG(status.st_mode);
}

/* 1: fail with errno set; 2: do half; 0: go on. */
static int verdict(const char *name, int descriptor) {
    if (!__atomic_load_n(&control->armed, __ATOMIC_SEQ_CST)) return 0;
    if (control->only[0] && strcmp(control->only, name)) return 0;
    int before = errno;
    if (descriptor >= 0 && !is_ours(descriptor)) {
        errno = before;
        return 0;
    }
    errno = before;
    if (__atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST) != control->at) return 0;
    snprintf(control->call, sizeof control->call, "%s", name);
    __atomic_store_n(&control->hit, 1, __ATOMIC_SEQ_CST);
    if (control->action < -1) {
        usleep(-control->action * 1000);
        return 0;
    }
    if (control->action < 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    if (control->action == 0) return 2;
    errno = control->action;
    return 1;
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define HALF(count) ((count) > 1 ? (count) / 2 : (count))

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write);
    int say = verdict("write", fd);
    return say == 1 ? -1 : next(fd, bytes, say == 2 ? HALF(count) : count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    NEXT(pwrite);
    int say = verdict("pwrite", fd);
    return say == 1 ? -1 : next(fd, bytes, say == 2 ? HALF(count) : count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    NEXT(pwrite64);
    int say = verdict("pwrite", fd);
    return say == 1 ? -1 : next(fd, bytes, say == 2 ? HALF(count) : count, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    NEXT(writev);
    return verdict("writev", fd) == 1 ? -1 : next(fd, parts, count);
}
ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    NEXT(send);
    int say = verdict("send", fd);
    return say == 1 ? -1 : next(fd, bytes, say == 2 ? HALF(count) : count, flags);
}
ssize_t sendto(int fd, const void *bytes, size_t count, int flags, const struct sockaddr *to, socklen_t length) {
    NEXT(sendto);
    int say = verdict("sendto", fd);
    return say == 1 ? -1 : next(fd, bytes, say == 2 ? HALF(count) : count, flags, to, length);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    NEXT(sendmsg);
    return verdict("sendmsg", fd) == 1 ? -1 : next(fd, message, flags);
}
int fsync(int fd) {
    NEXT(fsync);
    return verdict("fsync", fd) == 1 ? -1 : next(fd);
}
int fdatasync(int fd) {
    NEXT(fdatasync);
    return verdict("fdatasync", fd) == 1 ? -1 : next(fd);
}
int ftruncate(int fd, off_t length) {
    NEXT(ftruncate);
    return verdict("ftruncate", fd) == 1 ? -1 : next(fd, length);
}
int ftruncate64(int fd, off64_t length) {
    NEXT(ftruncate64);
    return verdict("ftruncate", fd) == 1 ? -1 : next(fd, length);
}
int rename(const char *from, const char *to) {
    NEXT(rename);
    if (strncmp(from, folder, strlen(folder))) return next(from, to);
    return verdict("rename", -1) == 1 ? -1 : next(from, to);
}
