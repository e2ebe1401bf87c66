import Bytes
import Foundation
import LongbridgeWire
import Testing

/// One captured packet of the quote socket, inflated.
enum Captured {
    static func body(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Captures/longbridge-frames", withExtension: "json"))
        let file = try JSONValue.parse(Array(Data(contentsOf: url)), limits: JSONLimits(values: 1_000_000))
        let frame = try #require(
            file["frames"]?.arrayValue?.first { $0["name"]?.stringValue == name }, "no frame \(name)")
        let bytes = try #require(frame["hex"]?.stringValue.flatMap { Hex.decode($0) })
        return try LongbridgePacket.decode(bytes).body
    }
}
