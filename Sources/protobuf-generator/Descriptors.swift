internal import Bytes
internal import Protobuf

/// The parts of `google/protobuf/descriptor.proto` a generator needs, read by the product's own runtime.
struct FileSet {
    var files: [FileDescriptor] = []
}

struct FileDescriptor {
    var name = ""
    var package = ""
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var syntax = "proto2"
    var locations: [Location] = []

    /// The comment above the declaration at `path`.
    func comment(_ path: [Int32]) -> String? {
        locations.first { $0.path == path }?.comment
    }
}

struct Location {
    var path: [Int32] = []
    var comment = ""
}

struct MessageDescriptor {
    var name = ""
    var fields: [FieldDescriptor] = []
    var nested: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var isMapEntry = false
}

struct FieldDescriptor {
    var name = ""
    var number = 0
    var label: Int32 = 1
    var type: Int32 = 0
    var typeName = ""
    var packed: Bool?
    var isProto3Optional = false
    var isInOneof = false
}

struct EnumDescriptor {
    var name = ""
    var values: [(name: String, number: Int32)] = []
}

extension FileSet: Part {
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        guard tag.field == 1 else { return false }
        files.append(try reader.part(tag))
        return true
    }
}

extension FileDescriptor: Part {
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        switch tag.field {
        case 1: name = try reader.string(tag)
        case 2: package = try reader.string(tag)
        case 4: messages.append(try reader.part(tag))
        case 5: enums.append(try reader.part(tag))
        case 9: locations = (try reader.part(tag) as SourceInformation).locations
        case 12: syntax = try reader.string(tag)
        default: return false
        }
        return true
    }
}

struct SourceInformation: Part {
    var locations: [Location] = []

    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        guard tag.field == 1 else { return false }
        locations.append(try reader.part(tag))
        return true
    }
}

extension Location: Part {
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        switch tag.field {
        case 1:
            try reader.repeated(tag, as: .varint, appendingTo: &path) {
                reader, tag throws(ProtobufError) in try reader.int32(tag)
            }
        case 3: comment = try reader.string(tag)
        default: return false
        }
        return true
    }
}

extension MessageDescriptor: Part {
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        switch tag.field {
        case 1: name = try reader.string(tag)
        case 2: fields.append(try reader.part(tag))
        case 3: nested.append(try reader.part(tag))
        case 4: enums.append(try reader.part(tag))
        case 7: isMapEntry = (try reader.part(tag) as MessageOptions).isMapEntry
        default: return false
        }
        return true
    }
}

struct MessageOptions: Part {
    var isMapEntry = false

    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        guard tag.field == 7 else { return false }
        isMapEntry = try reader.bool(tag)
        return true
    }
}

extension FieldDescriptor: Part {
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        switch tag.field {
        case 1: name = try reader.string(tag)
        case 3: number = Int(try reader.int32(tag))
        case 4: label = try reader.int32(tag)
        case 5: type = try reader.int32(tag)
        case 6: typeName = try reader.string(tag)
        case 8: packed = (try reader.part(tag) as FieldOptions).packed
        case 9:
            _ = try reader.int32(tag)
            isInOneof = true
        case 17: isProto3Optional = try reader.bool(tag)
        default: return false
        }
        return true
    }
}

struct FieldOptions: Part {
    var packed: Bool?

    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        guard tag.field == 2 else { return false }
        packed = try reader.bool(tag)
        return true
    }
}

extension EnumDescriptor: Part {
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        switch tag.field {
        case 1: name = try reader.string(tag)
        case 2:
            let value = try reader.part(tag) as EnumValue
            values.append((value.name, value.number))
        default: return false
        }
        return true
    }
}

struct EnumValue: Part {
    var name = ""
    var number: Int32 = 0

    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool {
        switch tag.field {
        case 1: name = try reader.string(tag)
        case 2: number = try reader.int32(tag)
        default: return false
        }
        return true
    }
}
