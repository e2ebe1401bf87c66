internal import LongbridgeWire

/// One call of the vendor's HTTP API.
struct GatewayCall {
    var method: String
    /// Path and query exactly as sent.
    var target: String
    /// JSON; `nil` for none.
    var body: [UInt8]?
    /// How long the whole exchange may take.
    var deadline: Duration
    var maximumResponseBytes = 8 << 20
    /// Whether an answer without `data` is none. Some calls that change something are answered so.
    var needsData = true

    /// - Parameters:
    ///   - path: from the first slash on, percent-encoded where it must be.
    ///   - query: names and values as they mean, in order; a name may repeat.
    init(
        _ path: String, method: String = "GET", query: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        deadline: Duration
    ) {
        self.method = method
        target = query.isEmpty ? path : "\(path)?\(FormEncoding.encode(query))"
        self.body = body
        self.deadline = deadline
    }
}
