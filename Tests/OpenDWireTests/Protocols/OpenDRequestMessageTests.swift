import OpenDWire
import Protobuf
import Testing

@Suite struct OpenDRequestMessageTests {
    @Test(
        arguments: OpenDProtocol.all.filter { $0.request != nil || ($0.kind == .push && $0.reply != nil) }.map(\.name))
    func theMessageKnowsWhatTheTableSays(name: String) throws {
        let entry = try #require(OpenDProtocol.named(name))
        if let request = entry.request {
            let known = try #require(request as? any OpenDRequestMessage.Type)
            #expect(known.protocolID == entry.id)
            func reply<Request: OpenDRequestMessage>(_: Request.Type) -> String { Request.Reply.messageName }
            #expect(reply(known) == entry.reply?.messageName)
        } else {
            let known = try #require(entry.reply as? any OpenDPushMessage.Type)
            #expect(known.protocolID == entry.id)
        }
    }
}
