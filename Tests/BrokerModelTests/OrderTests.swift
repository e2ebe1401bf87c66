import BrokerModel
import Bytes
import Clocks
import Testing

@Suite struct OrderTests {
    static let start = WallTime(seconds: 1_770_000_000)

    static func later(_ seconds: Int) -> WallTime { start + .seconds(seconds) }

    static func new() -> Order {
        var request = OrderRequest(symbol: symbol, side: .buy, type: .limit, quantity: DecimalText(200))
        request.prices = [.limit: DecimalText(300)]
        return Order(id: OrderID(at: start, random: 7), account: "main", request: request, at: start)
    }

    static let symbol: Symbol = {
        guard let symbol = Symbol("700.HK") else { preconditionFailure("700.HK is a symbol") }
        return symbol
    }()

    static func open() -> Order {
        var order = new()
        _ = order.accepted(brokerOrderID: "1", at: start)
        return order
    }

    /// What the broker says: status, shares done, seconds after the start.
    static func said(_ word: String, _ status: OrderStatus?, filled: Int64 = 0, at seconds: Int = 1) -> BrokerOrder {
        var found = BrokerOrder(
            brokerOrderID: "1", symbol: symbol, side: .buy, quantity: DecimalText(200), brokerStatus: word,
            status: status)
        found.filledQuantity = DecimalText(filled)
        found.averagePrice = filled == 0 ? nil : DecimalText(300)
        found.prices = [.limit: DecimalText(300)]
        found.type = .limit
        found.updatedAt = later(seconds)
        return found
    }

