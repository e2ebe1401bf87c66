/// One event of a `text/event-stream`.
///
/// Neither id nor name can hold a line end, by their types; data is split at CR, LF and CRLF alike, since a reader does.
/// So nothing in an event can end it or begin another.
///
/// - Source: WHATWG HTML §9.2.6.
public struct ServerSentEvent: Sendable, Equatable {
    /// What a reader sends back to go on from here.
    public struct ID: Sendable, Hashable, CustomStringConvertible {
        /// 1 to 128 characters of ASCII's visible ones.
        public let text: String

        /// `nil` for anything else: NUL would be ignored by readers, line ends would break the stream.
        public init?(_ text: String) {
            guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                return nil
            }
            self.text = text
        }

        /// As sent.
        public var description: String { text }
    }

    /// The kind of event, which a page listens for.
    public struct Name: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
        /// 1 to 64 letters, digits, `.`, `_` and `-`.
        public let text: String

        /// `nil` for anything else.
        public init?(_ text: String) {
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ ByteSet.identifier.contains($0) }) else {
                return nil
            }
            self.text = text
        }

        /// A name known when the program was written; a wrong one is a programming error and traps.
        public init(stringLiteral text: String) {
            guard let name = Name(text) else { preconditionFailure("not an event name: \(text)") }
            self = name
        }

        /// As sent.
        public var description: String { text }
    }

    /// Absent leaves the reader's last id as it is.
    public var id: ID?
    /// Absent means `message`.
    public var name: Name?
    /// UTF-8. Empty data makes an event readers do not show.
    public var data: [UInt8]

    /// An event as it will be sent.
    public init(id: ID? = nil, name: Name? = nil, data: [UInt8]) {
        self.id = id
        self.name = name
        self.data = data
    }

    /// The event with the empty line that ends it.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.count + 96)
        if let id {
            output.append(literal: "id: ")
            output.append(contentsOf: id.text.utf8)
            output.append(ASCII.lineFeed)
        }
        if let name {
            output.append(literal: "event: ")
            output.append(contentsOf: name.text.utf8)
            output.append(ASCII.lineFeed)
        }
        ServerSentEvent.appendLines(of: data, prefix: "data: ", to: &output)
        output.append(ASCII.lineFeed)
        return output
    }

    /// A comment, which readers ignore: it keeps proxies and the connection awake.
    public static func comment(_ text: String = "") -> [UInt8] {
        var output: [UInt8] = []
        appendLines(of: Array(text.utf8), prefix: ": ", to: &output)
        output.append(ASCII.lineFeed)
        return output
    }

    /// How long a reader shall wait before it connects again.
    public static func retry(milliseconds: Int) -> [UInt8] {
        var output: [UInt8] = []
        output.append(literal: "retry: ")
        output.append(decimal: max(milliseconds, 0))
        output.append(literal: "\n\n")
        return output
    }

    private static func appendLines(of data: [UInt8], prefix: StaticString, to output: inout [UInt8]) {
        var start = 0
        var index = 0
        func appendLine(_ output: inout [UInt8]) {
            output.append(literal: prefix)
            output.append(contentsOf: data[start..<index])
            output.append(ASCII.lineFeed)
        }
        while index < data.count {
            let byte = data[index]
            guard byte == ASCII.lineFeed || byte == ASCII.carriageReturn else {
                index += 1
                continue
            }
            appendLine(&output)
            let isPair =
                byte == ASCII.carriageReturn && index + 1 < data.count && data[index + 1] == ASCII.lineFeed
            index += isPair ? 2 : 1
            start = index
        }
        appendLine(&output)
    }
}
