import Bytes
import OpenDWire
import Protobuf
import Testing

@Suite struct OpenDBodyTests {
    private typealias Reply = OpenDReply<OpenD.KeepAlive.S2C>

    @Test func aReplyThatNamesNoResultIsUnknownNotGood() throws {
        let reply = try Reply.decode([])
        #expect(reply.result == -400)
        #expect(!reply.isSuccess)
        #expect(try Reply.decode(Array("{}".utf8), format: .json).result == -400)
    }

    @Test func aRefusalKeepsItsReasonWhateverStandsBesideIt() throws {
        var wrapper = OpenD.Envelope.Reply()
        wrapper.retType = -1
        wrapper.retMsg = "no"
        wrapper.s2c = [0xFF]
        #expect(try Reply.decode(wrapper.encoded()) == Reply(result: -1, message: "no"))
        wrapper.retType = 0
        #expect(throws: OpenDBodyError.self) { try Reply.decode(wrapper.encoded()) }
    }

    @Test func aRequestWithoutItsRequiredFieldIsNoRequest() throws {
        #expect(throws: OpenDBodyError.self) { try OpenDRequest.decode(OpenD.KeepAlive.C2S.self, from: []) }
        #expect(throws: OpenDBodyError.noPayload) {
            try OpenDRequest.decode(OpenD.KeepAlive.C2S.self, from: Array("{}".utf8), format: .json)
        }
        for text in ["", "[]", "{\"c2s\":1}", "{\"c2s\":{\"time\":\"x\"}}", "nonsense"] {
            #expect(throws: OpenDBodyError.self) {
                try OpenDRequest.decode(OpenD.KeepAlive.C2S.self, from: Array(text.utf8), format: .json)
            }
        }
    }

    @Test func packedNumbersAreReadThoughNeverWritten() throws {
        let captured = try Capture.named("plain.Qot_Sub.request").packet().body
        let plain = try OpenDRequest.decode(OpenD.QotSub.C2S.self, from: captured)
        // Field 2, length-delimited: Basic and Ticker.
        let sub = try OpenD.QotSub.C2S.decode(plain.encoded() + [0x12, 0x02, 0x01, 0x04])
        #expect(sub.subTypeList == plain.subTypeList + [1, 4])
        var expected = plain
        expected.subTypeList += [1, 4]
        #expect(sub.encoded() == expected.encoded())
    }

    @Test func everyTableEntryHasOneNumberAndOneName() {
        #expect(Set(OpenDProtocol.all.map { $0.id }).count == OpenDProtocol.all.count)
        #expect(Set(OpenDProtocol.all.map { $0.name }).count == OpenDProtocol.all.count)
        for known in OpenDProtocol.all where known.kind == .push { #expect(known.request == nil) }
    }
}
