import Bytes
import TestSupport
import Testing

@testable import WebSockets

/// Frames and messages without a socket. The golden frames were exchanged by the vendor's official client and a stand-in
/// server; prices, names and ids in them are invented.
@Suite struct FrameTests {
    static let authRequest =
        "82dd50d163a451d363a450d0702c50d131ae4abe3cc161b555c135b5569767b7079169e952c264e252c635e85bb645db6cc533b206d424fc0fc53e"
        + "b616c537b471a635bf71b95ac40dc135b53ccb26b411fb3eb804cc248e12d13fa506b654a511d135"
    static let authRequestPayload =
        "01020000000113880000520a1a6f5f65316436656564353337666435393831663433316265393812150a0f6163636570742d6c616e677561676512"
        + "02656e121d0a156e6565645f6f7665725f6e696768745f71756f7465120474727565"
    static let authResponse =
        "8231020200000001000000270a1a735f35343961653862306631313461636334326263373766373410ea82df80a034180a2001"
    static let ping = "890908a0a9f1b59f341001"
    static let pong = "8a89cb3d59a6c39df0577ea26db6ca"
    static let close = "881103e97365727665722073687574646f776e"

    @Test func theOfficialClientsFramesAreUnmasked() throws {
        let payload = try #require(Hex.decode(FrameTests.authRequestPayload))
        for cut in DripFeed.everyCut(try #require(Hex.decode(FrameTests.authRequest))) {
            #expect(actions(cut, from: .client) == [.deliver(.binary(payload))])
        }
        for cut in DripFeed.everyCut(try #require(Hex.decode(FrameTests.pong))) {
            #expect(actions(cut, from: .client) == [.notePong(try #require(Hex.decode("08a0a9f1b59f341001")))])
        }
    }

