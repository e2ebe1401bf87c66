import BrokerModel
import Bytes
import Clocks
import HTTPWire
import Testing

@testable import Bridge

@Suite struct OrderBodyTests {
    private func request(_ members: String) throws -> OrderRequest {
        var body = try BodyReader(
            Array(#"{"symbol":"AAPL.US","side":"buy","quantity":"10",\#(members)}"#.utf8))
        let request = try OrderRequest(reading: &body)
        try body.finish()
        return request
    }

    private func refusal(_ members: String) -> Problem? {
        do {
            _ = try request(members)
            return nil
        } catch { return error as? Problem }
    }

    @Test func everyConditionIsReadWithTheTypesThatHaveIt() throws {
        let trailing = try request(
            """
            "type":"trailing_stop_limit_percent","trailing_percent":"1.5","limit_depth_level":-2,"trigger_count":3,
            "monitor_price":180
            """)
        #expect(trailing.prices == [.trailingPercent: try decimal("1.5"), .monitor: try decimal("180")])
        #expect(trailing.conditions.depthLevel == -2 && trailing.conditions.triggerCount == 3)
        let parked = try request(#""type":"market","delayed_until":"2026-12-01T09:30:00Z""#)
        #expect(parked.conditions.delayedUntil == WallTime(rfc3339: "2026-12-01T09:30:00Z"))
        // Zero says that it is not used.
        let plain = try request(#""type":"market_if_touched","trigger_price":"200","trigger_count":0"#)
        #expect(plain.conditions == OrderConditions())
    }

    @Test(arguments: [
        (#""type":"limit","limit_price":"1","limit_depth_level":1"#, 422, "invalid_condition", "/limit_depth_level"),
        (#""type":"market","trigger_count":2"#, 422, "invalid_condition", "/trigger_count"),
        (
            #""type":"market_if_touched","trigger_price":"1","delayed_until":"2026-12-01T09:30:00Z""#, 422,
            "invalid_condition", "/delayed_until"
        ),
        (#""type":"market","delayed_until":"tomorrow""#, 400, "invalid_field", "/delayed_until"),
        (#""type":"market","trigger_count":4"#, 400, "invalid_field", "/trigger_count"),
        (#""type":"market","monitor_price":"5""#, 422, "invalid_price", "/monitor_price"),
        (#""type":"trailing_stop_limit_amount","trailing_amount":"1""#, 422, "missing_price", "/limit_offset"),
        (#""type":"market","attached":{}"#, 400, "missing_field", "/attached/take_profit"),
        (#""type":"market","attached":[]"#, 400, "invalid_field", "/attached"),
        (#""type":"market","attached":{"stop_loss":{}}"#, 400, "missing_field", "/attached/stop_loss/trigger_price"),
        (
            #""type":"market","attached":{"stop_loss":{"trigger_price":"1","row":2}}"#, 400, "unknown_field",
            "/attached/stop_loss/row"
        ),
        (
            #""type":"market","attached":{"stop_loss":{"trigger_price":"0"}}"#, 422, "invalid_price",
            "/attached/stop_loss/trigger_price"
        ),
        (
            #""type":"market","attached":{"stop_loss":{"trigger_price":"5","limit_price":"4","limit_depth_level":1}}"#,
            422, "invalid_condition", "/attached/stop_loss/limit_depth_level"
        ),
        (
            #""type":"market","attached":{"stop_loss":{"trigger_price":"5"},"take_profit":{"trigger_price":"4"}}"#, 422,
            "invalid_price", "/attached/take_profit/trigger_price"
        ),
        (
            #""type":"market","attached":{"stop_loss":{"trigger_price":"5"},"take_profit":{"trigger_price":"6","limit_price":"6"}}"#,
            422, "invalid_condition", "/attached/stop_loss"
        ),
        (
            #""type":"market","attached":{"stop_loss":{"trigger_price":"5"},"time_in_force":"gtd"}"#, 422,
            "invalid_expire_date", "/attached/expire_date"
        ),
        (#""type":"market","legs":[]"#, 501, "not_supported_by_broker", "/legs"),
    ])
    func whatDoesNotFitIsRefusedByName(_ members: String, _ status: Int, _ code: String, _ field: String) throws {
        let problem = try #require(refusal(members))
        #expect((problem.status, problem.code) == (status, code))
        #expect(problem.field == field)
    }

    @Test func aSellersProfitIsBelowItsLoss() throws {
        var body = try BodyReader(
            Array(
                """
                {"symbol":"AAPL.US","side":"sell","type":"market","quantity":1,
                 "attached":{"take_profit":{"trigger_price":"90"},"stop_loss":{"trigger_price":"110"},
                  "time_in_force":"gtd","expire_date":"2026-12-24","outside_regular_hours":"extended"}}
                """.utf8))
        let request = try OrderRequest(reading: &body)
        let attached = try #require(request.attached)
        #expect(attached.exits[.takeProfit]?.trigger.text == "90" && attached.exits[.stopLoss]?.isLimited == false)
        #expect(attached.expireDate == CivilDate(iso: "2026-12-24") && attached.outsideRegularHours == .extended)
    }

    @Test func anAmendmentTellsWhatIsTakenAwayFromWhatStays() throws {
        var body = try BodyReader(
            Array(#"{"limit_depth_level":null,"trigger_count":2,"delayed_until":null,"attached":null}"#.utf8))
        let change = try OrderChange(reading: &body)
        try body.finish()
        #expect(change.depthLevel == 0 && change.triggerCount == 2)
        #expect(change.delay == .lifted && change.attached == .withdraw)
        var nothing = try BodyReader(Array("{}".utf8))
        let none = try OrderChange(reading: &nothing)
        #expect(none == OrderChange())
    }

    private func decimal(_ text: String) throws -> DecimalText { try #require(DecimalText(text)) }
}
