internal import Bytes
public import Cryptography

/// The value of `X-Api-Signature`, by which a legacy API key signs each HTTP request.
///
/// Shape: `HMAC-SHA256 SignedHeaders=authorization;x-api-key;x-timestamp, Signature=<64 lower-case hex digits>`;
/// without an access token the list is `x-api-key;x-timestamp`. Requests with a `Bearer` token are not signed at all.
///
/// - Source: Longbridge OpenAPI, "API signature"; the vendor's SDK, `httpclient/src/signature.rs`. The vectors of the
///   tests were captured from the vendor's Python client 5.3.0.
public struct RequestSignature: Equatable, Sendable {
    /// Whether the `Authorization` header is covered.
    public let coversToken: Bool
    /// The HMAC itself, 32 bytes.
    public let bytes: [UInt8]

    /// Signs `request`.
    ///
    /// - Parameters:
    ///   - token: the `Authorization` value exactly as sent; `nil` for a call without one.
    ///   - key: the `X-Api-Key` value.
    ///   - timestamp: the `X-Timestamp` value, see ``SignatureTimestamps``.
    public static func sign(
        _ request: SignableRequest, token: Secret?, key: String, secret: Secret, timestamp: String
    ) -> RequestSignature {
        var canonical = Array("\(request.method)|\(request.path)|\(request.query)|".utf8)
        if let token {
            canonical += Array("authorization:".utf8)
            token.withBytes { canonical += $0 }
            canonical.append(UInt8(ascii: "\n"))
        }
        canonical += Array("x-api-key:\(key)\nx-timestamp:\(timestamp)\n|".utf8)
        canonical += Array("\(list(coveringToken: token != nil))|".utf8)
        // The digest of an empty body is no digest, rather than the digest of nothing.
        if !request.body.isEmpty { canonical += Array(Hex.encode(Digest.sha1(request.body)).utf8) }
        let text = Array("\(algorithm)|\(Hex.encode(Digest.sha1(canonical)))".utf8)
        let value = secret.withBytes { MessageAuthentication.hmacSHA256(key: $0, message: text) }
        return RequestSignature(coversToken: token != nil, bytes: value)
    }

    /// As the header carries it.
    public var headerValue: String {
        "\(Self.algorithm) SignedHeaders=\(Self.list(coveringToken: coversToken)), Signature=\(Hex.encode(bytes))"
    }

    /// Reads a header value; `nil` for any other algorithm, list, spacing or length, and for upper-case digits.
    public init?(headerValue: String) {
        for coversToken in [true, false] {
            let prefix = "\(Self.algorithm) SignedHeaders=\(Self.list(coveringToken: coversToken)), Signature="
            guard headerValue.utf8.starts(with: prefix.utf8) else { continue }
            let digits = String(decoding: headerValue.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard let bytes = Hex.decode(digits), bytes.count == 32, Hex.encode(bytes) == digits else { return nil }
            self.init(coversToken: coversToken, bytes: bytes)
            return
        }
        return nil
    }

    /// Whether this is the signature of `request`, compared in constant time: the broker's side of ``sign``.
    ///
    /// - Parameter token: the `Authorization` value received; a signature that covers a token needs one, and one that
    ///   covers none verifies only a request without.
    public func verifies(
        _ request: SignableRequest, token: Secret?, key: String, secret: Secret, timestamp: String
    ) -> Bool {
        let expected = Self.sign(request, token: token, key: key, secret: secret, timestamp: timestamp)
        return expected.coversToken == coversToken && constantTimeEquals(expected.bytes, bytes)
    }

    private static let algorithm = "HMAC-SHA256"

    private static func list(coveringToken: Bool) -> String {
        coveringToken ? "authorization;x-api-key;x-timestamp" : "x-api-key;x-timestamp"
    }

    private init(coversToken: Bool, bytes: [UInt8]) {
        self.coversToken = coversToken
        self.bytes = bytes
    }
}

/// What a ``RequestSignature`` covers of a request besides its headers, byte for byte as sent.
public struct SignableRequest: Equatable, Sendable {
    /// Upper case, as on the request line.
    public var method: String
    /// Percent-encoded, with any prefix of the base URL; what comes before `?`.
    public var path: String
    /// What comes after the first `?`, in the order sent; empty for none and for a bare `?`.
    public var query: String
    /// The body's bytes; empty for none.
    public var body: [UInt8]

    /// Splits the request target at its first `?`.
    public init(method: String, target: String, body: [UInt8] = []) {
        self.method = method
        self.body = body
        let bytes = target.utf8
        let end = bytes.firstIndex(of: UInt8(ascii: "?"))
        path = String(target[..<(end ?? bytes.endIndex)])
        query = end.map { String(target[bytes.index(after: $0)...]) } ?? ""
    }
}
