import HTTPWire
import Testing

@Suite struct RateLimitFieldsTests {
    private func head(_ fields: RateLimitFields) -> String {
        var bytes: [UInt8] = []
        HTTPResponseEncoder.appendHead(
            to: &bytes, status: 200, fields: ["Content-Type": "text/plain"], framing: .counted(0), persistence: .kept,
            date: Array("now".utf8), requestID: nil, rateLimit: fields)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theFieldsAreThoseOfTheDraft() {
        let market = RateLimitFields.Policy(name: "market", quota: 100, windowSeconds: 1)
        let quote = RateLimitFields.Policy(name: "main/quote", quota: 10, windowSeconds: 1)
        var fields = RateLimitFields(.init(market, remaining: 99, resetSeconds: 1))
        #expect(
            head(fields)
                == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 0\r\nRateLimit-Policy: \"market\";q=100;w=1\r\n"
                + "RateLimit: \"market\";r=99;t=1\r\nContent-Type: text/plain\r\n\r\n")
        fields.upstream = .init(quote, remaining: 0, resetSeconds: 12)
        #expect(head(fields).contains("\r\nRateLimit-Policy: \"market\";q=100;w=1, \"main/quote\";q=10;w=1\r\n"))
        #expect(head(fields).contains("\r\nRateLimit: \"market\";r=99;t=1, \"main/quote\";r=0;t=12\r\n"))
    }

    @Test func noNameCanEndTheLineOrTheString() {
        let policy = RateLimitFields.Policy(name: "a\"\r\nX: é", quota: -1, windowSeconds: 0)
        let fields = RateLimitFields(.init(policy, remaining: -5, resetSeconds: -1))
        let lines = head(fields).split(separator: "\r\n")
        #expect(lines.count == 6)
        #expect(lines.contains { $0.hasPrefix("RateLimit-Policy: \"a---X:---\";q=0;w=1") })
        #expect(lines.contains("RateLimit: \"a---X:---\";r=0;t=0"))
    }

    @Test func asFieldsTheySayTheSame() {
        var fields: HTTPFields = [:]
        RateLimitFields(.init(.init(name: "market", quota: 2, windowSeconds: 60), remaining: 1, resetSeconds: 30))
            .add(to: &fields)
        #expect(fields == ["RateLimit-Policy": "\"market\";q=2;w=60", "RateLimit": "\"market\";r=1;t=30"])
    }
}
