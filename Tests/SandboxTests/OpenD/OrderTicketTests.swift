import Clocks
import OpenDWire
import Testing

@testable import Sandbox

@Suite struct OrderTicketTests {
    private let now = WallTime(seconds: 1_795_154_400)

    private func ticket(
        _ code: String = "00700", _ market: Int32 = GatewayCode.hongKong,
        _ change: (inout OpenD.TrdPlaceOrder.C2S) -> Void = { _ in }
    ) throws -> OrderTicket {
        let instrument = try #require(GatewayInstrument(GatewayCode(market, code), at: now))
        var c2s = OpenD.TrdPlaceOrder.C2S()
        c2s.trdSide = 1
        c2s.orderType = 1
        c2s.code = code
        c2s.qty = Double(instrument.lotSize)
        c2s.price = 400
        change(&c2s)
        return try OrderTicket(c2s, instrument, id: 1, hours: .alwaysOpen, now: now)
    }

    @Test func aPriceIsMeantToThreeDecimals() throws {
        #expect(try ticket { $0.price = 400.2 }.order.limit == 400_200)
        #expect(try ticket("AAPL", GatewayCode.unitedStates) { $0.price = 189.29 }.order.limit == 189_290)
        // A double that is no three decimals is cut.
        #expect(OrderTicket.thousandths(1.2349) == 1234)
        #expect(OrderTicket.thousandths(0.29) == 290 && OrderTicket.thousandths(-0.29) == -290)
    }

    @Test(arguments: [Double.nan, .infinity, -1, 0, 1e300, -.infinity])
    func whatIsNoPriceOrQuantityIsRefused(value: Double) {
        #expect(throws: GatewayRefusal.self) { try ticket { $0.price = value } }
        #expect(throws: GatewayRefusal.self) { try ticket { $0.qty = value } }
        #expect(throws: GatewayRefusal.self) {
            try ticket {
                $0.orderType = 11
                $0.auxPrice = value
            }
        }
    }

    @Test func aPriceBetweenTheStepsIsRefusedOrMoved() throws {
        #expect(throws: GatewayRefusal.self) { try ticket { $0.price = 400.1 } }
        for (reach, limit) in [(0.01, 400_200), (-0.01, 400_000)] as [(Double, Int64)] {
            let moved = try ticket {
                $0.price = 400.1
                $0.adjustPrice = true
                $0.adjustSideAndLimit = reach
            }
            #expect(moved.order.limit == limit)
        }
        #expect(throws: GatewayRefusal.self) {
            try ticket {
                $0.price = 400.1
                $0.adjustPrice = true
                $0.adjustSideAndLimit = 0.0000001
            }
        }
    }

    @Test func lotsAreWholeAndFractionsAreCut() throws {
        #expect(throws: GatewayRefusal.self) { try ticket { $0.qty = 150 } }
        #expect(try ticket("AAPL", GatewayCode.unitedStates) { $0.qty = 3.9 }.order.quantity == 3)
    }

    @Test func everyKindNeedsWhatItNeeds() throws {
        #expect(try ticket { $0.orderType = 2 }.order.limit == nil)
        #expect(throws: GatewayRefusal.self) { try ticket { $0.orderType = 10 } }
        #expect(throws: GatewayRefusal.self) { try ticket { $0.orderType = 14 } }
        let trailing = try ticket {
            $0.orderType = 15
            $0.trailType = 1
            $0.trailValue = 20
            $0.trailSpread = 0.5
        }
        #expect(trailing.order.kind == .trailingLimitPercent)
        #expect(trailing.order.trail == 20_000 && trailing.order.limitOffset == 500)
        for type in [0, 3, 4, 16, 19, 99] as [Int32] {
            #expect(throws: GatewayRefusal.self) { try ticket { $0.orderType = type } }
        }
        // What Hong Kong alone has is not for others.
        #expect(throws: GatewayRefusal.self) { try ticket("AAPL", GatewayCode.unitedStates) { $0.orderType = 7 } }
    }

    @Test func aRemarkHasSixtyFourBytes() throws {
        #expect(try ticket { $0.remark = String(repeating: "x", count: 64) }.order.remark.count == 64)
        #expect(throws: GatewayRefusal.self) { try ticket { $0.remark = String(repeating: "腾", count: 22) } }
    }

    @Test func aDateThatIsOverIsRefused() throws {
        let dated = try ticket {
            $0.timeInForce = 3
            $0.expireTime = "2026-12-01"
        }
        #expect(dated.order.expires?.iso == "2026-12-01" && dated.order.ends != nil)
        for text in ["2026-11-01", "", "soon"] {
            #expect(throws: GatewayRefusal.self) {
                try ticket {
                    $0.timeInForce = 3
                    $0.expireTime = text
                }
            }
        }
    }

    @Test func whatStandsForSeveralUnitsIsNotTraded() {
        #expect(throws: GatewayRefusal.self) { try ticket("HSImain") }
        #expect(throws: GatewayRefusal.self) { try ticket("800000") }
    }
}
