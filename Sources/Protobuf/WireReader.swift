/// A field's number and how its value is written.
public struct WireTag: Equatable, Sendable {
    /// 1 to 2^29 - 1.
    public let field: Int
    /// How the value is written.
    public let type: WireType
}

/// How a value is written.
/// - Source: protobuf.dev, "Encoding", message structure. The group types 3 and 4 are refused.
public enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}

/// Reads the fields of one message, in the order they stand. Borrowed bytes: it must not outlive the buffer it reads.
public struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private var end: Int
    private var depth: Int
    private var elements: Int

    init(_ bytes: UnsafeRawBufferPointer, limits: DecodingLimits) {
        self.bytes = bytes
        position = 0
        end = bytes.count
        depth = limits.depth
        elements = limits.elements
    }

    /// The next field's tag; `nil` at the end of the message.
    public mutating func nextTag() throws(ProtobufError) -> WireTag? {
        guard position < end else { return nil }
        try count()
        let key = try rawVarint()
        let number = key >> 3
        guard number > 0, number < 1 << 29 else { throw .invalidFieldNumber }
        guard let type = WireType(rawValue: UInt8(truncatingIfNeeded: key & 7)) else {
            throw .wrongWireType(field: Int(number))
        }
        return WireTag(field: Int(number), type: type)
    }

    // MARK: Single values

    /// int64, and int32 cut to its low bits as protobuf asks.
    public mutating func int64(_ tag: WireTag) throws(ProtobufError) -> Int64 {
        Int64(bitPattern: try varint(tag))
    }

    /// int32: the low 32 bits of the varint.
    public mutating func int32(_ tag: WireTag) throws(ProtobufError) -> Int32 {
        Int32(truncatingIfNeeded: try varint(tag))
    }

    /// uint64.
    public mutating func uint64(_ tag: WireTag) throws(ProtobufError) -> UInt64 {
        try varint(tag)
    }

    /// uint32: the low 32 bits of the varint.
    public mutating func uint32(_ tag: WireTag) throws(ProtobufError) -> UInt32 {
        UInt32(truncatingIfNeeded: try varint(tag))
    }

    /// sint64, zigzag.
    public mutating func sint64(_ tag: WireTag) throws(ProtobufError) -> Int64 {
        let raw = try varint(tag)
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// sint32, zigzag.
    public mutating func sint32(_ tag: WireTag) throws(ProtobufError) -> Int32 {
        let raw = UInt32(truncatingIfNeeded: try varint(tag))
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    /// bool: any varint but 0.
    public mutating func bool(_ tag: WireTag) throws(ProtobufError) -> Bool {
        try varint(tag) != 0
    }

    /// fixed32, sfixed32 and float carry these bits.
    public mutating func fixed32(_ tag: WireTag) throws(ProtobufError) -> UInt32 {
        guard tag.type == .fixed32 else { throw .wrongWireType(field: tag.field) }
        return try raw32()
    }

    /// fixed64, sfixed64 and double carry these bits.
    public mutating func fixed64(_ tag: WireTag) throws(ProtobufError) -> UInt64 {
        guard tag.type == .fixed64 else { throw .wrongWireType(field: tag.field) }
        return try raw64()
    }

    /// sfixed32.
    public mutating func sfixed32(_ tag: WireTag) throws(ProtobufError) -> Int32 { Int32(bitPattern: try fixed32(tag)) }

    /// sfixed64.
    public mutating func sfixed64(_ tag: WireTag) throws(ProtobufError) -> Int64 { Int64(bitPattern: try fixed64(tag)) }

    /// float.
    public mutating func float(_ tag: WireTag) throws(ProtobufError) -> Float { Float(bitPattern: try fixed32(tag)) }

    /// double.
    public mutating func double(_ tag: WireTag) throws(ProtobufError) -> Double { Double(bitPattern: try fixed64(tag)) }

    /// string, checked to be UTF-8.
    public mutating func string(_ tag: WireTag) throws(ProtobufError) -> String {
        let range = try run(tag)
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw .invalidUTF8(field: tag.field)
        }
        return text
    }

    /// bytes.
    public mutating func bytes(_ tag: WireTag) throws(ProtobufError) -> [UInt8] {
        Array(bytes[try run(tag)])
    }

    /// An open enumeration: any number is a value.
    public mutating func enumeration<E: ProtobufEnum>(_ tag: WireTag) throws(ProtobufError) -> E {
        E(rawValue: try int32(tag))
    }

    // MARK: Messages

    /// A message, merged into what a previous occurrence left.
    public mutating func message<M: Message>(_ tag: WireTag, into value: inout M) throws(ProtobufError) {
        let range = try run(tag)
        guard depth > 0 else { throw .tooDeep }
        let (outerPosition, outerEnd) = (range.upperBound, end)
        position = range.lowerBound
        end = range.upperBound
        depth -= 1
        try value.merge(from: &self)
        depth += 1
        position = outerPosition
        end = outerEnd
    }

    /// A message, merged into what a previous occurrence left, if any.
    public mutating func message<M: Message>(_ tag: WireTag, into value: inout M?) throws(ProtobufError) {
        var message = value ?? M()
        try self.message(tag, into: &message)
        value = message
    }

    /// One more element of a repeated message.
    public mutating func message<M: Message>(_ tag: WireTag, appendingTo values: inout [M]) throws(ProtobufError) {
        var message = M()
        try self.message(tag, into: &message)
        values.append(message)
    }

    // MARK: Repeated scalars

    /// Elements of a repeated scalar, packed or one a field; both are accepted whatever the schema says.
    public mutating func repeated<Element>(
        _ tag: WireTag, as element: WireType, appendingTo values: inout [Element],
        _ read: (inout WireReader, WireTag) throws(ProtobufError) -> Element
    ) throws(ProtobufError) {
        guard tag.type == .lengthDelimited else { return values.append(try read(&self, tag)) }
        let range = try run(tag)
        let (outerPosition, outerEnd) = (range.upperBound, end)
        let elementTag = WireTag(field: tag.field, type: element)
        position = range.lowerBound
        end = range.upperBound
        while position < end {
            try count()
            values.append(try read(&self, elementTag))
        }
        position = outerPosition
        end = outerEnd
    }

    /// One entry of a map; key and value default as their types do.
    public mutating func mapEntry<Key: Hashable, Value>(
        _ tag: WireTag, into map: inout [Key: Value], defaults: (Key, Value),
        key: (inout WireReader, WireTag) throws(ProtobufError) -> Key,
        value: (inout WireReader, WireTag) throws(ProtobufError) -> Value
    ) throws(ProtobufError) {
        let range = try run(tag)
        let (outerPosition, outerEnd) = (range.upperBound, end)
        position = range.lowerBound
        end = range.upperBound
        var entry = defaults
        var ignored = UnknownFields()
        while let part = try nextTag() {
            switch part.field {
            case 1: entry.0 = try key(&self, part)
            case 2: entry.1 = try value(&self, part)
            default: try skip(part, into: &ignored)
            }
        }
        map[entry.0] = entry.1
        position = outerPosition
        end = outerEnd
    }

    // MARK: Unknown fields

    /// Keeps a field no declaration names, as it came.
    public mutating func skip(_ tag: WireTag, into unknown: inout UnknownFields) throws(ProtobufError) {
        let start = position
        switch tag.type {
        case .varint: _ = try rawVarint()
        case .fixed64: _ = try raw64()
        case .fixed32: _ = try raw32()
        case .lengthDelimited: _ = try run(tag)
        }
        unknown.append(tag, value: bytes[start..<position])
    }

    // MARK: Raw values

    private mutating func varint(_ tag: WireTag) throws(ProtobufError) -> UInt64 {
        guard tag.type == .varint else { throw .wrongWireType(field: tag.field) }
        return try rawVarint()
    }

    private mutating func rawVarint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            guard shift < 63 || byte <= 1 else { throw .overlongVarint }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated
    }

    private mutating func raw32() throws(ProtobufError) -> UInt32 {
        guard end - position >= 4 else { throw .truncated }
        defer { position += 4 }
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }

    private mutating func raw64() throws(ProtobufError) -> UInt64 {
        guard end - position >= 8 else { throw .truncated }
        defer { position += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// A length and that many bytes.
    private mutating func run(_ tag: WireTag) throws(ProtobufError) -> Range<Int> {
        guard tag.type == .lengthDelimited else { throw .wrongWireType(field: tag.field) }
        let length = try rawVarint()
        guard length <= UInt64(end - position) else { throw .truncated }
        let range = position..<position + Int(length)
        position = range.upperBound
        return range
    }

    private mutating func count() throws(ProtobufError) {
        guard elements > 0 else { throw .tooMany }
        elements -= 1
    }
}
