import Bytes
import OpenDWire
import Testing

@Suite struct OpenDPacketReaderTests {
    private func stream() throws -> (bytes: [UInt8], packets: [OpenDPacket]) {
        let captures = try Capture.all().filter { $0.name.hasPrefix("plain.") }.prefix(6)
        return (captures.flatMap { $0.bytes }, try captures.map { try $0.packet() })
    }

    @Test func everyCutOfTheStreamGivesTheSamePackets() throws {
        let (bytes, packets) = try stream()
        for size in [1, 2, 3, 7, 43, 44, 45, 100, bytes.count] {
            var reader = OpenDPacketReader()
            var found: [OpenDPacket] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                reader.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let packet = try reader.next() { found.append(try packet.opened()) }
            }
            #expect(found == packets)
            #expect(reader.pendingBytes == 0)
        }
    }

    @Test func everyTruncationWaitsForMore() throws {
        let bytes = try Capture.named("plain.Qot_Sub.request").bytes
        for length in 0..<bytes.count {
            var reader = OpenDPacketReader()
            reader.append(bytes.prefix(length))
            #expect(try reader.next() == nil)
            #expect(reader.pendingBytes == length)
        }
    }

    @Test func aBodyAtTheLimitIsTakenAndOneByteMoreEndsTheStream() throws {
        let packet = OpenDPacket(protocolID: 1004, serial: 1, body: [UInt8](repeating: 1, count: 64))
        var reader = OpenDPacketReader(bodyLimit: 64)
        reader.append(try packet.encoded())
        #expect(try reader.next()?.opened() == packet)
        var narrow = OpenDPacketReader(bodyLimit: 63)
        // The header alone is enough: nothing of an oversized body is waited for.
        narrow.append(try packet.encoded().prefix(OpenDHeader.size))
        #expect(throws: OpenDPacketError.tooLarge(64)) { try narrow.next() }
        narrow.append(try packet.encoded())
        #expect(throws: OpenDPacketError.tooLarge(64)) { try narrow.next() }
        #expect(narrow.pendingBytes == 0)
    }

    @Test func anEmptyBodyIsAPacket() throws {
        let packet = OpenDPacket(protocolID: 9999, serial: 7, body: [])
        var reader = OpenDPacketReader()
        reader.append(try packet.encoded())
        #expect(try reader.next()?.opened() == packet)
    }

    @Test func aStreamThatIsNotOursIsRefusedAtItsFirstBytes() throws {
        for text in ["G", "GET / HTTP/1.1", "FX", "\u{16}\u{3}\u{1}"] {
            var reader = OpenDPacketReader()
            reader.append(Array(text.utf8))
            #expect(throws: OpenDPacketError.wrongFlag) { try reader.next() }
        }
        var version = try Capture.named("plain.KeepAlive.request").bytes
        version[7] = 1
        var reader = OpenDPacketReader()
        reader.append(version)
        #expect(throws: OpenDPacketError.unknownVersion(1)) { try reader.next() }
        var format = try Capture.named("plain.KeepAlive.request").bytes
        format[6] = 2
        reader = OpenDPacketReader()
        reader.append(format)
        #expect(throws: OpenDPacketError.unknownFormat(2)) { try reader.next() }
    }

    @Test func aWrongDigestSpoilsOnePacketAndTheNextOneIsRead() throws {
        var spoilt = try Capture.named("plain.KeepAlive.request").bytes
        spoilt[16] ^= 1
        let good = try Capture.named("plain.KeepAlive.response")
        var reader = OpenDPacketReader()
        reader.append(spoilt + good.bytes)
        let first = try #require(try reader.next())
        #expect(throws: OpenDPacketError.wrongDigest) { try first.opened() }
        #expect(first.header.protocolID == 1004)
        #expect(try reader.next()?.opened() == good.packet())
    }

    @Test func everyFlippedBitEndsInAPacketOrAKnownError() throws {
        let bytes = try Capture.named("plain.Qot_UpdateTicker.push").bytes
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                var reader = OpenDPacketReader(bodyLimit: 4096)
                reader.append(flipped)
                do throws(OpenDPacketError) {
                    guard let packet = try reader.next() else { continue }
                    let opened = try packet.opened()
                    // Only what the digest does not cover may change unnoticed.
                    #expect(index < 16 || index >= 36)
                    _ = try? OpenDReply<OpenD.QotUpdateTicker.S2C>.decode(opened.body, format: opened.format)
                } catch {
                    #expect(error != .undecipherable)
                }
            }
        }
    }

    @Test func randomBytesNeverStopTheReader() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<2000 {
            var reader = OpenDPacketReader(bodyLimit: 1024)
            var bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            if Bool.random(using: &random), bytes.count > 8 {
                bytes.replaceSubrange(0..<2, with: [0x46, 0x54])
                bytes[6] = 0
                bytes[7] = 0
            }
            reader.append(bytes)
            while let packet = try? reader.next() { _ = try? packet.opened() }
        }
    }
}
