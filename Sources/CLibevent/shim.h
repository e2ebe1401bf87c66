// <features.h> first: libevent's own header defines _GNU_SOURCE, which would give this module another view of
// fd_set than every other C module has.
#include <features.h>
#include <event2/event.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <event2/util.h>
