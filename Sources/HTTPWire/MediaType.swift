/// A media type as `Content-Type` carries it; parameters are kept as text.
///
/// - Source: RFC 9110 §8.3.1.
public struct MediaType: Sendable, Hashable, CustomStringConvertible {
    /// In lower case, such as `application`; `*` in an `Accept` range.
    public let type: String
    /// In lower case, such as `json`; `*` in an `Accept` range.
    public let subtype: String
    /// Names in lower case, values without their quotes, in order.
    public let parameters: [Parameter]

    /// One `name=value`.
    public struct Parameter: Sendable, Hashable {
        /// In lower case.
        public let name: String
        /// As sent, without quotes.
        public let value: String
    }

    /// `nil` for anything that is not `type/subtype` with well-formed parameters.
    public init?(_ text: String) {
        var members = MediaType.split(Array(text.utf8)[...], at: ASCII.semicolon).map(MediaType.trimmed)
        let essence = members.removeFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false)
        guard essence.count == 2, let type = MediaType.token(essence[0]), let subtype = MediaType.token(essence[1])
        else {
            return nil
        }
        var parameters: [Parameter] = []
        for member in members where !member.isEmpty {
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")), let name = MediaType.token(member[..<equals]),
                let value = MediaType.value(member[(equals + 1)...])
            else { return nil }
            parameters.append(Parameter(name: name, value: value))
        }
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    /// `application/json`
    public static let json = MediaType(type: "application", subtype: "json")
    /// `application/x-ndjson`
    public static let ndjson = MediaType(type: "application", subtype: "x-ndjson")
    /// `text/event-stream`
    public static let eventStream = MediaType(type: "text", subtype: "event-stream")
    /// `application/problem+json`
    public static let problem = MediaType(type: "application", subtype: "problem+json")

    private init(type: String, subtype: String) {
        self.type = type
        self.subtype = subtype
        parameters = []
    }

    /// Whether type and subtype are the same; parameters are not looked at.
    public func isSame(as other: MediaType) -> Bool {
        type == other.type && subtype == other.subtype
    }

    /// Type and subtype.
    public var description: String { "\(type)/\(subtype)" }

    /// The offer that suits an `Accept` field best: the highest quality, then the order offered. The first offer when the
    /// field is absent; `nil` when none is acceptable. Members that cannot be read are passed over.
    ///
    /// - Source: RFC 9110 §12.5.1; the most specific range that fits an offer gives its quality.
    public static func preferred(of offers: [MediaType], accept: String?) -> MediaType? {
        guard let accept, !accept.isEmpty else { return offers.first }
        let ranges = split(Array(accept.utf8)[...], at: ASCII.comma).compactMap { member in
            MediaType(String(decoding: trimmed(member), as: UTF8.self))
        }
        var best: (offer: MediaType, quality: Int)?
        for offer in offers {
            let fitting = ranges.filter { $0.specificity(for: offer) != nil }
            let range = fitting.max { ($0.specificity(for: offer) ?? 0) < ($1.specificity(for: offer) ?? 0) }
            let quality = range?.quality ?? 0
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }

    /// How closely this range names the offer; `nil` when it does not.
    private func specificity(for offer: MediaType) -> Int? {
        if isSame(as: offer) { return 2 }
        if type == offer.type, subtype == "*" { return 1 }
        return type == "*" && subtype == "*" ? 0 : nil
    }

    /// `q` in thousandths; 1000 when absent, 0 when malformed.
    private var quality: Int {
        guard let text = parameters.first(where: { $0.name == "q" })?.value else { return 1000 }
        let bytes = Array(text.utf8)
        guard let whole = bytes.first, whole == ASCII.zero || whole == ASCII.zero + 1, bytes.count <= 5,
            bytes.count == 1 || bytes[1] == UInt8(ascii: "."), bytes.dropFirst(2).allSatisfy(ASCII.isDigit)
        else { return 0 }
        let places = bytes.dropFirst(2).reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
        let scale = [1000, 100, 10, 1][max(0, bytes.count - 2)]
        return min(Int(whole - ASCII.zero) * 1000 + places * scale, 1000)
    }

    /// Splits outside quotes.
    private static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in bytes.indices {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(bytes[start..<index])
                start = index + 1
            }
        }
        parts.append(bytes[start...])
        return parts
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, FieldLine.isWhiteSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, FieldLine.isWhiteSpace(last) { bytes.removeLast() }
        return bytes
    }

    private static func token(_ bytes: ArraySlice<UInt8>) -> String? {
        guard !bytes.isEmpty, bytes.allSatisfy({ ByteSet.token.contains($0) }) else { return nil }
        return String(decoding: bytes.map(ASCII.lowercased), as: UTF8.self)
    }

    private static func value(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.first == UInt8(ascii: "\"") else {
            return bytes.isEmpty || !bytes.allSatisfy({ ByteSet.token.contains($0) })
                ? nil : String(decoding: bytes, as: UTF8.self)
        }
        guard bytes.count >= 2, bytes.last == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var rest = bytes.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return nil }
            guard byte == UInt8(ascii: "\\") else {
                value.append(byte)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            value.append(escaped)
        }
        return String(decoding: value, as: UTF8.self)
    }
}
