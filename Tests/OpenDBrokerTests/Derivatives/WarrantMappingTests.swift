import BrokerModel
import Bytes
import Clocks
import EventLoops
import OpenDWire
import TestSupport
import Testing

@testable import OpenDBroker

@Suite struct WarrantFilterTests {
    private func request(_ change: (inout WarrantFilter) -> Void) throws -> OpenD.QotGetWarrant.C2S {
        var filter = WarrantFilter()
        change(&filter)
        return try OpenD.QotGetWarrant.C2S(filter, today: try #require(CivilDate(iso: "2026-11-21")))
    }

    @Test func withoutFiltersItAsksForTheMostTraded() throws {
        let request = try request { _ in }
        #expect(request.begin == 0 && request.num == 100 && request.sortField == 11 && !request.ascend)
        #expect(request.typeList.isEmpty && request.issuerList.isEmpty && request.status == nil)
        #expect(request.maturityTimeMin == nil && request.maturityTimeMax == nil && request.priceType == nil)
    }

    @Test func aPageIsAsLargeAsTheGatewayTakes() throws {
        let request = try request { ($0.count, $0.offset) = (500, 400) }
        #expect(request.num == 200 && request.begin == 400)
    }

    @Test func kindsIssuersAndAStatusGoByNumber() throws {
        let request = try request {
            ($0.kinds, $0.issuers, $0.statuses) = ([.bull, .inline], [11, 7], [.toBeListed])
            ($0.column, $0.isDescending) = (.strike, false)
        }
        #expect(request.typeList == [3, 5] && request.issuerList == [11, 7] && request.status == 4)
        #expect(request.sortField == 18 && request.ascend)
    }

    @Test(arguments: [
        ([WarrantExpiry.underThreeMonths], "2026-11-21", "2027-02-19"),
        ([.threeToSixMonths], "2027-02-20", "2027-05-22"),
        ([.sixToTwelveMonths, .threeToSixMonths], "2027-02-20", "2027-11-21"),
        ([.overTwelveMonths], "2027-11-22", nil),
    ])
    func neighbouringExpiriesAreOneStretch(expiries: [WarrantExpiry], first: String, last: String?) throws {
        let request = try request { $0.expiries = expiries }
        #expect(request.maturityTimeMin == first && request.maturityTimeMax == last)
    }

    @Test func allOfAListIsNoFilter() throws {
        let request = try request {
            ($0.expiries, $0.statuses, $0.bounds) = (
                WarrantExpiry.allCases, WarrantStatus.allCases, WarrantBounds.allCases
            )
        }
        #expect(request.maturityTimeMin == nil && request.status == nil && request.priceType == nil)
    }

    @Test(arguments: ["expiry", "status", "bounds", "sort"])
    func whatTheGatewayCannotDoIsNotOffered(field: String) {
        #expect {
            _ = try request {
                switch field {
                case "expiry": $0.expiries = [.underThreeMonths, .sixToTwelveMonths]
                case "status": $0.statuses = [.normal, .suspended]
                case "bounds": $0.bounds = [.inside]
                default: $0.column = .toCallPrice
                }
            }
        } throws: {
            let failure = $0 as? BrokerFailure
            return failure?.kind == .notSupported && failure?.field == field
        }
    }

    @Test func everyColumnButOneHasANumberOfItsOwn() {
        let numbers = WarrantColumn.allCases.compactMap(\.sortField)
        #expect(Set(numbers).count == numbers.count && numbers.count == WarrantColumn.allCases.count - 1)
    }

    @Test(arguments: WarrantKind.allCases) func aKindIsItsNumberAndBack(kind: WarrantKind) {
        #expect(WarrantKind(warrantType: kind.warrantType) == kind)
    }

    @Test(arguments: WarrantStatus.allCases) func aStatusIsItsNumberAndBack(status: WarrantStatus) {
        #expect(WarrantStatus(warrantStatus: status.warrantStatus) == status)
    }

    @Test func theIssuersAreThoseTheGatewayHasNumbersFor() {
        let told = OpenD.QotCommon.Issuer.names.filter { $0.number > 0 }
        #expect(WarrantIssuer.table.map(\.id) == told.map(\.number))
        #expect(WarrantIssuer.table.compactMap(\.nameEnglish) == told.map { String("\($0.name)".dropFirst(7)) })
        #expect(WarrantIssuer.table.allSatisfy { $0.nameSimplifiedChinese?.isEmpty == false })
    }
}

@Suite struct WarrantMappingTests {
    private func row(
        type: Int, _ change: (inout OpenD.QotGetWarrant.WarrantData) -> Void = { _ in }
    ) throws -> WarrantRow {
        var data = try parsed(
            OpenD.QotGetWarrant.WarrantData.self,
            """
            {"stock":{"market":1,"code":"13579"},"owner":{"market":1,"code":"00700"},"type":\(type),"issuer":11,
             "maturityTime":"2027-03-30","listTime":"2026-01-05","lastTradeTime":"2027-03-24",
             "recoveryPrice":550,"conversionRatio":100,"lotSize":10000,"strikePrice":540.5,"lastClosePrice":0.2,
             "name":"UB-TENC","curPrice":0.21,"priceChangeVal":0.01,"changeRate":5,"status":1,"bidPrice":0.209,
             "askPrice":0.211,"bidVol":"1","askVol":"2","volume":"3000000","turnover":630000,"score":80,
             "premium":4.07,"breakEvenPoint":561.5,"leverage":28.8,"ipop":12.02,"priceRecoveryRatio":10.1,
             "conversionPrice":21,"streetRate":35.5,"streetVol":"35500000","amplitude":6,
             "issueSize":"100000000","highPrice":0.22,"lowPrice":0.2,"impliedVolatility":33.3,"delta":0.61,
             "effectiveLeverage":17.57,"upperStrikePrice":0,"lowerStrikePrice":0}
            """)
        change(&data)
        return try #require(WarrantRow(data))
    }

