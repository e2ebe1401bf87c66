/// Reads the answer to an upgrade request from a stream, byte by byte if need be, and judges it strictly.
///
/// - Source: RFC 6455, section 4.1; RFC 9112, sections 4 and 5.
struct UpgradeResponse: Sendable {
    /// The most bytes of a response's head.
    static let maximumBytes = 16 * 1024

    private var head: [UInt8] = []
    private let key: String
    private let subprotocols: [String]

    init(to request: UpgradeRequest) {
        key = request.key
        subprotocols = request.subprotocols
    }

    /// Takes bytes in. `nil` while more are needed; otherwise what follows the head, which belongs to the WebSocket.
    ///
    /// - Throws: ``WebSocketError/refused(status:)`` for another status than 101, else `.handshake`.
    mutating func received(_ bytes: UnsafeRawBufferPointer) throws(WebSocketError) -> [UInt8]? {
        for (offset, byte) in bytes.enumerated() {
            guard head.count < UpgradeResponse.maximumBytes else { throw .handshake(reason: "its head is too long") }
            head.append(byte)
            if byte == 0x0A, head.suffix(4).elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) {
                try judge()
                return Array(bytes[(offset + 1)...])
            }
        }
        return nil
    }

    private func judge() throws(WebSocketError) {
        var lines: [ArraySlice<UInt8>] = []
        var rest = head.dropLast(4)
        while let end = rest.firstIndex(of: 0x0A) {
            guard end > rest.startIndex, rest[end - 1] == 0x0D else {
                throw .handshake(reason: "a line ends without CR")
            }
            lines.append(rest[..<(end - 1)])
            rest = rest[(end + 1)...]
        }
        lines.append(rest)
        guard lines.allSatisfy(isFieldValue) else { throw .handshake(reason: "a control character in its head") }
        let status = try UpgradeResponse.status(lines[0])
        guard status == 101 else { throw .refused(status: status) }
        var fields: [String: [String]] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
                throw .handshake(reason: "a malformed field")
            }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            fields[name, default: []] += [String(decoding: line[(colon + 1)...], as: UTF8.self)]
        }
        try judge(fields.mapValues { $0.flatMap(listMembers) })
    }

    private static func status(_ line: ArraySlice<UInt8>) throws(WebSocketError) -> Int {
        let text = String(decoding: line, as: UTF8.self)
        let digits = text.dropFirst(9).prefix(3)
        guard text.hasPrefix("HTTP/1.1 "), digits.utf8.count == 3, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let status = Int(digits), (100...599).contains(status),
            text.utf8.count == 12 || text.dropFirst(12).hasPrefix(" ")
        else { throw .handshake(reason: "no HTTP/1.1 status line") }
        return status
    }

    private func judge(_ fields: [String: [String]]) throws(WebSocketError) {
        guard fields["upgrade"]?.map({ $0.lowercased() }) == ["websocket"] else {
            throw .handshake(reason: "no Upgrade: websocket")
        }
        guard fields["connection"]?.contains(where: { $0.lowercased() == "upgrade" }) == true else {
            throw .handshake(reason: "no Connection: Upgrade")
        }
        guard fields["sec-websocket-accept"] == [HandshakeKey.accept(key)] else {
            throw .handshake(reason: "Sec-WebSocket-Accept is not the answer to the key")
        }
        guard fields["sec-websocket-extensions", default: []].isEmpty else {
            throw .handshake(reason: "an extension nobody asked for")
        }
        let chosen = fields["sec-websocket-protocol", default: []]
        guard chosen.count <= 1, chosen.allSatisfy(subprotocols.contains) else {
            throw .handshake(reason: "a subprotocol nobody asked for")
        }
    }
}
