/// Where a WebSocket is opened: `ws://host[:port][/path][?query]`, or `wss`.
///
/// - Source: RFC 6455, section 3. The resource name is sent as written; nothing is decoded or encoded again.
struct WebSocketURL: Equatable, Sendable {
    let isSecure: Bool
    /// A name or an address literal, an IPv6 one without its brackets.
    let host: String
    let port: Int
    /// What the Host field says: with brackets, and with the port unless it is the scheme's own.
    let authority: String
    /// Path and query, at least `/`.
    let resource: String

    init(_ text: String) throws(WebSocketError) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformedURL("it holds a blank, a control character or one outside ASCII")
        }
        guard let scheme = text.range(of: "://") else { throw .malformedURL("it has no scheme") }
        switch text[..<scheme.lowerBound].lowercased() {
        case "ws": isSecure = false
        case "wss": isSecure = true
        default: throw .malformedURL("its scheme is neither ws nor wss")
        }
        let rest = text[scheme.upperBound...]
        guard !rest.contains("#") else { throw .malformedURL("it has a fragment") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let resource = String(rest[end...])
        self.resource = resource.hasPrefix("/") ? resource : "/" + resource
        (host, port, authority) = try WebSocketURL.split(rest[..<end], defaultPort: isSecure ? 443 : 80)
    }

    private static func split(
        _ text: Substring, defaultPort: Int
    ) throws(WebSocketError) -> (host: String, port: Int, authority: String) {
        guard !text.contains("@") else { throw .malformedURL("it holds a user name") }
        let name: Substring
        let host: Substring
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { throw .malformedURL("its bracket is not closed") }
            name = text[...bracket]
            host = name.dropFirst().dropLast()
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                throw .malformedURL("its address is malformed")
            }
        } else {
            name = text.prefix { $0 != ":" }
            host = name
            guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else {
                throw .malformedURL("its host is empty or malformed")
            }
        }
        let rest = text[name.endIndex...]
        guard !rest.isEmpty else { return (String(host), defaultPort, String(name)) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), (1...5).contains(digits.count), digits.allSatisfy(\.isNumber),
            let port = Int(digits),
            (1...65535).contains(port)
        else { throw .malformedURL("its port is malformed") }
        return (String(host), port, port == defaultPort ? String(name) : "\(name):\(port)")
    }
}

extension StringProtocol {
    /// The first place of `text`, without Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
