/// One request to another server. It prints only its method: the rest may hold secrets.
public struct HTTPCall: Sendable {
    /// The method, upper case.
    public var method: String
    /// An `http` or `https` URL in visible ASCII, without a user name, password or fragment; path and query are sent
    /// exactly as written, except that a bare `?` at the end is left out.
    public var url: String
    /// Header fields in order. `Content-Length`, `Transfer-Encoding`, `Connection`, `Expect` and `Accept-Encoding` are
    /// not the caller's to set.
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

    /// Whether the server may be asked twice without harm. Nothing else is ever sent a second time.
    var isRepeatable: Bool { method == "GET" || method == "HEAD" }
}

/// What the other server answered. It prints neither fields nor body: they may hold secrets.
public struct HTTPCallResult: Sendable {
    /// The status code.
    public var status: Int
    /// Header fields in order, names in lower case. Trailers are left out.
    public var fields: [(name: String, value: String)]
    /// The body, decoded.
    public var body: [UInt8]
    /// Whether it came over HTTP/2.
    public var isHTTP2 = false

    /// The first value of a field.
    public func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name == name }?.value
    }
}

extension HTTPCall: CustomStringConvertible, CustomReflectable {
    /// The method.
    public var description: String { "\(method) call" }

    /// Without children, as fields and body may hold secrets.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension HTTPCallResult: CustomStringConvertible, CustomReflectable {
    /// Status and size.
    public var description: String { "\(status), \(body.count) bytes" }

    /// Without children, as fields and body may hold secrets.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
