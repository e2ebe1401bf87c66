import BrokerModel
import Testing

@testable import OpenDBroker

@Suite struct OrderCodesTests {
    @Test(arguments: [
        (OrderType.limit, Int32(1), Int32?.none), (.market, 2, nil), (.atAuction, 6, nil), (.atAuctionLimit, 7, nil),
        (.specialLimit, 8, nil), (.stop, 10, nil), (.stopLimit, 11, nil), (.marketIfTouched, 12, nil),
        (.limitIfTouched, 13, nil), (.trailingStopPercent, 14, 1), (.trailingStopAmount, 14, 2),
        (.trailingStopLimitPercent, 15, 1), (.trailingStopLimitAmount, 15, 2),
    ])
    func aTypeKeepsItsNumber(type: OrderType, code: Int32, trail: Int32?) throws {
        let wire = try #require(OrderCodes.type(type))
        #expect(wire.type == code)
        #expect(wire.trail == trail)
        #expect(OrderCodes.type(code, trail: trail) == type)
    }

    @Test func anEnhancedLimitIsTheBrokersLimit() throws {
        #expect(try #require(OrderCodes.type(.enhancedLimit)).type == 1)
        #expect(OrderCodes.isOffered(.enhancedLimit, in: .hongKong))
        #expect(!OrderCodes.isOffered(.enhancedLimit, in: .unitedStates))
    }

    @Test(arguments: [Int32(0), 3, 5, 9, 16, 17, 18, 19, 99]) func typesWithoutAWordHaveNone(code: Int32) {
        #expect(OrderCodes.type(code, trail: nil) == nil)
    }

    @Test func aTrailWithoutAKindIsNoType() {
        #expect(OrderCodes.type(14, trail: nil) == nil)
        #expect(OrderCodes.type(15, trail: 7) == nil)
    }

    @Test func oddLotsAreNotOffered() {
        #expect(OrderCodes.type(.oddLot) == nil)
        #expect(!OrderCodes.isOffered(.oddLot, in: .hongKong))
    }

    @Test func theMainlandTakesLimitOrdersOnly() {
        let offered = OrderType.allCases.filter { OrderCodes.isOffered($0, in: .shanghai) }
        #expect(offered == [.limit])
    }

    @Test func sidesAreSentAsTwoAndReadAsFour() {
        #expect(OrderSide.allCases.map { OrderCodes.side($0) } == [1, 2, 2, 1])
        #expect([Int32(1), 2, 3, 4].map { OrderCodes.side($0) } == [.buy, .sell, .sellShort, .buyToCover])
        #expect(OrderCodes.side(Int32(0)) == nil)
    }

    @Test func timesInForceKeepTheirNumbers() {
        #expect(TimeInForce.allCases.map { OrderCodes.timeInForce($0) } == [0, 1, 3])
        for value in TimeInForce.allCases {
            #expect(OrderCodes.timeInForce(Int32?.some(OrderCodes.timeInForce(value))) == value)
        }
        #expect(OrderCodes.timeInForce(2) == nil)
        #expect(OrderCodes.timeInForce(Int32?.none) == nil)
    }

    @Test(arguments: OutsideRegularHours.allCases.filter { $0 != .optionPreMarket }) func hoursKeepTheirNumbers(
        hours: OutsideRegularHours
    ) {
        let wire = OrderCodes.hours(hours)
        #expect(OrderCodes.hours(session: wire.session, fillsOutside: wire.fillsOutside) == hours)
    }

    @Test func hoursOfOlderGatewaysAreTheFlag() {
        #expect(OrderCodes.hours(session: nil, fillsOutside: true) == .extended)
        #expect(OrderCodes.hours(session: 0, fillsOutside: false) == nil)
        #expect(OrderCodes.hours(session: 3, fillsOutside: true) == nil)
    }

    @Test(arguments: [
        (Int32(0), OrderStatus.open, "Unsubmitted"), (1, .open, "WaitingSubmit"), (2, .open, "Submitting"),
        (3, .rejected, "SubmitFailed"), (4, .unknown, "TimeOut"), (5, .open, "Submitted"),
        (10, .partiallyFilled, "Filled_Part"), (11, .filled, "Filled_All"), (12, .pendingCancel, "Cancelling_Part"),
        (13, .pendingCancel, "Cancelling_All"), (14, .cancelled, "Cancelled_Part"), (15, .cancelled, "Cancelled_All"),
        (21, .rejected, "Failed"), (22, .open, "Disabled"), (23, .cancelled, "Deleted"),
        (24, .cancelled, "FillCancelled"),
    ])
    func everyStatusHasAMeaningAndAWord(code: Int32, status: OrderStatus, word: String) {
        #expect(OrderCodes.status(code) == status)
        #expect(OrderCodes.statusName(code) == word)
    }

    @Test func anUnknownStatusMeansNothing() {
        #expect(OrderCodes.status(-1) == nil)
        #expect(OrderCodes.status(77) == nil)
        #expect(OrderCodes.statusName(-1) == "Unknown")
        #expect(OrderCodes.statusName(77) == "77")
    }

    @Test(arguments: [
        (Int32(1), "HKD"), (2, "USD"), (3, "CNH"), (4, "JPY"), (5, "SGD"), (6, "AUD"), (7, "CAD"), (8, "MYR"),
        (9, "NZD"),
    ])
    func currenciesKeepTheirNumbers(code: Int32, text: String) {
        #expect(CurrencyCodes.text(code) == text)
        #expect(CurrencyCodes.code(text) == code)
    }

    @Test func currenciesThatAreNoneHaveNoName() {
        #expect(CurrencyCodes.text(0) == nil)
        #expect(CurrencyCodes.text(nil) == nil)
        #expect(CurrencyCodes.code("EUR") == nil)
    }

    @Test func ordersGoWhereTheAccountTrades() {
        #expect(TradeMarkets.market(for: .hongKong, isPaper: false, among: [1, 2, 4]) == 1)
        #expect(TradeMarkets.market(for: .shenzhen, isPaper: false, among: [1, 2, 4]) == 4)
        #expect(TradeMarkets.market(for: .shanghai, isPaper: true, among: [3]) == 3)
        #expect(TradeMarkets.market(for: .unitedStates, isPaper: true, among: [1]) == nil)
        #expect(TradeMarkets.market(for: .hongKong, isPaper: false, among: [5]) == 5)
        #expect(TradeMarkets.market(for: .singapore, isPaper: true, among: [12]) == 12)
        #expect(
            TradeMarkets.markets(isPaper: false, [1, 2, 4, 113]) == [.hongKong, .unitedStates, .shanghai, .shenzhen])
    }

    @Test func aSecurityWithoutAMarketIsOfTheOrdersMarket() {
        #expect(TradeMarkets.market(of: 2, code: "AAPL") == .unitedStates)
        #expect(TradeMarkets.market(of: 4, code: "600519") == .shanghai)
        #expect(TradeMarkets.market(of: 3, code: "000001") == .shenzhen)
        #expect(TradeMarkets.market(of: 5, code: "CNmain") == nil)
        #expect(TradeMarkets.market(of: 15, code: "7203") == nil)
    }
}
