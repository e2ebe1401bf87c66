/// Puts frames together into messages and judges everything a peer may get wrong between frames.
///
///     between messages ──first fragment──▶ in a message ──final fragment──▶ between messages
///              └── close frame or fault, from either ──▶ ended
///
/// Control frames come at any time, whole. Holds no socket, timer or clock.
///
/// - Source: RFC 6455, sections 5 to 8.
struct MessageStateMachine: Sendable {
    /// Whose frames are read: a client's are masked, a server's are not.
    enum Sender: Sendable { case client, server }

    enum Action: Equatable {
        case wait
        case deliver(WebSocketMessage)
        case answerPing([UInt8])
        case notePong([UInt8])
        /// The peer's close frame; `isLegal` is false for a code that must not be sent.
        case peerClosed(code: UInt16?, reason: String, isLegal: Bool)
        /// The peer broke the rules: close with this code.
        case refuse(code: UInt16, reason: String)
    }

    private enum State: Equatable { case betweenMessages, inMessage(isText: Bool), ended }
    private var state = State.betweenMessages
    private var message: [UInt8] = []
    private var fragments = 0
    private var control: [UInt8] = []
    /// Bytes of the current frame that are still to come; nil between frames.
    private var remaining: UInt64?
    private let sender: Sender
    private let limits: WebSocketLimits

    init(sender: Sender, limits: WebSocketLimits) {
        self.sender = sender
        self.limits = limits
    }

    /// Takes the next part of a frame.
    mutating func received(_ part: FramePart) -> Action {
        guard state != .ended else { return .wait }
        if remaining == nil {
            if let fault = startFrame(part) { return end(fault) }
            remaining = part.length
        }
        guard let left = remaining, UInt64(part.bytes.count) <= left else {
            return end(.refuse(code: 1002, reason: "a frame longer than it said"))
        }
        let isControl = part.opcode >= Opcode.close
        if isControl { control.append(contentsOf: part.bytes) } else { message.append(contentsOf: part.bytes) }
        guard left == UInt64(part.bytes.count) else {
            remaining = left - UInt64(part.bytes.count)
            return .wait
        }
        remaining = nil
        if isControl { return end(controlFrameEnded(part.opcode)) }
        return part.isFinal ? end(messageEnded()) : .wait
    }

    /// After a close frame or a fault nothing counts any more.
    private mutating func end(_ action: Action) -> Action {
        switch action {
        case .peerClosed, .refuse:
            state = .ended
            message = []
        case .wait, .deliver, .answerPing, .notePong: break
        }
        return action
    }

    /// What is wrong with a frame's header, if anything; a data frame is counted in before its payload is.
    private mutating func startFrame(_ part: FramePart) -> Action? {
        guard part.reservedBits == 0 else { return .refuse(code: 1002, reason: "a reserved bit is set") }
        guard part.isMasked == (sender == .client) else {
            return .refuse(
                code: 1002, reason: part.isMasked ? "a masked frame of a server" : "an unmasked frame of a client")
        }
        switch part.opcode {
        case Opcode.close, Opcode.ping, Opcode.pong:
            guard part.isFinal, part.length <= 125 else {
                return .refuse(code: 1002, reason: "a control frame in fragments, or over 125 bytes")
            }
            control = []
            return nil
        case Opcode.text, Opcode.binary:
            guard state == .betweenMessages else {
                return .refuse(code: 1002, reason: "a new message inside another")
            }
            state = .inMessage(isText: part.opcode == Opcode.text)
            message = []
            fragments = 0
        case Opcode.continuation:
            guard case .inMessage = state else { return .refuse(code: 1002, reason: "a continuation of nothing") }
        default:
            return .refuse(code: 1002, reason: "an unknown opcode")
        }
        fragments += 1
        guard part.length <= UInt64(max(limits.maximumMessageBytes - message.count, 0)) else {
            return .refuse(code: 1009, reason: "a message over \(limits.maximumMessageBytes) bytes")
        }
        guard fragments <= limits.maximumFragments else {
            return .refuse(code: 1009, reason: "a message of more than \(limits.maximumFragments) fragments")
        }
        return nil
    }

    private mutating func messageEnded() -> Action {
        guard case .inMessage(let isText) = state else { return .wait }
        state = .betweenMessages
        let bytes = message
        message = []
        guard isText else { return .deliver(.binary(bytes)) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .refuse(code: 1007, reason: "a text that is not UTF-8")
        }
        return .deliver(.text(text))
    }

    private func controlFrameEnded(_ opcode: UInt8) -> Action {
        switch opcode {
        case Opcode.ping: .answerPing(control)
        case Opcode.pong: .notePong(control)
        default: closeFrameEnded()
        }
    }

    private func closeFrameEnded() -> Action {
        guard !control.isEmpty else { return .peerClosed(code: nil, reason: "", isLegal: true) }
        guard control.count >= 2 else { return .refuse(code: 1002, reason: "a close frame of one byte") }
        let code = UInt16(control[0]) << 8 | UInt16(control[1])
        guard let reason = String(validating: control[2...], as: UTF8.self) else {
            return .refuse(code: 1007, reason: "a close reason that is not UTF-8")
        }
        return .peerClosed(code: code, reason: reason, isLegal: isLegalCloseCode(code))
    }
}

/// Whether a code may stand in a close frame (RFC 6455, section 7.4, and the registrations since).
func isLegalCloseCode(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
}
