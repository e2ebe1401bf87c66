public import Bytes

/// A protobuf message. Conforming types are generated from `Protocols/`; none is written by hand but the generator's own.
public protocol Message: Sendable, Equatable {
    /// Every field absent or at its default.
    init()
    /// The name in the schema, with its package.
    static var messageName: String { get }
    /// Reads fields up to the end of the message: the last of a single field wins, messages merge, repeated fields grow.
    mutating func merge(from reader: inout WireReader) throws(ProtobufError)
    /// Appends the fields in the order of their numbers, then the unknown ones.
    func write(to writer: inout WireWriter)
    /// Appends the members of the JSON form: names as in the schema, 64-bit integers as strings, enumerations by name,
    /// bytes in base 64, absent and default fields left out. The caller writes the braces.
    func writeMembers(to json: inout JSONWriter)
    /// Takes a member of the JSON form; `false` if no field has that name.
    mutating func set(_ name: String, _ value: JSONValue) throws(ProtobufError) -> Bool
}

extension Message {
    /// Reads a whole message.
    public static func decode(
        _ bytes: some Sequence<UInt8>, limits: DecodingLimits = .standard
    ) throws(ProtobufError) -> Self {
        let storage = Array(bytes)
        guard storage.count <= limits.bytes else { throw .tooLarge }
        var message = Self()
        // The closure of withUnsafeBytes throws untyped; the error is carried out by hand.
        var failure: ProtobufError?
        storage.withUnsafeBytes { buffer in
            var reader = WireReader(buffer, limits: limits)
            do throws(ProtobufError) {
                try message.merge(from: &reader)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return message
    }

    /// The wire form; equal messages have equal bytes.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Appends the JSON form as one object.
    public func writeJSON(to json: inout JSONWriter) {
        json.beginObject()
        writeMembers(to: &json)
        json.endObject()
    }

    /// The JSON form.
    public func jsonText() -> String {
        var writer = JSONWriter()
        writeJSON(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Reads the JSON form; unknown names are refused.
    public init(json value: JSONValue) throws(ProtobufError) {
        self.init()
        guard let object = value.objectValue else { throw .invalidJSON(Self.messageName) }
        for (name, member) in object.members where !member.isNull {
            guard try set(name, member) else { throw .invalidJSON(name) }
        }
    }
}

/// An enumeration of a schema. Open: a number that no name stands for is a value too.
public protocol ProtobufEnum: Sendable, Hashable {
    /// The value with that number, named or not.
    init(rawValue: Int32)
    /// The number.
    var rawValue: Int32 { get }
    /// Names and numbers, as the schema lists them.
    static var names: [(name: StaticString, number: Int32)] { get }
}

extension ProtobufEnum {
    /// The schema's name; `nil` for a number without one.
    public var name: String? {
        Self.names.first { $0.number == rawValue }.map { $0.name.description }
    }

    /// The value of that name.
    public init?(name: String) {
        guard let entry = Self.names.first(where: { $0.name.description == name }) else { return nil }
        self.init(rawValue: entry.number)
    }
}
