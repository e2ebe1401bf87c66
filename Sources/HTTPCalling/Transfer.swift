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
    /// Whether octets of the request may have left this machine. Before a connection was ready none can have.
    private(set) var hasLeft = false

    private let call: HTTPCall
    private let target: CallTarget
    private let configuration: HTTPCaller.Configuration
    private var list: UnsafeMutablePointer<curl_slist>?
    /// Where libcurl writes what went wrong; it outlives the handle.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var body: [UInt8] = []
    private var head = ResponseHead()
    private var isTooLarge = false

    /// - Throws: ``HTTPCallError/notSent(reason:)`` for a call that cannot be sent.
    init(_ call: HTTPCall, _ configuration: HTTPCaller.Configuration) throws(HTTPCallError) {
        target = try CallTarget(call)
        self.call = call
        self.configuration = configuration
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    isolated deinit {
        errorText.deallocate()
    }

    // MARK: libcurl's handle

    /// libcurl's handle for the call; `nil` if an option was refused.
    func makeHandle() -> UnsafeMutableRawPointer? {
        guard let easy = curl_easy_init() else { return nil }
        var options = TransferOptions(easy)
        options.set(CURLOPT_URL, call.url)
        options.set(CURLOPT_CUSTOMREQUEST, call.method)
        options.set(CURLOPT_USERAGENT, configuration.userAgent)
        options.set(CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectDeadline.millisecondsRoundedUp))
        if let authorities = configuration.certificateAuthorities { options.set(CURLOPT_CAINFO, authorities) }
        options.setSafety()
        // Of calls that begin together one opens the connection, and the others learn whether it carries them all.
        if target.isSecure { options.set(CURLOPT_PIPEWAIT, 1) }
        if target.isLoopback { options.set(CURLOPT_PROXY, "") }
        if call.method == "HEAD" { options.set(CURLOPT_NOBODY, 1) }
        options.set(CURLOPT_MAXFILESIZE_LARGE, offset: Int64(call.maximumResponseBytes))
        options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        if let body = call.body { options.set(body: body) }
        setFields(&options)
        setCallbacks(&options)
        guard options.areAccepted else {
            curl_easy_cleanup(easy)
            released()
            return nil
        }
        self.easy = easy
        return easy
    }

    private func setFields(_ options: inout TransferOptions) {
        // An Expect field would cost a round trip; a broker's gateway may not know it.
        list = curl_slist_append(list, "Expect:")
        // libcurl would call every body a form.
        if call.body != nil, !call.fields.contains(where: { $0.name.lowercased() == "content-type" }) {
            list = curl_slist_append(list, "Content-Type:")
        }
        for (name, value) in call.fields {
            list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        options.set(CURLOPT_HTTPHEADER, pointer: list)
    }

    /// The context is this object, unretained: the caller keeps it until the handle is released.
    private func setCallbacks(_ options: inout TransferOptions) {
        let easy = options.easy
        let context = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_WRITEDATA, pointer: context)
        options.set(CURLOPT_HEADERDATA, pointer: context)
        bb_curl_set_data_callback(easy, Int32(CURLOPT_WRITEFUNCTION.rawValue)) { bytes, size, count, context in
            Transfer.from(context)?.received(UnsafeRawBufferPointer(start: bytes, count: Int(size * count))) ?? 0
        }
        bb_curl_set_data_callback(easy, Int32(CURLOPT_HEADERFUNCTION.rawValue)) { bytes, size, count, context in
            Transfer.from(context)?.receivedLine(UnsafeRawBufferPointer(start: bytes, count: Int(size * count))) ?? 0
        }
        bb_curl_set_ready_callback(
            easy, { context, _, _, _, _ in Transfer.from(context)?.connectionIsReady() ?? CURL_PREREQFUNC_ABORT },
            context)
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

    // MARK: What libcurl tells

    /// libcurl sends a request again by itself when a kept connection turns out to be dead. What must not arrive twice
    /// is given up instead: whether the first one arrived is unknown.
    private func connectionIsReady() -> Int32 {
        guard !hasLeft || call.isRepeatable else { return CURL_PREREQFUNC_ABORT }
        hasLeft = true
        return CURL_PREREQFUNC_OK
    }

    /// Takes a run of the body; anything but its length makes libcurl give up.
    private func received(_ bytes: UnsafeRawBufferPointer) -> UInt {
        guard bytes.count <= call.maximumResponseBytes - body.count else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return UInt(bytes.count)
    }

    /// Takes one line of the head; anything but its length makes libcurl give up.
    private func receivedLine(_ bytes: UnsafeRawBufferPointer) -> UInt {
        guard head.take(bytes) else {
            isTooLarge = true
            return 0
        }
        return UInt(bytes.count)
    }

    /// What libcurl's end of the transfer means.
    func result(_ code: CURLcode) -> Result<HTTPCallResult, HTTPCallError> {
        switch code {
        case CURLE_OK:
            return .success(
                HTTPCallResult(
                    status: info(CURLINFO_RESPONSE_CODE), fields: head.fields, body: body,
                    isHTTP2: info(CURLINFO_HTTP_VERSION) == Int(CURL_HTTP_VERSION_2_0)))
        case _ where isTooLarge, CURLE_FILESIZE_EXCEEDED:
            return .failure(.tooLarge)
        case CURLE_OPERATION_TIMEDOUT:
            return .failure(.timedOut(sent: hasLeft))
        case CURLE_ABORTED_BY_CALLBACK:
            return .failure(.failed(reason: "the connection was lost before an answer came"))
        default:
            let reason = String(cString: curl_easy_strerror(code))
            // Once something was sent libcurl's own text might quote it; before that it names the fault of the peer.
            guard !hasLeft else { return .failure(.failed(reason: reason)) }
            errorText[Int(CURL_ERROR_SIZE) - 1] = 0
            let detail = String(cString: errorText)
            return .failure(.notSent(reason: detail.isEmpty ? reason : "\(reason): \(detail)"))
        }
    }

    private func info(_ which: CURLINFO) -> Int {
        var value = 0
        if let easy { bb_curl_get_long(easy, Int32(which.rawValue), &value) }
        return value
    }
}
