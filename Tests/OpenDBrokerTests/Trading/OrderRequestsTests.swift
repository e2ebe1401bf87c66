import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct OrderRequestsTests {
    static let account = TradingAccount(AccountChoiceTests.listed(281_756_478_396_547_854, [1, 2, 4]))
    static let id = OrderID(at: WallTime(seconds: 1_700_000_000), random: 42)

    static func request(
        _ symbol: String = "AAPL.US", _ type: OrderType = .limit, _ change: (inout OrderRequest) -> Void = { _ in }
    ) throws -> OrderRequest {
        var request = OrderRequest(
            symbol: try #require(Symbol(symbol)), side: .buy, type: type, quantity: DecimalText(100))
        for price in type.needs { request.prices[price] = DecimalText(units: 1505, scale: 1) }
        change(&request)
        return request
    }

    private func refusal(_ request: OrderRequest) -> BrokerFailure? {
        do throws(BrokerFailure) {
            try OrderRequests.validate(request, on: Self.account)
            return nil
        } catch { return error }
    }

    // MARK: What is refused

    @Test func everyRefusalNamesItsField() throws {
        func expect(_ field: String, _ request: OrderRequest, _ comment: Comment) {
            let failure = refusal(request)
            #expect(failure?.field == field, comment)
            #expect(failure?.kind == .invalidRequest || failure?.kind == .invalidPrice, comment)
        }
        expect("type", try Self.request("700.HK", .oddLot), "odd lots")
        expect("type", try Self.request("AAPL.US", .atAuction), "auctions outside Hong Kong")
        expect("type", try Self.request("600519.SH", .market), "market orders on the mainland")
        expect("symbol", try Self.request("D05.SG"), "a market the account does not trade")
        expect("side", try Self.request("600519.SH") { $0.side = .sellShort }, "short sales on the mainland")
        expect(
            "outside_regular_hours", try Self.request("700.HK") { $0.outsideRegularHours = .extended },
            "hours in Hong Kong")
        expect(
            "outside_regular_hours", try Self.request("AAPL.US", .market) { $0.outsideRegularHours = .overnight },
            "market orders overnight")
        expect("time_in_force", try Self.request("600519.SH") { $0.timeInForce = .gtc }, "long orders on the mainland")
        expect("note", try Self.request { $0.note = String(repeating: "n", count: 41) }, "a note too long")
        expect(
            "quantity", try Self.request { $0.quantity = DecimalText(units: 15, scale: 1) }, "fractions of a share")
        expect(
            "limit_price", try Self.request { $0.prices[.limit] = DecimalText(units: 15_051, scale: 4) },
            "more digits than are kept")
        expect(
            "trigger_price",
            try Self.request("AAPL.US", .stop) { $0.prices[.trigger] = DecimalText(units: 1, scale: 5) },
            "more digits than are kept")
    }

    @Test func whatTheWireHasNoFieldForIsRefused() throws {
        let exits = AttachedOrders([.stopLoss: AttachedOrders.Exit(trigger: DecimalText(140))])
        let changes: [(field: String, change: (inout OrderRequest) -> Void)] = [
            ("attached", { $0.attached = exits }), ("monitor_price", { $0.prices[.monitor] = DecimalText(150) }),
            ("limit_depth_level", { $0.conditions.depthLevel = 1 }),
            ("trigger_count", { $0.conditions.triggerCount = 2 }),
            ("delayed_until", { $0.conditions.delayedUntil = WallTime(seconds: 2_000_000_000) }),
            ("outside_regular_hours", { $0.outsideRegularHours = .optionPreMarket }),
        ]
        for (field, change) in changes {
            let failure = refusal(try Self.request("AAPL.US", .limit, change))
            #expect(failure?.field == field)
            #expect(failure?.kind == .invalidRequest)
        }
    }

    @Test func whatAnAmendmentCannotChangeIsRefused() throws {
        var changes = Array(repeating: OrderChange(quantity: DecimalText(50)), count: 4)
        changes[0].attached = .withdraw
        changes[1].depthLevel = 0
        changes[2].triggerCount = 0
        changes[3].delay = .lifted
        let order = order(try Self.request())
        for change in changes {
            #expect(throws: BrokerFailure.self) {
                try OrderRequests.replace(order, change, number: "1", on: Self.account)
            }
        }
    }

    @Test(arguments: OrderType.allCases.filter { $0 != .oddLot }) func everyOtherTypeGoesInHongKong(type: OrderType)
        throws
    {
        #expect(refusal(try Self.request("700.HK", type)) == nil)
    }

    @Test func whatFitsIsNotRefused() throws {
        #expect(refusal(try Self.request { $0.outsideRegularHours = .extended }) == nil)
        #expect(refusal(try Self.request("AAPL.US", .market) { $0.outsideRegularHours = .regular }) == nil)
        #expect(refusal(try Self.request { $0.note = String(repeating: "n", count: 40) }) == nil)
        #expect(refusal(try Self.request { $0.prices[.limit] = DecimalText(units: 150_500_0, scale: 4) }) == nil)
        #expect(refusal(try Self.request("600519.SH")) == nil)
    }

    // MARK: What is sent

    private func place(_ request: OrderRequest) throws -> OpenD.TrdPlaceOrder.C2S {
        try #require(OrderRequests.place(request, id: Self.id, on: Self.account))
    }

    @Test func aLimitOrderIsSentWhole() throws {
        let place = try place(try Self.request("700.HK") { $0.note = "mine" })
        #expect(place.header.trdEnv == 1)
        #expect(place.header.accID == 281_756_478_396_547_854)
        #expect(place.header.trdMarket == 1)
        #expect(place.trdSide == 1)
        #expect(place.orderType == 1)
        #expect(place.code == "00700")
        #expect(place.secMarket == 1)
        #expect(place.qty == 100)
        #expect(place.price == 150.5)
        #expect(place.auxPrice == nil)
        #expect(place.trailType == nil)
        #expect(place.remark == "\(Self.id.tag) mine")
        #expect(place.timeInForce == 0)
        #expect(place.fillOutsideRTH == false)
        #expect(place.session == nil)
        #expect(OrderID(remark: place.remark ?? "") == Self.id)
        #expect(Self.id.tag.utf8.count + 1 == OrderRequests.tagLength)
    }

    @Test func theMainlandsOrdersGoThroughConnect() throws {
        let place = try place(try Self.request("000001.SZ"))
        #expect(place.header.trdMarket == 4)
        #expect(place.secMarket == 32)
        #expect(place.code == "000001")
    }

    @Test func triggersTrailsAndSpreadsAreSent() throws {
        let stop = try place(try Self.request("AAPL.US", .stop))
        #expect(stop.auxPrice == 150.5)
        #expect(stop.price == 0)
        let trail = try place(
            try Self.request("AAPL.US", .trailingStopLimitAmount) {
                $0.prices[.trailingAmount] = DecimalText(5)
                $0.prices[.limitOffset] = DecimalText(units: 1, scale: 1)
            })
        #expect(trail.trailType == 2)
        #expect(trail.trailValue == 5)
        #expect(trail.trailSpread == 0.1)
        #expect(try place(try Self.request("AAPL.US", .trailingStopPercent)).trailType == 1)
    }

    @Test func hoursAndTheLastDayAreSent() throws {
        let place = try place(
            try Self.request {
                $0.outsideRegularHours = .extended
                $0.timeInForce = .gtd
                $0.expireDate = CivilDate(iso: "2026-12-24")
            })
        #expect(place.fillOutsideRTH == true)
        #expect(place.session == 2)
        #expect(place.timeInForce == 3)
        #expect(place.expireTime == "2026-12-24 23:59:59")
    }

    // MARK: Amendments

    private func order(_ request: OrderRequest) -> Order {
        var order = Order(id: Self.id, account: "f", request: request, at: WallTime(seconds: 1_700_000_000))
        _ = order.accepted(brokerOrderID: "DC4F", at: WallTime(seconds: 1_700_000_001))
        return order
    }

    @Test func anAmendmentSaysEverythingAgain() throws {
        let order = order(try Self.request("AAPL.US", .stopLimit))
        let modify = try OrderRequests.replace(
            order, OrderChange(quantity: DecimalText(50)), number: "DC4F", on: Self.account)
        #expect(modify.orderIDEx == "DC4F")
        #expect(modify.orderID == 0)
        #expect(modify.modifyOrderOp == 1)
        #expect(modify.forAll == false)
        #expect(modify.header.trdMarket == 2)
        #expect(modify.qty == 50)
        #expect(modify.price == 150.5)
        #expect(modify.auxPrice == 150.5)
    }

    @Test func whatCannotBeAmendedIsSaid() throws {
        let change = OrderChange(quantity: DecimalText(50))
        let mainland = order(try Self.request("600519.SH"))
        #expect(throws: BrokerFailure.self) {
            try OrderRequests.replace(mainland, change, number: "1", on: Self.account)
        }
        let order = order(try Self.request())
        #expect(throws: BrokerFailure.self) {
            try OrderRequests.replace(
                order, OrderChange(prices: [.limit: DecimalText(units: 1, scale: 4)]), number: "1", on: Self.account)
        }
    }

    @Test func aCancellationSaysNothingButTheNumber() throws {
        let modify = OrderRequests.cancel(order(try Self.request("700.HK")), number: "DC4F", on: Self.account)
        #expect(modify.modifyOrderOp == 2)
        #expect(modify.orderIDEx == "DC4F")
        #expect(modify.qty == nil)
        #expect(modify.price == nil)
        #expect(modify.header.trdMarket == 1)
    }
}
