#include "CShimsCurl.h"

#include <curl/curl.h>

int bb_curl_set_long(void *easy, int option, long value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int bb_curl_set_pointer(void *easy, int option, const void *value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int bb_curl_set_offset(void *easy, int option, long long value) {
    return curl_easy_setopt(easy, (CURLoption)option, (curl_off_t)value);
}

int bb_curl_set_data_callback(
    void *easy, int option, unsigned long (*callback)(char *, unsigned long, unsigned long, void *)) {
    return curl_easy_setopt(easy, (CURLoption)option, callback);
}

int bb_curl_get_long(void *easy, int info, long *value) {
    return curl_easy_getinfo(easy, (CURLINFO)info, value);
}

int bb_curl_set_ready_callback(void *easy, int (*callback)(void *, char *, char *, int, int), void *context) {
    int result = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

int bb_curl_multi_set_long(void *multi, int option, long value) {
    return curl_multi_setopt(multi, (CURLMoption)option, value);
}

int bb_curl_multi_look_at_all(void *multi, int *running) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return curl_multi_socket_all(multi, running);
#pragma GCC diagnostic pop
}

int bb_curl_multi_set_socket_callback(void *multi, int (*callback)(void *, int, int, void *, void *), void *context) {
    int result = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
    return result != CURLM_OK ? result : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

int bb_curl_multi_set_timer_callback(void *multi, int (*callback)(void *, long, void *), void *context) {
    int result = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
    return result != CURLM_OK ? result : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}