    @Test func ratesAreFractionsAndACallHasVolatilityButNoCallPrice() throws {
        let row = try row(type: 1)
        #expect(row.symbol.text == "13579.HK" && row.name == "UB-TENC" && row.kind == .call && row.status == .normal)
        #expect(row.expiry?.iso == "2027-03-30")
        let expected: [WarrantColumn: String] = [
            .last: "0.21", .change: "0.01", .changePercent: "0.05", .volume: "3000000", .turnover: "630000",
            .outstandingQuantity: "35500000", .outstandingRatio: "0.355", .leverage: "28.8", .strike: "540.5",
            .premium: "0.0407", .moneyness: "0.1202", .conversionRatio: "100", .breakEven: "561.5",
            .impliedVolatility: "0.333", .delta: "0.61", .effectiveLeverage: "17.57",
        ]
        #expect(row.figures.mapValues(\.text) == expected)
    }

    @Test func aBullHasACallPriceButNoVolatility() throws {
        let row = try row(type: 3)
        #expect(row.kind == .bull && row.figures[.callPrice]?.text == "550")
        #expect(row.figures[.toCallPrice]?.text == "0.101")
        #expect(row.figures[.impliedVolatility] == nil && row.figures[.delta] == nil)
        #expect(row.figures[.effectiveLeverage] == nil)
    }

    @Test func anInlineWarrantHasBoundsButNoStrike() throws {
        let row = try row(type: 5) { ($0.upperStrikePrice, $0.lowerStrikePrice) = (600, 500) }
        #expect(row.figures[.upperStrike]?.text == "600" && row.figures[.lowerStrike]?.text == "500")
        #expect(row.figures[.strike] == nil && row.figures[.premium] == nil && row.figures[.callPrice] == nil)
    }

    @Test func zeroForUnknownIsAbsent() throws {
        let row = try row(type: 2) {
            ($0.curPrice, $0.impliedVolatility, $0.delta) = (0, 0, 0)
            ($0.effectiveLeverage, $0.leverage, $0.breakEvenPoint) = (0, 0, 0)
        }
        for column in [
            WarrantColumn.last, .change, .changePercent, .impliedVolatility, .delta, .effectiveLeverage, .leverage,
            .breakEven,
        ] { #expect(row.figures[column] == nil, "\(column)") }
    }

    private func quote(type: Int) throws -> WarrantQuote {
        let warrant = try parsed(
            OpenD.QotGetSecuritySnapshot.WarrantSnapshotExData.self,
            """
            {"conversionRate":100,"warrantType":\(type),"strikePrice":540.5,"maturityTime":"2027-03-30",
             "endTradeTime":"2027-03-24","owner":{"market":1,"code":"00700"},"recoveryPrice":550,
             "streetVolumn":"35500000","issueVolumn":"100000000","streetRate":35.5,"delta":0.61,
             "impliedVolatility":33.3,"premium":4.07,"upperStrikePrice":600,"lowerStrikePrice":500}
            """)
        return WarrantQuote(warrant, figures: Quote(symbol: try #require(Symbol("13579.HK"))))
    }

    @Test func aQuoteHasWhatItsKindHas() throws {
        let call = try quote(type: 1)
        #expect(call.underlying?.text == "700.HK" && call.kind == .call && call.strike?.text == "540.5")
        #expect(call.expiry?.iso == "2027-03-30" && call.lastTradingDay?.iso == "2027-03-24")
        #expect(call.impliedVolatility?.text == "0.333" && call.outstandingRatio?.text == "0.355")
        #expect(call.outstandingQuantity?.text == "35500000" && call.conversionRatio?.text == "100")
        #expect(call.callPrice == nil && call.upperStrike == nil && call.lowerStrike == nil)
        let bear = try quote(type: 4)
        #expect(bear.callPrice?.text == "550" && bear.impliedVolatility == nil)
        let inline = try quote(type: 5)
        #expect(inline.strike == nil && inline.conversionRatio == nil)
        #expect(inline.upperStrike?.text == "600" && inline.lowerStrike?.text == "500")
    }
}

@Suite struct WarrantListTests {
    init() { LoopRunner.start() }

    @LoopActor @Test func aListIsOfTheUnderlyingAndTellsHowManyThereAre() async throws {
        let calls = AnsweredCalls()
        calls.answer(OpenD.QotGetWarrant.C2S.self) { _ in
            var reply = OpenD.QotGetWarrant.S2C()
            reply.allCount = 321
            return .success(reply)
        }
        let tencent = try #require(Symbol("700.HK"))
        let page = try await OpenDDerivatives(calls: calls).warrants(
            tencent, WarrantFilter(), today: try #require(CivilDate(iso: "2026-11-21")), wait: .seconds(1))
        #expect(page.total == 321 && page.rows.isEmpty)
        #expect(calls.requests(OpenD.QotGetWarrant.C2S.self).first?.owner?.code == "00700")
    }
}
