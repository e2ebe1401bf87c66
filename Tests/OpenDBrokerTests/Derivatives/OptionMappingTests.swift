import BrokerModel
import Bytes
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct OptionMappingTests {
    private static let item = #"""
        {"call":{"basic":{"security":{"market":11,"code":"AAPL261218C230000"},"id":"1","lotSize":100,"secType":8,
         "name":"AAPL 261218 230.00C","listTime":""},"optionExData":{"type":1,"owner":{"market":11,"code":"AAPL"},
         "strikeTime":"2026-12-18","strikePrice":230,"suspend":false,"market":"","optionStandardType":STANDARD}},
         "put":{"basic":{"security":{"market":11,"code":"AAPL261218P230000"},"id":"2","lotSize":100,"secType":8,
         "name":"","listTime":""},"optionExData":{"type":2,"owner":{"market":11,"code":"AAPL"},
         "strikeTime":"2026-12-18","strikePrice":230,"suspend":false,"market":""}}}
        """#

    private static func item(strike: String = "230", standard: Int) -> String {
        item.replacing("STANDARD", with: "\(standard)").replacing(
            "\"strikePrice\":230", with: "\"strikePrice\":\(strike)")
    }

    @Test func aStrikeNamesItsContractsInOCCForm() throws {
        let row = try #require(
            OptionChainRow(try parsed(OpenD.QotGetOptionChain.OptionItem.self, Self.item(standard: 1))))
        #expect(row.strike.text == "230" && row.isStandard)
        #expect(row.call?.text == "AAPL261218C00230000.US" && row.put?.text == "AAPL261218P00230000.US")
        let adjusted = try parsed(OpenD.QotGetOptionChain.OptionItem.self, Self.item(standard: 2))
        #expect(OptionChainRow(adjusted)?.isStandard == false)
        #expect(OptionChainRow(OpenD.QotGetOptionChain.OptionItem()) == nil)
    }

    @Test func aChainIsOfTheDayAskedForAndInTheOrderOfStrikes() throws {
        let answer = try parsed(
            OpenD.QotGetOptionChain.S2C.self,
            """
            {"optionChain":[{"strikeTime":"2026-12-19","option":[\(Self.item(strike: "1", standard: 1))]},
             {"strikeTime":"2026-12-18","option":[\(Self.item(strike: "230", standard: 2)),
              \(Self.item(strike: "230", standard: 1)),\(Self.item(strike: "97.5", standard: 1))]}]}
            """)
        let day = try #require(CivilDate(iso: "2026-12-18"))
        let rows = OptionChainRow.rows(answer, expiry: day)
        #expect(rows.map { "\($0.strike) \($0.isStandard)" } == ["97.5 true", "230 true", "230 false"])
    }

    @Test func expiriesAreAscendingEachOnceWithoutThosePast() throws {
        let answer = try parsed(
            OpenD.QotGetOptionExpirationDate.S2C.self,
            #"""
            {"dateList":[{"strikeTime":"2026-12-18","optionExpiryDateDistance":27},
             {"strikeTime":"2026-11-20","optionExpiryDateDistance":-1},
             {"strikeTime":"2026-11-21","optionExpiryDateDistance":0,"cycle":1},
             {"strikeTime":"2026-12-18","optionExpiryDateDistance":27,"cycle":2},{"optionExpiryDateDistance":3}]}
            """#)
        #expect(OptionChainRow.expiries(answer).map(\.iso) == ["2026-11-21", "2026-12-18"])
    }

    private static func snapshot(_ figures: String) throws -> OpenD.QotGetSecuritySnapshot.OptionSnapshotExData {
        try parsed(
            OpenD.QotGetSecuritySnapshot.OptionSnapshotExData.self,
            """
            {"type":2,"owner":{"market":11,"code":"AAPL"},"strikeTime":"2026-12-18","strikePrice":230,
             "contractSize":100,"openInterest":1234,"premium":3.1,"optionAreaType":1,"contractMultiplier":100,\(figures)}
            """)
    }

    private func quote(_ figures: String, greeks: Bool) throws -> OptionQuote {
        let symbol = try #require(Symbol("AAPL261218P00230000.US"))
        return OptionQuote(try Self.snapshot(figures), figures: Quote(symbol: symbol), includesGreeks: greeks)
    }

    private static let known =
        #""impliedVolatility":31.25,"delta":-0.42,"gamma":0.013,"vega":0.21,"theta":-0.087,"rho":0"#
    private static let unknown = #""impliedVolatility":0,"delta":0,"gamma":0,"vega":0,"theta":0,"rho":0"#

    @Test func aVolatilityIsAFractionAndTheTermsAreTheContracts() throws {
        let quote = try quote(Self.known, greeks: true)
        #expect(quote.underlying?.text == "AAPL.US" && quote.right == .put && quote.strike?.text == "230")
        #expect(quote.expiry?.iso == "2026-12-18" && quote.style == .american)
        #expect(quote.multiplier?.text == "100" && quote.contractSize?.text == "100")
        #expect(quote.impliedVolatility?.text == "0.3125" && quote.openInterest?.text == "1234")
        let greeks = try #require(quote.greeks)
        #expect(greeks.delta?.text == "-0.42" && greeks.gamma?.text == "0.013" && greeks.theta?.text == "-0.087")
        #expect(greeks.vega?.text == "0.21" && greeks.rho?.text == "0")
    }

    @Test func greeksAreToldWhenAskedForAndCalculated() throws {
        #expect(try quote(Self.known, greeks: false).greeks == nil)
        let unknown = try quote(Self.unknown, greeks: true)
        #expect(unknown.greeks == nil && unknown.impliedVolatility == nil && unknown.openInterest?.text == "1234")
    }

    @Test func aSecurityOfAnotherKindIsAFailureOfItsOwn() throws {
        let (stock, option, unknown) = (Symbol("AAPL.US"), Symbol("AAPL261218P00230000.US"), Symbol("NONE.US"))
        var results = SymbolResults<Int>()
        results.values = [try #require(stock): 1, try #require(option): 2]
        results.failures = [try #require(unknown): .leftOut]
        let mapped = results.mapped(orElse: .noOption) { symbol, value in symbol == option ? "\(value)" : nil }
        #expect(mapped.values == [try #require(option): "2"])
        #expect(mapped.failures == [try #require(stock): .noOption, try #require(unknown): .leftOut])
    }
}

@Suite struct OpenDDerivativesTests {
    init() { LoopRunner.start() }

    @LoopActor @Test func aChainIsAskedForByOneDay() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotGetOptionChain.C2S.self) { _ in .success(.init()) }
        let apple = try #require(Symbol("AAPL.US"))
        let day = try #require(CivilDate(iso: "2026-12-18"))
        let rows = try await OpenDDerivatives(calls: calls).chain(apple, expiry: day, wait: .seconds(1))
        let request = try #require(calls.requests(OpenD.QotGetOptionChain.C2S.self).first)
        #expect(rows.isEmpty && request.owner.market == 11 && request.owner.code == "AAPL")
        #expect(request.beginTime == "2026-12-18" && request.endTime == "2026-12-18")
    }

    @LoopActor @Test func aRefusalOfExpirationsIsAboutTheSecurity() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotGetOptionExpirationDate.C2S.self) { _ in .failure(.refused) }
        let symbol = try #require(Symbol("99999.HK"))
        await #expect { _ = try await OpenDDerivatives(calls: calls).expirations(symbol, wait: .seconds(1)) } throws: {
            ($0 as? BrokerFailure)?.kind == .unknownSymbol
        }
    }
}
