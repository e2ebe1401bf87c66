/// Appends fields in protobuf's wire form. The caller writes fields in the order of their numbers.
public struct WireWriter: Sendable {
    /// Everything written so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer.
    public init() {}

    /// int32, int64, bool and enumerations: negative ones take ten bytes.
    public mutating func int64(_ field: Int, _ value: Int64) {
        tag(field, .varint)
        varint(UInt64(bitPattern: value))
    }

    /// int32, sign-extended.
    public mutating func int32(_ field: Int, _ value: Int32) { int64(field, Int64(value)) }

    /// uint64.
    public mutating func uint64(_ field: Int, _ value: UInt64) {
        tag(field, .varint)
        varint(value)
    }

    /// uint32.
    public mutating func uint32(_ field: Int, _ value: UInt32) { uint64(field, UInt64(value)) }

    /// sint64, zigzag.
    public mutating func sint64(_ field: Int, _ value: Int64) {
        uint64(field, UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// sint32, zigzag.
    public mutating func sint32(_ field: Int, _ value: Int32) {
        uint64(field, UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }

    /// bool.
    public mutating func bool(_ field: Int, _ value: Bool) { uint64(field, value ? 1 : 0) }

    /// fixed32.
    public mutating func fixed32(_ field: Int, _ value: UInt32) {
        tag(field, .fixed32)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// fixed64.
    public mutating func fixed64(_ field: Int, _ value: UInt64) {
        tag(field, .fixed64)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// sfixed32.
    public mutating func sfixed32(_ field: Int, _ value: Int32) { fixed32(field, UInt32(bitPattern: value)) }

    /// sfixed64.
    public mutating func sfixed64(_ field: Int, _ value: Int64) { fixed64(field, UInt64(bitPattern: value)) }

    /// float.
    public mutating func float(_ field: Int, _ value: Float) { fixed32(field, value.bitPattern) }

    /// double.
    public mutating func double(_ field: Int, _ value: Double) { fixed64(field, value.bitPattern) }

    /// string.
    public mutating func string(_ field: Int, _ value: String) {
        var value = value
        value.withUTF8 { text in
            tag(field, .lengthDelimited)
            varint(UInt64(text.count))
            bytes.append(contentsOf: text)
        }
    }

    /// bytes.
    public mutating func bytes(_ field: Int, _ value: [UInt8]) {
        tag(field, .lengthDelimited)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// An enumeration's number.
    public mutating func enumeration(_ field: Int, _ value: some ProtobufEnum) { int32(field, value.rawValue) }

    /// A message.
    public mutating func message(_ field: Int, _ value: some Message) {
        tag(field, .lengthDelimited)
        nested { value.write(to: &$0) }
    }

    /// Repeated scalars in one run; nothing when there are none.
    public mutating func packed<Element>(
        _ field: Int, _ values: [Element], _ write: (inout WireWriter, Int, Element) -> Void
    ) {
        guard !values.isEmpty else { return }
        tag(field, .lengthDelimited)
        nested { writer in
            for value in values {
                let start = writer.bytes.count
                // The element's own tag is one byte for field 1, and is taken away again.
                write(&writer, 1, value)
                writer.bytes.remove(at: start)
            }
        }
    }

    /// A map's entries in the order of their keys, so that equal maps have equal bytes.
    public mutating func map<Key: Comparable & Hashable, Value>(
        _ field: Int, _ map: [Key: Value], key: (inout WireWriter, Int, Key) -> Void,
        value: (inout WireWriter, Int, Value) -> Void
    ) {
        for (name, content) in map.sorted(by: { $0.key < $1.key }) {
            tag(field, .lengthDelimited)
            nested { writer in
                key(&writer, 1, name)
                value(&writer, 2, content)
            }
        }
    }

    /// Fields that were not known when the message was read, as they came.
    public mutating func unknown(_ fields: UnknownFields) {
        bytes.append(contentsOf: fields.bytes)
    }

    private mutating func nested(_ body: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        body(&inner)
        varint(UInt64(inner.bytes.count))
        bytes.append(contentsOf: inner.bytes)
    }

    private mutating func tag(_ field: Int, _ type: WireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
}

/// Fields that no declaration names, kept as they came so that a message can be passed on whole.
public struct UnknownFields: Equatable, Sendable {
    /// Tags and values, in the order they came.
    public private(set) var bytes: [UInt8] = []

    /// None.
    public init() {}

    mutating func append(_ tag: WireTag, value: Slice<UnsafeRawBufferPointer>) {
        var writer = WireWriter()
        writer.uint64(1, UInt64(tag.field) << 3 | UInt64(tag.type.rawValue))
        bytes.append(contentsOf: writer.bytes.dropFirst())
        bytes.append(contentsOf: value)
    }
}
