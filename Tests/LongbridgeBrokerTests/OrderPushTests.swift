import BrokerModel
import Bytes
import Clocks
import Testing

@testable import LongbridgeBroker

/// The vendor's pushes bear whole seconds, and an order goes through several states in one.
@Suite struct OrderPushTests {
    static let start = WallTime(seconds: 1_770_000_000)

    static func pushed(_ word: String, quantity: Int = 200) throws -> BrokerOrder {
        let text = """
            {"order_id": "1", "symbol": "700.HK", "side": "Buy", "order_type": "LO", "status": "\(word)",
             "submitted_quantity": "\(quantity)", "submitted_price": "300.000", "executed_quantity": "0",
             "updated_at": "1770000000"}
            """
        return try #require(BrokerOrder(pushed: try JSONValue.parse(Array(text.utf8))))
    }

    static func told(_ words: String..., of order: Order? = nil) throws -> Order {
        var order = try order ?? known()
        for word in words { _ = order.observed(try pushed(word), isCurrent: false, at: start) }
        return order
    }

    static func known() throws -> Order {
        let symbol = try #require(Symbol("700.HK"))
        var request = OrderRequest(symbol: symbol, side: .buy, type: .limit, quantity: DecimalText(200))
        request.prices = [.limit: DecimalText(300)]
        var order = Order(id: OrderID(at: start, random: 7), account: "main", request: request, at: start)
        _ = order.accepted(brokerOrderID: "1", at: start)
        return order
    }

    @Test func anOrderThatIsConfirmedWithinASecondIsShownAsConfirmed() throws {
        #expect(try Self.told("NotReported", "WaitToNew", "NewStatus").brokerStatus == "NewStatus")
        #expect(try Self.told("NewStatus", "WaitToNew", "NotReported").brokerStatus == "NewStatus")
    }

    @Test func anAmendmentThatTakesEffectWithinASecondIsOver() throws {
        var order = try Self.told("WaitToNew", "NewStatus")
        #expect(order.began(.replace, OrderChange(quantity: DecimalText(300)), at: Self.start) == true)
        for (word, quantity) in [
            ("WaitToReplace", 200), ("PendingReplaceStatus", 200), ("ReplacedStatus", 300), ("NewStatus", 300),
        ] {
            _ = order.observed(try Self.pushed(word, quantity: quantity), isCurrent: false, at: Self.start)
        }
        #expect(order.status == .open && order.pending == nil && order.request.quantity == DecimalText(300))
        #expect(order.brokerStatus == "NewStatus")
    }

    @Test func anAmendmentTakesEffectInWhateverOrderItIsTold() throws {
        let steps = [
            ("WaitToReplace", 200), ("PendingReplaceStatus", 200), ("ReplacedStatus", 300), ("NewStatus", 300),
        ]
        for first in 0..<4 {
            for second in 0..<4 where second != first {
                for third in 0..<4 where third != first && third != second {
                    var order = try Self.told("WaitToNew", "NewStatus")
                    #expect(order.began(.replace, OrderChange(quantity: DecimalText(300)), at: Self.start) == true)
                    for index in [first, second, third, 6 - first - second - third] {
                        let (word, quantity) = steps[index]
                        _ = order.observed(try Self.pushed(word, quantity: quantity), isCurrent: false, at: Self.start)
                    }
                    #expect(order.status == .open && order.request.quantity == DecimalText(300))
                    #expect(order.brokerStatus == "NewStatus")
                }
            }
        }
    }

    @Test func anAmendmentThatIsRefusedWithinASecondIsNotShownAsUnderWayAtTheBroker() throws {
        let order = try Self.told("NewStatus", "WaitToReplace", "PendingReplaceStatus", "NewStatus")
        #expect(order.status == .open && order.request.quantity == DecimalText(200))
    }

    @Test func newsFromBeforeAnAmendmentDoesNotTakeItBack() throws {
        var order = try Self.told("NewStatus")
        _ = order.began(.replace, OrderChange(quantity: DecimalText(300)), at: Self.start)
        _ = order.observed(try Self.pushed("ReplacedStatus", quantity: 300), isCurrent: false, at: Self.start)
        #expect(order.request.quantity == DecimalText(300) && order.pending == nil)
        for word in ["NewStatus", "WaitToReplace", "PendingReplaceStatus", "WaitToNew"] {
            #expect(order.observed(try Self.pushed(word), isCurrent: false, at: Self.start) == false)
        }
        #expect(order.request.quantity == DecimalText(300) && order.status == .open)
    }

    @Test func aCancellationThatIsUnderWayStaysSoUntilItIsOver() throws {
        var order = try Self.told("NewStatus")
        _ = order.began(.cancel, at: Self.start)
        order = try Self.told("WaitToCancel", "PendingCancelStatus", "NewStatus", of: order)
        #expect(order.status == .pendingCancel)
        order = try Self.told("CanceledStatus", of: order)
        #expect(order.status == .cancelled)
        #expect(try Self.told("NewStatus", "PendingCancelStatus", of: order).status == .cancelled)
    }
}
