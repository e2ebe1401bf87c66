import Bytes
import Cryptography
import OAuth
import Testing

@Suite struct TokenAnswerTests {
    private static func answer(_ json: String, status: Int = 200, retryAfter: String? = nil) -> TokenAnswer {
        TokenAnswer(status: status, body: Array(json.utf8), retryAfter: retryAfter)
    }

    private static func life(_ json: String) -> Duration? {
        guard case .granted(let grant) = answer("{\"access_token\":\"a\"\(json)}") else { return nil }
        return grant.life
    }

    @Test func theVendorsExampleIsRead() throws {
        let answer = Self.answer(
            #"{"access_token":"hk_m_a.b.c","refresh_token":"rt_9d41","expires_in":2592000,"token_type":"Bearer"}"#)
        guard case .granted(let grant) = answer else { throw Mismatch(answer) }
        #expect(grant.access.matches(Array("hk_m_a.b.c".utf8)))
        #expect(grant.refresh?.matches(Array("rt_9d41".utf8)) == true)
        #expect(grant.life == .seconds(2_592_000))
    }

    @Test(arguments: [
        (",\"expires_in\":-1", 60), (",\"expires_in\":0", 60), (",\"expires_in\":\"abc\"", 3600),
        (",\"expires_in\":1e18", 31_622_400), (",\"expires_in\":1e999", 31_622_400), (",\"expires_in\":null", 3600),
        ("", 3600), (",\"expires_in\":\"600\"", 600), (",\"expires_in\":600.7", 600), (",\"expires_in\":true", 3600),
        (",\"expires_in\":[1]", 3600), (",\"expires_in\":\"0x10\"", 3600), (",\"expires_in\":\"nan\"", 3600),
        (",\"expires_in\":-1e400", 60),
    ]) func aLifeThatCannotBeIsReplacedByOneThatCan(json: String, seconds: Int) {
        #expect(Self.life(json) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "<html>", #"{"access_token":""}"#, #"{"access_token":"a b"}"#,
        #"{"access_token":"a\r\nX-Evil: 1"}"#, #"{"access_token":"é"}"#, #"{"access_token":7}"#, "{}",
        #"{"access_token":"a","token_type":"mac"}"#, #"{"access_token":"a","access_token":"b"}"#,
    ]) func whatHoldsNoUsableTokenCountsAsNoAnswer(text: String) throws {
        guard case .unavailable = Self.answer(text) else { throw Mismatch(Self.answer(text)) }
    }

    @Test func aRefreshTokenThatCannotBeSentIsNone() throws {
        for text in ["\"\"", "null", "\"a\\nb\"", "5"] {
            guard case .granted(let grant) = Self.answer("{\"access_token\":\"a\",\"refresh_token\":\(text)}") else {
                throw Mismatch(Self.answer(text))
            }
            #expect(grant.refresh == nil)
        }
    }

    @Test(arguments: [300, 301, 302, 307, 308, 429, 500, 502, 503, 204, 201, 100])
    func otherStatusesAreNoAnswerEvenWithTokensInThem(status: Int) throws {
        let answer = Self.answer(#"{"access_token":"a","error":"invalid_grant"}"#, status: status, retryAfter: "7")
        guard case .unavailable(_, let wait) = answer else { throw Mismatch(answer) }
        #expect(wait == .seconds(7))
    }

    @Test func retryAfterIsBelievedUpToAnHour() throws {
        for (text, seconds) in [("99999999", 3600), ("0", 1), ("-5", 1)] {
            guard case .unavailable(_, let wait) = Self.answer("", status: 503, retryAfter: text) else {
                throw Mismatch(nil)
            }
            #expect(wait == .seconds(seconds))
        }
        guard case .unavailable(_, nil) = Self.answer("", status: 503, retryAfter: "soon") else { throw Mismatch(nil) }
    }

    @Test(arguments: TokenAnswer.Code.allCases) func everyErrorCodeIsADefiniteNo(code: TokenAnswer.Code) throws {
        let answer = Self.answer("{\"error\":\"\(code.rawValue)\",\"error_description\":\"a\\u0007b\"}", status: 400)
        guard case .refused(let refusal) = answer else { throw Mismatch(answer) }
        #expect(refusal.code == code)
        #expect(refusal.description == "ab")
    }

    @Test func anErrorThatIsNoneOfTheProtocolsIsNoAnswer() throws {
        for text in [#"{"error":"<script>"}"#, #"{"code":401003}"#, "gone", #"{"error":{}}"#] {
            guard case .unavailable = Self.answer(text, status: 400) else { throw Mismatch(Self.answer(text)) }
        }
    }

    @Test func moreThan64KiBIsNoAnswer() throws {
        let body = #"{"access_token":"a","x":""# + String(repeating: "y", count: 64 << 10) + "\"}"
        guard case .unavailable = Self.answer(body) else { throw Mismatch(nil) }
    }

    @Test func everyCutOfAnAnswerIsNoAnswer() throws {
        let text = #"{"access_token":"hk_m_a","refresh_token":"r","expires_in":60}"#
        for length in 0..<text.utf8.count {
            guard case .unavailable = TokenAnswer(status: 200, body: Array(text.utf8.prefix(length))) else {
                throw Mismatch(nil)
            }
        }
    }

    private struct Mismatch: Error {
        let answer: TokenAnswer?
        init(_ answer: TokenAnswer?) { self.answer = answer }
    }
}
