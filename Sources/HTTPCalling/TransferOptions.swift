internal import CCurl
internal import CShims

/// Sets options of one libcurl handle, and remembers whether all were taken.
struct TransferOptions {
    let easy: UnsafeMutableRawPointer
    /// Whether libcurl knew every option and liked its value.
    private(set) var areAccepted = true

    init(_ easy: UnsafeMutableRawPointer) {
        self.easy = easy
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(bb_curl_set_long(easy, Int32(option.rawValue), value))
    }

    /// libcurl copies the text.
    mutating func set(_ option: CURLoption, _ value: String) {
        note(value.withCString { bb_curl_set_pointer(easy, Int32(option.rawValue), $0) })
    }

    mutating func set(_ option: CURLoption, offset: Int64) {
        note(bb_curl_set_offset(easy, Int32(option.rawValue), offset))
    }

    /// libcurl keeps the pointer and does not own it.
    mutating func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
        note(bb_curl_set_pointer(easy, Int32(option.rawValue), pointer))
    }

    /// libcurl copies the body; an empty one is sent with a length of 0.
    mutating func set(body: [UInt8]) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(body.count))
        let storage = body.isEmpty ? [0] : body
        note(
            storage.withUnsafeBytes {
                bb_curl_set_pointer(easy, Int32(CURLOPT_COPYPOSTFIELDS.rawValue), $0.baseAddress)
            })
    }

    /// What holds for every call.
    mutating func setSafety() {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        // Without it the end of a call waits for a look-up under way, and the whole loop with it.
        set(CURLOPT_QUICK_EXIT, 1)
        // A connection that rested longer is likely dead, which a request that may not be repeated would pay for.
        set(CURLOPT_MAXAGE_CONN, 50)
    }

    private mutating func note(_ result: Int32) {
        areAccepted = areAccepted && result == 0
    }
}