    @Test func aServersFramesOfOneRunAreReadTheSameAtEveryCut() throws {
        let bytes = try #require(Hex.decode(FrameTests.authResponse + FrameTests.ping + FrameTests.close))
        let expected: [MessageStateMachine.Action] = [
            .deliver(.binary(try #require(Hex.decode(String(FrameTests.authResponse.dropFirst(4)))))),
            .answerPing(try #require(Hex.decode("08a0a9f1b59f341001"))),
            .peerClosed(code: 1001, reason: "server shutdown", isLegal: true),
        ]
        for cut in DripFeed.everyCut(bytes) { #expect(actions(cut, from: .server) == expected) }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65535, 65536, 70000], [true, false])
    func everySizeIsReadBackAndTheMaskIsFresh(size: Int, isMasked: Bool) {
        let payload = [UInt8](repeating: 0x5A, count: size)
        let codec = FrameCodec()
        let first = codec.encode(opcode: Opcode.binary, payload, isMasked: isMasked)
        let second = codec.encode(opcode: Opcode.binary, payload, isMasked: isMasked)
        let header = size < 126 ? 2 : size < 65536 ? 4 : 10
        #expect(first.count == header + (isMasked ? 4 : 0) + size)
        #expect((first != second) == isMasked)
        let isWhole = actions([first[...]], from: isMasked ? .client : .server) == [.deliver(.binary(payload))]
        #expect(isWhole)
    }

    @Test func theCapturedServerFrameIsWrittenByteForByte() throws {
        let payload = try #require(Hex.decode(String(FrameTests.authResponse.dropFirst(4))))
        let frame = FrameCodec().encode(opcode: Opcode.binary, payload, isMasked: false)
        #expect(Hex.encode(frame) == FrameTests.authResponse)
    }

    @Test func fragmentsMakeOneMessageWithControlFramesBetween() {
        let bytes: [UInt8] = [0x01, 2, 0xE2, 0x82, 0x89, 1, 7, 0x00, 0, 0x80, 2, 0xAC, 0x21]
        for cut in DripFeed.everyCut(bytes) {
            #expect(actions(cut, from: .server) == [.answerPing([7]), .deliver(.text("€!"))])
        }
    }

    @Test(arguments: [
        ("an unknown data opcode", "8300", 1002), ("an unknown control opcode", "8b00", 1002),
        ("a reserved bit", "c20101", 1002), ("a masked frame of a server", "8281000000004f", 1002),
        ("a continuation of nothing", "8000", 1002), ("a message inside another", "01000100", 1002),
        ("a close of one byte", "880103", 1002), ("a text that is not UTF-8", "8102c328", 1007),
        ("a close reason that is not UTF-8", "880403e8c328", 1007),
        ("a message over the limit", "827e03e900", 1009),
        ("a message over the limit in the second frame", "020203028" + "07e03e700", 1009),
        ("a length of 2^62", "827f400000000000000000", 1009),
    ])
    func aFaultIsRefusedWithItsCode(fault: String, hex: String, code: UInt16) throws {
        for cut in DripFeed.everyCut(try #require(Hex.decode(hex))) {
            let actions = actions(cut, from: .server, limits: WebSocketLimits(maximumMessageBytes: 1000))
            #expect(actions?.count == 1)
            guard case .refuse(code, let reason) = actions?.first else {
                Issue.record("\(fault): \(String(describing: actions))")
                return
            }
            #expect(!reason.isEmpty)
        }
    }

    /// The highest bit set, longer than need be, and control frames that are long or in fragments.
    @Test(arguments: ["827fffffffffffffffff00", "827e0001", "827f0000000000000001", "897e007e", "0900", "080203e8"])
    func aHeaderInAForbiddenFormIsNoFrame(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(actions([bytes[...]], from: .server) == nil)
    }

    @Test func aClientsFrameMustBeMasked() {
        #expect(
            actions([[0x82, 1, 1]], from: .client) == [.refuse(code: 1002, reason: "an unmasked frame of a client")])
    }

    @Test func theLimitsAreExact() {
        let limits = WebSocketLimits(maximumMessageBytes: 4, maximumFragments: 3)
        let fits: [UInt8] = [0x02, 2, 1, 2, 0x00, 0, 0x80, 2, 3, 4]
        #expect(actions([fits[...]], from: .server, limits: limits) == [.deliver(.binary([1, 2, 3, 4]))])
        let endless: [UInt8] = [0x02, 0, 0x00, 0, 0x00, 0, 0x00, 0]
        #expect(
            actions([endless[...]], from: .server, limits: limits) == [
                .refuse(code: 1009, reason: "a message of more than 3 fragments")
            ])
    }

    @Test func anIllegalCloseCodeIsToldAndMarked() {
        #expect(
            actions([[0x88, 2, 0, 4]], from: .server) == [.peerClosed(code: 4, reason: "", isLegal: false)])
        #expect(actions([[0x88, 0]], from: .server) == [.peerClosed(code: nil, reason: "", isLegal: true)])
        for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535] { #expect(!isLegalCloseCode(code)) }
        for code: UInt16 in [1000, 1003, 1007, 1011, 3000, 4999] { #expect(isLegalCloseCode(code)) }
    }

    @Test func nothingCountsAfterACloseFrame() {
        let bytes: [UInt8] = [0x88, 0, 0x82, 1, 1, 0x83, 0]
        #expect(actions([bytes[...]], from: .server) == [.peerClosed(code: nil, reason: "", isLegal: true)])
    }

    @Test func everyFlippedByteEndsInAValueOrAFault() throws {
        let bytes = try #require(Hex.decode(FrameTests.authResponse + FrameTests.ping + FrameTests.close))
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                _ = actions([flipped[...]], from: .server)
            }
        }
    }
}

/// What the machine makes of a stream; nil when some of it is no frame.
private func actions(
    _ pieces: [ArraySlice<UInt8>], from sender: MessageStateMachine.Sender, limits: WebSocketLimits = WebSocketLimits()
) -> [MessageStateMachine.Action]? {
    let codec = FrameCodec()
    var machine = MessageStateMachine(sender: sender, limits: limits)
    var actions: [MessageStateMachine.Action] = []
    for piece in pieces {
        let isReadable = piece.withUnsafeBytes { bytes in
            codec.read(bytes) { part in
                let action = machine.received(part)
                if action != .wait { actions.append(action) }
                return true
            }
        }
        guard isReadable else { return nil }
    }
    return actions
}
