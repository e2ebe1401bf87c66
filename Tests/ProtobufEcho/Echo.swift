internal import Bytes
internal import JudgedSchemas
internal import LongbridgeWire
internal import OpenDWire
internal import Protobuf

/// Reads lines `MESSAGE HEX`, and writes for each the bytes written again and the JSON form, or `refused` and why: what
/// another runtime's tests compare with their own.
@main
struct Echo {
    private static let types: [any Message.Type] = [
        Judged.Modern.Everything.self, Judged.Modern.Leaf.self, Judged.Classic.Order.self, Judged.Classic.Header.self,
        Longbridge.Quote.SecurityQuoteResponse.self, Longbridge.Quote.SecurityDepthResponse.self,
        Longbridge.Quote.PushQuote.self, Longbridge.Quote.PushDepth.self, Longbridge.Quote.PushTrade.self,
        Longbridge.Quote.SecurityHistoryCandlestickRequest.self, Longbridge.Quote.UserQuoteProfileResponse.self,
        Longbridge.Quote.SecurityCalcQuoteResponse.self, Longbridge.Quote.WarrantFilterListResponse.self,
        Longbridge.Control.AuthRequest.self, Longbridge.Control.Close.self, Longbridge.Trade.Notification.self,
        OpenD.Envelope.Reply.self,
    ]

    private static let byName = Dictionary(
        uniqueKeysWithValues: (types + OpenDProtocol.all.flatMap { [$0.request, $0.reply].compactMap(\.self) })
            .map { ($0.messageName, $0) })

    static func main() {
        while let line = readLine() {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let type = byName[String(parts[0])],
                let bytes = Hex.decode(String(parts[1]))
            else {
                print("refused unknown message")
                continue
            }
            print(answer(type, bytes))
        }
    }

    private static func answer(_ type: (some Message).Type, _ bytes: [UInt8]) -> String {
        do throws(ProtobufError) {
            let message = try type.decode(bytes)
            let json = message.jsonText()
            guard let parsed = try? JSONValue.parse(Array(json.utf8)) else { return "refused its own JSON" }
            let again = try type.init(json: parsed)
            return "\(Hex.encode(message.encoded())) \(Hex.encode(again.encoded())) \(json)"
        } catch {
            return "refused \(error)"
        }
    }
}
