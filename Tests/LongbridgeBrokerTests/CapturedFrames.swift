import Bytes
import Foundation
import LongbridgeWire
import Testing

/// Packets really exchanged between the vendor's client and a stand-in server; `LongbridgeWireTests` owns the file.
enum CapturedFrames {
    /// The inflated body of one packet.
    static func body(_ name: String, file: String = #filePath) throws -> [UInt8] {
        let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        let url = tests.appendingPathComponent("LongbridgeWireTests/Captures/longbridge-frames.json")
        let content = try JSONValue.parse(Array(Data(contentsOf: url)), limits: JSONLimits(values: 1_000_000))
        let frame = try #require(
            content["frames"]?.arrayValue?.first { $0["name"]?.stringValue == name }, "no frame \(name)")
        let bytes = try #require(frame["hex"]?.stringValue.flatMap { Hex.decode($0) })
        return try LongbridgePacket.decode(bytes).body
    }
}
