// modules: Bytes Clocks Cryptography Protobuf OpenDWire
import OpenDWire
import Protobuf

// The reader of the gateway's stream must not trap, must hold no more than it was given, and must find the same packets and
// the same error however its input is cut. The first byte of an input chooses the cut; bodies are read as what their
// protocol says, either way.

private struct Outcome: Equatable {
    var packets: [SealedOpenDPacket] = []
    var error: OpenDPacketError?
}

private func run(_ bytes: [UInt8], pieceLength: Int) -> Outcome {
    var reader = OpenDPacketReader(bodyLimit: 4096)
    var outcome = Outcome()
    var start = 0
    do throws(OpenDPacketError) {
        while start < bytes.count {
            let end = min(start + pieceLength, bytes.count)
            reader.append(bytes[start..<end])
            start = end
            while let packet = try reader.next() { outcome.packets.append(packet) }
            precondition(reader.pendingBytes < OpenDHeader.size + 4096, "holds more than one packet")
        }
    } catch {
        outcome.error = error
    }
    return outcome
}

private func read<Payload: Message>(_ type: Payload.Type, _ body: [UInt8]) {
    for format in [OpenDFormat.protobuf, .json] {
        _ = try? OpenDRequest.decode(type, from: body, format: format)
        guard let reply = try? OpenDReply<Payload>.decode(body, format: format) else { continue }
        let written = reply.encoded()
        precondition((try? OpenDReply<Payload>.decode(written))?.encoded() == written, "another reply the second time")
    }
}

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = bytes.first else { return 0 }
    let stream = Array(bytes[1...])
    let outcome = run(stream, pieceLength: Int(choice) + 1)
    precondition(outcome == run(stream, pieceLength: max(stream.count, 1)), "the cut matters")
    for packet in outcome.packets {
        guard let named = OpenDProtocol.with(id: packet.header.protocolID) else { continue }
        if let request = named.request { read(request, packet.body) }
        if let reply = named.reply { read(reply, packet.body) }
    }
    return 0
}
