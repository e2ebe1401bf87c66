/// How much a JSON text may hold.
public struct JSONLimits: Sendable {
    /// The deepest nesting of arrays and objects.
    public var depth: Int
    /// The most values, members and elements included.
    public var values: Int

    /// The defaults suit a request body.
    public init(depth: Int = 64, values: Int = 50_000) {
        self.depth = depth
        self.values = values
    }
}

/// Why a text is not JSON, or not one we take.
public struct JSONError: Error, Equatable, Sendable {
    /// What is wrong.
    public enum Reason: String, Sendable {
        case truncated = "the text ends too early"
        case unexpectedCharacter = "a character that cannot stand here"
        case invalidNumber = "not a number of RFC 8259"
        case invalidString = "a control character or broken escape in a string"
        case invalidUnicode = "not UTF-8, or half a surrogate pair"
        case duplicateName = "a member name that occurs twice"
        case tooDeep = "nested too deeply"
        case tooMany = "too many values"
        case trailingText = "something follows the value"
    }

    /// Bytes before the fault.
    public let offset: Int
    /// What is wrong there.
    public let reason: Reason
}

extension JSONValue {
    /// Reads one JSON value of RFC 8259, strictly: no comments, byte order mark, NaN or duplicate names; valid UTF-8 only.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, limits: limits)
        return try parser.wholeText()
    }
}

/// A recursive-descent parser; its recursion is bounded by the limits.
private struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    var position = 0
    var values = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func wholeText() throws(JSONError) -> JSONValue {
        let value = try value(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw fault(.trailingText) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw fault(.tooMany) }
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw fault(.unexpectedCharacter)
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw fault(.tooDeep) }
        position += 1
        var object = JSONObject()
        skipBlanks()
        if try take(UInt8(ascii: "}")) { return .object(object) }
        while true {
            skipBlanks()
            guard try peek() == UInt8(ascii: "\"") else { throw fault(.unexpectedCharacter) }
            let start = position
            let name = try string()
            skipBlanks()
            guard try take(UInt8(ascii: ":")) else { throw fault(.unexpectedCharacter) }
            let member = try value(depth: depth)
            guard object.add(name, member) else { throw JSONError(offset: start, reason: .duplicateName) }
            skipBlanks()
            if try take(UInt8(ascii: "}")) { return .object(object) }
            guard try take(UInt8(ascii: ",")) else { throw fault(.unexpectedCharacter) }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw fault(.tooDeep) }
        position += 1
        var elements: [JSONValue] = []
        skipBlanks()
        if try take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth))
            skipBlanks()
            if try take(UInt8(ascii: "]")) { return .array(elements) }
            guard try take(UInt8(ascii: ",")) else { throw fault(.unexpectedCharacter) }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        let start = position
        while true {
            let byte = try peek()
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw JSONError(offset: start, reason: .invalidUnicode)
                }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: try escape())
            case 0..<0x20:
                throw JSONError(offset: position - 1, reason: .invalidString)
            default:
                text.append(byte)
            }
        }
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw JSONError(offset: position - 1, reason: .invalidString)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> [UInt8] {
        let start = position
        var code = UInt32(try fourDigits())
        if (0xD800..<0xDC00).contains(code) {
            guard try take(UInt8(ascii: "\\")), try take(UInt8(ascii: "u")) else {
                throw JSONError(offset: start, reason: .invalidUnicode)
            }
            let low = UInt32(try fourDigits())
            guard (0xDC00..<0xE000).contains(low) else { throw JSONError(offset: start, reason: .invalidUnicode) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONError(offset: start, reason: .invalidUnicode) }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func fourDigits() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw fault(.truncated) }
        guard let pair = Hex.decode(String(decoding: bytes[position..<position + 4], as: UTF8.self)), pair.count == 2
        else { throw fault(.invalidString) }
        position += 4
        return UInt16(pair[0]) << 8 | UInt16(pair[1])
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        func invalid() -> JSONError { JSONError(offset: start, reason: .invalidNumber) }
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = skipDigits()
        guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else { throw invalid() }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw invalid() }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() > 0 else { throw invalid() }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return position - start
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let expected = Array(text.description.utf8)
        guard bytes.count - position >= expected.count else { throw fault(.truncated) }
        guard bytes[position..<position + expected.count].elementsEqual(expected) else {
            throw fault(.unexpectedCharacter)
        }
        position += expected.count
        return value
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw fault(.truncated) }
        return bytes[position]
    }

    private mutating func take(_ byte: UInt8) throws(JSONError) -> Bool {
        guard try peek() == byte else { return false }
        position += 1
        return true
    }

    private func fault(_ reason: JSONError.Reason) -> JSONError {
        JSONError(offset: position, reason: reason)
    }
}
