@testable import Bridge
import BrokerModel
import Bytes
import Clocks
import Testing

@Suite struct RiskGateTests {
    private let noon: WallTime
    private let symbol: Symbol
    private let apple: Symbol

    init() throws {
        noon = try #require(WallTime(rfc3339: "2026-03-02T04:00:00Z"))  // 12:00 in Hong Kong
        symbol = try #require(Symbol("700.HK"))
        apple = try #require(Symbol("AAPL.US"))
    }

    private func intent(_ quantity: String = "100", price: String? = "400", last: String? = "400") -> OrderIntent {
        var intent = OrderIntent(
            symbol: symbol, side: .buy, type: .limit, quantity: DecimalText(quantity) ?? .zero,
            price: price.flatMap { DecimalText($0) })
        intent.last = last.flatMap { DecimalText($0) }
        return intent
    }

    private func entry(_ id: String, _ value: String = "40000") -> RiskEntry {
        RiskEntry(
            id: id, account: "a", holder: "k", market: .hongKong, isOrder: true, value: DecimalText(value), at: noon)
    }

    private func failed(
        _ intent: OrderIntent, _ history: RiskHistory = RiskHistory(), open: Int = 0, at time: WallTime? = nil,
        _ set: (inout RiskRules) -> Void
    ) -> [String] {
        var rules = RiskRules()
        set(&rules)
        return RiskGate(owner: .account, rules: rules).check(intent, history, openOrders: open, at: time ?? noon)
            .filter { !$0.isPassed }.map(\.rule)
    }

