import BrokerModel
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import LongbridgeBroker

@Suite struct FailureMappingTests {
    /// Status, code, and what it means for a request about one security and for any other.
    @Test(arguments: [
        (7, 301_600, BrokerFailure.Kind.unknownSymbol, BrokerFailure.Kind.invalidRequest),
        (3, 301_600, .invalidRequest, .invalidRequest), (3, 301_606, .rateLimited, .rateLimited),
        (7, 301_602, .badAnswer, .badAnswer), (7, 301_603, .noData, .noData),
        (7, 301_604, .notPermitted, .notPermitted), (7, 301_605, .quotaExceeded, .quotaExceeded),
        (7, 301_607, .quotaExceeded, .quotaExceeded), (1, 0, .timedOut, .timedOut),
        (3, 0, .invalidRequest, .invalidRequest),
        (5, 401, .sessionNotReady(state: "authenticating"), .sessionNotReady(state: "authenticating")),
        (6, 403, .sessionNotReady(state: "backing_off"), .sessionNotReady(state: "backing_off")),
        (6, 0, .notPermitted, .notPermitted), (14, 0, .badAnswer, .badAnswer), (7, 999_999, .badAnswer, .badAnswer),
    ])
    func eachFailureOfTheVendorHasOneMeaning(
        _ status: Int, _ code: Int, _ single: BrokerFailure.Kind, _ several: BrokerFailure.Kind
    ) {
        let failure = ResponseFailure(status: UInt8(status), code: UInt64(code), message: "in their words")
        #expect(BrokerFailure(failure, isAboutSymbol: true).kind == single)
        #expect(BrokerFailure(failure, isAboutSymbol: false).kind == several)
        let upstream = BrokerFailure(failure, isAboutSymbol: true).upstream
        #expect(upstream?.broker == "longbridge")
        #expect(upstream?.code == (code == 0 ? nil : String(code)))
        #expect(upstream?.message == "in their words")
    }

    @Test func aLongMessageIsCut() {
        let failure = ResponseFailure(status: 7, code: 301_602, message: String(repeating: "x", count: 1_000_000))
        #expect(BrokerFailure(failure, isAboutSymbol: true).upstream?.message?.count == 500)
    }

    @Test func aBodyThatCannotBeReadIsAFailureWithoutCode() {
        let failure = ResponseFailure(status: 7, body: [0xFF, 0xFF])
        #expect(BrokerFailure(failure, isAboutSymbol: true).kind == .badAnswer)
        #expect(BrokerFailure(failure, isAboutSymbol: true).upstream?.code == nil)
    }

    @Test func whatNeverLeftIsToldFromWhatDid() {
        let ready = (LinkState.ready, String?.none, false)
        func kind(_ failure: LinkFailure) -> BrokerFailure.Kind {
            BrokerFailure(failure, link: ready, isAboutSymbol: true).kind
        }
        #expect(kind(.request(.timedOut)) == .timedOut)
        #expect(kind(.request(.connectionLost)) == .connectionLost)
        #expect(kind(.request(.overloaded)) == .rateLimited)
        #expect(kind(.request(.rateLimited(retryAfter: .seconds(2)))) == .rateLimited)
        #expect(kind(.cancelled) == .cancelled)
        #expect(kind(.unsendable) == .invalidRequest)
        let limited = BrokerFailure(.request(.rateLimited(retryAfter: .seconds(2))), link: ready, isAboutSymbol: true)
        #expect(limited.retryAfter == .seconds(2))
    }

    @Test func aLinkThatIsNotReadySaysWhoMustAct() {
        let waiting = BrokerFailure(
            .request(.notReady), link: (.backingOff, "the line went silent", false), isAboutSymbol: true)
        #expect(waiting.kind == .sessionNotReady(state: "backing_off"))
        #expect(waiting.message.contains("the line went silent"))
        let locked = BrokerFailure(.request(.notReady), link: (.held, nil, true), isAboutSymbol: true)
        #expect(locked.kind == .authorizationRequired)
    }
}
