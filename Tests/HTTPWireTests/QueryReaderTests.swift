import Clocks
import HTTPWire
import Testing

@Suite struct QueryReaderTests {
    private enum Side: String, CaseIterable { case buy, sell }

    private func reader(_ query: String) throws -> QueryReader {
        QueryReader(try #require(RequestTarget("/x?\(query)")))
    }

    private func problem(_ query: String, _ read: (inout QueryReader) throws(Problem) -> Void) throws -> Problem? {
        var reader = try reader(query)
        do throws(Problem) {
            try read(&reader)
            try reader.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test func valuesAreReadByTheirTypes() throws {
        var query = try reader(
            "symbols=700.HK,AAPL.US&limit=10&full=true&side=sell&on=2026-03-02&at=2026-03-02T01:30:00%2B08:00&name=a+b")
        #expect(try query.list("symbols", maximumCount: 2) == ["700.HK", "AAPL.US"])
        #expect(try query.integer("limit", in: 1...10) == 10)
        #expect(try query.boolean("full") == true)
        #expect(try query.word("side", as: Side.self) == .sell)
        #expect(try query.date("on") == CivilDate(year: 2026, month: 3, day: 2))
        #expect(try query.time("at") == WallTime(rfc3339: "2026-03-01T17:30:00Z"))
        #expect(try query.string("name") == "a b")
        #expect(try query.string("absent") == nil)
        try query.finish()
    }

    @Test(arguments: [
        "limit=0", "limit=11", "limit=", "limit=1.0", "limit=%2B1", "limit=x", "limit=99999999999999999999",
        "limit=1e1",
        "full=1", "full=", "full=TRUE", "side=", "side=BUY", "on=2026-02-30", "on=20260302", "at=2026-03-02",
        "at=2026-03-02T01:30:00+08:00", "symbols=", "symbols=a,,b", "symbols=,a", "symbols=a,", "symbols=a,b,c",
    ])
    func whatIsNotOfTheTypeIsNamed(query: String) throws {
        let problem = try #require(
            try problem(query) { reader throws(Problem) in
                _ = try reader.list("symbols", maximumCount: 2)
                _ = try reader.integer("limit", in: 1...10)
                _ = try reader.boolean("full")
                _ = try reader.word("side", as: Side.self)
                _ = try reader.date("on")
                _ = try reader.time("at")
            })
        #expect(problem.status == 400 && problem.code == "invalid_field")
        #expect(problem.field == query.split(separator: "=").first.map(String.init))
    }

    @Test func repeatedUnknownAndMissingNamesAreNamed() throws {
        let repeated = try problem("a=1&a=1") { reader throws(Problem) in _ = try reader.string("a") }
        #expect(repeated?.code == "repeated_field" && repeated?.field == "a" && repeated?.status == 400)
        let unknown = try problem("a=1&b=2") { reader throws(Problem) in _ = try reader.string("a") }
        #expect(unknown?.code == "unknown_field" && unknown?.field == "b" && unknown?.suggestions == ["a"])
        #expect(try problem("A=1") { reader throws(Problem) in _ = try reader.string("a") }?.field == "A")
        #expect(try problem("=1") { _ throws(Problem) in }?.code == "unknown_field")
        let missing = try problem("") { reader throws(Problem) in _ = try reader.required("a", reader.string("a")) }
        #expect(missing?.code == "missing_field" && missing?.field == "a")
    }

    @Test func textsAreLimited() throws {
        let value = String(repeating: "é", count: 512)
        let escaped = String(repeating: "%C3%A9", count: 512)
        var query = try reader("a=\(escaped)")
        #expect(try query.string("a") == value)
        #expect(try problem("a=\(escaped)x") { reader throws(Problem) in _ = try reader.string("a") } != nil)
    }
}
