import BrokerModel
import Bytes
import Clocks
import EventLoops
import Sandbox
import TestSupport
import Testing

@testable import LongbridgeBroker

@Suite struct UserListTests {
    init() { LoopRunner.start() }

    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    // The examples are the vendor's documentation's.

    @Test func groupsKeepTheirOrderAndTheirPins() throws {
        let group = try json(
            """
            {"id":"41507","name":"Tech","securities":[
             {"symbol":"700.HK","market":"HK","name":"Tencent","watched_price":"398.6","watched_at":"1767840000","is_pinned":true},
             {"symbol":"NVDA.US","market":"US","name":"NVIDIA","watched_price":"","watched_at":"1767840060"}]}
            """)
        let list = try #require(Watchlist(group))
        #expect(list.id == "41507")
        #expect(list.securities.map(\.symbol.text) == ["700.HK", "NVDA.US"])
        #expect(list.securities.map(\.isPinned) == [true, false])
        #expect(list.securities.map { $0.price?.text } == ["398.6", nil])
        #expect(list.securities.first?.since == WallTime(seconds: 1_767_840_000))
        #expect(Watchlist(try json(#"{"id":7,"name":"n"}"#))?.id == "7")
        #expect(Watchlist(try json(#"{"name":"n"}"#)) == nil)
    }

    @Test func theTimeOfATemperatureHasOneOfTwoNames() throws {
        let now = MarketTemperature(
            try json(#"{"temperature":50,"valuation":3,"updated_at":"1767840000","description":""}"#))
        #expect(now?.time == WallTime(seconds: 1_767_840_000))
        #expect(now?.sentiment == nil && now?.description == nil)
        let past = MarketTemperature(try json(#"{"temperature":50,"timestamp":"1767840000"}"#))
        #expect(past?.time == WallTime(seconds: 1_767_840_000))
        #expect(MarketTemperature(try json(#"{"valuation":3}"#)) == nil)
    }

    @Test func alertsAreReadAndWrittenWhole() throws {
        let entry = try json(
            """
            {"symbol":"700.HK","indicators":[
             {"id":"9","indicator_id":"3","enabled":false,"frequency":2,"text":"up","state":[1],"value_map":{"chg":"5"}},
             {"id":10,"indicator_id":"77","enabled":true,"frequency":9,"value_map":{}}]}
            """)
        let alerts = PriceAlert.list(entry)
        #expect(alerts.map(\.id) == ["9", "10"])
        #expect(alerts.map(\.condition) == [.risePercent, nil])
        #expect(alerts.first?.value?.text == "5")
        #expect(alerts.first?.frequency == .everyTime)
        #expect(alerts.first?.isEnabled == false)
        let body = try JSONValue.parse(try #require(alerts.first).body(isNew: false))
        #expect(body["id"]?.stringValue == "9" && body["symbol"] == nil)
        #expect(body["value_map"]?["chg"]?.stringValue == "5")
        #expect(body["indicator_id"]?.stringValue == "3" && body["frequency"]?.intValue == 2)
        let new = try JSONValue.parse(try #require(alerts.first).body(isNew: true))
        #expect(new["symbol"]?.stringValue == "700.HK" && new["id"] == nil)
    }

    @LoopActor @Test func listsLiveAtTheBroker() async throws {
        let sandbox = LongbridgeSandbox(seed: 7, credentials: .random())
        try sandbox.start(on: #require(SocketAddress(host: "127.0.0.1", port: 0)))
        let bench = AdapterBench(authority: sandbox.authority, credentials: sandbox.credentials)
        let broker = bench.broker
        do {
            let id = try await broker.createWatchlist("mine", [symbol("700.HK")], wait: .seconds(5))
            var change = WatchlistChange()
            change.name = "ours"
            change.added = [try symbol("AAPL.US"), try symbol("5.HK")]
            change.removed = [try symbol("700.HK")]
            change.pinned = [try symbol("5.HK")]
            try await broker.changeWatchlist(id, change, wait: .seconds(5))
            let list = try await broker.watchlists(wait: .seconds(5)).first { $0.id == id }
            #expect(list?.name == "ours")
            #expect(list?.securities.map(\.symbol.text) == ["AAPL.US", "5.HK"])
            #expect(list?.securities.map(\.isPinned) == [false, true])
            try await broker.deleteWatchlist(id, purging: false, wait: .seconds(5))
            #expect(try await broker.watchlists(wait: .seconds(5)).isEmpty)
            await #expect {
                _ = try await broker.createWatchlist("x", [symbol("NOPE.HK")], wait: .seconds(5))
            } throws: {
                ($0 as? BrokerFailure)?.kind == .invalidRequest
            }
            let alert = PriceAlert(
                id: "", symbol: try symbol("700.HK"), condition: .priceAbove, value: DecimalText("999"),
                frequency: .once, isEnabled: true)
            try await broker.createPriceAlert(alert, wait: .seconds(5))
            var made = try #require(try await broker.priceAlerts(wait: .seconds(5)).first)
            made.value = DecimalText("998.5")
            made.isEnabled = false
            try await broker.changePriceAlert(made, wait: .seconds(5))
            let changed = try await broker.priceAlerts(wait: .seconds(5))
            #expect(changed.map { $0.value?.text } == ["998.5"] && changed.first?.isEnabled == false)
            try await broker.deletePriceAlert(made.id, wait: .seconds(5))
            #expect(try await broker.priceAlerts(wait: .seconds(5)).isEmpty)
            #expect(try await broker.securities(.unitedStates, .overnight, wait: .seconds(5)).count > 10)
            await #expect {
                _ = try await broker.securities(.hongKong, .overnight, wait: .seconds(5))
            } throws: {
                ($0 as? BrokerFailure)?.kind == .invalidRequest
            }
            #expect((0...100).contains(try await broker.temperature(.shanghai, wait: .seconds(5)).temperature))
        } catch {
            Issue.record(error)
        }
        await broker.stop()
        await sandbox.stop()
    }
}