    @Test func anOptionIsWorthItsHundredShares() throws {
        let option = try #require(Symbol("AAPL261218C00230000.US"))
        func bought(_ quantity: String, _ type: OrderType, at price: String?) -> OrderIntent {
            var intent = OrderIntent(
                symbol: option, side: .buy, type: type, quantity: DecimalText(quantity) ?? .zero,
                price: price.flatMap { DecimalText($0) })
            intent.last = DecimalText("5.40")
            return intent
        }
        #expect(bought("2", .limit, at: "5.20").value == DecimalText("1040"))
        #expect(bought("2", .market, at: nil).value == DecimalText("1080"))
        #expect(
            failed(bought("2", .limit, at: "5.20")) { $0.maxOrderValue = DecimalText("1039") } == ["max_order_value"])
        #expect(failed(bought("2", .limit, at: "5.20")) { $0.maxOrderQuantity = DecimalText("2") } == [])
    }

    @Test func eachBoundIsJudgedAtUnderAndOverIt() {
        #expect(failed(intent("100")) { $0.maxOrderQuantity = DecimalText("100") } == [])
        #expect(failed(intent("100.1")) { $0.maxOrderQuantity = DecimalText("100") } == ["max_order_quantity"])
        #expect(failed(intent()) { $0.maxOrderValue = DecimalText("40000") } == [])
        #expect(failed(intent()) { $0.maxOrderValue = DecimalText("39999.99") } == ["max_order_value"])
        #expect(failed(intent(price: "404")) { $0.priceCollarPercent = DecimalText("1") } == [])
        #expect(failed(intent(price: "404.1")) { $0.priceCollarPercent = DecimalText("1") } == ["price_collar_percent"])
        #expect(failed(intent(price: "395.9")) { $0.priceCollarPercent = DecimalText("1") } == ["price_collar_percent"])
        #expect(failed(intent(), open: 4) { $0.maxOpenOrders = 5 } == [])
        #expect(failed(intent(), open: 5) { $0.maxOpenOrders = 5 } == ["max_open_orders"])
    }

    @Test func whatCannotBeJudgedDoesNotPass() {
        #expect(failed(intent(last: nil)) { $0.priceCollarPercent = DecimalText("1") } == ["price_collar_percent"])
        #expect(failed(intent(price: nil, last: nil)) { $0.maxOrderValue = DecimalText("1") } == ["max_order_value"])
        #expect(failed(intent(price: nil)) { $0.maxOrderValue = DecimalText("40000") } == [])
    }

    @Test func listsNameWhatIsAllowed() {
        #expect(failed(intent()) { $0.symbols = [apple] } == ["symbols"])
        #expect(failed(intent()) { $0.markets = [.unitedStates] } == ["markets"])
        #expect(failed(intent()) { $0.sides = [.sell] } == ["sides"])
        #expect(failed(intent()) { $0.orderTypes = [.market] } == ["order_types"])
        #expect(failed(intent()) { $0.tradingHours = TradingHours("09:30-12:00") } == ["trading_hours"])
        #expect(failed(intent()) { $0.tradingHours = TradingHours("09:30-12:01") } == [])
        #expect(failed(intent()) { $0.tradingHours = TradingHours("22:00-12:01") } == [])
    }

    @Test func ordersCountInTheirMinuteAndOnTheirMarketsDay() {
        var history = RiskHistory()
        for number in 0..<3 { history.submitted(entry("\(number)")) }
        #expect(failed(intent(), history) { $0.ordersPerMinute = 3 } == ["orders_per_minute"])
        #expect(failed(intent(), history) { $0.ordersPerMinute = 4 } == [])
        #expect(failed(intent(), history, at: noon + .seconds(60)) { $0.ordersPerMinute = 1 } == [])
        #expect(failed(intent(), history) { $0.ordersPerDay = 3 } == ["orders_per_day"])
        #expect(failed(intent(), history) { $0.maxNotionalPerDay = DecimalText("160000") } == [])
        #expect(failed(intent(), history) { $0.maxNotionalPerDay = DecimalText("159999") } == ["max_notional_per_day"])
        // Midnight in Hong Kong.
        let tomorrow = noon + .seconds(12 * 3600)
        #expect(failed(intent(), history, at: tomorrow) { $0.ordersPerDay = 1 } == [])
        #expect(failed(intent(), history, at: tomorrow + .seconds(-1)) { $0.ordersPerDay = 3 } == ["orders_per_day"])
    }

    @Test func anOrderThatWasNotTakenGivesItsValueBackButNotItsAttempt() {
        var history = RiskHistory()
        history.submitted(entry("a"))
        history.released(entry("a"))
        #expect(failed(intent(), history) { $0.maxNotionalPerDay = DecimalText("40000") } == [])
        #expect(failed(intent(), history) { $0.ordersPerMinute = 1 } == ["orders_per_minute"])
    }

    @Test func whatBecameNothingCountsForNothing() {
        var history = RiskHistory()
        history.submitted(entry("a"))
        history.undone(entry("a"))
        #expect(failed(intent(), history) { $0.maxNotionalPerDay = DecimalText("40000") } == [])
        #expect(failed(intent(), history) { $0.ordersPerMinute = 1 } == [])
        #expect(failed(intent(), history) { $0.ordersPerDay = 1 } == [])
    }

    @Test func whatMayBeDoneBeyondItsPriceIsValuedAtTheLastPriceAtLeast() {
        var sell = intent("100", price: "1", last: "400")
        sell.side = .sell
        #expect(sell.value == DecimalText("40000"))
        sell.last = DecimalText("0.5")
        #expect(sell.value == DecimalText("100"))
        sell.last = nil
        #expect(sell.value == nil)
        var stop = intent("100", price: "500", last: "400")
        stop.isLimited = false
        #expect(stop.value == DecimalText("50000"))
    }

    @Test func onlyFewerSharesPassUnjudged() throws {
        var request = OrderRequest(
            symbol: symbol, side: .sell, type: .trailingStopPercent, quantity: try #require(DecimalText("100")))
        request.prices[.trailingPercent] = DecimalText("5")
        func judged(_ change: OrderChange) -> [String] {
            failed(OrderIntent(request, changed: change, OrderFigures(last: DecimalText("400")))) {
                $0.symbols = [apple]
            }
        }
        #expect(judged(OrderChange(quantity: DecimalText("50"))) == [])
        #expect(judged(OrderChange(quantity: DecimalText("100"))) == [])
        #expect(
            judged(
                OrderChange(quantity: DecimalText("50"), prices: [.trailingPercent: try #require(DecimalText("5.0"))]))
                == [])
        #expect(judged(OrderChange(prices: [.trailingPercent: try #require(DecimalText("1"))])) == ["symbols"])
        #expect(judged(OrderChange(quantity: DecimalText("101"))) == ["symbols"])
        var change = OrderChange()
        change.delay = .lifted
        #expect(judged(change) == [])
        request.conditions.delayedUntil = noon
        #expect(judged(change) == ["symbols"])
    }

    @Test func aContractIsWorthAllThatItIsOf() throws {
        var option = intent("10", price: "5", last: "6")
        option.contractSize = DecimalText(100)
        #expect(option.value == DecimalText("5000"))
        #expect(failed(option) { $0.maxOrderValue = DecimalText("5000") } == [])
        #expect(failed(option) { $0.maxOrderValue = DecimalText("4999") } == ["max_order_value"])
        #expect(failed(option) { $0.maxNotionalPerDay = DecimalText("4999") } == ["max_notional_per_day"])
        option.side = .sell
        #expect(option.value == DecimalText("6000"))
        option.contractSize = nil
        #expect(failed(option) { $0.maxOrderValue = DecimalText("1000000") } == ["max_order_value"])
        #expect(failed(option) { $0.maxOrderQuantity = DecimalText("10") } == [])
        let figures = OrderFigures(last: DecimalText("400"), contractSize: DecimalText(2))
        #expect(OrderIntent(try bracket([.takeProfit: ("420", nil)]), figures).largestValue == DecimalText("84000"))
    }

    @Test func optionsAreToldByTheirCodes() {
        for code in ["AAPL260117C00150000", "AAPL261127P140000", "TCH260330C500000", "BRK.B270115C00400000"] {
            #expect(OptionCode(code) != nil, "\(code)")
        }
        for code in [
            "700", "AAPL", "BRK.B", "D05", "HSI2611", "HSIMAIN", "600519", "C0001", "260117C00150000X", "P1234",
        ] {
            #expect(OptionCode(code) == nil, "\(code)")
        }
    }

    private func bracket(_ prices: [AttachedOrders.Purpose: (trigger: String, limit: String?)]) throws -> OrderRequest {
        var request = OrderRequest(symbol: symbol, side: .buy, type: .limit, quantity: try #require(DecimalText("100")))
        request.prices[.limit] = DecimalText("400")
        var exits: [AttachedOrders.Purpose: AttachedOrders.Exit] = [:]
        for (purpose, price) in prices {
            exits[purpose] = .init(
                trigger: try #require(DecimalText(price.trigger)), limit: price.limit.flatMap { DecimalText($0) })
        }
        request.attached = AttachedOrders(exits)
        return request
    }

    @Test func attachedOrdersAreJudgedAsIfPlacedByThemselves() throws {
        let last = DecimalText("400")
        let both = OrderIntent(
            try bracket([.takeProfit: ("420", nil), .stopLoss: ("384", "380")]), OrderFigures(last: last))
        #expect(failed(both) { $0.priceCollarPercent = DecimalText("5") } == [])
        #expect(failed(both) { $0.priceCollarPercent = DecimalText("4.99") } == ["price_collar_percent"])
        #expect(failed(both) { $0.maxOrderValue = DecimalText("42000") } == [])
        #expect(failed(both) { $0.maxOrderValue = DecimalText("41999") } == ["max_order_value"])
        // The limit counts where there is one, and either of the two.
        let low = OrderIntent(
            try bracket([.takeProfit: ("404", nil), .stopLoss: ("396", "300")]), OrderFigures(last: last))
        #expect(failed(low) { $0.priceCollarPercent = DecimalText("24.9") } == ["price_collar_percent"])
        #expect(failed(low) { $0.priceCollarPercent = DecimalText("25") } == [])
        // The order's own bounds are its own: the buy alone costs what it did.
        #expect(both.value == DecimalText("40000") && both.addedValue == DecimalText("40000"))
        #expect(failed(both) { $0.maxNotionalPerDay = DecimalText("40000") } == [])
        #expect(failed(both, open: 0) { $0.maxOpenOrders = 1 } == [])
    }

    @Test func anAttachedOrderThatCannotBeJudgedDoesNotPass() throws {
        let unknown = OrderIntent(try bracket([.stopLoss: ("384", nil)]), OrderFigures(last: nil))
        #expect(failed(unknown) { $0.maxOrderValue = DecimalText("1000000") } == ["max_order_value"])
        #expect(failed(unknown) { $0.priceCollarPercent = DecimalText("90") } == ["price_collar_percent"])
        #expect(!unknown.isValuedByLast && unknown.isAnythingValuedByLast)
    }

    @Test func anAmendmentOfAttachedOrdersIsJudgedByThem() throws {
        let request = try bracket([.stopLoss: ("200", nil)])
        let far = AttachedOrders([.stopLoss: .init(trigger: try #require(DecimalText("100")))])
        var change = OrderChange()
        func judged(_ rule: String = "50") -> [String] {
            failed(OrderIntent(request, changed: change, OrderFigures(last: DecimalText("400")))) {
                $0.priceCollarPercent = DecimalText(rule)
            }
        }
        change.attached = .replace(far)
        #expect(judged() == ["price_collar_percent"])
        change.attached = .withdraw
        #expect(judged("1") == [])
        // Untouched ones were judged before; with more shares they are larger.
        change = OrderChange(quantity: DecimalText("50"))
        #expect(judged("1") == [])
        change = OrderChange(quantity: DecimalText("200"))
        #expect(judged("1") == ["price_collar_percent"])
        #expect(judged() == [])
    }

    private func amendment(_ quantity: String, _ price: String, from before: (String, String)) -> OrderIntent {
        var change = intent(quantity, price: price)
        change.before = .init(quantity: DecimalText(before.0) ?? .zero, price: DecimalText(before.1))
        return change
    }

    @Test func anAmendmentIsNoFurtherOrder() {
        let change = amendment("200", "400", from: ("100", "400"))
        #expect(failed(change, open: 9) { $0.maxOpenOrders = 1 } == [])
        #expect(failed(change) { $0.ordersPerMinute = 0 } == [])
        #expect(failed(change) { $0.maxOrderValue = DecimalText("1") } == ["max_order_value"])
    }

    @Test func anAmendmentIsJudgedByWhatItRaises() {
        var history = RiskHistory()
        history.submitted(entry("a"))
        let more = amendment("200", "400", from: ("100", "400"))
        #expect(more.addedValue == DecimalText("40000"))
        #expect(failed(more, history) { $0.maxNotionalPerDay = DecimalText("80000") } == [])
        #expect(failed(more, history) { $0.maxNotionalPerDay = DecimalText("79999") } == ["max_notional_per_day"])
        #expect(failed(more) { $0.maxOrderQuantity = DecimalText("199") } == ["max_order_quantity"])
        // Fewer shares pass under any rules; a lower price passes those of value, and not the collar.
        let fewer = amendment("50", "400", from: ("100", "400"))
        #expect(
            failed(fewer) {
                $0.maxOrderQuantity = DecimalText("1"); $0.sides = [.sell]
            } == [])
        let lower = amendment("100", "300", from: ("100", "400"))
        #expect(failed(lower) { $0.maxOrderValue = DecimalText("1") } == [])
        #expect(failed(lower) { $0.priceCollarPercent = DecimalText("5") } == ["price_collar_percent"])
    }

    @Test func rulesSurviveBeingWrittenAndRead() {
        var rules = RiskRules()
        #expect(RiskRules.read(rules.text) == rules)
        rules.maxOrderValue = DecimalText("1000.50")
        rules.ordersPerMinute = 10
        rules.symbols = [symbol]
        rules.sides = [.buy, .sell]
        rules.tradingHours = TradingHours("21:30-04:00")
        #expect(RiskRules.read(rules.text) == rules)
        #expect(RiskRules.read("{\"max_order_valeu\":1}") == nil)
        #expect(RiskRules.read("{\"orders_per_day\":-1}") == nil)
    }

    @Test(arguments: [
        "9:30-16:00", "09:30", "24:00-01:00", "09:60-10:00", "09:30-09:30", "09:30-16:00-", "aa:bb-cc:dd",
    ])
    func hoursOfAnotherFormAreRefused(_ text: String) {
        #expect(TradingHours(text) == nil)
    }
}
