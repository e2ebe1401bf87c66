import Testing

@testable import AuditLog

@Suite struct AuditLineTests {
    @Test func aNumberThatNoOtherCouldFollowIsNone() throws {
        for (number, expected) in [("1", 1), ("9223372036854775806", Int.max - 1)] {
            let line = try #require(AuditLine(Array("{\"seq\":\(number)}".utf8)[...]))
            #expect(line.sequence == expected)
        }
        for number in ["0", "-1", "9223372036854775807", "9223372036854775808"] {
            let line = try #require(AuditLine(Array("{\"seq\":\(number)}".utf8)[...]))
            #expect(line.sequence == nil)
        }
    }
}
