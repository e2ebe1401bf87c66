internal import Bytes
internal import Protobuf

/// A part of a descriptor: reads the fields it cares for and passes over the rest.
protocol Part: Sendable {
    init()
    /// `false` for a field to pass over.
    mutating func take(_ tag: WireTag, _ reader: inout WireReader) throws(ProtobufError) -> Bool
}

extension WireReader {
    /// A nested part.
    mutating func part<P: Part>(_ tag: WireTag) throws(ProtobufError) -> P {
        var message = PartMessage<P>()
        try self.message(tag, into: &message)
        return message.part
    }
}

/// Lets a part be read where the runtime expects a message. Never written, never compared.
struct PartMessage<P: Part>: Message {
    static var messageName: String { "google.protobuf" }
    var part = P()

    mutating func merge(from reader: inout WireReader) throws(ProtobufError) {
        var ignored = UnknownFields()
        while let tag = try reader.nextTag() {
            if try !part.take(tag, &reader) { try reader.skip(tag, into: &ignored) }
        }
    }

    func write(to writer: inout WireWriter) {}
    func writeMembers(to json: inout JSONWriter) {}
    mutating func set(_ name: String, _ value: JSONValue) throws(ProtobufError) -> Bool { false }
    static func == (left: PartMessage, right: PartMessage) -> Bool { false }
}
