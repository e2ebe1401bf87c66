internal import CCurl
internal import HTTPWire

/// What has been checked of a call before libcurl sees it.
struct CallTarget {
    /// Whether the host is this machine by name or number: proxies of the environment are not asked for it, since they
    /// would take their own machine for it.
    let isLoopback: Bool
    /// Whether the server is spoken to over TLS, by which it says whether it speaks HTTP/2.
    let isSecure: Bool

    /// Fields that libcurl or this target sets.
    private static let reserved: Set<String> = [
        "accept-encoding", "connection", "content-length", "expect", "transfer-encoding",
    ]

    /// Checks the method, the URL and the fields.
    ///
    /// - Throws: ``HTTPCallError/notSent(reason:)``, naming the part and not its text.
    init(_ call: HTTPCall) throws(HTTPCallError) {
        guard !call.method.isEmpty, call.method.utf8.count <= 32,
            call.method.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { throw .notSent(reason: "not a method") }
        for (name, value) in call.fields {
            guard HTTPFieldName(name) != nil else { throw .notSent(reason: "not a header name") }
            guard !Self.reserved.contains(name.lowercased()) else {
                throw .notSent(reason: "header \(name) is not the caller's to set")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .notSent(reason: "header \(name) holds a control character")
            }
        }
        guard call.url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .notSent(reason: "not a URL")
        }
        let parts = curl_url()
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, call.url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let scheme = Self.part(parts, CURLUPART_SCHEME), let host = Self.part(parts, CURLUPART_HOST)
        else { throw .notSent(reason: "not a URL, or one with a user name") }
        guard ["http", "https"].contains(scheme.lowercased()) else {
            throw .notSent(reason: "not an http or https URL")
        }
        isSecure = scheme.lowercased() == "https"
        guard !call.url.utf8.contains(UInt8(ascii: "#")) else { throw .notSent(reason: "a URL with a fragment") }
        let name = host.lowercased()
        isLoopback = name == "localhost" || name == "[::1]" || (name.hasPrefix("127.") && Self.isNumeric(name))
    }

    private static func isNumeric(_ host: String) -> Bool {
        host.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }
    }

    private static func part(_ parts: OpaquePointer?, _ which: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, which, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
