// modules: Bytes Clocks Compression Cryptography Protobuf LongbridgeWire
import LongbridgeWire

// Reading a packet must not trap nor inflate beyond its limit, and what was read must be written so that it is read again,
// compressed or not.

private let limit = 100_000

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let packet = try? LongbridgePacket.decode(bytes, inflatedLimit: limit) else { return 0 }
    precondition(packet.body.count <= limit, "longer than allowed")
    for compressing in [false, true] {
        guard let written = try? packet.encoded(compressing: compressing),
            let again = try? LongbridgePacket.decode(written, inflatedLimit: limit)
        else { preconditionFailure("what was read cannot be written and read") }
        precondition(again == packet, "another packet the second time")
    }
    return 0
}
