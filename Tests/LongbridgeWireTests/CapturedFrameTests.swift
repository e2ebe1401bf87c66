import Bytes
import Foundation
import LongbridgeWire
import Protobuf
import Testing

/// Packets really exchanged between the vendor's client and a stand-in server.
private struct Capture {
    var name: String
    var socket: String
    var fromClient: Bool
    var bytes: [UInt8]
    var message: String?
    var body: [UInt8]
    var decoded: JSONValue?
    var header: JSONValue

    static func all() throws -> [Capture] {
        let url = try #require(Bundle.module.url(forResource: "Captures/longbridge-frames", withExtension: "json"))
        let file = try JSONValue.parse(Array(Data(contentsOf: url)), limits: JSONLimits(values: 1_000_000))
        return try #require(file["frames"]?.arrayValue).compactMap { frame in
            // Ping and pong are control frames of the WebSocket, not packets.
            guard frame["webSocketOpcode"] == nil else { return nil }
            return Capture(
                name: frame["name"]?.stringValue ?? "", socket: frame["socket"]?.stringValue ?? "",
                fromClient: frame["direction"]?.stringValue?.hasPrefix("client") == true,
                bytes: try #require(frame["hex"]?.stringValue.flatMap { Hex.decode($0) }),
                message: frame["message"]?.stringValue,
                body: try #require(
                    (frame["bodyHex"]?.stringValue ?? "").isEmpty ? [] : Hex.decode(frame["bodyHex"]?.stringValue ?? "")
                ),
                decoded: frame["decoded"], header: try #require(frame["header"]))
        }
    }
}

private func messageType(_ name: String, socket: String) -> (any Message.Type)? {
    let control: [any Message.Type] = [
        Longbridge.Control.Error.self, Longbridge.Control.Close.self, Longbridge.Control.Heartbeat.self,
        Longbridge.Control.AuthRequest.self, Longbridge.Control.AuthResponse.self,
        Longbridge.Control.ReconnectRequest.self, Longbridge.Control.ReconnectResponse.self,
    ]
    typealias Quote = Longbridge.Quote
    let quote: [any Message.Type] = [
        Quote.UserQuoteProfileRequest.self, Quote.UserQuoteProfileResponse.self, Quote.SubscribeRequest.self,
        Quote.SubscriptionResponse.self, Quote.UnsubscribeRequest.self, Quote.UnsubscribeResponse.self,
        Quote.MarketTradePeriodResponse.self, Quote.MarketTradeDayRequest.self, Quote.MarketTradeDayResponse.self,
        Quote.MultiSecurityRequest.self, Quote.SecurityStaticInfoResponse.self, Quote.SecurityQuoteResponse.self,
        Quote.OptionQuoteResponse.self, Quote.WarrantQuoteResponse.self, Quote.SecurityRequest.self,
        Quote.SecurityDepthResponse.self, Quote.SecurityBrokersResponse.self, Quote.ParticipantBrokerIdsResponse.self,
        Quote.SecurityTradeRequest.self, Quote.SecurityTradeResponse.self, Quote.SecurityIntradayRequest.self,
        Quote.SecurityIntradayResponse.self, Quote.SecurityCandlestickRequest.self,
        Quote.SecurityCandlestickResponse.self, Quote.SecurityHistoryCandlestickRequest.self,
        Quote.OptionChainDateListResponse.self, Quote.IssuerInfoResponse.self, Quote.WarrantFilterListRequest.self,
        Quote.WarrantFilterListResponse.self, Quote.CapitalFlowIntradayRequest.self,
        Quote.CapitalFlowIntradayResponse.self, Quote.CapitalDistributionResponse.self,
        Quote.SecurityCalcQuoteRequest.self, Quote.SecurityCalcQuoteResponse.self, Quote.PushQuote.self,
        Quote.PushDepth.self, Quote.PushBrokers.self, Quote.PushTrade.self,
    ]
    typealias Trade = Longbridge.Trade
    let trade: [any Message.Type] = [
        Trade.Sub.self, Trade.SubResponse.self, Trade.Unsub.self, Trade.UnsubResponse.self, Trade.Notification.self,
    ]
    return (control + quote + trade).first { $0.messageName.hasSuffix("." + name) }
}

