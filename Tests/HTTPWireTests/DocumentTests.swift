import Bytes
import HTTPWire
import Testing

@Suite struct DocumentTests {
    @Test func aProblemHasEveryMemberThatApplies() throws {
        let problem = Problem(
            status: 429, code: "rate_limited", detail: "Too fast.", retryable: true, retryAfter: .milliseconds(1201),
            field: "symbols", suggestions: ["700.HK"],
            upstream: .init(broker: "longbridge", code: "301607", message: "limit", traceID: nil),
            extra: [("policy", .string("trade"))])
        let response = problem.response(requestID: RequestID("r1"), fields: ["RateLimit": "x"])
        #expect(response.status == 429 && response.fields["Content-Type"] == "application/problem+json")
        #expect(response.fields["Retry-After"] == "2" && response.fields["RateLimit"] == "x")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == #"{"type":"/docs/errors#rate_limited","title":"Too Many Requests","status":429,"detail":"Too fast.","#
                + #""code":"rate_limited","request_id":"r1","retryable":true,"retry_after_ms":1201,"field":"symbols","#
                + #""suggestions":["700.HK"],"upstream":{"broker":"longbridge","code":"301607","message":"limit","#
                + #""trace_id":null},"policy":"trade"}"#)
    }

    @Test func aPlainProblemHasNoEmptyMembers() throws {
        let response = Problem(status: 404, code: "not_found").response(requestID: nil)
        let members = try JSONValue.parse(response.body).objectValue?.members.map(\.name)
        #expect(members == ["type", "title", "status", "code"])
        #expect(!response.fields.contains("Retry-After"))
        #expect(
            Problem(status: 503, code: "x", retryAfter: .zero).response(requestID: nil).fields["Retry-After"] == "1")
    }

    @Test func mediaTypesAreRead() throws {
        let type = try #require(MediaType(#"Application/JSON ; Charset="utf\-8;" ;q=1"#))
        #expect(type.description == "application/json" && type.isSame(as: .json))
        #expect(type.parameters.map(\.name) == ["charset", "q"] && type.parameters.first?.value == "utf-8;")
        for bad in ["", "a", "a/", "/b", "a/b/c", "a b/c", "a/b;c", "a/b;=c", "a/b;c=\"", "a/b;c=", "a/b;c=\"a\"b"] {
            #expect(MediaType(bad) == nil, "\(bad)")
        }
    }

    @Test(
        arguments: [
            (nil, "application/json"), ("", "application/json"), ("*/*", "application/json"),
            ("text/event-stream", "text/event-stream"),
            ("text/*", "text/event-stream"), ("application/json;q=0.5, text/event-stream", "text/event-stream"),
            ("application/json;q=0, */*", "text/event-stream"),
            ("*/*;q=0.1, text/event-stream;q=0.2", "text/event-stream"),
            ("text/event-stream;q=0.001, application/*;q=0.002", "application/json"), ("image/png, */*;q=0", nil),
            ("application/json;q=2", nil), ("application/json;q=0.1234", nil),
            ("rubbish, application/json", "application/json"),
            ("application/xml", nil),
        ] as [(String?, String?)])
    func theBestOfferIsChosen(accept: String?, chosen: String?) {
        #expect(MediaType.preferred(of: [.json, .eventStream], accept: accept)?.description == chosen)
    }
}
