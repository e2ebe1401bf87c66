import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct HoldingMappingTests {
    private static func funds() -> OpenD.TrdCommon.Funds {
        var funds = OpenD.TrdCommon.Funds()
        funds.power = 10_000.5
        funds.totalAssets = 20_000
        funds.cash = 5_000
        funds.frozenCash = 1_000
        funds.avlWithdrawalCash = 3_000
        return funds
    }

    @Test func anAccountOfOneCurrencyHasOneRow() throws {
        var funds = Self.funds()
        funds.currency = 2
        let balance = AccountBalance(funds, currency: "HKD")
        #expect(balance.currency == "USD")
        #expect(balance.buyingPower?.text == "10000.5")
        #expect(balance.netAssets?.text == "20000")
        #expect(balance.marginCall == nil)
        let cash = try #require(balance.cash.first)
        #expect(cash.currency == "USD")
        #expect(cash.cash?.text == "5000")
        #expect(cash.available?.text == "4000")
        #expect(cash.frozen?.text == "1000")
        #expect(cash.withdrawable?.text == "3000")
    }

    @Test func currenciesAreListed() throws {
        var funds = Self.funds()
        var dollars = OpenD.TrdCommon.AccCashInfo()
        dollars.currency = 2
        dollars.cash = 10
        dollars.availableBalance = 7
        dollars.netCashPower = 8
        var nonsense = OpenD.TrdCommon.AccCashInfo()
        nonsense.currency = 77
        funds.cashInfoList = [dollars, nonsense]
        let balance = AccountBalance(funds, currency: "HKD")
        #expect(balance.currency == "HKD")
        #expect(balance.cash.count == 1)
        #expect(balance.cash.first?.available?.text == "8")
        #expect(balance.cash.first?.withdrawable?.text == "7")
        #expect(balance.cash.first?.frozen == nil)
    }

    @Test(arguments: [
        (Int32?.none, String?.none), (-1, nil), (0, "safe"), (1, "warning"), (2, "danger"), (3, "safe"), (4, "danger"),
    ])
    func risksHaveOurWords(code: Int32?, word: String?) {
        var funds = Self.funds()
        funds.riskLevel = code
        #expect(AccountBalance(funds, currency: "HKD").riskLevel == word)
    }

    private static func held(_ change: (inout OpenD.TrdCommon.Position) -> Void = { _ in }) -> OpenD.TrdCommon.Position
    {
        var held = OpenD.TrdCommon.Position()
        held.code = "00700"
        held.name = "Tencent"
        held.qty = 200
        held.canSellQty = 100
        held.price = 600
        held.val = 120_000
        held.plVal = 123.45
        held.secMarket = 1
        held.currency = 1
        held.averageCostPrice = 599.38275
        change(&held)
        return held
    }

    @Test func aHoldingIsReadWhole() throws {
        let position = try #require(Position(Self.held(), header: OpenD.TrdCommon.TrdHeader()))
        #expect(position.symbol == Symbol("700.HK"))
        #expect(position.quantity.text == "200")
        #expect(position.available?.text == "100")
        #expect(position.costPrice?.text == "599.38275")
        #expect(position.marketValue?.text == "120000")
        #expect(position.unrealizedPnL?.text == "123.45")
        #expect(position.currency == "HKD")
    }

    @Test(arguments: [200.0, -200.0]) func whatIsSoldShortIsBelowZero(quantity: Double) throws {
        let held = Self.held {
            $0.positionSide = 1
            $0.qty = quantity
        }
        #expect(try #require(Position(held, header: OpenD.TrdCommon.TrdHeader())).quantity.text == "-200")
    }

    @Test func fundsAreNoPositions() throws {
        let held = Self.held {
            $0.code = "HK0000369188"
            $0.trdMarket = 113
            $0.secMarket = nil
        }
        #expect(Position(held, header: OpenD.TrdCommon.TrdHeader()) == nil)
        let fund = try #require(FundPosition(held))
        #expect(fund.symbol == "HK0000369188")
        #expect(fund.units?.text == "200")
        #expect(FundPosition(Self.held()) == nil)
    }

    @Test func futuresHaveNoValue() throws {
        let held = Self.held {
            $0.code = "HSImain"
            $0.trdMarket = 5
            $0.val = 0
        }
        #expect(try #require(Position(held, header: OpenD.TrdCommon.TrdHeader())).marketValue == nil)
    }

    @Test(arguments: [(Int32(1), 100.0, "in", "100"), (2, 100, "out", "-100"), (2, -100, "out", "-100")])
    func aFlowIsSigned(direction: Int32, amount: Double, word: String, text: String) {
        var flow = OpenD.TrdFlowSummary.FlowSummaryInfo()
        flow.cashFlowType = "Others"
        flow.cashFlowDirection = direction
        flow.cashFlowAmount = amount
        flow.currency = 2
        flow.clearingDate = "2026-03-03"
        flow.createTime = "2026-03-03 10:00:00"
        let entry = CashFlowEntry(flow, zone: .hongKong)
        #expect(entry.direction == word)
        #expect(entry.amount?.text == text)
        #expect(entry.kind == "cash")
        #expect(entry.time?.rfc3339 == "2026-03-03T02:00:00Z")
    }

    @Test func aFlowWithoutATimeIsOfItsDay() {
        var flow = OpenD.TrdFlowSummary.FlowSummaryInfo()
        flow.clearingDate = "2026-03-03"
        flow.createTime = ""
        #expect(CashFlowEntry(flow, zone: .hongKong).time?.rfc3339 == "2026-03-02T16:00:00Z")
    }

    @Test func marginFiguresAreFractions() {
        var info = OpenD.TrdGetMarginRatio.MarginRatioInfo()
        info.imLongRatio = 37.5
        info.mmLongRatio = 30
        let ratio = MarginRatio(info)
        #expect(ratio.initial?.text == "0.375")
        #expect(ratio.maintenance?.text == "0.3")
        #expect(ratio.forcedLiquidation == nil)
    }

    @Test func theLargestQuantityIsOfTheSide() {
        var quantities = OpenD.TrdCommon.MaxTrdQtys()
        quantities.maxCashBuy = 100
        quantities.maxCashAndMarginBuy = 300
        quantities.maxPositionSell = 50
        quantities.maxSellShort = 20
        quantities.maxBuyBack = 5
        func texts(_ side: OrderSide) -> [String?] {
            let maximum = MaximumQuantity(quantities, side: side)
            return [maximum.cash?.text, maximum.margin?.text]
        }
        #expect(texts(.buy) == ["100", "300"])
        #expect(texts(.sell) == ["50", "70"])
        #expect(texts(.sellShort) == [nil, "20"])
        #expect(texts(.buyToCover) == ["5", nil])
    }
}
