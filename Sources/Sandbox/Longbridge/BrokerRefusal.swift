internal import LongbridgeWire
internal import Protobuf

/// A refused request: status byte, business code, text.
struct BrokerRefusal: Error, Equatable {
    var status: UInt8
    var code: UInt64
    var message: String

    /// The packet's body.
    var body: [UInt8] {
        var error = Longbridge.Control.Error()
        error.code = code
        error.msg = message
        return error.encoded()
    }

    static let notFound = BrokerRefusal(
        status: ResponseStatus.internalError, code: QuoteErrorCode.invalidRequest, message: "symbol not found")
    static let unreadable = BrokerRefusal(
        status: ResponseStatus.badRequest, code: QuoteErrorCode.invalidRequest, message: "invalid request")
    static let invalid = BrokerRefusal(
        status: ResponseStatus.internalError, code: QuoteErrorCode.invalidRequest, message: "invalid parameter")
    static let tooMany = BrokerRefusal(
        status: ResponseStatus.internalError, code: QuoteErrorCode.tooMany, message: "too many requested")
    static let quotaUsedUp = BrokerRefusal(
        status: ResponseStatus.internalError, code: QuoteErrorCode.tooMany,
        message: "history quota of the month used up")
    static let noQuotes = BrokerRefusal(
        status: ResponseStatus.internalError, code: QuoteErrorCode.noQuotes, message: "no quotes")
    static let tooManySubscriptions = BrokerRefusal(
        status: ResponseStatus.internalError, code: QuoteErrorCode.tooManySubscriptions,
        message: "too many subscriptions")
    static let tooFast = BrokerRefusal(
        status: ResponseStatus.badRequest, code: QuoteErrorCode.rateLimited, message: "request rate limit")
    static let notLoggedIn = BrokerRefusal(status: ResponseStatus.unauthenticated, code: 401, message: "not logged in")
    static let wrongPassword = BrokerRefusal(status: ResponseStatus.unauthenticated, code: 401, message: "auth failed")
    static let sessionExpired = BrokerRefusal(
        status: ResponseStatus.unauthenticated, code: 401, message: "session expired")
    static let tooManyConnections = BrokerRefusal(
        status: ResponseStatus.permissionDenied, code: QuoteErrorCode.connectionLimit,
        message: "connections limitation is hit")
}
