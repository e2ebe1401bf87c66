internal import Protobuf

/// What a response with a status other than 0 says.
public struct ResponseFailure: Error, Equatable, Sendable {
    /// The status byte.
    public let status: UInt8
    /// The business code; 0 when the body is empty or cannot be read.
    public let code: UInt64
    /// Text for people; may be empty.
    public let message: String

    /// What a failed response carries. A body that cannot be read is a failure without code.
    public init(status: UInt8, body: [UInt8]) {
        self.status = status
        let error = try? Longbridge.Control.Error.decode(body)
        code = error?.code ?? 0
        message = error?.msg ?? ""
    }

    /// One failure.
    public init(status: UInt8, code: UInt64, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }
}

extension ResponseFailure {
    /// What a failure means, whatever pair of numbers said so.
    public enum Sense: Equatable, Sendable {
        /// The server did not finish in time.
        case timedOut
        /// A parameter is wrong, or the server could not read the request.
        case invalidRequest
        /// The security is not known, or a parameter wrong: the server has one code for both.
        case unknownSecurity
        /// The calls come too fast.
        case rateLimited
        /// The login is missing or no longer good.
        case unauthenticated
        /// Too many connections are open.
        case connectionLimit
        /// There is no such data for the security.
        case noQuotes
        /// The account may not see it.
        case noPermission
        /// Too many securities are subscribed.
        case tooManySubscriptions
        /// Too many securities or rows in one request, or a monthly quota is used up.
        case tooMany
        /// The server failed, or said something that is in no table.
        case serverFailure
    }

    /// What it means.
    /// - Source: Longbridge OpenAPI, "Error codes" of the socket and of the quote pages; 6 with code 403 is known from
    ///   production only.
    public var sense: Sense {
        switch (status, code) {
        case (_, QuoteErrorCode.rateLimited): .rateLimited
        case (_, QuoteErrorCode.noQuotes): .noQuotes
        case (_, QuoteErrorCode.noPermission): .noPermission
        case (_, QuoteErrorCode.tooManySubscriptions): .tooManySubscriptions
        case (_, QuoteErrorCode.tooMany): .tooMany
        case (ResponseStatus.internalError, QuoteErrorCode.invalidRequest): .unknownSecurity
        case (_, QuoteErrorCode.invalidRequest): .invalidRequest
        case (ResponseStatus.serverTimeout, _): .timedOut
        case (ResponseStatus.badRequest, _): .invalidRequest
        case (ResponseStatus.unauthenticated, _): .unauthenticated
        case (ResponseStatus.permissionDenied, QuoteErrorCode.connectionLimit): .connectionLimit
        case (ResponseStatus.permissionDenied, _): .noPermission
        default: .serverFailure
        }
    }
}
