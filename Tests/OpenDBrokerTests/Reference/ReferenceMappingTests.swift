import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Protobuf
import Testing

@testable import OpenDBroker

/// A message from its JSON form.
private func message<Kind: Message>(_ type: Kind.Type = Kind.self, _ json: String) throws -> Kind {
    try Kind(json: JSONValue.parse(Array(json.utf8)))
}

@Suite struct SectorMappingTests {
    @Test func aPlateIsASectorOfTheKindItTellsOrThatWasAskedFor() throws {
        let told = try message(
            OpenD.QotCommon.PlateInfo.self,
            #"{"plate":{"market":1,"code":"BK1910"},"name":"Internet","plateType":3}"#)
        #expect(Sector(told)?.id.text == "BK1910.HK")
        #expect(Sector(told, asked: .industry)?.kind == .concept)
        let silent = try message(
            OpenD.QotCommon.PlateInfo.self, #"{"plate":{"market":1,"code":"LIST22910"},"name":"Blue chips"}"#)
        #expect(Sector(silent)?.kind == nil)
        #expect(Sector(silent, asked: .industry)?.kind == .industry)
    }

    @Test(arguments: SectorKind.allCases)
    func aKindIsItsNumberAndBack(kind: SectorKind) { #expect(SectorKind(code: kind.code) == kind) }

    @Test func aMarketThatIsNoneOfOursIsLeftOut() throws {
        let plate = try message(
            OpenD.QotCommon.PlateInfo.self, #"{"plate":{"market":91,"code":"BK1"},"name":"Coins"}"#)
        #expect(Sector(plate) == nil)
    }
}

@Suite struct AdjustmentMappingTests {
    @Test func theBitsTellWhichFieldsCount() throws {
        var rehab = OpenD.QotCommon.Rehab()
        rehab.time = "2026-05-18 00:00:00"
        rehab.companyActFlag = 1 | 64
        (rehab.fwdFactorA, rehab.fwdFactorB, rehab.bwdFactorA, rehab.bwdFactorB) = (0.2, -0.1, 5, 0.5)
        (rehab.splitBase, rehab.splitErt, rehab.dividend) = (1, 5, 0.1)
        // Not named by the bits: it means nothing.
        rehab.spDividend = 7
        let adjustment = try #require(ExDateAdjustment(rehab))
        #expect(adjustment.exDate.iso == "2026-05-18")
        #expect(adjustment.forwardFactor.text == "0.2" && adjustment.forwardOffset.text == "-0.1")
        #expect(adjustment.backwardFactor.text == "5" && adjustment.backwardOffset.text == "0.5")
        #expect(adjustment.actions.map(\.kind) == [.split, .dividend])
        #expect(adjustment.actions.first?.base?.text == "1" && adjustment.actions.first?.shares?.text == "5")
        #expect(adjustment.actions.last?.amount?.text == "0.1")
    }

    @Test(arguments: [
        (Int64(2), CorporateActionKind.reverseSplit), (4, .bonus), (8, .transfer), (16, .rights), (32, .offering),
        (128, .specialDividend), (256, .spinOff),
    ])
    func eachBitIsAKind(bit: Int64, kind: CorporateActionKind) {
        var rehab = OpenD.QotCommon.Rehab()
        rehab.companyActFlag = bit
        #expect(CorporateAction.actions(rehab).map(\.kind) == [kind])
    }

    @Test func aFactorThatIsNoNumberIsNoAdjustment() {
        var rehab = OpenD.QotCommon.Rehab()
        rehab.time = "2026-05-18"
        rehab.fwdFactorA = .nan
        #expect(ExDateAdjustment(rehab) == nil)
    }
}

@Suite struct NewIssueMappingTests {
    @Test func hongKongTellsTheRangeTheLotAndTheEndOfApplications() throws {
        let data = try message(
            OpenD.QotGetIpoList.IpoData.self,
            #"""
            {"basic":{"security":{"market":1,"code":"02586"},"name":"New","listTime":"2026-12-01"},
             "hkExData":{"ipoPriceMin":10.2,"ipoPriceMax":12.6,"listPrice":0,"lotSize":200,"entrancePrice":2545.41,
             "isSubscribeStatus":true,"applyEndTime":"2026-11-26 12:00:00"}}
            """#)
        let issue = try #require(NewIssue(data))
        #expect(issue.symbol.text == "2586.HK" && issue.listedOn?.iso == "2026-12-01")
        #expect(issue.priceMinimum?.text == "10.2" && issue.priceMaximum?.text == "12.6" && issue.price == nil)
        #expect(issue.lotSize == 200 && issue.entryAmount?.text == "2545.41" && issue.isOpen == true)
        #expect(issue.closesAt?.rfc3339 == "2026-11-26T04:00:00Z")
    }

    @Test func theStatesTellTheRangeAndTheSize() throws {
        let data = try message(
            OpenD.QotGetIpoList.IpoData.self,
            #"""
            {"basic":{"security":{"market":11,"code":"NEWC"},"name":"New Corp"},
             "usExData":{"ipoPriceMin":18,"ipoPriceMax":20,"issueSize":"12500000"}}
            """#)
        let issue = try #require(NewIssue(data))
        #expect(issue.issueSize?.text == "12500000" && issue.priceMinimum?.text == "18" && issue.listedOn == nil)
    }
}

@Suite struct FutureMappingTests {
    @Test func theTermsOfAContinuousFuture() throws {
        let info = try message(
            OpenD.QotGetFutureInfo.FutureInfo.self,
            #"""
            {"name":"HSI","security":{"market":1,"code":"HSImain"},"lastTradeTime":"","ownerOther":"Hang Seng Index",
             "exchange":"HKFE","contractType":"index","contractSize":50,"contractSizeUnit":"HKD","quoteCurrency":"HKD",
             "minVar":1,"minVarUnit":"point","timeZone":"UTC+8","exchangeFormatUrl":"",
             "tradeTime":[{"begin":555,"end":720},{"begin":1035,"end":1620},{"begin":30}],
             "origin":{"market":1,"code":"HSI2611"}}
            """#)
        let future = try #require(FutureContract(info))
        #expect(future.symbol.text == "HSIMAIN.HK" && future.contract?.text == "HSI2611.HK")
        #expect(future.lastTradeAt == nil && future.contractSize?.text == "50")
        #expect(future.sessions == [.init(begin: 555, end: 720), .init(begin: 1035, end: 1620)])
    }
}

@Suite struct ScreenMappingTests {
    @Test func everyWordHasANumberOfItsOwn() {
        for span in [ScreenField.Span.now, .days, .report] {
            let fields = ScreenField.allCases.filter { $0.span == span }
            let codes = fields.compactMap { ScreenCodes.fields[$0] }
            #expect(codes.count == fields.count && Set(codes).count == codes.count)
            #expect(
                fields.allSatisfy { field in ScreenCodes.fields[field].flatMap { ScreenCodes.field($0, span) } == field
                })
        }
        #expect(
            Set(ScreenPattern.allCases.compactMap { ScreenCodes.patterns[$0] }).count == ScreenPattern.allCases.count)
        #expect(
            Set(ScreenIndicator.allCases.compactMap { ScreenCodes.indicators[$0] }).count
                == ScreenIndicator.allCases.count)
    }

    @Test func filtersGoToTheListOfTheirKind() throws {
        var screen = Screen(.hongKong)
        screen.sector = Symbol("BK1910.HK")
        var last = ScreenFilter.Figure(.last)
        (last.minimum, last.order) = (DecimalText("10.5"), .descending)
        var change = ScreenFilter.Figure(.changePercent)
        change.days = 5
        var profit = ScreenFilter.Figure(.netProfit)
        (profit.report, profit.maximum) = (.interim, DecimalText("1000000"))
        var comparison = ScreenFilter.Comparison(.ma, .crossesAbove, .value, .oneDay)
        (comparison.parameters, comparison.value) = ([7], DecimalText("3.5"))
        screen.filters = [
            .figure(last), .figure(change), .figure(profit), .pattern(.macdGoldenCrossLow, .oneHour, periods: 2),
            .comparison(comparison),
        ]
        let request = try OpenD.QotStockFilter.C2S(screen)
        #expect(request.market == 1 && request.plate?.code == "BK1910" && request.num == 50)
        let base = try #require(request.baseFilterList.first)
        #expect(base.fieldName == 3 && base.filterMin == 10.5 && base.isNoFilter == false && base.sortDir == 2)
        let accumulated = try #require(request.accumulateFilterList.first)
        #expect(accumulated.fieldName == 1 && accumulated.days == 5 && accumulated.isNoFilter == true)
        let financial = try #require(request.financialFilterList.first)
        #expect(financial.fieldName == 1 && financial.quarter == 3 && financial.filterMax == 1_000_000)
        let pattern = try #require(request.patternFilterList.first)
        #expect(pattern.fieldName == 13 && pattern.klType == 9 && pattern.consecutivePeriod == 2)
        let lines = try #require(request.customIndicatorFilterList.first)
        #expect(lines.firstFieldName == 30 && lines.secondFieldName == 17 && lines.relativePosition == 3)
        #expect(lines.firstFieldParaList == [7] && lines.fieldValue == 3.5 && lines.klType == 2)
    }

    @Test func candlesTheCallDoesNotTakeAreRefusedBeforeItIsSent() throws {
        var screen = Screen(.hongKong)
        screen.filters = [.pattern(.maAlignedUp, .oneMinute, periods: nil)]
        #expect(throws: BrokerFailure.self) { try OpenD.QotStockFilter.C2S(screen) }
    }

    @Test func aPageTellsTheFiguresByTheirWords() throws {
        let answer = try message(
            OpenD.QotStockFilter.S2C.self,
            #"""
            {"lastPage":false,"allCount":120,"dataList":[{"security":{"market":1,"code":"00700"},"name":"Tencent",
             "baseDataList":[{"fieldName":3,"value":605.5},{"fieldName":99,"value":1}],
             "accumulateDataList":[{"fieldName":1,"value":-1.2,"days":5}],
             "financialDataList":[{"fieldName":2,"value":12.5,"quarter":1}]}]}
            """#)
        let page = ScreenPage(answer)
        #expect(page.total == 120 && !page.isLast)
        let row = try #require(page.rows.first)
        #expect(
            row.values.map { "\($0.field.rawValue) \($0.days ?? 0) \($0.report?.rawValue ?? "") \($0.value)" }
                == ["last 0  605.5", "change_percent 5  -1.2", "net_profit_growth 0 annual 12.5"])
    }
}
