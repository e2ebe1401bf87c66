public import Bytes

/// The JSON form of scalars.
/// - Source: protobuf.dev, "ProtoJSON format".
extension JSONWriter {
    /// An enumeration by name, or by number where it has none.
    public mutating func protobufEnum(_ value: some ProtobufEnum) {
        if let name = value.name { string(name) } else { int(value.rawValue) }
    }

    /// A 64-bit integer, as a string.
    public mutating func protobufInteger(_ value: some FixedWidthInteger) {
        string(String(value))
    }

    /// Bytes, in base 64.
    public mutating func protobufBytes(_ value: [UInt8]) {
        string(Base64.encode(value))
    }

    /// A number; what JSON has no number for becomes `"NaN"`, `"Infinity"` or `"-Infinity"`.
    public mutating func protobufDouble(_ value: Double) {
        if value.isNaN {
            string("NaN")
        } else if value.isInfinite {
            string(value < 0 ? "-Infinity" : "Infinity")
        } else {
            raw(value.description.utf8)
        }
    }

    /// As ``protobufDouble(_:)``, with the digits of single precision.
    public mutating func protobufFloat(_ value: Float) {
        if value.isFinite { raw(value.description.utf8) } else { protobufDouble(Double(value)) }
    }
}

extension JSONValue {
    /// An integer given as a number or as a string.
    public func protobufInteger<Value: FixedWidthInteger>(_ name: String) throws(ProtobufError) -> Value {
        guard let text = numberText ?? stringValue, let value = Value(text) else { throw .invalidJSON(name) }
        return value
    }

    /// A floating point number, given as a number or as a string.
    public func protobufDouble(_ name: String) throws(ProtobufError) -> Double {
        switch self {
        case .string("NaN"): return .nan
        case .string("Infinity"): return .infinity
        case .string("-Infinity"): return -.infinity
        case .number(let text), .string(let text):
            guard let value = Double(text), value.isFinite else { throw .invalidJSON(name) }
            return value
        case .null, .bool, .array, .object: throw .invalidJSON(name)
        }
    }

    /// A truth value.
    public func protobufBool(_ name: String) throws(ProtobufError) -> Bool {
        guard let value = boolValue else { throw .invalidJSON(name) }
        return value
    }

    /// A string.
    public func protobufString(_ name: String) throws(ProtobufError) -> String {
        guard let value = stringValue else { throw .invalidJSON(name) }
        return value
    }

    /// Bytes, given in base 64.
    public func protobufBytes(_ name: String) throws(ProtobufError) -> [UInt8] {
        guard let value = stringValue.flatMap({ Base64.decode($0) }) else { throw .invalidJSON(name) }
        return value
    }

    /// An enumeration, given by name or by number.
    public func protobufEnum<E: ProtobufEnum>(_ name: String) throws(ProtobufError) -> E {
        if let text = stringValue {
            guard let value = E(name: text) else { throw .invalidJSON(name) }
            return value
        }
        return E(rawValue: try protobufInteger(name))
    }

    /// The elements of a repeated field.
    public func protobufArray(_ name: String) throws(ProtobufError) -> [JSONValue] {
        guard let value = arrayValue else { throw .invalidJSON(name) }
        return value
    }

    /// The entries of a map.
    public func protobufObject(_ name: String) throws(ProtobufError) -> JSONObject {
        guard let value = objectValue else { throw .invalidJSON(name) }
        return value
    }
}
