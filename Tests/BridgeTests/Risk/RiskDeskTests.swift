@testable import Bridge
import BrokerModel
import Bytes
import Clocks
import EventLoops
import HTTPWire
import TestSupport
import Testing

@Suite struct RiskDeskTests {
    private let request: OrderRequest

    init() throws {
        LoopRunner.start()
        var request = OrderRequest(
            symbol: try #require(Symbol("700.HK")), side: .buy, type: .limit, quantity: DecimalText(100))
        request.prices[.limit] = DecimalText("400")
        self.request = request
    }

    @LoopActor
    private func desk(account: (inout RiskRules) -> Void = { _ in }, key: (inout RiskRules) -> Void = { _ in })
        -> RiskDesk
    {
        let desk = RiskDesk()
        var rules = RiskRules()
        account(&rules)
        desk.set(rules, of: "main", at: .now())
        var own = RiskRules()
        key(&own)
        let bounds = own
        desk.keyRules = { $0 == "bound" ? bounds : RiskRules() }
        return desk
    }

    @LoopActor
    private func admit(_ desk: RiskDesk, _ id: String, by holder: String = "bound", last: String? = nil) -> Problem? {
        do throws(Problem) {
            _ = try desk.admit(
                OrderIntent(request, OrderFigures(last: last.flatMap { DecimalText($0) })), id: id, account: "main",
                holder: holder)
            return nil
        } catch { return error }
    }

    @Test @LoopActor func ordersOnTheirWayTakeTheRoomOfOpenOnes() {
        let desk = desk { $0.maxOpenOrders = 2 }
        #expect(admit(desk, "1") == nil)
        #expect(admit(desk, "2") == nil)
        #expect(admit(desk, "3")?.code == "risk_limit")
    }

    @Test @LoopActor func aKeysRulesBindThatKeyOnly() {
        let desk = desk(key: { $0.ordersPerDay = 1 })
        #expect(admit(desk, "1") == nil)
        #expect(admit(desk, "2")?.status == 422)
        #expect(admit(desk, "3", by: "other") == nil)
    }

    @Test @LoopActor func aRefusalSaysWhatEveryRuleSaid() {
        let desk = desk(account: { $0.maxOrderValue = DecimalText("1") }, key: { $0.ordersPerDay = 5 })
        let refusal = admit(desk, "1")
        #expect(refusal?.detail?.contains("max_order_value of the account is 1, and this makes 40000") == true)
        #expect(refusal?.extra.first?.value.arrayValue?.count == 2)
    }

    @Test @LoopActor func whatCountedInTheStateCountsAfterAStart() {
        let desk = desk { $0.ordersPerMinute = 1 }
        var contents = RiskStore.Contents()
        contents.rules = desk.rules
        contents.entries = [
            RiskEntry(
                id: "1", account: "main", holder: "bound", market: .hongKong, isOrder: true,
                value: DecimalText("40000"), at: .now())
        ]
        let next = RiskDesk()
        next.load(contents)
        #expect(admit(next, "2")?.code == "risk_limit")
        #expect(next.use(ofAccount: "main", at: .now()).ordersInMinute == 1)
    }

    @Test @LoopActor func rulesThatCannotBeReadHaltTheAccount() {
        let desk = RiskDesk()
        var contents = RiskStore.Contents()
        contents.unreadable = ["main"]
        desk.load(contents)
        #expect(admit(desk, "1")?.code == "trading_halted")
    }

    @Test @LoopActor func aHaltOfAllHaltsEveryAccountAndOneOfAnAccountOnlyThat() {
        let desk = desk()
        desk.set(KillSwitch(reason: nil, setBy: "me", since: .now()), place: "other")
        #expect(admit(desk, "1") == nil)
        desk.set(KillSwitch(reason: nil, setBy: "me", since: .now()), place: KillSwitch.whole)
        #expect(admit(desk, "2")?.status == 423)
        desk.set(nil, place: KillSwitch.whole)
        #expect(admit(desk, "3") == nil)
    }

    @Test @LoopActor func theLastPriceIsAskedForOnlyWhereARuleNeedsIt() {
        let limited = OrderIntent(request, OrderFigures(last: nil))
        var market = limited
        market.isLimited = false
        market.price = nil
        let collared = desk { $0.priceCollarPercent = DecimalText("5") }
        #expect(collared.needsLastPrice(limited, account: "main", holder: "x"))
        #expect(!collared.needsLastPrice(market, account: "main", holder: "x"))
        let valued = desk { $0.maxOrderValue = DecimalText("5") }
        #expect(!valued.needsLastPrice(limited, account: "main", holder: "x"))
        #expect(valued.needsLastPrice(market, account: "main", holder: "x"))
    }
}
