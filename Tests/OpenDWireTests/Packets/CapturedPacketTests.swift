import Bytes
import OpenDWire
import Protobuf
import Testing

@Suite struct CapturedPacketTests {
    @Test func everyCapturedPacketDecodesAndEncodesToTheSameBytes() throws {
        let captures = try Capture.all()
        #expect(captures.count == 109)
        for capture in captures {
            var reader = OpenDPacketReader()
            reader.append(capture.bytes)
            let sealed = try #require(try reader.next(), "\(capture.name)")
            #expect(reader.pendingBytes == 0)
            #expect(sealed.header.encoded() == Array(capture.bytes.prefix(OpenDHeader.size)), "\(capture.name)")
            #expect(Int64(sealed.header.protocolID) == capture.header["protoID"]?.intValue)
            #expect(Int64(sealed.header.serial) == capture.header["serialNo"]?.intValue)
            #expect(Int64(sealed.header.bodyLength) == capture.header["bodyLen"]?.intValue)
            #expect(Hex.encode(sealed.header.digest) == capture.header["sha1"]?.stringValue)
            let packet = try sealed.opened(with: capture.cipher)
            if capture.isReproducible {
                #expect(try packet.encoded(with: capture.cipher) == capture.bytes, "\(capture.name)")
            } else {
                var again = OpenDPacketReader()
                again.append(try packet.encoded(with: capture.cipher))
                #expect(try again.next()?.opened(with: capture.cipher) == packet, "\(capture.name)")
            }
        }
    }

    @Test func everyCapturedBodyIsTheMessageItsNumberNamesAndEncodesToTheSameBytes() throws {
        for capture in try Capture.all() {
            let packet = try capture.packet()
            let known = try #require(OpenDProtocol.with(id: packet.protocolID), "\(capture.name)")
            #expect(known.name == capture.package)
            #expect((known.kind == .push) == (capture.kind == "push"), "\(capture.name)")
            if capture.kind == "request" {
                guard let type = known.request else { throw Unknown(name: capture.name) }
                try check(request: type, packet, capture)
            } else {
                guard let type = known.reply else { throw Unknown(name: capture.name) }
                try check(reply: type, packet, capture)
            }
        }
    }

    private struct Unknown: Error {
        var name: String
    }

    private func check<Payload: Message>(
        request type: Payload.Type, _ packet: OpenDPacket, _ capture: Capture
    ) throws {
        let payload = try OpenDRequest.decode(type, from: packet.body, format: packet.format)
        let again = OpenDRequest.encode(payload, format: packet.format)
        try check(again, packet, capture)
        #expect(try Payload(json: try #require(capture.decoded["c2s"])) == payload, "\(capture.name)")
    }

    private func check<Payload: Message>(
        reply type: Payload.Type, _ packet: OpenDPacket, _ capture: Capture
    ) throws {
        let reply = try OpenDReply<Payload>.decode(packet.body, format: packet.format)
        #expect(Int64(reply.result) == capture.decoded["retType"]?.intValue)
        try check(reply.encoded(format: packet.format), packet, capture)
        if let expected = capture.decoded["s2c"] {
            #expect(try Payload(json: expected) == reply.payload, "\(capture.name)")
        } else {
            #expect(reply.payload == nil, "\(capture.name)")
        }
    }

    /// Protobuf agrees byte by byte; JSON's blanks and order are free.
    private func check(_ again: [UInt8], _ packet: OpenDPacket, _ capture: Capture) throws {
        switch packet.format {
        case .protobuf: #expect(again == packet.body, "\(capture.name)")
        case .json:
            #expect(String(decoding: packet.body, as: UTF8.self) == capture.bodyText)
            let left = try members(JSONValue.parse(again))
            let right = try members(JSONValue.parse(packet.body))
            #expect(left == right, "\(capture.name)")
        }
    }

    /// Names and values, in the order of the names, at every depth.
    private func members(_ value: JSONValue) -> String {
        switch value {
        case .object(let object):
            let parts = object.members.map { "\($0.name):\(members($0.value))" }
            return "{" + parts.sorted().joined(separator: ",") + "}"
        case .array(let elements): return "[" + elements.map(members).joined(separator: ",") + "]"
        case .number(let text): return Double(text).map { "\($0)" } ?? text
        default: return "\(value)"
        }
    }
}
