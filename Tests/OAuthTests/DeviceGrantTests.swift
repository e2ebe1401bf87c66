import Clocks
import OAuth
import Testing

@Suite struct DeviceGrantTests {
    private static let noon = Instant.zero

    private static func authorization(_ more: String = "") -> DeviceGrant.Authorization? {
        let body = #"{"device_code":"d","user_code":"ABCD-EFGH","verification_uri":"https://x.example/d"\#(more)}"#
        return DeviceGrant.authorization(status: 200, body: Array(body.utf8))
    }

    private static func grant(_ more: String = "") throws -> DeviceGrant {
        DeviceGrant(try #require(authorization(more)), now: noon)
    }

    private static func refused(_ code: String) -> TokenAnswer {
        TokenAnswer(status: 400, body: Array("{\"error\":\"\(code)\"}".utf8))
    }

    @Test func theVendorsDefaultsHoldAndNonsenseIsBounded() throws {
        let plain = try #require(Self.authorization())
        #expect(plain.life == .seconds(300) && plain.interval == .seconds(5))
        #expect(plain.verificationURIComplete == nil)
        let wild = try #require(
            Self.authorization(
                #","expires_in":-4,"interval":1000000,"verification_uri_complete":"javascript:alert(1)""#))
        #expect(wild.life == .seconds(30) && wild.interval == .seconds(60))
        #expect(wild.verificationURIComplete == nil)
        #expect(DeviceGrant.authorization(status: 500, body: []) == nil)
        #expect(DeviceGrant.authorization(status: 200, body: Array("{}".utf8)) == nil)
    }

    @Test func pendingWaitsTheIntervalAndSlowDownMakesItFiveSecondsLonger() throws {
        var grant = try Self.grant()
        #expect(grant.nextPoll == Self.noon + .seconds(5))
        guard case .wait = grant.polled(Self.refused("authorization_pending"), now: Self.noon + .seconds(5)) else {
            throw Wrong()
        }
        #expect(grant.nextPoll == Self.noon + .seconds(10))
        guard case .wait = grant.polled(Self.refused("slow_down"), now: Self.noon + .seconds(10)) else { throw Wrong() }
        #expect(grant.nextPoll == Self.noon + .seconds(20))
        guard case .wait = grant.polled(nil, now: Self.noon + .seconds(20)) else { throw Wrong() }
        #expect(grant.nextPoll == Self.noon + .seconds(35))
        let busy = TokenAnswer(status: 503, body: [], retryAfter: "60")
        guard case .wait = grant.polled(busy, now: Self.noon + .seconds(35)) else { throw Wrong() }
        #expect(grant.nextPoll == Self.noon + .seconds(95))
        #expect(grant.state == .waiting)
    }

    @Test func tokensEndIt() throws {
        var grant = try Self.grant()
        let answer = TokenAnswer(status: 200, body: Array(#"{"access_token":"a"}"#.utf8))
        guard case .take = grant.polled(answer, now: Self.noon) else { throw Wrong() }
        #expect(grant.state == .granted && grant.nextPoll == nil)
        guard case .end = grant.polled(answer, now: Self.noon) else { throw Wrong() }
    }

    @Test(arguments: [
        ("access_denied", DeviceGrant.State.denied("access_denied")), ("expired_token", .expired),
        ("invalid_client", .denied("invalid_client")), ("invalid_grant", .denied("invalid_grant")),
    ]) func aNoEndsIt(code: String, state: DeviceGrant.State) throws {
        var grant = try Self.grant()
        guard case .end = grant.polled(Self.refused(code), now: Self.noon) else { throw Wrong() }
        #expect(grant.state == state && grant.nextPoll == nil)
        #expect(grant.timePassed(now: Self.noon + .seconds(10_000)) == state)
    }

    @Test func itEndsWithItsCodes() throws {
        var grant = try Self.grant()
        #expect(grant.timePassed(now: grant.expires - .nanoseconds(1)) == .waiting)
        #expect(grant.timePassed(now: grant.expires) == .expired)
        var late = try Self.grant()
        guard case .end = late.polled(Self.refused("authorization_pending"), now: late.expires) else { throw Wrong() }
    }

    private struct Wrong: Error {}
}
