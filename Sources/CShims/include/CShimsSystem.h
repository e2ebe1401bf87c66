#ifndef BROKERBRIDGE_CSHIMS_SYSTEM_H
#define BROKERBRIDGE_CSHIMS_SYSTEM_H

/// A non-blocking, close-on-exec eventfd with counter 0, or -1 with errno set (eventfd(2)).
int bb_eventfd(void);

#endif
