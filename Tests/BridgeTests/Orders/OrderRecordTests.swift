import BrokerModel
import Bytes
import Clocks
import Testing

@testable import Bridge

@Suite struct OrderRecordTests {
    private let start = WallTime(seconds: 1_770_000_000)

    private func order() throws -> Order {
        let symbol = try #require(Symbol("AAPL.US"))
        var request = OrderRequest(
            symbol: symbol, side: .buy, type: .trailingStopLimitAmount, quantity: DecimalText(10))
        request.prices = [.trailingAmount: DecimalText(2), .monitor: DecimalText(180)]
        request.conditions.depthLevel = -1
        request.conditions.triggerCount = 3
        request.conditions.delayedUntil = start + .seconds(60)
        var attached = AttachedOrders([
            .takeProfit: .init(trigger: DecimalText(200), limit: DecimalText(199)),
            .stopLoss: .init(trigger: DecimalText(150), depthLevel: 2),
        ])
        attached.timeInForce = .gtd
        attached.expireDate = CivilDate(iso: "2026-03-02")
        attached.outsideRegularHours = .overnight
        request.attached = attached
        return Order(id: OrderID(at: start, random: 7), account: "main", request: request, at: start)
    }

    private func again(_ order: Order) -> Order? {
        OrderRecord.decode(id: order.id.text, account: order.account, OrderRecord.encode(order))
    }

    @Test func whatWasAskedForComesBackWhole() throws {
        let order = try order()
        #expect(again(order) == order)
    }

    @Test func anAmendmentUnderWayComesBackWhole() throws {
        var order = try order()
        _ = order.accepted(brokerOrderID: "1", at: start)
        var change = OrderChange(quantity: DecimalText(20), prices: [.trailingAmount: DecimalText(3)])
        change.depthLevel = 0
        change.triggerCount = 1
        for (delay, attached) in [
            (DelayChange.lifted, AttachedChange.withdraw),
            (.until(start + .seconds(90)), .replace(AttachedOrders([.stopLoss: .init(trigger: DecimalText(140))]))),
        ] {
            change.delay = delay
            change.attached = attached
            var amended = order
            _ = amended.began(.replace, change, at: start + .seconds(1))
            #expect(amended.pending?.change == change)
            #expect(again(amended) == amended)
        }
    }

    @Test func whatTheBrokerToldOfAttachedOrdersComesBackWhole() throws {
        var order = try order()
        var attached = AttachedOrder(brokerOrderID: "2", brokerStatus: "VarietiesNotReported")
        attached.purpose = .stopLoss
        attached.status = .open
        attached.trigger = DecimalText(150)
        attached.limit = DecimalText(149)
        attached.depthLevel = 3
        attached.quantity = DecimalText(10)
        attached.filledQuantity = .zero
        attached.averagePrice = DecimalText(150)
        attached.timeInForce = .gtd
        attached.expireDate = CivilDate(iso: "2026-03-02")
        attached.updatedAt = start
        var found = BrokerOrder(
            brokerOrderID: "1", symbol: order.request.symbol, side: .buy, quantity: DecimalText(10),
            brokerStatus: "FilledStatus", status: .filled)
        found.filledQuantity = DecimalText(10)
        found.attachedOrders = [attached]
        #expect(order.observed(found, isCurrent: true, at: start + .seconds(1)) == true)
        #expect(order.attachedOrders == [attached] && order.hasLiveAttachedOrders)
        #expect(again(order) == order)
        // It goes on after the order itself is over.
        found.attachedOrders?[0].status = .cancelled
        #expect(order.observed(found, isCurrent: true, at: start + .seconds(2)) == true)
        #expect(!order.hasLiveAttachedOrders)
    }

    @Test func anOrderWhoseVersionCannotGrowIsNoOrder() throws {
        let order = try order()
        let text = OrderRecord.encode(order)
        for version in ["0", "-1", "9223372036854775807"] {
            let changed = text.replacing("\"version\":1,", with: "\"version\":\(version),")
            #expect(changed != text)
            #expect(OrderRecord.decode(id: order.id.text, account: order.account, changed) == nil)
        }
    }
}
