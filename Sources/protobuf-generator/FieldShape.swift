/// How one field looks in Swift: its type, and the calls that read and write it.
struct FieldShape {
    /// How often the field occurs.
    enum Occurrence { case implicit, optional, required, repeated, map }

    /// A kind of value, by the numbers of `FieldDescriptorProto.Type`.
    struct Value {
        /// The Swift type.
        var swift: String
        /// The method of the reader and of the writer.
        var method: String
        /// The wire type of an unpacked element.
        var wire: String
        /// The value of an absent field.
        var initial: String
        var isMessage = false
        var isEnum = false
        var isPackable = false
    }

    var name: String
    var schemaName: String
    var number: Int
    var occurrence: Occurrence
    var value: Value
    var key: Value?
    var isPacked = false

    /// The declared Swift type.
    var type: String {
        switch occurrence {
        case .implicit: value.isMessage ? "\(value.swift)?" : value.swift
        case .required: value.swift
        case .optional: "\(value.swift)?"
        case .repeated: "[\(value.swift)]"
        case .map: "[\(key?.swift ?? "String"): \(value.swift)]"
        }
    }

    /// What it starts with.
    var initial: String {
        switch occurrence {
        case .implicit: value.isMessage ? "nil" : value.initial
        case .required: value.initial
        case .optional: "nil"
        case .repeated: "[]"
        case .map: "[:]"
        }
    }

    /// Whether the field may be absent from the value.
    var isOptional: Bool { occurrence == .optional || occurrence == .implicit && value.isMessage }
}

extension FieldShape.Value {
    /// The value kinds; `nil` for groups, which no schema here may have.
    init?(_ field: FieldDescriptor, reference: String) {
        switch field.type {
        case 1: self.init(swift: "Double", method: "double", wire: "fixed64", initial: "0", isPackable: true)
        case 2: self.init(swift: "Float", method: "float", wire: "fixed32", initial: "0", isPackable: true)
        case 3: self.init(swift: "Int64", method: "int64", wire: "varint", initial: "0", isPackable: true)
        case 4: self.init(swift: "UInt64", method: "uint64", wire: "varint", initial: "0", isPackable: true)
        case 5: self.init(swift: "Int32", method: "int32", wire: "varint", initial: "0", isPackable: true)
        case 6: self.init(swift: "UInt64", method: "fixed64", wire: "fixed64", initial: "0", isPackable: true)
        case 7: self.init(swift: "UInt32", method: "fixed32", wire: "fixed32", initial: "0", isPackable: true)
        case 8: self.init(swift: "Bool", method: "bool", wire: "varint", initial: "false", isPackable: true)
        case 9: self.init(swift: "String", method: "string", wire: "lengthDelimited", initial: "\"\"")
        case 11:
            self.init(
                swift: reference, method: "message", wire: "lengthDelimited", initial: "\(reference)()", isMessage: true
            )
        case 12: self.init(swift: "[UInt8]", method: "bytes", wire: "lengthDelimited", initial: "[]")
        case 13: self.init(swift: "UInt32", method: "uint32", wire: "varint", initial: "0", isPackable: true)
        case 14:
            self.init(
                swift: reference, method: "enumeration", wire: "varint", initial: "\(reference)(rawValue: 0)",
                isEnum: true, isPackable: true)
        case 15: self.init(swift: "Int32", method: "sfixed32", wire: "fixed32", initial: "0", isPackable: true)
        case 16: self.init(swift: "Int64", method: "sfixed64", wire: "fixed64", initial: "0", isPackable: true)
        case 17: self.init(swift: "Int32", method: "sint32", wire: "varint", initial: "0", isPackable: true)
        case 18: self.init(swift: "Int64", method: "sint64", wire: "varint", initial: "0", isPackable: true)
        default: return nil
        }
    }
}
