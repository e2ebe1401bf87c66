import TestSupport
import Testing

@testable import WebSockets

@Suite struct HandshakeTests {
    @Test func theAnswerToAKeyIsTheOneOfTheSpecification() {
        // RFC 6455, section 1.3.
        #expect(HandshakeKey.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(HandshakeKey.isValid(HandshakeKey.make()))
        #expect(HandshakeKey.make() != HandshakeKey.make())
        #expect(!HandshakeKey.isValid("") && !HandshakeKey.isValid("AAAA") && !HandshakeKey.isValid("!"))
    }

    @Test(arguments: [
        (
            "ws://127.0.0.1:18710/quote/v2?version=1&codec=1&platform=9", "127.0.0.1", 18710, "127.0.0.1:18710",
            "/quote/v2?version=1&codec=1&platform=9"
        ),
        (
            "wss://openapi-quote.example.com/v2?version=1", "openapi-quote.example.com", 443,
            "openapi-quote.example.com",
            "/v2?version=1"
        ),
        ("WS://Host", "Host", 80, "Host", "/"), ("ws://host:80/", "host", 80, "host", "/"),
        ("wss://[::1]:443?a=%2F//b", "::1", 443, "[::1]", "/?a=%2F//b"),
        ("ws://[::1]:81/a?b?c", "::1", 81, "[::1]:81", "/a?b?c"),
    ])
    func aURLIsTakenApartAndItsResourceKept(
        text: String, host: String, port: Int, authority: String, resource: String
    ) throws {
        let url = try WebSocketURL(text)
        #expect(url.host == host && url.port == port && url.authority == authority && url.resource == resource)
        #expect(url.isSecure == text.hasPrefix("wss"))
    }

    @Test(arguments: [
        "", "host", "http://host/", "://host", "ws://", "ws:///path", "ws://user@host/", "ws://host:0/",
        "ws://host:65536/",
        "ws://host:/", "ws://host:+1/", "ws://ho st/", "ws://host/a b", "ws://host/\r\nX: y", "ws://host/#f",
        "ws://[::1/",
        "ws://[host]/", "ws://host/ü", "ws://[::1]x/",
    ])
    func anythingElseIsNoURL(text: String) {
        #expect(throws: WebSocketError.self) { try WebSocketURL(text) }
    }

    @Test func theRequestIsTheOneOfTheOfficialClientWithExtraFields() throws {
        let url = try WebSocketURL("ws://127.0.0.1:18710/quote/v2?version=1&codec=1&platform=9")
        let request = try UpgradeRequest(
            url, key: "dGhlIHNhbXBsZSBub25jZQ==", fields: [("x-dc-region", "ap"), ("accept-language", "en")])
        #expect(
            String(decoding: request.bytes, as: UTF8.self)
                == "GET /quote/v2?version=1&codec=1&platform=9 HTTP/1.1\r\nHost: 127.0.0.1:18710\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + "x-dc-region: ap\r\naccept-language: en\r\n\r\n")
    }

    @Test(arguments: [("a", "b\r\nc: d"), ("a\r\n", "b"), ("", "b"), ("a b", "c"), ("Host", "other"), ("a", "\u{0}")])
    func aFieldThatCouldForgeAnotherIsRefused(name: String, value: String) throws {
        let url = try WebSocketURL("ws://host/")
        #expect(throws: WebSocketError.malformedField(name: name)) {
            try UpgradeRequest(url, key: "", fields: [(name, value)])
        }
    }

    static let good =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nDate: today\r\n\r\n"

    @Test func aGoodAnswerIsTakenAtEveryCutAndWhatFollowsIsKept() throws {
        for cut in DripFeed.everyCut(Array((HandshakeTests.good + "frame").utf8)) {
            #expect(try read(cut) == Array("frame".utf8))
        }
        for length in 0..<HandshakeTests.good.utf8.count {
            #expect(try read([Array(HandshakeTests.good.utf8)[..<length]]) == nil)
        }
    }

    @Test(arguments: [
        ("101 Switching", "200 OK", 200), ("101 Switching", "401 Unauthorized", 401),
        ("101 Switching", "302 Found", 302),
        ("101 Switching Protocols", "503", 503), ("101 Switching", "429 Too Many Requests", 429),
    ])
    func anotherStatusIsARefusal(old: String, new: String, status: Int) {
        #expect(throws: WebSocketError.refused(status: status)) { try read(replacing: old, by: new) }
    }

    @Test(arguments: [
        ("HTTP/1.1", "HTTP/1.0"), ("HTTP/1.1 101", "HTTP/1.1 1010"), ("HTTP/1.1 101", "101"), ("101", "1x1"),
        ("upgrade: WebSocket\r\n", ""), ("WebSocket", "h2c"), ("upgrade: WebSocket", "upgrade: WebSocket, h2c"),
        ("keep-alive, Upgrade", "keep-alive"), ("s3pPLMBi", "S3pPLMBi"),
        ("Date: today", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("Date: today", "Sec-WebSocket-Extensions: permessage-deflate"), ("Date: today", "Sec-WebSocket-Protocol: x"),
        ("Date: today", "Date : today"), ("Date: today", " folded"), ("Date: today", "nothing"),
        ("Upgrade\r\nSec", "Upgrade\nSec"), ("today", "to\u{0}day"),
    ])
    func aWrongAnswerIsInvalid(old: String, new: String) {
        let error = #expect(throws: WebSocketError.self) { try read(replacing: old, by: new) }
        guard case .handshake = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func anAskedForSubprotocolMayBeChosen() throws {
        let url = try WebSocketURL("ws://host/")
        let request = try UpgradeRequest(
            url, key: "dGhlIHNhbXBsZSBub25jZQ==", fields: [("Sec-WebSocket-Protocol", "a, b")])
        var response = UpgradeResponse(to: request)
        let text = replace(HandshakeTests.good, "Date: today", "Sec-WebSocket-Protocol: b")
        #expect(try Array(text.utf8).withUnsafeBytes { try response.received($0) } == [])
    }

    @Test func anEndlessHeadIsCutOff() throws {
        let endless = [UInt8](repeating: UInt8(ascii: "x"), count: UpgradeResponse.maximumBytes + 1)
        #expect(throws: WebSocketError.self) { try read([endless[...]]) }
    }
}

private func read(replacing old: String, by new: String) throws -> [UInt8]? {
    #expect(HandshakeTests.good.contains(old))
    return try read([Array(replace(HandshakeTests.good, old, new).utf8)[...]])
}

private func replace(_ text: String, _ old: String, _ new: String) -> String {
    guard let range = text.firstRange(of: old) else { return text }
    return text.replacingCharacters(in: range, with: new)
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with new: String) -> String {
        String(self[..<range.lowerBound]) + new + self[range.upperBound...]
    }
}

private func read(_ pieces: [ArraySlice<UInt8>]) throws -> [UInt8]? {
    let request = try UpgradeRequest(WebSocketURL("ws://host/"), key: "dGhlIHNhbXBsZSBub25jZQ==", fields: [])
    var response = UpgradeResponse(to: request)
    var leftover: [UInt8]?
    for piece in pieces {
        if leftover != nil {
            leftover?.append(contentsOf: piece)
        } else {
            leftover = try piece.withUnsafeBytes { try response.received($0) }
        }
    }
    return leftover
}
