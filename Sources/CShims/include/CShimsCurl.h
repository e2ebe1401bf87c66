#ifndef BROKERBRIDGE_CSHIMS_CURL_H
#define BROKERBRIDGE_CSHIMS_CURL_H

// libcurl's variadic functions with one type each. Handles are `CURL *` and `CURLM *`; results are CURLcode and CURLMcode.
// No header of libcurl is included here: CCurl owns its declarations.

/// curl_easy_setopt with a long.
int bb_curl_set_long(void *easy, int option, long value);
/// curl_easy_setopt with a text, which libcurl copies, or a list or buffer, which it does not.
int bb_curl_set_pointer(void *easy, int option, const void *value);
/// curl_easy_setopt with a curl_off_t.
int bb_curl_set_offset(void *easy, int option, long long value);
/// curl_easy_setopt with a data callback: CURLOPT_WRITEFUNCTION or CURLOPT_HEADERFUNCTION.
int bb_curl_set_data_callback(
    void *easy, int option, unsigned long (*callback)(char *bytes, unsigned long size, unsigned long count, void *context));
/// curl_easy_setopt with CURLOPT_PREREQFUNCTION, called when a connection is ready and nothing of the request has been sent
/// on it, and its context. Any result but 0 gives the transfer up.
int bb_curl_set_ready_callback(
    void *easy, int (*callback)(void *context, char *remote, char *local, int remote_port, int local_port), void *context);
/// curl_easy_getinfo of a long.
int bb_curl_get_long(void *easy, int info, long *value);
/// curl_multi_setopt with a long.
int bb_curl_multi_set_long(void *multi, int option, long value);
/// curl_multi_socket_all: looks at each transfer, whether or not something happened. Deprecated as the way to drive
/// transfers, which it is not here.
int bb_curl_multi_look_at_all(void *multi, int *running);
/// curl_multi_setopt with CURLMOPT_SOCKETFUNCTION and its context.
int bb_curl_multi_set_socket_callback(
    void *multi, int (*callback)(void *easy, int socket, int what, void *context, void *socket_context), void *context);
/// curl_multi_setopt with CURLMOPT_TIMERFUNCTION and its context.
int bb_curl_multi_set_timer_callback(void *multi, int (*callback)(void *multi, long milliseconds, void *context), void *context);

#endif