/// Objects compared without regard to the order of members: a map's entries come in any order.
private func canonical(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
        var sorted = JSONObject()
        for (name, member) in object.members.sorted(by: { $0.name < $1.name }) {
            _ = sorted.add(name, canonical(member))
        }
        return .object(sorted)
    case .array(let elements): return .array(elements.map(canonical))
    case .null, .bool, .number, .string: return value
    }
}

@Suite struct CapturedFrameTests {
    @Test func headersAreReadAsTheCaptureSays() throws {
        let captures = try Capture.all()
        #expect(captures.count > 100)
        for capture in captures {
            let packet = try LongbridgePacket.decode(capture.bytes)
            #expect(Int64(packet.command) == capture.header["command"]?.intValue, "\(capture.name)")
            #expect(packet.body == capture.body, "\(capture.name)")
            switch packet.kind {
            case .request(let id, let timeout):
                #expect(capture.header["type"]?.stringValue == "request")
                #expect(capture.header["requestId"]?.intValue == Int64(id))
                #expect(capture.header["timeoutMilliseconds"]?.intValue == Int64(timeout))
            case .response(let id, _):
                #expect(capture.header["type"]?.stringValue == "response")
                #expect(capture.header["requestId"]?.intValue == Int64(id))
            case .push:
                #expect(capture.header["type"]?.stringValue == "push")
            }
        }
    }

    @Test func plainPacketsAreWrittenAgainByteForByte() throws {
        for capture in try Capture.all()
        where capture.header["gzip"]?.boolValue != true && capture.header["verify"]?.boolValue != true {
            #expect(try LongbridgePacket.decode(capture.bytes).encoded() == capture.bytes, "\(capture.name)")
        }
    }

    @Test func bodiesAreTheMessagesTheCaptureSaysAndAreWrittenAgain() throws {
        var judged = 0
        for capture in try Capture.all() {
            guard let name = capture.message, let decoded = capture.decoded else { continue }
            let type = try #require(messageType(name, socket: capture.socket), "\(name)")
            let message = try type.decode(capture.body)
            #expect(
                canonical(try JSONValue.parse(Array(message.jsonText().utf8))) == canonical(decoded), "\(capture.name)")
            if !capture.bytes.isEmpty, decoded["metadata"] == nil, decoded["quote_level_detail"] == nil {
                #expect(message.encoded() == capture.body, "\(capture.name)")
            } else {
                #expect(message.encoded().sorted() == capture.body.sorted(), "\(capture.name)")
            }
            judged += 1
        }
        #expect(judged > 90)
    }

    @Test func everyCutOfAPacketIsATypedError() throws {
        for capture in try Capture.all().prefix(40) {
            for length in 0..<capture.bytes.count {
                #expect(throws: PacketError.self) { try LongbridgePacket.decode(Array(capture.bytes[..<length])) }
            }
        }
    }

    @Test func everyFlippedBitIsAPacketOrATypedError() throws {
        for capture in try Capture.all().prefix(30) {
            for index in capture.bytes.indices {
                var changed = capture.bytes
                changed[index] ^= 1 << UInt8(index % 8)
                if let packet = try? LongbridgePacket.decode(changed) {
                    _ = try? Longbridge.Quote.SecurityQuoteResponse.decode(packet.body)
                }
            }
        }
    }

    @Test func inflationStopsAtTheLimit() throws {
        let bomb = LongbridgePacket(.push, command: 101, body: [UInt8](repeating: 0, count: 4 << 20))
        let bytes = try bomb.encoded(compressing: true)
        #expect(bytes.count < 10_000)
        #expect(try LongbridgePacket.decode(bytes) == bomb)
        #expect(throws: PacketError.tooLarge) { try LongbridgePacket.decode(bytes, inflatedLimit: (4 << 20) - 1) }
        #expect(throws: PacketError.tooLarge) {
            try LongbridgePacket(.push, command: 1, body: [UInt8](repeating: 0, count: 1 << 24)).encoded()
        }
    }

    @Test func failuresWithoutAReadableBodyHaveNoCode() {
        #expect(ResponseFailure(status: 7, body: [0x08, 0xA0, 0xB4, 0x12]).code == 301_600)
        #expect(ResponseFailure(status: 7, body: []).code == 0)
        #expect(ResponseFailure(status: 7, body: [0xFF]).code == 0)
    }
}
