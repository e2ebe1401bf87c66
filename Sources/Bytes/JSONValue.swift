/// A JSON text, read. Numbers keep the text they were written in; members keep their order.
public indirect enum JSONValue: Equatable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number, as written. The parser has checked its shape.
    case number(String)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

/// The members of a JSON object in the order they were written; no name occurs twice.
public struct JSONObject: Equatable, Sendable {
    /// Name and value, in order.
    public private(set) var members: [(name: String, value: JSONValue)] = []
    private var positions: [String: Int] = [:]

    /// No members.
    public init() {}

    /// The member of that name.
    public subscript(name: String) -> JSONValue? {
        positions[name].map { members[$0].value }
    }

    /// Adds a member; `false`, changing nothing, if the name is taken.
    public mutating func add(_ name: String, _ value: JSONValue) -> Bool {
        guard positions[name] == nil else { return false }
        positions[name] = members.count
        members.append((name, value))
        return true
    }

    /// Whether both have equal members in the same order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count
            && zip(left.members, right.members).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    }
}

extension JSONValue {
    /// The member of that name, if this is an object that has it.
    public subscript(name: String) -> JSONValue? { objectValue?[name] }

    /// The text, if this is a string.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The text of a number as written.
    public var numberText: String? {
        if case .number(let text) = self { text } else { nil }
    }

    /// The number, if it is a whole one written without point or exponent and fits.
    public var intValue: Int64? { numberText.flatMap { Int64($0) } }

    /// The truth value, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements, if this is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if this is an object.
    public var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// A decimal given as a string or as a number whose text is taken literally; `nil` for an exponent.
    public var decimalValue: DecimalText? {
        switch self {
        case .string(let text), .number(let text): DecimalText(text)
        case .null, .bool, .array, .object: nil
        }
    }
}

extension JSONWriter {
    /// A value that was read, written again.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let truth): bool(truth)
        case .number(let text): raw(text.utf8)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for (name, value) in object.members {
                key(dynamic: name)
                self.value(value)
            }
            endObject()
        }
    }
}