    @Test func anOrderTheBrokerHasNoMoreIsOverAndFollowsItIfItComesBack() {
        var order = Self.open()
        _ = order.observed(
            Self.said("PartialFilledStatus", .partiallyFilled, filled: 100), isCurrent: true, at: Self.start)
        #expect(order.gone(at: Self.later(60)) == true)
        #expect(order.status == .expired && order.rejection?.code == "gone")
        #expect(order.filledQuantity == DecimalText(100) && order.remainingQuantity == .zero)
        #expect(order.gone(at: Self.later(61)) == false)
        #expect(
            order.observed(
                Self.said("PartialFilledStatus", .partiallyFilled, filled: 100), isCurrent: true, at: Self.later(70))
                == true)
        #expect(order.status == .partiallyFilled && order.rejection == nil)
        var unsent = Self.new()
        #expect(unsent.gone(at: Self.later(1)) == false)
    }

    // MARK: The submit

    @Test func anAcceptedOrderIsOpen() {
        var order = Self.new()
        #expect(order.status == .pendingSubmit && order.outcome == .pending)
        #expect(order.accepted(brokerOrderID: "1", at: Self.later(1)) == true)
        #expect(order.status == .open && order.outcome == .accepted && order.version == 2)
        #expect(order.accepted(brokerOrderID: "1", at: Self.later(2)) == false)
        #expect(order.version == 2)
    }

    @Test func aLateAnswerIsTakenInAfterTheOutcomeWasUnknown() {
        var order = Self.new()
        #expect(order.lost(at: Self.later(1)) == true)
        #expect(order.status == .unknown && order.outcome == .unknown)
        #expect(order.accepted(brokerOrderID: "1", at: Self.later(2)) == true)
        #expect(order.status == .open && order.outcome == .accepted)
    }

    @Test func aPushBeforeTheAnswerIsKept() {
        var order = Self.new()
        #expect(
            order.observed(Self.said("FilledStatus", .filled, filled: 200), isCurrent: false, at: Self.later(1)) == true
        )
        #expect(order.status == .filled)
        #expect(order.accepted(brokerOrderID: "1", at: Self.later(2)) == false)
        #expect(order.refused(.init(code: "x", detail: nil), at: Self.later(2)) == false)
        #expect(order.lost(at: Self.later(2)) == false)
        #expect(order.notReceived(at: Self.later(2)) == false)
        #expect(order.status == .filled && order.outcome == .accepted)
    }

    @Test func whatWasNeverReceivedFollowsTheBrokerIfItAppearsAfterAll() {
        var order = Self.new()
        _ = order.lost(at: Self.start)
        #expect(order.notReceived(at: Self.later(90)) == true)
        #expect(order.status == .rejected && order.rejection?.code == "not_received")
        #expect(order.observed(Self.said("NewStatus", .open), isCurrent: false, at: Self.later(95)) == true)
        #expect(order.status == .open && order.rejection == nil && order.outcome == .accepted)
    }

    @Test func whatTheBrokerRefusedAndHasAllTheSameFollowsTheBroker() {
        var order = Self.new()
        #expect(order.refused(.init(code: "602001", detail: "order exists"), at: Self.start) == true)
        var refused = order
        #expect(order.observed(Self.said("NewStatus", .open), isCurrent: false, at: Self.later(5)) == true)
        #expect(order.status == .open && order.rejection == nil && order.outcome == .accepted)
        // Listed as what it is: the first words for it stay.
        _ = refused.observed(Self.said("RejectedStatus", .rejected), isCurrent: true, at: Self.later(5))
        #expect(refused.status == .rejected && refused.rejection?.code == "602001")
    }

    // MARK: News

    @Test func lateNewsChangesNothing() {
        var order = Self.open()
        _ = order.observed(
            Self.said("PartialFilledStatus", .partiallyFilled, filled: 100, at: 5), isCurrent: false, at: Self.later(5))
        let before = order
        for late in [
            Self.said("NewStatus", .open, at: 2), Self.said("NewStatus", .open, at: 5),
            Self.said("WaitToNew", .open, at: 1),
        ] {
            #expect(order.observed(late, isCurrent: false, at: Self.later(6)) == false)
        }
        #expect(order == before)
    }

    @Test func theSameNewsTwiceIsOneChange() {
        var order = Self.open()
        let news = Self.said("PartialFilledStatus", .partiallyFilled, filled: 100, at: 5)
        #expect(order.observed(news, isCurrent: false, at: Self.later(5)) == true)
        #expect(order.observed(news, isCurrent: false, at: Self.later(6)) == false)
        #expect(order.observed(news, isCurrent: true, at: Self.later(7)) == false)
    }

    /// Every order of arrival of an order's life ends in the same state.
    @Test func anyOrderOfArrivalEndsAlike() {
        let life = [
            Self.said("WaitToNew", .open, at: 1), Self.said("NewStatus", .open, at: 1),
            Self.said("PartialFilledStatus", .partiallyFilled, filled: 100, at: 1),
            Self.said("FilledStatus", .filled, filled: 200, at: 2),
        ]
        for first in 0..<4 {
            for second in 0..<4 where second != first {
                for third in 0..<4 where third != first && third != second {
                    let fourth = 6 - first - second - third
                    var order = Self.open()
                    var version = order.version
                    for index in [first, second, third, fourth] {
                        _ = order.observed(life[index], isCurrent: false, at: Self.later(3))
                        #expect(order.version >= version)
                        version = order.version
                    }
                    #expect(order.status == .filled && order.filledQuantity == DecimalText(200))
                }
            }
        }
    }

    @Test(arguments: [OrderStatus.filled, .cancelled, .rejected, .expired])
    func nothingLeavesAFinalStatus(_ status: OrderStatus) {
        var order = Self.open()
        let filled: Int64 = status == .filled ? 200 : 0
        _ = order.observed(Self.said("x", status, filled: filled, at: 5), isCurrent: false, at: Self.later(5))
        #expect(order.status == status)
        for other in OrderStatus.allCases where other != .filled {
            _ = order.observed(Self.said("y", other, filled: filled, at: 9), isCurrent: true, at: Self.later(9))
            #expect(order.status == status)
        }
        #expect(order.began(.cancel, at: Self.later(10)) == false)
        #expect(order.remainingQuantity.isZero)
    }

    @Test func aFillThatACancellationOvertookIsCounted() {
        var order = Self.open()
        _ = order.observed(Self.said("CanceledStatus", .cancelled, at: 5), isCurrent: false, at: Self.later(5))
        let late = Self.said("PartialWithdrawal", .cancelled, filled: 100, at: 5)
        #expect(order.observed(late, isCurrent: false, at: Self.later(6)) == true)
        #expect(order.status == .cancelled && order.filledQuantity == DecimalText(100))
    }

    // MARK: Requests

    @Test func aCancellationShowsUntilTheBrokerHasEndedIt() {
        var order = Self.open()
        #expect(order.began(.cancel, at: Self.later(1)) == true)
        #expect(order.status == .pendingCancel && order.outcome == .pending)
        #expect(order.requestAccepted(at: Self.later(2)) == true)
        #expect(order.observed(Self.said("NewStatus", .open, at: 1), isCurrent: true, at: Self.later(3)) == true)
        #expect(order.status == .pendingCancel)
        #expect(
            order.observed(Self.said("CanceledStatus", .cancelled, at: 4), isCurrent: false, at: Self.later(4)) == true)
        #expect(order.status == .cancelled && order.pending == nil)
    }

    @Test func aRefusedCancellationLeavesTheOrderAsItWas() {
        var order = Self.open()
        _ = order.began(.cancel, at: Self.later(1))
        #expect(order.requestRefused(notSent: false, at: Self.later(2)) == true)
        #expect(order.status == .open && order.outcome == .rejected)
    }

    @Test func aLostAmendmentWaitsForItsEffectOrForTime() {
        var order = Self.open()
        let change = OrderChange(quantity: DecimalText(300))
        #expect(order.began(.replace, change, at: Self.later(1)) == true)
        #expect(order.began(.replace, change, at: Self.later(1)) == false)
        #expect(order.requestLost(at: Self.later(2)) == true)
        #expect(order.status == .pendingReplace && order.outcome == .unknown)
        var amended = Self.said("NewStatus", .open, at: 3)
        amended.quantity = DecimalText(300)
        var seen = order
        #expect(seen.observed(amended, isCurrent: true, at: Self.later(4)) == true)
        #expect(seen.status == .open && seen.request.quantity == DecimalText(300))
        #expect(order.observed(Self.said("NewStatus", .open, at: 1), isCurrent: true, at: Self.later(30)) == true)
        #expect(order.status == .open && order.outcome == .rejected)
    }

    /// Each event at each state: the version never falls, and grows by one exactly when something changed.
    @Test func theVersionGrowsWithEachChangeAndOnlyThen() {
        for state in Self.states() {
            for (name, event) in Self.events {
                var order = state
                let isChanged = event(&order)
                #expect(order.version == state.version + (isChanged ? 1 : 0), "\(name) at \(state.status)")
                if !isChanged { #expect(order == state, "\(name) at \(state.status)") }
                let mayBeThereAfterAll = state.status == .rejected && state.brokerStatus == nil
                if state.status.isFinal, !mayBeThereAfterAll {
                    #expect(order.status == state.status || order.status == .filled, "\(name) at \(state.status)")
                }
            }
        }
    }

    private static func states() -> [Order] {
        var states = [new(), open()]
        for (_, event) in events {
            for var order in [new(), open()] {
                _ = event(&order)
                states.append(order)
                for (_, second) in events {
                    var next = order
                    _ = second(&next)
                    states.append(next)
                }
            }
        }
        return states
    }

    private static let events: [(String, @Sendable (inout Order) -> Bool)] = [
        ("accepted", { $0.accepted(brokerOrderID: "1", at: later(10)) }),
        ("refused", { $0.refused(.init(code: "602001", detail: nil), at: later(10)) }),
        ("notSent", { $0.notSent("unreachable", at: later(10)) }),
        ("lost", { $0.lost(at: later(10)) }),
        ("notReceived", { $0.notReceived(at: later(10)) }),
        ("duplicate", { $0.suspectDuplicate(at: later(10)) }),
        ("replace", { $0.began(.replace, OrderChange(quantity: DecimalText(300)), at: later(10)) }),
        ("cancel", { $0.began(.cancel, at: later(10)) }),
        ("requestAccepted", { $0.requestAccepted(at: later(11)) }),
        ("requestLost", { $0.requestLost(at: later(11)) }),
        ("requestRefused", { $0.requestRefused(notSent: false, at: later(11)) }),
        ("new", { $0.observed(said("NewStatus", .open, at: 12), isCurrent: false, at: later(12)) }),
        ("partial", { $0.observed(said("P", .partiallyFilled, filled: 100, at: 12), isCurrent: false, at: later(12)) }),
        (
            "filled",
            { $0.observed(said("FilledStatus", .filled, filled: 200, at: 13), isCurrent: false, at: later(13)) }
        ),
        ("cancelled", { $0.observed(said("CanceledStatus", .cancelled, at: 13), isCurrent: true, at: later(13)) }),
        ("unknownWord", { $0.observed(said("Novel", nil, at: 14), isCurrent: true, at: later(40)) }),
    ]

    // MARK: Names

    @Test func anIDIsReadFromItsTextAndFromARemark() {
        let id = OrderID(at: Self.start, random: .max)
        #expect(OrderID(id.text) == id)
        #expect(OrderID(remark: "\(id.tag) a note") == id && OrderID(remark: id.tag) == id)
        for text in ["", "bb-", "bb-short", "ord_\(id.tag)", "x \(id.tag)", id.text.uppercased()] {
            #expect(OrderID(remark: text) == nil && OrderID(text) == nil)
        }
        #expect(OrderID(at: Self.later(1), random: 0).text > id.text)
    }

    @Test func whatIsKeptComesBackAsItWas() {
        for order in Self.states() {
            #expect(Order(id: order.id, account: order.account, remembered: order.memory) == order)
        }
    }
}
