import Clocks
import HTTPWire
import TestSupport
import Testing

@Suite struct HTTPResponseTests {
    private func head(
        _ status: Int, _ fields: HTTPFields, _ framing: HTTPResponseEncoder.BodyFraming,
        _ persistence: HTTPResponseEncoder.Persistence
    ) -> String {
        var output: [UInt8] = []
        HTTPResponseEncoder.appendHead(
            to: &output, status: status, fields: fields, framing: framing, persistence: persistence,
            date: Array(HTTPDate.text(WallTime(seconds: 784_111_777)).utf8), requestID: RequestID("r-1"))
        return String(decoding: output, as: UTF8.self)
    }

    @Test func theHeadIsWrittenInFull() {
        #expect(
            head(200, ["Content-Type": "application/json", "ETag": "\"1\""], .counted(1234), .kept)
                == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 1234\r\nX-Request-Id: r-1\r\n"
                + "Content-Type: application/json\r\nETag: \"1\"\r\n\r\n")
        #expect(head(404, [:], .counted(0), .closed).contains("404 Not Found\r\n"))
        #expect(head(404, [:], .counted(0), .closed).contains("Content-Length: 0\r\nConnection: close\r\n"))
        #expect(head(200, [:], .chunked, .kept).contains("Transfer-Encoding: chunked\r\n"))
        #expect(head(200, [:], .untilClose, .keptStated).contains("Connection: keep-alive\r\n"))
        #expect(head(299, [:], .none, .kept).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test func aHandlerCannotContradictTheFraming() {
        let fields: HTTPFields = [
            "Content-Length": "9", "transfer-encoding": "chunked", "CONNECTION": "x", "Date": "never",
            "x-request-ID": "e",
            "Kept": "1",
        ]
        let text = head(200, fields, .counted(1), .kept)
        #expect(text.hasSuffix("Content-Length: 1\r\nX-Request-Id: r-1\r\nKept: 1\r\n\r\n"))
        #expect(
            head(101, ["Connection": "Upgrade", "Upgrade": "x"], .none, .upgraded).contains("Connection: Upgrade\r\n"))
    }

    @Test func statusesWithoutBodyAreNotFramed() {
        for status in [101, 204, 304] { #expect(HTTPResponseEncoder.framing(status: status, count: 3) == .none) }
        #expect(HTTPResponseEncoder.framing(status: 200, count: 3) == .counted(3))
    }

    @Test func datesHaveTheFormOfTheStandard() {
        #expect(HTTPDate.text(WallTime(milliseconds: -1)) == "Wed, 31 Dec 1969 23:59:59 GMT")
        #expect(HTTPDate.text(WallTime(seconds: 951_782_400)) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.text(WallTime(seconds: 253_402_300_799)) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test func chunksAreFramedOnce() throws {
        let chunk = try #require(HTTPChunk([UInt8](repeating: 97, count: 26)))
        #expect(chunk.framed == Array("1a\r\n\(String(repeating: "a", count: 26))\r\n".utf8))
        #expect(Array(chunk.bare) == [UInt8](repeating: 97, count: 26))
        #expect(HTTPChunk([]) == nil)
    }

    @Test func aClientReadsAHeadHoweverItIsCut() throws {
        let bytes = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX:\r\n\r\nrest".utf8)
        for end in 0..<(bytes.count - 4) { #expect(try HTTPResponseHead.read(Array(bytes[..<end])) == nil) }
        let (head, count) = try #require(try HTTPResponseHead.read(bytes))
        #expect(head.status == 101 && head.fields["upgrade"] == "websocket" && count == bytes.count - 4)
        for bad in [
            "HTTP/1.0 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 200\nX", "HTTP/1.1 600 X\r\n",
            "HTTP/1.1 200 OK\r\nX : y\r\n", "HTTP/1.1 200 OK\r\n y\r\n",
        ] {
            #expect(throws: HTTPParseError.self) { try HTTPResponseHead.read(Array(bad.utf8)) }
        }
        let endless = Array("HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 100))".utf8)
        let error = #expect(throws: HTTPParseError.self) { try HTTPResponseHead.read(endless, maximumBytes: 64) }
        #expect(error?.status == 431)
    }

    @Test func requestIDsAreValidOrMade() {
        for good in ["a", "A-1._z", String(repeating: "a", count: 128)] { #expect(RequestID(good)?.text == good) }
        #expect(RequestID("bb_1")?.text == "bb_1")
        // A key put there by mistake would stand in the log.
        let key = "bb_" + String(repeating: "A", count: 43)
        for bad in ["", " ", "a b", "é", "a\n", "a/b", "a\"b", String(repeating: "a", count: 129), key, "x-\(key)"] {
            #expect(RequestID(bad) == nil)
        }
        var random = SystemRandomNumberGenerator()
        let made = (0..<1000).map { _ in RequestID(random: &random) }
        #expect(Set(made).count == 1000)
        #expect(made.allSatisfy { RequestID($0.text) == $0 && $0.text.utf8.count == 15 })
    }
}
