import BrokerModel
import BrokerSessions
import Bytes
import Clocks
import Cryptography
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

/// The trading side on a real link, against a gateway that a test scripts. The gateway lists one real account, and
/// takes registrations and the password; everything else a test answers.
@LoopActor
struct TradingBench {
    static let account: UInt64 = 281_756_478_396_547_854

    let link: LinkBench
    let trading: OpenDTrading
    let seen = SeenEvents()

    /// What was told of.
    @LoopActor
    final class SeenEvents {
        var events: [TradeEvent] = []

        var orders: [BrokerOrder] {
            events.compactMap { if case .order(let order) = $0 { order } else { nil } }
        }
        var fills: [Execution] {
            events.compactMap { if case .execution(let fill) = $0 { fill } else { nil } }
        }
        var readies: Int { events.count { if case .ready = $0 { true } else { false } } }
        var losses: Int { events.count { if case .lost = $0 { true } else { false } } }
    }

    var gateway: ScriptedGateway { link.gateway }

    init(
        _ settings: OpenDTradeSettings = OpenDTradeSettings(password: TradePassword("123456")),
        accounts: [OpenD.TrdCommon.TrdAcc] = [AccountChoiceTests.listed(TradingBench.account, [1, 2, 4])]
    ) throws {
        link = try LinkBench()
        trading = OpenDTrading(settings, calls: link.link)
        trading.onTradeEvent = { [seen] in seen.events.append($0) }
        gateway.answer(OpenD.TrdGetAccList.C2S.self) { _ in
            var reply = OpenD.TrdGetAccList.S2C()
            reply.accList = accounts
            return OpenDReply(payload: reply)
        }
        gateway.answer(OpenD.TrdSubAccPush.C2S.self) { _ in OpenDReply(payload: OpenD.TrdSubAccPush.S2C()) }
        gateway.answer(OpenD.TrdUnlockTrade.C2S.self) { _ in OpenDReply(payload: OpenD.TrdUnlockTrade.S2C()) }
    }

    func begin() async {
        await link.begin()
        #expect(await until { trading.isPushing })
    }

    func end() {
        trading.stop()
        link.end()
    }

    /// Drops the connection and waits for the trading side on the next.
    func reconnect() async {
        let before = seen.readies
        gateway.peers.last?.drop()
        #expect(await until { seen.readies > before })
    }

    /// Answers orders with this number.
    func takeOrders(_ number: String?) {
        gateway.answer(OpenD.TrdPlaceOrder.C2S.self) { _ in
            var reply = OpenD.TrdPlaceOrder.S2C()
            reply.orderIDEx = number
            return OpenDReply(payload: reply)
        }
    }

    func submit(_ symbol: String = "700.HK") async throws -> WriteOutcome {
        let request = try OrderRequestsTests.request(symbol)
        return await trading.submit(request, id: OrderRequestsTests.id, wait: .seconds(1))
    }
}

extension TradePassword {
    init?(_ text: String) { self.init(Secret(text)) }
}

extension WriteOutcome {
    /// `accepted <number>`, `refused`, `not sent` or `unknown`, with the kind of the failure.
    var text: String {
        switch self {
        case .accepted(let number): "accepted \(number)"
        case .refused(let failure): "refused \(failure.kind)"
        case .notSent(let failure): "not sent \(failure.kind)"
        case .unknown(let failure): "unknown \(failure.kind)"
        }
    }

    /// Why it is not accepted.
    var failure: BrokerFailure? {
        switch self {
        case .accepted: nil
        case .refused(let failure), .notSent(let failure), .unknown(let failure): failure
        }
    }
}
