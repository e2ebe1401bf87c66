import Bytes
import HTTPWire
import TestSupport
import Testing

@Suite struct HTTPRequestParserTests {
    private static let stream =
        "\r\nGET /v1/quotes?symbols=700.HK HTTP/1.1\r\nHost: localhost:8080\r\naccept:\t*/*  \r\nX-Empty:\r\n\r\n"
        + "POST /a HTTP/1.1\r\nhOST: [::1]:80\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\nhello"
        + "PUT /b%20c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n4;x=\"y\"\r\n1234\r\nA\r\nabcdefghij\r\n0\r\nX-T: 1\r\n\r\n"
        + "GET http://a.example:81/x HTTP/1.1\r\nHost: A.example:81\r\nConnection: x, Close\r\n\r\n"
        + "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"

    @Test func aStreamOfRequestsIsRead() throws {
        let outcome = ParserOutcome(HTTPRequestParserTests.stream)
        #expect(outcome.isWhole && outcome.requests.count == 5)
        let heads = outcome.requests.map(\.head)
        #expect(heads.map(\.method) == [.get, .post, .put, .get, .get])
        #expect(heads.map(\.target.text) == ["/v1/quotes?symbols=700.HK", "/a", "/b%20c", "/x", "/"])
        #expect(heads.map(\.authority) == ["localhost:8080", "[::1]:80", "a", "A.example:81", nil])
        #expect(heads.map(\.version) == [.http11, .http11, .http11, .http11, .http10])
        #expect(heads.map(\.keepsAlive) == [true, true, true, false, true])
        #expect(heads.map(\.expectsContinue) == [false, true, false, false, false])
        #expect(heads.map(\.bodyLength) == [.none, .counted(5), .chunked, .none, .none])
        #expect(heads[0].fields["Accept"] == "*/*" && heads[0].fields["x-empty"] == "")
        #expect(
            outcome.requests.map { String(decoding: $0.body, as: UTF8.self) } == [
                "", "hello", "1234abcdefghij", "", "",
            ])
    }

    @Test func everyCutGivesTheSame() {
        let bytes = Array(HTTPRequestParserTests.stream.utf8)
        let whole = ParserOutcome([bytes[...]])
        for feed in DripFeed.everyCut(bytes) { #expect(ParserOutcome(feed) == whole) }
    }

    @Test func everyCutOfARefusedMessageGivesTheSameError() {
        for message in RefusedMessages.all {
            let bytes = Array(message.text.utf8)
            let whole = ParserOutcome([bytes[...]], limits: message.limits)
            for feed in DripFeed.everyCut(bytes) {
                let cut = ParserOutcome(feed, limits: message.limits)
                // Data before the fault may come in more pieces, never in other bytes.
                #expect(cut == whole, "\(message.text.debugDescription)")
            }
        }
    }

    /// A head that came before is recognised by its bytes: whatever else comes is read anew, in any order.
    @Test func aRepeatedHeadIsTheSameRequestAndALikeOneIsNot() {
        let first = "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"
        let messages = [
            first, first, "GET /a HTTP/1.1\r\nHost: a\r\nX: 2\r\n\r\n", first,
            "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 1\r\n\r\n", first,
            "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\nContent-Length: 3\r\n\r\nGET", first, first,
            "\r\n" + first, first, "GET /a HTTP/1.1\r\nHost: b\r\nX: 1\r\nConnection: close\r\n\r\n",
        ]
        let single = messages.flatMap { ParserOutcome($0).requests }
        let stream = Array(messages.joined().utf8)
        let whole = ParserOutcome([stream[...]])
        #expect(whole.requests == single && whole.requests.count == messages.count)
        // One message at a time, as a client sends them.
        #expect(ParserOutcome(messages.map { Array($0.utf8)[...] }).requests == single)
        #expect(ParserOutcome(stream.indices.map { stream[$0...$0] }).requests == single)
    }

    @Test func everyFlippedBitEndsInAValueOrAnError() {
        let bytes = Array(HTTPRequestParserTests.stream.utf8)
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                let whole = ParserOutcome([flipped[...]])
                #expect(whole == ParserOutcome([flipped[..<index], flipped[index...]]))
                #expect(whole.requests.count <= 7)
            }
        }
    }

    @Test func everyTruncationWaitsForMore() {
        let bytes = Array(HTTPRequestParserTests.stream.utf8)
        for end in bytes.indices {
            let outcome = ParserOutcome([bytes[..<end]])
            #expect(outcome.error == nil)
            #expect(!outcome.requests.dropLast().contains { !$0.isComplete })
        }
    }

    @Test func aFailedParserStaysFailed() {
        var parser = HTTPRequestParser()
        for text in ["nonsense\r\n", request()] {
            var offset = 0
            #expect(throws: HTTPParseError.self) {
                try Array(text.utf8).withUnsafeBytes { _ = try parser.next($0, from: &offset) }
            }
        }
    }

    @Test func nothingBehindARequestIsTouchedBeforeItIsAskedFor() throws {
        var parser = HTTPRequestParser()
        let bytes = Array((request() + "rubbish").utf8)
        var offset = 0
        let (first, second) = try bytes.withUnsafeBytes { input in
            (try parser.next(input, from: &offset), try parser.next(input, from: &offset))
        }
        #expect(first != nil && second == .end)
        #expect(offset == bytes.count - 7 && parser.isBetweenRequests)
    }

    @Test func headersOfOtherMeaningPassAsTheyAre() {
        let head = ParserOutcome(
            request(
                "GET / HTTP/1.1", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings",
                "X-HTTP-Method-Override: DELETE", "Cookie: a=b", "X-Bytes: \u{e9}\u{1F600}", "TE: trailers")
        ).first?.head
        #expect(head?.method == .get && head?.keepsAlive == true)
        #expect(head?.fields.contains("connection", token: "UPGRADE") == true)
        #expect(head?.fields["X-Bytes"] == "\u{e9}\u{1F600}")
    }

    @Test(arguments: ["FOO", "get", "M-SEARCH", "TRACE", "!#$%&'*+-.^_`|~09", String(repeating: "A", count: 32)])
    func anyTokenIsAMethod(method: String) {
        #expect(ParserOutcome(request("\(method) / HTTP/1.1")).first?.head.method.text == method)
    }

    @Test func optionsMayAskForTheServer() {
        let outcome = ParserOutcome(request("OPTIONS * HTTP/1.1") + request("OPTIONS http://a HTTP/1.1"))
        #expect(outcome.requests.map(\.head.target.isAsterisk) == [true, true])
    }

    @Test func absoluteTargetsMustNameTheHost() {
        #expect(ParserOutcome("GET HTTPS://a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").first?.head.target.text == "/")
        #expect(ParserOutcome("GET http://a/x HTTP/1.0\r\n\r\n").first?.head.authority == "a")
        #expect(ParserOutcome("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n").status == 400)
        #expect(ParserOutcome("GET http://a:2/ HTTP/1.1\r\nHost: a\r\n\r\n").status == 400)
    }

    @Test func keepAliveFollowsVersionAndConnection() {
        let cases: [(String, String, Bool)] = [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: keep-alive\r\n", true),
            ("1.1", "Connection: keep-alive, close\r\n", false),
            ("1.1", "Connection: a\r\nConnection: ,close ,\r\n", false),
            ("1.1", "Connection: closed\r\n", true), ("1.0", "", false), ("1.0", "Connection: keep-alive\r\n", true),
            ("1.0", "Connection: keep-alive, close\r\n", false),
        ]
        for (version, fields, keeps) in cases {
            let outcome = ParserOutcome("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
            #expect(outcome.first?.head.keepsAlive == keeps, "\(version) \(fields)")
        }
    }

    @Test func anExpectationWithoutBodyOrOfAnOldClientIsNotWaitedFor() {
        #expect(ParserOutcome(request("GET / HTTP/1.1", "Expect: 100-continue")).first?.head.expectsContinue == false)
        let old = ParserOutcome("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx")
        #expect(old.first?.head.expectsContinue == false && old.isWhole)
    }
}
