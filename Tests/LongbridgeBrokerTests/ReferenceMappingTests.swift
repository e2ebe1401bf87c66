import BrokerModel
import Bytes
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import LongbridgeBroker

@Suite struct ReferenceMappingTests {
    typealias Wire = Longbridge.Quote

    @Test func capturedQueuesKeepTheirOrderAndGetNames() throws {
        let participants = try Wire.ParticipantBrokerIdsResponse.decode(
            CapturedFrames.body("participants.response 16")
        ).participantBrokerNumbers.map { Participant($0) }
        var directory = ParticipantDirectory()
        directory.take(participants, language: "zh-HK", at: .zero)
        let answer = try Wire.SecurityBrokersResponse.decode(CapturedFrames.body("brokers.response 15"))
        var merger = QueueMerger()
        merger.replace(bids: answer.bidBrokers, asks: answer.askBrokers)
        let queue = BrokerQueue(merger, symbol: try symbol("700.HK"), names: directory.names)
        #expect(queue.asks.map(\.position) == [1, 2, 3])
        #expect(queue.asks.first?.brokers.map(\.id) == [6997, 4978, 7739, 6968])
        #expect(queue.asks.first?.brokers.first?.name == "花旗")
        #expect(queue.sequence == nil)
        #expect(participants.last?.nameEnglish == "HSBC")
    }

    @Test func aQueuePushReplacesTheRowsItNames() throws {
        func row(_ position: Int32, _ ids: [Int32]) -> Wire.Brokers {
            var row = Wire.Brokers()
            row.position = position
            row.brokerIds = ids
            return row
        }
        var merger = QueueMerger()
        merger.replace(bids: [row(1, [1]), row(2, [2]), row(3, [3])], asks: [row(1, [9])])
        var push = Wire.PushBrokers()
        push.sequence = 5
        push.bidBrokers = [row(2, [7, 7])]
        let isTaken1 = merger.merge(push)
        #expect(isTaken1)
        #expect(merger.bids.map(\.brokerIds) == [[1], [7, 7], [3]])
        push.sequence = 4
        let isTaken2 = merger.merge(push)
        #expect(!isTaken2)
        push.sequence = 6
        push.bidBrokers = [row(1, []), row(2, [5])]
        let isTaken3 = merger.merge(push)
        #expect(isTaken3)
        #expect(merger.bids.map(\.brokerIds) == [[], [5]])
        #expect(merger.asks.map(\.brokerIds) == [[9]])
    }

    @Test func capturedIndexesAreNullWhereTheyWereNotAskedFor() throws {
        let answer = try Wire.SecurityCalcQuoteResponse.decode(CapturedFrames.body("calc_indexes.response 26"))
        let record = try #require(answer.securityCalcIndex.first)
        let asked: [Indicator] = [.last, .changePercent, .priceEarningsTTM, .priceBook]
        let values = IndicatorValues(record, symbol: try symbol("700.HK"), fields: asked).values
        #expect(values[.last] == DecimalText("441.000").map { .decimal($0) })
        #expect(values[.changePercent] == DecimalText("2.99").map { .decimal($0) })
        #expect(values[.priceEarningsTTM] == DecimalText("90.90").map { .decimal($0) })
        #expect(values[.priceBook] == nil)
        #expect(values.count == 3)
    }

    @Test func everyIndicatorHasTheVendorsNumber() {
        #expect(Indicator.allCases.map(\.number) == Array(1...40))
        #expect(Indicator.fiveMinuteChangePercent.number == 18)
        #expect(Indicator.impliedVolatility.number == 27)
        #expect(Indicator.openInterest.number == 35)
        #expect(Indicator.rho.number == 40)
    }

    @Test func greeksThatComeAHundredfoldAreDivided() throws {
        var record = Wire.SecurityCalcIndex()
        record.theta = "-12.5"
        record.vega = "30"
        record.rho = "nonsense"
        record.expiryDate = "20261218"
        let values = IndicatorValues(
            record, symbol: try symbol("AAPL261218C230000.US"), fields: [.theta, .vega, .rho, .expiry, .openInterest]
        ).values
        #expect(values[.theta] == DecimalText("-0.125").map { .decimal($0) })
        #expect(values[.vega] == DecimalText("0.3").map { .decimal($0) })
        #expect(values[.rho] == nil)
        #expect(values[.openInterest] == nil)
        #expect(values[.expiry] == CivilDate(compact: "20261218").map { .date($0) })
    }

    @Test func capturedMoneyIsNotMixedUp() throws {
        let answer = try Wire.CapitalDistributionResponse.decode(
            CapturedFrames.body("capital_distribution.response 25"))
        let distribution = CapitalDistribution(answer, symbol: try symbol("700.HK"))
        #expect(distribution.inflow.large?.text == "62678752.000")
        #expect(distribution.outflow.small?.text == "73772164.000")
        #expect(distribution.time == WallTime(seconds: 1_795_140_900))
    }

    @Test func capturedHoursBecomeOneEntryAMarket() throws {
        let answer = try Wire.MarketTradePeriodResponse.decode(CapturedFrames.body("trading_session.response 8"))
        let hours = answer.marketTradeSession.flatMap { MarketHours.list($0) }
        #expect(hours.map(\.market) == [.unitedStates, .hongKong, .shanghai, .shenzhen, .singapore])
        #expect(hours.first?.sessions.filter { $0.session == .overnight }.map(\.end) == [1440, 240])
        #expect(hours.dropFirst().first?.sessions.map(\.begin) == [570, 780])
    }

    @Test func theCapturedProfileNamesPackagesAndLimits() throws {
        let profile = try Wire.UserQuoteProfileResponse.decode(CapturedFrames.body("login.response 4"))
        let permissions = QuotePermissions(profile)
        #expect(permissions.level == "Mock LV2")
        #expect(permissions.subscriptionLimit == 500)
        #expect(permissions.historyLimit == 400)
        #expect(permissions.packages.map(\.key) == ["cn_lv1", "hk_lv2", "us_lv1"])
        #expect(permissions.packages.map(\.market) == ["CN", "HK", "US"])
        #expect(permissions.packages.first?.start != nil)
    }

    @Test func optionsAreAskedForInTheVendorsWriting() throws {
        #expect(try symbol("AAPL261218C00230000.US").wire == "AAPL261218C230000.US")
        #expect(try symbol("700.HK").wire == "700.HK")
    }
}
