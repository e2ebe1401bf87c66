/// The request a client opens a WebSocket with.
///
/// - Source: RFC 6455, section 4.1.
struct UpgradeRequest: Sendable {
    let key: String
    /// The subprotocols asked for, none unless the caller's fields hold `Sec-WebSocket-Protocol`.
    let subprotocols: [String]
    let bytes: [UInt8]

    /// What the handshake sends itself, and what would change its framing.
    private static let reserved: Set<String> = [
        "host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions",
        "sec-websocket-accept", "content-length", "transfer-encoding",
    ]

    init(_ url: WebSocketURL, key: String, fields: [(String, String)]) throws(WebSocketError) {
        var text = """
            GET \(url.resource) HTTP/1.1\r
            Host: \(url.authority)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: \(key)\r
            Sec-WebSocket-Version: 13\r

            """
        var subprotocols: [String] = []
        for (name, value) in fields {
            guard isToken(name.utf8), isFieldValue(value.utf8), !UpgradeRequest.reserved.contains(name.lowercased())
            else { throw .malformedField(name: name) }
            if name.lowercased() == "sec-websocket-protocol" { subprotocols += listMembers(value) }
            text += "\(name): \(value)\r\n"
        }
        self.key = key
        self.subprotocols = subprotocols
        bytes = Array((text + "\r\n").utf8)
    }
}

/// Whether the bytes are a token (RFC 9110, section 5.6.2).
func isToken(_ bytes: some Collection<UInt8>) -> Bool {
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    return !bytes.isEmpty
        && bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: marks.contains(byte)
            }
        }
}

/// Whether the bytes may stand in a field's value: visible characters, blanks between them, and bytes above ASCII.
func isFieldValue(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
}

/// The members of a comma-separated list, without blanks around them.
func listMembers(_ value: String) -> [String] {
    value.split(separator: ",").map { member in
        let start = member.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }.filter { !$0.isEmpty }
}
