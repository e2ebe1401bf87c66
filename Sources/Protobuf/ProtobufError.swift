/// Why bytes are not the message they should be.
public enum ProtobufError: Error, Equatable, Sendable {
    /// The bytes end within a field.
    case truncated
    /// A varint of more than ten bytes, or a value beyond 64 bits.
    case overlongVarint
    /// Field number 0, or beyond 2^29 - 1.
    case invalidFieldNumber
    /// A field came with a wire type its declaration does not allow, or a group, which no schema here has.
    case wrongWireType(field: Int)
    /// A string is not UTF-8.
    case invalidUTF8(field: Int)
    /// Messages nested more deeply than the limit.
    case tooDeep
    /// More bytes than the limit.
    case tooLarge
    /// More fields and elements than the limit.
    case tooMany
    /// A `required` field (proto2) is absent; `Message.field`.
    case missingRequired(String)
    /// A JSON value does not fit the field; the field's name.
    case invalidJSON(String)
}

/// How much a message may hold. All are checked before anything is allocated for what they bound.
public struct DecodingLimits: Sendable {
    /// The most bytes of the whole message.
    public var bytes: Int
    /// The deepest nesting of messages.
    public var depth: Int
    /// The most fields and repeated elements of the whole message, nested ones included.
    public var elements: Int

    /// The defaults suit a broker's packet.
    public init(bytes: Int = 64 << 20, depth: Int = 32, elements: Int = 2_000_000) {
        self.bytes = bytes
        self.depth = depth
        self.elements = elements
    }

    /// 64 MiB, 32 levels, two million elements.
    public static let standard = DecodingLimits()
}
