@testable import Bridge
import BrokerModel
import Bytes
import Testing

@Suite struct RecoveredOrderTests {
    private func request(
        _ side: OrderSide = .sell, _ type: OrderType = .limit, _ quantity: String = "100", limit: String? = "300"
    ) throws -> OrderRequest {
        var request = OrderRequest(
            symbol: try #require(Symbol("700.HK")), side: side, type: type,
            quantity: try #require(DecimalText(quantity)))
        request.prices[.limit] = limit.flatMap { DecimalText($0) }
        return request
    }

    @Test func whatABrokerDoesNotTellMakesNoOtherOrderOfIt() throws {
        let found = try request()
        #expect(found.isLike(try request()))
        #expect(found.isLike(try request(.sellShort)))
        #expect(found.isLike(try request(.sell, .enhancedLimit)))
        #expect(!found.isLike(try request(.buy)))
        #expect(!found.isLike(try request(.sell, .atAuctionLimit)))
        var other = found
        other.symbol = try #require(Symbol("5.HK"))
        #expect(!found.isLike(other))
    }

    @Test func quantityAndLimitAreTheSameInAnyNotation() throws {
        let found = try request(.sell, .limit, "100", limit: "300.000")
        #expect(found.isAsLarge(as: try request()))
        #expect(!found.isAsLarge(as: try request(.sell, .limit, "101")))
        #expect(!found.isAsLarge(as: try request(.sell, .limit, "100", limit: "300.5")))
        #expect(found.isAsLarge(as: try request(.sell, .market, "100", limit: nil)))
    }
}
