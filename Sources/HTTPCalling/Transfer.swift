internal import CCurl
internal import CShims
internal import Clocks
internal import EventLoops

/// One call under way: libcurl's handle, and what has come back.
@LoopActor
final class Transfer {
    /// What becomes of it; resolved exactly once.
    let outcome = Completion<Result<HTTPCallResult, HTTPCallError>>()
    /// Owned by the caller that made it through ``makeHandle()`` and released it through ``released()``.
    private(set) var easy: UnsafeMutableRawPointer?

    private let call: HTTPCall
    private let configuration: HTTPCaller.Configuration
    private var list: UnsafeMutablePointer<curl_slist>?
    private var body: [UInt8] = []
    private var fields: [(name: String, value: String)] = []
    private var isTooLarge = false

    init(_ call: HTTPCall, _ configuration: HTTPCaller.Configuration) {
        self.call = call
        self.configuration = configuration
    }

    /// Whether octets of the request may have left this machine.
    var hasLeft: Bool {
        guard let easy else { return false }
        var sent = 0
        bb_curl_get_long(easy, Int32(CURLINFO_REQUEST_SIZE.rawValue), &sent)
        return sent > 0
    }

    /// libcurl's handle for the call; `nil` if an option was refused.
    func makeHandle() -> UnsafeMutableRawPointer? {
        guard let easy = curl_easy_init() else { return nil }
        var isAccepted = true
        func set(_ option: CURLoption, _ value: Int) {
            isAccepted = bb_curl_set_long(easy, Int32(option.rawValue), value) == 0 && isAccepted
        }
        func set(_ option: CURLoption, _ value: String) {
            isAccepted = value.withCString { bb_curl_set_pointer(easy, Int32(option.rawValue), $0) } == 0 && isAccepted
        }
        set(CURLOPT_URL, call.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_CUSTOMREQUEST, call.method)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectDeadline.millisecondsRoundedUp))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        if let authorities = configuration.certificateAuthorities { set(CURLOPT_CAINFO, authorities) }
        if call.method == "HEAD" { set(CURLOPT_NOBODY, 1) }
        // An Expect field would cost a round trip; a broker's gateway may not know it.
        list = curl_slist_append(list, "Expect:")
        for (name, value) in call.fields {
            list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        bb_curl_set_pointer(easy, Int32(CURLOPT_HTTPHEADER.rawValue), list)
        if let body = call.body {
            bb_curl_set_offset(easy, Int32(CURLOPT_POSTFIELDSIZE_LARGE.rawValue), Int64(body.count))
            body.withUnsafeBytes { bytes in
                _ = bb_curl_set_pointer(easy, Int32(CURLOPT_COPYPOSTFIELDS.rawValue), bytes.baseAddress ?? UnsafeRawPointer(easy))
            }
        }
        // The context is this object, unretained: the caller keeps it until the handle is released.
        let context = Unmanaged.passUnretained(self).toOpaque()
        bb_curl_set_pointer(easy, Int32(CURLOPT_WRITEDATA.rawValue), context)
        bb_curl_set_pointer(easy, Int32(CURLOPT_HEADERDATA.rawValue), context)
        bb_curl_set_data_callback(easy, Int32(CURLOPT_WRITEFUNCTION.rawValue)) { bytes, size, count, context in
            Transfer.from(context)?.received(UnsafeRawBufferPointer(start: bytes, count: Int(size * count))) ?? 0
        }
        bb_curl_set_data_callback(easy, Int32(CURLOPT_HEADERFUNCTION.rawValue)) { bytes, size, count, context in
            Transfer.from(context)?.receivedField(UnsafeRawBufferPointer(start: bytes, count: Int(size * count))) ?? 0
        }
        guard isAccepted else {
            curl_easy_cleanup(easy)
            released()
            return nil
        }
        self.easy = easy
        return easy
    }

    /// The handle is gone; what it borrowed is freed.
    func released() {
        easy = nil
        curl_slist_free_all(list)
        list = nil
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Takes a run of the body; anything but its length makes libcurl give up.
    private func received(_ bytes: UnsafeRawBufferPointer) -> UInt {
        guard body.count + bytes.count <= call.maximumResponseBytes else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return UInt(bytes.count)
    }

    /// Takes one line of the head. A new status line (after 100, say) begins anew.
    private func receivedField(_ bytes: UnsafeRawBufferPointer) -> UInt {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            fields = []
        } else if let colon = line.firstIndex(of: ":"), fields.count < 200 {
            let value = line[line.index(after: colon)...]
            let trimmed = value.drop { $0.isWhitespace }
            let end = trimmed.lastIndex { !$0.isWhitespace }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
            fields.append((line[..<colon].lowercased(), String(trimmed[..<end])))
        }
        return UInt(bytes.count)
    }

    /// What libcurl's end of the transfer means.
    func result(_ code: CURLcode) -> Result<HTTPCallResult, HTTPCallError> {
        guard code != CURLE_OK else {
            var status = 0
            if let easy { bb_curl_get_long(easy, Int32(CURLINFO_RESPONSE_CODE.rawValue), &status) }
            return .success(HTTPCallResult(status: status, fields: fields, body: body))
        }
        if isTooLarge { return .failure(.tooLarge) }
        let reason = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            return .failure(.timedOut(sent: hasLeft))
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY,
            CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            return .failure(hasLeft ? .failed(reason: reason) : .notSent(reason: reason))
        default:
            return .failure(.failed(reason: reason))
        }
    }
}
