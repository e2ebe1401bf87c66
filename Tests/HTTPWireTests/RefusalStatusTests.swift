import HTTPWire
import Testing

@Suite struct RefusalStatusTests {
    @Test func eachRefusedMessageHasItsStatusAndNoRequestComesOutOfIt() {
        for message in RefusedMessages.all {
            let outcome = ParserOutcome(message.text, limits: message.limits)
            #expect(outcome.status == message.status, "\(message.text.debugDescription)")
            #expect(!outcome.requests.contains { $0.isComplete }, "\(message.text.debugDescription)")
        }
    }

    @Test func detailsRepeatNothingOfTheMessage() {
        for message in RefusedMessages.all {
            let detail = ParserOutcome(message.text).error?.detail ?? ""
            #expect(detail.hasSuffix(".") && detail.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
    }

    @Test func theRequestLineIsTakenAtItsLimitAndRefusedAbove() {
        let limits = HTTPLimits(requestLineBytes: 100)
        func line(_ bytes: Int) -> String { "GET /\(String(repeating: "a", count: bytes - 16)) HTTP/1.1" }
        #expect(ParserOutcome(request(line(99)), limits: limits).isWhole)
        #expect(ParserOutcome(request(line(100)), limits: limits).isWhole)
        #expect(ParserOutcome(request(line(101)), limits: limits).status == 414)
        #expect(ParserOutcome(String(repeating: "a", count: 99), limits: limits).status == nil)
        #expect(ParserOutcome(String(repeating: "a", count: 100), limits: limits).status == 414)
    }

    @Test func theHeaderIsTakenAtItsLimitAndRefusedAbove() {
        let limits = HTTPLimits(headerBytes: 200)
        func message(_ bytes: Int) -> String {
            let fixed = request("GET / HTTP/1.1", "X: ").utf8.count
            return request("GET / HTTP/1.1", "X: \(String(repeating: "a", count: bytes - fixed))")
        }
        #expect(message(200).utf8.count == 200)
        #expect(ParserOutcome(message(199), limits: limits).isWhole)
        #expect(ParserOutcome(message(200), limits: limits).isWhole)
        #expect(ParserOutcome(message(201), limits: limits).status == 431)
    }

    @Test func aHeaderLimitUnderTheLinesIsTheLinesToo() {
        let limits = HTTPLimits(headerBytes: 64)
        #expect(ParserOutcome("GET /\(String(repeating: "a", count: 64))", limits: limits).status == 414)
    }

    @Test func theNumberOfFieldsIsLimited() {
        let limits = HTTPLimits(fieldCount: 5)
        func message(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: count - 1))\r\n"
        }
        #expect(ParserOutcome(message(4), limits: limits).isWhole)
        #expect(ParserOutcome(message(5), limits: limits).isWhole)
        #expect(ParserOutcome(message(6), limits: limits).status == 431)
        #expect(ParserOutcome(message(100)).isWhole && ParserOutcome(message(101)).status == 431)
    }

    @Test func aDeclaredBodyIsTakenAtItsLimitAndRefusedAboveBeforeItComes() {
        let limits = HTTPLimits(bodyBytes: 10)
        func message(_ length: Int) -> String {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
        }
        #expect(ParserOutcome(message(9), limits: limits).error == nil)
        #expect(ParserOutcome(message(10) + "0123456789", limits: limits).isWhole)
        let refused = ParserOutcome(message(11), limits: limits)
        #expect(refused.status == 413 && refused.requests.isEmpty)
        #expect(ParserOutcome(message(0), limits: limits).isWhole)
        #expect(
            ParserOutcome(message(10).replacing("10", with: "0000000000000000000000000000010"), limits: limits).error
                == nil)
    }

    @Test func chunksTogetherAreTakenAtTheLimitAndRefusedAboveBeforeTheyCome() {
        let limits = HTTPLimits(bodyBytes: 10)
        func message(_ chunks: String) -> String {
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)"
        }
        #expect(ParserOutcome(message("9\r\n123456789\r\n1\r\n0\r\n0\r\n\r\n"), limits: limits).isWhole)
        #expect(ParserOutcome(message("9\r\n123456789\r\n2\r\n"), limits: limits).status == 413)
        #expect(ParserOutcome(message("b\r\n"), limits: limits).status == 413)
    }

    @Test func chunkLinesExtensionsAndTrailersAreLimited() {
        let limits = HTTPLimits(fieldCount: 3, chunkLineBytes: 20, chunkExtensionBytes: 30, trailerBytes: 20)
        func status(_ chunks: String) -> Int? {
            ParserOutcome(request("POST / HTTP/1.1", "Transfer-Encoding: chunked", body: chunks), limits: limits).status
        }
        #expect(status("1;\(String(repeating: "x", count: 16))\r\n") == nil)
        #expect(status("1;\(String(repeating: "x", count: 17))\r\n") == 400)
        #expect(
            status("1;\(String(repeating: "x", count: 14))\r\na\r\n1;\(String(repeating: "x", count: 14))\r\n") == nil)
        #expect(
            status("1;\(String(repeating: "x", count: 14))\r\na\r\n1;\(String(repeating: "x", count: 15))\r\n") == 400)
        #expect(status("0\r\nX: \(String(repeating: "y", count: 13))\r\n\r\n") == nil)
        #expect(status("0\r\nX: \(String(repeating: "y", count: 16))\r\n\r\n") == 431)
        #expect(status("0\r\nX: 4567\r\nX: 4567\r\n\r\n") == nil)
        #expect(status("0\r\nX: 4567\r\nX: 45678\r\n\r\n") == 431)
        #expect(status("0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n") == nil)
        #expect(status("0\r\nA:\r\nA:\r\nA:\r\nA:\r\n") == 431)
    }
}
