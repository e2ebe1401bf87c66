import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct OrderMappingTests {
    /// The order of the reference's captured push, and what can be changed of it.
    static func order(_ change: (inout OpenD.TrdCommon.Order) -> Void = { _ in }) -> OpenD.TrdCommon.Order {
        var order = OpenD.TrdCommon.Order()
        order.trdSide = 1
        order.orderType = 1
        order.orderStatus = 5
        order.orderID = 8_800_000_000_000_000_001
        order.orderIDEx = "DC4FF09F63505A03"
        order.code = "00700"
        order.name = "Tencent"
        order.qty = 100
        order.price = 580
        order.createTime = "2026-03-03 10:00:02.649"
        order.updateTime = "2026-03-03 10:00:02.650"
        order.createTimestamp = 1_772_503_202.65
        order.updateTimestamp = 1_772_503_202.65
        order.fillQty = 0
        order.fillAvgPrice = 0
        order.lastErrMsg = ""
        order.secMarket = 1
        order.remark = "vector-1"
        order.timeInForce = 0
        order.fillOutsideRTH = false
        order.currency = 1
        order.trdMarket = 1
        change(&order)
        return order
    }

    private func read(_ change: (inout OpenD.TrdCommon.Order) -> Void = { _ in }) -> BrokerOrder? {
        BrokerOrder(Self.order(change), header: OpenD.TrdCommon.TrdHeader())
    }

    @Test func anOrderIsReadWhole() throws {
        let order = try #require(read())
        #expect(order.brokerOrderID == "DC4FF09F63505A03")
        #expect(order.symbol == Symbol("700.HK"))
        #expect(order.side == .buy)
        #expect(order.type == .limit)
        #expect(order.status == .open)
        #expect(order.brokerStatus == "Submitted")
        #expect(order.quantity.text == "100")
        #expect(order.prices == [.limit: DecimalText(580)])
        #expect(order.filledQuantity.isZero)
        #expect(order.averagePrice == nil)
        #expect(order.remark == "vector-1")
        #expect(order.name == "Tencent")
        #expect(order.currency == "HKD")
        #expect(order.timeInForce == .day)
        #expect(order.outsideRegularHours == nil)
        #expect(order.message == nil)
        #expect(order.submittedAt?.rfc3339 == "2026-03-03T02:00:02.650Z")
    }

    @Test func timesWithoutSecondsAreByTheExchangesClock() throws {
        let order = try #require(
            read {
                $0.createTimestamp = nil
                $0.updateTimestamp = nil
                $0.code = "AAPL"
                $0.secMarket = 2
                $0.createTime = "2026-07-01 09:30:00"
                $0.updateTime = "2026-12-01 09:30:00.5"
            })
        #expect(order.submittedAt?.rfc3339 == "2026-07-01T13:30:00Z")
        #expect(order.updatedAt?.rfc3339 == "2026-12-01T14:30:00.500Z")
    }

    @Test func figuresAreTheShortestDecimals() throws {
        let order = try #require(
            read {
                $0.orderStatus = 10
                $0.fillQty = 30
                $0.fillAvgPrice = 0.1 + 0.2
                $0.price = 0.285
            })
        #expect(order.averagePrice?.text == "0.3")
        #expect(order.prices[.limit]?.text == "0.285")
    }

    @Test func aMarketOrderHasNoPriceWhateverTheGatewaySays() throws {
        let order = try #require(read { $0.orderType = 2 })
        #expect(order.type == .market)
        #expect(order.prices.isEmpty)
    }

    @Test func trailingOrdersHaveTheirFigures() throws {
        let order = try #require(
            read {
                $0.orderType = 15
                $0.trailType = 1
                $0.trailValue = 2.5
                $0.trailSpread = 0.05
                $0.price = 0
            })
        #expect(order.type == .trailingStopLimitPercent)
        #expect(
            order.prices == [
                .trailingPercent: DecimalText(units: 25, scale: 1), .limitOffset: DecimalText(units: 5, scale: 2),
            ])
    }

    @Test func aTypeWithoutAWordKeepsItsPrice() throws {
        let order = try #require(read { $0.orderType = 5 })
        #expect(order.type == nil)
        #expect(order.prices == [.limit: DecimalText(580)])
    }

    @Test func anOrderInTheUnitedStatesTellsItsHours() throws {
        let order = try #require(
            read {
                $0.code = "AAPL"
                $0.secMarket = 2
                $0.session = 4
                $0.timeInForce = 3
                $0.expireTime = "2026-04-01 23:59:59"
            })
        #expect(order.outsideRegularHours == .overnight)
        #expect(order.expireDate?.iso == "2026-04-01")
    }

    @Test func whatAnOrderCannotBeWithoutIsNeeded() {
        let changes: [(inout OpenD.TrdCommon.Order) -> Void] = [
            { $0.orderIDEx = "" }, { $0.trdSide = 0 }, { $0.qty = .nan }, { $0.qty = .infinity },
            { $0.secMarket = 101 }, { $0.code = "" },
        ]
        for (number, change) in changes.enumerated() { #expect(read(change) == nil, "change \(number)") }
    }

    // MARK: Fills

    private func fill(_ change: (inout OpenD.TrdCommon.OrderFill) -> Void = { _ in }) -> Execution? {
        var fill = OpenD.TrdCommon.OrderFill()
        fill.trdSide = 1
        fill.fillID = 7_000_000_003
        fill.fillIDEx = "F7000000003"
        fill.orderIDEx = "49192E16430D2589"
        fill.code = "00700"
        fill.name = "Tencent"
        fill.qty = 100
        fill.price = 605.5
        fill.createTime = "2026-03-03 10:00:03.267"
        fill.secMarket = 1
        fill.status = 0
        change(&fill)
        return Execution(fill, header: OpenD.TrdCommon.TrdHeader())
    }

    @Test func aFillIsReadWhole() throws {
        let fill = try #require(self.fill())
        #expect(fill.id == "F7000000003")
        #expect(fill.brokerOrderID == "49192E16430D2589")
        #expect(fill.symbol == Symbol("700.HK"))
        #expect(fill.side == .buy)
        #expect(fill.price.text == "605.5")
        #expect(fill.quantity.text == "100")
        #expect(fill.time.rfc3339 == "2026-03-03T02:00:03.267Z")
    }

    @Test func aFillThatWasTakenBackIsNone() {
        let takenBack = fill { $0.status = 1 }
        #expect(takenBack == nil)
        let changed = fill { $0.status = 2 }
        #expect(changed != nil)
    }

    @Test func aFillWithoutATextNumberHasTheOther() throws {
        let numbered = fill { $0.fillIDEx = "" }
        #expect(try #require(numbered).id == "7000000003")
        let unnumbered = fill {
            $0.fillIDEx = ""
            $0.fillID = 0
        }
        #expect(unnumbered == nil)
        let orderless = fill { $0.orderIDEx = nil }
        #expect(orderless == nil)
        let timeless = fill { $0.createTime = "soon" }
        #expect(timeless == nil)
    }
}
