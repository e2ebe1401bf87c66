/// One request to another server.
public struct HTTPCall: Sendable {
    /// The method, upper case.
    public var method: String
    /// An `http` or `https` URL, sent exactly as written.
    public var url: String
    /// Header fields in order. The caller has checked that no value holds a line break.
    public var fields: [(name: String, value: String)]
    /// The body; `nil` for none.
    public var body: [UInt8]?
    /// How long the whole exchange may take, waiting for a free connection included.
    public var deadline: Duration
    /// The most bytes the answer's body may have, after decoding.
    public var maximumResponseBytes: Int

    /// One request; 30 s and 4 MiB unless said otherwise.
    public init(
        method: String = "GET", url: String, fields: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        deadline: Duration = .seconds(30), maximumResponseBytes: Int = 4 << 20
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.deadline = deadline
        self.maximumResponseBytes = maximumResponseBytes
    }
}

/// What the other server answered.
public struct HTTPCallResult: Sendable {
    /// The status code.
    public var status: Int
    /// Header fields in order, names in lower case.
    public var fields: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// The first value of a field.
    public func field(_ name: String) -> String? {
        fields.first { $0.name == name.lowercased() }?.value
    }
}

/// Why there is no answer. The texts hold no URL, header or body.
public enum HTTPCallError: Error, Equatable, Sendable {
    /// Provably not one octet of the request left: name not resolved, refused, certificate, too many waiting.
    case notSent(reason: String)
    /// No answer within the deadline; `sent` is false only where nothing can have left.
    case timedOut(sent: Bool)
    /// The body is longer than the call allows.
    case tooLarge
    /// The calling task was cancelled.
    case cancelled
    /// The connection broke, or the answer is not HTTP, after the request may have left.
    case failed(reason: String)
}
