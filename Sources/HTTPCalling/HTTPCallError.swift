/// Why there is no answer. The texts hold no URL, header or body.
public enum HTTPCallError: Error, Equatable, Sendable {
    /// Provably not one octet of the request left: name not resolved, refused, certificate, proxy, too many waiting, or
    /// a call that cannot be sent at all. The reason may name a host or the certificate's fault.
    case notSent(reason: String)
    /// No answer within the deadline; `sent` is false only where nothing can have left.
    case timedOut(sent: Bool)
    /// The head or the body is longer than allowed; the request has been sent.
    case tooLarge
    /// The calling task was cancelled; the request may have been sent.
    case cancelled
    /// The connection broke, or the answer is not HTTP, after the request may have left.
    case failed(reason: String)
}
